//! Why the store could not do it, and how redb's faults become that.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

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

/// What goes wrong inside a transaction, before the file's name is added.
#[derive(Debug)]
pub(super) enum Fault {
    /// redb or the disk below it.
    Redb(redb::Error),
    /// A record that is not what it should be.
    Record(String),
    /// The caller asked for what cannot be done.
    Refused(String),
}

impl Fault {
    /// True where the database must be opened anew before it can be used again.
    pub(super) fn needs_reopening(&self) -> bool {
        use redb::Error;
        matches!(
            self,
            Self::Redb(
                Error::Io(_)
                    | Error::Backend(_)
                    | Error::PreviousIo
                    | Error::LockPoisoned(_)
                    | Error::DatabaseClosed
                    | Error::Corrupted(_)
            )
        )
    }

    /// Adds the file's name.
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Redb(error) => of_redb(path, error),
            Self::Record(problem) => damaged(path, problem),
            Self::Refused(problem) => StoreError::Io { path: path.to_owned(), problem },
        }
    }
}

macro_rules! from_redb {
    ($($kind:ty),*) => { $(
        impl From<$kind> for Fault {
            fn from(error: $kind) -> Self {
                Self::Redb(error.into())
            }
        }
    )* };
}
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError, redb::DatabaseError);
from_redb!(redb::SetDurabilityError, redb::CompactionError);

/// The error of a file that cannot be believed.
pub(super) fn damaged(path: &Path, problem: impl Into<String>) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), problem: problem.into() }
}

/// The error of a disk that refuses.
pub(super) fn of_io(path: &Path, error: &std::io::Error) -> StoreError {
    let path = path.to_owned();
    let advice = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => return StoreError::Full { path },
        ErrorKind::InvalidData => {
            return damaged(&path, format!("not a database of allclear ({error})"));
        }
        ErrorKind::UnexpectedEof => return damaged(&path, "the file is cut short"),
        ErrorKind::PermissionDenied => "make the folder and the file writable for the user that runs allclear",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only: mount it writable, or give another --data",
        ErrorKind::NotADirectory => "--data must name a folder",
        ErrorKind::NotFound => "check the path",
        ErrorKind::AlreadyExists => "it exists already: give another name",
        _ => "check the disk",
    };
    StoreError::Io { path, problem: format!("{error}; {advice}") }
}

fn of_redb(path: &Path, error: redb::Error) -> StoreError {
    use redb::Error;
    match error {
        Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => StoreError::InUse { path: path.to_owned() },
        Error::Io(error) => of_io(path, &error),
        Error::PreviousIo | Error::DatabaseClosed | Error::LockPoisoned(_) | Error::Backend(_) => StoreError::Io {
            path: path.to_owned(),
            problem: format!("the disk failed ({error}); check it, the database is opened again by itself"),
        },
        Error::RepairAborted => damaged(path, "it was not closed in order and cannot be repaired read-only"),
        Error::TableDoesNotExist(table) => damaged(path, format!("not a database of allclear: no table {table}")),
        other => damaged(path, format!("the database is damaged ({other})")),
    }
}
