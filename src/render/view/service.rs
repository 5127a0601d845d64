//! The page of one service.

use serde::Serialize;

use super::figures::{Bar, DayChoice, bar, choices};
use super::verdict::ByHand;
use super::{IncidentItem, Line, MaintenanceItem, Page, Time};
use crate::model::level::State;
use crate::model::receipt::Evidence;
use crate::model::snapshot::{ServiceView, Snapshot};
use crate::render::{Past, subject};

/// The page of one service.
#[derive(Debug, Serialize)]
pub struct Service {
    page: Page,
    id: String,
    name: String,
    description: Option<String>,
    state: &'static str,
    label: &'static str,
    risks: Vec<Risk>,
    needs: Vec<Need>,
    incidents: Vec<IncidentItem>,
    maintenances: Vec<MaintenanceItem>,
    by_hand: Option<ByHand>,
    bar: Option<Bar>,
    choices: [DayChoice; 3],
    events: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Risk {
    href: String,
    name: String,
    state: &'static str,
    label: &'static str,
    since: Time,
}

#[derive(Debug, Serialize)]
struct Need {
    href: String,
    name: String,
    state: &'static str,
}

/// Makes the page of one service.
pub fn page(snapshot: &Snapshot, view: &ServiceView, was: Past<'_>) -> Service {
    let name = |id: &str| snapshot.source(id).map_or_else(|| id.to_owned(), |source| source.source.name.clone());
    let risks = view.at_risk.iter().map(|risk| Risk {
        href: format!("/sources/{}", risk.source),
        name: match &risk.component {
            Some(component) => format!("{}: {component}", name(risk.source.as_str())),
            None => name(risk.source.as_str()),
        },
        state: risk.state.as_str(),
        label: risk.state.label(),
        since: super::time(risk.since),
    });
    let needs = view.service.needs.iter().map(|need| Need {
        href: format!("/sources/{}", need.source),
        name: name(need.source.as_str()),
        state: snapshot.source(need.source.as_str()).map_or(State::Unknown, |source| source.state).as_str(),
    });
    let said = subject::service(snapshot, view);
    let says = [said.sentence.as_str(), said.detail.as_str()].join(" ").trim_end().to_owned();
    Service {
        page: super::page(snapshot, true).shared(snapshot, &said.path, &view.service.name, &says),
        id: view.service.id.to_string(),
        name: view.service.name.clone(),
        description: view.service.description.clone(),
        state: view.state.as_str(),
        label: view.state.label(),
        risks: risks.collect(),
        needs: needs.collect(),
        incidents: snapshot
            .incidents
            .iter()
            .filter(|open| open.incident.services.iter().any(|hit| hit.service == view.service.id))
            .map(|open| super::incident_item(open))
            .collect(),
        maintenances: snapshot
            .maintenances
            .iter()
            .filter(|planned| planned.maintenance.services.contains(&view.service.id))
            .map(|planned| super::maintenance_item(planned))
            .collect(),
        by_hand: view
            .set
            .as_deref()
            .map(|set| super::verdict::by_hand(&set.reason, &set.author, set.at, set.until, None)),
        bar: (!was.days.is_empty()).then(|| bar(was.days)),
        choices: choices(was.days.len()),
        events: super::lines(was.events, &Evidence::default()),
    }
}
