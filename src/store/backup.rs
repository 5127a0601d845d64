//! One consistent moment as a new file.

use std::fs;
use std::path::Path;

use redb::{ConcurrencyMode, Database, ReadTransaction, ReadableDatabase, ReadableTable, TableError};

use super::door::{Door, FILE, begin, builder, guarded, publish, schema};
use super::error::{Fault, StoreError, of_io};
use super::tables::{SCHEMA, each_table};

/// Makes the file `to` with what `fill` puts in: finished, synced and named only when all of it is there.
pub fn new_file(to: &Path, fill: impl FnOnce(&Database) -> Result<(), StoreError>) -> Result<(), StoreError> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(of_io(to, &std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
    }
    let mut name = to.as_os_str().to_owned();
    name.push(format!(".partial-{}", std::process::id()));
    let unfinished = std::path::PathBuf::from(name);
    let _ = fs::remove_file(&unfinished);
    let made =
        guarded(&unfinished, || Ok(builder(ConcurrencyMode::SingleWriter).create(&unfinished)?)).and_then(|db| {
            fill(&db)?;
            guarded(&unfinished, || Ok(db.close()?))
        });
    if let Err(error) = made {
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    publish(&unfinished, to)
}

/// Copies all tables as they are at `from`'s moment.
pub fn copy(from: &ReadTransaction, to: &Database) -> Result<(), Fault> {
    macro_rules! table {
        ($table:expr) => {
            let txn = begin(to)?;
            {
                let mut target = txn.open_table($table)?;
                match from.open_table($table) {
                    Ok(source) => {
                        for entry in source.iter()? {
                            let (key, value) = entry?;
                            target.insert(key.value(), value.value())?;
                        }
                    }
                    Err(TableError::TableDoesNotExist(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            txn.commit()?;
        };
    }
    each_table!(table);
    Ok(())
}

/// A backup of the database in `folder`. Where nobody uses it, it is opened and checked; where a process writes to
/// it, its commits are read beside it.
pub fn of_folder(folder: &Path, to: &Path) -> Result<(), StoreError> {
    let path = folder.join(FILE);
    match Door::of_file(&path) {
        Ok(door) => {
            known(&path, door.read(schema)?)?;
            new_file(to, |target| door.read(|txn| copy(txn, target)))
        }
        Err(StoreError::InUse { .. }) => {
            let db = guarded(&path, || Ok(builder(ConcurrencyMode::SingleWriter).open_read_only(&path)?))?;
            known(&path, guarded(&path, || schema(&db.begin_read()?))?)?;
            new_file(to, |target| guarded(&path, || copy(&db.begin_read()?, target)))
        }
        Err(error) => Err(error),
    }
}

/// Only the present schema is copied: another one has other tables.
pub fn known(path: &Path, found: u64) -> Result<(), StoreError> {
    if found > SCHEMA {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: SCHEMA });
    }
    if found < SCHEMA {
        let problem = format!("written by an older allclear (schema {found}): start this one once, then back it up");
        return Err(StoreError::Io { path: path.to_owned(), problem });
    }
    Ok(())
}
