//! `allclear backup`, `restore`, `doctor`.

use std::path::PathBuf;

use super::{BAD_NEWS, GOOD, Places, complain};
use crate::clock::Clock;
use crate::store::Store;

/// Write a consistent copy of the database.
#[derive(Debug, clap::Parser)]
pub struct BackupArgs {
    /// The copy; it must not exist yet.
    file: PathBuf,
}

/// Put a copy back.
#[derive(Debug, clap::Parser)]
pub struct RestoreArgs {
    /// The copy.
    file: PathBuf,
}

/// Copies the database of a running or stopped allclear.
pub fn backup(args: BackupArgs, places: Places) -> u8 {
    match Store::backup_of(&places.data, &args.file) {
        Ok(()) => {
            anstream::println!("{}: written", args.file.display());
            GOOD
        }
        Err(error) => complain(&error),
    }
}

/// Puts a copy back after checking it whole.
pub fn restore(args: RestoreArgs, places: Places) -> u8 {
    match Store::restore(&args.file, &places.data, Clock::system().now().wall) {
        Ok(report) => {
            anstream::println!("{}: put back", report.path.display());
            if let Some(kept) = report.kept {
                anstream::println!("{}: the database before it", kept.display());
            }
            GOOD
        }
        Err(error) => complain(&error),
    }
}

/// Says what is in the database and what is wrong with it.
pub fn doctor(places: Places) -> u8 {
    let report = Store::doctor(&places.data);
    for line in &report.lines {
        anstream::println!("{line}");
    }
    if report.sound { GOOD } else { BAD_NEWS }
}
