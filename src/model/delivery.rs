//! A message on its way to one receiver.

use jiff::Timestamp;

use super::id::ReceiverId;
use super::ledger::Letter;

/// One message to one receiver, from the decision to the receiver's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number, from 1, rising.
    pub id: u64,
    /// To whom.
    pub receiver: ReceiverId,
    /// What it tells.
    pub letter: Letter,
    /// When it was decided.
    pub made_at: Timestamp,
    /// The same at every attempt, so that whoever gets it twice can tell.
    pub key: String,
    /// How far it has come.
    pub status: Status,
    /// How often it was tried.
    pub tries: u32,
    /// Not tried before this.
    pub next_at: Timestamp,
    /// The last attempts, oldest first; at most `limits::ATTEMPTS_SHOWN`.
    pub attempts: Vec<Attempt>,
    /// What the receiver calls the message, for those that follow in the thread.
    pub reference: Option<String>,
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is tried, or will be.
    Queued,
    /// The receiver has it.
    Sent,
    /// Given up; it can be sent again.
    Dead,
    /// There was nobody left to send it to.
    Dropped,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Dead, Self::Dropped];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Dropped => "dropped",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// One attempt, as an operator may see it: secrets are cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What was asked of whom.
    pub request: String,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// What the answer said, or why there was none.
    pub answer: String,
    /// It counts as received.
    pub good: bool,
}
