//! Zendesk: `/api/ssp/services.json`, `/api/ssp/incidents.json` and `/api/ssp/incidents/maintenance.json`, JSON:API.
//!
//! Facts: the vendor's documentation and a public client; at most ten requests a minute. A service is as bad as the
//! worst open incident that names it.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::words::{IMPACTS, PHASES, look_up};
use super::{Clues, Format, ParseError, Sureness, json, rows};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "zendesk",
    about: "Zendesk's own status (https://status.zendesk.com/api/ssp/incidents.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let row = &value["data"][0]["attributes"];
        let incident = row.get("resolvedAt").is_some() || value["included"][0]["type"] == "incidentService";
        if incident {
            Sureness::Certain
        } else if row["name"].is_string() && row.get("status").is_none() && value["data"][0]["id"].is_string() {
            Sureness::Likely
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &["status.zendesk.com"],
        ..Clues::marks(&["<title>Zendesk Status", "<title>Zendesk System Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[
        present("services", "api/ssp/services.json"),
        present("incidents", "api/ssp/incidents.json"),
        extra("maintenances", "api/ssp/incidents/maintenance.json"),
    ]),
    expected: "a Zendesk document (JSON:API with `data`)",
    basis: Basis::States,
    load: json::read,
    read,
};

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    let is_services = |doc: &Doc<'_>| {
        let row = &doc.value["data"][0];
        row["attributes"].get("resolvedAt").is_none() && row["attributes"].get("startedAt").is_none() && row.is_object()
    };
    let has_incidents = docs.iter().any(|doc| doc.value["data"].is_array() && !is_services(doc));
    for doc in docs {
        if !doc.value["data"].is_array() {
            return Err(doc.not_ours());
        }
        for row in doc.list("data")? {
            let about = &row["attributes"];
            let (id, name) =
                (json::string(row, "id").unwrap_or_default(), json::string(about, "name").unwrap_or_default());
            if is_services(doc) {
                let state = if has_incidents { State::OPERATIONAL } else { State::Unknown };
                draft.component(SeenComponent { state, ..draft::component(&id, &name) });
            }
        }
    }
    if !docs.iter().any(is_services) {
        draft.seen.basis = Basis::Announcements;
    } else if !has_incidents {
        draft.notes.say("without the incidents it is not known how the services are".to_owned());
    }
    for doc in docs.iter().filter(|doc| !is_services(doc)) {
        let included = doc.list("included")?;
        let by_id = rows::by(included, |part| json::string(part, "id"));
        let by_incident = rows::all_by(included, |part| json::string(&part["attributes"], "incidentId"));
        let all = doc.list("data")?;
        for row in all {
            // Parts name their incident, too; of a single one they may all be, without a word.
            let own = json::string(row, "id").and_then(|id| by_incident.get(&id));
            let parts: Vec<&Value> = match (linked(row), own) {
                (Some(links), _) => links.iter().filter_map(|id| by_id.get(id).copied()).collect(),
                (None, Some(own)) => own.clone(),
                (None, None) if all.len() == 1 => included.iter().collect(),
                (None, None) => Vec::new(),
            };
            thread(row, &parts, draft);
        }
    }
    draft.states_from_incidents();
    Ok(())
}

/// The ids of the parts that a row links to; none where it links to nothing at all.
fn linked(row: &Value) -> Option<Vec<String>> {
    let links =
        ["incidentServices", "incidentUpdates"].iter().filter_map(|key| row["relationships"][*key]["data"].as_array());
    let ids: Vec<String> = links.flatten().filter_map(|link| json::string(link, "id")).collect();
    (!ids.is_empty()).then_some(ids)
}

fn thread(row: &Value, parts: &[&Value], draft: &mut Draft) {
    let about = &row["attributes"];
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(about, "name").unwrap_or_default();
    let (mut components, mut updates): (Vec<ComponentId>, Vec<Update>) = (Vec::new(), Vec::new());
    let resolved_at = draft.past(about, "resolvedAt");
    for part in parts {
        let of = &part["attributes"];
        if part["type"] == "incidentService" {
            let touched = draft::id(&json::string(of, "serviceId").unwrap_or_default());
            let state = match (&of["outage"], &of["degradation"]) {
                (Value::Bool(true), _) => State::MAJOR_OUTAGE,
                (_, Value::Bool(true)) => State::DEGRADED_PERFORMANCE,
                (Value::Bool(false), Value::Bool(false)) => State::OPERATIONAL,
                _ => State::Unknown,
            };
            if resolved_at.is_none() && of["resolvedAt"].is_null() && about["maintenance"] != true {
                let name = json::string(of, "serviceName").unwrap_or_else(|| touched.as_str().to_owned());
                draft.component(SeenComponent { state, ..draft::component(touched.as_str(), &name) });
            }
            components.push(touched);
        } else {
            let at = draft.past(of, "createdAt");
            updates.push(draft.update(at, None, &json::string(of, "description").unwrap_or_default()));
        }
    }
    let started_at = draft.planned(about, "startedAt");
    let said = json::string(about, "status").and_then(|word| look_up(PHASES, &word));
    if about["maintenance"] == true || said.is_some_and(Phase::is_maintenance) {
        let starts_at = draft.planned(about, "maintenanceStartTime").or(started_at);
        let ends_at = draft.planned(about, "maintenanceEndTime");
        let phase =
            said.filter(|phase| phase.is_maintenance()).or_else(|| by_window(starts_at, ends_at, draft.notes.now));
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return;
    }
    let open = said.filter(|phase| phase.is_open()).unwrap_or(Phase::Investigating);
    draft.incident(SeenIncident {
        phase: Some(if resolved_at.is_some() { Phase::Resolved } else { open }),
        impact: json::string(about, "impact").and_then(|word| look_up(IMPACTS, &word)),
        started_at,
        resolved_at,
        components,
        updates,
        ..draft::incident(&id, &title)
    });
}
