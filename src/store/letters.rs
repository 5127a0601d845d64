//! What people are told: news, what each receiver has heard, what was decided, and messages on their way.

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use super::Part;
use super::error::Fault;
use super::record::{delivery, ledger, news};
use super::tables::{
    DECISIONS, DELIVERIES_OF, ID_TO_DELIVERY, META, OUTBOX, QUESTIONS, QUEUE, RECEIVER_TO_LEDGER, SEQ_TO_NEWS, micros,
};
use crate::limits;
use crate::model::delivery::{Delivery, Status};
use crate::model::id::ReceiverId;
use crate::model::ledger::{Decision, Registered};
use crate::model::news::{News, Thread};

/// What one step of telling writes: all of it or nothing.
#[derive(Debug, Default)]
pub struct Telling {
    /// Events that were decided upon.
    pub done: Vec<u64>,
    /// Subscribers whose question is on its way.
    pub asked: Vec<String>,
    /// What they say.
    pub news: Vec<News>,
    /// What receivers have heard now.
    pub ledgers: Vec<(ReceiverId, Registered)>,
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// New messages, and old ones as they stand now.
    pub deliveries: Vec<Delivery>,
}

/// What may be sent.
#[derive(Debug, Default)]
pub struct Ready {
    /// Now: one message for each receiver.
    pub now: Vec<Delivery>,
    /// When something else may be.
    pub next: Option<Timestamp>,
}

/// What is queued for one receiver: numbers in their order, and when each may be tried.
type Queued = Vec<(u64, Timestamp)>;

fn bad(what: &str, problem: &str) -> Fault {
    Fault::Record(format!("{what}: {problem}"))
}

/// Writes a step.
pub fn tell(txn: &WriteTransaction, telling: &Telling) -> Result<(), Fault> {
    let Telling { done, asked, news: said, ledgers, decisions, deliveries } = telling;
    let mut outbox = txn.open_table(OUTBOX)?;
    for seq in done {
        outbox.remove(seq)?;
    }
    let mut questions = txn.open_table(QUESTIONS)?;
    for id in asked {
        questions.remove(id.as_str())?;
    }
    let mut table = txn.open_table(SEQ_TO_NEWS)?;
    for one in said {
        table.insert(one.seq, news::write(one).map_err(Fault::Record)?.as_slice())?;
    }
    let mut table = txn.open_table(RECEIVER_TO_LEDGER)?;
    for (id, one) in ledgers {
        table.insert(id.as_str(), ledger::write(one).map_err(Fault::Record)?.as_slice())?;
    }
    let mut table = txn.open_table(DECISIONS)?;
    let mut word = (None, String::new());
    for one in decisions {
        if word.0 != Some(&one.thread) {
            word = (Some(&one.thread), one.thread.to_string());
        }
        let record = ledger::write_decision(one).map_err(Fault::Record)?;
        table.insert((word.1.as_str(), one.seq, one.receiver.as_str()), record.as_slice())?;
    }
    put(txn, deliveries)
}

/// Writes deliveries as they stand now.
pub fn put(txn: &WriteTransaction, deliveries: &[Delivery]) -> Result<(), Fault> {
    let Some(newest) = deliveries.iter().map(|one| one.id).max() else { return Ok(()) };
    let mut table = txn.open_table(ID_TO_DELIVERY)?;
    let mut queue = txn.open_table(QUEUE)?;
    let mut of = txn.open_table(DELIVERIES_OF)?;
    for one in deliveries {
        let place = (one.receiver.as_str(), one.id);
        table.insert(one.id, delivery::write(one).map_err(Fault::Record)?.as_slice())?;
        match one.status {
            Status::Queued => drop(queue.insert(place, micros(one.next_at))?),
            Status::Sent | Status::Dead | Status::Dropped => drop(queue.remove(place)?),
        }
        for status in Status::ALL {
            let place = (status.as_str(), one.id);
            match status == one.status {
                true => drop(of.insert(place, ())?),
                false => drop(of.remove(place)?),
            }
        }
    }
    let newest = i64::try_from(newest).unwrap_or(i64::MAX);
    let mut meta = txn.open_table(META)?;
    let known = meta.get("delivery")?.map_or(0, |number| number.value());
    if newest > known {
        meta.insert("delivery", newest)?;
    }
    Ok(())
}

/// Remembers whom to ask whether it was them who signed up.
pub fn ask(txn: &WriteTransaction, subscribers: &[String]) -> Result<(), Fault> {
    if subscribers.is_empty() {
        return Ok(());
    }
    let mut questions = txn.open_table(QUESTIONS)?;
    for id in subscribers {
        questions.insert(id.as_str(), ())?;
    }
    Ok(())
}

/// Whom to ask.
pub fn questions(txn: &ReadTransaction, limit: usize) -> Result<Vec<String>, Fault> {
    let table = txn.open_table(QUESTIONS)?;
    table.iter()?.take(limit).map(|entry| Ok(entry?.0.value().to_owned())).collect()
}

/// The number of the last delivery; 0 where there was none.
pub fn last(txn: &ReadTransaction) -> Result<u64, Fault> {
    let number = txn.open_table(META)?.get("delivery")?.map_or(0, |number| number.value());
    Ok(u64::try_from(number).unwrap_or(0))
}

/// All receivers.
pub fn ledgers(txn: &ReadTransaction) -> Result<Vec<(ReceiverId, Registered)>, Fault> {
    let mut found = Vec::new();
    for entry in txn.open_table(RECEIVER_TO_LEDGER)?.iter()? {
        let (key, record) = entry?;
        let one = ledger::read(record.value()).map_err(|problem| bad(key.value(), &problem))?;
        found.push((ReceiverId::new(key.value()), one));
    }
    Ok(found)
}

/// News by their numbers, in the order asked for; what is not kept any more is left out.
pub fn by_seq(txn: &ReadTransaction, seqs: &[u64]) -> Result<Vec<News>, Fault> {
    let table = txn.open_table(SEQ_TO_NEWS)?;
    let mut found = Vec::with_capacity(seqs.len());
    for seq in seqs {
        if let Some(record) = table.get(seq)? {
            found.push(news::read(*seq, record.value()).map_err(|problem| bad(&format!("news {seq}"), &problem))?);
        }
    }
    Ok(found)
}

/// News after `seq`, oldest first.
pub fn after(txn: &ReadTransaction, seq: u64, limit: usize) -> Result<Vec<News>, Fault> {
    let mut found = Vec::new();
    for entry in txn.open_table(SEQ_TO_NEWS)?.range(seq.saturating_add(1)..)?.take(limit) {
        let (key, record) = entry?;
        let seq = key.value();
        found.push(news::read(seq, record.value()).map_err(|problem| bad(&format!("news {seq}"), &problem))?);
    }
    Ok(found)
}

/// What was decided about one thread, oldest news first.
pub fn decisions(txn: &ReadTransaction, thread: &Thread, limit: usize) -> Result<Vec<Decision>, Fault> {
    let word = thread.to_string();
    let mut found = Vec::new();
    for entry in txn.open_table(DECISIONS)?.range((word.as_str(), 0, "")..)? {
        let (key, record) = entry?;
        let (thread, seq, receiver) = key.value();
        if thread != word || found.len() >= limit {
            break;
        }
        let one = ledger::read_decision((thread, seq, receiver), record.value());
        found.push(one.map_err(|problem| bad(&format!("decision on {thread}"), &problem))?);
    }
    Ok(found)
}

/// One delivery.
pub fn delivery(txn: &ReadTransaction, id: u64) -> Result<Option<Delivery>, Fault> {
    let table = txn.open_table(ID_TO_DELIVERY)?;
    let Some(record) = table.get(id)? else { return Ok(None) };
    let one = delivery::read(id, record.value()).map_err(|problem| bad(&format!("delivery {id}"), &problem))?;
    Ok(Some(one))
}

/// Deliveries to those that are wanted, newest first; of one status, where given. No more than
/// `limits::DELIVERIES_LOOKED` are looked at: where that ends it, there is a next part.
pub fn deliveries(
    txn: &ReadTransaction,
    status: Option<Status>,
    wanted: &dyn Fn(&ReceiverId) -> bool,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Part<Delivery>, Fault> {
    let before = match cursor {
        None => u64::MAX,
        Some(cursor) => cursor.parse().unwrap_or(0),
    };
    let table = txn.open_table(ID_TO_DELIVERY)?;
    let mut items = Vec::new();
    let (mut last, mut looked) = (None, 0);
    let mut take = |id: u64, record: &[u8]| -> Result<bool, Fault> {
        last = Some(id);
        looked += 1;
        let one = delivery::read(id, record).map_err(|problem| bad(&format!("delivery {id}"), &problem))?;
        if wanted(&one.receiver) {
            items.push(one);
        }
        Ok(items.len() < limit && looked < limits::DELIVERIES_LOOKED)
    };
    if let Some(status) = status {
        for entry in txn.open_table(DELIVERIES_OF)?.range((status.as_str(), 0)..(status.as_str(), before))?.rev() {
            let id = entry?.0.value().1;
            let Some(record) = table.get(id)? else { continue };
            if !take(id, record.value())? {
                break;
            }
        }
    } else {
        for entry in table.range(..before)?.rev() {
            let (id, record) = entry?;
            if !take(id.value(), record.value())? {
                break;
            }
        }
    }
    let stopped = items.len() >= limit || looked >= limits::DELIVERIES_LOOKED;
    let next = last.filter(|_| stopped).map(|id| id.to_string());
    Ok(Part { items, next })
}

/// How many deliveries are queued, and how many were given up.
pub fn counts(txn: &ReadTransaction) -> Result<(u64, u64), Fault> {
    let of = txn.open_table(DELIVERIES_OF)?;
    let count = |status: Status| -> Result<u64, Fault> {
        let range = of.range((status.as_str(), 0)..=(status.as_str(), u64::MAX))?;
        Ok(u64::try_from(range.count()).unwrap_or(u64::MAX))
    };
    Ok((count(Status::Queued)?, count(Status::Dead)?))
}

/// What may be sent now to receivers whose names begin with `of` and that are `wanted`: one message each, for at most
/// `limit` of them; and when the next one of theirs may be.
pub fn ready(
    txn: &ReadTransaction,
    of: &str,
    now: Timestamp,
    limit: usize,
    wanted: &dyn Fn(&ReceiverId) -> bool,
) -> Result<Ready, Fault> {
    let mut found = Ready::default();
    let mut current: Option<(ReceiverId, Queued)> = None;
    for entry in txn.open_table(QUEUE)?.range((of, 0)..)? {
        let (key, at) = entry?;
        let (receiver, id) = key.value();
        if !receiver.starts_with(of) {
            break;
        }
        let at = super::commit::time_of(at.value()).unwrap_or(Timestamp::MIN);
        if let Some((_, queue)) = current.as_mut().filter(|(known, _)| known.as_str() == receiver) {
            queue.push((id, at));
            continue;
        }
        found.add(txn, current.take(), now, wanted)?;
        if found.now.len() >= limit {
            return Ok(found);
        }
        current = Some((ReceiverId::new(receiver), vec![(id, at)]));
    }
    found.add(txn, current, now, wanted)?;
    Ok(found)
}

impl Ready {
    /// Adds the first message of a queue that may go: none goes before an earlier one of the same thread. A receiver of
    /// whom nothing may go takes no place from one of whom something may.
    fn add(
        &mut self,
        txn: &ReadTransaction,
        queue: Option<(ReceiverId, Queued)>,
        now: Timestamp,
        wanted: &dyn Fn(&ReceiverId) -> bool,
    ) -> Result<(), Fault> {
        let Some((_, queue)) = queue.filter(|(receiver, _)| wanted(receiver)) else { return Ok(()) };
        let later = queue.iter().map(|(_, at)| *at).filter(|at| *at > now).min();
        self.next = [self.next, later].into_iter().flatten().min();
        let mut before: Vec<Thread> = Vec::new();
        for (id, at) in queue.iter().take(limits::QUEUE_AHEAD) {
            let Some(one) = delivery(txn, *id)? else { continue };
            let mut threads = one.letter.items.iter().map(|item| &item.thread);
            if *at <= now && !threads.any(|thread| before.contains(thread)) {
                self.now.push(one);
                return Ok(());
            }
            before.extend(one.letter.items.into_iter().map(|item| item.thread));
        }
        Ok(())
    }
}

/// Reads every record, and holds the queue against what is queued; adds what is wrong.
pub fn check(txn: &ReadTransaction, faults: &mut Vec<String>) -> Result<(), Fault> {
    for entry in txn.open_table(SEQ_TO_NEWS)?.iter()? {
        let (key, record) = entry?;
        let problem = news::read(key.value(), record.value()).err();
        faults.extend(problem.map(|problem| format!("news {}: {problem}", key.value())));
    }
    for entry in txn.open_table(RECEIVER_TO_LEDGER)?.iter()? {
        let (key, record) = entry?;
        let problem = ledger::read(record.value()).err();
        faults.extend(problem.map(|problem| format!("receiver {}: {problem}", key.value())));
    }
    for entry in txn.open_table(DECISIONS)?.iter()? {
        let (key, record) = entry?;
        let problem = ledger::read_decision(key.value(), record.value()).err();
        faults.extend(problem.map(|problem| format!("decision on {}: {problem}", key.value().0)));
    }
    let queue = txn.open_table(QUEUE)?;
    for entry in txn.open_table(ID_TO_DELIVERY)?.iter()? {
        let (key, record) = entry?;
        let id = key.value();
        match delivery::read(id, record.value()) {
            Err(problem) => faults.push(format!("message {id}: {problem}")),
            Ok(one) => {
                let waits = queue.get((one.receiver.as_str(), id))?.is_some();
                if waits != (one.status == Status::Queued) {
                    faults.push(format!("message {id}: it is {}, but the queue says otherwise", one.status.as_str()));
                }
            }
        }
    }
    Ok(())
}
