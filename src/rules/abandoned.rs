//! Pages that nobody tends any more: “operational” for ever.

use jiff::Timestamp;

use crate::limits;
use crate::model::observation::Observation;
use crate::model::state::SourceState;

/// The latest time that an upstream has stated of anything, up to now; plans for later are made now.
pub fn dated(before: Option<Timestamp>, seen: &Observation, now: Timestamp) -> Option<Timestamp> {
    let parts = seen.components.iter().filter_map(|component| component.updated_at);
    let incidents = seen.incidents.iter().flat_map(|incident| {
        let own = [incident.started_at, incident.updated_at, incident.resolved_at];
        own.into_iter().chain(incident.updates.iter().map(|update| update.at)).flatten()
    });
    let works = seen.maintenances.iter().flat_map(|planned| {
        let own = [planned.starts_at, planned.ends_at, planned.updated_at];
        own.into_iter().chain(planned.updates.iter().map(|update| update.at)).flatten()
    });
    let all = parts.chain(incidents).chain(works).chain(seen.page.updated_at).map(|at| at.min(now));
    all.chain(before).max()
}

/// Since when nothing has changed on a page, where that is so long ago that it may be abandoned.
///
/// What the upstream states counts; where it states no time, since it was first read here. A source without anything
/// that could change, as a plain check, is never abandoned.
pub fn since(state: &SourceState, now: Timestamp) -> Option<Timestamp> {
    let first = state.first_read_at?;
    if state.dated.is_none() && state.components.is_empty() && state.incidents.is_empty() {
        return None;
    }
    // What began with the first reading was like that before.
    let parts = state.components.iter().flat_map(|component| [Some(component.since), component.unlisted_since]);
    let seen = state.incidents.iter().map(|incident| incident.first_seen_at);
    let planned = state.maintenances.iter().map(|maintenance| maintenance.first_seen_at);
    let here = parts.flatten().chain(seen).chain(planned).filter(|at| *at > first);
    let last = here.chain([state.dated.unwrap_or(first)]).max()?;
    (last < now && now.duration_since(last).unsigned_abs() >= limits::ABANDONED).then_some(last)
}
