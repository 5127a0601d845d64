//! The open file behind the store: opened with care, opened again after the disk failed, never with a panic.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use redb::{Builder, ConcurrencyMode, Database, DatabaseError, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::error::{Fault, StoreError, damaged, of_io};
use super::tables::{META, SCHEMA, each_table};
use crate::limits;

/// The file's name in its folder.
pub const FILE: &str = "allclear.redb";

type Opener = Box<dyn Fn(&Builder) -> Result<Database, DatabaseError> + Send + Sync>;

/// One database and the way to open it again.
pub struct Door {
    path: PathBuf,
    mode: ConcurrencyMode,
    opener: Opener,
    /// `None` after a fault, until the next use opens it again.
    db: RwLock<Option<Database>>,
}

impl fmt::Debug for Door {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Door").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Door {
    /// Opens the file of `folder`; where there is none, makes it.
    pub fn of_folder(folder: &Path) -> Result<Self, StoreError> {
        make_folder(folder)?;
        let path = folder.join(FILE);
        match fs::symlink_metadata(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_file(&path)?,
            Err(error) => return Err(of_io(&path, &error)),
        }
        let door = Self::of_file(&path)?;
        sweep_unfinished(folder);
        Ok(door)
    }

    /// Opens a file that must exist.
    pub fn of_file(path: &Path) -> Result<Self, StoreError> {
        let length = fs::metadata(path).map_err(|error| of_io(path, &error))?.len();
        if length == 0 {
            return Err(damaged(path, "the file is empty, and an empty file is no database"));
        }
        let file = path.to_owned();
        Self::new(path, ConcurrencyMode::SingleWriter, Box::new(move |builder| builder.open(&file)))
    }

    /// Opens what `opener` gives; `path` is its name in messages.
    pub fn new(path: &Path, mode: ConcurrencyMode, opener: Opener) -> Result<Self, StoreError> {
        let door = Self { path: path.to_owned(), mode, opener, db: RwLock::new(None) };
        let db = door.open()?;
        *door.db.write().unwrap_or_else(PoisonError::into_inner) = Some(db);
        Ok(door)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn open(&self) -> Result<Database, StoreError> {
        guarded(&self.path, || (self.opener)(&builder(self.mode)).map_err(Fault::from))
    }

    /// Reads at one consistent moment.
    pub fn read<T>(&self, work: impl Fn(&ReadTransaction) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.with(|db| work(&db.begin_read()?))
    }

    /// Writes in one transaction that is on the disk when this returns, or not at all.
    pub fn write<T>(&self, work: impl Fn(&WriteTransaction) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.with(|db| {
            let txn = begin(db)?;
            let answer = work(&txn)?;
            txn.commit()?;
            Ok(answer)
        })
    }

    /// Gives space back to the disk. Waits for all others.
    pub fn compact(&self) -> Result<bool, StoreError> {
        let mut held = self.db.write().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = Some(self.open()?);
        }
        let Some(db) = held.as_mut() else { return Ok(false) };
        let answer = guarded(&self.path, || Ok(db.compact()?));
        if answer.is_err() {
            *held = None;
        }
        answer
    }

    fn with<T>(&self, work: impl Fn(&Database) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.ensure_open()?;
        let held = self.db.read().unwrap_or_else(PoisonError::into_inner);
        let Some(db) = held.as_ref() else { return Err(self.closed()) };
        let answer = catch_unwind(AssertUnwindSafe(|| work(db)));
        drop(held);
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(fault)) => {
                if fault.needs_reopening() {
                    self.close();
                }
                Err(fault.at(&self.path))
            }
            Err(_) => {
                self.close();
                Err(damaged(&self.path, "the database is damaged (reading it failed in an unforeseen way)"))
            }
        }
    }

    fn ensure_open(&self) -> Result<(), StoreError> {
        if self.db.read().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let mut held = self.db.write().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = Some(self.open()?);
        }
        Ok(())
    }

    /// Lets go of a database that failed. The next use opens it again, checks included.
    fn close(&self) {
        let failed = self.db.write().unwrap_or_else(PoisonError::into_inner).take();
        // Closing writes; on a failed disk it may panic.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(failed)));
    }

    fn closed(&self) -> StoreError {
        StoreError::Io { path: self.path.clone(), problem: "the disk failed a moment ago; try again".to_owned() }
    }
}

/// A transaction whose end is on the disk and survives a crash without a long repair.
pub fn begin(db: &Database) -> Result<WriteTransaction, Fault> {
    let mut txn = db.begin_write()?;
    txn.set_quick_repair(true);
    Ok(txn)
}

/// How every database is opened: the integrity check is never left out.
pub fn builder(mode: ConcurrencyMode) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(limits::STORE_CACHE).set_concurrency_mode(mode).set_check_integrity_on_open(true);
    builder
}

/// Turns faults and panics of `work` into errors about `path`.
pub fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(answer) => answer.map_err(|fault| fault.at(path)),
        Err(_) => Err(damaged(path, "the database is damaged (reading it failed in an unforeseen way)")),
    }
}

/// Makes all tables and writes the schema's number.
pub fn lay_out(txn: &WriteTransaction) -> Result<(), Fault> {
    macro_rules! make {
        ($table:expr) => {
            txn.open_table($table)?;
        };
    }
    each_table!(make);
    txn.open_table(META)?.insert("schema", i64::try_from(SCHEMA).unwrap_or(i64::MAX))?;
    Ok(())
}

/// The schema's number in a file.
pub fn schema(txn: &ReadTransaction) -> Result<u64, Fault> {
    let table = txn.open_table(META)?;
    let found = table.get("schema")?.map(|number| number.value());
    found
        .and_then(|number| u64::try_from(number).ok())
        .ok_or_else(|| Fault::Record("not a database of allclear: it names no schema".to_owned()))
}

fn make_folder(folder: &Path) -> Result<(), StoreError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut maker = fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(folder).map_err(|error| of_io(folder, &error))
}

/// Makes a whole database under another name first: a crash leaves no half of one.
fn make_file(path: &Path) -> Result<(), StoreError> {
    let unfinished = path.with_extension(format!("redb.new-{}", std::process::id()));
    let _ = fs::remove_file(&unfinished);
    guarded(&unfinished, || {
        let db = builder(ConcurrencyMode::SingleWriter).create(&unfinished)?;
        let txn = begin(&db)?;
        lay_out(&txn)?;
        txn.commit()?;
        db.close()?;
        Ok(())
    })?;
    publish(&unfinished, path).or_else(|error| {
        // Another process was faster; its file counts.
        if path.exists() { Ok(()) } else { Err(error) }
    })
}

/// Gives a finished file its name, unless that is taken, and makes both last.
pub fn publish(unfinished: &Path, path: &Path) -> Result<(), StoreError> {
    let named = File::open(unfinished).and_then(|file| file.sync_all()).and_then(|()| {
        match fs::hard_link(unfinished, path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists && !path.exists() => {
                // A file system without links.
                fs::rename(unfinished, path)
            }
            other => other,
        }
    });
    let _ = fs::remove_file(unfinished);
    named.and_then(|()| sync_folder(path)).map_err(|error| of_io(path, &error))
}

/// Makes names in the folder of `path` last.
pub fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(folder) => OpenOptions::new().read(true).open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Removes what a crash left of making a file. Only after ours is open: nobody else is at work then.
fn sweep_unfinished(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with("allclear.redb.new-") {
            let _ = fs::remove_file(entry.path());
        }
    }
}
