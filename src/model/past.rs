//! What stood on the page at a moment of the past.

use jiff::Timestamp;

use super::snapshot::Snapshot;

/// What is known of the page at a moment.
#[derive(Debug, Clone)]
pub enum Past {
    /// It was shown.
    Shown(Box<Shown>),
    /// allclear was not running, or could not write anything down.
    Asleep {
        /// The last sign of life before.
        since: Timestamp,
        /// The first one after; `None` where there is none yet.
        until: Option<Timestamp>,
    },
    /// It is from before what is kept.
    Before {
        /// The first moment that is kept; `None` where nothing is.
        first: Option<Timestamp>,
    },
}

/// A page of the past.
#[derive(Debug, Clone)]
pub struct Shown {
    /// As it was shown. When a source was read last and next is not kept; nor is what was over by then.
    /// The days before it are put in by whoever shows it.
    pub snapshot: Snapshot,
    /// When it came to stand so.
    pub since: Timestamp,
    /// When it changed next; `None` where it has not.
    pub until: Option<Timestamp>,
    /// Incidents and maintenances that stood there and are kept no longer.
    pub lost: usize,
}
