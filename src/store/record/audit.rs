//! The stored shapes of the audit log and of answers to writes that may come again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, decode, encode};
use crate::model::actor::{Actor, Means};
use crate::model::audit::{Entry, Row};

#[derive(Serialize, Deserialize)]
struct Shape {
    at: Timestamp,
    by: Word<Means>,
    id: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<std::net::IpAddr>,
    what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// The record of an entry.
pub fn write(entry: &Entry) -> Result<Vec<u8>, String> {
    encode(&Shape {
        at: entry.at,
        by: Word(entry.actor.means),
        id: entry.actor.id.clone(),
        name: entry.actor.name.clone(),
        from: entry.actor.address,
        what: entry.action.to_owned(),
        of: entry.subject.clone(),
        before: entry.before.clone(),
        after: entry.after.clone(),
    })
}

/// The row of a record.
pub fn read(seq: u64, bytes: &[u8]) -> Result<Row, String> {
    let shape: Shape = decode(bytes)?;
    Ok(Row {
        seq,
        at: shape.at,
        actor: Actor { means: shape.by.0, id: shape.id, name: shape.name, address: shape.from },
        action: shape.what,
        subject: shape.of,
        before: shape.before,
        after: shape.after,
    })
}

/// An answer to a write that may come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// When it was given.
    pub at: Timestamp,
    /// Digest of the request that it answers.
    pub request: String,
    /// What was answered, as the asker's room writes it.
    pub answer: String,
}

/// The record of an answer.
pub fn write_answer(answer: &Answer) -> Result<Vec<u8>, String> {
    encode(answer)
}

/// The answer of a record.
pub fn read_answer(bytes: &[u8]) -> Result<Answer, String> {
    decode(bytes)
}
