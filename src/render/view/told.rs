//! The decision log of one thing: who was told, who was not, and why.

use serde::Serialize;

use super::{Shown, Time, shown, time};
use crate::model::delivery::Status;
use crate::model::id::ReceiverId;
use crate::model::told::Told as Decided;
use crate::model::told::{Because, Entry, Outcome};

/// The decision log, ready to be shown.
#[derive(Debug, Serialize)]
pub struct Told {
    events: Vec<Event>,
}

#[derive(Debug, Serialize)]
struct Event {
    at: Time,
    what: &'static str,
    state: Option<Shown>,
    lines: Vec<Line>,
    readers: String,
}

#[derive(Debug, Serialize)]
struct Line {
    who: String,
    word: &'static str,
    /// For whoever may see it: the message.
    href: Option<String>,
    /// The moment that goes with the word.
    at: Option<Time>,
    because: Option<String>,
    /// The word before `until`; empty where there is none.
    and_then: &'static str,
    until: Option<Time>,
}

/// Makes the log. `name` says what people call a receiver.
pub fn told(entries: &[Entry], name: &dyn Fn(&ReceiverId) -> String) -> Told {
    let event = |entry: &Entry| Event {
        at: time(entry.at),
        what: entry.news.as_ref().map_or("No longer kept", |news| news.kind.label()),
        state: entry.news.as_ref().map(|news| shown(news.state)),
        lines: entry.told.iter().map(|told| line(told, name(&told.receiver))).collect(),
        readers: readers(entry),
    };
    Told { events: entries.iter().map(event).collect() }
}

/// `Readers: 120 sent, 3 held`.
fn readers(entry: &Entry) -> String {
    let counts = entry.readers.iter().map(|(outcome, count)| format!("{count} {}", word(*outcome, None)));
    counts.collect::<Vec<_>>().join(", ")
}

fn line(told: &Decided, who: String) -> Line {
    let status = told.delivery.and_then(|(_, status)| status);
    Line {
        who,
        word: word(told.outcome, status),
        href: told.delivery.map(|(id, _)| format!("/admin/deliveries/{id}")),
        at: told.sent_at.map(time),
        because: told.because.as_ref().map(Because::label),
        and_then: match told.outcome {
            Outcome::Waits => "until",
            _ if status == Some(Status::Queued) => "next try",
            _ => "",
        },
        until: told.until.map(time),
    }
}

/// What became of it, for people. What went with others is on its way, or was given up, like any other.
fn word(outcome: Outcome, status: Option<Status>) -> &'static str {
    match (outcome, status) {
        (Outcome::Sent, _) => "sent",
        (Outcome::Queued, _) => "on its way",
        (Outcome::Failed, _) => "given up",
        (Outcome::Dropped, _) => "dropped",
        (Outcome::Folded, Some(Status::Dead)) => "given up with another message",
        (Outcome::Folded, Some(Status::Dropped)) => "dropped with another message",
        (Outcome::Folded, Some(Status::Queued)) => "on its way with another message",
        (Outcome::Folded, Some(Status::Sent)) => "sent with another message",
        (Outcome::Folded, None) => "in another message",
        (Outcome::Waits, _) => "waits",
        (Outcome::Held, _) => "held",
        (Outcome::Forgotten, _) => "in a message that is no longer kept",
    }
}
