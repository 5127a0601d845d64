//! What was held and what was just seen make what is held now, and the events that led there.

use jiff::Timestamp;

use crate::limits;
use crate::model::event::Event;
use crate::model::id::IncidentId;
use crate::model::incident::{Incident, Maintenance};
use crate::model::observation::Observation;
use crate::model::source::Source;
use crate::model::state::SourceState;

use super::teller::Teller;
use super::{components, track};

/// What came of one good reading.
#[derive(Debug, Clone)]
pub struct Merged {
    /// What is held now.
    pub state: SourceState,
    /// What changed, in the order in which it is told.
    pub events: Vec<Event>,
    /// Incidents and maintenances in `state` whose records changed.
    pub touched: Vec<IncidentId>,
    /// Past ones that are not held in memory, to be stored.
    pub past_incidents: Vec<Incident>,
    /// Past ones that are not held in memory, to be stored.
    pub past_maintenances: Vec<Maintenance>,
    /// Something of meaning changed, so that `state` is to be stored.
    pub changed: bool,
}

/// Everything about a reading that merging needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// As configured.
    pub source: &'a Source,
    /// The reading also fetched the upstream's history.
    pub with_history: bool,
    /// When it was made.
    pub now: Timestamp,
}

/// Merges what a reading saw. Merging the same observation twice changes nothing.
pub fn merge(before: &SourceState, seen: &Observation, reading: Reading<'_>) -> Merged {
    let baseline = before.first_read_at.is_none();
    let mut teller = Teller::new(reading.source, reading.now, baseline);
    let listed = components::merge(&before.components, &seen.components, &mut teller);
    let memory = track::Memory {
        source: reading.source,
        now: reading.now,
        first_read_at: before.first_read_at,
        keep_past: baseline || reading.with_history,
    };
    let incidents = track::merge(&before.incidents, &seen.incidents, &memory, &mut teller);
    let maintenances = track::merge(&before.maintenances, &seen.maintenances, &memory, &mut teller);
    let state = SourceState {
        page: seen.page.clone(),
        indicator: seen.indicator,
        basis: seen.basis,
        components: listed,
        incidents: incidents.held,
        maintenances: maintenances.held,
        warnings: seen.warnings.iter().take(limits::WARNINGS).cloned().collect(),
        first_read_at: before.first_read_at.or(Some(reading.now)),
        told: before.told,
        told_since: before.told_since,
        told_unreadable: before.told_unreadable,
        days: before.days.clone(),
    };
    let touched: Vec<IncidentId> = incidents.touched.into_iter().chain(maintenances.touched).collect();
    let changed = baseline
        || !teller.events.is_empty()
        || !touched.is_empty()
        || !incidents.past.is_empty()
        || !maintenances.past.is_empty()
        || means_something_else(before, &state);
    Merged {
        state,
        events: teller.events,
        touched,
        past_incidents: incidents.past,
        past_maintenances: maintenances.past,
        changed,
    }
}

/// The same for the first reading of a page in another way than before, on another platform most likely.
///
/// Nothing of it is news: the new platform's ids and past are a baseline. A component of the same name goes on under
/// its new id; one that was in trouble and has no heir stays unknown (as any that leaves while down), the others go.
/// Incidents that are known again by title and start go on, too; those that are not listed any more end as always.
pub fn anew(before: &SourceState, seen: &Observation, reading: Reading<'_>) -> Merged {
    let heirs = SourceState {
        components: components::heirs(&before.components, &seen.components),
        // What was over before this reading is the other platform's to tell, and was told.
        first_read_at: Some(reading.now),
        ..before.clone()
    };
    let mut merged = merge(&heirs, seen, Reading { with_history: false, ..reading });
    merged.state.first_read_at = before.first_read_at;
    merged.events.iter_mut().for_each(|event| event.baseline = true);
    merged.changed = true;
    merged
}

/// A reading that found the documents unchanged: only time has passed.
pub fn unchanged(before: &SourceState, reading: Reading<'_>) -> Merged {
    let mut teller = Teller::new(reading.source, reading.now, false);
    let mut state = before.clone();
    let mut touched = track::still_missing(&mut state.incidents, reading.now, &mut teller);
    touched.extend(track::still_missing(&mut state.maintenances, reading.now, &mut teller));
    let held = state.components.len();
    components::forget(&mut state.components, reading.now);
    let changed = !touched.is_empty() || state.components.len() != held;
    Merged { state, events: teller.events, touched, past_incidents: Vec::new(), past_maintenances: Vec::new(), changed }
}

/// True where what is held of the page itself differs; times that tick on their own do not count.
fn means_something_else(before: &SourceState, after: &SourceState) -> bool {
    before.indicator != after.indicator
        || before.basis != after.basis
        || before.page.name != after.page.name
        || before.page.url != after.page.url
        || before.warnings != after.warnings
        || before.components != after.components
        || before.incidents.len() != after.incidents.len()
        || before.maintenances.len() != after.maintenances.len()
}
