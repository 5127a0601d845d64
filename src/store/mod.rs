//! What is acknowledged is kept: one redb file. redb blocks; async callers go through `handle`.

pub mod handle;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::event::Event;
use crate::model::id::{IncidentId, SourceId};
use crate::model::incident::{Incident, Maintenance};
use crate::model::receipt::Receipt;
use crate::model::state::{SourceState, Transport};

/// An open database.
#[derive(Debug)]
pub struct Store {}

/// Everything that a start needs.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The last event in the log; 0 where there is none.
    pub seq: u64,
    /// The newest time in the store: a wall clock behind it is wrong.
    pub newest: Option<Timestamp>,
    /// By source; open incidents and the recent past are in the states.
    pub sources: HashMap<SourceId, (SourceState, Transport)>,
    /// Local incidents: open ones and the recent past.
    pub local_incidents: Vec<Incident>,
    /// Local maintenances: open ones and the recent past.
    pub local_maintenances: Vec<Maintenance>,
    /// The last events, oldest first, at most `limits::CATCH_UP`.
    pub events: Vec<Event>,
    /// Formats that were detected: by source, the fingerprint of its configuration and what was found.
    pub detected: HashMap<SourceId, Detected>,
}

/// What was found out about a source that names no format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The configured address that was looked at.
    pub configured: String,
    /// The format's name.
    pub format: String,
    /// The address to read.
    pub address: String,
}

/// What one transaction writes: all of it or nothing.
#[derive(Debug, Default)]
pub struct Batch {
    /// What changed of sources.
    pub sources: Vec<SourceChange>,
    /// With their sequence numbers, ascending from the last one stored.
    pub events: Vec<Event>,
    /// Sequence numbers of events that somebody may want to be told of.
    pub outbox: Vec<u64>,
    /// Local incidents that changed.
    pub local_incidents: Vec<Incident>,
    /// Local maintenances that changed.
    pub local_maintenances: Vec<Maintenance>,
}

/// What changed of one source.
#[derive(Debug)]
pub struct SourceChange {
    /// Which.
    pub id: SourceId,
    /// What it says; `None` where only the reading went by.
    pub state: Option<SourceState>,
    /// Incidents and maintenances that changed, by id; they are taken from `state` or from `history`.
    pub touched: Vec<IncidentId>,
    /// Past incidents that are not held in memory.
    pub past_incidents: Vec<Incident>,
    /// Past maintenances that are not held in memory.
    pub past_maintenances: Vec<Maintenance>,
    /// How reading it goes.
    pub transport: Transport,
    /// The documents behind a change.
    pub receipts: Vec<Receipt>,
    /// What was detected.
    pub detected: Option<Detected>,
}

/// Why the store could not do it. Says file, fault and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("{}: another allclear is using this database; stop it, or give another --data", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Damaged, or not a database of ours.
    #[error("{}: {problem}; run `allclear doctor`, or put a backup back with `allclear restore`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Written by a newer allclear.
    #[error("{}: written by a newer allclear (schema {found}, this one reads up to {known}); use that one", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// In the file.
        found: u64,
        /// Of this program.
        known: u64,
    },
    /// The disk is full.
    #[error("{}: no space left on the disk; free some, nothing needs a restart", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that the disk refuses.
    #[error("{}: {problem}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// A part of a list, and where to go on.
#[derive(Debug)]
pub struct Part<T> {
    /// In the order asked for.
    pub items: Vec<T>,
    /// Give this back to get the next part; `None` at the end.
    pub next: Option<String>,
}

impl Store {
    /// Opens or makes `allclear.redb` in `folder`.
    ///
    /// # Errors
    /// Never starts empty over a file that cannot be read.
    pub fn open(_folder: &Path) -> Result<Self, StoreError> {
        unimplemented!()
    }

    /// One that lives in memory, for tests.
    ///
    /// # Errors
    /// None that a test meets.
    pub fn in_memory() -> Result<Self, StoreError> {
        unimplemented!()
    }

    /// Everything that a start needs.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn load(&self, _now: Timestamp) -> Result<Loaded, StoreError> {
        unimplemented!()
    }

    /// Writes a batch, synced to disk when it returns.
    ///
    /// # Errors
    /// Nothing of the batch is written then.
    pub fn commit(&self, _batch: &Batch) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Events after `seq`, oldest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn events_after(&self, _seq: u64, _limit: usize) -> Result<Vec<Event>, StoreError> {
        unimplemented!()
    }

    /// Events about a source, or about one incident or maintenance, newest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn events_of(
        &self,
        _source: Option<&SourceId>,
        _subject: Option<&str>,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<Part<Event>, StoreError> {
        unimplemented!()
    }

    /// One incident, however old.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn incident(&self, _id: &IncidentId) -> Result<Option<Incident>, StoreError> {
        unimplemented!()
    }

    /// One maintenance, however old.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn maintenance(&self, _id: &IncidentId) -> Result<Option<Maintenance>, StoreError> {
        unimplemented!()
    }

    /// Incidents by start, newest first; of one source where given.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn incidents(
        &self,
        _source: Option<&SourceId>,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<Part<Incident>, StoreError> {
        unimplemented!()
    }

    /// Maintenances by planned start, newest first; of one source where given.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn maintenances(
        &self,
        _source: Option<&SourceId>,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<Part<Maintenance>, StoreError> {
        unimplemented!()
    }

    /// Removes what is older than is kept, and receipts over their budget. Returns how many records went.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn prune(&self, _now: Timestamp) -> Result<usize, StoreError> {
        unimplemented!()
    }

    /// Writes one consistent moment to a new file while others go on writing.
    ///
    /// # Errors
    /// Where the target exists or cannot be written.
    pub fn backup(&self, _to: &Path) -> Result<(), StoreError> {
        unimplemented!()
    }
}
