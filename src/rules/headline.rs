//! All sources, services and local incidents together: the snapshot and its first line.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::desk::Desk;
use crate::model::level::State;
use crate::model::snapshot::{
    Headline, IncidentView, MaintenanceView, Notice, Risk, ServiceView, Snapshot, SourceView,
};
use crate::model::source::{Need, PageSettings, Service};
use crate::model::state::Now;

use super::derive::Derived;
use super::desk;

/// What the snapshot is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    /// How the page presents itself.
    pub page: &'a Arc<PageSettings>,
    /// In the order of the configuration.
    pub services: &'a [Arc<Service>],
    /// In the order of the configuration.
    pub sources: Vec<&'a Derived>,
    /// What operators hold.
    pub desk: &'a Desk,
    /// Local incidents that are public, derived.
    pub local: &'a [Arc<IncidentView>],
    /// Local maintenances.
    pub local_maintenances: &'a [Arc<MaintenanceView>],
    /// What is wrong with allclear itself.
    pub notices: Vec<Notice>,
    /// This machine is cut off.
    pub cut_off: bool,
    /// The last event.
    pub seq: u64,
}

/// Puts the present together.
pub fn snapshot(parts: Parts<'_>, now: Now) -> Snapshot {
    let sources: Vec<Arc<SourceView>> = parts.sources.iter().map(|derived| Arc::clone(&derived.view)).collect();
    let (local, local_past): (Vec<_>, Vec<_>) = parts.local.iter().cloned().partition(|view| view.incident.is_open());
    let mut incidents: Vec<Arc<IncidentView>> = local;
    let mut recent: Vec<Arc<IncidentView>> = local_past;
    let (mut maintenances, mut recent_maintenances): (Vec<_>, Vec<_>) =
        parts.local_maintenances.iter().cloned().partition(|view| view.maintenance.is_open());
    for derived in &parts.sources {
        incidents.extend(derived.incidents.iter().cloned());
        recent.extend(derived.recent.iter().cloned());
        maintenances.extend(derived.maintenances.iter().cloned());
        recent_maintenances.extend(derived.recent_maintenances.iter().cloned());
    }
    incidents.sort_by_key(|view| {
        let weight = std::cmp::Reverse(view.state.weight());
        (!view.counted, weight, std::cmp::Reverse(view.incident.began_at()), view.incident.id.clone())
    });
    recent.sort_by_key(|view| {
        let over = view.incident.resolved_at.or(view.incident.updated_at);
        (std::cmp::Reverse(over), view.incident.id.clone())
    });
    maintenances
        .sort_by_key(|view| (view.maintenance.starts_at.unwrap_or(Timestamp::MAX), view.maintenance.id.clone()));
    recent_maintenances.sort_by_key(|view| {
        let over = view.maintenance.ends_at.or(view.maintenance.updated_at);
        (std::cmp::Reverse(over), view.maintenance.id.clone())
    });
    // One of ours that names no service is about all of us.
    let unnamed: Vec<State> = parts
        .local
        .iter()
        .filter(|view| view.incident.is_open() && view.incident.services.is_empty())
        .map(|view| view.state)
        .collect();
    let services: Vec<ServiceView> =
        parts.services.iter().map(|service| service_view(service, &sources, &incidents, parts.desk)).collect();
    Snapshot {
        generated_at: now.wall,
        seq: parts.seq,
        page: Arc::clone(parts.page),
        headline: headline(&sources, &services, &unnamed, parts.cut_off, now),
        sources,
        services,
        incidents,
        maintenances,
        recent,
        recent_maintenances,
        notices: parts.notices,
    }
}

fn service_view(
    service: &Arc<Service>,
    sources: &[Arc<SourceView>],
    incidents: &[Arc<IncidentView>],
    on: &Desk,
) -> ServiceView {
    let mut at_risk: Vec<Risk> = service.needs.iter().flat_map(|need| risks(need, sources, incidents)).collect();
    at_risk.sort_by_key(|risk| std::cmp::Reverse(risk.state.weight()));
    let set = on.by_hand.get(&service.id).map(|set| Arc::new(set.clone()));
    ServiceView { service: Arc::clone(service), state: desk::service_state(on, &service.id), set, at_risk }
}

/// What of a need is not operational. What is not known is a risk.
fn risks(need: &Need, sources: &[Arc<SourceView>], incidents: &[Arc<IncidentView>]) -> Vec<Risk> {
    let Some(view) = sources.iter().find(|view| view.source.id == need.source) else { return Vec::new() };
    let open = || incidents.iter().filter(|open| open.incident.source.as_ref() == Some(&need.source) && open.counted);
    let whole = |state, since| Risk {
        source: need.source.clone(),
        component: None,
        state,
        since,
        incident: open().next().map(|open| open.incident.id.clone()),
    };
    if !need.components.is_narrow() || view.freshness.stale || view.set.is_some() {
        let since = view.set.as_ref().map_or(view.since, |set| set.at);
        let calm = view.counted_state == State::OPERATIONAL;
        return if calm { Vec::new() } else { vec![whole(view.counted_state, since)] };
    }
    let mut needed = view.components.iter().filter(|component| need.components.counts(&component.path)).peekable();
    if needed.peek().is_none() {
        return vec![whole(State::Unknown, view.since)];
    }
    needed
        .filter(|component| component.state != State::OPERATIONAL && !component.dismissed)
        .map(|component| Risk {
            source: need.source.clone(),
            component: Some(component.path.clone()),
            state: component.state,
            since: component.unlisted_since.unwrap_or(component.since),
            incident: open()
                .find(|open| open.incident.components.contains(&component.id))
                .or_else(|| open().find(|open| open.incident.components.is_empty()))
                .map(|open| open.incident.id.clone()),
        })
        .collect()
}

fn headline(
    sources: &[Arc<SourceView>],
    services: &[ServiceView],
    unnamed: &[State],
    cut_off: bool,
    now: Now,
) -> Headline {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for view in sources {
        *counts.entry(view.state.as_str()).or_default() += 1;
    }
    let own = services.iter().map(|view| view.state).chain(unnamed.iter().copied());
    let state = State::worst(sources.iter().map(|view| view.counted_state).chain(own)).unwrap_or(State::Unknown);
    Headline { state, text: sentence(sources, services, unnamed, cut_off), detail: freshness(sources, now), counts }
}

fn sentence(sources: &[Arc<SourceView>], services: &[ServiceView], unnamed: &[State], cut_off: bool) -> String {
    let count = |wanted: &dyn Fn(State) -> bool| sources.iter().filter(|view| wanted(view.counted_state)).count();
    let broken = count(&State::is_trouble);
    let unknown = count(&|state| state == State::Unknown);
    let maintained = count(&|state| state == State::UNDER_MAINTENANCE);
    let own = services.iter().filter(|view| view.state.is_trouble()).count();
    let dismissed = sources.iter().filter(|view| view.state.is_trouble() && !view.counted_state.is_trouble()).count();
    if cut_off {
        return format!("allclear is cut off: {} cannot be reached from here", vendors(unknown.max(1)));
    }
    if sources.is_empty() && services.is_empty() {
        return "Nothing is watched yet: add sources to sources.yaml".to_owned();
    }
    let mut troubled = Vec::new();
    if own > 0 {
        troubled.push(format!("{own} of our services"));
    }
    if broken > 0 {
        troubled.push(vendors(broken));
    }
    let mut said: Vec<String> = match unnamed.iter().filter(|state| state.is_trouble()).count() {
        0 => Vec::new(),
        1 => vec!["An incident of ours is open".to_owned()],
        some => vec![format!("{some} incidents of ours are open")],
    };
    if !troubled.is_empty() {
        let verb = if own + broken == 1 { "has" } else { "have" };
        said.push(format!("{} {verb} problems", troubled.join(" and ")));
    }
    if !said.is_empty() {
        said.extend((unknown > 0).then(|| format!("{unknown} unknown")));
        return said.join(", ");
    }
    if unknown > 0 {
        if sources.iter().all(|view| view.freshness.checked_at.is_none()) {
            return format!("Not known yet: reading {} for the first time", vendors(unknown));
        }
        return format!("{} unknown, no problems seen elsewhere", vendors_are(unknown));
    }
    let mut rest = Vec::new();
    let works = services.iter().filter(|view| view.state == State::UNDER_MAINTENANCE).count();
    if works > 0 {
        rest.push(format!("{works} of our services under maintenance"));
    }
    if maintained > 0 {
        rest.push(format!("{} under maintenance", vendors(maintained)));
    }
    if dismissed > 0 {
        rest.push(format!("{} with problems that do not affect us", vendors(dismissed)));
    }
    std::iter::once("All clear".to_owned()).chain(rest).collect::<Vec<_>>().join(", ")
}

/// “38 of 38 read in the last 2 minutes”: the smallest whole number of minutes that holds all fresh readings.
fn freshness(sources: &[Arc<SourceView>], now: Now) -> String {
    let fresh: Vec<Timestamp> =
        sources.iter().filter(|view| !view.freshness.stale).filter_map(|view| view.freshness.ok_at).collect();
    let oldest = fresh.iter().min().map_or(0, |at| now.wall.duration_since(*at).as_secs().max(0));
    let minutes = oldest.div_euclid(60).saturating_add(1);
    let within = if minutes == 1 { "minute".to_owned() } else { format!("{minutes} minutes") };
    format!("{} of {} checked in the last {within}", fresh.len(), sources.len())
}

fn vendors(count: usize) -> String {
    if count == 1 { "1 vendor".to_owned() } else { format!("{count} vendors") }
}

fn vendors_are(count: usize) -> String {
    if count == 1 { "1 vendor is".to_owned() } else { format!("{count} vendors are") }
}
