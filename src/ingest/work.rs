//! One round of the writer: merge what came in, commit it together, publish.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::limits;
use crate::model::event::{Cause, Event, EventKind};
use crate::model::id::SourceId;
use crate::model::level::State;
use crate::model::observation::Observation;
use crate::model::receipt::Receipt;
use crate::model::state::{Held, Now, SourceState, Transport};
use crate::rules::merge::{self, Merged};
use crate::rules::{announce, gist, tell};
use crate::store::{Batch, SourceChange, StoreError};
use crate::telemetry::trace;

use super::present::{Parted, feedback};
use super::{Feedback, Input, Outcome, Published, Reading, Writer};

/// What one round has to write, and whom it has to answer.
#[derive(Debug, Default)]
pub struct Round {
    pub(super) batch: Batch,
    replies: Vec<(oneshot::Sender<Feedback>, SourceId)>,
    reconfigured: bool,
}

/// True for a reading that found nothing new: that it went by is written within a second, with others.
fn went_by(change: &SourceChange) -> bool {
    change.state.is_none() && change.detected.is_none()
}

/// The documents behind a change, stamped with the moment of its events and with what was read in them.
fn kept(receipts: Vec<Receipt>, seen: &Observation, noticed_at: Timestamp) -> Vec<Receipt> {
    let gist = gist::of(seen);
    let stamp = |mut receipt: Receipt| {
        receipt.reading.noticed_at = Some(noticed_at);
        receipt.reading.gist = Some(gist.clone());
        receipt
    };
    receipts.into_iter().map(stamp).collect()
}

impl Writer {
    /// Merges and commits what came in, then answers.
    pub(super) async fn take_in(&mut self, inputs: Vec<Input>) {
        let mut round = Round::default();
        let mut orders = Vec::new();
        for input in inputs {
            match input {
                Input::Order(asked) => orders.push(*asked),
                Input::Reading(reading) => self.read(*reading, &mut round),
                Input::Configure(watched) => {
                    let now = self.clock.now();
                    self.present.configure(watched, now);
                    for id in self.present.due(now) {
                        self.look_at(&id, now, Cause::Configuration, &mut round);
                    }
                    round.reconfigured = true;
                }
                Input::Refresh => round.reconfigured = true,
                Input::Note(event) => self.note(*event, &mut round),
            }
        }
        self.part(&mut round);
        if let Some(event) = self.present.watch_egress(self.clock.now()) {
            self.note(event, &mut round);
        }
        self.commit(round).await;
        // Apart from readings: what the disk refuses of an order is undone, what it refuses of a reading is kept.
        if !orders.is_empty() {
            self.operate(orders).await;
        }
    }

    /// Time has passed: horizons, and the next page with newer times.
    pub(super) async fn tick(&mut self) {
        let now = self.clock.now();
        self.pulse.beat(now.mono);
        let mut round = Round::default();
        for id in self.present.due(now) {
            self.look_at(&id, now, Cause::Time, &mut round);
        }
        self.part(&mut round);
        if round.batch.sources.is_empty() && self.unwritten.is_empty() && !self.unwritten.has_pages() {
            self.publish(Vec::new(), false);
        } else {
            self.commit(round).await;
        }
        self.wind_up().await;
    }

    fn read(&mut self, reading: Reading, round: &mut Round) {
        let now = self.clock.now();
        let Reading { source, outcome, transport, detected, reply } = reading;
        round.replies.push((reply, source.clone()));
        let Some(held) = self.present.held_mut(&source) else { return };
        let good_at = std::mem::replace(&mut held.transport, transport).ok_at;
        let as_configured = Arc::clone(&held.source);
        let (merged, sent, baseline) = match outcome {
            Outcome::Seen { observation, with_history, shape, receipts } => {
                let context =
                    merge::Reading { source: &as_configured, with_history, shape: &shape, good_at, now: now.wall };
                let baseline = held.state.first_read_at.is_none();
                // What is read in another way than before has begun anew: the page is the same, its ids are not.
                let merge = if detected.is_some() && !baseline { merge::anew } else { merge::merge };
                let merged = merge(&held.state, &observation, context);
                (Some(merged), Some((receipts, observation)), baseline)
            }
            Outcome::Unchanged => (Some(merge::unchanged(&held.state, &as_configured, now.wall)), None, false),
            Outcome::Failed => (None, None, false),
        };
        let mut change = SourceChange { detected, ..unread(source.clone(), None, held.transport.clone()) };
        let (mut changed, mut learned) = (false, false);
        let mut events = Vec::new();
        if let Some(merged) = merged {
            (changed, learned) = (merged.changed, merged.learned);
            events = settle(held, merged, &mut change);
        }
        let told = tell::source(held, now, Cause::Reading, baseline);
        changed |= told.changed;
        events.extend(told.events);
        if changed || learned {
            change.state = Some(held.state.clone());
        }
        if changed {
            change.receipts = sent.map(|(receipts, seen)| kept(receipts, &seen, now.wall)).unwrap_or_default();
        }
        round.batch.sources.push(change);
        for event in events {
            self.note(event, round);
        }
    }

    /// Tells what changed of a source without a reading.
    fn look_at(&mut self, id: &SourceId, now: Now, cause: Cause, round: &mut Round) {
        let Some(held) = self.present.held_mut(id) else { return };
        let told = tell::source(held, now, cause, false);
        if !told.changed {
            return;
        }
        round.batch.sources.push(unread(id.clone(), Some(held.state.clone()), held.transport.clone()));
        for event in told.events {
            self.note(event, round);
        }
    }

    /// Has the log say that nobody observes any more what is no longer watched.
    fn part(&mut self, round: &mut Round) {
        let now = self.clock.now().wall;
        for Parted { id, name, mut state, transport } in self.present.take_parted() {
            let from = std::mem::replace(&mut state.told, State::Unknown);
            state.told_since = transport.ok_at.unwrap_or(now);
            let event = Event {
                seq: 0,
                at: now,
                since: transport.ok_at.filter(|since| *since < now),
                kind: EventKind::SourceState,
                source: Some(id.clone()),
                subject: None,
                name,
                from: Some(from.as_str().to_owned()),
                to: Some(State::Unknown.as_str().to_owned()),
                cause: Cause::Configuration,
                note: Some("it is no longer watched".to_owned()),
                // What somebody decided is no news.
                baseline: true,
            };
            round.batch.sources.push(unread(id, Some(state), transport));
            self.note(event, round);
        }
    }

    pub(super) fn note(&mut self, mut event: Event, round: &mut Round) {
        self.present.seq += 1;
        event.seq = self.present.seq;
        // Whether anybody is told is decided for each receiver, with a reason that can be read.
        if announce::is_news(&event, self.present.is_cut_off()) {
            round.batch.outbox.push(event.seq);
        }
        round.batch.events.push(event);
    }

    /// Writes a round with everything that the disk refused before, publishes, and answers.
    pub(super) async fn commit(&mut self, round: Round) {
        let Round { batch, replies, reconfigured } = round;
        let events = batch.events.clone();
        let inputs = batch.sources.len();
        let changes = !events.is_empty() || reconfigured;
        let only_went_by = !batch.sources.is_empty() && batch.events.is_empty() && batch.sources.iter().all(went_by);
        self.unwritten.add(batch);
        if changes {
            self.capture();
        }
        if !only_went_by {
            // A reading goes on from memory; that the disk refuses is told and tried again.
            let _ = self.write(inputs).await;
        }
        self.publish(events, reconfigured);
        self.answer(replies);
    }

    /// Writes everything that is not written yet.
    pub(super) async fn write(&mut self, inputs: usize) -> Result<(), StoreError> {
        let batch = &self.unwritten.batch;
        let nothing = self.unwritten.is_empty() && batch.audit.is_empty() && batch.said.is_empty();
        if nothing && !self.unwritten.has_pages() {
            return Ok(());
        }
        let started = self.clock.now().mono;
        let batch = Arc::new(std::mem::take(&mut self.unwritten.batch));
        let shared = Arc::clone(&batch);
        let span = trace::commit(inputs);
        let written = self.store.run(move |store| store.commit(&shared)).instrument(span.clone()).await;
        self.metrics.commit(self.clock.now().mono.saturating_sub(started), inputs);
        if let Err(error) = written {
            trace::refused(&span);
            self.refused(&error);
            // The store has let go of its share by now: the batch is ours again.
            if let Ok(batch) = Arc::try_unwrap(batch) {
                self.unwritten.batch = batch;
            }
            return Err(error);
        } else if self.pulse.store().is_some() {
            tracing::info!("the disk takes writes again; everything held back is stored");
            self.pulse.set_store(None);
        }
        Ok(())
    }

    fn answer(&self, replies: Vec<(oneshot::Sender<Feedback>, SourceId)>) {
        let now = self.clock.now();
        for (reply, source) in replies {
            let told = self.present.get(&source).map(|held| feedback(held, now));
            // A poller that has stopped needs no answer.
            let _ = reply.send(told.unwrap_or_default());
        }
    }

    fn refused(&self, error: &StoreError) {
        if self.pulse.store().is_none() {
            tracing::error!(%error, "nothing can be stored; the page goes on from memory");
        }
        self.pulse.set_store(Some(error.to_string()));
    }

    /// Has the page as it is now written down with what is about to be committed.
    pub(super) fn capture(&mut self) {
        let now = self.clock.now();
        self.present.refresh(now);
        let snapshot = Arc::new(self.present.snapshot(now, &self.pulse));
        self.unwritten.show(now.wall, &snapshot);
    }

    /// Publishes at once what changed, and newer times every few seconds.
    ///
    /// What is newly shown is written down with the next commit, where it was not before.
    pub(super) fn publish(&mut self, events: Vec<Event>, at_once: bool) {
        let now = self.clock.now();
        let due = now.mono.saturating_sub(self.published_at) >= limits::QUIET_PUBLISH;
        if events.is_empty() && !at_once && !due {
            return;
        }
        self.published_at = now.mono;
        self.present.refresh(now);
        let snapshot = Arc::new(self.present.snapshot(now, &self.pulse));
        self.unwritten.show(now.wall, &snapshot);
        self.latest.send_replace(Arc::clone(&snapshot));
        // Nobody listens any more only while the program stops.
        let _ = self.publish.send(Published { snapshot, events });
    }
}

/// What is to be stored of a source without what a reading brings.
fn unread(id: SourceId, state: Option<SourceState>, transport: Transport) -> SourceChange {
    SourceChange {
        id,
        state,
        touched: Vec::new(),
        past_incidents: Vec::new(),
        past_maintenances: Vec::new(),
        transport,
        receipts: Vec::new(),
        detected: None,
    }
}

/// Takes a merged state up and notes what is to be stored of it.
fn settle(held: &mut Held, merged: Merged, change: &mut SourceChange) -> Vec<Event> {
    let doubted = merged.state.doubt.as_ref().filter(|_| held.state.doubt.is_none());
    if let Some(doubt) = doubted {
        tracing::warn!(source = %held.source.id, problem = %doubt.what, "the page has changed and is not believed yet");
    }
    held.state = merged.state;
    change.touched = merged.touched;
    change.past_incidents = merged.past_incidents;
    change.past_maintenances = merged.past_maintenances;
    merged.events
}
