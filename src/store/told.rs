//! The store as the decision log and the console use it: what was told, to look at.

use std::collections::BTreeSet;

use jiff::Timestamp;
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};

use super::error::Fault;
use super::record::news;
use super::tables::{DELIVERIES_OF, SEQ_TO_NEWS};
use super::{Store, StoreError, letters};
use crate::limits;
use crate::model::delivery::Status;
use crate::model::ledger::Fate;
use crate::model::news::{News, Thread};
use crate::model::told::Log;

impl Store {
    /// What is kept about these threads.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn told(&self, threads: &[Thread]) -> Result<Log, StoreError> {
        self.door.read(|txn| told(txn, threads))
    }
}

fn told(txn: &ReadTransaction, threads: &[Thread]) -> Result<Log, Fault> {
    let mut log = Log::default();
    for thread in threads {
        log.decisions.extend(letters::decisions(txn, thread, limits::DECISIONS_READ)?);
    }
    log.decisions.sort_by_key(|decision| decision.seq);
    let seqs: BTreeSet<u64> = log.decisions.iter().map(|decision| decision.seq).collect();
    log.news = letters::by_seq(txn, &seqs.into_iter().collect::<Vec<_>>())?;
    let of = txn.open_table(DELIVERIES_OF)?;
    for decision in &log.decisions {
        let (Fate::Queued(id) | Fate::Folded(id)) = decision.fate else { continue };
        // Readers number thousands: of a message to one of them, only how far it has come is looked up.
        if decision.receiver.as_subscriber().is_some() {
            if let Some(status) = status(&of, id)? {
                log.statuses.insert(id, status);
            }
        } else if !log.deliveries.contains_key(&id)
            && let Some(delivery) = letters::delivery(txn, id)?
        {
            log.deliveries.insert(id, delivery);
        }
    }
    Ok(log)
}

/// How far a message has come, without reading it.
fn status(of: &ReadOnlyTable<(&'static str, u64), ()>, id: u64) -> Result<Option<Status>, Fault> {
    for status in [Status::Sent, Status::Queued, Status::Dead, Status::Dropped] {
        if of.get((status.as_str(), id))?.is_some() {
            return Ok(Some(status));
        }
    }
    Ok(None)
}

/// News that was noticed at this moment or later, oldest first.
pub fn news_since(txn: &ReadTransaction, since: Timestamp) -> Result<Vec<News>, Fault> {
    let mut found = Vec::new();
    for entry in txn.open_table(SEQ_TO_NEWS)?.iter()?.rev() {
        let (key, record) = entry?;
        let seq = key.value();
        let one = news::read(seq, record.value()).map_err(|problem| Fault::Record(format!("news {seq}: {problem}")))?;
        if one.at < since {
            break;
        }
        found.push(one);
    }
    found.reverse();
    Ok(found)
}
