//! The task of one source.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::config::SourceConfig;
use crate::ingest::{Feedback, Input, Outcome, Reading};
use crate::limits;
use crate::model::id::SourceId;
use crate::model::source::FailureKind;
use crate::model::state::{Drift, Now, Transport, Validators};
use crate::nudge::Bell;
use crate::rules::drift;
use crate::rules::schedule::{self, Outcome as Went};
use crate::store::Detected;
use crate::telemetry::trace;

use super::anew::{Anew, look_anew};
use super::fault::Fault;
use super::reading::{self, Read, Target};
use super::{Handover, Shared, detect};

/// Reads one source again and again.
pub struct Poller {
    config: Arc<SourceConfig>,
    shared: Shared,
    transport: Transport,
    feedback: Feedback,
    detected: Option<Detected>,
    target: Option<Target>,
    kept: reading::Kept,
    bell: Bell,
    /// When the last reading ended, on the monotonic clock.
    read_at: Duration,
    /// The vendor said that something changed, and so this reading is made.
    nudged: bool,
    /// The last reading took too long to parse.
    overrun: bool,
    /// Failures in a row that a page which moved or changed its platform would give.
    strange: u32,
}

impl Poller {
    /// Takes up where an earlier run left off.
    pub fn new(
        config: Arc<SourceConfig>,
        shared: Shared,
        mut transport: Transport,
        feedback: Feedback,
        detected: Option<Detected>,
    ) -> Self {
        if transport.fingerprint != config.fingerprint {
            // What "not changed" would refer to was read in another way.
            transport.validators.clear();
            transport.fingerprint.clone_from(&config.fingerprint);
            transport.drift = None;
            transport.format = None;
        }
        let target = target(&config, detected.as_ref());
        let now = shared.clock.now();
        let age = transport.checked_at.map(|at| Duration::try_from(now.wall.duration_since(at)).unwrap_or_default());
        Self {
            bell: shared.nudges.bell(&config.source.id),
            read_at: age.map_or(Duration::ZERO, |age| now.mono.saturating_sub(age)),
            nudged: false,
            overrun: false,
            strange: if transport.failure.as_ref().is_some_and(|failure| drift::is_strange(failure.kind)) {
                transport.failures
            } else {
                0
            },
            config,
            shared,
            transport,
            feedback,
            detected,
            target,
            kept: reading::Kept::default(),
        }
    }

    /// Waits, reads, hands on, until stopped. Gives back what another task needs to carry on.
    pub async fn run(mut self, mut wait: Duration, stop: CancellationToken) -> (SourceId, Handover) {
        self.transport.next_at = self.shared.clock.now().wall.checked_add(wait).ok();
        loop {
            let due = tokio::select! {
                () = stop.cancelled() => break,
                due = self.wait(wait) => due,
            };
            let late = self.shared.clock.now().mono.saturating_sub(due);
            let span = trace::poll(self.config.source.id.as_str());
            let read = tokio::select! {
                () = stop.cancelled() => break,
                read = self.read().instrument(span.clone()) => read,
            };
            let Some(next) = self.hand_on(read, late).instrument(span).await else { break };
            wait = next;
        }
        (self.config.source.id.clone(), (self.transport, self.feedback, self.detected))
    }

    /// Waits, for less where the vendor says that something changed. Returns when the reading was due.
    async fn wait(&mut self, wait: Duration) -> Duration {
        let mut due = self.shared.clock.now().mono.saturating_add(wait);
        self.nudged = false;
        let bell = self.bell.clone();
        loop {
            let now = self.shared.clock.now();
            let left = due.saturating_sub(now.mono);
            if left.is_zero() {
                return due;
            }
            let heeds = schedule::heeds_nudges(&self.transport, self.overrun, now.wall);
            tokio::select! {
                biased;
                () = tokio::time::sleep(left) => return due,
                () = bell.rung(), if heeds => {}
            }
            let now = self.shared.clock.now().mono;
            let (left, since) = (due.saturating_sub(now), now.saturating_sub(self.read_at));
            due = now.saturating_add(schedule::nudged(&self.config.source, left, since));
            if !self.nudged {
                tracing::info!(source = %self.config.source.id, "nudged: it is read sooner");
            }
            self.nudged = true;
        }
    }

    async fn read(&mut self) -> (Result<Read, Fault>, Option<Detected>, Duration) {
        let started = self.shared.clock.now();
        let mut found = None;
        if self.target.is_none() {
            match detect::detect(&self.config.address, &self.config, &self.shared).await {
                Ok(new) => {
                    self.target = target(&self.config, Some(&new.detected));
                    self.detected = Some(new.detected.clone());
                    found = Some(new.detected);
                }
                Err(fault) => return (Err(fault), None, self.took(started)),
            }
        }
        let Some(target) = &self.target else {
            return (Err(Fault::internal("no way to read this source")), found, self.took(started));
        };
        let full = self.full_reading_due(started.wall);
        // Which documents there were is known all the same.
        let bare: Vec<Validators> = self.transport.validators.iter().map(Validators::bare).collect();
        let request = reading::Plan {
            config: &self.config,
            target,
            validators: if full || self.feedback.in_doubt { &bare } else { &self.transport.validators },
            open: &self.feedback.open,
            first: !self.feedback.was_read,
        };
        let read = reading::read(request, &mut self.kept, &self.shared).await;
        if full && read.is_ok() {
            self.transport.full_at = Some(started.wall);
        }
        match read {
            Err(fault) => {
                let (read, found) = self.failed(fault, started.wall).await;
                (read, found, self.took(started))
            }
            Ok(_) => (read, found, self.took(started)),
        }
    }

    /// Looks at the page anew where it failed strangely for too long; else, or in vain, the fault stands.
    async fn failed(&mut self, fault: Fault, now: Timestamp) -> (Result<Read, Fault>, Option<Detected>) {
        let strange = drift::is_strange(fault.failure.kind);
        self.strange = if strange { self.strange.saturating_add(1) } else { 0 };
        let Some(target) = self.target.clone() else { return (Err(fault), None) };
        if !strange || !drift::is_due(self.strange, self.transport.drift.as_ref(), now) {
            return (Err(fault), None);
        }
        let looked = look_anew(&self.config, &target, &self.feedback, &self.shared).await;
        let id = &self.config.source.id;
        match &looked {
            Anew::Nothing => tracing::info!(source = %id, "looked at anew, and nothing else was found"),
            Anew::Other(found) => tracing::warn!(source = %id, %found, "looked at anew"),
            Anew::Taken(taken) => tracing::warn!(source = %id, found = %taken.found, "looked at anew"),
        }
        let (found, taken) = match looked {
            Anew::Nothing => (None, None),
            Anew::Other(found) => (Some(found), None),
            Anew::Taken(taken) => (Some(taken.found.clone()), Some(*taken)),
        };
        self.transport.drift = Some(Drift { at: now, found, taken_up: taken.is_some() });
        let Some(taken) = taken else { return (Err(fault), None) };
        self.target = Some(taken.target);
        self.kept = taken.kept;
        self.detected = Some(taken.detected.clone());
        (Ok(taken.read), Some(taken.detected))
    }

    fn took(&self, started: Now) -> Duration {
        self.shared.clock.now().mono.saturating_sub(started.mono)
    }

    fn full_reading_due(&self, now: Timestamp) -> bool {
        self.transport.full_at.is_none_or(|at| now.duration_since(at).unsigned_abs() >= limits::FULL_READING_EVERY)
    }

    /// Hands a reading to the writer and says how long to wait; `None`: the writer has stopped.
    async fn hand_on(
        &mut self,
        (read, detected, took): (Result<Read, Fault>, Option<Detected>, Duration),
        late: Duration,
    ) -> Option<Duration> {
        let now = self.shared.clock.now();
        self.transport.checked_at = Some(now.wall);
        self.read_at = now.mono;
        self.overrun = read.as_ref().is_err_and(|fault| fault.overrun);
        let dice = schedule::share(&format!("{}{}", self.config.source.id, now.mono.as_nanos()));
        let word = outcome_word(&read);
        let bytes = read.as_ref().map_or(0, |read| read.bytes);
        let (outcome, went) = match read {
            Ok(read) => {
                self.note_good(&read, now);
                let in_trouble = self.feedback.in_trouble;
                (read.outcome, Went::Good { in_trouble, nudged: self.nudged })
            }
            Err(fault) => {
                let went = self.note_fault(fault, now);
                (Outcome::Failed, went)
            }
        };
        let wait = schedule::next(&self.config.source, went, dice);
        self.transport.next_at = now.wall.checked_add(wait).ok();
        let was_failed = matches!(outcome, Outcome::Failed);
        let (reply, answer) = oneshot::channel();
        let source = self.config.source.id.clone();
        let reading = Reading { source, outcome, transport: self.transport.clone(), detected, reply };
        let before = self.feedback.in_trouble;
        let merged = async {
            let sent = self.shared.door.send(Input::Reading(Box::new(reading))).await;
            if sent { answer.await.ok() } else { None }
        };
        self.feedback = merged.instrument(trace::merge()).await?;
        let word = if self.feedback.in_doubt && !was_failed { FailureKind::Changed.as_str() } else { word };
        self.shared.metrics.reading(word, bytes, took, late);
        trace::polled(self.transport.format.as_deref().unwrap_or_default(), word, bytes);
        if !was_failed && self.feedback.in_trouble != before {
            // The reading itself told whether something is wrong: the pace follows at once.
            let went = Went::Good { in_trouble: self.feedback.in_trouble, nudged: self.nudged };
            return Some(schedule::next(&self.config.source, went, dice));
        }
        Some(wait)
    }

    fn note_good(&mut self, read: &Read, now: Now) {
        let transport = &mut self.transport;
        if transport.failures > 0 {
            tracing::info!(source = %self.config.source.id, failures = transport.failures, "readable again");
        }
        self.strange = 0;
        if let Some(drift) = &mut transport.drift
            && !(drift.taken_up && now.wall.duration_since(drift.at).unsigned_abs() < limits::DRIFT_TOLD)
        {
            // It is told no longer; that it was looked at still counts.
            *drift = Drift { at: drift.at, found: None, taken_up: false };
        }
        transport.format = self.target.as_ref().map(|target| target.reader.format.name.to_owned());
        transport.ok_at = Some(now.wall);
        transport.ok_mono = Some(now.mono);
        transport.failure = None;
        transport.failing_since = None;
        transport.failures = 0;
        transport.not_before = None;
        transport.moved_to.clone_from(&read.moved_to);
        transport.validators.clone_from(&read.validators);
    }

    fn note_fault(&mut self, fault: Fault, now: Now) -> Went {
        let transport = &mut self.transport;
        transport.failures = transport.failures.saturating_add(1);
        transport.failing_since = transport.failing_since.or(Some(now.wall));
        transport.not_before =
            fault.retry_after.and_then(|wait| now.wall.checked_add(wait.min(limits::RETRY_AFTER_CEILING)).ok());
        let mut failure = fault.failure;
        let other = transport.drift.as_ref().filter(|drift| !drift.taken_up).and_then(|drift| drift.found.as_ref());
        if let Some(found) = other.filter(|_| drift::is_strange(failure.kind)) {
            failure.message = format!("{}; {found}", failure.message);
        }
        if transport.failure.as_ref().is_none_or(|before| before.kind != failure.kind) {
            let kind = failure.kind.as_str();
            tracing::warn!(source = %self.config.source.id, kind, problem = %failure.message, "cannot be read");
        }
        transport.failure = Some(failure);
        // What is asked for next must be whole: the last good answer may be why it failed.
        transport.validators = transport.validators.iter().map(Validators::bare).collect();
        self.kept = reading::Kept::default();
        Went::Failed { failures: transport.failures, retry_after: fault.retry_after, overrun: fault.overrun }
    }
}

/// How the source is read, as configured or as found out before for the same address.
fn target(config: &SourceConfig, detected: Option<&Detected>) -> Option<Target> {
    if let Some(reader) = &config.reader {
        return Some(Target { reader: reader.clone(), address: config.address.clone() });
    }
    let detected = detected.filter(|found| found.configured == config.source.url)?;
    detect::target(detected)
}

fn outcome_word(read: &Result<Read, Fault>) -> &'static str {
    match read {
        Ok(Read { outcome: Outcome::Unchanged, .. }) => "unchanged",
        Ok(_) => "ok",
        Err(fault) => fault.failure.kind.as_str(),
    }
}
