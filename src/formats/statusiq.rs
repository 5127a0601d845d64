//! Site24x7 StatusIQ (Zoho): `/sp/api/u/summary_details`.
//!
//! Facts: two public clients that read components in different ways, so both are read; no recorded answer was at hand.
//! Ids are encrypted and may change, so a component's path is its key.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statusiq",
    about: "Site24x7 StatusIQ and Zoho pages (/sp/api/u/summary_details)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        if sample.json()["data"]["current_status"].is_array() { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &[".site24x7.com", ".zohostatus.com"], ..Clues::marks(&["enc_statuspage_id"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("summary", "sp/api/u/summary_details")]),
    expected: "a StatusIQ document (JSON with `data.current_status`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("1", State::OPERATIONAL),
    ("2", State::OPERATIONAL),
    ("3", State::DEGRADED_PERFORMANCE),
    ("4", State::UNDER_MAINTENANCE),
    ("5", State::PARTIAL_OUTAGE),
    ("6", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let data = &doc.value["data"];
        if !data["current_status"].is_array() {
            return Err(doc.not_ours());
        }
        if data["statuspage_details"].get("status").is_some() {
            let overall = draft.state(STATES, "the page", &data["statuspage_details"], "status");
            draft.indicator(overall);
        }
        for row in doc.list_in(data, "current_status")? {
            let parts = doc.list_in(row, "componentgroup_components")?;
            let group = json::string(row, "componentgroup_display_name");
            if row["is_group"] == true && !parts.is_empty() {
                parts.iter().for_each(|part| component(part, group.clone(), draft));
            } else if row["is_group"] != true {
                component(row, None, draft);
            }
        }
        for row in doc.list_in(data, "active_incident_details")? {
            let started_at = draft.past(row, "start_time");
            draft.incident(SeenIncident {
                phase: Some(Phase::Investigating),
                started_at,
                ..draft::incident(
                    &json::string(row, "enc_incident_id").unwrap_or_default(),
                    &json::string(row, "title").unwrap_or_default(),
                )
            });
        }
    }
    Ok(())
}

fn component(row: &Value, group: Option<String>, draft: &mut Draft) {
    let name = json::string(row, "display_name").unwrap_or_default();
    let state = draft.state(STATES, &name, row, "component_status");
    let group = draft::group(group);
    let path = group.as_ref().map_or_else(|| name.clone(), |group| format!("{group}/{name}"));
    draft.component(SeenComponent { group, state, ..draft::component(&path, &name) });
}
