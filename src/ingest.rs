//! The single writer: inputs come in by one door, are merged, committed together, and published.
//!
//! # Invariants
//! * Nothing is published that is not committed, unless the disk refuses: then the page goes on from
//!   memory, says so, and what could not be written is written with the next commit.
//! * A reader holds one immutable snapshot; nobody but this task changes state.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::limits;
use crate::model::desk::Desk;
use crate::model::event::Event;
use crate::model::hook::Hook;
use crate::model::id::SourceId;
use crate::model::observation::Observation;
use crate::model::outline::Shape;
use crate::model::receipt::Receipt;
use crate::model::snapshot::Snapshot;
use crate::model::source::{PageSettings, Service, Source};
use crate::model::state::Transport;
use crate::store::handle::Handle;
use crate::store::{Detected, Loaded};
use crate::telemetry::{Metrics, Pulse};

mod backlog;
pub mod operate;
mod present;
mod work;

pub use present::Present;

/// What the writer publishes after a commit.
#[derive(Debug, Clone)]
pub struct Published {
    /// The new present.
    pub snapshot: Arc<Snapshot>,
    /// What changed since the one before, in order.
    pub events: Vec<Event>,
}

/// What is watched, as far as the writer needs it.
#[derive(Debug, Clone)]
pub struct Watched {
    /// How the page presents itself.
    pub page: Arc<PageSettings>,
    /// In the order of the configuration.
    pub sources: Vec<Arc<Source>>,
    /// In the order of the configuration.
    pub services: Vec<Arc<Service>>,
    /// Where other tools push.
    pub hooks: Vec<Arc<Hook>>,
}

/// What came of reading one source.
#[derive(Debug)]
pub enum Outcome {
    /// It was read and understood.
    Seen {
        /// What it said.
        observation: Box<Observation>,
        /// The upstream's history was read, too.
        with_history: bool,
        /// What the documents look like.
        shape: Shape,
        /// The documents.
        receipts: Vec<Receipt>,
    },
    /// The documents are those of the last reading.
    Unchanged,
    /// It could not be read; why stands in the transport.
    Failed,
}

/// One reading of one source.
#[derive(Debug)]
pub struct Reading {
    /// The source.
    pub source: SourceId,
    /// What came of it.
    pub outcome: Outcome,
    /// How reading it goes now.
    pub transport: Transport,
    /// Its format was found out.
    pub detected: Option<Detected>,
    /// Answered after the commit.
    pub reply: oneshot::Sender<Feedback>,
}

/// What a poller needs to know of what is held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feedback {
    /// The upstream's ids of what is open and still listed.
    pub open: Vec<String>,
    /// Something that counts is wrong there now.
    pub in_trouble: bool,
    /// There was a good reading before.
    pub was_read: bool,
    /// The last reading lost something and is not believed: the next one asks for everything anew, since a page that is
    /// put back as it was may be older than what it takes the place of.
    pub in_doubt: bool,
    /// What the page calls itself.
    pub page: Option<String>,
}

/// Everything that changes state comes as one of these.
#[derive(Debug)]
pub enum Input {
    /// A poller has read a source.
    Reading(Box<Reading>),
    /// The configuration changed.
    Configure(Watched),
    /// Something that only the page's notices tell has changed.
    Refresh,
    /// An operator asks for something.
    Order(Box<operate::Asked>),
    /// Something of this program itself is to stand in the log.
    Note(Box<Event>),
}

/// The way in. Clones lead to the same writer.
#[derive(Debug, Clone)]
pub struct Door(mpsc::Sender<Input>);

impl Door {
    /// A door to whoever holds the other end.
    pub fn to(inbox: mpsc::Sender<Input>) -> Self {
        Self(inbox)
    }

    /// Hands something to the writer, waiting while its inbox is full. False: the writer has stopped.
    pub async fn send(&self, input: Input) -> bool {
        self.0.send(input).await.is_ok()
    }

    /// How many wait there.
    pub fn waiting(&self) -> usize {
        self.0.max_capacity().saturating_sub(self.0.capacity())
    }
}

/// What the writer works with.
#[derive(Debug)]
pub struct Parts {
    /// What is watched at the start.
    pub watched: Watched,
    /// What was held when the program last stopped.
    pub loaded: Loaded,
    /// Where it is kept.
    pub store: Handle,
    /// The time.
    pub clock: Clock,
    /// Signs of life.
    pub pulse: Arc<Pulse>,
    /// Figures.
    pub metrics: Arc<Metrics>,
}

/// The writer, before it runs.
#[derive(Debug)]
pub struct Writer {
    inbox: mpsc::Receiver<Input>,
    publish: mpsc::UnboundedSender<Published>,
    present: Present,
    store: Handle,
    clock: Clock,
    pulse: Arc<Pulse>,
    metrics: Arc<Metrics>,
    latest: watch::Sender<Arc<Snapshot>>,
    latest_desk: watch::Sender<Arc<Desk>>,
    unwritten: backlog::Backlog,
    published_at: Duration,
    /// When maintenances that come again were last looked at.
    unrolled_at: Duration,
}

/// The ends that others hold.
#[derive(Debug)]
pub struct Ends {
    /// The way in.
    pub door: Door,
    /// Every change, in order.
    pub published: mpsc::UnboundedReceiver<Published>,
    /// The newest snapshot.
    pub latest: watch::Receiver<Arc<Snapshot>>,
    /// What operators hold.
    pub desk: watch::Receiver<Arc<Desk>>,
    /// The present at the start, with the last events.
    pub first: Published,
    /// By source: how reading it went, and what its poller needs to know.
    pub known: HashMap<SourceId, (Transport, Feedback, Option<Detected>)>,
}

/// Makes the writer from what was stored.
pub fn writer(parts: Parts) -> (Writer, Ends) {
    let now = parts.clock.now();
    let (door, inbox) = mpsc::channel(limits::INBOX);
    let (publish, published) = mpsc::unbounded_channel();
    let Parts { watched, mut loaded, store, clock, pulse, metrics } = parts;
    let events = std::mem::take(&mut loaded.events);
    let mut detected = std::mem::take(&mut loaded.detected);
    let present = Present::new(watched, loaded, now);
    let known = present
        .held()
        .map(|held| {
            let id = held.source.id.clone();
            let found = detected.remove(&id);
            (id, (held.transport.clone(), present::feedback(held, now), found))
        })
        .collect();
    let snapshot = Arc::new(present.snapshot(now, &pulse));
    let (latest, newest) = watch::channel(Arc::clone(&snapshot));
    let (latest_desk, desk) = watch::channel(Arc::clone(present.desk()));
    let first = Published { snapshot, events };
    let mut unwritten = backlog::Backlog::default();
    unwritten.show(now.wall, &first.snapshot);
    let writer = Writer {
        inbox,
        publish,
        present,
        store,
        clock,
        pulse,
        metrics,
        latest,
        latest_desk,
        unwritten,
        published_at: now.mono,
        unrolled_at: now.mono,
    };
    (writer, Ends { door: Door(door), published, latest: newest, desk, first, known })
}

impl Writer {
    /// Works until every door is closed and the inbox is empty.
    ///
    /// `stop` only ends the waiting for time: what is in the inbox is still taken in.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut inputs = Vec::with_capacity(limits::GROUP);
        loop {
            tokio::select! {
                taken = self.inbox.recv_many(&mut inputs, limits::GROUP) => {
                    if taken == 0 {
                        break;
                    }
                    self.take_in(std::mem::take(&mut inputs)).await;
                }
                _ = ticks.tick(), if !stop.is_cancelled() => self.tick().await,
            }
        }
        if !self.unwritten.is_empty() || self.unwritten.has_pages() {
            self.commit(work::Round::default()).await;
        }
    }

    /// Takes in all that waits, as [`Writer::run`] does by itself: for who plays a week in seconds.
    #[doc(hidden)]
    pub async fn catch_up(&mut self) {
        let inputs: Vec<Input> = std::iter::from_fn(|| self.inbox.try_recv().ok()).collect();
        self.take_in(inputs).await;
    }

    /// Looks at the time once, as [`Writer::run`] does every second.
    #[doc(hidden)]
    pub async fn look_at_time(&mut self) {
        self.tick().await;
    }
}
