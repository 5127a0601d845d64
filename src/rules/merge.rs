//! What was held and what was just seen make what is held now, and the events that led there.

use jiff::Timestamp;

use crate::limits;
use crate::model::event::{Event, EventKind};
use crate::model::id::IncidentId;
use crate::model::incident::{Incident, Maintenance};
use crate::model::level::State;
use crate::model::observation::{Observation, SeenIncident};
use crate::model::outline::{Doubt, Outline, Shape};
use crate::model::source::Source;
use crate::model::state::SourceState;

use super::outline::Verdict;
pub use super::reading::Reading;
use super::teller::{About, Teller};
use super::{abandoned, components, derive, outline, track};

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
    /// Something of meaning changed, so that `state` is to be stored, and what it rests on.
    pub changed: bool,
    /// `state` is to be stored, since more is known of how the page usually is.
    pub learned: bool,
}

/// Merges what a reading saw. Merging the same observation twice changes nothing.
///
/// A reading that lacks what every one before it had is not believed at first: what it says of trouble is taken in,
/// and nothing else.
pub fn merge(before: &SourceState, seen: &Observation, reading: Reading<'_>) -> Merged {
    match outline::judge(before, seen, reading) {
        Verdict::Good(outline) => believed(before, seen, reading, outline, None),
        Verdict::Accepted { outline, what } => believed(before, seen, reading, outline, Some(what)),
        Verdict::Doubted(doubt) => doubted(before, seen, reading, doubt),
    }
}

fn believed(
    before: &SourceState,
    seen: &Observation,
    reading: Reading<'_>,
    outline: Outline,
    lost: Option<String>,
) -> Merged {
    let baseline = before.first_read_at.is_none();
    let mut teller = Teller::new(reading.source, reading.now, baseline);
    if lost.is_some() {
        let name = reading.source.name.clone();
        teller.tell(EventKind::SourceReshaped, About { name, note: lost, ..About::default() });
    }
    let listed = components::merge(&before.components, &seen.components, &mut teller);
    let memory = memory(before, reading, true);
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
        dated: abandoned::dated(before.dated, seen, reading.now),
        outline: Some(outline),
        doubt: None,
    };
    let touched: Vec<IncidentId> = incidents.touched.into_iter().chain(maintenances.touched).collect();
    let changed = baseline
        || !teller.events.is_empty()
        || !touched.is_empty()
        || !incidents.past.is_empty()
        || !maintenances.past.is_empty()
        || means_something_else(before, &state);
    let learned = before.outline != state.outline || before.doubt.is_some();
    Merged {
        state,
        events: teller.events,
        touched,
        past_incidents: incidents.past,
        past_maintenances: maintenances.past,
        changed,
        learned,
    }
}

/// Everything stays as it was, but for open incidents and the worst that is known.
fn doubted(before: &SourceState, seen: &Observation, reading: Reading<'_>, mut doubt: Doubt) -> Merged {
    let mut teller = Teller::new(reading.source, reading.now, false);
    let open: Vec<SeenIncident> = seen.incidents.iter().filter(|incident| incident.is_open()).cloned().collect();
    let incidents = track::merge(&before.incidents, &open, &memory(before, reading, false), &mut teller);
    // As bad as it would be if the reading were believed, and never better than it was.
    let taken = believed(before, seen, reading, Outline { readings: 0, least: Shape::default() }, None).state;
    let says = |state: &SourceState| derive::last_known(reading.source, state);
    doubt.worst = says(before).into_iter().chain(says(&taken)).fold(doubt.worst, State::worse);
    let news = before.doubt.as_ref().is_none_or(|last| last.what != doubt.what || last.worst != doubt.worst);
    let changed = news || !teller.events.is_empty() || !incidents.touched.is_empty();
    let state = SourceState { incidents: incidents.held, doubt: Some(doubt), ..before.clone() };
    Merged {
        state,
        events: teller.events,
        touched: incidents.touched,
        past_incidents: incidents.past,
        past_maintenances: Vec::new(),
        changed,
        learned: true,
    }
}

fn memory<'a>(before: &SourceState, reading: Reading<'a>, whole: bool) -> track::Memory<'a> {
    track::Memory {
        source: reading.source,
        now: reading.now,
        first_read_at: before.first_read_at,
        keep_past: before.first_read_at.is_none() || reading.with_history,
        whole,
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
pub fn unchanged(before: &SourceState, source: &Source, now: Timestamp) -> Merged {
    let mut teller = Teller::new(source, now, false);
    let mut state = before.clone();
    if let Some(doubt) = &mut state.doubt {
        // The documents are those of the last reading, which was not believed: nothing says how the rest is.
        *doubt = outline::agree(doubt);
        return Merged::of_time(state, false, true);
    }
    let mut touched = track::still_missing(&mut state.incidents, now, &mut teller);
    touched.extend(track::still_missing(&mut state.maintenances, now, &mut teller));
    let held = state.components.len();
    components::forget(&mut state.components, now);
    let changed = !touched.is_empty() || state.components.len() != held;
    Merged { events: teller.events, touched, ..Merged::of_time(state, changed, false) }
}

impl Merged {
    /// Nothing is told.
    fn of_time(state: SourceState, changed: bool, learned: bool) -> Self {
        let (past_incidents, past_maintenances) = (Vec::new(), Vec::new());
        Self { state, events: Vec::new(), touched: Vec::new(), past_incidents, past_maintenances, changed, learned }
    }
}

/// True where what is held of the page itself differs; times that tick on their own do not count.
fn means_something_else(before: &SourceState, after: &SourceState) -> bool {
    before.indicator != after.indicator
        || before.basis != after.basis
        || before.page.name != after.page.name
        || before.page.url != after.page.url
        || before.page.relays != after.page.relays
        || before.warnings != after.warnings
        || before.components != after.components
        || before.incidents.len() != after.incidents.len()
        || before.maintenances.len() != after.maintenances.len()
}
