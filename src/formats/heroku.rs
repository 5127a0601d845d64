//! Heroku: `/api/v4/current-status`.
//!
//! Facts: the vendor's documentation and the test data of its own client. `resolved: false` stands on finished entries,
//! too, and old ones linger among the scheduled, so the state and the dates decide.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json, text};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "heroku",
    about: "Heroku's own status (https://status.heroku.com/api/v4/current-status)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours = value["status"][0]["system"].is_string() && value["incidents"].is_array();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &["status.heroku.com"], ..Clues::marks(&["<title>Heroku Status"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("current", "api/v4/current-status")]),
    expected: "Heroku's status (JSON with a list `status` of systems)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("green", State::OPERATIONAL),
    ("blue", State::UNDER_MAINTENANCE),
    ("yellow", State::DEGRADED_PERFORMANCE),
    ("red", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let systems = doc.list("status")?;
        if systems.is_empty() {
            return Err(doc.not_ours());
        }
        for row in systems {
            let name = json::string(row, "system").unwrap_or_default();
            let state = draft.state(STATES, &name, row, "status");
            draft.component(SeenComponent { state, ..draft::component(&name, &name) });
        }
        for row in doc.list("incidents")? {
            thread(row, false, doc, draft)?;
        }
        for row in doc.list("scheduled")? {
            thread(row, true, doc, draft)?;
        }
    }
    Ok(())
}

fn thread(row: &Value, planned: bool, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let url = json::string(row, "full_url").and_then(|url| text::link(&url));
    let title = json::string(row, "title").unwrap_or_default();
    let created_at = draft.past(row, "created_at");
    let id =
        json::string(row, "id").unwrap_or_else(|| json::string(row, "created_at").unwrap_or_else(|| title.clone()));
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "created_at").or_else(|| draft.past(update, "updated_at"));
        let over = update["update_type"] == "resolved";
        let words = json::string(update, "contents").unwrap_or_default();
        updates.push(draft.update(at, over.then_some(Phase::Resolved), &words));
    }
    let systems = doc.list_in(row, "systems")?;
    let components: Vec<ComponentId> =
        systems.iter().filter_map(|row| Some(draft.named(&json::string(row, "name")?))).collect();
    let over = matches!(row["state"].as_str(), Some("resolved" | "closed" | "completed")) || row["resolved"] == true;
    let updated_at = draft.past(row, "updated_at");
    if planned {
        let (starts_at, ends_at) = (draft.planned(row, "start_time").or(created_at), draft.planned(row, "end_time"));
        let cancelled = matches!(row["state"].as_str(), Some("cancelled" | "canceled"));
        let phase = if cancelled {
            Some(Phase::Cancelled)
        } else if over {
            Some(Phase::Completed)
        } else {
            by_window(starts_at, ends_at, draft.notes.now)
        };
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            updated_at,
            url,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return Ok(());
    }
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
        started_at: created_at,
        updated_at,
        resolved_at: updates.iter().filter_map(|update| update.at).max().or(updated_at).filter(|_| over),
        url,
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
