//! Statuspage's vocabulary in ours, as plain tables. A word that is not here is unknown.

use crate::model::incident::Phase;
use crate::model::level::{Impact, State};

use super::super::notes::Notes;

const COMPONENT: &[(&str, State)] = &[
    ("operational", State::OPERATIONAL),
    ("under_maintenance", State::UNDER_MAINTENANCE),
    ("degraded_performance", State::DEGRADED_PERFORMANCE),
    ("partial_outage", State::PARTIAL_OUTAGE),
    ("major_outage", State::MAJOR_OUTAGE),
];

const INDICATOR: &[(&str, State)] = &[
    ("none", State::OPERATIONAL),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("minor", State::DEGRADED_PERFORMANCE),
    ("major", State::PARTIAL_OUTAGE),
    ("critical", State::MAJOR_OUTAGE),
];

const PHASE: &[(&str, Phase)] = &[
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
    ("postmortem", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("in_progress", Phase::InProgress),
    ("verifying", Phase::Verifying),
    ("completed", Phase::Completed),
];

const IMPACT: &[(&str, Impact)] = &[
    ("none", Impact::None),
    ("maintenance", Impact::Maintenance),
    ("minor", Impact::Minor),
    ("major", Impact::Major),
    ("critical", Impact::Critical),
];

/// White space around a word and its case are all that may differ.
fn look_up<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    let word = word.trim().to_lowercase();
    table.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}

/// A component's state.
pub fn component(word: &str, name: &str, notes: &mut Notes) -> State {
    look_up(COMPONENT, word).unwrap_or_else(|| {
        notes.oddity(&format!("the state of {name}:"), word);
        State::Unknown
    })
}

/// The page's overall state.
pub fn indicator(word: &str, notes: &mut Notes) -> State {
    look_up(INDICATOR, word).unwrap_or_else(|| {
        notes.oddity("the overall indicator", word);
        State::Unknown
    })
}

/// An incident's or a maintenance's phase, without a warning: an update may use a word of its own.
pub fn phase(word: &str) -> Option<Phase> {
    look_up(PHASE, word)
}

/// An incident's impact.
pub fn impact(word: &str, notes: &mut Notes) -> Option<Impact> {
    let known = look_up(IMPACT, word);
    if known.is_none() {
        notes.oddity("the impact", word);
    }
    known
}
