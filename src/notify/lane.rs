//! One way out: a channel, or all readers who are reached alike. Brings what is queued, in order, and tries again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::Shared;
use super::carry::Carriers;
use super::scope::{Outcome, Scope};
use super::words::{self, Told};
use crate::channels::Plan;
use crate::ingest::Input;
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Command, Order};
use crate::model::delivery::{Attempt, Delivery, Status};
use crate::model::event::{Cause, Event, EventKind};
use crate::model::id::ReceiverId;
use crate::model::subscriber::SubscriberChange;
use crate::render::letter::Letters;
use crate::rules::retry;
use crate::rules::subscribers::BOUNCE;
use crate::store::{Ready, Store, StoreError};
use crate::telemetry::{Failing, trace};

/// How long a lane sleeps at most, so that a clock that was set is noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// One way out.
#[derive(Debug)]
pub struct Lane {
    shared: Shared,
    plan: Arc<Plan>,
    scope: Scope,
    /// `None`: a fault of this program, which is in the log.
    letters: Option<Arc<Letters>>,
    bell: Arc<Notify>,
    /// Failures in a row, and since when there are some.
    failures: u32,
    failing_since: Option<Timestamp>,
    /// Nothing is tried before.
    not_before: Timestamp,
    /// That it fails was told.
    told: bool,
    /// The receiver said that it is gone: until the configuration changes.
    gone: bool,
}

impl Lane {
    /// One that has tried nothing yet.
    pub fn new(shared: Shared, plan: Arc<Plan>, scope: Scope, bell: Arc<Notify>) -> Self {
        Self {
            shared,
            plan,
            letters: letters(&scope),
            scope,
            bell,
            failures: 0,
            failing_since: None,
            not_before: Timestamp::MIN,
            told: false,
            gone: false,
        }
    }

    /// What it is called in the log and in figures.
    pub fn name(&self) -> &str {
        self.scope.name()
    }

    /// Brings what is queued until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        self.shared.metrics.channel(self.scope.name());
        self.told = self.was_told().await;
        loop {
            let wait = match self.turn(&stop).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(lane = self.name(), %error, "what is to be sent cannot be read or written");
                    LONGEST_WAIT
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.bell.notified() => {}
                () = self.shared.clock.sleep(wait) => {}
            }
        }
    }

    /// Tries what may be tried now, and says how long there is nothing to do.
    async fn turn(&mut self, stop: &CancellationToken) -> Result<Duration, StoreError> {
        loop {
            let now = self.shared.clock.now().wall;
            if self.not_before > now {
                return Ok(wait_until(self.not_before, now));
            }
            let Ready { now: mut ready, next } = self.ready(now).await?;
            if ready.is_empty() || stop.is_cancelled() {
                return Ok(next.map_or(LONGEST_WAIT, |next| wait_until(next, now)));
            }
            // What is down is asked by one message at a time.
            if self.failures > 0 {
                ready.truncate(1);
            }
            let carriers = self.carriers();
            let tried = join_all(ready.into_iter().map(|delivery| self.attempt(delivery, carriers.as_ref()))).await;
            self.settle(tried).await?;
        }
    }

    fn carriers(&self) -> Option<Carriers> {
        let fetcher = self.shared.fetcher.borrow().clone()?;
        Some(Carriers::new(fetcher, self.plan.mail.as_deref().cloned()))
    }

    /// What may be tried now, one message for each receiver; and when something else may be.
    async fn ready(&self, now: Timestamp) -> Result<Ready, StoreError> {
        let scope = self.scope.clone();
        let desk = Arc::clone(&self.shared.desk.borrow());
        let find = move |store: &Store| {
            let wanted = |receiver: &ReceiverId| scope.is_for(receiver, &desk);
            store.ready(&scope.prefix(), now, scope.at_once(), &wanted)
        };
        self.shared.store.run(find).await
    }

    /// One attempt. Nothing of it is written yet.
    async fn attempt(&self, delivery: Delivery, carriers: Option<&Carriers>) -> (Delivery, Outcome, Attempt) {
        let at = self.shared.clock.now();
        let span = trace::attempt(self.scope.name());
        let told = match (&self.letters, self.gone) {
            (_, true) => Told::gone(),
            (Some(letters), false) => {
                let sent = words::send(&self.shared, &self.plan, &self.scope, letters, &delivery, carriers);
                sent.instrument(span.clone()).await
            }
            (None, false) => Told::later("the templates cannot be used"),
        };
        let took = self.shared.clock.now().mono.saturating_sub(at.mono);
        let Told { outcome, request, status, answer } = told;
        let good = matches!(outcome, Outcome::Sent(_));
        trace::attempted(&span, good, status);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        (delivery, outcome, Attempt { at: at.wall, took_ms, request, status, answer, good })
    }

    /// Writes down what came of attempts, and how this lane does.
    async fn settle(&mut self, tried: Vec<(Delivery, Outcome, Attempt)>) -> Result<(), StoreError> {
        let now = self.shared.clock.now().wall;
        let mut written = Vec::new();
        let mut gone = Vec::new();
        let last_answer = tried.last().map(|(_, _, attempt)| attempt.answer.clone()).unwrap_or_default();
        let (mut good, mut bad, mut given_up) = (false, false, false);
        for (mut delivery, outcome, attempt) in tried {
            delivery.tries = delivery.tries.saturating_add(1);
            delivery.attempts.push(attempt);
            let surplus = delivery.attempts.len().saturating_sub(limits::ATTEMPTS_SHOWN);
            delivery.attempts.drain(..surplus);
            let outcome_word = match outcome {
                Outcome::Sent(reference) => {
                    good = true;
                    delivery.reference = reference;
                    delivery.status = Status::Sent;
                    "sent"
                }
                Outcome::Later(wait) => {
                    bad = true;
                    self.hold(wait, now);
                    match retry::next(&delivery.key, delivery.made_at, delivery.tries, now, wait) {
                        Some(at) => {
                            delivery.next_at = at;
                            "failed"
                        }
                        None => {
                            given_up = true;
                            delivery.status = Status::Dead;
                            "dead"
                        }
                    }
                }
                Outcome::Never => {
                    given_up = true;
                    delivery.status = Status::Dead;
                    "dead"
                }
                Outcome::Gone => {
                    given_up = true;
                    delivery.status = Status::Dead;
                    gone.push(delivery.receiver.clone());
                    "dead"
                }
            };
            self.shared.metrics.attempt(self.scope.name(), outcome_word);
            written.push(delivery);
        }
        self.shared.store.run(move |store| store.put_deliveries(&written)).await?;
        self.pace(good, bad, now);
        self.report(good, bad || given_up, given_up, &last_answer, now).await;
        self.part_with(gone).await;
        Ok(())
    }

    /// The receiver asked to wait.
    fn hold(&mut self, wait: Option<Duration>, now: Timestamp) {
        if let (Some(wait), Scope::Line(_)) = (wait, &self.scope) {
            self.not_before = self.not_before.max(now.checked_add(wait).unwrap_or(Timestamp::MAX));
        }
    }

    /// When the next attempt may begin.
    fn pace(&mut self, good: bool, bad: bool, now: Timestamp) {
        self.failures = match (good, bad) {
            (true, _) => 0,
            (false, true) => self.failures.saturating_add(1),
            (false, false) => self.failures,
        };
        // Readers' tools fail one by one; a channel, and a mail server, fail as a whole.
        let whole = !matches!(self.scope, Scope::Webhooks);
        let pause = if whole { retry::pause(self.failures) } else { jiff::SignedDuration::ZERO };
        let spacing = match &self.scope {
            Scope::Line(line) => jiff::SignedDuration::try_from(line.kind.spacing).unwrap_or_default(),
            Scope::Mail | Scope::Webhooks => jiff::SignedDuration::ZERO,
        };
        let soonest = now.checked_add(pause.max(spacing)).unwrap_or(Timestamp::MAX);
        self.not_before = self.not_before.max(soonest);
        if !whole {
            self.failures = 0;
        }
    }

    /// Says in `/readyz`, and by an event, that this channel takes no messages, or takes them again.
    async fn report(&mut self, good: bool, bad: bool, given_up: bool, answer: &str, now: Timestamp) {
        let Scope::Line(line) = &self.scope else { return };
        let id = line.id.as_str().to_owned();
        if good {
            self.failing_since = None;
            self.shared.pulse.set_channel(&id, None);
            if std::mem::take(&mut self.told) {
                self.note(EventKind::ChannelWorking, None).await;
            }
            return;
        }
        if !bad {
            return;
        }
        let since = *self.failing_since.get_or_insert(now);
        let long = now.duration_since(since) >= signed(limits::CHANNEL_FAILING);
        if !(long || given_up) {
            return;
        }
        self.shared.pulse.set_channel(&id, Some(Failing { since, problem: answer.to_owned() }));
        if !std::mem::replace(&mut self.told, true) {
            tracing::warn!(channel = id, answer, "a channel takes no messages");
            self.note(EventKind::ChannelFailing, Some(answer.to_owned())).await;
        }
    }

    /// Whether the log last said that this channel fails: then whoever heard that is to hear that it works, also after
    /// a restart or a changed configuration.
    async fn was_told(&self) -> bool {
        let Scope::Line(line) = &self.scope else { return false };
        let id = line.id.as_str().to_owned();
        let read = self.shared.store.run(move |store| store.events_of(None, Some(&id), None, limits::CHANNEL_EVENTS));
        // What is not known is taken as not told: the next success says nothing then.
        let events = read.await.map(|part| part.items).unwrap_or_default();
        let about = |event: &&Event| matches!(event.kind, EventKind::ChannelFailing | EventKind::ChannelWorking);
        events.iter().find(about).is_some_and(|event| event.kind == EventKind::ChannelFailing)
    }

    async fn note(&self, kind: EventKind, note: Option<String>) {
        let Scope::Line(line) = &self.scope else { return };
        let event = Event {
            seq: 0,
            at: self.shared.clock.now().wall,
            since: None,
            kind,
            source: None,
            subject: Some(line.id.as_str().to_owned()),
            name: line.name.clone(),
            from: None,
            to: None,
            cause: Cause::Time,
            note,
            baseline: false,
        };
        // The writer has stopped: then so does everything.
        self.shared.door.send(Input::Note(Box::new(event))).await;
    }

    /// What is gone for good is sent nothing more: a reader is suspended, a channel rests until it is configured anew.
    async fn part_with(&mut self, gone: Vec<ReceiverId>) {
        for receiver in gone {
            let Some(id) = receiver.as_subscriber() else {
                self.gone = true;
                continue;
            };
            let suspend = SubscriberChange::Suspend(id.to_owned(), BOUNCE.to_owned());
            let command = Command::Subscriber(suspend);
            let order = Order { actor: Actor::program(), command };
            if let Err(refused) = self.shared.door.order(order, None).await {
                tracing::warn!(%refused, "a reader whose messages come back could not be suspended");
            }
        }
    }
}

fn letters(scope: &Scope) -> Option<Arc<Letters>> {
    match words::letters(scope) {
        Ok(letters) => Some(Arc::new(letters)),
        Err(problem) => {
            tracing::error!(problem, "the usual templates cannot be used: please report this");
            None
        }
    }
}

fn signed(wait: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::MAX)
}

fn wait_until(at: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or_default();
    wait.saturating_add(Duration::from_millis(1)).min(LONGEST_WAIT)
}
