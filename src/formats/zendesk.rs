//! Zendesk: `/api/ssp/services.json`, `/api/ssp/incidents.json` and `/api/ssp/incidents/maintenance.json`, JSON:API.
//!
//! Facts: the vendor's documentation and a public client; at most ten requests a minute. A service is as bad as the
//! worst open incident that names it.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::words::{IMPACTS, PHASES, look_up};
use super::{Clues, Format, ParseError, Sureness, json};
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
        for row in doc.list("data")? {
            thread(row, doc, draft)?;
        }
    }
    draft.states_from_incidents();
    Ok(())
}

fn thread(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let about = &row["attributes"];
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(about, "name").unwrap_or_default();
    let included = doc.list("included")?;
    let linked: Vec<String> = ["incidentServices", "incidentUpdates"]
        .iter()
        .flat_map(|key| row["relationships"][*key]["data"].as_array().map(Vec::as_slice).unwrap_or_default())
        .filter_map(|link| json::string(link, "id"))
        .collect();
    let mine = |part: &&Value| linked.is_empty() || json::string(part, "id").is_some_and(|id| linked.contains(&id));
    let (mut components, mut updates): (Vec<ComponentId>, Vec<Update>) = (Vec::new(), Vec::new());
    let resolved_at = draft.past(about, "resolvedAt");
    for part in included.iter().filter(mine) {
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
        return Ok(());
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
    Ok(())
}
