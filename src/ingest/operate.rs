//! Orders of operators: carried out together, committed together, answered when they are on the disk.
//!
//! # Invariants
//! * An order that is answered as done is on the disk with its events and its row in the audit log.
//! * One that is refused, by the rules or by the disk, has changed nothing.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Command, Done, Effect, Order, Post, Refused};
use crate::model::desk::{Desk, Drawer};
use crate::model::id::{IncidentId, SeriesId};
use crate::model::incident::{Incident, Maintenance, Phase};
use crate::model::state::Now;
use crate::model::subscriber::SubscriberChange;
use crate::rules::{desk, subscribers, upkeep};
use crate::store::{Batch, Said, StoreError};

use super::work::Round;
use super::{Input, Writer};

/// Puts an answer down as it is to be given again; `None`: whoever asks again is to be heard again.
pub type PutDown = Box<dyn Fn(&Done) -> Option<String> + Send + Sync>;

/// A write that may come again.
pub struct Once {
    /// Who asks, and the key of the write.
    pub key: String,
    /// Digest of the request: another one with the same key is a mistake.
    pub request: String,
    /// Puts an answer down as it is to be given again.
    pub put_down: PutDown,
}

impl std::fmt::Debug for Once {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Once").field("key", &self.key).finish_non_exhaustive()
    }
}

/// An order on its way to the writer.
#[derive(Debug)]
pub struct Asked {
    /// What is asked for, by whom.
    pub order: Order,
    /// It may come again.
    pub once: Option<Once>,
    /// Answered when it is on the disk, or refused.
    pub reply: oneshot::Sender<Result<Answer, Refused>>,
}

/// What came of an order.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It was carried out; the snapshot that has it in it has this number or a later one.
    Done(Done, u64),
    /// It was carried out before, and answered so.
    Again(String),
}

/// What an order names that is too old to be held in memory.
#[derive(Debug, Default)]
pub struct Old {
    /// Incidents.
    pub incidents: Vec<Incident>,
    /// A maintenance.
    pub maintenance: Option<Maintenance>,
}

/// Whether a write came before.
enum Before {
    /// It did not.
    Never,
    /// It did, and was answered so.
    Stored(String),
    /// It came in this round, and neither is on the disk yet.
    InThisRound(String),
}

/// One order that was carried out in memory and waits for the disk.
struct Waiting {
    reply: oneshot::Sender<Result<Answer, Refused>>,
    answer: Answer,
}

impl super::Door {
    /// Hands an order to the writer and waits until it is on the disk.
    ///
    /// # Errors
    /// Why it was not carried out; nothing was changed then.
    pub async fn order(&self, order: Order, once: Option<Once>) -> Result<Answer, Refused> {
        let (reply, answer) = oneshot::channel();
        let stopping = || Refused::NotStored("allclear is stopping".to_owned());
        if !self.send(Input::Order(Box::new(Asked { order, once, reply }))).await {
            return Err(stopping());
        }
        answer.await.unwrap_or_else(|_| Err(stopping()))
    }
}

impl Writer {
    /// Carries out orders, commits them together and answers.
    pub(super) async fn operate(&mut self, orders: Vec<Asked>) {
        let now = self.clock.now();
        let (before, seq) = (Arc::clone(self.present.desk()), self.present.seq);
        let mut round = Round::default();
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut desk: Desk = before.as_ref().clone();
        let mut undo = Undo::default();
        for Asked { order, once, reply } in orders {
            let answer = match self.said_before(once.as_ref(), &round, now.wall).await {
                Ok(Before::Stored(said)) => Err(Ok(Answer::Again(said))),
                Ok(Before::InThisRound(said)) => Ok(Answer::Again(said)),
                Ok(Before::Never) => {
                    self.carry_out(&order, once, &mut desk, &mut round, &mut undo, now).await.map_err(Err)
                }
                Err(refused) => Err(Err(refused)),
            };
            match answer {
                Ok(answer) => waiting.push(Waiting { reply, answer }),
                // This does not wait for the disk. Whoever asked may have gone.
                Err(at_once) => drop(reply.send(at_once)),
            }
        }
        let stored = self.commit_orders(round, desk, &before, seq, undo).await;
        for Waiting { reply, answer } in waiting {
            let answer = stored.as_ref().map(|()| answer).map_err(|problem| Refused::NotStored(problem.to_string()));
            let _ = reply.send(answer);
        }
    }

    /// What was answered to the same write before.
    async fn said_before(&self, once: Option<&Once>, round: &Round, now: Timestamp) -> Result<Before, Refused> {
        let Some(once) = once else { return Ok(Before::Never) };
        let same = |said: Said| match said.request == once.request {
            true => Ok(said.answer),
            false => Err(Refused::Conflict(
                "this Idempotency-Key was used for another request: give every write a key of its own".to_owned(),
            )),
        };
        if let Some(said) = round.batch.said.iter().find(|said| said.key == once.key) {
            return same(said.clone()).map(Before::InThisRound);
        }
        // A failed disk may have kept an answer that nobody was given.
        if self.unwritten.takes_back(&once.key) {
            return Ok(Before::Never);
        }
        let key = once.key.clone();
        let read = self.store.run(move |store| store.answered(&key, now)).await;
        match read.map_err(|error| Refused::NotStored(error.to_string()))? {
            Some(said) => same(said).map(Before::Stored),
            None => Ok(Before::Never),
        }
    }

    async fn carry_out(
        &mut self,
        order: &Order,
        once: Option<Once>,
        on: &mut Desk,
        round: &mut Round,
        undo: &mut Undo,
        now: Now,
    ) -> Result<Answer, Refused> {
        let old = self.old(&order.command, on, &round.batch.removed, now.wall).await?;
        let effect = self.present.scene(on, &old, now.wall, |scene| desk::apply(scene, order))?;
        undo.remember(on, &old, &effect);
        *on = desk::after(on, &effect);
        let Effect { incidents, maintenances, removed, kept, gone, events, questions, audit, unlogged, done } = effect;
        for event in events {
            self.note(event, round);
        }
        let batch = &mut round.batch;
        batch.local_incidents.retain(|one| !removed.contains(&one.id));
        batch.local_maintenances.retain(|one| !removed.contains(&one.id));
        batch.removed.retain(|id| incidents.iter().all(|one| one.id != *id));
        batch.kept.retain(|one| {
            let (drawer, key) = one.place();
            !gone.iter().any(|(from, gone)| *from == drawer && gone == key)
        });
        batch.questions.retain(|id| gone.iter().all(|(from, gone)| *from != Drawer::Subscriber || gone != id));
        batch.gone.retain(|(drawer, key)| kept.iter().all(|one| one.place() != (*drawer, key.as_str())));
        batch.local_incidents.extend(incidents);
        batch.local_maintenances.extend(maintenances);
        batch.removed.extend(removed);
        batch.kept.extend(kept);
        batch.gone.extend(gone);
        batch.questions.extend(questions);
        batch.audit.extend((!unlogged).then_some(audit));
        if let Some(Once { key, request, put_down }) = once {
            undo.0.unsaid.push(key.clone());
            let answer = put_down(&done);
            batch.said.extend(answer.map(|answer| Said { key, at: now.wall, request, answer }));
        }
        Ok(Answer::Done(done, self.present.seq))
    }

    /// What the order names, where it is not held in memory any more. What goes in this very round is not there.
    async fn old(&self, command: &Command, on: &Desk, removed: &[IncidentId], now: Timestamp) -> Result<Old, Refused> {
        let mut ids = self.present.scene(on, &Old::default(), now, |scene| desk::named(scene, command));
        ids.retain(|id| !on.incidents.contains_key(id) && !on.maintenances.contains_key(id) && !is_upstream(id));
        ids.retain(|id| !removed.contains(id));
        if ids.is_empty() {
            return Ok(Old::default());
        }
        let subject = command.subject().cloned();
        let read = self.store.run(move |store| {
            let found: Result<Vec<_>, _> = ids.iter().map(|id| store.incident(id)).collect();
            let maintenance = subject.map(|id| store.maintenance(&id)).transpose()?.flatten();
            Ok((found?, maintenance))
        });
        let (found, maintenance) = read.await.map_err(|error| Refused::NotStored(error.to_string()))?;
        let incidents = found.into_iter().flatten().filter(|incident| incident.source.is_none()).collect();
        Ok(Old { incidents, maintenance: maintenance.filter(|maintenance| maintenance.source.is_none()) })
    }

    async fn commit_orders(
        &mut self,
        round: Round,
        mut desk: Desk,
        before: &Arc<Desk>,
        seq: u64,
        undo: Undo,
    ) -> Result<(), StoreError> {
        let (kept, gone) = (&round.batch.kept, &round.batch.gone);
        if round.batch.audit.is_empty() && round.batch.said.is_empty() && kept.is_empty() && gone.is_empty() {
            return Ok(());
        }
        // Who signs in, and what is only held back, changes nothing that a page shows.
        let drawers = kept.iter().map(|one| one.place().0).chain(gone.iter().map(|(drawer, _)| *drawer));
        let unseen = round.batch.events.is_empty()
            && round.batch.local_incidents.is_empty()
            && round.batch.local_maintenances.is_empty()
            && round.batch.removed.is_empty()
            && drawers.into_iter().all(Drawer::is_unseen);
        let events = round.batch.events.clone();
        let (held_back, was_well) = (self.unwritten.mark(), self.pulse.store().is_none());
        self.unwritten.add(round.batch);
        let now = self.clock.now().wall;
        forget_old(&mut desk, now);
        // What will be shown is written with what it is shown for.
        self.present.set_desk(Arc::new(desk));
        if !unseen {
            self.capture();
        }
        let written = self.write(0).await;
        if written.is_err() {
            self.unwritten.take_back(held_back, undo.into_batch());
            self.present.set_desk(Arc::clone(before));
            self.present.seq = seq;
            // The page says at once that the disk takes nothing.
            self.publish(Vec::new(), was_well);
            return written;
        }
        self.latest_desk.send_replace(Arc::clone(self.present.desk()));
        self.publish(events, !unseen);
        Ok(())
    }

    /// What time makes happen on the desk: what was set until now ends, maintenances begin, end and are reminded of,
    /// those that come again are announced, and alerts that were held back for long enough are made known.
    pub(super) async fn wind_up(&mut self) {
        let now = self.clock.now();
        let mut commands = due(self.present.desk(), now.wall);
        commands.extend(self.present.overdue(now.wall).into_iter().map(|(hook, keys)| Command::Follow(hook, keys)));
        if now.mono.saturating_sub(self.unrolled_at) >= limits::UNROLL_EVERY {
            self.unrolled_at = now.mono;
            let desk = Arc::clone(self.present.desk());
            let behind = |id: &&SeriesId| {
                self.present.scene(&desk, &Old::default(), now.wall, |scene| desk::is_behind(scene, id))
            };
            commands.extend(desk.series.keys().filter(behind).map(|id| Command::Unroll(id.clone())));
            let spent = self.present.spent(now.wall);
            commands.extend((!spent.is_empty()).then_some(Command::Forget(spent)));
            let silent = subscribers::silent(&desk.subscribers, now.wall);
            let forget = || Command::Subscriber(SubscriberChange::Forget(silent.clone()));
            commands.extend((!silent.is_empty()).then(forget));
        }
        if commands.is_empty() {
            return;
        }
        let asked = commands.into_iter().map(|command| {
            let (reply, _) = oneshot::channel();
            let actor = match &command {
                Command::Follow(hook, _) => Actor::hook(hook, None),
                _ => Actor::program(),
            };
            Asked { order: Order { actor, command }, once: None, reply }
        });
        self.operate(asked.collect()).await;
    }
}

/// What has to happen by now.
fn due(desk: &Desk, now: Timestamp) -> Vec<Command> {
    let over = |until: Option<Timestamp>| until.is_some_and(|until| until <= now);
    let sources = desk.overrides.values().filter(|set| over(set.until));
    let services = desk.by_hand.values().filter(|set| over(set.until));
    let mut commands: Vec<Command> = sources
        .map(|set| Command::EndOverride(set.source.clone(), Some(set.version)))
        .chain(services.map(|set| Command::EndService(set.service.clone(), Some(set.version))))
        .collect();
    for one in desk.maintenances.values().filter(|one| one.is_open()) {
        let (Some(phase), Some(local)) = (one.phase, &one.local) else { continue };
        let facts = upkeep::Facts { phase, starts_at: one.starts_at, ends_at: one.ends_at, plan: &local.plan };
        let work = |phase| Command::Work(one.id.clone(), None, Post { phase: Some(phase), ..Post::default() });
        commands.extend(upkeep::due(&facts, now).into_iter().map(|step| match step {
            upkeep::Step::Remind(before) => Command::Remind(one.id.clone(), before),
            upkeep::Step::Start => work(Phase::InProgress),
            upkeep::Step::End => work(Phase::Completed),
        }));
    }
    commands
}

/// Ids of what vendors tell hold a dot; ours never do.
fn is_upstream(id: &IncidentId) -> bool {
    id.as_str().contains('.')
}

/// What is long over stays in the store alone.
fn forget_old(desk: &mut Desk, now: Timestamp) {
    let since = now.checked_sub(limits::RECENT).unwrap_or(Timestamp::MIN);
    let recent = |end: Option<Timestamp>| end.is_none_or(|end| end >= since);
    desk.incidents.retain(|_, one| one.is_open() || recent(one.resolved_at.or(one.updated_at)));
    desk.maintenances.retain(|_, one| one.is_open() || recent(one.ends_at.or(one.updated_at)));
    let mut past: Vec<_> = desk.incidents.values().filter(|one| !one.is_open()).collect();
    past.sort_by_key(|one| std::cmp::Reverse(one.resolved_at));
    let surplus: Vec<IncidentId> = past.iter().skip(limits::RECENT_INCIDENTS).map(|one| one.id.clone()).collect();
    for id in surplus {
        desk.incidents.remove(&id);
    }
}

/// How things were before a round of orders: a disk that reports a failure may have kept it all the same, and what was
/// refused must not come back with the next start.
#[derive(Debug, Default)]
struct Undo(Batch);

impl Undo {
    fn remember(&mut self, on: &Desk, old: &Old, effect: &Effect) {
        let batch = &mut self.0;
        let gone = effect.removed.iter();
        for id in effect.incidents.iter().map(|one| &one.id).chain(gone.clone()) {
            if batch.local_incidents.iter().any(|one| one.id == *id) || batch.removed.contains(id) {
                continue;
            }
            let was = on.incidents.get(id).map(|one| one.as_ref().clone());
            match was.or_else(|| old.incidents.iter().find(|one| one.id == *id).cloned()) {
                Some(incident) => batch.local_incidents.push(incident),
                None if !on.maintenances.contains_key(id) => batch.removed.push(id.clone()),
                None => {}
            }
        }
        for id in effect.maintenances.iter().map(|one| &one.id).chain(gone) {
            if batch.local_maintenances.iter().any(|one| one.id == *id) || batch.removed.contains(id) {
                continue;
            }
            let was = on.maintenances.get(id).map(|one| one.as_ref().clone());
            match was.or_else(|| old.maintenance.clone().filter(|one| one.id == *id)) {
                Some(maintenance) => batch.local_maintenances.push(maintenance),
                None if !on.incidents.contains_key(id) => batch.removed.push(id.clone()),
                None => {}
            }
        }
        let changed = effect.kept.iter().map(|kept| kept.place());
        let gone = effect.gone.iter().map(|(drawer, key)| (*drawer, key.as_str()));
        for (drawer, key) in changed.chain(gone) {
            let known = batch.kept.iter().any(|kept| kept.place() == (drawer, key));
            if known || batch.gone.iter().any(|(from, gone)| *from == drawer && gone == key) {
                continue;
            }
            match on.get(drawer, key) {
                Some(kept) => batch.kept.push(kept),
                None => batch.gone.push((drawer, key.to_owned())),
            }
        }
    }

    fn into_batch(self) -> Batch {
        self.0
    }
}
