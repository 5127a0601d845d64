//! `allclear backup`, `restore`, `doctor`.

use std::path::PathBuf;

use super::{BAD_NEWS, GOOD, Places, complain, replay};
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

/// Check the database.
#[derive(Debug, clap::Parser)]
pub struct DoctorArgs {
    /// A backup to look at instead of the database in the data folder.
    file: Option<PathBuf>,
    /// Read every receipt again, and say what would now be read differently from what is recorded.
    #[arg(long)]
    replay: bool,
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
pub fn doctor(args: DoctorArgs, places: &Places) -> u8 {
    let place = args.file.as_ref().unwrap_or(&places.data);
    if args.replay {
        return replay::run(place, places);
    }
    let report = Store::doctor(place);
    for line in &report.lines {
        anstream::println!("{line}");
    }
    if report.sound { GOOD } else { BAD_NEWS }
}
