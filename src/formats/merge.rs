//! The same incident in two documents of one reading: the present says how it stands, the history all that was said.

use crate::model::incident::Update;
use crate::model::observation::{SeenIncident, SeenMaintenance};

/// Adds to an incident what another document says of it.
pub fn incident(incident: SeenIncident, known: &mut SeenIncident) {
    // Contradicting each other, the one that says it goes on counts, and the worse impact.
    if !known.is_open() && incident.is_open() {
        known.phase = incident.phase;
        known.resolved_at = None;
    }
    known.impact = known.impact.max(incident.impact);
    known.started_at = known.started_at.or(incident.started_at);
    known.updated_at = known.updated_at.max(incident.updated_at);
    known.url = known.url.take().or(incident.url);
    for component in incident.components {
        if !known.components.contains(&component) {
            known.components.push(component);
        }
    }
    more(&mut known.updates, incident.updates);
}

/// Adds to a maintenance what another document says of it.
pub fn maintenance(maintenance: SeenMaintenance, known: &mut SeenMaintenance) {
    known.phase = known.phase.or(maintenance.phase);
    known.starts_at = known.starts_at.or(maintenance.starts_at);
    known.ends_at = known.ends_at.or(maintenance.ends_at);
    known.updated_at = known.updated_at.max(maintenance.updated_at);
    known.url = known.url.take().or(maintenance.url);
    for component in maintenance.components {
        if !known.components.contains(&component) {
            known.components.push(component);
        }
    }
    more(&mut known.updates, maintenance.updates);
}

fn more(known: &mut Vec<Update>, others: Vec<Update>) {
    for update in others {
        if !known.contains(&update) {
            known.push(update);
        }
    }
}
