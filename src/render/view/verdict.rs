//! What the team says of a vendor's incident, and what operators set by hand.

use jiff::Timestamp;
use serde::Serialize;

use super::{Time, words};
use crate::model::desk::{Affects, Mute};
use crate::model::level::State;
use crate::model::snapshot::IncidentView;

/// What the team says, for a page.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// “does not affect us”.
    says: Option<&'static str>,
    /// It has become worse since.
    outdated: bool,
    owner: Option<String>,
    note: Option<minijinja::Value>,
    /// The note in one line, for a list.
    brief: Option<String>,
    workaround: Option<minijinja::Value>,
    acknowledged: Option<String>,
    acknowledged_at: Option<Time>,
    muted: Option<&'static str>,
    muted_until: Option<Time>,
    at: Time,
    author: String,
}

/// What the team says of an incident, where it has said something.
pub fn verdict(view: &IncidentView) -> Option<Verdict> {
    let verdict = view.verdict.as_deref()?;
    let says = match verdict.affects {
        Affects::Yes => Some("affects us"),
        Affects::No => Some("does not affect us"),
        Affects::NotKnown => None,
    };
    Some(Verdict {
        says,
        outdated: says.is_some() && !view.stands,
        owner: verdict.owner.clone(),
        note: verdict.note.as_ref().map(|note| words(&note.text)),
        brief: verdict.note.as_ref().map(|note| super::line(&note.text.plain)),
        workaround: verdict.workaround.as_ref().map(|workaround| words(&workaround.text)),
        acknowledged: verdict.acknowledged.as_ref().map(|(_, by)| by.clone()),
        acknowledged_at: verdict.acknowledged.as_ref().map(|(at, _)| super::time(*at)),
        muted: match verdict.mute {
            Mute::Off => None,
            Mute::Until(_) => Some("muted until"),
            Mute::UntilChange => Some("muted until it becomes worse"),
        },
        muted_until: match verdict.mute {
            Mute::Until(at) => Some(super::time(at)),
            Mute::Off | Mute::UntilChange => None,
        },
        at: super::time(verdict.at),
        author: verdict.author.clone(),
    })
}

/// A state that an operator set, for a page.
#[derive(Debug, Serialize)]
pub struct ByHand {
    reason: String,
    author: String,
    at: Time,
    until: Option<Time>,
    /// What was read, where that is something else.
    read: Option<&'static str>,
}

/// A state that an operator set.
pub fn by_hand(reason: &str, author: &str, at: Timestamp, until: Option<Timestamp>, read: Option<State>) -> ByHand {
    ByHand {
        reason: reason.to_owned(),
        author: author.to_owned(),
        at: super::time(at),
        until: until.map(super::time),
        read: read.map(State::label),
    }
}
