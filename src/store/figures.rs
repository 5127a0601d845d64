//! What reports read besides marks: who had how many incidents, and who spoke of whom.

use jiff::Timestamp;

use super::error::Fault;
use super::read::{bad, one};
use super::tables::{INCIDENTS, micros};
use super::{Store, StoreError};
use crate::model::id::SourceId;
use crate::model::incident::Incident;

impl Store {
    /// Incidents of all sources and of the team that began from `from` until `to`, the newest first, at most `limit`.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn incidents_begun(&self, from: Timestamp, to: Timestamp, limit: usize) -> Result<Vec<Incident>, StoreError> {
        let (from, to) = (micros(from), micros(to.max(from)));
        self.door.read(|txn| {
            let records = txn.open_table(INCIDENTS.records)?;
            let mut found = Vec::new();
            for entry in txn.open_table(INCIDENTS.by_start)?.range((from, "")..(to, ""))?.rev().take(limit) {
                let (key, _) = entry?;
                let id = key.value().1;
                found.push(one(&records, id)?.ok_or_else(|| bad("record", id, "it is in an index only"))?);
            }
            Ok(found)
        })
    }

    /// How many incidents of a source began from `from` until `to`, counted by the index alone.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn incident_count(&self, source: &SourceId, from: Timestamp, to: Timestamp) -> Result<usize, StoreError> {
        let (source, from, to) = (source.as_str(), micros(from), micros(to.max(from)));
        self.door.read(|txn| {
            let mut count = 0_usize;
            for entry in txn.open_table(INCIDENTS.by_source)?.range((source, from, "")..(source, to, ""))? {
                entry.map_err(Fault::from)?;
                count = count.saturating_add(1);
            }
            Ok(count)
        })
    }
}
