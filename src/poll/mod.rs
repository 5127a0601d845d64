//! The polite scheduler: one task per source, which waits, reads, and hands on what it saw.
//!
//! # Invariants
//! * A source's task touches nothing of another's; what they share is bounded (budgets per host, parsers).
//! * A task that ends before it was told to is noticed, counted and started again.

mod anew;
mod aside;
mod detect;
mod fault;
mod look;
mod reading;
mod source;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, watch};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::Clock;
use crate::config::{Config, SourceConfig};
use crate::fetch::{Fetcher, Settings};
use crate::ingest::{Door, Feedback};
use crate::limits;
use crate::model::id::SourceId;
use crate::model::state::Transport;
use crate::nudge::Nudges;
use crate::rules::schedule;
use crate::store::Detected;
use crate::telemetry::{Metrics, Pulse};

pub use detect::Found;
pub use look::{Looked, look};
pub use reading::{Read, shown};

/// What every source's task shares.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The one door to other people's servers.
    pub fetcher: Fetcher,
    /// The way to the writer.
    pub door: Door,
    /// The time.
    pub clock: Clock,
    /// What vendors push.
    pub nudges: Nudges,
    /// Figures.
    pub metrics: Arc<Metrics>,
    /// Signs of life.
    pub pulse: Arc<Pulse>,
    /// Parsing blocks: so many at a time.
    pub parsers: Arc<Semaphore>,
}

/// What another task needs to carry on with a source.
pub type Handover = (Transport, Feedback, Option<Detected>);

/// What is known of sources from before.
pub type Known = HashMap<SourceId, Handover>;

/// Keeps one task per configured source until stopped.
pub async fn run(shared: Shared, mut configured: watch::Receiver<Arc<Config>>, known: Known, stop: CancellationToken) {
    let mut keeper = Keeper {
        shared,
        known,
        settings: Settings::default(),
        running: HashMap::new(),
        tasks: JoinSet::new(),
        names: HashMap::new(),
    };
    let config = configured.borrow_and_update().clone();
    keeper.settings = fetch_settings(&config);
    keeper.follow(&config);
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => keeper.shared.pulse.beat(keeper.shared.clock.now().mono),
            changed = configured.changed() => match changed {
                Ok(()) => keeper.follow(&configured.borrow_and_update().clone()),
                Err(_) => break,
            },
            Some(ended) = keeper.tasks.join_next_with_id() => keeper.ended(ended),
        }
    }
    for running in keeper.running.values() {
        running.stop.cancel();
    }
    // Whoever hangs is cut off after the grace; nothing of a reading in hand is promised to anybody.
    let _ = tokio::time::timeout(limits::GRACE, async { while keeper.tasks.join_next().await.is_some() {} }).await;
}

struct Running {
    config: Arc<SourceConfig>,
    stop: CancellationToken,
    task: Id,
    /// It was told to stop, and is followed by a task for this: what it knows is handed over first.
    next: Option<Arc<SourceConfig>>,
}

struct Keeper {
    shared: Shared,
    known: Known,
    settings: Settings,
    running: HashMap<SourceId, Running>,
    tasks: JoinSet<(SourceId, Handover)>,
    names: HashMap<Id, SourceId>,
}

impl Keeper {
    /// Starts, restarts and stops tasks so that they are those of the configuration. One whose
    /// source did not change goes on undisturbed.
    fn follow(&mut self, config: &Config) {
        let changed = self.go_out_by(fetch_settings(config));
        let wanted: HashMap<&SourceId, &Arc<SourceConfig>> =
            config.sources.iter().map(|source| (&source.source.id, source)).collect();
        self.running.retain(|id, running| {
            let Some(wanted) = wanted.get(id) else {
                running.stop.cancel();
                return false;
            };
            if changed || running.next.is_some() || !same_reading(wanted, &running.config) {
                running.stop.cancel();
                running.next = Some(Arc::clone(wanted));
            }
            true
        });
        for source in &config.sources {
            if !self.running.contains_key(&source.source.id) {
                self.start(source, config.sources.len());
            }
        }
    }

    /// Goes out in another way from now on; true where it is another one.
    fn go_out_by(&mut self, settings: Settings) -> bool {
        if same_way(&settings, &self.settings) {
            return false;
        }
        match Fetcher::new(settings.clone(), self.shared.clock.clone()) {
            Ok(fetcher) => {
                self.shared.fetcher = fetcher;
                self.settings = settings;
                true
            }
            Err(error) => {
                tracing::error!(%error, "the changed proxy or networks cannot be used; those before stay in force");
                false
            }
        }
    }

    fn start(&mut self, config: &Arc<SourceConfig>, sources: usize) {
        let id = config.source.id.clone();
        let (transport, feedback, detected) = self.known.get(&id).cloned().unwrap_or_default();
        let stop = CancellationToken::new();
        let wait = first_wait(config, &transport, &feedback, sources, &self.shared.clock);
        let poller = source::Poller::new(Arc::clone(config), self.shared.clone(), transport, feedback, detected);
        let task = self.tasks.spawn(poller.run(wait, stop.clone())).id();
        self.names.insert(task, id.clone());
        self.running.insert(id, Running { config: Arc::clone(config), stop, task, next: None });
    }

    /// A task ended. One that nobody stopped is started again.
    fn ended(&mut self, ended: Result<(Id, (SourceId, Handover)), tokio::task::JoinError>) {
        let task = match ended {
            Ok((task, (id, known))) => {
                self.known.insert(id, known);
                task
            }
            Err(error) => {
                tracing::error!(%error, "the task of a source ended unexpectedly");
                error.id()
            }
        };
        let Some(id) = self.names.remove(&task) else { return };
        if self.running.get(&id).is_none_or(|running| running.task != task) {
            return;
        }
        let Some(running) = self.running.remove(&id) else { return };
        if running.next.is_none() {
            self.shared.metrics.task_restarted("poll");
        }
        self.start(&running.next.unwrap_or(running.config), self.running.len().saturating_add(1));
    }
}

/// What is sent along to an address: the source's headers may hold secrets and go to its own origin only.
fn headers_for<'a>(config: &'a SourceConfig, url: &Url) -> &'a [(String, SecretString)] {
    if url.origin() == config.address.origin() { &config.headers } else { &[] }
}

/// How to go out, as configured.
pub fn fetch_settings(config: &Config) -> Settings {
    Settings {
        contact: config.poll.contact.clone(),
        proxy: config.poll.proxy.clone(),
        allow_networks: config.poll.allow_networks.clone(),
        ..Settings::default()
    }
}

fn same_way(a: &Settings, b: &Settings) -> bool {
    let proxy = |settings: &Settings| settings.proxy.as_ref().map(|proxy| proxy.expose_secret().to_owned());
    a.contact == b.contact && a.allow_networks == b.allow_networks && proxy(a) == proxy(b)
}

/// True where a changed configuration reads the source as before, so that its task can go on.
fn same_reading(a: &SourceConfig, b: &SourceConfig) -> bool {
    let headers = |config: &SourceConfig| -> Vec<(String, String)> {
        config.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect()
    };
    a.fingerprint == b.fingerprint
        && a.address == b.address
        && a.source.interval == b.source.interval
        && a.allow_private == b.allow_private
        && a.ca == b.ca
        && headers(a) == headers(b)
}

/// A restart does not reset a back-off, nor what an upstream asked for; else readings are spread.
fn first_wait(
    config: &SourceConfig,
    transport: &Transport,
    feedback: &Feedback,
    sources: usize,
    clock: &Clock,
) -> Duration {
    let now = clock.now().wall;
    let until = |at: Option<jiff::Timestamp>| at.and_then(|at| Duration::try_from(at.duration_since(now)).ok());
    if let Some(asked) = until(transport.not_before) {
        return asked.min(limits::RETRY_AFTER_CEILING);
    }
    if transport.failures > 0
        && let Some(left) = until(transport.next_at)
    {
        return left.min(limits::OVERRUN_WAIT);
    }
    let share = schedule::share(config.source.id.as_str());
    schedule::first(&config.source, !feedback.was_read && transport.failures == 0, sources, share)
}
