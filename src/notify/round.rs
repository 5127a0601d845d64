//! One round of decisions: events and time in, one transaction out. Blocking; nothing here waits for anybody.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::receivers::Receiver;
use crate::limits;
use crate::model::delivery::{Delivery, Status};
use crate::model::event::Event;
use crate::model::id::{ChannelId, ReceiverId, SourceId};
use crate::model::ledger::{Decision, Fate, Letter, Registered, Style, Why};
use crate::model::news::{News, Thread};
use crate::model::snapshot::Snapshot;
use crate::rules::announce::{self, Step};
use crate::rules::rehearse;
use crate::store::{Store, StoreError, Telling};

/// What is known of everybody who is told.
#[derive(Debug, Default)]
pub struct State {
    /// As it is stored.
    pub known: HashMap<ReceiverId, Registered>,
    /// The number of the last delivery.
    pub last: u64,
}

/// What a round goes by.
#[derive(Debug)]
pub struct Facts {
    /// Who is told.
    pub receivers: Arc<BTreeMap<ReceiverId, Receiver>>,
    /// The newest present.
    pub snapshot: Arc<Snapshot>,
    /// On which channel the trouble of another one is told.
    pub fallback: Vec<ChannelId>,
    /// The time.
    pub now: Timestamp,
}

/// What came of a round.
#[derive(Debug, Default)]
pub struct Done {
    /// There is something to send.
    pub queued: bool,
    /// There may be more to decide.
    pub more: bool,
    /// When time makes something happen.
    pub due: Option<Timestamp>,
}

impl State {
    /// What was known when the program last stopped.
    pub fn load(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { known: store.ledgers()?.into_iter().collect(), last: store.last_delivery()? })
    }

    /// Decides about what waits in the outbox, and about what time has brought.
    pub fn round(&mut self, store: &Store, facts: &Facts) -> Result<Done, StoreError> {
        // A round is one transaction: its size is events times receivers.
        let limit = (50_000 / facts.receivers.len().max(1)).clamp(1, limits::TELLING);
        let mut events = store.outbox_after(0, limit)?;
        let questions = store.questions(limits::TELLING)?;
        let more = events.len() == limit || questions.len() == limits::TELLING;
        // What the snapshot does not have in it yet is told with the next one.
        events.retain(|event| event.seq <= facts.snapshot.seq);
        let more = more && !events.is_empty();
        let mut telling = Telling { done: events.iter().map(|event| event.seq).collect(), ..Telling::default() };
        let mut changed: HashMap<ReceiverId, Registered> = HashMap::new();
        let mut last = self.last;
        self.register(facts, &events, &mut changed);
        let news: Vec<News> = events.iter().filter_map(|event| announce::news(event, &facts.snapshot)).collect();
        for (id, receiver) in facts.receivers.iter() {
            let Some(known) = changed.get(id).or_else(|| self.known.get(id)) else { continue };
            let is_due = announce::next_due(&known.ledger).is_some_and(|due| due <= facts.now);
            if news.is_empty() && !is_due {
                continue;
            }
            let mut now = known.clone();
            step(id, receiver, &mut now, &news, facts, &mut telling, &mut last);
            if now != *known {
                changed.insert(id.clone(), now);
            }
        }
        for id in questions {
            last += 1;
            let letter = Letter { style: Style::Confirm, items: Vec::new() };
            telling.deliveries.push(delivery(last, ReceiverId::subscriber(&id), letter, facts.now));
            telling.asked.push(id);
        }
        telling.news = news;
        telling.ledgers = changed.iter().map(|(id, one)| (id.clone(), one.clone())).collect();
        let is_empty = telling.done.is_empty() && telling.ledgers.is_empty() && telling.deliveries.is_empty();
        if !is_empty {
            store.tell(&telling)?;
        }
        self.known.extend(changed);
        self.last = last;
        let dues = facts.receivers.keys().filter_map(|id| announce::next_due(&self.known.get(id)?.ledger));
        Ok(Done { queued: !telling.deliveries.is_empty(), more, due: dues.min() })
    }

    /// Queues a message that no rule has decided.
    pub fn queue(&mut self, store: &Store, to: ReceiverId, style: Style, now: Timestamp) -> Result<u64, StoreError> {
        let id = self.last + 1;
        let letter = Letter { style, items: Vec::new() };
        store.put_deliveries(&[delivery(id, to, letter, now)])?;
        self.last = id;
        Ok(id)
    }

    /// Takes up who is new. What was decided upon before somebody was there is not told to them.
    fn register(&self, facts: &Facts, events: &[Event], changed: &mut HashMap<ReceiverId, Registered>) {
        // Not since now: what is being written at this moment happened after the newest snapshot, and is for them.
        let seen = facts.snapshot.generated_at.min(facts.now);
        let first = events.first().map_or(seen, |event| event.at.min(seen));
        for (id, receiver) in facts.receivers.iter().filter(|(id, _)| !self.known.contains_key(*id)) {
            let since = receiver.since.unwrap_or(first);
            changed.insert(id.clone(), Registered { since, ledger: Default::default() });
        }
    }
}

/// Takes one receiver through the news and up to now.
fn step(
    id: &ReceiverId,
    receiver: &Receiver,
    known: &mut Registered,
    news: &[News],
    facts: &Facts,
    telling: &mut Telling,
    last: &mut u64,
) {
    let Registered { since, ledger } = known;
    let is_watched = |source: &SourceId| facts.snapshot.source(source.as_str()).is_some();
    telling.decisions.extend(announce::let_go(ledger, id, &is_watched, facts.now));
    let mut steps: Vec<Step> = Vec::new();
    for one in news.iter().filter(|one| is_for(id, one, facts)) {
        steps.push(announce::take(ledger, &receiver.policy, id, *since, one, facts.now));
    }
    let first = *last + 1;
    steps.push(announce::due(ledger, &receiver.policy, id, facts.now, first));
    for Step { mut decisions, letters } in steps {
        for letter in letters {
            *last += 1;
            let told = *last;
            let sent = rehearse::sendable(letter, receiver.can_edit, told, &mut decisions);
            telling.deliveries.extend(sent.map(|letter| delivery(told, id.clone(), letter, facts.now)));
        }
        telling.decisions.extend(decisions.into_iter().filter(|one| !receiver.is_reader || was_asked_for(one)));
    }
}

/// That a channel takes no messages is told on one other channel.
fn is_for(id: &ReceiverId, news: &News, facts: &Facts) -> bool {
    let Thread::Here(what) = &news.thread else { return true };
    let Some(failing) = what.strip_prefix("channel/") else { return id.as_channel().is_some() };
    let other = facts.fallback.iter().find(|channel| channel.as_str() != failing);
    id.as_channel().is_some_and(|channel| Some(&channel) == other)
}

/// Readers number thousands, and most news is none of theirs.
fn was_asked_for(decision: &Decision) -> bool {
    let Fate::Held(why) = decision.fate else { return true };
    !matches!(why, Why::OtherSubject | Why::TooMild | Why::OtherKind | Why::OtherWords | Why::BeforeReceiver)
}

/// A message that is to be sent at once.
fn delivery(id: u64, receiver: ReceiverId, letter: Letter, now: Timestamp) -> Delivery {
    Delivery {
        id,
        receiver,
        letter,
        made_at: now,
        key: format!("msg_{id:x}_{:x}", now.as_microsecond()),
        status: Status::Queued,
        tries: 0,
        next_at: now,
        attempts: Vec::new(),
        reference: None,
    }
}
