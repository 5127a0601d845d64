//! Telling people: takes events out of the outbox, has the rules decide who hears what, and brings it to them.
//!
//! # Invariants
//! * What is sent was written down before, and is written off after the receiver's answer: at least once, and every
//!   attempt under the same key.
//! * An event leaves the outbox in the transaction that writes what was decided about it.
//! * A lane delays no other. Within one thread a receiver gets messages in their order.

pub mod carry;
mod lane;
mod ping;
#[doc(hidden)]
pub mod receivers;
#[doc(hidden)]
pub mod round;
mod scope;
mod teller;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::channels::{Line, Plan};
use crate::clock::Clock;
use crate::fetch::Fetcher;
use crate::ingest::Door;
use crate::model::desk::Desk;
use crate::model::snapshot::Snapshot;
use crate::nudge::post::Wish;
use crate::render::letter::Letters;
use crate::store::handle::Handle;
use crate::telemetry::{Metrics, Pulse};

use lane::Lane;
use scope::Scope;
use teller::Teller;

/// What it takes to tell people.
#[derive(Debug)]
pub struct Parts {
    /// Who is told.
    pub plan: watch::Receiver<Arc<Plan>>,
    /// The way out.
    pub fetcher: watch::Receiver<Option<Fetcher>>,
    /// The newest present.
    pub latest: watch::Receiver<Arc<Snapshot>>,
    /// What operators hold: readers who subscribed are among it.
    pub desk: watch::Receiver<Arc<Desk>>,
    /// Wishes of operators.
    pub wishes: mpsc::Receiver<Wish>,
    /// To the writer: that a channel fails is an event, too.
    pub door: Door,
    /// Where everything is kept.
    pub store: Handle,
    /// The time.
    pub clock: Clock,
    /// Signs of life.
    pub pulse: Arc<Pulse>,
    /// Figures.
    pub metrics: Arc<Metrics>,
}

/// What the lanes share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    store: Handle,
    clock: Clock,
    pulse: Arc<Pulse>,
    metrics: Arc<Metrics>,
    door: Door,
    latest: watch::Receiver<Arc<Snapshot>>,
    desk: watch::Receiver<Arc<Desk>>,
    fetcher: watch::Receiver<Option<Fetcher>>,
}

/// What is wrong with the templates of channels: with each of them, in words.
pub fn unfit_templates(plan: &Plan) -> Vec<String> {
    let unfit = |line: &Arc<Line>| {
        let made = Letters::new(line.title.as_deref(), line.text.as_deref(), line.kind.markup);
        made.err().map(|problem| format!("the template of the channel `{}` is no good: {problem}", line.id))
    };
    plan.lines.iter().filter(|line| line.title.is_some() || line.text.is_some()).filter_map(unfit).collect()
}

/// Decides, delivers and keeps a dead-man's switch quiet until `stop`.
pub async fn run(parts: Parts, stop: CancellationToken) {
    let Parts { plan, fetcher, latest, desk, wishes, door, store, clock, pulse, metrics } = parts;
    let shared = Shared { store, clock, pulse, metrics, door, latest, desk, fetcher };
    let queued = Arc::new(Notify::new());
    let mut tasks = JoinSet::new();
    let teller = Teller::new(shared.clone(), plan.clone(), wishes, Arc::clone(&queued));
    tasks.spawn(teller.run(stop.clone()));
    tasks.spawn(lanes(shared.clone(), plan.clone(), queued, stop.clone()));
    tasks.spawn(ping::run(shared, plan, stop));
    while tasks.join_next().await.is_some() {}
}

/// Keeps a lane running for each channel, and those of the readers; a changed configuration starts them anew.
async fn lanes(shared: Shared, mut plan: watch::Receiver<Arc<Plan>>, queued: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let now = Arc::clone(&plan.borrow_and_update());
        let until = stop.child_token();
        let mut bells: HashMap<String, Arc<Notify>> = HashMap::new();
        let mut running = JoinSet::new();
        let scopes = now.lines.iter().map(|line| Scope::Line(Arc::clone(line))).chain([Scope::Mail, Scope::Webhooks]);
        for scope in scopes {
            let bell = Arc::new(Notify::new());
            let lane = Lane::new(shared.clone(), Arc::clone(&now), scope, Arc::clone(&bell));
            bells.insert(lane.name().to_owned(), bell);
            running.spawn(lane.run(until.clone()));
        }
        shared.pulse.keep_channels(|id| bells.contains_key(id));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                changed = plan.changed() => {
                    if changed.is_err() {
                        stop.cancelled().await;
                    }
                    break;
                }
                () = queued.notified() => bells.values().for_each(|bell| bell.notify_one()),
            }
        }
        // What is in hand is ended in order: an attempt takes seconds at most.
        until.cancel();
        while running.join_next().await.is_some() {}
    }
}
