//! Those who watch `/events`: the last changes at hand, and one shared queue for all viewers.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::broadcast;

use super::wire;
use crate::limits;
use crate::model::event::Event;

/// Many viewers share each message, so a viewer costs little more than its connection.
#[derive(Debug)]
pub(super) struct Viewers {
    log: Mutex<Log>,
    out: broadcast::Sender<Bytes>,
}

#[derive(Debug)]
struct Log {
    told: u64,
    recent: VecDeque<(u64, Bytes)>,
}

/// How a viewer begins.
#[derive(Debug)]
pub(super) struct Start {
    /// The last event that was told before.
    pub(super) told: u64,
    /// What it has missed.
    pub(super) missed: Missed,
    /// Everything told from now on.
    pub(super) news: broadcast::Receiver<Bytes>,
}

/// What a viewer that comes back has missed.
#[derive(Debug)]
pub(super) enum Missed {
    /// These, which may be none.
    Frames(Vec<Bytes>),
    /// Events after the first number and before the second, which are in the store; then these.
    Older { after: u64, before: u64, then: Vec<Bytes> },
    /// It cannot be said.
    Unknown,
}

impl Viewers {
    pub(super) fn new(seq: u64, events: &[Event]) -> Self {
        let mut log = Log { told: seq, recent: VecDeque::new() };
        log.add(events);
        let (out, _) = broadcast::channel(limits::VIEWER_BACKLOG);
        Self { log: Mutex::new(log), out }
    }

    /// Tells everybody, in one message so that a burst of changes drops nobody.
    pub(super) fn tell(&self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let message: Vec<u8> = log.add(events).into_iter().flatten().collect();
        // Nobody watching is no fault.
        let _ = self.out.send(Bytes::from(message));
    }

    /// How many watch.
    pub(super) fn count(&self) -> usize {
        self.out.receiver_count()
    }

    /// Joins: what was missed and what comes fit together without a gap.
    pub(super) fn join(&self, last: Option<Result<u64, ()>>) -> Start {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let missed = match last {
            None => Missed::Frames(Vec::new()),
            Some(Err(())) => Missed::Unknown,
            Some(Ok(last)) => log.after(last),
        };
        Start { told: log.told, missed, news: self.out.subscribe() }
    }
}

impl Log {
    fn add(&mut self, events: &[Event]) -> Vec<Bytes> {
        let frames: Vec<(u64, Bytes)> = events.iter().map(|event| (event.seq, frame(event))).collect();
        for (seq, bytes) in &frames {
            self.told = self.told.max(*seq);
            self.recent.push_back((*seq, bytes.clone()));
        }
        let surplus = self.recent.len().saturating_sub(limits::CATCH_UP);
        self.recent.drain(..surplus);
        frames.into_iter().map(|(_, bytes)| bytes).collect()
    }

    fn after(&self, last: u64) -> Missed {
        if last > self.told {
            return Missed::Unknown;
        }
        let oldest = self.recent.front().map_or(self.told.saturating_add(1), |(seq, _)| *seq);
        let then: Vec<Bytes> =
            self.recent.iter().filter(|(seq, _)| *seq > last).map(|(_, bytes)| bytes.clone()).collect();
        let gap = oldest.saturating_sub(last.saturating_add(1));
        match usize::try_from(gap) {
            Ok(0) => Missed::Frames(then),
            Ok(gap) if gap <= limits::CATCH_UP => Missed::Older { after: last, before: oldest, then },
            _ => Missed::Unknown,
        }
    }
}

/// One event in the form of the stream. JSON holds no bare line break, so none can end it early.
pub(super) fn frame(event: &Event) -> Bytes {
    let data = serde_json::to_string(&wire::event::Event::of(event)).unwrap_or_else(|_| "{}".to_owned());
    Bytes::from(format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.kind.as_str()))
}
