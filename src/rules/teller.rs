//! Events about one source, collected while its reading is merged.

use jiff::Timestamp;

use crate::model::event::{Cause, Event, EventKind};
use crate::model::source::Source;

/// Collects events about one source.
#[derive(Debug)]
pub struct Teller<'a> {
    source: &'a Source,
    /// When the reading was made.
    pub now: Timestamp,
    /// The reading is the source's first.
    pub baseline: bool,
    /// What was told so far, in order.
    pub events: Vec<Event>,
}

/// What an event is about.
#[derive(Debug, Default)]
pub struct About {
    /// A component's, incident's or maintenance's id.
    pub subject: Option<String>,
    /// What a person calls it.
    pub name: String,
    /// The word before.
    pub from: Option<String>,
    /// The word after.
    pub to: Option<String>,
    /// The publisher's words, plain and short.
    pub note: Option<String>,
}

impl<'a> Teller<'a> {
    /// Has told nothing yet.
    pub fn new(source: &'a Source, now: Timestamp, baseline: bool) -> Self {
        Self { source, now, baseline, events: Vec::new() }
    }

    /// Notes one change.
    pub fn tell(&mut self, kind: EventKind, about: About) {
        self.events.push(Event {
            seq: 0,
            at: self.now,
            since: None,
            kind,
            source: Some(self.source.id.clone()),
            subject: about.subject,
            name: about.name,
            from: about.from,
            to: about.to,
            cause: Cause::Reading,
            note: about.note,
            baseline: self.baseline,
        });
    }
}
