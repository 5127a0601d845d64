//! The page of one incident or one maintenance.

use jiff::Timestamp;
use serde::Serialize;

use super::{Line, Page, Part, Post, Time};
use crate::model::event::Event;
use crate::model::level::State;
use crate::model::receipt::Evidence;
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot};

/// The page of one incident or one maintenance.
#[derive(Debug, Serialize)]
pub struct Thread {
    page: Page,
    title: String,
    state: &'static str,
    label: &'static str,
    phase: &'static str,
    source: String,
    source_href: Option<String>,
    facts: Vec<Fact>,
    marked: Option<&'static str>,
    url: Option<String>,
    affected: Vec<Part>,
    updates: Vec<Post>,
    events: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: &'static str,
    at: Time,
}

fn facts(list: [(&'static str, Option<Timestamp>); 4]) -> Vec<Fact> {
    list.into_iter().filter_map(|(name, at)| Some(Fact { name, at: super::time(at?) })).collect()
}

/// Makes the page of an incident.
pub fn incident(snapshot: &Snapshot, view: &IncidentView, events: &[Event], evidence: &Evidence) -> Thread {
    let incident = &view.incident;
    let (state, label) = if incident.is_open() {
        (view.state.as_str(), view.state.label())
    } else {
        (State::OPERATIONAL.as_str(), "Over")
    };
    Thread {
        page: super::page(snapshot, true),
        title: incident.title.clone(),
        state,
        label,
        phase: super::phase(incident.phase),
        source: view.source_name.clone(),
        source_href: incident.source.as_ref().map(|source| format!("/sources/{source}")),
        facts: facts([
            ("Began", incident.started_at),
            ("Noticed here", Some(incident.first_seen_at)),
            ("Last changed by the vendor", incident.updated_at),
            ("Resolved", incident.resolved_at),
        ]),
        marked: super::marked(incident.listing, view.stale),
        url: incident.url.clone(),
        affected: super::parts(&view.affected),
        updates: super::posts(&incident.updates, evidence),
        events: super::lines(events, evidence),
    }
}

/// Makes the page of a maintenance.
pub fn maintenance(snapshot: &Snapshot, view: &MaintenanceView, events: &[Event], evidence: &Evidence) -> Thread {
    let maintenance = &view.maintenance;
    let (state, label) = if maintenance.is_open() {
        (State::UNDER_MAINTENANCE.as_str(), "Scheduled maintenance")
    } else {
        (State::OPERATIONAL.as_str(), "Over")
    };
    Thread {
        page: super::page(snapshot, true),
        title: maintenance.title.clone(),
        state,
        label,
        phase: super::phase(maintenance.phase),
        source: view.source_name.clone(),
        source_href: maintenance.source.as_ref().map(|source| format!("/sources/{source}")),
        facts: facts([
            ("Planned start", maintenance.starts_at),
            ("Planned end", maintenance.ends_at),
            ("Noticed here", Some(maintenance.first_seen_at)),
            ("Last changed by the vendor", maintenance.updated_at),
        ]),
        marked: super::marked(maintenance.listing, view.stale),
        url: maintenance.url.clone(),
        affected: super::parts(&view.affected),
        updates: super::posts(&maintenance.updates, evidence),
        events: super::lines(events, evidence),
    }
}
