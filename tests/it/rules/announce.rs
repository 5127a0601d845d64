//! Who hears what, and when: the published table, the properties, the storm, and how an event becomes news.

mod news;
mod properties;
mod rehearse;
mod storm;
mod table;

use std::collections::BTreeMap;
use std::time::Duration;

use allclear::limits;
use allclear::model::event::Cause;
use allclear::model::id::{IncidentId, ReceiverId, SourceId};
use allclear::model::ledger::{Decision, Fate, Item, Ledger, Letter};
use allclear::model::level::State;
use allclear::model::news::{News, NewsKind, Quiet, Thread, Tier};
use allclear::model::policy::{Confirm, Policy, Wants};
use allclear::rules::announce;
use jiff::Timestamp;

/// A receiver as one is configured without further words.
pub fn policy() -> Policy {
    Policy {
        wants: Wants::default(),
        zone: "UTC".to_owned(),
        confirm_vital: Confirm::After(limits::CONFIRM_VITAL),
        confirm: Confirm::After(limits::CONFIRM),
        confirm_background: Confirm::After(limits::CONFIRM_BACKGROUND),
        unreadable: limits::CONFIRM_UNREADABLE,
        group: limits::LETTER_GROUP,
        spacing: limits::LETTER_SPACING,
        quiet: Vec::new(),
        digest: None,
        remind: None,
    }
}

/// A piece of news of a normal vendor or, where the thread has no source, of ours.
pub fn some_news(seq: u64, at: Timestamp, thread: Thread, kind: NewsKind, state: State) -> News {
    let source = match &thread {
        Thread::Incident(id) | Thread::Maintenance(id) => {
            id.as_str().split_once('.').map(|(source, _)| source.to_owned())
        }
        Thread::Source(id) | Thread::Reading(id) => Some(id.as_str().to_owned()),
        Thread::Service(_) | Thread::Here(_) => None,
    };
    News {
        seq,
        at,
        kind,
        title: format!("About {thread}"),
        source_name: source.clone().unwrap_or_else(|| "Ours".to_owned()),
        tags: Vec::new(),
        tier: if source.is_some() { Tier::Normal } else { Tier::Vital },
        services: Vec::new(),
        components: Vec::new(),
        state,
        impact: None,
        phase: None,
        text: None,
        url: None,
        starts_at: None,
        ends_at: None,
        cause: Cause::Reading,
        local: source.is_none(),
        quiet: Quiet::default(),
        pace: limits::INTERVAL_IN_TROUBLE,
        source: source.map(SourceId::new),
        thread,
    }
}

pub fn incident(id: &str) -> Thread {
    Thread::Incident(IncidentId::new(id))
}

/// A receiver to whom news comes on a clock that the test moves.
pub struct Receiver {
    pub policy: Policy,
    pub since: Timestamp,
    pub ledger: Ledger,
    /// Everything that was decided, in order.
    pub decisions: Vec<Decision>,
    /// Every letter with its number and when it was made.
    pub letters: Vec<(u64, Timestamp, Letter)>,
    id: ReceiverId,
    now: Timestamp,
}

impl Receiver {
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            since: Timestamp::MIN,
            ledger: Ledger::default(),
            decisions: Vec::new(),
            letters: Vec::new(),
            id: ReceiverId::new("channel/team"),
            now: Timestamp::MIN,
        }
    }

    pub fn take(&mut self, news: &News, now: Timestamp) {
        self.now = self.now.max(now);
        let step = announce::take(&mut self.ledger, &self.policy, &self.id, self.since, news, now);
        assert!(step.letters.is_empty(), "news makes no letters");
        self.decisions.extend(step.decisions);
    }

    pub fn tick(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        let next = self.letters.len() as u64 + 1;
        let step = announce::due(&mut self.ledger, &self.policy, &self.id, now, next);
        self.decisions.extend(step.decisions);
        self.letters.extend(step.letters.into_iter().zip(next..).map(|(letter, id)| (id, now, letter)));
    }

    /// Lets time pass until then, waking when the ledger asks for it.
    pub fn until(&mut self, then: Timestamp) {
        let mut before = None;
        let now = self.now;
        while let Some(next) = announce::next_due(&self.ledger).filter(|next| *next <= then) {
            assert_ne!(before, Some((next, self.ledger.clone())), "what is due gets done");
            before = Some((next, self.ledger.clone()));
            self.tick(next.max(now));
        }
        self.now = self.now.max(then);
    }

    /// What became of each piece of news in the end.
    pub fn fates(&self) -> BTreeMap<u64, Fate> {
        self.decisions.iter().map(|decision| (decision.seq, decision.fate.clone())).collect()
    }

    pub fn items(&self) -> impl Iterator<Item = (&u64, &Letter, &Item)> {
        self.letters.iter().flat_map(|(id, _, letter)| letter.items.iter().map(move |item| (id, letter, item)))
    }
}

pub fn later(at: Timestamp, seconds: u64) -> Timestamp {
    at + Duration::from_secs(seconds)
}
