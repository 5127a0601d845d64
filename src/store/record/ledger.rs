//! The stored shapes of what a receiver has heard, and of what was decided for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::news::thread;
use super::{Word, decode, encode, is_false};
use crate::model::id::{ReceiverId, SourceId};
use crate::model::ledger::{Decision, Fate, Flapped, Heard, Ledger, Registered, Strand, Wait, Waiting, Why};
use crate::model::level::State;
use crate::model::news::{Happening, Thread};

#[derive(Serialize, Deserialize)]
struct Shape {
    since: Timestamp,
    strands: Vec<StrandShape>,
    sent: Vec<(Timestamp, u32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct StrandShape {
    thread: String,
    newest: u64,
    state: Word<State>,
    open: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heard: Option<HeardShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waiting: Option<WaitingShape>,
    turns: Vec<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    muted_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_false")]
    dismissed: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    acknowledged: bool,
    at: Timestamp,
    said: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    loud: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    hushed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    joined: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    soon_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flapped: Option<(Timestamp, Word<State>)>,
}

#[derive(Serialize, Deserialize)]
struct HeardShape {
    worst: Word<State>,
    last: Word<State>,
    at: Timestamp,
    root: u64,
    #[serde(default, skip_serializing_if = "is_false")]
    alone: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    in_cascade: bool,
    said: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remind_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct WaitingShape {
    happening: Word<Happening>,
    why: Word<Wait>,
    until: Timestamp,
    seqs: Vec<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    edit: bool,
}

#[derive(Serialize, Deserialize)]
enum FateShape {
    Waits(Word<Wait>, Timestamp),
    Held(Word<Why>),
    Queued(u64),
    Folded(u64),
}

/// The record of a receiver.
pub fn write(one: &Registered) -> Result<Vec<u8>, String> {
    let Ledger { strands, sent, due } = &one.ledger;
    let strands = strands.iter().map(|(thread, strand)| StrandShape {
        thread: thread.to_string(),
        newest: strand.newest,
        state: Word(strand.state),
        open: strand.open,
        heard: strand.heard.as_ref().map(|heard| HeardShape {
            worst: Word(heard.worst),
            last: Word(heard.last),
            at: heard.at,
            root: heard.root,
            alone: heard.alone,
            in_cascade: heard.in_cascade,
            said: heard.said,
            remind_at: heard.remind_at,
        }),
        waiting: strand.waiting.as_ref().map(|waiting| WaitingShape {
            happening: Word(waiting.happening),
            why: Word(waiting.why),
            until: waiting.until,
            seqs: waiting.seqs.clone(),
            edit: waiting.edit,
        }),
        turns: strand.turns.clone(),
        muted_until: strand.muted_until,
        dismissed: strand.dismissed,
        acknowledged: strand.acknowledged,
        at: strand.at,
        said: strand.said,
        source: strand.source.as_ref().map(|id| id.as_str().to_owned()),
        loud: strand.loud,
        hushed: strand.hushed,
        joined: strand.joined.as_ref().map(Thread::to_string),
        soon_at: strand.soon_at,
        flapped: strand.flapped.map(|flapped| (flapped.at, Word(flapped.worst))),
    });
    encode(&Shape { since: one.since, strands: strands.collect(), sent: sent.clone(), due: *due })
}

/// The receiver of a record.
pub fn read(bytes: &[u8]) -> Result<Registered, String> {
    let Shape { since, strands, sent, due } = decode(bytes)?;
    let strands = strands.into_iter().map(|shape| Ok((thread(&shape.thread)?, strand(shape)?)));
    Ok(Registered { since, ledger: Ledger { strands: strands.collect::<Result<_, String>>()?, sent, due } })
}

fn strand(shape: StrandShape) -> Result<Strand, String> {
    Ok(Strand {
        newest: shape.newest,
        state: shape.state.0,
        open: shape.open,
        heard: shape.heard.map(|heard| Heard {
            worst: heard.worst.0,
            last: heard.last.0,
            at: heard.at,
            root: heard.root,
            alone: heard.alone,
            in_cascade: heard.in_cascade,
            said: heard.said,
            remind_at: heard.remind_at,
        }),
        waiting: shape.waiting.map(|waiting| Waiting {
            happening: waiting.happening.0,
            why: waiting.why.0,
            until: waiting.until,
            seqs: waiting.seqs,
            edit: waiting.edit,
        }),
        turns: shape.turns,
        muted_until: shape.muted_until,
        dismissed: shape.dismissed,
        acknowledged: shape.acknowledged,
        at: shape.at,
        said: shape.said,
        source: shape.source.map(SourceId::new),
        loud: shape.loud,
        hushed: shape.hushed,
        joined: shape.joined.as_deref().map(thread).transpose()?,
        soon_at: shape.soon_at,
        flapped: shape.flapped.map(|(at, worst)| Flapped { at, worst: worst.0 }),
    })
}

/// The record of a decision; thread, news and receiver are its key.
pub fn write_decision(one: &Decision) -> Result<Vec<u8>, String> {
    let fate = match one.fate {
        Fate::Waits(wait, until) => FateShape::Waits(Word(wait), until),
        Fate::Held(why) => FateShape::Held(Word(why)),
        Fate::Queued(id) => FateShape::Queued(id),
        Fate::Folded(id) => FateShape::Folded(id),
    };
    encode(&(one.at, fate))
}

/// The decision of a record.
pub fn read_decision(key: (&str, u64, &str), bytes: &[u8]) -> Result<Decision, String> {
    let (at, fate): (Timestamp, FateShape) = decode(bytes)?;
    let (word, seq, receiver) = key;
    let fate = match fate {
        FateShape::Waits(wait, until) => Fate::Waits(wait.0, until),
        FateShape::Held(why) => Fate::Held(why.0),
        FateShape::Queued(id) => Fate::Queued(id),
        FateShape::Folded(id) => Fate::Folded(id),
    };
    Ok(Decision { seq, thread: thread(word)?, receiver: ReceiverId::new(receiver), at, fate })
}
