//! The decision log, made of what is kept: each event with what became of it for each receiver.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::model::delivery::{Delivery, Status};
use crate::model::ledger::{Decision, Fate, Why};
use crate::model::news::News;
use crate::model::told::{Because, Entry, Log, Outcome, Told};

/// The events of a log, oldest first. Channels are listed one by one, and so are the first `each` decisions about
/// readers; the others are counted.
pub fn entries(log: &Log, each: usize) -> Vec<Entry> {
    let news: BTreeMap<u64, &News> = log.news.iter().map(|news| (news.seq, news)).collect();
    let mut entries: BTreeMap<u64, Entry> = BTreeMap::new();
    let mut listed = 0;
    for decision in &log.decisions {
        let said = news.get(&decision.seq).copied();
        let entry = entries.entry(decision.seq).or_insert_with(|| Entry {
            seq: decision.seq,
            at: said.map_or(decision.at, |said| said.at),
            thread: decision.thread.clone(),
            news: said.cloned(),
            told: Vec::new(),
            readers: BTreeMap::new(),
        });
        let told = told(log, decision);
        let is_reader = decision.receiver.as_subscriber().is_some();
        if is_reader && listed >= each {
            *entry.readers.entry(told.outcome).or_default() += 1;
        } else {
            listed += usize::from(is_reader);
            entry.told.push(told);
        }
    }
    entries.into_values().collect()
}

/// What became of one event for one receiver.
fn told(log: &Log, decision: &Decision) -> Told {
    let mut told = Told {
        receiver: decision.receiver.clone(),
        at: decision.at,
        outcome: Outcome::Held,
        because: None,
        happening: None,
        delivery: None,
        sent_at: None,
        until: None,
    };
    let id = match decision.fate {
        Fate::Held(why) => {
            told.because = Some(Because::Held(why));
            return told;
        }
        Fate::Waits(wait, until) => {
            told.outcome = Outcome::Waits;
            told.because = Some(Because::Waits(wait));
            told.until = Some(until);
            return told;
        }
        Fate::Queued(id) | Fate::Folded(id) => id,
    };
    let delivery = log.deliveries.get(&id);
    let status = delivery.map(|delivery| delivery.status).or_else(|| log.statuses.get(&id).copied());
    told.delivery = Some((id, status));
    told.outcome = match (&decision.fate, status) {
        (_, None) => Outcome::Forgotten,
        (Fate::Folded(_), _) => Outcome::Folded,
        (_, Some(Status::Sent)) => Outcome::Sent,
        (_, Some(Status::Queued)) => Outcome::Queued,
        (_, Some(Status::Dead)) => Outcome::Failed,
        (_, Some(Status::Dropped)) => Outcome::Dropped,
    };
    told.because = because(told.outcome, status, delivery);
    if let Some(delivery) = delivery {
        let mut items = delivery.letter.items.iter();
        let item = items.find(|item| item.seq == decision.seq || item.covers.contains(&decision.seq));
        told.happening = item.map(|item| item.happening);
        told.sent_at = sent_at(delivery);
        told.until = (delivery.status == Status::Queued).then_some(delivery.next_at);
    }
    told
}

fn because(outcome: Outcome, status: Option<Status>, delivery: Option<&Delivery>) -> Option<Because> {
    let refused = delivery.and_then(|delivery| delivery.attempts.last()).filter(|attempt| !attempt.good);
    match status {
        Some(Status::Dead | Status::Queued) if refused.is_some() => {
            refused.map(|attempt| Because::Refused(attempt.answer.clone()))
        }
        Some(Status::Dropped) => Some(Because::Held(Why::ReceiverGone)),
        _ => (outcome == Outcome::Folded).then_some(Because::Together),
    }
}

/// When the receiver had a message; `None` where it has not.
pub fn sent_at(delivery: &Delivery) -> Option<Timestamp> {
    if delivery.status != Status::Sent {
        return None;
    }
    let good = delivery.attempts.iter().rev().find(|attempt| attempt.good);
    let took = |millis: u64| SignedDuration::from_millis(i64::try_from(millis).unwrap_or(0));
    good.map(|attempt| attempt.at.checked_add(took(attempt.took_ms)).unwrap_or(attempt.at))
}
