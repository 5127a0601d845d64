//! What operators hold, the log of what they did, and the answers that they were given.

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use super::error::Fault;
use super::record::audit::Answer;
use super::record::{audit as rows, desk as records};
use super::tables::{ANSWERED, DESK, KEY_TO_ANSWER, SEQ_TO_AUDIT, micros};
use super::{Part, Said, shelf};
use crate::limits;
use crate::model::audit::{Entry, Row};
use crate::model::desk::{Drawer, Kept};
use crate::model::id::IncidentId;
use crate::model::incident::{Incident, Maintenance};

/// Puts things in their drawers.
pub fn put(txn: &WriteTransaction, kept: &[Kept], gone: &[(Drawer, String)]) -> Result<(), Fault> {
    if kept.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let mut desk = txn.open_table(DESK)?;
    for (drawer, key) in gone {
        desk.remove((drawer.as_str(), key.as_str()))?;
    }
    for one in kept {
        let record = records::write(one).map_err(Fault::Record)?;
        let (drawer, key) = one.place();
        desk.insert((drawer.as_str(), key), record.as_slice())?;
    }
    Ok(())
}

/// Takes local incidents and maintenances off their shelves.
pub fn remove(txn: &WriteTransaction, ids: &[IncidentId]) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    shelf::remove::<Incident>(txn, &ids)?;
    shelf::remove::<Maintenance>(txn, &ids)
}

/// Everything in all drawers.
pub fn all(txn: &ReadTransaction) -> Result<Vec<Kept>, Fault> {
    let mut found = Vec::new();
    for entry in txn.open_table(DESK)?.iter()? {
        let (place, record) = entry?;
        let (drawer, key) = place.value();
        let one = records::read(drawer, key, record.value());
        found.push(one.map_err(|problem| Fault::Record(format!("{drawer} {key}: {problem}")))?);
    }
    Ok(found)
}

/// The last row of the audit log; 0 where there is none.
pub fn last_row(txn: &ReadTransaction) -> Result<u64, Fault> {
    Ok(txn.open_table(SEQ_TO_AUDIT)?.last()?.map_or(0, |(seq, _)| seq.value()))
}

/// Adds rows after `last`. What a commit left there whose failure was reported makes room: nobody was told of it.
pub fn note(txn: &WriteTransaction, entries: &[Entry], last: u64) -> Result<u64, Fault> {
    let mut log = txn.open_table(SEQ_TO_AUDIT)?;
    let left: Vec<u64> = log
        .range(last.saturating_add(1)..)?
        .map(|entry| entry.map(|(seq, _)| seq.value()))
        .collect::<Result<_, _>>()?;
    for seq in left {
        log.remove(seq)?;
    }
    let mut seq = last;
    for entry in entries {
        seq = seq.saturating_add(1);
        let record = rows::write(entry).map_err(Fault::Record)?;
        log.insert(seq, record.as_slice())?;
    }
    Ok(seq)
}

/// Rows of the audit log, newest first.
pub fn rows(txn: &ReadTransaction, cursor: Option<&str>, limit: usize) -> Result<Part<Row>, Fault> {
    let log = txn.open_table(SEQ_TO_AUDIT)?;
    let before = match cursor {
        None => u64::MAX,
        Some(cursor) => cursor.parse().unwrap_or(0),
    };
    let mut items = Vec::new();
    for entry in log.range(..before)?.rev().take(limit) {
        let (seq, record) = entry?;
        let seq = seq.value();
        items.push(rows::read(seq, record.value()).map_err(|problem| Fault::Record(format!("row {seq}: {problem}")))?);
    }
    let next = items.last().filter(|row| row.seq > 1 && items.len() == limit).map(|row| row.seq.to_string());
    Ok(Part { items, next })
}

/// Remembers answers.
pub fn answer(txn: &WriteTransaction, said: &[Said]) -> Result<(), Fault> {
    if said.is_empty() {
        return Ok(());
    }
    let mut answers = txn.open_table(KEY_TO_ANSWER)?;
    let mut by_time = txn.open_table(ANSWERED)?;
    for one in said {
        let answer = Answer { at: one.at, request: one.request.clone(), answer: one.answer.clone() };
        let record = rows::write_answer(&answer).map_err(Fault::Record)?;
        let old = match answers.insert(one.key.as_str(), record.as_slice())? {
            Some(old) => rows::read_answer(old.value()).ok(),
            None => None,
        };
        if let Some(old) = old {
            by_time.remove((micros(old.at), one.key.as_str()))?;
        }
        by_time.insert((micros(one.at), one.key.as_str()), ())?;
    }
    Ok(())
}

/// Forgets answers that nobody was given.
pub fn unsay(txn: &WriteTransaction, keys: &[String]) -> Result<(), Fault> {
    if keys.is_empty() {
        return Ok(());
    }
    let mut answers = txn.open_table(KEY_TO_ANSWER)?;
    let mut by_time = txn.open_table(ANSWERED)?;
    for key in keys {
        let old = match answers.remove(key.as_str())? {
            Some(old) => rows::read_answer(old.value()).ok(),
            None => None,
        };
        if let Some(old) = old {
            by_time.remove((micros(old.at), key.as_str()))?;
        }
    }
    Ok(())
}

/// What was answered to a write with this key, unless that is too long ago.
pub fn answered(txn: &ReadTransaction, key: &str, now: Timestamp) -> Result<Option<Said>, Fault> {
    let Some(record) = txn.open_table(KEY_TO_ANSWER)?.get(key)? else { return Ok(None) };
    let Answer { at, request, answer } =
        rows::read_answer(record.value()).map_err(|problem| Fault::Record(format!("answer {key}: {problem}")))?;
    let too_old = now.checked_sub(limits::ANSWERS_KEPT).is_ok_and(|since| at < since);
    Ok((!too_old).then(|| Said { key: key.to_owned(), at, request, answer }))
}

/// Forgets answers that nobody may ask for again. Returns how many.
pub fn forget(txn: &WriteTransaction, now: Timestamp) -> Result<usize, Fault> {
    let Ok(since) = now.checked_sub(limits::ANSWERS_KEPT) else { return Ok(0) };
    let mut answers = txn.open_table(KEY_TO_ANSWER)?;
    let mut by_time = txn.open_table(ANSWERED)?;
    let mut old = Vec::new();
    for entry in by_time.range((i64::MIN, "")..(micros(since), ""))? {
        let (place, _) = entry?;
        let (at, key) = place.value();
        old.push((at, key.to_owned()));
    }
    for (at, key) in &old {
        by_time.remove((*at, key.as_str()))?;
        answers.remove(key.as_str())?;
    }
    Ok(old.len())
}
