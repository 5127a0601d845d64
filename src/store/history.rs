//! What was: states, what went on, and what the page showed.

use jiff::Timestamp;

use super::{Store, StoreError, marks, past, read};
use crate::model::event::Event;
use crate::model::id::SourceId;
use crate::model::incident::{Incident, Maintenance};
use crate::model::mark::{Mark, Track};
use crate::model::past::Past;
use crate::model::source::PageSettings;

impl Store {
    /// The marks of a track: the one in force at `from`, if any, then all before `to`, in order.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn marks(&self, track: &Track, from: Timestamp, to: Timestamp) -> Result<Vec<Mark>, StoreError> {
        self.door.read(|txn| marks::between(txn, track, from, to))
    }

    /// What is measured of a source: itself, then its components, those of long ago included.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn tracks_of(&self, source: &SourceId) -> Result<Vec<Track>, StoreError> {
        self.door.read(|txn| marks::tracks_of(txn, source))
    }

    /// Incidents that went on at some time from `from` until `to`, the newest first, at most `limit`.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn incidents_between(
        &self,
        source: Option<&SourceId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<Incident>, StoreError> {
        self.door.read(|txn| read::between(txn, source.map(SourceId::as_str), from, to, limit))
    }

    /// Maintenances that went on, or were to, at some time from `from` until `to`, the newest first, at most `limit`.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn maintenances_between(
        &self,
        source: Option<&SourceId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<Maintenance>, StoreError> {
        self.door.read(|txn| read::between(txn, source.map(SourceId::as_str), from, to, limit))
    }

    /// Events of one source, or of all, from `from` until `to`: the newest `limit` of them, oldest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn events_between(
        &self,
        source: Option<&SourceId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.door.read(|txn| read::events_between(txn, source.map(SourceId::as_str), from, to, limit))
    }

    /// The page as it was shown at a moment. `page`: how it presents itself now.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn past(&self, at: Timestamp, page: &PageSettings) -> Result<Past, StoreError> {
        self.door.read(|txn| past::at(txn, at, page))
    }
}
