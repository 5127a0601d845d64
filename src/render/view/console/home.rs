//! The first page: what waits for a decision, then what goes on.

use serde::Serialize;

use crate::model::incident::{Incident, Maintenance};
use crate::model::level::State;
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot};
use crate::render::view::{IncidentItem, MaintenanceItem, Shown, Time, incident_item, maintenance_item, shown, time};

/// The page.
#[derive(Debug, Serialize)]
pub struct Home {
    headline: Shown,
    text: String,
    decisions: Vec<Decision>,
    open: Vec<IncidentItem>,
    maintenances: Vec<MaintenanceItem>,
}

/// Something that waits.
#[derive(Debug, Serialize)]
pub struct Decision {
    /// Why it waits.
    pub why: String,
    /// Its state, for its mark.
    pub state: &'static str,
    /// What it is.
    pub title: String,
    /// Where everything about it is.
    pub href: String,
    /// Whose it is.
    pub source: String,
    /// Since when.
    pub since: Option<Time>,
    /// What was said of it last.
    pub says: Option<String>,
    /// Who has seen it.
    pub seen: Option<String>,
    /// What can be done about it at once.
    pub actions: Vec<Action>,
    /// Where more can be done.
    pub links: Vec<Way>,
}

/// One tap: a form without a field to fill in.
#[derive(Debug, Clone, Serialize)]
pub struct Action {
    /// What it does.
    pub label: &'static str,
    /// Where it is sent.
    pub to: String,
    /// What it carries.
    pub hidden: Vec<(&'static str, String)>,
    /// It is not what one usually wants.
    pub plain: bool,
}

/// Somewhere to go on.
#[derive(Debug, Clone, Serialize)]
pub struct Way {
    /// Where.
    pub href: String,
    /// What it is called.
    pub label: &'static str,
}

/// An incident of ours that waits.
pub fn ours(why: String, incident: &Incident) -> Decision {
    let said = incident.updates.first().map(|update| super::super::line(&update.body.plain));
    Decision {
        why,
        state: incident.state().as_str(),
        title: incident.title.clone(),
        href: format!("/admin/incidents/{}", incident.id),
        source: incident.local.as_ref().map(|local| local.author.clone()).unwrap_or_default(),
        since: Some(time(incident.began_at())),
        says: said.filter(|says| !says.is_empty()),
        seen: None,
        actions: Vec::new(),
        links: Vec::new(),
    }
}

/// A vendor's incident that waits.
pub fn vendors(why: String, view: &IncidentView) -> Decision {
    let seen = view.verdict.as_ref().and_then(|verdict| verdict.acknowledged.as_ref()).map(|(_, by)| by.clone());
    Decision {
        state: view.state.as_str(),
        href: format!("/admin/incidents/{}/verdict", view.incident.id),
        source: view.source_name.clone(),
        seen,
        ..ours(why, &view.incident)
    }
}

/// A maintenance of ours that waits.
pub fn planned(why: String, maintenance: &Maintenance) -> Decision {
    Decision {
        why,
        state: State::UNDER_MAINTENANCE.as_str(),
        title: maintenance.title.clone(),
        href: format!("/admin/maintenances/{}", maintenance.id),
        source: maintenance.local.as_ref().map(|local| local.author.clone()).unwrap_or_default(),
        since: maintenance.starts_at.map(time),
        says: None,
        seen: None,
        actions: Vec::new(),
        links: Vec::new(),
    }
}

/// Makes the page.
pub fn page(snapshot: &Snapshot, decisions: Vec<Decision>) -> Home {
    Home {
        headline: shown(snapshot.headline.state),
        text: snapshot.headline.text.clone(),
        decisions,
        open: snapshot.incidents.iter().map(|view| incident(view)).collect(),
        maintenances: snapshot.maintenances.iter().map(|view| maintenance(view)).collect(),
    }
}

/// An incident in a list of the console.
pub fn incident(view: &IncidentView) -> IncidentItem {
    let verdict = if view.incident.source.is_some() { "/verdict" } else { "" };
    IncidentItem { href: format!("/admin/incidents/{}{verdict}", view.incident.id), ..incident_item(view) }
}

/// A maintenance in a list of the console.
pub fn maintenance(view: &MaintenanceView) -> MaintenanceItem {
    let item = maintenance_item(view);
    match view.maintenance.source {
        // What a vendor plans is only to be read.
        Some(_) => item,
        None => MaintenanceItem { href: format!("/admin/maintenances/{}", view.maintenance.id), ..item },
    }
}
