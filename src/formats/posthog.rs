//! PostHog: `/api/status` of its own page.
//!
//! Facts: one public client; no answer was recorded. Words are those of most platforms. Under which keys an incident's
//! times and texts stand is a guess, and they may be missing.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{IMPACTS, PHASES, STATES, look_up};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "posthog",
    about: "PostHog's own status (https://www.posthogstatus.com/api/status)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours = value["overall_status"].is_string()
            && (value["component_groups"].is_array() || value["standalone_components"].is_array());
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["www.posthogstatus.com", "posthogstatus.com"],
        ..Clues::marks(&["<title>PostHog Status", "<title>PostHog status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("status", "api/status")]),
    expected: "PostHog's status (JSON with `overall_status` and `component_groups`)",
    basis: Basis::States,
    load: json::read,
    read,
};

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let value = &doc.value;
        if value.get("overall_status").is_none() {
            return Err(doc.not_ours());
        }
        draft.page(Some("PostHog".to_owned()), Some("https://www.posthogstatus.com/".to_owned()));
        let overall = draft.state(STATES, "the page", value, "overall_status");
        draft.indicator(overall);
        for group in doc.list("component_groups")? {
            for row in doc.list_in(group, "components")? {
                component(row, json::string(group, "name"), draft);
            }
        }
        doc.list("standalone_components")?.iter().for_each(|row| component(row, None, draft));
        for row in doc.list("active_incidents")? {
            thread(row, false, doc, draft)?;
        }
        for row in doc.list("active_maintenances")? {
            thread(row, true, doc, draft)?;
        }
    }
    Ok(())
}

fn component(row: &Value, group: Option<String>, draft: &mut Draft) {
    let name = json::string(row, "name").unwrap_or_default();
    let state = draft.state(STATES, &name, row, "status");
    let id = json::string(row, "id").unwrap_or_else(|| name.clone());
    draft.component(SeenComponent { group: draft::group(group), state, ..draft::component(&id, &name) });
}

fn thread(row: &Value, planned: bool, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let any = |row: &Value, keys: &[&str]| keys.iter().find_map(|key| json::string(row, key));
    let (id, title) = (json::string(row, "id").unwrap_or_default(), json::string(row, "name").unwrap_or_default());
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.notes.past(any(update, &["created_at", "published_at"]));
        let phase = json::string(update, "status").and_then(|word| look_up(PHASES, &word));
        updates.push(draft.update(at, phase, &any(update, &["message", "body"]).unwrap_or_default()));
    }
    let parts = doc.list_in(row, "affected_components")?;
    let components: Vec<ComponentId> =
        parts.iter().filter_map(|part| Some(draft::id(&json::string(part, "component_id")?))).collect();
    let said = json::string(row, "status").and_then(|word| look_up(PHASES, &word));
    let starts = any(row, &["scheduled_start", "scheduled_for", "started_at", "created_at"]);
    let ends = any(row, &["scheduled_end", "scheduled_until"]);
    if planned {
        let (starts_at, ends_at) = (draft.notes.planned(starts), draft.notes.planned(ends));
        let phase =
            said.filter(|phase| phase.is_maintenance()).or_else(|| by_window(starts_at, ends_at, draft.notes.now));
        draft.maintenance(SeenMaintenance {
            // What is listed as active runs.
            phase: phase.or(Some(Phase::InProgress)),
            starts_at,
            ends_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return Ok(());
    }
    let started_at = draft.notes.past(starts);
    draft.incident(SeenIncident {
        phase: said.filter(|phase| !phase.is_maintenance()).or(Some(Phase::Investigating)),
        impact: json::string(row, "impact").and_then(|word| look_up(IMPACTS, &word)),
        started_at,
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
