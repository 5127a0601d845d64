//! One round of the writer: merge what came in, commit it together, publish.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::limits;
use crate::model::desk::Drawer;
use crate::model::event::{Cause, Event, EventKind};
use crate::model::id::{IncidentId, SourceId};
use crate::model::level::State;
use crate::model::observation::Observation;
use crate::model::receipt::Receipt;
use crate::model::state::{Held, Now, SourceState, Transport};
use crate::rules::merge::{self, Merged};
use crate::rules::{announce, gist, tell};
use crate::store::{Batch, SourceChange, StoreError};

use super::present::{Parted, feedback};
use super::{Feedback, Input, Outcome, Published, Reading, Writer};

/// What one round has to write, and whom it has to answer.
#[derive(Debug, Default)]
pub struct Round {
    pub(super) batch: Batch,
    replies: Vec<(oneshot::Sender<Feedback>, SourceId)>,
    reconfigured: bool,
}

/// What was to be written before orders were added.
#[derive(Debug)]
pub(super) struct Mark {
    events: usize,
    outbox: usize,
    owed: Batch,
}

/// What the disk refused so far; written with the next commit.
#[derive(Debug, Default)]
pub struct Backlog {
    batch: Batch,
}

impl Backlog {
    /// True where everything is written.
    pub fn is_empty(&self) -> bool {
        self.batch.sources.is_empty() && self.batch.events.is_empty() && !self.owes_undoing()
    }

    /// True where a write that was refused has still to be undone, in case the disk kept it.
    fn owes_undoing(&self) -> bool {
        let Batch { local_incidents, local_maintenances, removed, kept, gone, unsaid, .. } = &self.batch;
        !(local_incidents.is_empty()
            && local_maintenances.is_empty()
            && removed.is_empty()
            && kept.is_empty()
            && gone.is_empty()
            && unsaid.is_empty())
    }

    /// True for the key of a write whose answer was never given, although the disk may have kept it.
    pub(super) fn takes_back(&self, key: &str) -> bool {
        self.batch.unsaid.iter().any(|unsaid| unsaid == key)
    }

    /// What there is before orders are added.
    pub(super) fn mark(&self) -> Mark {
        let Batch { local_incidents, local_maintenances, removed, kept, gone, unsaid, .. } = &self.batch;
        let owed = Batch {
            local_incidents: local_incidents.clone(),
            local_maintenances: local_maintenances.clone(),
            removed: removed.clone(),
            kept: kept.clone(),
            gone: gone.clone(),
            unsaid: unsaid.clone(),
            ..Batch::default()
        };
        Mark { events: self.batch.events.len(), outbox: self.batch.outbox.len(), owed }
    }

    /// Takes orders away again that the disk refused, and puts in their place how things were before them. What has to
    /// be undone of earlier ones is still to be undone.
    pub(super) fn take_back(&mut self, mark: Mark, before: Batch) {
        let batch = &mut self.batch;
        batch.events.truncate(mark.events);
        batch.outbox.truncate(mark.outbox);
        batch.audit.clear();
        batch.said.clear();
        batch.questions.clear();
        let Batch { local_incidents, local_maintenances, removed, kept, gone, unsaid, .. } = before;
        (batch.local_incidents, batch.local_maintenances) = (local_incidents, local_maintenances);
        (batch.removed, batch.kept, batch.gone, batch.unsaid) = (removed, kept, gone, unsaid);
        // Both say the same of the same thing: nothing was changed between them.
        self.add(mark.owed);
    }

    /// Adds what a round could not write. The newest state of a source takes the place of older ones.
    pub(super) fn add(&mut self, batch: Batch) {
        for change in batch.sources {
            match self.batch.sources.iter_mut().find(|older| older.id == change.id) {
                Some(older) => fold(older, change),
                None => self.batch.sources.push(change),
            }
        }
        self.batch.events.extend(batch.events);
        self.batch.outbox.extend(batch.outbox);
        // What is to be undone was there first; what an order says of the same thing now comes over it.
        let kept = |id: &IncidentId| batch.local_incidents.iter().all(|one| one.id != *id);
        self.batch.removed.retain(kept);
        self.batch.local_incidents.retain(|one| kept(&one.id) && !batch.removed.contains(&one.id));
        let kept = |id: &IncidentId| batch.local_maintenances.iter().all(|one| one.id != *id);
        self.batch.removed.retain(kept);
        self.batch.local_maintenances.retain(|one| kept(&one.id) && !batch.removed.contains(&one.id));
        self.batch.unsaid.retain(|key| batch.said.iter().all(|said| said.key != *key));
        let touched = |place: (Drawer, &str)| {
            batch.kept.iter().any(|one| one.place() == place)
                || batch.gone.iter().any(|(drawer, key)| (*drawer, key.as_str()) == place)
        };
        self.batch.kept.retain(|one| !touched(one.place()));
        self.batch.gone.retain(|(drawer, key)| !touched((*drawer, key.as_str())));
        self.batch.local_incidents.extend(batch.local_incidents);
        self.batch.local_maintenances.extend(batch.local_maintenances);
        self.batch.removed.extend(batch.removed);
        self.batch.kept.extend(batch.kept);
        self.batch.gone.extend(batch.gone);
        self.batch.questions.extend(batch.questions);
        self.batch.audit.extend(batch.audit);
        self.batch.said.extend(batch.said);
        self.batch.unsaid.extend(batch.unsaid);
    }
}

/// True for a reading that found nothing new: that it went by is written within a second, with others.
fn went_by(change: &SourceChange) -> bool {
    change.state.is_none() && change.detected.is_none()
}

fn fold(older: &mut SourceChange, newer: SourceChange) {
    older.transport = newer.transport;
    older.touched.extend(newer.touched);
    older.past_incidents.extend(newer.past_incidents);
    older.past_maintenances.extend(newer.past_maintenances);
    older.detected = newer.detected.or(older.detected.take());
    older.state = newer.state.or(older.state.take());
    older.receipts.extend(newer.receipts);
    drop_oldest(&mut older.receipts);
}

/// Receipts that wait for the disk are held in memory: the oldest go first, the newest reading stays whole.
fn drop_oldest(receipts: &mut Vec<Receipt>) {
    let newest = receipts.last().and_then(|receipt| receipt.reading.noticed_at);
    let mut bytes = 0_usize;
    let mut full = false;
    let mut stays: Vec<bool> = Vec::with_capacity(receipts.len());
    for receipt in receipts.iter().rev() {
        bytes = bytes.saturating_add(receipt.body.len());
        full |= bytes > limits::RECEIPTS_WAITING;
        stays.push(!full || receipt.reading.noticed_at == newest);
    }
    let mut stays = stays.into_iter().rev();
    receipts.retain(|_| stays.next().unwrap_or(true));
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
        if round.batch.sources.is_empty() && self.unwritten.is_empty() {
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
        let only_went_by = !batch.sources.is_empty() && batch.events.is_empty() && batch.sources.iter().all(went_by);
        self.unwritten.add(batch);
        if !only_went_by {
            // A reading goes on from memory; that the disk refuses is told and tried again.
            let _ = self.write(inputs).await;
        }
        self.publish(events, reconfigured);
        self.answer(replies);
    }

    /// Writes everything that is not written yet.
    pub(super) async fn write(&mut self, inputs: usize) -> Result<(), StoreError> {
        if self.unwritten.is_empty() && self.unwritten.batch.audit.is_empty() && self.unwritten.batch.said.is_empty() {
            return Ok(());
        }
        let started = self.clock.now().mono;
        let batch = Arc::new(std::mem::take(&mut self.unwritten.batch));
        let shared = Arc::clone(&batch);
        let written = self.store.run(move |store| store.commit(&shared)).await;
        self.metrics.commit(self.clock.now().mono.saturating_sub(started), inputs);
        if let Err(error) = written {
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

    /// Publishes at once what changed, and newer times every few seconds.
    pub(super) fn publish(&mut self, events: Vec<Event>, at_once: bool) {
        let now = self.clock.now();
        let due = now.mono.saturating_sub(self.published_at) >= limits::QUIET_PUBLISH;
        if events.is_empty() && !at_once && !due {
            return;
        }
        self.published_at = now.mono;
        self.present.refresh(now);
        let snapshot = Arc::new(self.present.snapshot(now, &self.pulse));
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
