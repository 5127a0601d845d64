//! Salesforce Trust: `https://api.status.salesforce.com/v1/instances/<key>/status`, and its lists of instances,
//! incidents and maintenances.
//!
//! Facts: recorded answers and the test data of the vendor's own client. There are thousands of instances and no overall
//! state that means anything, so a source is an instance.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "salesforce",
    about: "Salesforce Trust (https://api.status.salesforce.com/v1/instances/<instance>/status)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let row = if value.is_array() { &value[0] } else { value };
        let instance = row["key"].is_string() && row.get("Incidents").is_some();
        if instance || row.get("IncidentImpacts").is_some() || row.get("MaintenanceImpacts").is_some() {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues { hosts: &["api.status.salesforce.com"], ..Clues::marks(&["Salesforce Trust"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("status", "")]),
    expected: "a Salesforce Trust document (JSON with `key` and `Incidents`, or a list)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("OK", State::OPERATIONAL),
    ("INFORMATIONAL", State::OPERATIONAL),
    ("MAINTENANCE_CORE", State::UNDER_MAINTENANCE),
    ("MAINTENANCE_NONCORE", State::UNDER_MAINTENANCE),
    ("UNPLANNED_MAINTENANCE_CORE", State::PARTIAL_OUTAGE),
    ("MINOR_INCIDENT_CORE", State::DEGRADED_PERFORMANCE),
    ("MINOR_INCIDENT_NONCORE", State::DEGRADED_PERFORMANCE),
    ("MAJOR_INCIDENT_NONCORE", State::PARTIAL_OUTAGE),
    ("MAJOR_INCIDENT_CORE", State::MAJOR_OUTAGE),
];

const SEVERITIES: &Table<Impact> = &[("minor", Impact::Minor), ("major", Impact::Critical)];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let alone = std::slice::from_ref(&doc.value);
        let rows = if doc.value.is_array() { doc.items()? } else { alone };
        for row in rows {
            if row.get("key").is_some() && row.get("status").is_some() {
                let key = json::string(row, "key").unwrap_or_default();
                draft.page(Some(key.clone()), None);
                let state = draft.state(STATES, &key, row, "status");
                if row["isActive"] != false {
                    draft.component(SeenComponent { state, ..draft::component(&key, &key) });
                }
                for incident_row in doc.list_in(row, "Incidents")? {
                    incident(incident_row, Some(&key), doc, draft)?;
                }
                for maintenance_row in doc.list_in(row, "Maintenances")? {
                    maintenance(maintenance_row, Some(&key), doc, draft)?;
                }
            } else if row.get("IncidentImpacts").is_some() || row.get("IncidentEvents").is_some() {
                draft.seen.basis = Basis::Announcements;
                incident(row, None, doc, draft)?;
            } else if row.get("plannedStartTime").is_some() {
                maintenance(row, None, doc, draft)?;
            } else {
                return Err(doc.not_ours());
            }
        }
    }
    Ok(())
}

fn touched(row: &Value, instance: Option<&str>) -> Vec<ComponentId> {
    let keys = row["instanceKeys"].as_array().map(Vec::as_slice).unwrap_or_default();
    match instance {
        Some(key) => vec![draft::id(key)],
        None => keys.iter().filter_map(Value::as_str).map(draft::id).collect(),
    }
}

fn updates(row: &Value, key: &str, doc: &Doc<'_>, draft: &mut Draft) -> Result<Vec<Update>, ParseError> {
    let mut updates = Vec::new();
    for event in doc.list_in(row, key)? {
        let at = draft.past(event, "createdAt");
        let words = json::string(event, "message").unwrap_or_default().replace("\\n", "\n");
        updates.push(draft.update(at, None, &words));
    }
    Ok(updates)
}

fn incident(row: &Value, instance: Option<&str>, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let updates = updates(row, "IncidentEvents", doc, draft)?;
    let impacts = doc.list_in(row, "IncidentImpacts")?;
    let impact = impacts.iter().filter_map(|part| look_up(SEVERITIES, &json::string(part, "severity")?)).max();
    let started_at =
        impacts.iter().filter_map(|part| draft.past(part, "startTime")).min().or_else(|| draft.past(row, "createdAt"));
    let ends: Vec<_> = impacts.iter().map(|part| draft.past(part, "endTime")).collect();
    let ended_at = if ends.iter().all(Option::is_some) { ends.into_iter().flatten().max() } else { None };
    let over = row["status"] == "Resolved" || ended_at.is_some();
    let id = json::string(row, "id").unwrap_or_default();
    let kind = impacts.first().and_then(|part| json::string(part, "type"));
    let title =
        json::string(row, "externalId").map_or_else(|| format!("Incident {id}"), |own| format!("Incident {own}"));
    let updated_at = draft.past(row, "updatedAt");
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
        impact,
        started_at,
        updated_at,
        resolved_at: ended_at,
        url: Some(format!("https://status.salesforce.com/incidents/{id}")),
        components: touched(row, instance),
        updates,
        ..draft::incident(&id, &kind.map_or(title.clone(), |kind| format!("{title}: {}", spaced(&kind))))
    });
    Ok(())
}

/// `performanceDegradation` as `performance degradation`.
fn spaced(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in word.chars() {
        if letter.is_ascii_uppercase() {
            out.push(' ');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn maintenance(row: &Value, instance: Option<&str>, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let updates = updates(row, "MaintenanceEvents", doc, draft)?;
    let (starts_at, ends_at) = (draft.planned(row, "plannedStartTime"), draft.planned(row, "plannedEndTime"));
    let cancelled = matches!(row["message"]["eventStatus"].as_str(), Some("cancelled" | "canceled"));
    let phase = if cancelled { Some(Phase::Cancelled) } else { by_window(starts_at, ends_at, draft.notes.now) };
    let updated_at = draft.past(row, "updatedAt");
    draft.maintenance(SeenMaintenance {
        phase,
        starts_at,
        ends_at,
        updated_at,
        components: touched(row, instance),
        updates,
        ..draft::maintenance(
            &json::string(row, "id").unwrap_or_default(),
            &json::string(row, "name").unwrap_or_default(),
        )
    });
    Ok(())
}
