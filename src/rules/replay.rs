//! What is recorded of a source beside what its newest documents say when they are read again.

use std::collections::{HashMap, HashSet};

use crate::model::event::EventKind;
use crate::model::incident::{Listing, Phase};
use crate::model::level::State;
use crate::model::observation::Observation;
use crate::model::source::Source;
use crate::model::state::{Component, SourceState};

use super::teller::Teller;
use super::thread::Thread;
use super::{components, track};

/// One thing that would be recorded differently if it were read now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about, for people: a component's path, a title.
    pub about: String,
    /// What is recorded of it.
    pub recorded: String,
    /// What it reads as now.
    pub reads: String,
}

/// Where no word says what is recorded or read.
const ABSENT: &str = "nothing";

/// Compares what is recorded with what the documents behind it say now. `source` only lends its name.
///
/// Past incidents that nobody holds any more are not looked for, and what left the page since then is not missed.
pub fn differences(recorded: &SourceState, seen: &Observation, source: &Source) -> Vec<Difference> {
    let mut found = Vec::new();
    let word = |state: Option<State>| state.map_or(ABSENT, State::as_str).to_owned();
    if recorded.indicator != seen.indicator {
        found.push(Difference {
            about: "its own overall state".to_owned(),
            recorded: word(recorded.indicator),
            reads: word(seen.indicator),
        });
    }
    parts(recorded, seen, source, &mut found);
    threads(&recorded.incidents, &seen.incidents, "incident", &mut found);
    threads(&recorded.maintenances, &seen.maintenances, "maintenance", &mut found);
    found
}

/// Components, by the very rule that merges them: what it would tell is what differs.
fn parts(recorded: &SourceState, seen: &Observation, source: &Source, found: &mut Vec<Difference>) {
    let mut teller = Teller::new(source, recorded.told_since, false);
    let after = components::merge(&recorded.components, &seen.components, &mut teller);
    for event in teller.events {
        let says = |word: Option<String>| word.unwrap_or_else(|| ABSENT.to_owned());
        // One that is listed was not held, whatever it was before it left.
        let recorded = if event.kind == EventKind::ComponentListed { None } else { event.from };
        found.push(Difference {
            about: format!("component {}", event.name),
            recorded: says(recorded),
            reads: says(event.to),
        });
    }
    let paths: HashMap<&str, &Component> = after.iter().map(|part| (part.id.as_str(), part)).collect();
    for before in recorded.components.iter().filter(|part| part.unlisted_since.is_none()) {
        if let Some(now) = paths.get(before.id.as_str()).filter(|now| now.path != before.path) {
            found.push(Difference {
                about: format!("component {}", before.id),
                recorded: before.path.clone(),
                reads: now.path.clone(),
            });
        }
    }
}

/// Incidents or maintenances, by the rule that follows them.
fn threads<T: Thread>(held: &[T], seen: &[T::Seen], kind: &str, found: &mut Vec<Difference>) {
    let phase = |one: &T| one.phase().map_or("a phase that is not understood", Phase::as_str).to_owned();
    let mut read = HashSet::new();
    for item in track::once_each::<T>(seen) {
        let place = held.iter().position(|known| known.had_id(T::seen_id(item)));
        let Some((at, known)) = place.and_then(|at| Some((at, held.get(at)?))) else {
            if T::seen_open(item) {
                let (title, _) = T::seen_as(item);
                let about = format!("{kind} “{title}”");
                found.push(Difference { about, recorded: ABSENT.to_owned(), reads: "open".to_owned() });
            }
            continue;
        };
        read.insert(at);
        let after = known.carry_on(item, known.first_seen_at());
        if known.means_the_same(&after) {
            continue;
        }
        let (recorded, reads) = if known.phase() == after.phase() {
            ("one thing".to_owned(), "another, in its title, times, components or updates".to_owned())
        } else {
            (phase(known), phase(&after))
        };
        found.push(Difference { about: format!("{kind} “{}”", known.known_as().0), recorded, reads });
    }
    for (at, known) in held.iter().enumerate() {
        if known.open() && known.clone().listing() == &Listing::Listed && !read.contains(&at) {
            let about = format!("{kind} “{}”", known.known_as().0);
            found.push(Difference { about, recorded: phase(known), reads: ABSENT.to_owned() });
        }
    }
}
