//! Reading: what a start needs, and lists with opaque cursors.

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata as _};

use super::commit::time_of;
use super::error::Fault;
use super::postings;
use super::record::{event, state, transport};
use super::shelf::Kept;
use super::tables::{
    META, OPEN, OUTBOX, SEQ_TO_EVENT, SOURCE_SEQ, SOURCE_TO_DETECTED, SOURCE_TO_STATE, SOURCE_TO_TRANSPORT,
    SUBJECT_SEQ, micros,
};
use super::{Loaded, Part, desk};
use crate::limits;
use crate::model::event::Event;
use crate::model::id::SourceId;
use crate::model::state::{SourceState, Transport};

/// The last event that was ever stored; 0 where there is none.
pub fn last_seq(txn: &ReadTransaction) -> Result<u64, Fault> {
    let meta = txn.open_table(META)?;
    Ok(meta.get("seq")?.map_or(0, |seq| u64::try_from(seq.value()).unwrap_or(0)))
}

/// Everything that a start needs.
pub fn load(txn: &ReadTransaction, now: Timestamp) -> Result<Loaded, Fault> {
    let meta = txn.open_table(META)?;
    let seq = last_seq(txn)?;
    let newest = meta.get("newest")?.and_then(|at| time_of(at.value()));
    let mut loaded = Loaded { seq, newest, ..Loaded::default() };
    for entry in txn.open_table(SOURCE_TO_TRANSPORT)?.iter()? {
        let (key, value) = entry?;
        let how = transport::read(value.value()).map_err(|problem| bad("reading of", key.value(), &problem))?;
        let since = how.failing_since.or(how.checked_at).unwrap_or(now);
        loaded.sources.insert(SourceId::new(key.value()), (SourceState::never_read(since), how));
    }
    for entry in txn.open_table(SOURCE_TO_STATE)?.iter()? {
        let (key, value) = entry?;
        let mut says = state::read(value.value()).map_err(|problem| bad("state of", key.value(), &problem))?;
        says.incidents = recent(txn, key.value(), now)?;
        says.maintenances = recent(txn, key.value(), now)?;
        let held = loaded.sources.entry(SourceId::new(key.value()));
        held.or_insert_with(|| (SourceState::never_read(now), Transport::default())).0 = says;
    }
    for entry in txn.open_table(SOURCE_TO_DETECTED)?.iter()? {
        let (key, value) = entry?;
        let what =
            transport::read_detected(value.value()).map_err(|problem| bad("format of", key.value(), &problem))?;
        loaded.detected.insert(SourceId::new(key.value()), what);
    }
    loaded.local_incidents = recent(txn, "", now)?;
    loaded.local_maintenances = recent(txn, "", now)?;
    loaded.kept = desk::all(txn)?;
    let log = txn.open_table(SEQ_TO_EVENT)?;
    for entry in log.iter()?.rev().take(limits::CATCH_UP) {
        let (key, value) = entry?;
        loaded.events.push(one_event(key.value(), value.value())?);
    }
    loaded.events.reverse();
    Ok(loaded)
}

pub(super) fn bad(what: &str, id: &str, problem: &str) -> Fault {
    Fault::Record(format!("{what} {id}: {problem}"))
}

fn one_event(seq: u64, record: &[u8]) -> Result<Event, Fault> {
    event::read(seq, record).map_err(|problem| Fault::Record(format!("event {seq}: {problem}")))
}

/// Open ones and the newest of the recent past, newest first.
fn recent<K: Kept>(txn: &ReadTransaction, source: &str, now: Timestamp) -> Result<Vec<K>, Fault> {
    let since = now.checked_sub(limits::RECENT).map_or(i64::MIN, micros);
    let records = txn.open_table(K::SHELF.records)?;
    let by_source = txn.open_table(K::SHELF.by_source)?;
    let mut past = 0;
    let mut found = Vec::new();
    for entry in by_source.range((source, i64::MIN, "")..(source, i64::MAX, ""))?.rev() {
        let (key, value) = entry?;
        let ((_, _, id), (end, _)) = (key.value(), value.value());
        if end != OPEN {
            if end < since || past == limits::RECENT_INCIDENTS {
                continue;
            }
            past += 1;
        }
        found.push(one::<K>(&records, id)?.ok_or_else(|| bad("record", id, "it is in an index only"))?);
    }
    Ok(found)
}

pub(super) fn one<K: Kept>(
    records: &impl ReadableTable<&'static str, &'static [u8]>,
    id: &str,
) -> Result<Option<K>, Fault> {
    match records.get(id)? {
        None => Ok(None),
        Some(record) => K::read(record.value()).map(Some).map_err(|problem| bad("record", id, &problem)),
    }
}

/// One by id.
pub fn by_id<K: Kept>(txn: &ReadTransaction, id: &str) -> Result<Option<K>, Fault> {
    one(&txn.open_table(K::SHELF.records)?, id)
}

/// Newest first; of one source where given. A cursor that is not ours gives the end.
pub fn list<K: Kept>(
    txn: &ReadTransaction,
    source: Option<&str>,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Part<K>, Fault> {
    let (start, id) = match cursor.map(read_cursor) {
        None => (i64::MAX, String::new()),
        Some(Some(place)) => place,
        Some(None) => return Ok(Part { items: Vec::new(), next: None }),
    };
    let most = limit.max(1).saturating_add(1);
    let mut keys: Vec<(i64, String)> = Vec::new();
    if let Some(source) = source {
        let index = txn.open_table(K::SHELF.by_source)?;
        for entry in index.range((source, i64::MIN, "")..(source, start, id.as_str()))?.rev().take(most) {
            let (key, _) = entry?;
            keys.push((key.value().1, key.value().2.to_owned()));
        }
    } else {
        let index = txn.open_table(K::SHELF.by_start)?;
        for entry in index.range((i64::MIN, "")..(start, id.as_str()))?.rev().take(most) {
            let (key, _) = entry?;
            keys.push((key.value().0, key.value().1.to_owned()));
        }
    }
    let next = cut(&mut keys, limit).map(|(start, id)| format!("{start}~{id}"));
    let records = txn.open_table(K::SHELF.records)?;
    let mut items = Vec::new();
    for (_, id) in &keys {
        items.push(one::<K>(&records, id)?.ok_or_else(|| bad("record", id, "it is in an index only"))?);
    }
    Ok(Part { items, next })
}

/// Those that went on at some time from `from` until `to`, the newest first. One that began more than
/// [`limits::LONGEST_LOOKED_FOR`] before is found while it is open.
pub fn between<K: Kept>(
    txn: &ReadTransaction,
    source: Option<&str>,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
) -> Result<Vec<K>, Fault> {
    let earliest = from.checked_sub(limits::LONGEST_LOOKED_FOR).map_or(i64::MIN, micros);
    let (from, to) = (micros(from), micros(to));
    let records = txn.open_table(K::SHELF.records)?;
    let mut found: Vec<K> = Vec::new();
    let mut take = |id: &str| -> Result<bool, Fault> {
        let item = one::<K>(&records, id)?.ok_or_else(|| bad("record", id, "it is in an index only"))?;
        if item.end().is_none_or(|end| micros(end) >= from) {
            found.push(item);
        }
        Ok(found.len() >= limit)
    };
    match source {
        Some(source) => {
            for entry in txn.open_table(K::SHELF.by_source)?.range((source, i64::MIN, "")..(source, to, ""))?.rev() {
                let (key, value) = entry?;
                if value.value().0 >= from && take(key.value().2)? {
                    break;
                }
            }
        }
        None => {
            for entry in txn.open_table(K::SHELF.by_start)?.range((earliest, "")..(to, ""))?.rev() {
                if take(entry?.0.value().1)? {
                    break;
                }
            }
        }
    }
    Ok(found)
}

fn read_cursor(text: &str) -> Option<(i64, String)> {
    let (start, id) = text.split_once('~')?;
    Some((start.parse().ok()?, id.to_owned()))
}

/// Cuts what was read ahead; the last that stays says where to go on.
fn cut<T: Clone>(keys: &mut Vec<T>, limit: usize) -> Option<T> {
    let limit = limit.max(1);
    if keys.len() <= limit {
        return None;
    }
    keys.truncate(limit);
    keys.last().cloned()
}

/// Events after `seq`, oldest first.
pub fn events_after(txn: &ReadTransaction, seq: u64, limit: usize) -> Result<Vec<Event>, Fault> {
    let log = txn.open_table(SEQ_TO_EVENT)?;
    let mut found = Vec::new();
    for entry in log.range(seq.saturating_add(1)..)?.take(limit) {
        let (key, value) = entry?;
        found.push(one_event(key.value(), value.value())?);
    }
    Ok(found)
}

/// The last event by a moment. The log is in the order of time but where a clock jumped.
pub fn seq_at(txn: &ReadTransaction, moment: Timestamp) -> Result<u64, Fault> {
    let log = txn.open_table(SEQ_TO_EVENT)?;
    let first = log.first()?.map_or(0, |(seq, _)| seq.value());
    let last = log.last()?.map_or(0, |(seq, _)| seq.value());
    // All events before `low` are from by then, all from `high` on are from later.
    let (mut low, mut high) = (first, last.saturating_add(1));
    while low < high {
        let middle = low.midpoint(high);
        let found = log.range(middle..high)?.next().transpose()?;
        match found {
            None => high = middle,
            Some((seq, record)) => {
                let seq = seq.value();
                let one = one_event(seq, record.value())?;
                if one.at <= moment {
                    low = seq.saturating_add(1);
                } else {
                    high = middle;
                }
            }
        }
    }
    Ok(log.range(..low)?.next_back().transpose()?.map_or(0, |(seq, _)| seq.value()))
}

/// Events of one source, or of all, from `from` until `to`, the newest `limit` of them, oldest first.
pub fn events_between(
    txn: &ReadTransaction,
    source: Option<&str>,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
) -> Result<Vec<Event>, Fault> {
    let before = from.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(from);
    let (first, last) = (seq_at(txn, before)?.saturating_add(1), seq_at(txn, to)?);
    let log = txn.open_table(SEQ_TO_EVENT)?;
    let mut found = Vec::new();
    if first > last {
        return Ok(found);
    }
    match source {
        Some(source) => {
            let rows = txn.open_table(SOURCE_SEQ)?;
            for seq in postings::newest(&rows, source, last.saturating_add(1))?.take(limit) {
                let seq = seq?;
                if seq < first {
                    break;
                }
                let record = log.get(seq)?.ok_or_else(|| bad("event", &seq.to_string(), "it is in an index only"))?;
                found.push(one_event(seq, record.value())?);
            }
        }
        None => {
            for entry in log.range(first..=last)?.rev().take(limit) {
                let (seq, record) = entry?;
                found.push(one_event(seq.value(), record.value())?);
            }
        }
    }
    found.reverse();
    Ok(found)
}

/// Events about a source or a subject, newest first. A cursor that is not ours gives the end.
pub fn events_of(
    txn: &ReadTransaction,
    source: Option<&str>,
    subject: Option<&str>,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Part<Event>, Fault> {
    let before = match cursor.map(str::parse::<u64>) {
        None => u64::MAX,
        Some(Ok(before)) => before,
        Some(Err(_)) => return Ok(Part { items: Vec::new(), next: None }),
    };
    let log = txn.open_table(SEQ_TO_EVENT)?;
    let most = limit.max(1).saturating_add(1);
    let mut found: Vec<Event> = Vec::new();
    let get = |seq: u64| -> Result<Event, Fault> {
        let record = log.get(seq)?.ok_or_else(|| bad("event", &seq.to_string(), "it is in an index only"))?;
        one_event(seq, record.value())
    };
    match (source, subject) {
        (None, None) => {
            for entry in log.range(..before)?.rev().take(most) {
                let (key, value) = entry?;
                found.push(one_event(key.value(), value.value())?);
            }
        }
        (Some(source), None) => {
            for seq in postings::newest(&txn.open_table(SOURCE_SEQ)?, source, before)?.take(most) {
                found.push(get(seq?)?);
            }
        }
        (source, Some(subject)) => {
            for seq in postings::newest(&txn.open_table(SUBJECT_SEQ)?, subject, before)? {
                let event = get(seq?)?;
                // Component ids are unique within a source only.
                if source.is_none() || event.source.as_ref().map(|id| id.as_str()) == source {
                    found.push(event);
                }
                if found.len() == most {
                    break;
                }
            }
        }
    }
    let next = cut(&mut found, limit).map(|event| event.seq.to_string());
    Ok(Part { items: found, next })
}

/// How many events wait in the outbox.
pub fn outbox_len(txn: &ReadTransaction) -> Result<u64, Fault> {
    Ok(txn.open_table(OUTBOX)?.len()?)
}

/// Events that somebody has still to be told of, after `seq`, oldest first.
pub fn outbox_after(txn: &ReadTransaction, seq: u64, limit: usize) -> Result<Vec<Event>, Fault> {
    let log = txn.open_table(SEQ_TO_EVENT)?;
    let mut found = Vec::new();
    for entry in txn.open_table(OUTBOX)?.range(seq.saturating_add(1)..)?.take(limit) {
        let seq = entry?.0.value();
        let record = log.get(seq)?.ok_or_else(|| bad("event", &seq.to_string(), "it is in the outbox only"))?;
        found.push(one_event(seq, record.value())?);
    }
    Ok(found)
}
