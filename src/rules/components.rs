//! Merging the components that a reading listed.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::limits;
use crate::model::event::EventKind;
use crate::model::level::State;
use crate::model::observation::SeenComponent;
use crate::model::state::Component;

use super::teller::{About, Teller};

/// Merges a list. Those that are no longer listed come last, and go after a week.
pub fn merge(before: &[Component], seen: &[SeenComponent], teller: &mut Teller<'_>) -> Vec<Component> {
    let held: HashMap<&str, &Component> = before.iter().map(|c| (c.id.as_str(), c)).collect();
    let mut after: Vec<Component> = Vec::with_capacity(seen.len());
    let mut place: HashMap<&str, usize> = HashMap::with_capacity(seen.len());
    for component in seen {
        // One id listed twice: the worse state counts.
        if let Some(twin) = place.get(component.id.as_str()).and_then(|at| after.get_mut(*at)) {
            twin.state = twin.state.worse(component.state);
            continue;
        }
        if after.len() >= limits::COMPONENTS {
            break;
        }
        place.insert(component.id.as_str(), after.len());
        after.push(fresh(component, teller));
    }
    for component in &mut after {
        settle(component, held.get(component.id.as_str()).copied(), teller);
    }
    for gone in before.iter().filter(|component| !place.contains_key(component.id.as_str())) {
        let mut gone = gone.clone();
        if gone.unlisted_since.is_none() {
            gone.unlisted_since = Some(teller.now);
            teller.tell(EventKind::ComponentUnlisted, about(&gone, Some(gone.state), None));
        }
        after.push(gone);
    }
    forget(&mut after, teller.now);
    after
}

/// What was held, as it goes on where the same page lists its components under other ids.
pub fn heirs(before: &[Component], seen: &[SeenComponent]) -> Vec<Component> {
    let mut taken: HashSet<&str> = HashSet::with_capacity(before.len());
    let mut heir = |held: &Component| {
        let path = || seen.iter().find(|one| one.path() == held.path);
        let name = || {
            let mut named = seen.iter().filter(|one| one.name == held.name);
            named.next().filter(|_| named.next().is_none())
        };
        let found = seen.iter().find(|one| one.id == held.id).or_else(path).or_else(name)?;
        taken.insert(found.id.as_str()).then(|| Component { id: found.id.clone(), ..held.clone() })
    };
    before.iter().filter_map(|held| heir(held).or_else(|| held.state.is_trouble().then(|| held.clone()))).collect()
}

/// Drops components that have not been listed for a week.
pub fn forget(components: &mut Vec<Component>, now: Timestamp) {
    components.retain(|component| {
        component
            .unlisted_since
            .is_none_or(|since| now.duration_since(since).unsigned_abs() < limits::UNLISTED_COMPONENT)
    });
}

fn fresh(seen: &SeenComponent, teller: &Teller<'_>) -> Component {
    // A trouble that was there before the first reading began when the vendor says.
    let since = match seen.updated_at {
        Some(at) if teller.baseline && seen.state != State::OPERATIONAL && at <= teller.now => at,
        _ => teller.now,
    };
    Component {
        id: seen.id.clone(),
        name: seen.name.clone(),
        path: seen.path(),
        state: seen.state,
        since,
        description: seen.description.clone(),
        quiet: seen.quiet,
        unlisted_since: None,
    }
}

fn settle(component: &mut Component, held: Option<&Component>, teller: &mut Teller<'_>) {
    let Some(held) = held else {
        if !teller.baseline {
            teller.tell(EventKind::ComponentListed, about(component, None, Some(component.state)));
        }
        return;
    };
    if held.unlisted_since.is_some() {
        teller.tell(EventKind::ComponentListed, about(component, None, Some(component.state)));
    }
    if held.state == component.state {
        component.since = held.since;
    } else {
        teller.tell(EventKind::ComponentState, about(component, Some(held.state), Some(component.state)));
    }
}

fn about(component: &Component, from: Option<State>, to: Option<State>) -> About {
    About {
        subject: Some(component.id.as_str().to_owned()),
        name: component.path.clone(),
        from: from.map(|state| state.as_str().to_owned()),
        to: to.map(|state| state.as_str().to_owned()),
        note: None,
    }
}
