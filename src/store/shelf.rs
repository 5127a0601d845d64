//! Incidents and maintenances: written with their indexes, capped per source.

use jiff::Timestamp;
use redb::{ReadableTable, Table, WriteTransaction};

use super::error::Fault;
use super::record::incident as record;
use super::tables::{HISTORY_BYTES_PER_SOURCE, INCIDENTS, MAINTENANCES, OPEN, Shelf, micros};
use crate::limits;
use crate::model::incident::{Incident, Listing, Maintenance};

/// What stands on a shelf.
pub trait Kept: Clone {
    /// Where it stands.
    const SHELF: Shelf;
    /// Its key.
    fn id(&self) -> &str;
    /// Its source; empty for local ones.
    fn source(&self) -> &str;
    /// By what it is ordered.
    fn start(&self) -> Timestamp;
    /// When it was over, as well as that is known; `None` while it goes on.
    fn end(&self) -> Option<Timestamp>;
    /// The same without its updates.
    #[must_use]
    fn thin(&self) -> Self;
    /// Its record.
    fn write(&self) -> Result<Vec<u8>, String>;
    /// Back again.
    fn read(bytes: &[u8]) -> Result<Self, String>;
}

fn closed_at(listing: Listing) -> Option<Timestamp> {
    match listing {
        Listing::NoLongerListed { since } => Some(since),
        Listing::Listed | Listing::Missing { .. } => None,
    }
}

impl Kept for Incident {
    const SHELF: Shelf = INCIDENTS;
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn source(&self) -> &str {
        self.source.as_ref().map_or("", |id| id.as_str())
    }
    fn start(&self) -> Timestamp {
        self.began_at()
    }
    fn end(&self) -> Option<Timestamp> {
        (!self.is_open()).then(|| {
            self.resolved_at.or(closed_at(self.listing)).or(self.updated_at).unwrap_or_else(|| self.began_at())
        })
    }
    fn thin(&self) -> Self {
        Self { updates: Vec::new(), ..self.clone() }
    }
    fn write(&self) -> Result<Vec<u8>, String> {
        record::write(self)
    }
    fn read(bytes: &[u8]) -> Result<Self, String> {
        record::read(bytes)
    }
}

impl Kept for Maintenance {
    const SHELF: Shelf = MAINTENANCES;
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn source(&self) -> &str {
        self.source.as_ref().map_or("", |id| id.as_str())
    }
    fn start(&self) -> Timestamp {
        self.starts_at.unwrap_or(self.first_seen_at)
    }
    fn end(&self) -> Option<Timestamp> {
        (!self.is_open())
            .then(|| closed_at(self.listing).or(self.ends_at).or(self.updated_at).unwrap_or_else(|| self.start()))
    }
    fn thin(&self) -> Self {
        Self { updates: Vec::new(), ..self.clone() }
    }
    fn write(&self) -> Result<Vec<u8>, String> {
        record::write_maintenance(self)
    }
    fn read(bytes: &[u8]) -> Result<Self, String> {
        record::read_maintenance(bytes)
    }
}

/// The three tables of a shelf, opened once for many items.
struct Tables<'txn> {
    records: Table<'txn, &'static str, &'static [u8]>,
    by_start: Table<'txn, (i64, &'static str), ()>,
    by_source: Table<'txn, (&'static str, i64, &'static str), (i64, u32)>,
}

impl<'txn> Tables<'txn> {
    fn open(txn: &'txn WriteTransaction, shelf: Shelf) -> Result<Self, Fault> {
        Ok(Self {
            records: txn.open_table(shelf.records)?,
            by_start: txn.open_table(shelf.by_start)?,
            by_source: txn.open_table(shelf.by_source)?,
        })
    }

    fn put<K: Kept>(&mut self, item: &K) -> Result<u64, Fault> {
        let bytes = item.write().map_err(Fault::Record)?;
        self.remove::<K>(item.id())?;
        let (start, end) = (micros(item.start()), item.end().map_or(OPEN, micros));
        self.records.insert(item.id(), bytes.as_slice())?;
        self.by_start.insert((start, item.id()), ())?;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.by_source.insert((item.source(), start, item.id()), (end, length))?;
        Ok(u64::from(length))
    }

    fn remove<K: Kept>(&mut self, id: &str) -> Result<bool, Fault> {
        let old = match self.records.remove(id)? {
            None => return Ok(false),
            Some(bytes) => {
                K::read(bytes.value()).map_err(|problem| Fault::Record(format!("record {id}: {problem}")))?
            }
        };
        let start = micros(old.start());
        self.by_start.remove((start, id))?;
        self.by_source.remove((old.source(), start, id))?;
        Ok(true)
    }
}

/// Puts things on their shelf, replacing what had their ids.
pub fn put<'a, K: Kept + 'a>(txn: &WriteTransaction, items: impl IntoIterator<Item = &'a K>) -> Result<(), Fault> {
    let mut items = items.into_iter().peekable();
    if items.peek().is_none() {
        return Ok(());
    }
    let mut tables = Tables::open(txn, K::SHELF)?;
    let mut capped: Vec<&str> = Vec::new();
    for item in items {
        tables.put(item)?;
        if !item.source().is_empty() && !capped.contains(&item.source()) {
            capped.push(item.source());
        }
    }
    for source in capped {
        cap::<K>(&mut tables, source)?;
    }
    Ok(())
}

/// Takes some off their shelf, with their index entries.
pub fn remove<K: Kept>(txn: &WriteTransaction, ids: &[String]) -> Result<(), Fault> {
    let mut tables = Tables::open(txn, K::SHELF)?;
    for id in ids {
        tables.remove::<K>(id)?;
    }
    Ok(())
}

/// Keeps a source within its share: the oldest past ones go first; if that is not enough, words go.
fn cap<K: Kept>(tables: &mut Tables<'_>, source: &str) -> Result<(), Fault> {
    let mut entries: Vec<(String, i64, u64)> = Vec::new();
    for entry in tables.by_source.range((source, i64::MIN, "")..)? {
        let (key, value) = entry?;
        let ((of, _, id), (end, length)) = (key.value(), value.value());
        if of != source {
            break;
        }
        entries.push((id.to_owned(), end, u64::from(length)));
    }
    let mut count = entries.len();
    let mut bytes: u64 = entries.iter().map(|entry| entry.2).sum();
    entries.sort_by_key(|entry| entry.1);
    for (id, end, length) in &entries {
        if count <= limits::INCIDENTS && bytes <= HISTORY_BYTES_PER_SOURCE {
            return Ok(());
        }
        if *end == OPEN {
            break;
        }
        tables.remove::<K>(id)?;
        count -= 1;
        bytes = bytes.saturating_sub(*length);
    }
    for (id, _, length) in entries.iter().filter(|entry| entry.1 == OPEN) {
        if bytes <= HISTORY_BYTES_PER_SOURCE {
            return Ok(());
        }
        let stored = match tables.records.get(id.as_str())? {
            Some(record) => K::read(record.value()).map_err(Fault::Record)?,
            None => continue,
        };
        let left = tables.put(&stored.thin())?;
        bytes = bytes.saturating_sub(*length).saturating_add(left);
    }
    Ok(())
}
