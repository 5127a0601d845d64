//! Receipts: each body once, as long as somebody refers to it, within a budget.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use sha2::{Digest, Sha256};

use super::error::Fault;
use super::record::receipt::{self as record, ReceiptMeta};
use super::record::unpack;
use super::tables::{BODY_USE, HASH_TO_BODY, RECEIPT, micros};
use crate::limits;
use crate::model::id::SourceId;
use crate::model::receipt::Receipt;

type Hash = [u8; 32];

/// No document's name comes after this.
const LAST: &str = "\u{10ffff}";

/// The documents of one reading that are kept.
#[derive(Debug, Clone)]
pub struct KeptReading {
    /// Whose.
    pub source: SourceId,
    /// At least one.
    pub documents: Vec<ReceiptMeta>,
    /// No document of it is gone.
    pub whole: bool,
}

/// Keeps receipts of `source` and drops its oldest ones over its budget.
pub fn put(txn: &WriteTransaction, source: &str, receipts: &[Receipt]) -> Result<(), Fault> {
    if receipts.is_empty() {
        return Ok(());
    }
    for one in receipts {
        let hash: Hash = Sha256::digest(&one.body).into();
        let packed = body(txn, hash, &one.body)?;
        let meta = ReceiptMeta {
            document: one.document.clone(),
            url: one.url.clone(),
            content_type: one.content_type.clone(),
            read_at: one.read_at,
            hash: hex(&hash),
            size: u64::try_from(one.body.len()).unwrap_or(u64::MAX),
            packed,
            place: one.place,
            history: one.history,
            reading: Some(one.reading.clone()),
        };
        let bytes = record::write(&meta).map_err(Fault::Record)?;
        let at = micros(one.reading.noticed_at.unwrap_or(one.read_at));
        remove(txn, source, at, &one.document)?;
        // Replacing may have dropped the body that is the same again.
        body(txn, hash, &one.body)?;
        txn.open_table(RECEIPT)?.insert((source, at, one.document.as_str()), bytes.as_slice())?;
        txn.open_table(BODY_USE)?.insert((hash, source, at, one.document.as_str()), ())?;
    }
    let all = of_source(txn, source)?;
    drop_over(txn, all, limits::RECEIPTS_BYTES_PER_SOURCE)?;
    Ok(())
}

/// Keeps a body once; says how many bytes it takes.
fn body(txn: &WriteTransaction, hash: Hash, body: &[u8]) -> Result<u64, Fault> {
    let mut bodies = txn.open_table(HASH_TO_BODY)?;
    if let Some(packed) = bodies.get(hash)? {
        return Ok(u64::try_from(packed.value().len()).unwrap_or(u64::MAX));
    }
    let packed = zstd::bulk::compress(body, 3).map_err(|error| Fault::Record(error.to_string()))?;
    bodies.insert(hash, packed.as_slice())?;
    Ok(u64::try_from(packed.len()).unwrap_or(u64::MAX))
}

fn remove(txn: &WriteTransaction, source: &str, at: i64, document: &str) -> Result<(), Fault> {
    let meta = match txn.open_table(RECEIPT)?.remove((source, at, document))? {
        None => return Ok(()),
        Some(bytes) => record::read(bytes.value()).map_err(Fault::Record)?,
    };
    let Some(hash) = unhex(&meta.hash) else {
        return Err(Fault::Record(format!("receipt of {source}: `{}` is no hash", meta.hash)));
    };
    let mut uses = txn.open_table(BODY_USE)?;
    uses.remove((hash, source, at, document))?;
    let used = match uses.range((hash, "", i64::MIN, "")..)?.next() {
        None => false,
        Some(next) => next?.0.value().0 == hash,
    };
    if !used {
        txn.open_table(HASH_TO_BODY)?.remove(hash)?;
    }
    Ok(())
}

/// What is known of one stored receipt, oldest first in lists.
struct Entry {
    source: String,
    at: i64,
    meta: ReceiptMeta,
}

fn of_source(txn: &WriteTransaction, source: &str) -> Result<Vec<Entry>, Fault> {
    let mut found = Vec::new();
    for entry in txn.open_table(RECEIPT)?.range((source, i64::MIN, "")..)? {
        let (key, value) = entry?;
        let (of, at, _) = key.value();
        if of != source {
            break;
        }
        let meta = record::read(value.value()).map_err(Fault::Record)?;
        found.push(Entry { source: of.to_owned(), at, meta });
    }
    Ok(found)
}

/// Drops the oldest until the bodies fit. The latest of each document stays: the present state rests on it.
fn drop_over(txn: &WriteTransaction, mut entries: Vec<Entry>, budget: u64) -> Result<usize, Fault> {
    entries.sort_by_key(|entry| entry.at);
    let mut uses: HashMap<String, u64> = HashMap::new();
    let mut total = 0_u64;
    for entry in &entries {
        let count = uses.entry(entry.meta.hash.clone()).or_default();
        if *count == 0 {
            total = total.saturating_add(entry.meta.packed);
        }
        *count += 1;
    }
    if total <= budget {
        return Ok(0);
    }
    let mut latest: HashSet<(String, String)> = HashSet::new();
    let mut stays = vec![false; entries.len()];
    for (entry, stays) in entries.iter().zip(stays.iter_mut()).rev() {
        *stays = latest.insert((entry.source.clone(), entry.meta.document.clone()));
    }
    let mut gone = 0;
    for (entry, _) in entries.iter().zip(&stays).filter(|(_, stays)| !**stays) {
        if total <= budget {
            break;
        }
        remove(txn, &entry.source, entry.at, &entry.meta.document)?;
        gone += 1;
        if let Some(count) = uses.get_mut(&entry.meta.hash) {
            *count -= 1;
            if *count == 0 {
                total = total.saturating_sub(entry.meta.packed);
            }
        }
    }
    Ok(gone)
}

/// Drops the oldest receipts of all over the budget of all.
pub fn prune(txn: &WriteTransaction) -> Result<usize, Fault> {
    let mut all = Vec::new();
    for entry in txn.open_table(RECEIPT)?.iter()? {
        let (key, value) = entry?;
        let (source, at, _) = key.value();
        all.push(Entry { source: source.to_owned(), at, meta: record::read(value.value()).map_err(Fault::Record)? });
    }
    drop_over(txn, all, limits::RECEIPTS_BYTES)
}

/// Receipts of a source, newest first.
pub fn list(txn: &ReadTransaction, source: &str, limit: usize) -> Result<Vec<ReceiptMeta>, Fault> {
    let table = txn.open_table(RECEIPT)?;
    let mut found = Vec::new();
    for entry in table.range((source, i64::MIN, "")..=(source, i64::MAX, LAST))?.rev().take(limit) {
        found.push(record::read(entry?.1.value()).map_err(Fault::Record)?);
    }
    Ok(found)
}

/// The documents of readings by the moment at which their changes were noticed. A reading of which a document is
/// gone is left out: what is left may not be what brought the change.
pub fn at(
    txn: &ReadTransaction,
    source: &str,
    moments: &[Timestamp],
) -> Result<HashMap<Timestamp, Vec<ReceiptMeta>>, Fault> {
    let table = txn.open_table(RECEIPT)?;
    let mut found = HashMap::new();
    for moment in moments {
        let at = micros(*moment);
        let mut documents = Vec::new();
        for entry in table.range((source, at, "")..=(source, at, LAST))? {
            documents.push(record::read(entry?.1.value()).map_err(Fault::Record)?);
        }
        let theirs = |meta: &ReceiptMeta| meta.reading.as_ref().is_some_and(|one| one.noticed_at == Some(*moment));
        if is_whole(&documents) && documents.iter().all(theirs) {
            found.insert(*moment, documents);
        }
    }
    Ok(found)
}

/// The documents of the newest reading that was noticed by `until`; none where one of them is gone.
pub fn newest(txn: &ReadTransaction, source: &str, until: Timestamp) -> Result<Vec<ReceiptMeta>, Fault> {
    let table = txn.open_table(RECEIPT)?;
    let mut documents: Vec<ReceiptMeta> = Vec::new();
    let mut at = None;
    for entry in table.range((source, i64::MIN, "")..=(source, micros(until), LAST))?.rev() {
        let (key, value) = entry?;
        if at.is_some_and(|at| at != key.value().1) {
            break;
        }
        at = Some(key.value().1);
        documents.push(record::read(value.value()).map_err(Fault::Record)?);
    }
    documents.reverse();
    Ok(if is_whole(&documents) { documents } else { Vec::new() })
}

/// Every reading of every source, the oldest of each first.
pub fn readings(txn: &ReadTransaction) -> Result<Vec<KeptReading>, Fault> {
    let mut found: Vec<KeptReading> = Vec::new();
    let mut last = 0;
    for entry in txn.open_table(RECEIPT)?.iter()? {
        let (key, value) = entry?;
        let (source, at, _) = key.value();
        let meta = record::read(value.value()).map_err(Fault::Record)?;
        match found.last_mut() {
            Some(reading) if last == at && reading.source.as_str() == source => reading.documents.push(meta),
            _ => found.push(KeptReading { source: SourceId::new(source), documents: vec![meta], whole: false }),
        }
        last = at;
    }
    for reading in &mut found {
        reading.whole = is_whole(&reading.documents);
    }
    Ok(found)
}

/// True where no document of a reading is gone. Records from before that was noted are taken at their word.
fn is_whole(documents: &[ReceiptMeta]) -> bool {
    let whole = |meta: &ReceiptMeta| meta.reading.as_ref().is_none_or(|reading| reading.documents == documents.len());
    !documents.is_empty() && documents.iter().all(whole)
}

/// True where a source has sent a body with this hash and its receipt is kept.
pub fn is_of(txn: &ReadTransaction, source: &str, hash: &str) -> Result<bool, Fault> {
    let Some(hash) = unhex(hash) else { return Ok(false) };
    let uses = txn.open_table(BODY_USE)?;
    let found = uses.range((hash, source, i64::MIN, "")..=(hash, source, i64::MAX, LAST))?.next().transpose()?;
    Ok(found.is_some())
}

/// Receipts whose hash begins with `start`, of every source that sent them, the newest of each document.
pub fn find(txn: &ReadTransaction, start: &str) -> Result<Vec<(SourceId, ReceiptMeta)>, Fault> {
    let mut found: HashMap<(String, String, String), ReceiptMeta> = HashMap::new();
    for entry in txn.open_table(RECEIPT)?.iter()? {
        let (key, value) = entry?;
        let meta = record::read(value.value()).map_err(Fault::Record)?;
        if meta.hash.starts_with(start) {
            found.insert((key.value().0.to_owned(), meta.document.clone(), meta.hash.clone()), meta);
        }
    }
    let mut found: Vec<_> = found.into_iter().map(|((source, ..), meta)| (SourceId::new(source), meta)).collect();
    found.sort_by(|(a, one), (b, other)| (a, &one.document, &one.hash).cmp(&(b, &other.document, &other.hash)));
    Ok(found)
}

/// A body by its hash, as sent.
pub fn read(txn: &ReadTransaction, hash: &str) -> Result<Option<Bytes>, Fault> {
    let Some(hash) = unhex(hash) else { return Ok(None) };
    let table = txn.open_table(HASH_TO_BODY)?;
    let Some(packed) = table.get(hash)? else { return Ok(None) };
    let body = unpack_body(packed.value()).map_err(Fault::Record)?;
    let real: Hash = Sha256::digest(&body).into();
    if real != hash {
        return Err(Fault::Record(format!("receipt {} does not match its hash", hex(&hash))));
    }
    Ok(Some(Bytes::from(body)))
}

/// Unpacks a body.
pub fn unpack_body(packed: &[u8]) -> Result<Vec<u8>, String> {
    unpack(packed, 1 << 30)
}

/// Hexadecimal digits of a hash.
pub fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Hash> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(hash)
}
