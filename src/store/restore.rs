//! Puts a backup in the place of the database, once all of it was checked.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use redb::ReadableDatabase;

use super::doctor::{self, DoctorReport};
use super::door::{FILE, guarded, publish, schema, sync_folder};
use super::error::{StoreError, damaged, of_io};
use super::overlay;
use super::tables::SCHEMA;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// The database that is in place now.
    pub path: PathBuf,
    /// Where the old one is; `None` where there was none.
    pub kept: Option<PathBuf>,
}

/// Checks `from`, keeps the old file beside its place and puts a copy of `from` there.
pub fn restore(from: &Path, folder: &Path, now: Timestamp) -> Result<RestoreReport, StoreError> {
    let path = folder.join(FILE);
    check(from)?;
    fs::create_dir_all(folder).map_err(|error| of_io(folder, &error))?;
    // Held to the end: nobody starts on the old file meanwhile. A damaged one cannot be held.
    let _held = match overlay::open(&path) {
        Err(error @ StoreError::InUse { .. }) => return Err(error),
        other => other.ok(),
    };
    let unfinished = path.with_extension(format!("redb.new-{}", std::process::id()));
    fs::copy(from, &unfinished)
        .and_then(|_| File::open(&unfinished)?.sync_all())
        .map_err(|error| of_io(&unfinished, &error))?;
    // What was copied is checked too: `from` may have changed, or the disk may lie.
    check(&unfinished).inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
    let kept = match fs::symlink_metadata(&path) {
        Err(_) => None,
        Ok(_) => Some(set_aside(&path, now)?),
    };
    publish(&unfinished, &path)?;
    Ok(RestoreReport { path, kept })
}

fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let name = format!("redb.before-restore-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let mut kept = path.with_extension(&name);
    let mut count = 1_u32;
    while fs::symlink_metadata(&kept).is_ok() {
        count = count.saturating_add(1);
        kept = path.with_extension(format!("{name}-{count}"));
    }
    fs::rename(path, &kept).and_then(|()| sync_folder(path)).map_err(|error| of_io(path, &error))?;
    Ok(kept)
}

/// Every page and every record of a backup.
fn check(from: &Path) -> Result<(), StoreError> {
    let db = overlay::open(from)?;
    let mut report = DoctorReport { lines: Vec::new(), sound: true };
    let found = guarded(from, || {
        let txn = db.begin_read()?;
        doctor::all(&txn, &mut report)?;
        schema(&txn)
    })?;
    if found > SCHEMA {
        return Err(StoreError::Newer { path: from.to_owned(), found, known: SCHEMA });
    }
    // An older schema is brought up to date, and checked, by the next start.
    if !report.sound && found == SCHEMA {
        let fault = report.lines.iter().find_map(|line| line.strip_prefix("fault: "));
        return Err(damaged(from, fault.unwrap_or("records cannot be read").to_owned()));
    }
    Ok(())
}
