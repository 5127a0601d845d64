//! What stood on the page, version by version: each leaf (the scene, a source, an incident) whole from time to time,
//! and in between as a difference from the version before.

mod pack;
mod recorder;
mod rows;
mod scene;

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

pub use recorder::Recorder;
pub use scene::at;

use super::commit::time_of;
use super::error::Fault;
use super::tables::{INCIDENTS, MAINTENANCES, PAST, PAST_SIZE, micros};
use crate::limits;

/// The leaf that holds all others together.
const SCENE: &str = "page";

fn source_leaf(id: &str) -> String {
    format!("s/{id}")
}

fn incident_leaf(id: &str) -> String {
    format!("i/{id}")
}

fn maintenance_leaf(id: &str) -> String {
    format!("m/{id}")
}

/// What an operator removed is not shown in the past either, and what is kept nowhere else is not kept here.
pub fn forget<'a>(txn: &WriteTransaction, ids: impl IntoIterator<Item = &'a str>) -> Result<(), Fault> {
    let mut ids = ids.into_iter().peekable();
    if ids.peek().is_none() {
        return Ok(());
    }
    let (mut rows, mut sizes) = (txn.open_table(PAST)?, txn.open_table(PAST_SIZE)?);
    for id in ids {
        rows::forget(&mut rows, &mut sizes, &incident_leaf(id))?;
        rows::forget(&mut rows, &mut sizes, &maintenance_leaf(id))?;
    }
    Ok(())
}

/// Removes what is older than is kept. What stood at that time stays, and with it the versions that it differs from.
pub fn prune(txn: &WriteTransaction, now: Timestamp) -> Result<usize, Fault> {
    let Ok(before) = now.checked_sub(limits::EVENTS_KEPT).map(micros) else { return Ok(0) };
    let (mut rows, mut sizes) = (txn.open_table(PAST)?, txn.open_table(PAST_SIZE)?);
    let leaves: Vec<String> =
        sizes.iter()?.map(|row| row.map(|(leaf, _)| leaf.value().to_owned())).collect::<Result<_, _>>()?;
    let mut gone = 0_usize;
    let (incidents, maintenances) = (txn.open_table(INCIDENTS.records)?, txn.open_table(MAINTENANCES.records)?);
    for leaf in &leaves {
        let is_gone = match leaf.split_once('/') {
            Some(("i", id)) => incidents.get(id)?.is_none(),
            Some(("m", id)) => maintenances.get(id)?.is_none(),
            _ => false,
        };
        if is_gone {
            gone = gone.saturating_add(rows::forget(&mut rows, &mut sizes, leaf)?);
            continue;
        }
        let place = rows.range((leaf.as_str(), i64::MIN)..)?.next().transpose()?.map(|(place, _)| place.value().1);
        if place.is_some_and(|oldest| oldest < before) {
            gone = gone.saturating_add(rows::trim(&mut rows, &mut sizes, leaf, |next, _| next <= before)?);
        }
    }
    Ok(gone)
}

/// Looks whether every version can be unpacked. Returns how many there are.
pub fn check(txn: &ReadTransaction, faults: &mut Vec<String>) -> Result<u64, Fault> {
    let (mut count, mut unpacker) = (0_u64, pack::Unpacker::default());
    for row in txn.open_table(PAST)?.iter()? {
        let (place, row) = row?;
        let (leaf, first) = place.value();
        let (mut before, mut at) = (None, first);
        for version in rows::versions(first, row.value()) {
            count = count.saturating_add(1);
            let read = version.and_then(|(since, version)| {
                at = since;
                unpacker.unpack(version, before.as_deref())
            });
            let is_json = |version: &Vec<u8>| serde_json::from_slice::<serde::de::IgnoredAny>(version).is_ok();
            match read {
                Ok(version) if version.as_ref().is_none_or(is_json) => before = version,
                Ok(_) | Err(_) => {
                    let at = time_of(at).unwrap_or_default();
                    faults.push(format!("what the page showed of {leaf} at {at}: it cannot be read"));
                    break;
                }
            }
        }
    }
    Ok(count)
}
