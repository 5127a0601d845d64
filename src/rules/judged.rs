//! What the team says of a source, laid over what was read of it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::desk::{Affects, Desk, Verdict};
use crate::model::id::ComponentId;
use crate::model::level::State;
use crate::model::snapshot::IncidentView;
use crate::model::state::{Held, Now};

use super::derive::{self, Derived, Dismissed, Force};
use super::desk;

/// Adds verdicts and an override to a source as it was read. Nothing that was read is lost.
pub fn source(mut derived: Derived, held: &Held, on: &Desk, now: Now) -> Derived {
    let states = states(held);
    for list in [&mut derived.incidents, &mut derived.recent] {
        for view in list.iter_mut() {
            if let Some(verdict) = on.verdicts.get(&view.incident.id) {
                *view = judged(view, verdict, &states);
            }
        }
    }
    let dismissed = dismissed(held, on, &states);
    let set = on.overrides.get(&held.source.id);
    if dismissed.incidents.is_empty() && set.is_none() {
        return derived;
    }
    let view = Arc::make_mut(&mut derived.view);
    for component in view.components.iter_mut().filter(|component| dismissed.components.contains(&component.id)) {
        component.dismissed = true;
    }
    if derive::force(held, now) == Force::Full {
        view.counted_state = derive::known_without(&held.source, &held.state, &dismissed).unwrap_or(State::Unknown);
    }
    if let Some(set) = set {
        (view.state, view.counted_state) = (set.state, set.state);
        view.set = Some(Arc::new(set.clone()));
    }
    derived
}

fn states(held: &Held) -> HashMap<ComponentId, State> {
    held.state.components.iter().map(|component| (component.id.clone(), component.state)).collect()
}

fn judged(view: &IncidentView, verdict: &Verdict, states: &HashMap<ComponentId, State>) -> Arc<IncidentView> {
    let mut view = view.clone();
    view.stands = desk::stands(verdict, &view.incident, &|id| states.get(id).copied());
    view.verdict = Some(Arc::new(verdict.clone()));
    view.counted &= !view.is_dismissed();
    Arc::new(view)
}

/// The open incidents that do not affect the team, and the components that are no worse than when that was said.
/// What another open incident names counts all the same.
fn dismissed(held: &Held, on: &Desk, states: &HashMap<ComponentId, State>) -> Dismissed {
    let mut dismissed = Dismissed::default();
    if on.verdicts.is_empty() {
        return dismissed;
    }
    let open = || held.state.incidents.iter().filter(|incident| incident.is_open());
    for incident in open() {
        let Some(verdict) = on.verdicts.get(&incident.id).filter(|verdict| verdict.affects == Affects::No) else {
            continue;
        };
        if !desk::stands(verdict, incident, &|id| states.get(id).copied()) {
            continue;
        }
        dismissed.incidents.insert(incident.id.clone());
        let no_worse = |(id, seen): &(&ComponentId, &State)| {
            states.get(*id).is_none_or(|state| state.weight() <= seen.weight() && *state != State::Unknown)
        };
        let seen = verdict.seen.components.iter().filter(no_worse);
        dismissed.components.extend(seen.map(|(id, _)| id.clone()));
    }
    for incident in open().filter(|incident| !dismissed.incidents.contains(&incident.id)) {
        for id in &incident.components {
            dismissed.components.remove(id);
        }
    }
    dismissed
}
