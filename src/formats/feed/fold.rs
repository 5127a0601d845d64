//! Entries of one key are one incident or one maintenance.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::entry::Entry;
use super::words::Said;
use crate::formats::notes::Notes;
use crate::limits;
use crate::model::incident::{Phase, Update};
use crate::model::observation::{Observation, SeenIncident, SeenMaintenance};

/// Folds the entries and adds what they make.
pub fn into(entries: Vec<Entry>, open_for: Duration, seen: &mut Observation, notes: &mut Notes) {
    let mut order: Vec<String> = Vec::new();
    let mut threads: HashMap<String, Vec<Entry>> = HashMap::new();
    for entry in entries {
        let thread = threads.entry(entry.key.clone()).or_default();
        if thread.is_empty() {
            order.push(entry.key.clone());
        }
        thread.push(entry);
    }
    for key in order {
        let mut thread = threads.remove(&key).unwrap_or_default();
        // Newest first; without times the feed's own order, which is newest first, too.
        thread.sort_by_key(|entry| std::cmp::Reverse(entry.updated_at.or(entry.published_at)));
        fold(thread, open_for, seen, notes);
    }
}

fn fold(thread: Vec<Entry>, open_for: Duration, seen: &mut Observation, notes: &mut Notes) {
    let said = thread.iter().map(|entry| entry.said).find(|said| *said != Said::Nothing).unwrap_or(Said::Nothing);
    let planned = thread.iter().any(|entry| entry.planned);
    let window = thread.iter().map(|entry| entry.window).find(|window| window.0.is_some()).unwrap_or_default();
    let first = thread.iter().filter_map(|entry| entry.published_at.or(entry.updated_at)).min();
    let last = thread.iter().filter_map(|entry| entry.updated_at.or(entry.published_at)).max();
    let mut updates: Vec<Update> = Vec::new();
    let (mut title, mut url, mut id) = (String::new(), None, String::new());
    for entry in thread {
        if title.is_empty() {
            (title, id) = (entry.title, entry.key);
        }
        url = url.or(entry.url);
        for update in entry.updates {
            if !updates.contains(&update) {
                updates.push(update);
            }
        }
    }
    updates.truncate(limits::UPDATES);
    let started_at = updates.iter().filter_map(|update| update.at).min().or(first);
    let phase = settle(said, planned, last.or(started_at), open_for, notes);
    if planned {
        let phase = phase.map(|phase| if phase.is_maintenance() { phase } else { as_maintenance(phase) });
        let (starts_at, ends_at) = window;
        let updated_at = last.or(started_at);
        seen.maintenances.push(SeenMaintenance {
            id,
            title,
            phase,
            starts_at,
            ends_at,
            updated_at,
            url,
            components: Vec::new(),
            updates,
        });
        return;
    }
    let over = |update: &&Update| update.phase == Some(Phase::Resolved);
    let resolved_at = match (phase, said) {
        (Some(Phase::Resolved), Said::Surely(_) | Said::Likely(Phase::Resolved)) => {
            updates.iter().filter(over).filter_map(|update| update.at).min().or(last)
        }
        _ => None,
    };
    let updated_at = last.or_else(|| updates.iter().filter_map(|update| update.at).max());
    seen.incidents.push(SeenIncident {
        id,
        title,
        phase,
        impact: None,
        started_at,
        updated_at,
        resolved_at,
        url,
        components: Vec::new(),
        updates,
    });
}

/// What is only guessed to go on, or does not say, counts as open for a while and is then over without an end.
fn settle(said: Said, planned: bool, last: Option<Timestamp>, open_for: Duration, notes: &mut Notes) -> Option<Phase> {
    let phase = match said {
        Said::Surely(phase) => return Some(phase),
        Said::Likely(phase) => Some(phase),
        Said::Nothing => None,
    };
    if phase.is_some_and(|phase| !phase.is_open()) {
        return phase;
    }
    let old = last.is_none_or(|last| notes.now > last && notes.now.duration_since(last).unsigned_abs() > open_for);
    if !old {
        return phase;
    }
    notes.count("old entries never said that they ended and are not counted as open");
    Some(if planned { Phase::Completed } else { Phase::Resolved })
}

/// An incident's word in the entry of a maintenance.
fn as_maintenance(phase: Phase) -> Phase {
    match phase {
        Phase::Resolved => Phase::Completed,
        Phase::Monitoring => Phase::Verifying,
        Phase::Investigating | Phase::Identified => Phase::InProgress,
        other => other,
    }
}
