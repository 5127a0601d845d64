//! What is acknowledged is kept: one redb file. redb blocks; async callers go through `handle`.

mod aside;
mod backup;
mod commit;
mod desk;
mod doctor;
mod door;
mod error;
mod figures;
mod forget;
pub mod handle;
mod history;
mod letters;
mod mail;
mod marks;
mod migrate;
mod overlay;
mod past;
mod postings;
mod prune;
mod read;
mod receipts;
mod record;
mod restore;
mod shelf;
mod tables;
mod told;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;

use crate::model::audit::{Entry, Row};
use crate::model::desk::{Drawer, Kept};
use crate::model::event::Event;
use crate::model::id::{IncidentId, SourceId};
use crate::model::incident::{Incident, Maintenance};
use crate::model::receipt::Receipt;
use crate::model::snapshot::Snapshot;
use crate::model::state::{SourceState, Transport};

use door::Door;

pub use aside::Aside;
pub use doctor::DoctorReport;
pub use error::StoreError;
pub use letters::{Ready, Telling};
pub use receipts::KeptReading;
pub use record::receipt::ReceiptMeta;
pub use restore::RestoreReport;

/// An open database.
#[derive(Debug)]
pub struct Store {
    door: Door,
    /// The last event of a commit that was reported as done.
    acknowledged: AtomicU64,
    /// The last row of the audit log of such a commit.
    noted: AtomicU64,
    /// What the page showed last.
    recorder: Mutex<past::Recorder>,
}

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
    /// What operators hold besides.
    pub kept: Vec<Kept>,
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
    /// What the page shows, and from when on, in order.
    pub shown: Vec<(Timestamp, Arc<Snapshot>)>,
    /// With their sequence numbers, ascending from the last one stored.
    pub events: Vec<Event>,
    /// Sequence numbers of events that somebody may want to be told of.
    pub outbox: Vec<u64>,
    /// Local incidents that changed.
    pub local_incidents: Vec<Incident>,
    /// Local maintenances that changed.
    pub local_maintenances: Vec<Maintenance>,
    /// Local incidents and maintenances that go.
    pub removed: Vec<IncidentId>,
    /// What operators hold besides, as it is to be.
    pub kept: Vec<Kept>,
    /// What of it goes.
    pub gone: Vec<(Drawer, String)>,
    /// Subscribers who are to be asked by mail whether it was them, by id; they are in `kept`.
    pub questions: Vec<String>,
    /// Who did what.
    pub audit: Vec<Entry>,
    /// What is answered to writes that may come again.
    pub said: Vec<Said>,
    /// Keys of answers that were never given, in case a failed commit was kept all the same.
    pub unsaid: Vec<String>,
}

/// What was answered to a write that may come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who asked, and the key of the write.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// Digest of the request.
    pub request: String,
    /// The answer, as the asker's room writes it.
    pub answer: String,
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
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let door = Door::of_folder(folder)?;
        Self::behind(migrate::up_to_date(door, migrate::STEPS, tables::SCHEMA)?)
    }

    fn behind(door: Door) -> Result<Self, StoreError> {
        let acknowledged = AtomicU64::new(door.read(read::last_seq)?);
        let noted = AtomicU64::new(door.read(desk::last_row)?);
        Ok(Self { door, acknowledged, noted, recorder: Mutex::default() })
    }

    /// One that lives in memory, for tests.
    ///
    /// # Errors
    /// None that a test meets.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::on(redb::backends::InMemoryBackend::new)
    }

    /// Everything that a start needs.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn load(&self, now: Timestamp) -> Result<Loaded, StoreError> {
        self.door.read(|txn| read::load(txn, now))
    }

    /// Writes a batch, synced to disk when it returns.
    ///
    /// # Errors
    /// Nothing of the batch is written then.
    pub fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let acknowledged = self.acknowledged.load(Ordering::SeqCst);
        let noted = self.noted.load(Ordering::SeqCst);
        let mut recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = self.door.write(|txn| {
            let written = recorder.write(txn, &batch.shown)?;
            commit::write(txn, batch, acknowledged)?;
            Ok((desk::note(txn, &batch.audit, noted)?, written))
        });
        let (last, written) = answer.inspect_err(|_| recorder.begin_anew())?;
        recorder.take_up(written);
        drop(recorder);
        self.noted.store(last, Ordering::SeqCst);
        if let Some(last) = batch.events.last() {
            self.acknowledged.store(last.seq, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Events after `seq`, oldest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn events_after(&self, seq: u64, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.door.read(|txn| read::events_after(txn, seq, limit))
    }

    /// Events about a source, or about one incident or maintenance, newest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn events_of(
        &self,
        source: Option<&SourceId>,
        subject: Option<&str>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Part<Event>, StoreError> {
        let source = source.map(SourceId::as_str);
        self.door.read(|txn| read::events_of(txn, source, subject, cursor, limit))
    }

    /// One incident, however old.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn incident(&self, id: &IncidentId) -> Result<Option<Incident>, StoreError> {
        self.door.read(|txn| read::by_id(txn, id.as_str()))
    }

    /// One maintenance, however old.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn maintenance(&self, id: &IncidentId) -> Result<Option<Maintenance>, StoreError> {
        self.door.read(|txn| read::by_id(txn, id.as_str()))
    }

    /// Incidents by start, newest first; of one source where given.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn incidents(
        &self,
        source: Option<&SourceId>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Part<Incident>, StoreError> {
        self.door.read(|txn| read::list(txn, source.map(SourceId::as_str), cursor, limit))
    }

    /// Maintenances by planned start, newest first; of one source where given.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn maintenances(
        &self,
        source: Option<&SourceId>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Part<Maintenance>, StoreError> {
        self.door.read(|txn| read::list(txn, source.map(SourceId::as_str), cursor, limit))
    }

    /// Rows of the audit log, newest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn audit(&self, cursor: Option<&str>, limit: usize) -> Result<Part<Row>, StoreError> {
        self.door.read(|txn| desk::rows(txn, cursor, limit))
    }

    /// What was answered to a write with this key within the last day.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn answered(&self, key: &str, now: Timestamp) -> Result<Option<Said>, StoreError> {
        self.door.read(|txn| desk::answered(txn, key, now))
    }

    /// Removes what is older than is kept, and receipts over their budget. Returns how many records went.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn prune(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.door.write(|txn| prune::prune(txn, now))
    }

    /// Writes one consistent moment to a new file while others go on writing.
    ///
    /// # Errors
    /// Where the target exists or cannot be written.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        backup::new_file(to, |target| self.door.read(|txn| backup::copy(txn, target)))
    }

    /// A backup of the database in `folder`, also while another process writes to it.
    ///
    /// # Errors
    /// Where there is no sound database, or the target exists or cannot be written.
    pub fn backup_of(folder: &Path, to: &Path) -> Result<(), StoreError> {
        backup::of_folder(folder, to)
    }

    /// Puts the backup `from` in the place of the database in `folder`, once all of it was checked. The old file is
    /// kept beside it, named after `now`.
    ///
    /// # Errors
    /// Where the backup is damaged, of a newer schema, or the database is in use; the old file is untouched then.
    pub fn restore(from: &Path, folder: &Path, now: Timestamp) -> Result<RestoreReport, StoreError> {
        restore::restore(from, folder, now)
    }

    /// Looks at everything in a database and changes nothing; `place` is its folder, or a file such as a backup.
    pub fn doctor(place: &Path) -> DoctorReport {
        doctor::examine(&aside::file(place))
    }

    /// Gives space that pruning freed back to the disk; everything else waits meanwhile. True where there was some.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn compact(&self) -> Result<bool, StoreError> {
        self.door.compact()
    }

    /// Receipts of a source, newest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn receipts_of(&self, source: &SourceId, limit: usize) -> Result<Vec<ReceiptMeta>, StoreError> {
        self.door.read(|txn| receipts::list(txn, source.as_str(), limit))
    }

    /// The documents of the readings whose changes were noticed at these moments; only readings that are kept whole.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn receipts_at(
        &self,
        source: &SourceId,
        moments: &[Timestamp],
    ) -> Result<HashMap<Timestamp, Vec<ReceiptMeta>>, StoreError> {
        self.door.read(|txn| receipts::at(txn, source.as_str(), moments))
    }

    /// The documents of the newest reading that was noticed by `until`; none where one of them is gone.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn newest_receipts(&self, source: &SourceId, until: Timestamp) -> Result<Vec<ReceiptMeta>, StoreError> {
        self.door.read(|txn| receipts::newest(txn, source.as_str(), until))
    }

    /// True where this source has a receipt with this hash.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn is_receipt_of(&self, source: &SourceId, hash: &str) -> Result<bool, StoreError> {
        self.door.read(|txn| receipts::is_of(txn, source.as_str(), hash))
    }

    /// The body of a receipt by its hash, as sent.
    ///
    /// # Errors
    /// Where it cannot be read or does not match its hash.
    pub fn receipt(&self, hash: &str) -> Result<Option<Bytes>, StoreError> {
        self.door.read(|txn| receipts::read(txn, hash))
    }

    /// One on a storage of the caller's making, for tests of failing disks. `make` is asked again after a failure.
    ///
    /// # Errors
    /// As `open`.
    #[doc(hidden)]
    pub fn on<B: redb::StorageBackend>(make: impl Fn() -> B + Send + Sync + 'static) -> Result<Self, StoreError> {
        let opener = move |builder: &redb::Builder| builder.create_with_backend(make());
        let door = Door::new(Path::new("storage"), redb::ConcurrencyMode::ExclusiveWriter, Box::new(opener))?;
        door.write(door::lay_out)?;
        Self::behind(door)
    }
}
