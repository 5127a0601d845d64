//! Words of an upstream in ours, by plain tables.

use super::notes::Notes;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};

/// A format's words and what they mean here.
pub type Table<T> = [(&'static str, T)];

/// The meaning of a word; white space around it and its case do not matter.
pub fn look_up<T: Copy>(table: &Table<T>, word: &str) -> Option<T> {
    let word = word.trim();
    let same = |known: &str| known.eq_ignore_ascii_case(word);
    table.iter().find(|(known, _)| same(known)).map(|(_, meaning)| *meaning)
}

/// A state by its word; none and words that are not in the table are unknown, with a warning.
pub fn state(table: &Table<State>, of_what: &str, word: Option<&str>, notes: &mut Notes) -> State {
    let known = word.and_then(|word| look_up(table, word));
    known.unwrap_or_else(|| {
        match word {
            Some(word) => notes.oddity(&format!("the state of {of_what}:"), word),
            None => notes.count("components had no state"),
        }
        State::Unknown
    })
}

/// A phase by its word; words that are not in the table are none, with a warning.
pub fn phase(table: &Table<Phase>, of_what: &str, word: Option<&str>, notes: &mut Notes) -> Option<Phase> {
    let known = word.and_then(|word| look_up(table, word));
    if known.is_none() {
        notes.oddity(&format!("the status of {of_what}:"), word.unwrap_or_default());
    }
    known
}

/// An impact by its word; none for words that are not in the table, with a warning.
pub fn impact(table: &Table<Impact>, word: Option<&str>, notes: &mut Notes) -> Option<Impact> {
    let word = word?;
    let known = look_up(table, word);
    if known.is_none() {
        notes.oddity("the impact", word);
    }
    known
}

/// The impact that an incident has by the state into which it puts what it touches.
pub fn impact_of(state: State) -> Option<Impact> {
    match state {
        State::OPERATIONAL => Some(Impact::None),
        State::UNDER_MAINTENANCE => Some(Impact::Maintenance),
        State::DEGRADED_PERFORMANCE => Some(Impact::Minor),
        State::PARTIAL_OUTAGE => Some(Impact::Major),
        State::MAJOR_OUTAGE => Some(Impact::Critical),
        State::Unknown => None,
    }
}

/// Lifecycle words that most platforms share.
pub const PHASES: &Table<Phase> = &[
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
    ("postmortem", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("in_progress", Phase::InProgress),
    ("verifying", Phase::Verifying),
    ("completed", Phase::Completed),
    ("cancelled", Phase::Cancelled),
];

/// The states of Statuspage, which most platforms share.
pub const STATES: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("under_maintenance", State::UNDER_MAINTENANCE),
    ("degraded_performance", State::DEGRADED_PERFORMANCE),
    ("partial_outage", State::PARTIAL_OUTAGE),
    ("major_outage", State::MAJOR_OUTAGE),
];

/// The impacts of Statuspage.
pub const IMPACTS: &Table<Impact> = &[
    ("none", Impact::None),
    ("maintenance", Impact::Maintenance),
    ("minor", Impact::Minor),
    ("major", Impact::Major),
    ("critical", Impact::Critical),
];
