//! Following incidents and maintenances over readings: the same one stays the same, none is lost.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::limits;
use crate::model::id::IncidentId;
use crate::model::incident::Listing;
use crate::model::source::Source;

use super::teller::{About, Teller};
use super::thread::Thread;

/// What following needs to know beside the lists.
#[derive(Debug)]
pub struct Memory<'a> {
    /// As configured.
    pub source: &'a Source,
    /// When the reading was made.
    pub now: Timestamp,
    /// The first good reading, if this is not it.
    pub first_read_at: Option<Timestamp>,
    /// Past ones that were never held are history to be stored, not old acquaintances.
    pub keep_past: bool,
    /// What is not seen is missing; false where the lists of a reading are not believed to be whole.
    pub whole: bool,
}

/// What came of following one list.
#[derive(Debug)]
pub struct Followed<T> {
    /// Open ones and the recent past.
    pub held: Vec<T>,
    /// Those whose records changed.
    pub touched: Vec<IncidentId>,
    /// Past ones that are not held, to be stored.
    pub past: Vec<T>,
}

/// Merges the list of one reading into what is held.
pub fn merge<T: Thread>(before: &[T], seen: &[T::Seen], memory: &Memory<'_>, teller: &mut Teller<'_>) -> Followed<T> {
    let mut held: Vec<T> = before.to_vec();
    let mut followed = Followed { held: Vec::new(), touched: Vec::new(), past: Vec::new() };
    let mut present: HashSet<usize> = HashSet::new();
    let seen_ids: HashSet<&str> = seen.iter().map(T::seen_id).collect();
    let index = Index::of(before);
    let edge = memory_edge(before, memory);
    // Oldest first, so that the log tells them in the order in which they began.
    for item in once_each::<T>(seen).into_iter().rev() {
        match index.find::<T>(&held, item, &seen_ids) {
            Some(at) => {
                let Some(known) = held.get_mut(at) else { continue };
                if present.insert(at) {
                    follow(known, item, &mut followed.touched, teller);
                }
            }
            None => {
                let id = IncidentId::upstream(&memory.source.id, T::seen_id(item));
                let mut begun = T::begin(item, id, &memory.source.id, memory.now);
                if !begun.open() && begun.over_at().is_none_or(|at| at < edge) {
                    if memory.keep_past {
                        followed.past.push(begun);
                    }
                    continue;
                }
                *begun.listing() = Listing::Listed;
                announce(None, &begun, teller);
                followed.touched.push(begun.id().clone());
                present.insert(held.len());
                held.push(begun);
            }
        }
    }
    for (at, thread) in held.iter_mut().enumerate() {
        if memory.whole && thread.open() && !present.contains(&at) && miss(thread, memory.now, teller) {
            followed.touched.push(thread.id().clone());
        }
    }
    followed.held = keep(held, memory.now);
    followed
}

/// What was seen, each id once: of one that is listed twice, the open one.
pub fn once_each<T: Thread>(seen: &[T::Seen]) -> Vec<&T::Seen> {
    let mut once: Vec<&T::Seen> = Vec::with_capacity(seen.len());
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(seen.len());
    for item in seen.iter().take(limits::INCIDENTS) {
        match places.get(T::seen_id(item)).and_then(|at| once.get_mut(*at)) {
            Some(twin) if !T::seen_open(twin) => *twin = item,
            Some(_) => {}
            None => {
                places.insert(T::seen_id(item), once.len());
                once.push(item);
            }
        }
    }
    once
}

/// Another good reading without those that are missing. Returns the ids of those that changed.
pub fn still_missing<T: Thread>(held: &mut [T], now: Timestamp, teller: &mut Teller<'_>) -> Vec<IncidentId> {
    let mut touched = Vec::new();
    for thread in held.iter_mut().filter(|thread| thread.open()) {
        if matches!(thread.listing(), Listing::Missing { .. }) && miss(thread, now, teller) {
            touched.push(thread.id().clone());
        }
    }
    touched
}

/// Finds by id, and by title and start where an upstream changed the id.
struct Index {
    by_id: HashMap<String, usize>,
}

impl Index {
    fn of<T: Thread>(held: &[T]) -> Self {
        let mut by_id = HashMap::new();
        for (at, thread) in held.iter().enumerate() {
            for id in thread.clone().upstream_ids().iter() {
                by_id.insert(id.clone(), at);
            }
        }
        Self { by_id }
    }

    fn find<T: Thread>(&self, held: &[T], item: &T::Seen, seen_ids: &HashSet<&str>) -> Option<usize> {
        if let Some(at) = self.by_id.get(T::seen_id(item)) {
            return Some(*at);
        }
        let (title, Some(start)) = T::seen_as(item) else { return None };
        held.iter().position(|thread| {
            let (known, began) = thread.known_as();
            let same_start =
                began.is_some_and(|began| began.duration_since(start).unsigned_abs() <= limits::SAME_START);
            known == title && same_start && !seen_ids.iter().any(|id| thread.had_id(id))
        })
    }
}

fn follow<T: Thread>(known: &mut T, item: &T::Seen, touched: &mut Vec<IncidentId>, teller: &mut Teller<'_>) {
    let mut after = known.carry_on(item, teller.now);
    let upstream = T::seen_id(item);
    let renamed = !after.had_id(upstream);
    if renamed {
        after.upstream_ids().push(upstream.to_owned());
    }
    let relisted = *known.listing() != Listing::Listed;
    *after.listing() = Listing::Listed;
    let came_back = !known.open() && after.open();
    if came_back || !known.means_the_same(&after) {
        announce(Some(known), &after, teller);
        after.revise(teller.now);
        touched.push(after.id().clone());
    } else if relisted || renamed {
        touched.push(after.id().clone());
    } else {
        return; // nothing of meaning: what is held stays as it is, times included
    }
    *known = after;
}

fn announce<T: Thread>(before: Option<&T>, after: &T, teller: &mut Teller<'_>) {
    for kind in T::kinds(before, after) {
        let (from, to) = T::words(kind, before, after);
        let name = after.known_as().0.to_owned();
        let subject = Some(after.id().as_str().to_owned());
        teller.tell(kind, About { subject, name, from, to, note: after.last_words() });
    }
}

/// One more good reading without it; true where its record changed.
fn miss<T: Thread>(thread: &mut T, now: Timestamp, teller: &mut Teller<'_>) -> bool {
    let (since, readings) = match *thread.listing() {
        Listing::Listed => (now, 1),
        Listing::Missing { since, readings } => (since, readings.saturating_add(1)),
        Listing::NoLongerListed { .. } => return false,
    };
    let waited = now.duration_since(since).unsigned_abs() >= limits::MISSING_TIME && now >= since;
    if readings > limits::MISSING_READINGS && waited {
        let before = thread.clone();
        *thread.listing() = Listing::NoLongerListed { since: now };
        thread.revise(now);
        let (from, _) = T::words(T::UNLISTED, Some(&before), thread);
        let subject = Some(thread.id().as_str().to_owned());
        let name = thread.known_as().0.to_owned();
        teller.tell(T::UNLISTED, About { subject, name, from, to: None, note: None });
    } else {
        *thread.listing() = Listing::Missing { since, readings };
    }
    true
}

/// Past ones that ended before this are history, even where they were never held.
fn memory_edge<T: Thread>(before: &[T], memory: &Memory<'_>) -> Timestamp {
    let recent = memory.now.checked_sub(limits::RECENT).unwrap_or(Timestamp::MIN);
    // On the first reading the recent past is taken into memory; later only what ended since then is news.
    let mut edge = memory.first_read_at.map_or(recent, |first| first.max(recent));
    let past: Vec<Timestamp> = before.iter().filter(|thread| !thread.open()).filter_map(Thread::over_at).collect();
    if past.len() >= limits::RECENT_INCIDENTS {
        edge = edge.max(past.into_iter().min().unwrap_or(edge));
    }
    edge
}

/// Open ones and the recent past, the newest first.
fn keep<T: Thread>(mut held: Vec<T>, now: Timestamp) -> Vec<T> {
    let recent = now.checked_sub(limits::RECENT).unwrap_or(Timestamp::MIN);
    held.sort_by_key(|thread| std::cmp::Reverse((thread.open(), thread.over_at(), thread.known_as().1)));
    let mut past = 0;
    held.retain(|thread| {
        if thread.open() {
            return true;
        }
        past += 1;
        past <= limits::RECENT_INCIDENTS && thread.over_at().is_none_or(|at| at >= recent)
    });
    held
}
