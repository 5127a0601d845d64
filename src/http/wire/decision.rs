//! The decision log as the API shows it: each event, and what became of it for everybody who is told.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, time};
use crate::model::delivery::Status;
use crate::model::told::{Because, Entry, Told};

/// One event, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decided {
    /// Its place in the log of events.
    pub seq: u64,
    /// When it was noticed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// `incident/ID`, `maintenance/ID`, `source/ID` (its state) or `reading/ID` (whether it can be read).
    pub thread: String,
    /// `trouble`, `over`, `announced`, `moved`, `unreadable`, …; null where it is no longer kept.
    pub kind: Option<&'static str>,
    /// Its title.
    pub title: Option<String>,
    /// How bad it was then.
    pub state: Option<&'static str>,
    /// What became of it for each channel, and for readers who are listed one by one.
    pub receivers: Vec<Receiver>,
    /// For all other readers: how many of them have this fate.
    pub readers: BTreeMap<&'static str, u64>,
}

/// What became of an event for one receiver.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receiver {
    /// `channel/ID` or `subscriber/ID`.
    pub receiver: String,
    /// For people.
    pub name: String,
    /// `sent`, `queued`, `failed` (given up), `dropped` (nobody was left to send it to), `folded` (with another
    /// message), `waits`, `held`, or `forgotten` (in a message that is no longer kept).
    pub fate: &'static str,
    /// Why: `too_mild`, `confirming`, `together`, `refused`, …; null where it was simply told.
    pub reason: Option<&'static str>,
    /// The reason in a sentence.
    pub because: Option<String>,
    /// As what it was told: `opened`, `worsened`, …
    pub happening: Option<&'static str>,
    /// The message that tells it.
    pub delivery: Option<u64>,
    /// How far that message has come.
    pub status: Option<&'static str>,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub decided_at: Time,
    /// When the receiver had it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Time>,
    /// Until when it waits, or when it is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Time>,
}

impl Decided {
    /// Shapes an event; `name` says what people call a receiver.
    pub fn of(entry: &Entry, name: &dyn Fn(&crate::model::id::ReceiverId) -> String) -> Self {
        let news = entry.news.as_ref();
        Self {
            seq: entry.seq,
            at: Time(entry.at),
            thread: entry.thread.to_string(),
            kind: news.map(|news| news.kind.as_str()),
            title: news.map(|news| news.title.clone()),
            state: news.map(|news| news.state.as_str()),
            receivers: entry.told.iter().map(|told| receiver(told, name(&told.receiver))).collect(),
            readers: entry.readers.iter().map(|(outcome, count)| (outcome.as_str(), *count)).collect(),
        }
    }
}

fn receiver(told: &Told, name: String) -> Receiver {
    Receiver {
        receiver: told.receiver.to_string(),
        name,
        fate: told.outcome.as_str(),
        reason: told.because.as_ref().map(Because::as_str),
        because: told.because.as_ref().map(Because::label),
        happening: told.happening.map(|happening| happening.as_str()),
        delivery: told.delivery.map(|(id, _)| id),
        status: told.delivery.and_then(|(_, status)| status).map(Status::as_str),
        decided_at: Time(told.at),
        sent_at: time(told.sent_at),
        until: time(told.until),
    }
}
