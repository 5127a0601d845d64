//! Wiring: builds the parts, starts the tasks, stops them in order.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::channels::Plan;
use crate::clock::Clock;
use crate::config::{self, Config, Problem};
use crate::fetch::Fetcher;
use crate::ingest::{self, Door, Input, Watched};
use crate::intake::office::Office;
use crate::model::desk::{Desk, Kept};
use crate::model::signon::SignOn;
use crate::nudge::{self, Nudges};
use crate::render::Pages;
use crate::store::Store;
use crate::store::handle::Handle;
use crate::telemetry::{Metrics, Pulse};
use crate::{http, limits, notify, poll, publish};

/// What `serve` is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The configuration file.
    pub config: PathBuf,
    /// The folder of the database.
    pub data: PathBuf,
}

/// Why the program does not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Every mistake in the configuration.
    #[error("the configuration has {} mistake(s)", .0.len())]
    Configuration(Vec<Problem>),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// Anything else.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

/// Reads and checks the configuration file.
///
/// # Errors
/// Every mistake; also where the file cannot be read.
pub fn read_config(file: &Path) -> Result<Config, Vec<Problem>> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        vec![Problem {
            file: file.to_owned(),
            line: 0,
            column: 0,
            message: format!("cannot be read: {error}"),
            hint: Some("name the file with --config, or make one by `allclear simulate --write sources.yaml`".into()),
        }]
    })?;
    let config = config::parse(&text, file, &|name| std::env::var(name).ok())?;
    let problems = notify::unfit_templates(&config.notify);
    if problems.is_empty() {
        return Ok(config);
    }
    let problem = |message| Problem { file: file.to_owned(), line: 0, column: 0, message, hint: None };
    Err(problems.into_iter().map(problem).collect())
}

/// Polls, merges, stores and serves until `shutdown`, then stops in order.
///
/// # Errors
/// Where it cannot start, and where a part of it ended by itself: a page that is no longer brought up
/// to date must not look alive.
pub async fn serve(
    settings: Settings,
    listener: TcpListener,
    clock: Clock,
    shutdown: impl Future<Output = ()>,
) -> Result<(), AppError> {
    let read = fingerprint(&settings.config).await;
    let base = read_config(&settings.config).map_err(AppError::Configuration)?;
    let folder = settings.data.clone();
    let now = clock.now().wall;
    let (store, loaded) =
        tokio::task::spawn_blocking(move || open(&folder, now)).await.context("opening the database")??;
    let added = loaded.kept.iter().filter_map(|kept| match kept {
        Kept::Added(added) => Some(added),
        _ => None,
    });
    let config = Arc::new(base.clone().with_added(added));
    let (pulse, metrics) = (Arc::new(Pulse::default()), Arc::new(Metrics::default()));
    pulse.beat(clock.now().mono);
    let parts = ingest::Parts {
        watched: watched(&config),
        loaded,
        store: store.clone(),
        clock: clock.clone(),
        pulse: Arc::clone(&pulse),
        metrics: Arc::clone(&metrics),
    };
    let (writer, ends) = ingest::writer(parts);
    let nudges = Nudges::default();
    allow(&nudges, &config);
    let fetcher = Fetcher::new(poll::fetch_settings(&config), clock.clone()).context("preparing to go out")?;
    let (go_out, way_out) = watch::channel(Some(fetcher.clone()));
    let (sign_on, let_in) = watch::channel(Arc::clone(&config.sign_on));
    let (hooks, pushed) = watch::channel(Arc::new(config.hooks.clone()));
    let (asks, asked) = mpsc::channel(limits::LOOKS_WAITING);
    let (plan, planned) = watch::channel(Arc::clone(&config.notify));
    let (post, wishes) = mpsc::channel(limits::LOOKS_WAITING);
    let (outlets, outward) = watch::channel(Arc::clone(&config.publish));
    let pages = Pages::new().context("compiling the templates")?;
    let app = http::app(http::Parts {
        store: store.clone(),
        pages,
        pulse: Arc::clone(&pulse),
        metrics: Arc::clone(&metrics),
        nudges: nudges.clone(),
        door: ends.door.clone(),
        desk: ends.desk.clone(),
        asks: nudge::ask::Desk::to(asks),
        post: nudge::post::Post::to(post),
        plan: planned.clone(),
        hooks: pushed,
        sign_on: let_in,
        fetcher: way_out,
        clock: clock.clone(),
        first: ends.first,
    })
    .context("rendering the first page")?;
    let at = listener.local_addr().map_or_else(|_| String::new(), |at| format!("http://{at}"));
    http::announce(&app, &at).context("preparing the set-up")?;
    let shared = poll::Shared {
        fetcher,
        door: ends.door.clone(),
        clock: clock.clone(),
        nudges: nudges.clone(),
        metrics: Arc::clone(&metrics),
        pulse: Arc::clone(&pulse),
        parsers: Arc::new(Semaphore::new(limits::PARSERS)),
    };
    let (configured, follow) = watch::channel(Arc::clone(&config));
    let office =
        Office { asks: asked, fetcher: go_out.subscribe(), clock: clock.clone(), parsers: Arc::clone(&shared.parsers) };

    let stop = CancellationToken::new();
    let mut tasks: JoinSet<&'static str> = JoinSet::new();
    tasks.spawn(named("poll", poll::run(shared, follow, ends.known, stop.clone())));
    tasks.spawn(named("publish", http::publish(ends.published, app.clone(), stop.clone())));
    tasks.spawn(named("serve", serve_http(listener, app, stop.clone())));
    tasks.spawn(named("ingest", writer.run(stop.clone())));
    tasks.spawn(named("look", office.run(stop.clone())));
    let parts = publish::Parts {
        plan: outward,
        latest: ends.latest.clone(),
        pages: Pages::published().context("compiling the templates")?,
        clock: clock.clone(),
        pulse: Arc::clone(&pulse),
        metrics: Arc::clone(&metrics),
    };
    tasks.spawn(named("publish elsewhere", publish::run(parts, stop.clone())));
    let parts = notify::Parts {
        plan: planned,
        fetcher: go_out.subscribe(),
        latest: ends.latest,
        desk: ends.desk.clone(),
        wishes,
        door: ends.door.clone(),
        store: store.clone(),
        clock: clock.clone(),
        pulse: Arc::clone(&pulse),
        metrics: Arc::clone(&metrics),
    };
    tasks.spawn(named("notify", notify::run(parts, stop.clone())));
    tasks.spawn(named("prune", prune(store, clock.clone(), stop.clone())));
    let reload = Reload {
        plan,
        outlets,
        file: settings.config,
        door: ends.door,
        configured,
        sign_on,
        hooks,
        go_out,
        clock: clock.clone(),
        nudges,
        pulse: Arc::clone(&pulse),
        desk: ends.desk,
        base,
        read,
    };
    tasks.spawn(named("reload", reload.run(stop.clone())));
    watchdog(Arc::clone(&pulse), clock, stop.clone());
    // Whoever supervises this process may not be systemd: then there is nobody to tell.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);

    let ended = tokio::select! {
        () = shutdown => None,
        ended = tasks.join_next() => ended,
    };
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    stop.cancel();
    let grace = limits::GRACE + Duration::from_secs(2);
    let in_time = tokio::time::timeout(grace, async { while tasks.join_next().await.is_some() {} }).await;
    if in_time.is_err() {
        tracing::warn!("not everything ended in time; what was acknowledged is stored all the same");
    }
    match ended {
        None => Ok(()),
        Some(Ok(name)) => Err(anyhow::anyhow!("`{name}` ended by itself; see the log").into()),
        Some(Err(error)) => Err(anyhow::Error::new(error).context("a part of allclear failed").into()),
    }
}

async fn named(name: &'static str, work: impl Future<Output = ()>) -> &'static str {
    work.await;
    name
}

async fn serve_http(listener: TcpListener, app: http::App, stop: CancellationToken) {
    if let Err(error) = http::serve(listener, app, stop).await {
        tracing::error!(%error, "serving failed");
    }
}

fn open(folder: &Path, now: Timestamp) -> Result<(Handle, crate::store::Loaded), crate::store::StoreError> {
    let store = Store::open(folder)?;
    let loaded = store.load(now)?;
    Ok((Handle::new(store), loaded))
}

/// What the writer needs of the configuration.
pub fn watched(config: &Config) -> Watched {
    Watched {
        page: Arc::clone(&config.page),
        sources: config.sources.iter().map(|source| Arc::clone(&source.source)).collect(),
        services: config.services.clone(),
        hooks: config.hooks.iter().map(|gate| Arc::clone(&gate.hook)).collect(),
    }
}

/// Opens the hooks that are configured, and closes all others.
fn allow(nudges: &Nudges, config: &Config) {
    nudges.allow(config.sources.iter().map(|source| (&source.source.id, source.hook.as_ref())));
}

/// Removes once an hour what is kept no longer.
async fn prune(store: Handle, clock: Clock, stop: CancellationToken) {
    let mut hours = tokio::time::interval(Duration::from_secs(3600));
    hours.tick().await;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = hours.tick() => {
                let now = clock.now().wall;
                match store.run(move |store| store.prune(now)).await {
                    Ok(0) => {}
                    Ok(removed) => tracing::info!(removed, "removed what is kept no longer"),
                    Err(error) => tracing::warn!(%error, "could not remove what is kept no longer"),
                }
            }
        }
    }
}

/// What a file holds, told from anything else; `None` where it cannot be read.
async fn fingerprint(file: &Path) -> Option<[u8; 32]> {
    tokio::fs::read(file).await.ok().map(|bytes| Sha256::digest(&bytes).into())
}

/// Takes up a changed configuration, whole or not at all.
struct Reload {
    file: PathBuf,
    door: Door,
    configured: watch::Sender<Arc<Config>>,
    sign_on: watch::Sender<Arc<SignOn>>,
    hooks: watch::Sender<http::Gates>,
    plan: watch::Sender<Arc<Plan>>,
    outlets: watch::Sender<publish::Outlets>,
    go_out: watch::Sender<Option<Fetcher>>,
    clock: Clock,
    nudges: Nudges,
    pulse: Arc<Pulse>,
    /// What operators hold: sources that were added count, too.
    desk: watch::Receiver<Arc<Desk>>,
    /// The last good configuration of the file alone.
    base: Config,
    /// What the file was when it was last read.
    read: Option<[u8; 32]>,
}

impl Reload {
    async fn run(mut self, stop: CancellationToken) {
        let changed = Arc::new(Notify::new());
        let signal = Arc::clone(&changed);
        // Held until this task ends: dropping it ends the watching.
        let watcher = config::watch::watch(self.file.clone(), move || signal.notify_one());
        if let Err(error) = &watcher {
            tracing::warn!(%error, "changes of the configuration are not noticed; restart to take them up");
        }
        // A change that came before anybody watched is noticed here.
        if fingerprint(&self.file).await != self.read {
            changed.notify_one();
        }
        let mut added = self.desk.borrow_and_update().added.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = changed.notified() => self.take_up().await,
                Ok(()) = self.desk.changed() => {
                    let now = self.desk.borrow_and_update().added.clone();
                    if now != added {
                        added = now;
                        let input = self.put_in_force();
                        self.door.send(input).await;
                    }
                }
            }
        }
    }

    /// Puts the last good configuration in force, with the sources that were added.
    fn put_in_force(&mut self) -> Input {
        let desk = self.desk.borrow_and_update().clone();
        let config = Arc::new(self.base.clone().with_added(desk.added.values()));
        let watched = watched(&config);
        allow(&self.nudges, &config);
        match Fetcher::new(poll::fetch_settings(&config), self.clock.clone()) {
            Ok(fetcher) => drop(self.go_out.send_replace(Some(fetcher))),
            Err(error) => tracing::error!(%error, "an identity provider is asked by the way that was before"),
        }
        self.sign_on.send_replace(Arc::clone(&config.sign_on));
        self.hooks.send_replace(Arc::new(config.hooks.clone()));
        // A source more or less is no reason to begin anew with everything that is on its way.
        self.plan.send_if_modified(|plan| {
            let is_new = !Arc::ptr_eq(plan, &config.notify);
            *plan = Arc::clone(&config.notify);
            is_new
        });
        self.outlets.send_if_modified(|outlets| {
            let is_new = *outlets != config.publish;
            *outlets = Arc::clone(&config.publish);
            is_new
        });
        self.configured.send_replace(config);
        Input::Configure(watched)
    }

    async fn take_up(&mut self) {
        // A file that is gone for a moment is being replaced; the same once more is no change.
        let now = fingerprint(&self.file).await;
        if now.is_none() || now == self.read {
            return;
        }
        self.read = now;
        let file = self.file.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || read_config(&file)).await else { return };
        let input = match read {
            Ok(config) => {
                tracing::info!(sources = config.sources.len(), "took up the changed configuration");
                self.pulse.set_configuration(None);
                self.base = config;
                self.put_in_force()
            }
            Err(problems) => {
                for problem in &problems {
                    tracing::error!(%problem, "the changed configuration is refused");
                }
                self.pulse.set_configuration(problems.first().map(ToString::to_string));
                Input::Refresh
            }
        };
        self.door.send(input).await;
    }
}

/// Ends the process when the scheduler has been stuck for minutes, so that its supervisor starts it anew.
/// A thread of its own: it must work when the async threads do not.
fn watchdog(pulse: Arc<Pulse>, clock: Clock, stop: CancellationToken) {
    std::thread::spawn(move || {
        while !stop.is_cancelled() {
            std::thread::sleep(Duration::from_secs(5));
            let silent = pulse.silence(clock.now().mono);
            if silent > limits::SCHEDULER_DEAD && !stop.is_cancelled() {
                tracing::error!(?silent, "the scheduler is stuck: ending so that the supervisor starts allclear anew");
                std::process::exit(1);
            }
        }
    });
}
