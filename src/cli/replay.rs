//! `allclear doctor --replay`: today's adapters over all that was kept.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::kept::{self, Ways};
use super::{BAD_NEWS, GOOD, Places, complain, look};
use crate::model::filter::Filter;
use crate::model::id::SourceId;
use crate::model::observation::Observation;
use crate::model::source::Source;
use crate::model::state::SourceState;
use crate::rules::{gist, replay};
use crate::store::{Aside, KeptReading, Loaded};

/// Of one source no more than this many lines are spelt out.
const SPELT_OUT: usize = 20;

/// What came of reading one kept reading again.
enum Again {
    /// As it was read then.
    Same,
    /// Otherwise; in words.
    Differs(Vec<String>),
    /// It is not understood any more.
    Unread(String),
    /// It cannot be compared, and why.
    Skipped(String),
}

#[derive(Default)]
struct Tally {
    readings: usize,
    differ: usize,
    unread: usize,
    skipped: BTreeMap<String, usize>,
}

/// Reads everything again and says what would read differently; bad news where something would.
pub fn run(place: &Path, places: &Places) -> u8 {
    let kept = Aside::open(place).and_then(|aside| Ok((aside.readings()?, aside.load()?, aside)));
    let (readings, loaded, aside) = match kept {
        Ok(kept) => kept,
        Err(error) => return complain(&error),
    };
    let Loaded { sources, detected, .. } = loaded;
    let ways = Ways::of(&places.config, detected);
    if let Some(problem) = &ways.problem {
        anstream::println!("read again without a configuration, in the formats noted then ({problem})");
    }
    let mut tally = Tally { readings: readings.len(), ..Tally::default() };
    let mut lines: Vec<String> = Vec::new();
    for (at, reading) in readings.iter().enumerate() {
        // The next one of the same source is newer.
        let newest = readings.get(at + 1).is_none_or(|next| next.source != reading.source);
        let recorded = sources.get(&reading.source).filter(|_| newest).map(|(state, _)| state);
        told(&mut tally, &mut lines, reading, again(reading, recorded, &ways, &aside));
        look::progress(at + 1, readings.len());
        if newest {
            tell(&reading.source, std::mem::take(&mut lines));
        }
    }
    sum_up(&tally)
}

fn told(tally: &mut Tally, lines: &mut Vec<String>, reading: &KeptReading, again: Again) {
    let at = reading.documents.first().map(|meta| format!("{:.0}", meta.read_at)).unwrap_or_default();
    match again {
        Again::Same => {}
        Again::Differs(how) => {
            tally.differ += 1;
            lines.extend(how.into_iter().map(|how| format!("{at}  {how}")));
        }
        Again::Unread(why) => {
            tally.unread += 1;
            lines.push(format!("{at}  is not understood any more: {why}"));
        }
        Again::Skipped(why) => *tally.skipped.entry(why).or_default() += 1,
    }
}

fn tell(source: &SourceId, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    anstream::println!("{source}");
    let more = lines.len().saturating_sub(SPELT_OUT);
    // The newest come last, and matter most.
    if more > 0 {
        anstream::println!("  {more} more before these");
    }
    for line in lines.into_iter().skip(more) {
        anstream::println!("  {line}");
    }
}

fn sum_up(tally: &Tally) -> u8 {
    for (why, count) in &tally.skipped {
        anstream::println!("not compared: {count} ({why})");
    }
    let skipped: usize = tally.skipped.values().sum();
    let read = tally.readings.saturating_sub(skipped);
    if tally.differ == 0 && tally.unread == 0 {
        anstream::println!("{read} readings read again: all say what they said then");
        return GOOD;
    }
    let (differ, unread) = (tally.differ, tally.unread);
    anstream::println!("{read} readings read again: {differ} say something else, {unread} are not understood any more");
    BAD_NEWS
}

/// Reads one reading again; `recorded` is what came of it where it is the newest.
fn again(reading: &KeptReading, recorded: Option<&SourceState>, ways: &Ways, aside: &Aside) -> Again {
    if !reading.whole {
        return Again::Skipped("a document of the reading is gone".to_owned());
    }
    let reader = match ways.reader(&reading.source, &reading.documents) {
        Ok(reader) => reader,
        Err(why) => return Again::Skipped(why),
    };
    let Some(first) = reading.documents.first() else { return Again::Same };
    let mut kept = Vec::with_capacity(reading.documents.len());
    for meta in &reading.documents {
        match aside.body(&meta.hash) {
            Ok(bytes) => kept.push((meta, bytes)),
            Err(error) => return Again::Unread(error.to_string()),
        }
    }
    let bodies = kept::bodies(kept);
    let seen = match catch_unwind(AssertUnwindSafe(|| reader.adapter.parse(&bodies, first.read_at))) {
        Ok(Ok(seen)) => seen,
        Ok(Err(error)) => return Again::Unread(error.to_string()),
        Err(_) => return Again::Unread("the adapter panicked".to_owned()),
    };
    let differing = compare(reading, &seen, recorded, ways);
    if differing.is_empty() { Again::Same } else { Again::Differs(differing) }
}

/// Beside what was noted of the reading then, and beside what is recorded now where it is the newest.
fn compare(reading: &KeptReading, seen: &Observation, recorded: Option<&SourceState>, ways: &Ways) -> Vec<String> {
    let then = reading.documents.iter().find_map(|meta| meta.reading.as_ref()?.gist.as_ref());
    let mut differing = then.map(|then| gist::differences(then, &gist::of(seen))).unwrap_or_default();
    // A reading that is doubted is recorded nowhere else.
    let believed = |state: &&SourceState| state.first_read_at.is_some() && state.doubt.is_none();
    if let Some(recorded) = recorded.filter(believed) {
        let source = ways.configured(&reading.source).map(|config| Arc::clone(&config.source));
        let source = source.unwrap_or_else(|| unconfigured(&reading.source));
        let found = replay::differences(recorded, seen, &source);
        differing.extend(
            found.into_iter().map(|one| format!("{}: recorded as {}, reads as {}", one.about, one.recorded, one.reads)),
        );
    }
    differing
}

/// A source that the configuration does not hold: its records are there all the same.
fn unconfigured(id: &SourceId) -> Arc<Source> {
    Arc::new(Source {
        id: id.clone(),
        name: id.to_string(),
        url: String::new(),
        tags: Vec::new(),
        tier: crate::model::news::Tier::Normal,
        format: None,
        filter: Filter::default(),
        interval: Duration::ZERO,
        target: None,
    })
}
