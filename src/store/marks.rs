//! States over time, apart from the log: a year of a source is a few hundred short rows, whatever else happened.

use std::collections::HashMap;

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, Table, WriteTransaction};

use super::commit::time_of;
use super::error::Fault;
use super::record::event;
use super::tables::{MARKS, SEQ_TO_EVENT, micros};
use super::{Batch, SourceChange};
use crate::limits;
use crate::model::event::{Cause, Event, EventKind};
use crate::model::id::{ComponentId, ServiceId, SourceId};
use crate::model::level::State;
use crate::model::mark::{Mark, Track};
use crate::model::snapshot::Snapshot;

/// Where the tracks of services begin and end.
const SERVICES: (&str, &str) = ("v/", "v0");
/// Nobody observed it.
const UNOBSERVED: u8 = u8::MAX;

type Marks<'txn> = Table<'txn, (&'static str, i64), u8>;

/// Writes what a batch says of states.
pub fn write(txn: &WriteTransaction, batch: &Batch) -> Result<(), Fault> {
    let mut marks = txn.open_table(MARKS)?;
    let mut moments: HashMap<&str, Timestamp> = HashMap::new();
    for event in &batch.events {
        of_event(&mut marks, event)?;
        if let Some(source) = &event.source {
            moments.entry(source.as_str()).or_insert(event.at);
        }
    }
    for (at, page) in &batch.shown {
        services(&mut marks, *at, page)?;
    }
    for change in &batch.sources {
        let read_at = change.transport.ok_at;
        if let Some(at) = moments.get(change.id.as_str()).copied().or(read_at) {
            components(&mut marks, change, at)?;
        }
    }
    Ok(())
}

/// Services are what operators say of them, for as long as allclear runs and shows them.
fn services(marks: &mut Marks<'_>, at: Timestamp, page: &Snapshot) -> Result<(), Fault> {
    for view in &page.services {
        put(marks, &key(&Track::Service(view.service.id.clone())), at, Some(view.state))?;
    }
    Ok(())
}

/// From `since` on nobody observed anything that is ours: allclear was not running. What vendors say has its own end.
pub fn asleep(txn: &WriteTransaction, since: Timestamp) -> Result<(), Fault> {
    let mut marks = txn.open_table(MARKS)?;
    let mut tracks: Vec<String> = Vec::new();
    for row in marks.range((SERVICES.0, i64::MIN)..(SERVICES.1, i64::MIN))? {
        let (place, _) = row?;
        let track = place.value().0;
        if tracks.last().is_none_or(|last| last != track) {
            tracks.push(track.to_owned());
        }
    }
    for track in tracks {
        put(&mut marks, &track, since, None)?;
    }
    Ok(())
}

/// What one event says.
fn of_event(marks: &mut Marks<'_>, event: &Event) -> Result<(), Fault> {
    let Some((track, at, state)) = said(event) else { return Ok(()) };
    put(marks, &key(&track), at, state)
}

fn said(event: &Event) -> Option<(Track, Timestamp, Option<State>)> {
    let to = || event.to.as_deref().and_then(State::from_word);
    let component = |source: &SourceId, id: &str| Track::Component(source.clone(), ComponentId::new(id));
    match (event.kind, &event.source, event.subject.as_deref()) {
        (EventKind::SourceState, Some(source), _) => {
            let state = to()?;
            let unread = state == State::Unknown && (event.since.is_some() || event.cause == Cause::Configuration);
            let at = event.since.filter(|_| unread).unwrap_or(event.at);
            Some((Track::Source(source.clone()), at, Some(state).filter(|_| !unread)))
        }
        // It is read again; where its state is another now, that stands in an event of the same moment.
        (EventKind::SourceReadable, Some(source), _) => {
            Some((Track::Source(source.clone()), event.at, Some(State::Unknown)))
        }
        (EventKind::ComponentState | EventKind::ComponentListed, Some(source), Some(id)) => {
            Some((component(source, id), event.at, Some(to()?)))
        }
        (EventKind::ComponentUnlisted, Some(source), Some(id)) => Some((component(source, id), event.at, None)),
        (EventKind::ServiceState, None, Some(id)) => Some((Track::Service(ServiceId::new(id)), event.at, Some(to()?))),
        _ => None,
    }
}

/// Components whose state no event tells: those of a first reading.
fn components(marks: &mut Marks<'_>, change: &SourceChange, at: Timestamp) -> Result<(), Fault> {
    for component in change.state.iter().flat_map(|state| &state.components) {
        let state = Some(component.state).filter(|_| component.unlisted_since.is_none());
        put(marks, &key(&Track::Component(change.id.clone(), component.id.clone())), at, state)?;
    }
    Ok(())
}

/// From `at` on it was so. What turns out to be unread since a while takes back what was said of that while; else the
/// past stays as it is, also where the clock went back.
fn put(marks: &mut Marks<'_>, key: &str, at: Timestamp, state: Option<State>) -> Result<(), Fault> {
    let mut at = micros(at);
    let mut last = last_of(marks, key)?;
    while let Some((since, _)) = last.filter(|(since, _)| *since > at) {
        if state.is_some() {
            at = since.saturating_add(1);
        } else {
            marks.remove((key, since))?;
            last = last_of(marks, key)?;
        }
    }
    if last.is_none_or(|(_, held)| held != number(state)) {
        marks.insert((key, at), number(state))?;
    }
    Ok(())
}

fn last_of(marks: &Marks<'_>, key: &str) -> Result<Option<(i64, u8)>, Fault> {
    let last = marks.range((key, i64::MIN)..=(key, i64::MAX))?.next_back().transpose()?;
    Ok(last.map(|(place, state)| (place.value().1, state.value())))
}

/// Marks of everything that the log tells, for a file that has none yet.
pub fn from_log(txn: &WriteTransaction) -> Result<(), Fault> {
    let mut marks = txn.open_table(MARKS)?;
    for entry in txn.open_table(SEQ_TO_EVENT)?.iter()? {
        let (seq, record) = entry?;
        of_event(&mut marks, &event::read(seq.value(), record.value()).map_err(Fault::Record)?)?;
    }
    Ok(())
}

/// The marks of a track: the one in force at `from`, if any, then all until `to`, in order.
pub fn between(txn: &ReadTransaction, track: &Track, from: Timestamp, to: Timestamp) -> Result<Vec<Mark>, Fault> {
    let (key, from, to) = (key(track), micros(from), micros(to));
    let marks = txn.open_table(MARKS)?;
    let before = marks.range((key.as_str(), i64::MIN)..=(key.as_str(), from))?.next_back();
    let within = marks.range((key.as_str(), from.saturating_add(1))..(key.as_str(), to.max(from.saturating_add(1))))?;
    let mut found = Vec::new();
    for row in before.into_iter().chain(within) {
        let (place, state) = row?;
        found.push(mark(place.value().1, state.value())?);
    }
    Ok(found)
}

/// The tracks of a source: itself, then its components, those of long ago included.
pub fn tracks_of(txn: &ReadTransaction, source: &SourceId) -> Result<Vec<Track>, Fault> {
    let marks = txn.open_table(MARKS)?;
    let mut found = vec![Track::Source(source.clone())];
    let prefix = format!("c/{source}/");
    let mut after = prefix.clone();
    loop {
        let next = marks.range((after.as_str(), i64::MIN)..)?.next().transpose()?;
        let Some(id) = next.and_then(|(place, _)| place.value().0.strip_prefix(&prefix).map(str::to_owned)) else {
            return Ok(found);
        };
        after = format!("{prefix}{id}\0");
        found.push(Track::Component(source.clone(), ComponentId::new(id)));
    }
}

/// Removes what ended before it is kept; what is in force then stays. Returns how many went.
pub fn prune(txn: &WriteTransaction, now: Timestamp) -> Result<usize, Fault> {
    let Ok(before) = now.checked_sub(limits::MARKS_KEPT).map(micros) else { return Ok(0) };
    let mut marks = txn.open_table(MARKS)?;
    let mut old: Vec<(String, i64)> = Vec::new();
    let mut held: Option<(String, i64)> = None;
    for row in marks.iter()? {
        let (place, _) = row?;
        let (track, at) = place.value();
        if at < before
            && let Some(older) = held.take().filter(|(of, _)| of == track)
        {
            old.push(older);
        }
        held = (at < before).then(|| (track.to_owned(), at));
    }
    for (track, at) in &old {
        marks.remove((track.as_str(), *at))?;
    }
    Ok(old.len())
}

/// Looks whether all rows can be read.
pub fn check(txn: &ReadTransaction, faults: &mut Vec<String>) -> Result<u64, Fault> {
    let mut count = 0_u64;
    for row in txn.open_table(MARKS)?.iter()? {
        let (place, state) = row?;
        count = count.saturating_add(1);
        if mark(place.value().1, state.value()).is_err() {
            faults.push(format!("mark of {}: it holds no state of any time", place.value().0));
        }
    }
    Ok(count)
}

fn key(track: &Track) -> String {
    match track {
        Track::Source(source) => format!("s/{source}"),
        Track::Component(source, component) => format!("c/{source}/{component}"),
        Track::Service(service) => format!("v/{service}"),
    }
}

fn number(state: Option<State>) -> u8 {
    let place = state.and_then(|state| State::ALL.iter().position(|one| *one == state));
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(UNOBSERVED)
}

fn mark(at: i64, number: u8) -> Result<Mark, Fault> {
    let at = time_of(at).ok_or_else(|| Fault::Record(format!("no time: {at}")))?;
    if number == UNOBSERVED {
        return Ok(Mark { at, state: None });
    }
    match State::ALL.get(usize::from(number)) {
        Some(state) => Ok(Mark { at, state: Some(*state) }),
        None => Err(Fault::Record(format!("no state: {number}"))),
    }
}
