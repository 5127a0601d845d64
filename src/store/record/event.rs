//! The stored shape of an event. Its number is its key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, decode, encode, is_false};
use crate::model::event::{Cause, Event, EventKind};
use crate::model::id::SourceId;

#[derive(Serialize, Deserialize)]
struct Shape {
    t: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<Timestamp>,
    k: Word<EventKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    o: Option<String>,
    n: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    c: Word<Cause>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    b: bool,
}

/// The record of an event.
pub fn write(event: &Event) -> Result<Vec<u8>, String> {
    encode(&Shape {
        t: event.at,
        e: event.since,
        k: Word(event.kind),
        s: event.source.as_ref().map(|id| id.as_str().to_owned()),
        o: event.subject.clone(),
        n: event.name.clone(),
        f: event.from.clone(),
        to: event.to.clone(),
        c: Word(event.cause),
        w: event.note.clone(),
        b: event.baseline,
    })
}

/// The event of a record.
pub fn read(seq: u64, bytes: &[u8]) -> Result<Event, String> {
    let shape: Shape = decode(bytes)?;
    Ok(Event {
        seq,
        at: shape.t,
        since: shape.e,
        kind: shape.k.0,
        source: shape.s.map(SourceId::new),
        subject: shape.o,
        name: shape.n,
        from: shape.f,
        to: shape.to,
        cause: shape.c.0,
        note: shape.w,
        baseline: shape.b,
    })
}
