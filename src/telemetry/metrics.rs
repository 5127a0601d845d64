//! Figures for Prometheus: what is counted as it happens, and what is read off the present.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::model::snapshot::Snapshot;
use crate::model::state::Now;

type Labels = Vec<(&'static str, String)>;
type Seconds = Gauge<f64, AtomicU64>;

/// Everything that is counted. Nothing of it is global.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    readings: Family<Labels, Counter>,
    bytes: Counter,
    took: Histogram,
    late: Histogram,
    commits: Histogram,
    inputs: Counter,
    panics: Counter,
    restarts: Family<Labels, Counter>,
    viewers: Gauge,
    refused: Gauge,
    attempts: Family<Labels, Counter>,
    deliveries: Family<Labels, Gauge>,
    publications: Family<Labels, Counter>,
    published_files: Family<Labels, Counter>,
    published_at: Family<Labels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let quick = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0];
        let slow = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0];
        let mut metrics = Self {
            registry: Registry::with_prefix("allclear"),
            readings: Family::default(),
            bytes: Counter::default(),
            took: Histogram::new(slow),
            late: Histogram::new(slow),
            commits: Histogram::new(quick),
            inputs: Counter::default(),
            panics: Counter::default(),
            restarts: Family::default(),
            viewers: Gauge::default(),
            refused: Gauge::default(),
            attempts: Family::default(),
            deliveries: Family::default(),
            publications: Family::default(),
            published_files: Family::default(),
            published_at: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("readings", "Readings by outcome", self.readings.clone());
        registry.register_with_unit("reading_answers", "What readings brought in", Unit::Bytes, self.bytes.clone());
        registry.register_with_unit("reading_duration", "Time of one reading", Unit::Seconds, self.took.clone());
        registry.register_with_unit("reading_delay", "How late readings began", Unit::Seconds, self.late.clone());
        registry.register_with_unit("commit_duration", "Time of one commit", Unit::Seconds, self.commits.clone());
        registry.register("committed_inputs", "Inputs committed", self.inputs.clone());
        registry.register("adapter_panics", "Panics while a document was read", self.panics.clone());
        registry.register("task_restarts", "Tasks that ended and were started again", self.restarts.clone());
        registry.register("viewers", "Viewers on /events", self.viewers.clone());
        registry.register("configuration_refused", "1: the changed configuration is wrong", self.refused.clone());
        registry.register("delivery_attempts", "Attempts to deliver a message", self.attempts.clone());
        registry.register("deliveries", "Messages that wait, and that were given up", self.deliveries.clone());
        registry.register("publications", "Rounds of publishing to a place by outcome", self.publications.clone());
        registry.register("published_files", "Files put to a place", self.published_files.clone());
        let at = self.published_at.clone();
        registry.register_with_unit(
            "last_publication_timestamp",
            "When a place was last brought up to date",
            Unit::Seconds,
            at,
        );
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "This program", build);
    }

    /// One reading is over. `outcome` is `ok`, `unchanged` or the word of a failure, of which `changed` is one; `late` is how
    /// long after its time it began.
    pub fn reading(&self, outcome: &str, bytes: u64, took: Duration, late: Duration) {
        self.readings.get_or_create(&vec![("outcome", outcome.to_owned())]).inc();
        self.bytes.inc_by(bytes);
        self.took.observe(took.as_secs_f64());
        self.late.observe(late.as_secs_f64());
    }

    /// One commit is durable, with so many inputs.
    pub fn commit(&self, took: Duration, inputs: usize) {
        self.commits.observe(took.as_secs_f64());
        self.inputs.inc_by(inputs as u64);
    }

    /// Reading a document panicked.
    pub fn adapter_panic(&self) {
        self.panics.inc();
    }

    /// A task ended that should not, and was started again.
    pub fn task_restarted(&self, task: &str) {
        self.restarts.get_or_create(&vec![("task", task.to_owned())]).inc();
    }

    /// So many watch `/events`.
    pub fn viewers(&self, count: usize) {
        self.viewers.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// One attempt to deliver is over; `outcome` is `sent`, `failed` or `dead`.
    pub fn attempt(&self, channel: &str, outcome: &'static str) {
        self.attempts.get_or_create(&vec![("channel", channel.to_owned()), ("outcome", outcome.to_owned())]).inc();
    }

    /// So many messages wait, and so many were given up.
    pub fn deliveries(&self, queued: u64, dead: u64) {
        for (status, count) in [("queued", queued), ("dead", dead)] {
            let gauge = self.deliveries.get_or_create(&vec![("status", status.to_owned())]);
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// A place was brought up to date at `at`, with so many files.
    pub fn published(&self, place: &str, files: usize, at: Timestamp) {
        let labels = vec![("place", place.to_owned())];
        self.publications.get_or_create(&vec![("place", place.to_owned()), ("outcome", "published".to_owned())]).inc();
        self.published_files.get_or_create(&labels).inc_by(files as u64);
        self.published_at.get_or_create(&labels).set(at.as_second());
    }

    /// A place could not be brought up to date.
    pub fn publishing_failed(&self, place: &str) {
        self.publications.get_or_create(&vec![("place", place.to_owned()), ("outcome", "failed".to_owned())]).inc();
    }

    /// How many messages were given up, as last counted.
    pub fn dead(&self) -> u64 {
        let gauge = self.deliveries.get_or_create(&vec![("status", "dead".to_owned())]).get();
        u64::try_from(gauge).unwrap_or(0)
    }

    /// Whether the changed configuration was refused.
    pub fn configuration_refused(&self, refused: bool) {
        self.refused.set(i64::from(refused));
    }

    /// Everything in the text form of OpenMetrics, with the present of `snapshot` at `now`.
    pub fn encode(&self, snapshot: &Snapshot, now: Now) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text.truncate(text.trim_end_matches("# EOF\n").len());
        let _ = encode(&mut text, &present(snapshot, now));
        text
    }
}

/// What is read off the present, so that a source that is gone leaves no figure behind.
fn present(snapshot: &Snapshot, now: Now) -> Registry {
    let mut registry = Registry::with_prefix("allclear");
    let (weight, state) = (Family::<Labels, Gauge>::default(), Family::<Labels, Gauge>::default());
    let (stale, age) = (Family::<Labels, Gauge>::default(), Family::<Labels, Seconds>::default());
    for view in &snapshot.sources {
        let id = || ("source", view.source.id.to_string());
        weight.get_or_create(&vec![id()]).set(i64::from(view.state.weight()));
        state.get_or_create(&vec![id(), ("state", view.state.as_str().to_owned())]).set(1);
        stale.get_or_create(&vec![id()]).set(i64::from(view.freshness.stale));
        if let Some(at) = view.freshness.ok_at {
            age.get_or_create(&vec![id()]).set(now.wall.duration_since(at).as_secs_f64().max(0.0));
        }
    }
    let services = Family::<Labels, Gauge>::default();
    for view in &snapshot.services {
        let labels = vec![("service", view.service.id.to_string()), ("state", view.state.as_str().to_owned())];
        services.get_or_create(&labels).set(1);
    }
    let incidents = Family::<Labels, Gauge>::default();
    for view in &snapshot.incidents {
        let source = view.incident.source.as_ref().map_or_else(|| "local".to_owned(), ToString::to_string);
        let impact = view.incident.impact.map_or("unknown", |impact| impact.as_str());
        incidents.get_or_create(&vec![("source", source), ("impact", impact.to_owned())]).inc();
    }
    registry.register(
        "source_state_weight",
        "0 operational, 1 maintenance, 2 unknown, 3 degraded, 4 partial outage, 5 major outage",
        weight,
    );
    registry.register("source_state", "1 for the state that a source is in", state);
    registry.register("source_stale", "1: not read within its horizon, or not believed", stale);
    registry.register_with_unit("source_last_success_age", "Age of the last good reading", Unit::Seconds, age);
    registry.register("service_state", "1 for the state that a service is in", services);
    registry.register("open_incidents", "Incidents that go on", incidents);
    registry
}
