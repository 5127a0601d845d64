//! What stood on the page, version by version: each leaf (the scene, a source, an incident) whole from time to time,
//! and in between as a difference from the version before.

mod recorder;
mod scene;

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, Table, WriteTransaction};

pub use recorder::Recorder;
pub use scene::at;

use super::commit::time_of;
use super::error::Fault;
use super::record::{pack_known, unpack_known};
use super::tables::{INCIDENTS, MAINTENANCES, PAST, PAST_SIZE, micros};
use crate::limits;

/// The leaf that holds all others together.
const SCENE: &str = "page";

/// Nothing stood there any more: allclear was not running.
const NOTHING: u8 = 0;
/// As it is.
const PLAIN: u8 = 1;
/// Whole, packed.
const WHOLE: u8 = 2;
/// Packed, with the version before as dictionary.
const DIFFERENCE: u8 = 3;
/// No version unpacks to more than this.
const LARGEST: usize = 64 << 20;
/// Bytes of a row beside its value.
const ROW: u64 = 24;

type Rows<'txn> = Table<'txn, (&'static str, i64), &'static [u8]>;

fn source_leaf(id: &str) -> String {
    format!("s/{id}")
}

fn incident_leaf(id: &str) -> String {
    format!("i/{id}")
}

fn maintenance_leaf(id: &str) -> String {
    format!("m/{id}")
}

/// A packed version. `before`: the version that it differs from.
fn pack(version: &[u8], before: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    let bad = |error: std::io::Error| Fault::Record(format!("a version of the page cannot be packed: {error}"));
    let (tag, packed) = match before {
        Some(before) => {
            let mut packer = zstd::bulk::Compressor::with_dictionary(limits::PAST_EFFORT, before).map_err(bad)?;
            // What a reader knows anyway need not stand in each of a million rows.
            packer.include_checksum(false).map_err(bad)?;
            packer.include_dictid(false).map_err(bad)?;
            (DIFFERENCE, packer.compress(version).map_err(bad)?)
        }
        None => (WHOLE, pack_known(version).map_err(bad)?),
    };
    if packed.len() >= version.len() {
        return Ok(std::iter::once(PLAIN).chain(version.iter().copied()).collect());
    }
    Ok(std::iter::once(tag).chain(packed).collect())
}

fn unpack(row: &[u8], before: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    let bad = |error: std::io::Error| Fault::Record(format!("a version of the page cannot be unpacked: {error}"));
    match (row.split_first(), before) {
        (Some((&PLAIN, version)), _) => Ok(version.to_vec()),
        (Some((&WHOLE, packed)), _) => unpack_known(packed).map_err(bad),
        (Some((&DIFFERENCE, packed)), Some(before)) => {
            let mut unpacker = zstd::bulk::Decompressor::with_dictionary(before).map_err(bad)?;
            unpacker.decompress(packed, size(packed)).map_err(bad)
        }
        _ => Err(Fault::Record("a version of the page is of a kind that is not known here".to_owned())),
    }
}

fn size(packed: &[u8]) -> usize {
    let said = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten();
    said.and_then(|size| usize::try_from(size).ok()).unwrap_or(LARGEST).min(LARGEST)
}

/// A leaf as it stood at a moment, and since when; `None` where nothing stood there.
fn leaf_at(
    rows: &impl ReadableTable<(&'static str, i64), &'static [u8]>,
    leaf: &str,
    at: i64,
) -> Result<Option<(Vec<u8>, i64)>, Fault> {
    let mut chain: Vec<(i64, Vec<u8>)> = Vec::new();
    for row in rows.range((leaf, i64::MIN)..=(leaf, at))?.rev() {
        let (place, row) = row?;
        let row = row.value();
        if row.first() == Some(&NOTHING) {
            break;
        }
        let begins = row.first() != Some(&DIFFERENCE);
        chain.push((place.value().1, row.to_vec()));
        if begins {
            break;
        }
    }
    let Some(since) = chain.first().map(|(since, _)| *since) else { return Ok(None) };
    let mut version: Option<Vec<u8>> = None;
    for (_, row) in chain.iter().rev() {
        version = Some(unpack(row, version.as_deref())?);
    }
    Ok(version.map(|version| (version, since)))
}

/// Takes a leaf out, with all that it ever was.
fn forget_leaf(rows: &mut Rows<'_>, sizes: &mut Table<'_, &'static str, u64>, leaf: &str) -> Result<usize, Fault> {
    let gone = rows.extract_from_if((leaf, i64::MIN)..=(leaf, i64::MAX), |_, _| true)?.count();
    sizes.remove(leaf)?;
    Ok(gone)
}

/// What an operator removed is not shown in the past either, and what is kept nowhere else is not kept here.
pub fn forget<'a>(txn: &WriteTransaction, ids: impl IntoIterator<Item = &'a str>) -> Result<(), Fault> {
    let mut ids = ids.into_iter().peekable();
    if ids.peek().is_none() {
        return Ok(());
    }
    let (mut rows, mut sizes) = (txn.open_table(PAST)?, txn.open_table(PAST_SIZE)?);
    for id in ids {
        forget_leaf(&mut rows, &mut sizes, &incident_leaf(id))?;
        forget_leaf(&mut rows, &mut sizes, &maintenance_leaf(id))?;
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
            gone = gone.saturating_add(forget_leaf(&mut rows, &mut sizes, leaf)?);
            continue;
        }
        let place = rows.range((leaf.as_str(), i64::MIN)..)?.next().transpose()?.map(|(place, _)| place.value().1);
        if place.is_some_and(|oldest| oldest < before) {
            gone = gone.saturating_add(trim(&mut rows, &mut sizes, leaf, |at, _| at <= before)?);
        }
    }
    Ok(gone)
}

/// Removes the oldest versions of a leaf while `goes` (given a version's time and the bytes that went so far), but for
/// those that a later one differs from, and the newest.
fn trim(
    rows: &mut Rows<'_>,
    sizes: &mut Table<'_, &'static str, u64>,
    leaf: &str,
    goes: impl Fn(i64, u64) -> bool,
) -> Result<usize, Fault> {
    let (mut until, mut bytes, mut read) = (None, 0_u64, 0_u64);
    for row in rows.range((leaf, i64::MIN)..=(leaf, i64::MAX))? {
        let (place, row) = row?;
        let (at, row) = (place.value().1, row.value());
        if row.first() != Some(&DIFFERENCE) {
            (until, bytes) = (Some(at), read);
        }
        if !goes(at, bytes) {
            break;
        }
        read = read.saturating_add(weight(leaf, row));
    }
    let Some(until) = until else { return Ok(0) };
    let gone = rows.extract_from_if((leaf, i64::MIN)..(leaf, until), |_, _| true)?.count();
    let held = sizes.get(leaf)?.map_or(0, |size| size.value());
    sizes.insert(leaf, held.saturating_sub(bytes))?;
    Ok(gone)
}

/// What a row takes.
fn weight(leaf: &str, row: &[u8]) -> u64 {
    let bytes = leaf.len().saturating_add(row.len());
    u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(ROW)
}

/// Looks whether every version can be unpacked. Returns how many there are.
pub fn check(txn: &ReadTransaction, faults: &mut Vec<String>) -> Result<u64, Fault> {
    let mut count = 0_u64;
    let mut held: Option<(String, Vec<u8>)> = None;
    for row in txn.open_table(PAST)?.iter()? {
        let (place, row) = row?;
        let ((leaf, at), row) = (place.value(), row.value());
        count = count.saturating_add(1);
        if row.first() == Some(&NOTHING) {
            held = None;
            continue;
        }
        let before = held.take().filter(|(of, _)| of == leaf).map(|(_, version)| version);
        match unpack(row, before.as_deref()) {
            Ok(version) if serde_json::from_slice::<serde::de::IgnoredAny>(&version).is_ok() => {
                held = Some((leaf.to_owned(), version));
            }
            Ok(_) | Err(_) => {
                let at = time_of(at).unwrap_or_default();
                faults.push(format!("what the page showed of {leaf} at {at}: it cannot be read"));
            }
        }
    }
    Ok(count)
}
