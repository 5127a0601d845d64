//! What people were told is forgotten: of readers who leave all of it, of channels what they know, of all what is old.

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use super::error::Fault;
use super::letters::put;
use super::record::{delivery, news};
use super::tables::{
    DECISIONS, DELIVERIES_OF, ID_TO_DELIVERY, PARTED, QUESTIONS, QUEUE, RECEIVER_TO_LEDGER, SEQ_TO_NEWS,
};
use crate::limits;
use crate::model::delivery::{Delivery, Status};
use crate::model::desk::Drawer;
use crate::model::id::ReceiverId;

/// Remembers who left the desk, so that everything of them is forgotten soon, also after a kill.
pub fn part(txn: &WriteTransaction, gone: &[(Drawer, String)]) -> Result<(), Fault> {
    for (_, id) in gone.iter().filter(|(drawer, _)| *drawer == Drawer::Subscriber) {
        txn.open_table(QUESTIONS)?.remove(id.as_str())?;
        txn.open_table(PARTED)?.insert(id.as_str(), ())?;
    }
    Ok(())
}

/// Readers who left and of whom something may still be here.
pub fn parted(txn: &ReadTransaction) -> Result<Vec<ReceiverId>, Fault> {
    let table = txn.open_table(PARTED)?;
    table.iter()?.map(|entry| Ok(ReceiverId::subscriber(entry?.0.value()))).collect()
}

/// What there is of receivers: decisions by their keys, and messages.
#[derive(Debug, Default)]
pub struct Belongings {
    decisions: Vec<(String, u64, String)>,
    messages: Vec<(ReceiverId, u64)>,
}

/// Looks for everything that there is of receivers. It reads all there is, and holds nobody up.
pub fn belongings(txn: &ReadTransaction, receivers: &[ReceiverId]) -> Result<Belongings, Fault> {
    let mut found = Belongings::default();
    for entry in txn.open_table(DECISIONS)?.iter()? {
        let (key, _) = entry?;
        let (thread, seq, receiver) = key.value();
        if receivers.iter().any(|one| one.as_str() == receiver) {
            found.decisions.push((thread.to_owned(), seq, receiver.to_owned()));
        }
    }
    for entry in txn.open_table(ID_TO_DELIVERY)?.iter()? {
        let (id, record) = entry?;
        let one = delivery::read(id.value(), record.value()).map_err(Fault::Record)?;
        if receivers.contains(&one.receiver) {
            found.messages.push((one.receiver, one.id));
        }
    }
    Ok(found)
}

/// Forgets receivers: what they have heard, what was decided for them, and every message to them.
pub fn forget(txn: &WriteTransaction, receivers: &[ReceiverId], belongings: &Belongings) -> Result<(), Fault> {
    let mut ledgers = txn.open_table(RECEIVER_TO_LEDGER)?;
    let mut parted = txn.open_table(PARTED)?;
    for one in receivers {
        ledgers.remove(one.as_str())?;
        if let Some(reader) = one.as_subscriber() {
            parted.remove(reader)?;
        }
    }
    let mut decisions = txn.open_table(DECISIONS)?;
    for (thread, seq, receiver) in &belongings.decisions {
        decisions.remove((thread.as_str(), *seq, receiver.as_str()))?;
    }
    let mut table = txn.open_table(ID_TO_DELIVERY)?;
    let mut queue = txn.open_table(QUEUE)?;
    let mut of = txn.open_table(DELIVERIES_OF)?;
    for (receiver, id) in &belongings.messages {
        table.remove(id)?;
        queue.remove((receiver.as_str(), *id))?;
        for status in Status::ALL {
            of.remove((status.as_str(), *id))?;
        }
    }
    Ok(())
}

/// Forgets what channels that are no more have heard, and drops what was queued for them. What they were sent stays.
pub fn retire(txn: &WriteTransaction, receivers: &[ReceiverId]) -> Result<(), Fault> {
    let mut dropped = Vec::new();
    {
        let mut ledgers = txn.open_table(RECEIVER_TO_LEDGER)?;
        let queue = txn.open_table(QUEUE)?;
        let table = txn.open_table(ID_TO_DELIVERY)?;
        for one in receivers {
            ledgers.remove(one.as_str())?;
            for entry in queue.range((one.as_str(), 0)..=(one.as_str(), u64::MAX))? {
                let id = entry?.0.value().1;
                let Some(record) = table.get(id)? else { continue };
                let found = delivery::read(id, record.value()).map_err(Fault::Record)?;
                dropped.push(Delivery { status: Status::Dropped, ..found });
            }
        }
    }
    put(txn, &dropped)
}

/// Forgets what is older than is kept. Returns how many records went.
pub fn prune(txn: &WriteTransaction, now: Timestamp) -> Result<usize, Fault> {
    let Ok(before) = now.checked_sub(limits::DELIVERIES_KEPT) else { return Ok(0) };
    let mut old = Vec::new();
    {
        let table = txn.open_table(SEQ_TO_NEWS)?;
        for entry in table.iter()? {
            let (seq, record) = entry?;
            let one = news::read(seq.value(), record.value()).map_err(Fault::Record)?;
            if one.at >= before {
                break;
            }
            old.push(seq.value());
        }
    }
    let mut removed = old.len();
    let newest = old.last().copied();
    let mut table = txn.open_table(SEQ_TO_NEWS)?;
    for seq in &old {
        table.remove(seq)?;
    }
    if let Some(newest) = newest {
        let mut gone = 0_usize;
        txn.open_table(DECISIONS)?.retain(|(_, seq, _), _| {
            let stays = seq > newest;
            gone += usize::from(!stays);
            stays
        })?;
        removed += gone;
    }
    removed += prune_deliveries(txn, before)?;
    Ok(removed)
}

/// What is not queued any more goes; what is, is never older than a few days.
fn prune_deliveries(txn: &WriteTransaction, before: Timestamp) -> Result<usize, Fault> {
    let mut table = txn.open_table(ID_TO_DELIVERY)?;
    let mut old = Vec::new();
    for entry in table.iter()? {
        let (id, record) = entry?;
        let one = delivery::read(id.value(), record.value()).map_err(Fault::Record)?;
        if one.made_at >= before {
            break;
        }
        if one.status != Status::Queued {
            old.push(id.value());
        }
    }
    let mut of = txn.open_table(DELIVERIES_OF)?;
    for id in &old {
        table.remove(id)?;
        for status in Status::ALL {
            of.remove((status.as_str(), *id))?;
        }
    }
    Ok(old.len())
}
