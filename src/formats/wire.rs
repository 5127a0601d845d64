//! The observation as JSON, as `parse` and `probe --json` print it.

use serde::Serialize;
use serde_json::Value;

use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Observation, SeenIncident, SeenMaintenance};

#[derive(Serialize)]
struct Whole<'a> {
    format: &'a str,
    page: Page<'a>,
    state: Option<&'static str>,
    indicator: Option<&'static str>,
    components: Vec<Component<'a>>,
    incidents: Vec<Incident<'a>>,
    maintenances: Vec<Maintenance<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Page<'a> {
    name: Option<&'a str>,
    url: Option<&'a str>,
    updated_at: Option<String>,
}

#[derive(Serialize)]
struct Component<'a> {
    id: &'a str,
    name: &'a str,
    group: Option<&'a str>,
    path: String,
    state: &'static str,
    updated_at: Option<String>,
}

#[derive(Serialize)]
struct Incident<'a> {
    id: &'a str,
    title: &'a str,
    status: Option<&'static str>,
    impact: Option<&'static str>,
    started_at: Option<String>,
    updated_at: Option<String>,
    resolved_at: Option<String>,
    url: Option<&'a str>,
    components: Vec<&'a str>,
    updates: Vec<Post<'a>>,
}

#[derive(Serialize)]
struct Maintenance<'a> {
    id: &'a str,
    title: &'a str,
    status: Option<&'static str>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    url: Option<&'a str>,
    components: Vec<&'a str>,
    updates: Vec<Post<'a>>,
}

#[derive(Serialize)]
struct Post<'a> {
    at: Option<String>,
    status: Option<&'static str>,
    body: &'a str,
}

/// An observation in the shape of the public interface. What a document does not say is null.
pub fn observation_json(format: &str, seen: &Observation) -> Value {
    let whole = Whole {
        format,
        page: Page {
            name: seen.page.name.as_deref(),
            url: seen.page.url.as_deref(),
            updated_at: seen.page.updated_at.map(|at| at.to_string()),
        },
        state: seen.state().map(State::as_str),
        indicator: seen.indicator.map(State::as_str),
        components: seen
            .components
            .iter()
            .map(|component| Component {
                id: component.id.as_str(),
                name: &component.name,
                group: component.group.as_deref(),
                path: component.path(),
                state: component.state.as_str(),
                updated_at: component.updated_at.map(|at| at.to_string()),
            })
            .collect(),
        incidents: seen.incidents.iter().map(incident).collect(),
        maintenances: seen.maintenances.iter().map(maintenance).collect(),
        warnings: &seen.warnings,
    };
    // Strings, lists and nulls only: there is nothing that JSON cannot say.
    serde_json::to_value(whole).unwrap_or(Value::Null)
}

fn incident(incident: &SeenIncident) -> Incident<'_> {
    Incident {
        id: &incident.id,
        title: &incident.title,
        status: incident.phase.map(Phase::as_str),
        impact: incident.impact.map(Impact::as_str),
        started_at: incident.started_at.map(|at| at.to_string()),
        updated_at: incident.updated_at.map(|at| at.to_string()),
        resolved_at: incident.resolved_at.map(|at| at.to_string()),
        url: incident.url.as_deref(),
        components: incident.components.iter().map(|id| id.as_str()).collect(),
        updates: incident.updates.iter().map(post).collect(),
    }
}

fn maintenance(maintenance: &SeenMaintenance) -> Maintenance<'_> {
    Maintenance {
        id: &maintenance.id,
        title: &maintenance.title,
        status: maintenance.phase.map(Phase::as_str),
        starts_at: maintenance.starts_at.map(|at| at.to_string()),
        ends_at: maintenance.ends_at.map(|at| at.to_string()),
        url: maintenance.url.as_deref(),
        components: maintenance.components.iter().map(|id| id.as_str()).collect(),
        updates: maintenance.updates.iter().map(post).collect(),
    }
}

fn post(update: &Update) -> Post<'_> {
    Post { at: update.at.map(|at| at.to_string()), status: update.phase.map(Phase::as_str), body: &update.body.html }
}
