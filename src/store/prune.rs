//! What is older than is kept goes.

use jiff::Timestamp;
use redb::{ReadableTable, WriteTransaction};

use super::error::Fault;
use super::past as past_pages;
use super::record::event;
use super::shelf::{Kept, remove};
use super::tables::{SEQ_TO_EVENT, micros};
use super::{commit, desk, forget, marks, receipts};
use crate::limits;
use crate::model::incident::{Incident, Maintenance};

/// Removes what is older than is kept, and receipts over their budget. Returns how many records went.
pub fn prune(txn: &WriteTransaction, now: Timestamp) -> Result<usize, Fault> {
    let gone = [
        events(txn, now)?,
        past::<Incident>(txn, now)?,
        past::<Maintenance>(txn, now)?,
        desk::forget(txn, now)?,
        forget::prune(txn, now)?,
        receipts::prune(txn)?,
        marks::prune(txn, now)?,
        past_pages::prune(txn, now)?,
    ];
    Ok(gone.iter().sum())
}

fn events(txn: &WriteTransaction, now: Timestamp) -> Result<usize, Fault> {
    let Ok(before) = now.checked_sub(limits::EVENTS_KEPT) else { return Ok(0) };
    let mut old = Vec::new();
    for entry in txn.open_table(SEQ_TO_EVENT)?.iter()? {
        let (key, value) = entry?;
        let one = event::read(key.value(), value.value()).map_err(Fault::Record)?;
        // The log is in the order of time but for a clock that jumped; those wait for their turn.
        if one.at >= before {
            break;
        }
        old.push(one.seq);
    }
    for seq in &old {
        commit::remove_event(txn, *seq)?;
    }
    Ok(old.len())
}

fn past<K: Kept>(txn: &WriteTransaction, now: Timestamp) -> Result<usize, Fault> {
    let Ok(before) = now.checked_sub(limits::INCIDENTS_KEPT) else { return Ok(0) };
    let mut old = Vec::new();
    for entry in txn.open_table(K::SHELF.by_source)?.iter()? {
        let (key, value) = entry?;
        if value.value().0 < micros(before) {
            old.push(key.value().2.to_owned());
        }
    }
    remove::<K>(txn, &old)?;
    Ok(old.len())
}
