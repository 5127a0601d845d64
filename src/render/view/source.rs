//! The page of one source.

use serde::Serialize;

use super::figures::{Bar, DayChoice, bar, choices};
use super::{Days, IncidentItem, Line, MaintenanceItem, Page, Sent, Shown, Time};
use crate::model::incident::{Incident, Maintenance};
use crate::model::receipt::Evidence;
use crate::model::snapshot::{ComponentView, Snapshot, SourceView};
use crate::render::subject;

/// The page of one source.
#[derive(Debug, Serialize)]
pub struct Source {
    page: Page,
    id: String,
    name: String,
    state: &'static str,
    label: &'static str,
    since: Time,
    was: Option<String>,
    sent: Vec<Sent>,
    url: String,
    calls_itself: Option<String>,
    format: Option<String>,
    tags: String,
    ok_at: Option<Time>,
    checked_at: Option<Time>,
    error: Option<String>,
    advice: Option<&'static str>,
    next: Option<Time>,
    indicator: Option<Shown>,
    warnings: Vec<String>,
    by_hand: Option<super::verdict::ByHand>,
    days: Days,
    bar: Option<Bar>,
    choices: [DayChoice; 3],
    incidents: Vec<IncidentItem>,
    maintenances: Vec<MaintenanceItem>,
    components: Vec<Component>,
    past: Vec<Past>,
    events: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Component {
    path: String,
    state: &'static str,
    label: &'static str,
    since: Time,
    counted: bool,
    note: Option<String>,
}

#[derive(Debug, Serialize)]
struct Past {
    href: String,
    title: String,
    phase: &'static str,
    from: Option<Time>,
    to: Option<Time>,
}

/// Makes the page of one source.
pub fn page(snapshot: &Snapshot, view: &SourceView, was: crate::render::Past<'_>, evidence: &Evidence) -> Source {
    let id = Some(&view.source.id);
    let mut components: Vec<&ComponentView> = view.components.iter().collect();
    components.sort_by_key(|component| (!component.counted, component.unlisted_since.is_some()));
    let freshness = &view.freshness;
    let said = subject::source(view);
    let says = [said.sentence.as_str(), said.detail.as_str()].join(" ").trim_end().to_owned();
    Source {
        page: super::page(snapshot, true).shared(snapshot, &said.path, &view.source.name, &says),
        id: view.source.id.to_string(),
        name: view.source.name.clone(),
        state: view.state.as_str(),
        label: super::label(view),
        since: super::time(view.since),
        was: super::status::was(view),
        // Where it is unknown for want of a reading, no document says so.
        sent: if freshness.stale { Vec::new() } else { super::sent(evidence, &evidence.newest) },
        url: view.source.url.clone(),
        calls_itself: view.page.name.clone().filter(|name| *name != view.source.name),
        format: view.format.clone(),
        tags: view.source.tags.join(", "),
        ok_at: freshness.ok_at.map(super::time),
        checked_at: freshness.checked_at.map(super::time),
        error: freshness.error.as_ref().map(|error| error.message.clone()),
        advice: freshness.error.as_ref().map(|error| error.kind.advice()),
        next: freshness.next_check_at.map(super::time),
        indicator: view.indicator.map(super::shown),
        warnings: view.warnings.clone(),
        by_hand: view
            .set
            .as_deref()
            .map(|set| super::verdict::by_hand(&set.reason, &set.author, set.at, set.until, Some(view.read))),
        days: super::days(&view.days),
        bar: (!was.days.is_empty()).then(|| bar(was.days)),
        choices: choices(was.days.len()),
        incidents: snapshot
            .incidents
            .iter()
            .filter(|open| open.incident.source.as_ref() == id)
            .map(|open| super::incident_item(open))
            .collect(),
        maintenances: snapshot
            .maintenances
            .iter()
            .filter(|planned| planned.maintenance.source.as_ref() == id)
            .map(|planned| super::maintenance_item(planned))
            .collect(),
        components: components.into_iter().map(component).collect(),
        past: past_items(was.incidents, was.maintenances),
        events: super::lines(was.events, evidence),
    }
}

fn component(view: &ComponentView) -> Component {
    Component {
        path: view.path.clone(),
        state: view.state.as_str(),
        label: view.state.label(),
        since: super::time(view.unlisted_since.unwrap_or(view.since)),
        counted: view.counted,
        note: match (view.unlisted_since, view.counted) {
            (None, true) if view.dismissed => Some("does not affect us".to_owned()),
            (Some(_), _) => Some(format!("no longer listed, was {}", view.last_known.label().to_lowercase())),
            (None, false) => Some("not counted".to_owned()),
            (None, true) => None,
        },
    }
}

fn past_items(incidents: &[Incident], maintenances: &[Maintenance]) -> Vec<Past> {
    let incidents = incidents.iter().filter(|incident| !incident.is_open()).map(|incident| {
        let item = Past {
            href: format!("/incidents/{}", incident.id),
            title: incident.title.clone(),
            phase: super::phase(incident.phase),
            from: Some(super::time(incident.began_at())),
            to: incident.resolved_at.map(super::time),
        };
        (incident.began_at(), item)
    });
    let maintenances = maintenances.iter().filter(|maintenance| !maintenance.is_open()).map(|maintenance| {
        let item = Past {
            href: format!("/maintenances/{}", maintenance.id),
            title: maintenance.title.clone(),
            phase: super::phase(maintenance.phase),
            from: maintenance.starts_at.map(super::time),
            to: maintenance.ends_at.map(super::time),
        };
        (maintenance.starts_at.unwrap_or(maintenance.first_seen_at), item)
    });
    let mut all: Vec<_> = incidents.chain(maintenances).collect();
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all.into_iter().map(|(_, item)| item).collect()
}
