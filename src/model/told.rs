//! The decision log as it is shown: each event of one thing, with what became of it for everybody who is told.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::delivery::{Delivery, Status};
use super::id::ReceiverId;
use super::ledger::{Decision, Wait, Why};
use super::news::{Happening, News, Thread};

/// What is kept about one thing, of which the log is made.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// What was decided, oldest news first.
    pub decisions: Vec<Decision>,
    /// The news that it was about, as far as it is kept.
    pub news: Vec<News>,
    /// The messages to channels, by their numbers.
    pub deliveries: BTreeMap<u64, Delivery>,
    /// How far the messages to readers have come.
    pub statuses: BTreeMap<u64, Status>,
}

/// One event, and what became of it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its place in the log of events.
    pub seq: u64,
    /// When it was noticed; where that is not kept, when the first decision about it fell.
    pub at: Timestamp,
    /// What it is about.
    pub thread: Thread,
    /// What it said; `None` where that is no longer kept.
    pub news: Option<News>,
    /// What became of it for each receiver that is listed.
    pub told: Vec<Told>,
    /// For the other readers: how many of them have this outcome.
    pub readers: BTreeMap<Outcome, u64>,
}

/// What became of one event for one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who.
    pub receiver: ReceiverId,
    /// When it was decided.
    pub at: Timestamp,
    /// What.
    pub outcome: Outcome,
    /// Why, where it was not simply told.
    pub because: Option<Because>,
    /// As what it was told.
    pub happening: Option<Happening>,
    /// The message that tells it, and how far that has come; no status: it is no longer kept.
    pub delivery: Option<(u64, Option<Status>)>,
    /// When the receiver had it.
    pub sent_at: Option<Timestamp>,
    /// Until when it waits, or when it is tried again.
    pub until: Option<Timestamp>,
}

/// What became of one event for one receiver, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The receiver has it.
    Sent,
    /// It is on its way.
    Queued,
    /// It was given up; it can be sent again.
    Failed,
    /// There was nobody left to send it to.
    Dropped,
    /// It goes, or went, with another message.
    Folded,
    /// It may be told later.
    Waits,
    /// It is not told.
    Held,
    /// It was put into a message that is no longer kept.
    Forgotten,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Sent, Self::Queued, Self::Failed, Self::Dropped, Self::Folded, Self::Waits, Self::Held, Self::Forgotten];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Queued => "queued",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
            Self::Folded => "folded",
            Self::Waits => "waits",
            Self::Held => "held",
            Self::Forgotten => "forgotten",
        }
    }
}

/// Why something was not simply told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// It is held for this reason.
    Held(Why),
    /// It waits for this.
    Waits(Wait),
    /// It went together with others.
    Together,
    /// The receiver was tried in vain; what it answered last.
    Refused(String),
}

impl Because {
    /// The word of the public interface.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Held(why) => why.as_str(),
            Self::Waits(wait) => wait.as_str(),
            Self::Together => "together",
            Self::Refused(_) => "refused",
        }
    }

    /// The reason in a sentence without a full stop.
    pub fn label(&self) -> String {
        match self {
            Self::Held(why) => why.label().to_owned(),
            Self::Waits(wait) => wait.label().to_owned(),
            Self::Together => "it is told in one message with others".to_owned(),
            Self::Refused(answer) => format!("it was tried in vain: {answer}"),
        }
    }
}
