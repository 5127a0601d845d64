//! One change as JSON: the data of an event on `/events`.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, time};
use crate::model::event;

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event<'a> {
    /// Its place in the log, from 1 without gaps.
    seq: u64,
    /// When it was noticed here.
    at: Time,
    /// Since when it has been so, where that is known to be earlier.
    since: Option<Time>,
    /// What sort of change: `source.state`, `source.unreadable`, `source.reshaped` (its page changed for good),
    /// `incident.opened`, …
    kind: &'static str,
    /// The source that it concerns.
    source: Option<&'a str>,
    /// The component, incident or maintenance that changed.
    subject: Option<&'a str>,
    /// What a person calls the thing that changed.
    name: &'a str,
    /// The word before.
    from: Option<&'a str>,
    /// The word after.
    to: Option<&'a str>,
    /// `reading`, `time`, `operator`, `push` or `configuration`.
    cause: &'static str,
    /// What the publisher or the failure said.
    note: Option<&'a str>,
    /// Part of a source's first reading: history, not news.
    baseline: bool,
}

impl<'a> Event<'a> {
    /// Shapes an event.
    pub fn of(event: &'a event::Event) -> Self {
        Self {
            seq: event.seq,
            at: Time(event.at),
            since: time(event.since),
            kind: event.kind.as_str(),
            source: event.source.as_ref().map(|id| id.as_str()),
            subject: event.subject.as_deref(),
            name: &event.name,
            from: event.from.as_deref(),
            to: event.to.as_deref(),
            cause: event.cause.as_str(),
            note: event.note.as_deref(),
            baseline: event.baseline,
        }
    }
}
