//! The stored shape of a delivery. Its number is its key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::news::thread;
use super::{Word, decode, encode, is_false};
use crate::model::delivery::{Attempt, Delivery, Status};
use crate::model::id::ReceiverId;
use crate::model::ledger::{Item, Letter, Style};
use crate::model::news::Happening;

#[derive(Serialize, Deserialize)]
struct Shape {
    receiver: String,
    style: Word<Style>,
    items: Vec<ItemShape>,
    made_at: Timestamp,
    key: String,
    status: Word<Status>,
    tries: u32,
    next_at: Timestamp,
    attempts: Vec<AttemptShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ItemShape {
    thread: String,
    happening: Word<Happening>,
    seq: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    covers: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    edit: bool,
}

#[derive(Serialize, Deserialize)]
struct AttemptShape {
    at: Timestamp,
    ms: u64,
    request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    answer: String,
    good: bool,
}

/// The record of a delivery.
pub fn write(one: &Delivery) -> Result<Vec<u8>, String> {
    let items = one.letter.items.iter().map(|item| ItemShape {
        thread: item.thread.to_string(),
        happening: Word(item.happening),
        seq: item.seq,
        covers: item.covers.clone(),
        root: item.root,
        edit: item.edit,
    });
    let attempts = one.attempts.iter().map(|attempt| AttemptShape {
        at: attempt.at,
        ms: attempt.took_ms,
        request: attempt.request.clone(),
        status: attempt.status,
        answer: attempt.answer.clone(),
        good: attempt.good,
    });
    encode(&Shape {
        receiver: one.receiver.as_str().to_owned(),
        style: Word(one.letter.style),
        items: items.collect(),
        made_at: one.made_at,
        key: one.key.clone(),
        status: Word(one.status),
        tries: one.tries,
        next_at: one.next_at,
        attempts: attempts.collect(),
        reference: one.reference.clone(),
    })
}

/// The delivery of a record.
pub fn read(id: u64, bytes: &[u8]) -> Result<Delivery, String> {
    let shape: Shape = decode(bytes)?;
    let items = shape.items.into_iter().map(|item| {
        Ok(Item {
            thread: thread(&item.thread)?,
            happening: item.happening.0,
            seq: item.seq,
            covers: item.covers,
            root: item.root,
            edit: item.edit,
        })
    });
    let attempts = shape.attempts.into_iter().map(|attempt| Attempt {
        at: attempt.at,
        took_ms: attempt.ms,
        request: attempt.request,
        status: attempt.status,
        answer: attempt.answer,
        good: attempt.good,
    });
    Ok(Delivery {
        id,
        receiver: ReceiverId::new(shape.receiver),
        letter: Letter { style: shape.style.0, items: items.collect::<Result<_, String>>()? },
        made_at: shape.made_at,
        key: shape.key,
        status: shape.status.0,
        tries: shape.tries,
        next_at: shape.next_at,
        attempts: attempts.collect(),
        reference: shape.reference,
    })
}
