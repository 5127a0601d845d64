//! Whose messages a lane brings, and what may come of one.

use std::sync::Arc;
use std::time::Duration;

use crate::channels::Line;
use crate::limits;
use crate::model::desk::Desk;
use crate::model::id::ReceiverId;
use crate::model::subscriber::Reach;

/// Whose messages a lane brings.
#[derive(Debug, Clone)]
pub enum Scope {
    /// Those to one channel.
    Line(Arc<Line>),
    /// Those to readers, by e-mail.
    Mail,
    /// Those to tools that subscribed.
    Webhooks,
}

impl Scope {
    /// The channel's id, or the word for all readers of one sort.
    pub fn name(&self) -> &str {
        match self {
            Self::Line(line) => line.id.as_str(),
            Self::Mail => "subscribers by e-mail",
            Self::Webhooks => "subscribers by webhook",
        }
    }

    /// What the names of its receivers begin with.
    pub fn prefix(&self) -> String {
        match self {
            Self::Line(line) => line.receiver().as_str().to_owned(),
            Self::Mail | Self::Webhooks => ReceiverId::subscriber("").as_str().to_owned(),
        }
    }

    /// True for its receivers; whoever is not on the desk any more is dropped by the lane for e-mail.
    pub fn is_for(&self, receiver: &ReceiverId, desk: &Desk) -> bool {
        let by_mail = || {
            let reader = receiver.as_subscriber().and_then(|id| desk.subscribers.get(id));
            reader.is_none_or(|reader| matches!(reader.reach, Reach::Mail(_)))
        };
        match self {
            Self::Line(line) => line.receiver() == *receiver,
            Self::Mail => by_mail(),
            Self::Webhooks => !by_mail(),
        }
    }

    /// How many receivers are tried at the same time.
    pub fn at_once(&self) -> usize {
        match self {
            Self::Line(_) => 1,
            Self::Mail | Self::Webhooks => limits::AT_ONCE,
        }
    }
}

/// What came of one attempt.
#[derive(Debug)]
pub enum Outcome {
    /// The receiver has it, and calls it so.
    Sent(Option<String>),
    /// It may be taken later, after this wait if the receiver says so.
    Later(Option<Duration>),
    /// It will never be taken.
    Never,
    /// The receiver is gone for good.
    Gone,
}
