//! What is held of one source, looked at now: its state, its freshness, its open incidents.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::limits;
use crate::model::id::{ComponentId, IncidentId};
use crate::model::incident::{Incident, Maintenance};
use crate::model::level::State;
use crate::model::observation::Basis;
use crate::model::outline::Doubt;
use crate::model::snapshot::{Affected, ComponentView, Freshness, IncidentView, MaintenanceView, SourceView};
use crate::model::source::{Failure, FailureKind, Source};
use crate::model::state::{Component, Held, Now, SourceState, Transport};

use super::abandoned;

/// One source with everything that stands on the page because of it.
#[derive(Debug, Clone)]
pub struct Derived {
    /// The source.
    pub view: Arc<SourceView>,
    /// Open ones.
    pub incidents: Vec<Arc<IncidentView>>,
    /// Over within the last 14 days.
    pub recent: Vec<Arc<IncidentView>>,
    /// Planned and running ones.
    pub maintenances: Vec<Arc<MaintenanceView>>,
    /// Over within the last 14 days.
    pub recent_maintenances: Vec<Arc<MaintenanceView>>,
}

/// How long a good reading of a source counts.
///
/// Three paces, at least 5 and at most 15 minutes; where the pace itself is so long that this would
/// make the source unknown between two good readings, one pace and a half.
pub fn horizon(source: &Source) -> Duration {
    let paces = source.interval.saturating_mul(limits::HORIZON_PACES);
    let bounded = paces.clamp(limits::HORIZON_FLOOR, limits::HORIZON_CEILING);
    bounded.max(source.interval + source.interval / 2)
}

/// True while the last good reading counts.
pub fn is_fresh(source: &Source, transport: &Transport, now: Now) -> bool {
    transport.ok_mono.is_some_and(|at| now.mono.saturating_sub(at) <= horizon(source))
}

/// What becomes of what the last good reading said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// It counts.
    Full,
    /// A later one lost something, and is not believed: nothing is better than unknown.
    Doubted,
    /// It is too old: nothing is known.
    None,
}

/// Whether what was read of a source counts now.
pub fn force(held: &Held, now: Now) -> Force {
    match (is_fresh(&held.source, &held.transport, now), &held.state.doubt) {
        (false, _) => Force::None,
        (true, Some(_)) => Force::Doubted,
        (true, None) => Force::Full,
    }
}

/// The last good reading, which is not one that is in doubt.
pub fn good_at(held: &Held) -> Option<Timestamp> {
    held.state.doubt.as_ref().map_or(held.transport.ok_at, |doubt| doubt.good_at)
}

/// Why the last attempt failed, or is not believed.
pub fn failure(held: &Held) -> Option<Failure> {
    let changed = |doubt: &Doubt| Failure { kind: FailureKind::Changed, message: doubt.what.clone() };
    held.transport.failure.clone().or_else(|| held.state.doubt.as_ref().map(changed))
}

/// What the last good reading says of the source as a whole, whatever its age; `None`: never read.
pub fn last_known(source: &Source, state: &SourceState) -> Option<State> {
    known_without(source, state, &Dismissed::default())
}

/// What was judged not to affect the team.
#[derive(Debug, Clone, Default)]
pub struct Dismissed {
    /// Open incidents.
    pub incidents: HashSet<IncidentId>,
    /// Components whose state those explain.
    pub components: HashSet<ComponentId>,
}

/// The same as [`last_known`], without what was judged not to affect the team.
pub fn known_without(source: &Source, state: &SourceState, dismissed: &Dismissed) -> Option<State> {
    state.first_read_at?;
    let paths: HashMap<&ComponentId, &str> = state.components.iter().map(|c| (&c.id, c.path.as_str())).collect();
    let listed = || state.components.iter().filter(|c| c.unlisted_since.is_none());
    // A page whose parts all left, or of which none counts, was not read as far as this team goes.
    let nothing_counts = !listed().any(|c| source.filter.counts(&c.path))
        && (!state.components.is_empty() || (source.filter.is_narrow() && state.basis == Basis::States));
    let weighed = |c: &Component| match dismissed.components.contains(&c.id) {
        true => Some(State::OPERATIONAL),
        false => weigh(c),
    };
    let parts = state.components.iter().filter(|c| source.filter.counts(&c.path)).filter_map(weighed);
    let open = state.incidents.iter().filter(|i| i.is_open() && !dismissed.incidents.contains(&i.id));
    let (counted, ignored): (Vec<&Incident>, Vec<&Incident>) =
        open.partition(|incident| touches(source, &incident.components, &paths));
    let works = state.maintenances.iter().filter(|m| m.is_running() && m.components.is_empty());
    // An overall state is about parts that do not count, too: where one of those explains it, it is no news.
    let ignored =
        !ignored.is_empty() || listed().any(|c| !source.filter.counts(&c.path) && c.state != State::OPERATIONAL);
    // What was judged explains no more than it is as bad as. What is not known, nothing explains.
    let judged = dismissed_worst(state, dismissed);
    let explained = |overall: State| {
        (source.filter.is_set() && ignored) || judged.is_some_and(|judged| overall.weight() <= judged.weight())
    };
    let indicator = state.indicator.filter(|overall| *overall == State::Unknown || !explained(*overall));
    let all = parts
        .chain(counted.iter().map(|incident| incident.state()))
        .chain(works.map(|_| State::UNDER_MAINTENANCE))
        .chain(indicator)
        .chain(nothing_counts.then_some(State::Unknown));
    Some(State::worst(all).unwrap_or(match state.basis {
        Basis::States => State::Unknown,
        Basis::Announcements => State::OPERATIONAL,
    }))
}

/// The worst of what was judged not to affect the team; `None` where nothing was.
fn dismissed_worst(state: &SourceState, dismissed: &Dismissed) -> Option<State> {
    let incidents = state.incidents.iter().filter(|i| i.is_open() && dismissed.incidents.contains(&i.id));
    let components = state.components.iter().filter(|c| dismissed.components.contains(&c.id));
    State::worst(incidents.map(Incident::state).chain(components.map(|c| c.state)))
}

/// What one component adds to its source.
fn weigh(component: &Component) -> Option<State> {
    match component.unlisted_since {
        None => Some(component.state),
        // Leaving the list does not end a trouble.
        Some(_) if component.state.is_trouble() => Some(State::Unknown),
        Some(_) => None,
    }
}

/// True where something that names these components counts for the team.
fn touches(source: &Source, components: &[ComponentId], paths: &HashMap<&ComponentId, &str>) -> bool {
    components.is_empty()
        || components.iter().any(|id| match paths.get(id) {
            Some(path) => source.filter.counts(path),
            None => !source.filter.is_narrow(),
        })
}

/// The state now: unknown past the horizon; unknown or worse while the last reading is in doubt.
pub fn state_now(held: &Held, now: Now) -> State {
    match (force(held, now), &held.state.doubt) {
        (Force::Full, _) => last_known(&held.source, &held.state).unwrap_or(State::Unknown),
        (Force::Doubted, Some(doubt)) => State::Unknown.worse(doubt.worst),
        (Force::Doubted, None) | (Force::None, _) => State::Unknown,
    }
}

/// True while something that counts is wrong there, or an incident that counts is open.
pub fn is_in_trouble(held: &Held, now: Now) -> bool {
    let paths: HashMap<&ComponentId, &str> = held.state.components.iter().map(|c| (&c.id, c.path.as_str())).collect();
    let mut open = held.state.incidents.iter().filter(|incident| incident.is_open());
    state_now(held, now).is_trouble() || open.any(|incident| touches(&held.source, &incident.components, &paths))
}

/// Looks at one source.
pub fn source(held: &Held, now: Now) -> Derived {
    let force = force(held, now);
    let (state, stale) = (&held.state, force != Force::Full);
    let components: Vec<ComponentView> =
        state.components.iter().map(|component| component_view(component, &held.source, force)).collect();
    let by_id: HashMap<&ComponentId, &ComponentView> = components.iter().map(|c| (&c.id, c)).collect();
    let recent = now.wall.checked_sub(limits::RECENT).unwrap_or(Timestamp::MIN);
    let past_incident = |i: &&Incident| !i.is_open() && i.resolved_at.or(i.updated_at).is_some_and(|at| at >= recent);
    let past_maintenance = |m: &&Maintenance| !m.is_open() && m.ends_at.or(m.updated_at).is_some_and(|at| at >= recent);
    let incident = |i: &Incident| incident_view(i, &held.source, &by_id, stale);
    let maintenance = |m: &Maintenance| maintenance_view(m, &held.source, &by_id, stale);
    Derived {
        incidents: state.incidents.iter().filter(|i| i.is_open()).map(incident).collect(),
        recent: state.incidents.iter().filter(past_incident).map(incident).collect(),
        maintenances: state.maintenances.iter().filter(|m| m.is_open()).map(maintenance).collect(),
        recent_maintenances: state.maintenances.iter().filter(past_maintenance).map(maintenance).collect(),
        view: Arc::new(SourceView {
            format: held.source.format.clone().or_else(|| held.transport.format.clone()),
            source: Arc::clone(&held.source),
            state: state_now(held, now),
            counted_state: state_now(held, now),
            set: None,
            read: state_now(held, now),
            since: state.told_since,
            last_known: last_known(&held.source, state),
            basis: state.basis,
            page: state.page.clone(),
            indicator: state.indicator,
            freshness: freshness(held, stale),
            warnings: warnings(held, now.wall),
            days: state.days.until(now.wall.to_zoned_datetime(TimeZone::UTC).date()),
            components,
        }),
    }
}

fn freshness(held: &Held, stale: bool) -> Freshness {
    let transport = &held.transport;
    Freshness {
        checked_at: transport.checked_at,
        ok_at: good_at(held),
        stale,
        error: failure(held),
        failing_since: held.state.doubt.as_ref().map(|doubt| doubt.since).or(transport.failing_since),
        next_check_at: transport.next_at,
        moved_to: transport.moved_to.clone(),
    }
}

fn warnings(held: &Held, now: Timestamp) -> Vec<String> {
    let mut warnings = held.state.warnings.clone();
    let read = held.state.first_read_at.is_some();
    let counts = |c: &Component| c.unlisted_since.is_none() && held.source.filter.counts(&c.path);
    if read && held.source.filter.is_set() && !held.state.components.iter().any(counts) {
        warnings.push("no component matches the filter: check `components` and `ignore` of this source".to_owned());
    }
    if let Some(to) = &held.transport.moved_to {
        warnings.push(format!("the page has moved for good to {to}: change its address in sources.yaml"));
    }
    if let Some(since) = abandoned::since(&held.state, now) {
        let day = since.strftime("%Y-%m-%d");
        warnings.push(format!("nothing on this page has changed since {day}: it may be abandoned"));
    }
    if let Some(drift) = held.transport.drift.as_ref().filter(|drift| drift.taken_up) {
        warnings.extend(drift.found.clone());
    }
    warnings
}

fn component_view(component: &Component, source: &Source, force: Force) -> ComponentView {
    let state = match force {
        Force::Full if component.unlisted_since.is_none() => component.state,
        Force::Doubted if component.unlisted_since.is_none() => State::Unknown.worse(component.state),
        Force::Full | Force::Doubted | Force::None => State::Unknown,
    };
    ComponentView {
        id: component.id.clone(),
        path: component.path.clone(),
        state,
        last_known: component.state,
        since: component.since,
        description: component.description.clone(),
        counted: source.filter.counts(&component.path),
        quiet: component.quiet,
        unlisted_since: component.unlisted_since,
        dismissed: false,
    }
}

fn affected(components: &[ComponentId], by_id: &HashMap<&ComponentId, &ComponentView>, narrow: bool) -> Vec<Affected> {
    let one = |id: &ComponentId| match by_id.get(id) {
        Some(view) => Affected { id: id.clone(), path: view.path.clone(), state: view.state, counted: view.counted },
        None => Affected { id: id.clone(), path: id.as_str().to_owned(), state: State::Unknown, counted: !narrow },
    };
    components.iter().map(one).collect()
}

/// An incident with what the page needs beside it; also for past ones.
pub fn incident_view(
    incident: &Incident,
    source: &Source,
    by_id: &HashMap<&ComponentId, &ComponentView>,
    stale: bool,
) -> Arc<IncidentView> {
    let affected = affected(&incident.components, by_id, source.filter.is_narrow());
    Arc::new(IncidentView {
        source_name: source.name.clone(),
        state: incident.state(),
        counted: affected.is_empty() || affected.iter().any(|part| part.counted),
        affected,
        stale,
        verdict: None,
        stands: false,
        incident: incident.clone(),
    })
}

/// A maintenance with what the page needs beside it; also for past ones.
pub fn maintenance_view(
    maintenance: &Maintenance,
    source: &Source,
    by_id: &HashMap<&ComponentId, &ComponentView>,
    stale: bool,
) -> Arc<MaintenanceView> {
    let affected = affected(&maintenance.components, by_id, source.filter.is_narrow());
    Arc::new(MaintenanceView {
        source_name: source.name.clone(),
        counted: affected.is_empty() || affected.iter().any(|part| part.counted),
        affected,
        stale,
        maintenance: maintenance.clone(),
    })
}
