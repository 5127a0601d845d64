//! Figures for Prometheus: what is counted as it happens, and what is read off the present when somebody asks.

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::export::{self, Signal};
use super::exposition::{Form, Kind, Sheet};
use super::present::{self, Drawn};
use super::{Pulse, process};
use crate::model::snapshot::Snapshot;
use crate::model::source::FailureKind;
use crate::model::state::Now;

type Labels = Vec<(&'static str, String)>;
type Count = Gauge<i64, AtomicI64>;

/// From quick to slow, in seconds: what is done in memory or on this machine's disk.
const QUICK: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0];
/// From quick to slow, in seconds: what others take part in.
const SLOW: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0];

/// Makes the histogram of one class of requests.
#[derive(Debug, Clone)]
struct Quick;

impl MetricConstructor<Histogram> for Quick {
    fn new_metric(&self) -> Histogram {
        Histogram::new(QUICK)
    }
}

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
    attempts: Family<Labels, Counter>,
    deliveries: Family<Labels, Count>,
    publications: Family<Labels, Counter>,
    published_files: Family<Labels, Counter>,
    published_at: Family<Labels, Count>,
    outbox: Count,
    stored: Count,
    requests: Family<Labels, Counter>,
    answered: Family<Labels, Histogram, Quick>,
}

/// What `/metrics` shows besides what was counted.
#[derive(Debug)]
pub struct Scrape<'a> {
    /// How it is written.
    pub form: Form,
    /// The present.
    pub snapshot: &'a Snapshot,
    /// What that comes to.
    pub drawn: &'a Drawn,
    /// The moment of asking.
    pub now: Now,
    /// Signs of life.
    pub pulse: &'a Pulse,
    /// What waits for the writer.
    pub waiting: usize,
    /// Those who watch `/events`.
    pub viewers: usize,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("allclear"),
            readings: Family::default(),
            bytes: Counter::default(),
            took: Histogram::new(SLOW),
            late: Histogram::new(SLOW),
            commits: Histogram::new(QUICK),
            inputs: Counter::default(),
            panics: Counter::default(),
            restarts: Family::default(),
            attempts: Family::default(),
            deliveries: Family::default(),
            publications: Family::default(),
            published_files: Family::default(),
            published_at: Family::default(),
            outbox: Count::default(),
            stored: Count::default(),
            requests: Family::default(),
            answered: Family::new_with_constructor(Quick),
        };
        metrics.register();
        metrics.begin_at_zero();
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
        registry.register("outbox_events", "Events of which it is still to be decided who hears", self.outbox.clone());
        registry.register_with_unit("store", "Size of the database", Unit::Bytes, self.stored.clone());
        registry.register("http_requests", "Requests by class of route and status", self.requests.clone());
        let help = "Time from a request's head to its answer's";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, self.answered.clone());
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "This program", build);
    }

    /// What can happen is there before it happens: a rate needs a beginning.
    fn begin_at_zero(&self) {
        for outcome in ["ok", "unchanged"].into_iter().chain(FailureKind::ALL.map(FailureKind::as_str)) {
            drop(self.readings.get_or_create(&vec![("outcome", outcome.to_owned())]));
        }
        drop(self.restarts.get_or_create(&vec![("task", "poll".to_owned())]));
        self.deliveries(0, 0);
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

    /// There is such a channel: what can come of its attempts is shown from now on.
    pub fn channel(&self, channel: &str) {
        for outcome in ["sent", "failed", "dead"] {
            drop(self.attempts.get_or_create(&attempt(channel, outcome)));
        }
    }

    /// One attempt to deliver is over; `outcome` is `sent`, `failed` or `dead`.
    pub fn attempt(&self, channel: &str, outcome: &'static str) {
        self.attempts.get_or_create(&attempt(channel, outcome)).inc();
    }

    /// So many messages wait, and so many were given up.
    pub fn deliveries(&self, queued: u64, dead: u64) {
        for (status, count) in [("queued", queued), ("dead", dead)] {
            self.deliveries.get_or_create(&vec![("status", status.to_owned())]).set(whole(count));
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

    /// So many events wait in the outbox, and so large is the database.
    pub fn stored(&self, outbox: u64, bytes: u64) {
        self.outbox.set(whole(outbox));
        self.stored.set(whole(bytes));
    }

    /// A request to a route of this class got the head of its answer.
    pub fn request(&self, class: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&vec![("route", class.to_owned()), ("status", status.to_string())]).inc();
        self.answered.get_or_create(&vec![("route", class.to_owned())]).observe(took.as_secs_f64());
    }

    /// Everything, in the form that is asked for. It computes for a while: not for an async thread.
    pub fn encode(&self, scrape: &Scrape<'_>) -> String {
        let mut counted = String::new();
        // Writing to a string does not fail.
        let _ = encode_registry(&mut counted, &self.registry);
        let mut sheet = Sheet::new(scrape.form);
        sheet.append_open(&counted);
        own(scrape, &mut sheet);
        process::write(&mut sheet);
        sheet.append(scrape.drawn.of(scrape.snapshot, scrape.form));
        present::ages(scrape.snapshot, scrape.now, &mut sheet);
        sheet.done()
    }
}

/// How this program does at this moment.
fn own(scrape: &Scrape<'_>, sheet: &mut Sheet) {
    let Scrape { pulse, .. } = scrape;
    let yes = u8::from;
    sheet.single("allclear_viewers", "Viewers on /events", scrape.viewers);
    sheet.single("allclear_ingest_waiting", "Inputs that wait for the writer", scrape.waiting);
    let refused = yes(pulse.configuration().is_some());
    sheet.single("allclear_configuration_refused", "1: the changed configuration is wrong", refused);
    let help = "1: the disk refuses what is to be stored";
    sheet.single("allclear_store_refused", help, yes(pulse.store().is_some()));
    let help = "1: nobody can be told of anything";
    sheet.single("allclear_telling_failed", help, yes(pulse.telling().is_some()));
    let help = "Channels that take no messages; /readyz names them";
    sheet.single("allclear_channels_failing", help, pulse.channels().len());
    let silence = pulse.silence(scrape.now.mono).as_secs_f64();
    sheet.single("allclear_scheduler_silence_seconds", "Time since the scheduler gave a sign of life", silence);
    let name = "allclear_telemetry_items_total";
    sheet.family(name, Kind::Counter, "Spans and log records for a collector, by what became of them");
    for signal in Signal::ALL {
        for (outcome, count) in export::tally(signal).outcomes() {
            sheet.sample(name, &[("signal", signal.as_str()), ("outcome", outcome)], count);
        }
    }
    let name = "allclear_telemetry_waiting";
    sheet.family(name, Kind::Gauge, "Spans and log records that wait for a collector");
    for signal in Signal::ALL {
        sheet.sample(name, &[("signal", signal.as_str())], export::tally(signal).waiting());
    }
}

fn attempt(channel: &str, outcome: &str) -> Labels {
    vec![("channel", channel.to_owned()), ("outcome", outcome.to_owned())]
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
