//! A database that is only looked at, also while another process writes to it.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use jiff::Timestamp;
use redb::{ConcurrencyMode, Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase};

use super::door::{FILE, builder, guarded, schema};
use super::error::{Fault, StoreError};
use super::receipts::{self, KeptReading};
use super::record::receipt::ReceiptMeta;
use super::tables::META;
use super::{Loaded, backup, commit, overlay, read, told};
use crate::model::id::SourceId;
use crate::model::news::News;

/// One moment of a database: what is written meanwhile is not seen, and nothing is changed.
pub struct Aside {
    path: PathBuf,
    // Before the database, so that it ends before it.
    txn: ReadTransaction,
    _held: Held,
}

/// Keeps the file open.
#[expect(dead_code, reason = "held, never asked")]
enum Held {
    Alone(Database),
    Beside(ReadOnlyDatabase),
}

impl std::fmt::Debug for Aside {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Aside").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The file that is meant: a file itself, or the database in a folder.
pub fn file(place: &Path) -> PathBuf {
    if place.is_file() { place.to_owned() } else { place.join(FILE) }
}

impl Aside {
    /// Opens the database in a folder, or a file such as a backup.
    ///
    /// # Errors
    /// Where there is none, it is damaged, or another schema's.
    pub fn open(place: &Path) -> Result<Self, StoreError> {
        let path = file(place);
        let (txn, held) = match overlay::open(&path) {
            Ok(db) => (guarded(&path, || Ok(db.begin_read()?))?, Held::Alone(db)),
            Err(StoreError::InUse { .. }) => {
                let db = guarded(&path, || Ok(builder(ConcurrencyMode::SingleWriter).open_read_only(&path)?))?;
                (guarded(&path, || Ok(db.begin_read()?))?, Held::Beside(db))
            }
            Err(error) => return Err(error),
        };
        backup::known(&path, guarded(&path, || schema(&txn))?)?;
        Ok(Self { path, txn, _held: held })
    }

    fn look<T>(&self, work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>) -> Result<T, StoreError> {
        guarded(&self.path, || work(&self.txn))
    }

    /// What a start at the newest moment in the store would load.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn load(&self) -> Result<Loaded, StoreError> {
        self.look(|txn| {
            let newest = txn.open_table(META)?.get("newest")?.and_then(|at| commit::time_of(at.value()));
            read::load(txn, newest.unwrap_or(Timestamp::UNIX_EPOCH))
        })
    }

    /// News that was noticed at this moment or later, oldest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn news_since(&self, since: Timestamp) -> Result<Vec<News>, StoreError> {
        self.look(|txn| told::news_since(txn, since))
    }

    /// Every reading of every source that has receipts, the oldest of each source first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn readings(&self) -> Result<Vec<KeptReading>, StoreError> {
        self.look(receipts::readings)
    }

    /// Receipts whose hash begins like this, of every source that sent them.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn find(&self, hash: &str) -> Result<Vec<(SourceId, ReceiptMeta)>, StoreError> {
        self.look(|txn| receipts::find(txn, hash))
    }

    /// The body of a receipt, as sent.
    ///
    /// # Errors
    /// Where it is missing, cannot be read, or does not match its hash.
    pub fn body(&self, hash: &str) -> Result<Bytes, StoreError> {
        let gone = || Fault::Record(format!("the body of receipt {hash} is missing"));
        self.look(|txn| receipts::read(txn, hash)?.ok_or_else(gone))
    }
}
