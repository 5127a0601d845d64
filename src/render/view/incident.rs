//! The page of one incident or one maintenance.

use jiff::Timestamp;
use serde::Serialize;

use super::told::Told;
use super::verdict::Verdict;
use super::{Line, Page, Part, Post, Time};
use crate::model::event::Event;
use crate::model::level::State;
use crate::model::receipt::Evidence;
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot};

/// The page of one incident or one maintenance.
#[derive(Debug, Serialize)]
pub struct Thread {
    page: Page,
    id: String,
    kind: &'static str,
    open: bool,
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
    verdict: Option<Verdict>,
    postmortem: Option<Learned>,
    related: Vec<Related>,
    updates: Vec<Post>,
    events: Vec<Line>,
    /// Who was told; `None`: that is not for whoever looks.
    told: Option<Told>,
}

impl Thread {
    /// The same with who was told.
    pub fn with(self, told: Option<Told>) -> Self {
        Self { told, ..self }
    }
}

/// What was learned.
#[derive(Debug, Serialize)]
struct Learned {
    at: Time,
    author: String,
    words: minijinja::Value,
}

/// A vendor's incident that has to do with one of ours.
#[derive(Debug, Serialize)]
struct Related {
    href: String,
    title: String,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: &'static str,
    at: Time,
}

fn facts(list: [(&'static str, Option<Timestamp>); 4]) -> Vec<Fact> {
    list.into_iter().filter_map(|(name, at)| Some(Fact { name, at: super::time(at?) })).collect()
}

fn changed(by_vendor: bool) -> &'static str {
    if by_vendor { "Last changed by the vendor" } else { "Last changed" }
}

/// Upstream incidents that one of ours names, by their titles where those are at hand; and ours that name this one.
fn related(snapshot: &Snapshot, view: &IncidentView) -> Vec<Related> {
    let all = || snapshot.incidents.iter().chain(&snapshot.recent);
    let named = view.incident.local.iter().flat_map(|local| &local.related).map(|id| {
        let known = all().find(|other| other.incident.id == *id);
        let title = known.map_or_else(|| id.to_string(), |known| known.incident.title.clone());
        Related { href: format!("/incidents/{id}"), title }
    });
    let names_this = |other: &&std::sync::Arc<IncidentView>| {
        other.incident.local.as_ref().is_some_and(|local| local.related.contains(&view.incident.id))
    };
    let naming = all().filter(names_this).map(|other| Related {
        href: format!("/incidents/{}", other.incident.id),
        title: other.incident.title.clone(),
    });
    named.chain(naming).collect()
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
        page: super::page(snapshot, true).shared(
            snapshot,
            &format!("/incidents/{}", incident.id),
            &incident.title,
            &format!("{}: {label}, {}", view.source_name, super::phase(incident.phase).to_lowercase()),
        ),
        id: incident.id.to_string(),
        kind: "incident",
        open: incident.is_open(),
        title: incident.title.clone(),
        state,
        label,
        phase: super::phase(incident.phase),
        source: view.source_name.clone(),
        source_href: incident.source.as_ref().map(|source| format!("/sources/{source}")),
        facts: facts([
            ("Began", incident.started_at),
            ("Noticed here", Some(incident.first_seen_at)),
            (changed(incident.source.is_some()), incident.updated_at),
            ("Resolved", incident.resolved_at),
        ]),
        marked: super::marked(incident.listing, view.stale),
        url: incident.url.clone(),
        affected: super::parts(&view.affected),
        verdict: super::verdict::verdict(view),
        postmortem: incident.local.as_ref().and_then(|local| local.postmortem.as_ref()).map(|signed| Learned {
            at: super::time(signed.at),
            author: signed.author.clone(),
            words: super::words(&signed.words.text),
        }),
        related: related(snapshot, view),
        updates: super::posts(&incident.updates, evidence),
        events: super::lines(events, evidence),
        told: None,
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
        page: super::page(snapshot, true).shared(
            snapshot,
            &format!("/maintenances/{}", maintenance.id),
            &maintenance.title,
            &format!("{}: {label}, {}", view.source_name, super::phase(maintenance.phase).to_lowercase()),
        ),
        id: maintenance.id.to_string(),
        kind: "maintenance",
        open: maintenance.is_open(),
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
            (changed(maintenance.source.is_some()), maintenance.updated_at),
        ]),
        marked: super::marked(maintenance.listing, view.stale),
        url: maintenance.url.clone(),
        affected: super::parts(&view.affected),
        verdict: None,
        postmortem: None,
        related: Vec::new(),
        updates: super::posts(&maintenance.updates, evidence),
        events: super::lines(events, evidence),
        told: None,
    }
}
