//! FireHydrant status pages: `/data/payload.json`, the whole history in one document.
//!
//! Facts: recorded answers. Components carry no state: it comes from open incidents. `acknowledged` may lie weeks after
//! `resolved`, so no order is taken from it. A maintenance has no planned end.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "firehydrant",
    about: "FireHydrant status pages (/data/payload.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours = value["conditions"].is_object() && value["incidents"].is_array();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&["firehydrant", "data/payload.json"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("payload", "data/payload.json")]),
    expected: "a FireHydrant document (JSON with `conditions`, `components` and `incidents`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const CONDITIONS: &Table<State> =
    &[("OPERATIONAL", State::OPERATIONAL), ("DEGRADED", State::DEGRADED_PERFORMANCE), ("OFFLINE", State::MAJOR_OUTAGE)];

const SEVERITIES: &Table<Impact> = &[
    ("SEV1", Impact::Critical),
    ("SEV2", Impact::Major),
    ("SEV3", Impact::Minor),
    ("SEV4", Impact::None),
    ("UNSET", Impact::None),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let config = &doc.value["config"];
        if !doc.value["incidents"].is_array() || !doc.value["conditions"].is_object() {
            return Err(doc.not_ours());
        }
        draft.page(json::string(config, "companyName").or_else(|| json::string(config, "title")), None);
        for row in doc.list("components")? {
            let (id, name) =
                (json::string(row, "id").unwrap_or_default(), json::string(row, "name").unwrap_or_default());
            draft.component(SeenComponent { state: State::OPERATIONAL, ..draft::component(&id, &name) });
        }
        if draft.seen.components.is_empty() {
            draft.seen.basis = Basis::Announcements;
        }
        for row in doc.list("incidents")? {
            incident(row, doc, draft)?;
        }
    }
    Ok(())
}

/// A condition's name leads over the page's own table to one of three words.
fn condition(name: &str, doc: &Doc<'_>, draft: &mut Draft) -> State {
    if name.to_ascii_lowercase().contains("maintenance") {
        return State::UNDER_MAINTENANCE;
    }
    let word = json::string(&doc.value["conditions"], name);
    word.and_then(|word| look_up(CONDITIONS, &word)).unwrap_or_else(|| {
        draft.notes.oddity("the condition", name);
        State::Unknown
    })
}

fn incident(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(row, "title").unwrap_or_default();
    let times = &row["timestamps"];
    let is_maintenance = row["severitySlug"] == "MAINTENANCE";
    let started_at = if is_maintenance { draft.planned(times, "started") } else { draft.past(times, "started") };
    let started_at = started_at.or_else(|| draft.past(times, "detected"));
    let resolved_at = draft.past(times, "resolved");
    let mut updates = Vec::new();
    for entry in doc.list_in(row, "timeline")? {
        let details = &entry["details"];
        let note = json::string(details, "note").or_else(|| json::string(&details["note"], "note"));
        if let Some(note) = note {
            let at = draft.past(entry, "occurredAt").or_else(|| draft.past(entry, "time"));
            updates.push(draft.update(at, None, &note));
        }
    }
    let mut components: Vec<ComponentId> = Vec::new();
    for part in doc.list_in(row, "components")? {
        let touched = draft::id(&json::string(part, "id").unwrap_or_default());
        if resolved_at.is_none() && !is_maintenance {
            let state = condition(&json::string(part, "condition").unwrap_or_default(), doc, draft);
            let name = json::string(part, "name").unwrap_or_default();
            draft.component(SeenComponent { state, ..draft::component(touched.as_str(), &name) });
        }
        components.push(touched);
    }
    if is_maintenance {
        let now = draft.notes.now;
        let phase = match (resolved_at, started_at) {
            (Some(_), _) => Phase::Completed,
            (None, Some(start)) if start > now => Phase::Scheduled,
            (None, Some(_)) => Phase::InProgress,
            (None, None) => Phase::Scheduled,
        };
        draft.maintenance(SeenMaintenance {
            phase: Some(phase),
            starts_at: started_at,
            ends_at: resolved_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return Ok(());
    }
    let phase = match resolved_at {
        Some(_) => Phase::Resolved,
        None if times.get("acknowledged").is_some() => Phase::Identified,
        None => Phase::Investigating,
    };
    let severity = json::string(row, "severitySlug");
    draft.incident(SeenIncident {
        phase: Some(phase),
        impact: severity.and_then(|word| look_up(SEVERITIES, &word)),
        started_at,
        resolved_at,
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
