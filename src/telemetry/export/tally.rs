//! What became of spans and log records: the queue's end, and figures of it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::limits;

/// What a collector is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// What took how long.
    Spans,
    /// What was said in the log.
    Logs,
}

impl Signal {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Spans, Self::Logs];

    /// Its word in figures.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spans => "spans",
            Self::Logs => "logs",
        }
    }
}

/// The tally of a signal. It is the process's, as what is traced and logged is.
pub fn tally(signal: Signal) -> &'static Tally {
    static SPANS: Tally = Tally::new();
    static LOGS: Tally = Tally::new();
    match signal {
        Signal::Spans => &SPANS,
        Signal::Logs => &LOGS,
    }
}

/// How many wait, and what became of all others.
#[derive(Debug)]
pub struct Tally {
    waiting: AtomicUsize,
    sent: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    /// The last attempt to send failed.
    failing: AtomicBool,
}

impl Tally {
    const fn new() -> Self {
        Self {
            waiting: AtomicUsize::new(0),
            sent: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            failing: AtomicBool::new(false),
        }
    }

    /// Takes one in; false where too many wait, and it is dropped.
    pub fn admit(&self) -> bool {
        let room = |waiting: usize| (waiting < limits::EXPORT_WAITING).then_some(waiting + 1);
        let admitted = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok();
        if !admitted {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }

    /// So many wait no longer: the collector has them, or they are lost. True where that is otherwise than before.
    pub fn carried(&self, count: usize, good: bool) -> bool {
        let less = |waiting: usize| Some(waiting.saturating_sub(count));
        let _ = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        let outcome = if good { &self.sent } else { &self.failed };
        outcome.fetch_add(count as u64, Ordering::Relaxed);
        self.failing.swap(!good, Ordering::Relaxed) == good
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Counts by outcome.
    pub fn outcomes(&self) -> [(&'static str, u64); 3] {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        [("sent", read(&self.sent)), ("failed", read(&self.failed)), ("dropped", read(&self.dropped))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_wait_than_may_and_what_is_dropped_is_counted() {
        let tally = Tally::new();
        let admitted = (0..limits::EXPORT_WAITING + 7).filter(|_| tally.admit()).count();
        assert_eq!((admitted, tally.waiting()), (limits::EXPORT_WAITING, limits::EXPORT_WAITING));
        assert_eq!(tally.outcomes(), [("sent", 0), ("failed", 0), ("dropped", 7)]);
        assert!(tally.carried(512, false), "it fails: that is news");
        assert!(!tally.carried(512, false), "it still fails");
        assert!(tally.carried(1, true), "it works again");
        assert!(!tally.carried(1, true));
        assert_eq!(tally.waiting(), limits::EXPORT_WAITING - 1_026);
        assert_eq!(tally.outcomes(), [("sent", 2), ("failed", 1_024), ("dropped", 7)]);
        assert!(tally.admit());
    }
}
