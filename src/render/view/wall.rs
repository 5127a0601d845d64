//! The present for a screen on a wall: what is wrong stays, the rest takes turns.

use serde::Serialize;

use super::status;
use super::{Page, Subject, Time};
use crate::limits;
use crate::model::level::State;
use crate::model::snapshot::{IncidentView, ServiceView, Snapshot, SourceView};
use crate::render::subject::{Said, holds, holds_service, is_about_all};
use crate::render::{Glance, assets};

/// The screen.
#[derive(Debug, Serialize)]
pub struct Wall {
    page: Page,
    style: String,
    script: String,
    light: bool,
    /// What is shown may be so no more.
    old: bool,
    state: &'static str,
    name: Option<String>,
    sentence: String,
    detail: String,
    notices: Vec<String>,
    /// How dense the troubles stand.
    density: &'static str,
    troubles: Vec<Trouble>,
    more: usize,
    tiles: Vec<Tile>,
    coming: Vec<Coming>,
}

#[derive(Debug, Serialize)]
struct Trouble {
    state: &'static str,
    label: String,
    /// Whose trouble it is.
    name: String,
    title: Option<String>,
    since: Option<Time>,
    phase: Option<&'static str>,
    says: Option<String>,
}

#[derive(Debug, Serialize)]
struct Tile {
    state: &'static str,
    name: String,
    label: String,
    note: Option<String>,
}

#[derive(Debug, Serialize)]
struct Coming {
    title: String,
    source: String,
    running: bool,
    starts: Option<Time>,
}

/// Makes the screen.
pub fn page(snapshot: &Snapshot, glance: Glance<'_>) -> Wall {
    let Glance { subject, said, theme, old } = glance;
    let mut troubles = troubles(snapshot, subject);
    let more = match troubles.len() {
        all if all > limits::WALL_TROUBLES => all.saturating_sub(limits::WALL_TROUBLES - 1),
        _ => 0,
    };
    troubles.truncate(troubles.len().saturating_sub(more));
    let shown = troubles.len() + usize::from(more > 0);
    Wall {
        page: super::page(snapshot, true),
        style: assets::wall_style(),
        script: assets::wall_script(),
        light: theme == Some("light"),
        old: old.is_some(),
        state: said.state.as_str(),
        name: matches!(subject, Subject::Tag(_)).then_some(said.name),
        sentence: said.sentence,
        detail: said.detail,
        notices: snapshot.notices.iter().map(|notice| notice.text.clone()).collect(),
        density: match shown {
            0 => "none",
            1 => "one",
            2 => "two",
            3 | 4 => "few",
            5 | 6 => "some",
            _ => "many",
        },
        troubles,
        more,
        tiles: tiles(snapshot, subject),
        coming: coming(snapshot, subject),
    }
}

/// True for an incident that the subject is about.
fn touches(snapshot: &Snapshot, subject: &Subject, view: &IncidentView) -> bool {
    let source = view.incident.source.as_ref().and_then(|id| snapshot.source(id.as_str()));
    let hit = |service: &ServiceView| view.incident.services.iter().any(|hit| hit.service == service.service.id);
    is_about_all(view)
        || source.is_some_and(|source| holds(subject, source))
        || snapshot.services.iter().any(|service| holds_service(subject, service) && hit(service))
}

/// What is wrong, or not known: the worst first, then the newest.
fn troubles(snapshot: &Snapshot, subject: &Subject) -> Vec<Trouble> {
    let now = status::now(snapshot);
    let incidents = now.incidents.into_iter().filter(|view| touches(snapshot, subject, view));
    let sources = now.unwell.into_iter().filter(|view| holds(subject, view));
    let named = |service: &ServiceView| {
        let id = &service.service.id;
        snapshot.incidents.iter().any(|view| view.incident.services.iter().any(|hit| hit.service == *id))
    };
    let services = snapshot.services.iter().filter(|service| holds_service(subject, service));
    // An incident of ours says more than its service does.
    let services =
        services.filter(|service| (service.state.is_trouble() || service.state == State::Unknown) && !named(service));
    let mut all: Vec<(u8, Trouble)> = incidents
        .map(|view| (view.state.weight(), of_incident(view)))
        .chain(services.map(|view| (view.state.weight(), of_service(view))))
        .chain(sources.map(|view| (view.state.weight(), of_source(view))))
        .collect();
    all.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let mut all: Vec<Trouble> = all.into_iter().map(|(_, trouble)| trouble).collect();
    let unread =
        snapshot.sources.iter().filter(|view| holds(subject, view) && view.freshness.checked_at.is_none()).count();
    all.extend(status::unread(unread).map(|name| Trouble {
        state: State::Unknown.as_str(),
        label: State::Unknown.label().to_owned(),
        name,
        title: None,
        since: None,
        phase: None,
        says: None,
    }));
    all
}

fn of_incident(view: &IncidentView) -> Trouble {
    let incident = &view.incident;
    let newest = incident.updates.first().map(|update| super::line(&update.body.plain));
    Trouble {
        state: view.state.as_str(),
        label: view.state.label().to_owned(),
        name: view.source_name.clone(),
        title: Some(incident.title.clone()),
        since: Some(super::time(incident.began_at())),
        phase: Some(super::phase(incident.phase)),
        says: newest.filter(|says| !says.is_empty()),
    }
}

fn of_source(view: &SourceView) -> Trouble {
    Trouble {
        state: view.state.as_str(),
        label: super::label(view).to_owned(),
        name: view.source.name.clone(),
        title: None,
        since: Some(super::time(view.since)),
        phase: None,
        says: status::why(view),
    }
}

fn of_service(view: &ServiceView) -> Trouble {
    Trouble {
        state: view.state.as_str(),
        label: view.state.label().to_owned(),
        name: view.service.name.clone(),
        title: None,
        since: view.set.as_ref().map(|set| super::time(set.at)),
        phase: None,
        says: view.set.as_ref().map(|set| set.reason.clone()),
    }
}

/// Everything that is watched, also what is in trouble: the worst first, then ours, then as configured.
fn tiles(snapshot: &Snapshot, subject: &Subject) -> Vec<Tile> {
    let services = snapshot.services.iter().filter(|view| holds_service(subject, view));
    let services = services.map(|view| crate::render::subject::service(snapshot, view)).map(|said| (said, None));
    let sources = snapshot.sources.iter().filter(|view| holds(subject, view));
    let sources = sources.map(|view| (crate::render::subject::source(view), status::note(view)));
    let mut all: Vec<(Said, Option<String>)> = services.chain(sources).collect();
    all.sort_by_key(|(said, _)| std::cmp::Reverse(said.state.weight()));
    let tile = |(said, note): (Said, Option<String>)| Tile {
        state: said.state.as_str(),
        name: said.name,
        label: said.word,
        note,
    };
    all.into_iter().map(tile).collect()
}

/// Maintenances that run, or begin within the time that the page looks ahead.
fn coming(snapshot: &Snapshot, subject: &Subject) -> Vec<Coming> {
    let (soon, _) = status::coming(snapshot);
    let about = |view: &&crate::model::snapshot::MaintenanceView| {
        let source = view.maintenance.source.as_ref().and_then(|id| snapshot.source(id.as_str()));
        let ours = |service: &ServiceView| view.maintenance.services.contains(&service.service.id);
        *subject == Subject::Page
            || source.is_some_and(|source| holds(subject, source))
            || snapshot.services.iter().any(|service| holds_service(subject, service) && ours(service))
    };
    soon.into_iter()
        .filter(about)
        .map(|view| Coming {
            title: view.maintenance.title.clone(),
            source: view.source_name.clone(),
            running: view.maintenance.is_running(),
            starts: view.maintenance.starts_at.map(super::time),
        })
        .collect()
}
