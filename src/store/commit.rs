//! One batch, one transaction.

use std::collections::HashSet;

use jiff::Timestamp;
use redb::{ReadableTable, WriteTransaction};

use super::error::Fault;
use super::record::{event, state, transport};
use super::tables::{
    EVENTS_PER_SOURCE, META, OUTBOX, SEQ_TO_EVENT, SOURCE_SEQ, SOURCE_TO_DETECTED, SOURCE_TO_EVENTS, SOURCE_TO_STATE,
    SOURCE_TO_TRANSPORT, SUBJECT_SEQ, micros,
};
use super::{Batch, SourceChange, desk, forget, letters, marks, past, postings, receipts, shelf};
use crate::model::event::Event;

/// Writes all of `batch`. Events after `acknowledged` were left by a commit whose failure was reported although the
/// disk kept it; nobody was told of them, and they make room.
pub fn write(txn: &WriteTransaction, batch: &Batch, acknowledged: u64) -> Result<(), Fault> {
    for seq in acknowledged.saturating_add(1)..=last_seq(txn)? {
        remove_event(txn, seq)?;
    }
    for change in &batch.sources {
        source(txn, change)?;
    }
    shelf::put(txn, &batch.local_incidents)?;
    shelf::put(txn, &batch.local_maintenances)?;
    desk::remove(txn, &batch.removed)?;
    past::forget(txn, batch.removed.iter().map(|id| id.as_str()))?;
    desk::put(txn, &batch.kept, &batch.gone)?;
    desk::unsay(txn, &batch.unsaid)?;
    desk::answer(txn, &batch.said)?;
    events(txn, &batch.events, acknowledged)?;
    marks::write(txn, batch)?;
    {
        let mut outbox = txn.open_table(OUTBOX)?;
        for seq in &batch.outbox {
            outbox.insert(seq, ())?;
        }
    }
    letters::ask(txn, &batch.questions)?;
    forget::part(txn, &batch.gone)?;
    cap_events(txn, batch)?;
    note_newest(txn, batch)
}

fn source(txn: &WriteTransaction, change: &SourceChange) -> Result<(), Fault> {
    let id = change.id.as_str();
    if let Some(says) = &change.state {
        let record = state::write(says).map_err(Fault::Record)?;
        txn.open_table(SOURCE_TO_STATE)?.insert(id, record.as_slice())?;
        let touched: HashSet<&str> = change.touched.iter().map(|id| id.as_str()).collect();
        shelf::put(txn, says.incidents.iter().filter(|one| touched.contains(one.id.as_str())))?;
        shelf::put(txn, says.maintenances.iter().filter(|one| touched.contains(one.id.as_str())))?;
    }
    shelf::put(txn, &change.past_incidents)?;
    shelf::put(txn, &change.past_maintenances)?;
    let record = transport::write(&change.transport).map_err(Fault::Record)?;
    txn.open_table(SOURCE_TO_TRANSPORT)?.insert(id, record.as_slice())?;
    if let Some(detected) = &change.detected {
        let record = transport::write_detected(detected).map_err(Fault::Record)?;
        txn.open_table(SOURCE_TO_DETECTED)?.insert(id, record.as_slice())?;
    }
    receipts::put(txn, id, &change.receipts)
}

fn last_seq(txn: &WriteTransaction) -> Result<u64, Fault> {
    let meta = txn.open_table(META)?;
    let seq = meta.get("seq")?.map_or(0, |seq| seq.value());
    Ok(u64::try_from(seq).unwrap_or(0))
}

fn events(txn: &WriteTransaction, events: &[Event], acknowledged: u64) -> Result<(), Fault> {
    let mut last = acknowledged;
    let mut log = txn.open_table(SEQ_TO_EVENT)?;
    let mut by_source = txn.open_table(SOURCE_SEQ)?;
    let mut by_subject = txn.open_table(SUBJECT_SEQ)?;
    let mut counts = txn.open_table(SOURCE_TO_EVENTS)?;
    for one in events {
        if one.seq != last.saturating_add(1) {
            return Err(Fault::Refused(format!("event {} does not follow event {last}", one.seq)));
        }
        last = one.seq;
        let record = event::write(one).map_err(Fault::Record)?;
        log.insert(one.seq, record.as_slice())?;
        if let Some(source) = &one.source {
            postings::push(&mut by_source, source.as_str(), one.seq)?;
            let count = counts.get(source.as_str())?.map_or(0, |count| count.value());
            counts.insert(source.as_str(), count.saturating_add(1))?;
        }
        if let Some(subject) = &one.subject {
            postings::push(&mut by_subject, subject.as_str(), one.seq)?;
        }
    }
    txn.open_table(META)?.insert("seq", i64::try_from(last).unwrap_or(i64::MAX))?;
    Ok(())
}

/// The oldest events of a source that has too many go.
fn cap_events(txn: &WriteTransaction, batch: &Batch) -> Result<(), Fault> {
    let sources: HashSet<&str> =
        batch.events.iter().filter_map(|one| one.source.as_ref()).map(|id| id.as_str()).collect();
    for source in sources {
        let count = txn.open_table(SOURCE_TO_EVENTS)?.get(source)?.map_or(0, |count| count.value());
        let surplus = usize::try_from(count.saturating_sub(EVENTS_PER_SOURCE)).unwrap_or(usize::MAX);
        let old = postings::oldest(&txn.open_table(SOURCE_SEQ)?, source, surplus)?;
        for seq in old {
            remove_event(txn, seq)?;
        }
    }
    Ok(())
}

/// Takes one event out of the log, its indexes and the outbox.
pub fn remove_event(txn: &WriteTransaction, seq: u64) -> Result<(), Fault> {
    let one = match txn.open_table(SEQ_TO_EVENT)?.remove(seq)? {
        None => return Ok(()),
        Some(record) => {
            event::read(seq, record.value()).map_err(|problem| Fault::Record(format!("event {seq}: {problem}")))?
        }
    };
    txn.open_table(OUTBOX)?.remove(seq)?;
    if let Some(subject) = &one.subject {
        postings::remove(&mut txn.open_table(SUBJECT_SEQ)?, subject.as_str(), seq)?;
    }
    if let Some(source) = &one.source {
        postings::remove(&mut txn.open_table(SOURCE_SEQ)?, source.as_str(), seq)?;
        let mut counts = txn.open_table(SOURCE_TO_EVENTS)?;
        let count = counts.get(source.as_str())?.map_or(0, |count| count.value());
        counts.insert(source.as_str(), count.saturating_sub(1))?;
    }
    Ok(())
}

/// Remembers the newest time that was seen, so that a clock that fell back is noticed.
fn note_newest(txn: &WriteTransaction, batch: &Batch) -> Result<(), Fault> {
    let read = batch.sources.iter().flat_map(|change| [change.transport.checked_at, change.transport.ok_at]);
    let done = batch.audit.iter().map(|one| Some(one.at));
    let Some(newest) = batch.events.iter().map(|one| Some(one.at)).chain(done).chain(read).flatten().max() else {
        return Ok(());
    };
    let mut meta = txn.open_table(META)?;
    for (name, replace) in [("created", false), ("newest", true)] {
        let known = meta.get(name)?.map(|at| at.value());
        if known.is_none_or(|known| replace && known < micros(newest)) {
            meta.insert(name, micros(newest))?;
        }
    }
    Ok(())
}

/// A time of `META`.
pub fn time_of(number: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(number).ok()
}
