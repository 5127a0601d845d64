//! DeepL: `https://api-status.deepl.com/api/status`, data centers and incidents.
//!
//! Facts: a public client and its dated note on the live answer, of which `overall`, `datacenters` and `incidents` are
//! known; under which keys an incident's times and texts stand is a guess, and they may be missing.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{PHASES, STATES, Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "deepl",
    about: "DeepL's own status (https://api-status.deepl.com/api/status)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours = value["overall"].is_string() && value["datacenters"].is_array();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["api-status.deepl.com"],
        ..Clues::marks(&["<title>DeepL API Status", "<title>DeepL Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("status", "api/status")]),
    expected: "DeepL's status (JSON with `overall` and `datacenters`)",
    basis: Basis::States,
    load: json::read,
    read,
};

/// Words beside those of most platforms.
const OWN: &Table<State> = &[
    ("degraded", State::DEGRADED_PERFORMANCE),
    ("outage", State::MAJOR_OUTAGE),
    ("maintenance", State::UNDER_MAINTENANCE),
];

fn state(of_what: &str, row: &Value, key: &str, draft: &mut Draft) -> State {
    let own = json::string(row, key).and_then(|word| look_up(OWN, &word));
    own.unwrap_or_else(|| draft.state(STATES, of_what, row, key))
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if doc.value.get("overall").is_none() || !doc.value["datacenters"].is_array() {
            return Err(doc.not_ours());
        }
        draft.page(Some("DeepL".to_owned()), Some("https://api-status.deepl.com/".to_owned()));
        let overall = state("the page", &doc.value, "overall", draft);
        draft.indicator(overall);
        for row in doc.list("datacenters")? {
            let name = json::string(row, "name").unwrap_or_default();
            let state = state(&name, row, "status", draft);
            draft.component(SeenComponent { state, ..draft::component(&name, &name) });
        }
        for row in doc.list("incidents")? {
            thread(row, doc, draft)?;
        }
    }
    Ok(())
}

fn thread(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let any = |row: &Value, keys: &[&str]| keys.iter().find_map(|key| json::string(row, key));
    let title = any(row, &["title", "name"]).unwrap_or_default();
    let id = json::string(row, "id").unwrap_or_else(|| title.clone());
    let starts = any(row, &["started_at", "startedAt", "created_at", "createdAt"]);
    let ends = any(row, &["resolved_at", "resolvedAt", "ended_at"]);
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.notes.past(any(update, &["created_at", "createdAt", "timestamp"]));
        let phase = json::string(update, "status").and_then(|word| look_up(PHASES, &word));
        updates.push(draft.update(at, phase, &any(update, &["message", "body", "description"]).unwrap_or_default()));
    }
    let phase = draft.phase(PHASES, "an incident", row, "status");
    if phase.is_some_and(Phase::is_maintenance) {
        let (starts_at, ends_at) = (draft.notes.planned(starts), draft.notes.planned(ends));
        draft.maintenance(SeenMaintenance { phase, starts_at, ends_at, updates, ..draft::maintenance(&id, &title) });
        return Ok(());
    }
    let (started_at, resolved_at) = (draft.notes.past(starts), draft.notes.past(ends));
    draft.incident(SeenIncident {
        phase,
        started_at,
        resolved_at: resolved_at.filter(|_| phase == Some(Phase::Resolved)),
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
