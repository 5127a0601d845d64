//! The stored shapes of what operators hold besides incidents. Which of them stands in a record, its drawer tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::local::{Words, words, words_back};
use super::{Word, decode, encode, people, pushed, series, subscriber};
use crate::model::desk::{Added, Affects, ByHand, Drawer, Kept, Mute, Override, Seen, Template, Verdict};
use crate::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use crate::model::level::{Impact, State};

#[derive(Serialize, Deserialize)]
enum MuteShape {
    Off,
    Until(Timestamp),
    UntilChange,
}

#[derive(Serialize, Deserialize)]
pub struct VerdictShape {
    version: u64,
    affects: Word<Affects>,
    owner: Option<String>,
    note: Option<Words>,
    workaround: Option<Words>,
    acknowledged: Option<(Timestamp, String)>,
    mute: MuteShape,
    impact: Option<Word<Impact>>,
    components: BTreeMap<String, Word<State>>,
    at: Timestamp,
    author: String,
}

/// A state set by hand, of a source or a service.
#[derive(Serialize, Deserialize)]
pub struct SetShape {
    version: u64,
    state: Word<State>,
    reason: String,
    until: Option<Timestamp>,
    at: Timestamp,
    author: String,
}

#[derive(Serialize, Deserialize)]
struct TemplateShape {
    version: u64,
    name: String,
    title: String,
    body: String,
    impact: Option<Word<Impact>>,
    services: Vec<String>,
    at: Timestamp,
    author: String,
}

#[derive(Serialize, Deserialize)]
struct AddedShape {
    version: u64,
    name: String,
    lines: Vec<String>,
    at: Timestamp,
    author: String,
}

/// The record of one thing.
pub fn write(kept: &Kept) -> Result<Vec<u8>, String> {
    match kept {
        Kept::Verdict(one) => encode(&verdict(one)),
        Kept::Override(one) => encode(&set_over(one)),
        Kept::ByHand(one) => encode(&by_hand(one)),
        Kept::Template(one) => encode(&template(one)),
        Kept::Series(one) => encode(&series::shape(one)),
        Kept::Added(one) => encode(&AddedShape {
            version: one.version,
            name: one.name.clone(),
            lines: one.lines.clone(),
            at: one.at,
            author: one.author.clone(),
        }),
        Kept::Pushed(one) => encode(&pushed::shape(&one.alert)),
        Kept::Account(one) => encode(&people::account(one)),
        Kept::Session(one) => encode(&people::session(one)),
        Kept::Token(one) => encode(&people::token(one)),
        Kept::Throttle(one) => encode(&people::throttle(one)),
        Kept::Subscriber(one) => encode(&subscriber::shape(one)),
    }
}

/// The thing of a record. Another program's drawer is an error.
pub fn read(drawer: &str, key: &str, bytes: &[u8]) -> Result<Kept, String> {
    match Drawer::from_word(drawer) {
        Some(Drawer::Verdict) => Ok(Kept::Verdict(verdict_back(key, decode(bytes)?))),
        Some(Drawer::Override) => Ok(Kept::Override(set_over_back(SourceId::new(key), decode(bytes)?))),
        Some(Drawer::ByHand) => Ok(Kept::ByHand(by_hand_back(ServiceId::new(key), decode(bytes)?))),
        Some(Drawer::Template) => Ok(Kept::Template(template_back(key, decode(bytes)?))),
        Some(Drawer::Added) => {
            let AddedShape { version, name, lines, at, author } = decode(bytes)?;
            Ok(Kept::Added(Added { id: SourceId::new(key), version, name, lines, at, author }))
        }
        Some(Drawer::Series) => Ok(Kept::Series(Box::new(series::back(key, decode(bytes)?)))),
        Some(Drawer::Pushed) => Ok(Kept::Pushed(Box::new(pushed::back(key, decode(bytes)?)?))),
        Some(Drawer::Account) => Ok(Kept::Account(Box::new(people::account_back(key, decode(bytes)?)))),
        Some(Drawer::Session) => Ok(Kept::Session(Box::new(people::session_back(key, decode(bytes)?)))),
        Some(Drawer::Token) => Ok(Kept::Token(Box::new(people::token_back(key, decode(bytes)?)))),
        Some(Drawer::Throttle) => Ok(Kept::Throttle(people::throttle_back(key, decode(bytes)?))),
        Some(Drawer::Subscriber) => Ok(Kept::Subscriber(Arc::new(subscriber::back(key, decode(bytes)?)))),
        None => Err(format!("a drawer called `{drawer}` is not known")),
    }
}

/// What is kept of a source's state that was set.
pub fn set_over(from: &Override) -> SetShape {
    let Override { version, state, reason, until, at, author, .. } = from.clone();
    SetShape { version, state: Word(state), reason, until, at, author }
}

/// The state that was set of this source.
pub fn set_over_back(source: SourceId, shape: SetShape) -> Override {
    let SetShape { version, state, reason, until, at, author } = shape;
    Override { source, version, state: state.0, reason, until, at, author }
}

/// What is kept of a service's state that was set.
pub fn by_hand(from: &ByHand) -> SetShape {
    let ByHand { version, state, reason, until, at, author, .. } = from.clone();
    SetShape { version, state: Word(state), reason, until, at, author }
}

/// The state that was set of this service.
pub fn by_hand_back(service: ServiceId, shape: SetShape) -> ByHand {
    let SetShape { version, state, reason, until, at, author } = shape;
    ByHand { service, version, state: state.0, reason, until, at, author }
}

/// What is kept of a verdict.
pub fn verdict(from: &Verdict) -> VerdictShape {
    let component = |(id, state): (&ComponentId, &State)| (id.as_str().to_owned(), Word(*state));
    VerdictShape {
        version: from.version,
        affects: Word(from.affects),
        owner: from.owner.clone(),
        note: from.note.as_ref().map(words),
        workaround: from.workaround.as_ref().map(words),
        acknowledged: from.acknowledged.clone(),
        mute: match from.mute {
            Mute::Off => MuteShape::Off,
            Mute::Until(at) => MuteShape::Until(at),
            Mute::UntilChange => MuteShape::UntilChange,
        },
        impact: from.seen.impact.map(Word),
        components: from.seen.components.iter().map(component).collect(),
        at: from.at,
        author: from.author.clone(),
    }
}

/// The verdict on this incident.
pub fn verdict_back(key: &str, shape: VerdictShape) -> Verdict {
    let components = shape.components.into_iter().map(|(id, state)| (ComponentId::new(id), state.0));
    Verdict {
        incident: IncidentId::new(key),
        version: shape.version,
        affects: shape.affects.0,
        owner: shape.owner,
        note: shape.note.map(words_back),
        workaround: shape.workaround.map(words_back),
        acknowledged: shape.acknowledged,
        mute: match shape.mute {
            MuteShape::Off => Mute::Off,
            MuteShape::Until(at) => Mute::Until(at),
            MuteShape::UntilChange => Mute::UntilChange,
        },
        seen: Seen { impact: shape.impact.map(|word| word.0), components: components.collect() },
        at: shape.at,
        author: shape.author,
    }
}

fn template(from: &Template) -> TemplateShape {
    TemplateShape {
        version: from.version,
        name: from.name.clone(),
        title: from.title.clone(),
        body: from.body.clone(),
        impact: from.impact.map(Word),
        services: from.services.iter().map(|id| id.as_str().to_owned()).collect(),
        at: from.at,
        author: from.author.clone(),
    }
}

fn template_back(key: &str, shape: TemplateShape) -> Template {
    Template {
        id: key.to_owned(),
        version: shape.version,
        name: shape.name,
        title: shape.title,
        body: shape.body,
        impact: shape.impact.map(|word| word.0),
        services: shape.services.into_iter().map(ServiceId::new).collect(),
        at: shape.at,
        author: shape.author,
    }
}
