//! The same incident in two documents of one reading: the present says how it stands, the history all that was said.

use crate::model::incident::Update;
use crate::model::observation::{SeenIncident, SeenMaintenance};

/// Adds an incident, or what it says more than the one that is there.
pub fn incident(incident: SeenIncident, into: &mut Vec<SeenIncident>) {
    let Some(known) = into.iter_mut().find(|known| known.id == incident.id) else {
        into.push(incident);
        return;
    };
    // Contradicting each other, the one that says it goes on counts, and the worse impact.
    if !known.is_open() && incident.is_open() {
        known.phase = incident.phase;
        known.resolved_at = None;
    }
    known.impact = known.impact.max(incident.impact);
    known.started_at = known.started_at.or(incident.started_at);
    known.updated_at = known.updated_at.max(incident.updated_at);
    known.url = known.url.take().or(incident.url);
    if known.components.is_empty() {
        known.components = incident.components;
    }
    more(&mut known.updates, incident.updates);
}

/// Adds a maintenance, or what it says more than the one that is there.
pub fn maintenance(maintenance: SeenMaintenance, into: &mut Vec<SeenMaintenance>) {
    let Some(known) = into.iter_mut().find(|known| known.id == maintenance.id) else {
        into.push(maintenance);
        return;
    };
    known.phase = known.phase.or(maintenance.phase);
    known.starts_at = known.starts_at.or(maintenance.starts_at);
    known.ends_at = known.ends_at.or(maintenance.ends_at);
    known.updated_at = known.updated_at.max(maintenance.updated_at);
    known.url = known.url.take().or(maintenance.url);
    if known.components.is_empty() {
        known.components = maintenance.components;
    }
    more(&mut known.updates, maintenance.updates);
}

fn more(known: &mut Vec<Update>, others: Vec<Update>) {
    for update in others {
        if !known.contains(&update) {
            known.push(update);
        }
    }
    known.sort_by_key(|update| std::cmp::Reverse(update.at));
}
