//! The present rules over news of the past: what would have been told, and what held, and why.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::announce::{self, Step};
use crate::model::id::ReceiverId;
use crate::model::ledger::{Decision, Fate, Item, Ledger, Letter, Wait, Why};
use crate::model::news::News;
use crate::model::policy::Policy;

/// Steps at one moment that are believed to lead somewhere.
const ROUNDS: u32 = 16;

/// Somebody who would have been told.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Who.
    pub id: ReceiverId,
    /// What they hear, and when.
    pub policy: Policy,
    /// Whether what they were told can be changed there.
    pub can_edit: bool,
}

/// What would have come of it for one receiver.
#[derive(Debug, Clone, Default)]
pub struct Rehearsal {
    /// The messages, oldest first, each with the moment at which it would have been made.
    pub letters: Vec<(Timestamp, Letter)>,
    /// How many events would have been told by a message of their own, or first in one.
    pub told: u64,
    /// How many would have gone with another message.
    pub folded: u64,
    /// How many would still wait, by what they wait for.
    pub waits: HashMap<Wait, u64>,
    /// How many would have been held, by the reason.
    pub held: HashMap<Why, u64>,
}

/// Takes one receiver, who has heard nothing yet, through the news in the order of their numbers, and on to `now`.
pub fn rehearse(listener: &Listener, news: &[News], now: Timestamp) -> Rehearsal {
    let (ledger, at) = (Ledger::default(), Timestamp::MIN);
    let mut stage = Stage { listener, ledger, at, letters: Vec::new(), fates: BTreeMap::new() };
    for one in news {
        stage.pass_time(one.at.min(now));
        let Listener { id, policy, .. } = listener;
        let step = announce::take(&mut stage.ledger, policy, id, Timestamp::MIN, one, stage.at);
        stage.follow(step);
    }
    stage.pass_time(now);
    let mut letters = stage.letters;
    letters.retain(|(_, letter)| !letter.items.is_empty());
    let mut rehearsal = Rehearsal { letters, ..Rehearsal::default() };
    for fate in stage.fates.into_values() {
        match fate {
            Fate::Queued(_) => rehearsal.told += 1,
            Fate::Folded(_) => rehearsal.folded += 1,
            Fate::Waits(wait, _) => *rehearsal.waits.entry(wait).or_default() += 1,
            Fate::Held(why) => *rehearsal.held.entry(why).or_default() += 1,
        }
    }
    rehearsal
}

/// A message without what would only change another one that cannot be changed there; `None` where nothing is left.
/// What is left out was held, since this receiver takes no such news.
pub fn sendable(mut letter: Letter, can_edit: bool, id: u64, decisions: &mut [Decision]) -> Option<Letter> {
    if can_edit || letter.items.iter().all(|item| !item.edit) {
        return Some(letter);
    }
    let (left_out, kept): (Vec<Item>, Vec<Item>) = letter.items.into_iter().partition(|item| item.edit);
    letter.items = kept;
    let is_left_out = |decision: &Decision| {
        left_out.iter().any(|item| {
            item.seq == decision.seq || item.covers.contains(&decision.seq) || item.thread == decision.thread
        })
    };
    for decision in decisions.iter_mut() {
        if matches!(decision.fate, Fate::Queued(to) | Fate::Folded(to) if to == id) && is_left_out(decision) {
            decision.fate = Fate::Held(Why::OtherKind);
        }
    }
    (!letter.items.is_empty()).then_some(letter)
}

struct Stage<'a> {
    listener: &'a Listener,
    ledger: Ledger,
    /// The moment that is played.
    at: Timestamp,
    letters: Vec<(Timestamp, Letter)>,
    /// The last decision about each piece of news.
    fates: BTreeMap<u64, Fate>,
}

impl Stage<'_> {
    /// Lets everything happen that time brings until this moment.
    fn pass_time(&mut self, until: Timestamp) {
        let mut rounds = 0;
        while let Some(due) = announce::next_due(&self.ledger).filter(|due| *due <= until) {
            // A moment that has passed means now.
            let due = due.max(self.at);
            // What is due and does not move on is no reason to go round for ever.
            rounds = if due == self.at { rounds + 1 } else { 0 };
            if rounds > ROUNDS {
                break;
            }
            self.at = due;
            let next = u64::try_from(self.letters.len()).unwrap_or(u64::MAX).saturating_add(1);
            let Listener { id, policy, .. } = self.listener;
            let step = announce::due(&mut self.ledger, policy, id, due, next);
            self.follow(step);
        }
        self.at = self.at.max(until);
    }

    fn follow(&mut self, step: Step) {
        let Step { mut decisions, letters } = step;
        for letter in letters {
            let id = u64::try_from(self.letters.len()).unwrap_or(u64::MAX).saturating_add(1);
            // A number is spent on a message that is not sent, as it is when it is told.
            let sent = sendable(letter.clone(), self.listener.can_edit, id, &mut decisions);
            self.letters.push((self.at, sent.unwrap_or(Letter { items: Vec::new(), ..letter })));
        }
        self.fates.extend(decisions.into_iter().map(|decision| (decision.seq, decision.fate)));
    }
}
