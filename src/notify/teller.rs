//! The one who decides: woken by what happens and by time, and patient with a disk that refuses.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::receivers::{self, Receiver};
use super::round::{Done, Facts, State};
use crate::channels::Plan;
use crate::model::delivery::{Delivery, Status};
use crate::model::id::{ChannelId, ReceiverId};
use crate::model::ledger::Style;
use crate::nudge::post::Wish;
use crate::store::{Store, StoreError};

/// How long a wait for time may be, so that a clock that was set is noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Decides who hears what.
#[derive(Debug)]
pub struct Teller {
    shared: Shared,
    plan: watch::Receiver<Arc<Plan>>,
    wishes: mpsc::Receiver<Wish>,
    queued: Arc<Notify>,
    receivers: Arc<BTreeMap<ReceiverId, Receiver>>,
    /// `None` until it was read.
    state: Option<State>,
}

impl Teller {
    /// One that has read nothing yet.
    pub fn new(
        shared: Shared,
        plan: watch::Receiver<Arc<Plan>>,
        wishes: mpsc::Receiver<Wish>,
        queued: Arc<Notify>,
    ) -> Self {
        Self { shared, plan, wishes, queued, receivers: Arc::default(), state: None }
    }

    /// Decides until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        self.take_up().await;
        let mut wait = Duration::ZERO;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                Some(wish) = self.wishes.recv() => {
                    self.grant(wish).await;
                    continue;
                }
                Ok(()) = self.plan.changed() => self.take_up().await,
                Ok(()) = self.shared.desk.changed() => self.take_up().await,
                Ok(()) = self.shared.latest.changed() => {}
                () = self.shared.clock.sleep(wait) => {}
            }
            wait = match self.round().await {
                Ok(done) if done.more => Duration::ZERO,
                Ok(done) => self.until(done.due),
                // The writer says on the page that the disk refuses; here it is tried again.
                Err(_) => LONGEST_WAIT,
            };
        }
    }

    fn until(&self, due: Option<Timestamp>) -> Duration {
        let now = self.shared.clock.now().wall;
        let wait = due.map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default());
        // Not at the very moment: times of the store have no less than microseconds.
        wait.unwrap_or(LONGEST_WAIT).saturating_add(Duration::from_millis(1)).min(LONGEST_WAIT)
    }

    /// Takes up who is told now. Whoever left is forgotten, and what was queued for them dropped.
    async fn take_up(&mut self) {
        let plan = Arc::clone(&self.plan.borrow_and_update());
        let desk = Arc::clone(&self.shared.desk.borrow_and_update());
        self.receivers = Arc::new(receivers::all(&plan, &desk));
        if let Err(error) = self.read().await {
            tracing::error!(%error, "what people were told cannot be read");
            return;
        }
        let Some(state) = &mut self.state else { return };
        let is_gone = |id: &&ReceiverId| id.as_channel().is_some() && !self.receivers.contains_key(*id);
        let channels: Vec<ReceiverId> = state.known.keys().filter(is_gone).cloned().collect();
        let retired = channels.clone();
        // A channel's history is the team's; a reader's data is the reader's.
        let forget = move |store: &Store| {
            let readers = store.parted()?;
            if !retired.is_empty() {
                store.retire_receivers(&retired)?;
            }
            store.forget_receivers(&readers)?;
            Ok(readers)
        };
        match self.shared.store.run(forget).await {
            Ok(readers) => state.known.retain(|id, _| !channels.contains(id) && !readers.contains(id)),
            Err(error) => {
                tracing::warn!(%error, "who is told no more could not be forgotten; the next change tries again");
            }
        }
    }

    async fn read(&mut self) -> Result<(), StoreError> {
        if self.state.is_none() {
            self.state = Some(self.shared.store.run(State::load).await?);
        }
        Ok(())
    }

    async fn round(&mut self) -> Result<Done, StoreError> {
        let result = self.decide().await;
        match &result {
            Ok(done) => {
                self.shared.pulse.set_telling(None);
                if done.queued {
                    self.queued.notify_one();
                }
            }
            Err(error) => {
                if self.shared.pulse.telling().is_none() {
                    tracing::error!(%error, "nobody can be told of anything; it is tried again");
                }
                self.shared.pulse.set_telling(Some(error.to_string()));
            }
        }
        result
    }

    async fn decide(&mut self) -> Result<Done, StoreError> {
        // Who came while this was busy is there for all that happens from then on.
        while self.plan.has_changed().unwrap_or(false) {
            self.take_up().await;
        }
        self.read().await?;
        let Some(mut state) = self.state.take() else { return Ok(Done::default()) };
        let snapshot = Arc::clone(&self.shared.latest.borrow_and_update());
        let facts = Facts {
            receivers: Arc::clone(&self.receivers),
            snapshot,
            fallback: self.fallbacks(),
            now: self.shared.clock.now().wall,
        };
        let metrics = Arc::clone(&self.shared.metrics);
        // Where this fails, what is known is read anew: nothing of the round was written.
        let (state, done) = self
            .shared
            .store
            .run(move |store| {
                let done = state.round(store, &facts)?;
                let (queued, dead) = store.delivery_counts()?;
                metrics.deliveries(queued, dead);
                metrics.stored(store.outbox_len()?, store.bytes());
                Ok((state, done))
            })
            .await?;
        self.state = Some(state);
        Ok(done)
    }

    /// Channels on which another one's trouble may be told: the one that is named, then those that work, in their order.
    fn fallbacks(&self) -> Vec<ChannelId> {
        let plan = self.plan.borrow();
        let failing = self.shared.pulse.channels();
        let all = plan.lines.iter().map(|line| &line.id);
        let working = all.filter(|id| !failing.contains_key(id.as_str()));
        plan.fallback.iter().chain(working).cloned().collect()
    }

    async fn grant(&mut self, wish: Wish) {
        // Whoever asked may have gone.
        match wish {
            Wish::Test(channel, reply) => drop(reply.send(self.test(channel).await)),
            Wish::Resend(id, reply) => drop(reply.send(self.resend(id).await)),
        }
    }

    async fn test(&mut self, channel: ChannelId) -> Result<u64, String> {
        let receiver = ReceiverId::channel(&channel);
        if !self.receivers.contains_key(&receiver) {
            return Err(format!("there is no channel `{channel}`"));
        }
        self.read().await.map_err(|error| error.to_string())?;
        let Some(mut state) = self.state.take() else { return Err("nothing can be sent now".to_owned()) };
        let now = self.shared.clock.now().wall;
        let queued = self.shared.store.run(move |store| {
            let id = state.queue(store, receiver, Style::Test, now)?;
            Ok((state, id))
        });
        let (state, id) = queued.await.map_err(|error| error.to_string())?;
        self.state = Some(state);
        self.queued.notify_one();
        Ok(id)
    }

    async fn resend(&mut self, id: u64) -> Result<u64, String> {
        let now = self.shared.clock.now().wall;
        let again = self.shared.store.run(move |store| {
            let Some(one) = store.delivery(id)? else { return Ok(Err(format!("there is no delivery {id}"))) };
            if one.status != Status::Dead {
                let status = one.status.as_str();
                return Ok(Err(format!("delivery {id} is {status}: only what was given up can be sent again")));
            }
            store.put_deliveries(&[Delivery {
                status: Status::Queued,
                tries: 0,
                made_at: now,
                next_at: now,
                ..one
            }])?;
            Ok(Ok(id))
        });
        let id = again.await.map_err(|error| error.to_string())??;
        self.queued.notify_one();
        Ok(id)
    }
}
