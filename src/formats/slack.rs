//! Slack: `https://slack-status.com/api/v2.0.0/current` and `/history`.
//!
//! Facts: recorded answers, the vendor's documentation and its own sample. Services are known only while something
//! touches them. The first version of the API had a status and nothing else.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, history, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json, text};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "slack",
    about: "Slack's own status (https://slack-status.com/api/v2.0.0/current)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let row = &value[0];
        let dated =
            value["status"].is_string() && value.get("date_created").is_some() && value.get("date_updated").is_some();
        if dated || (row.get("notes").is_some() && row.get("date_created").is_some()) {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &["slack-status.com", "status.slack.com"],
        ..Clues::marks(&["<title>Slack System Status", "<title>Slack Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("current", "api/v2.0.0/current"), history("history", "api/v2.0.0/history")]),
    expected: "Slack's status (JSON with `status` and `active_incidents`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const PAGE: &Table<State> = &[
    ("ok", State::OPERATIONAL),
    // How bad it is, the incidents say.
    ("active", State::OPERATIONAL),
    ("broken", State::MAJOR_OUTAGE),
];

const KINDS: &Table<Impact> = &[
    ("notice", Impact::None),
    ("incident", Impact::Minor),
    ("outage", Impact::Critical),
    ("maintenance", Impact::Maintenance),
];

const PHASES: &Table<Phase> = &[
    ("active", Phase::Investigating),
    ("resolved", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("completed", Phase::Completed),
    ("cancelled", Phase::Cancelled),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let rows = match &doc.value {
            Value::Array(_) => doc.items()?,
            value if value["status"].is_string() => {
                draft.page_updated(json::string(value, "date_updated"));
                let active = value["status"] == "active";
                let rows = doc.list("active_incidents")?;
                let overall = draft.state(PAGE, "the page", value, "status");
                draft.indicator(if active && rows.is_empty() { State::DEGRADED_PERFORMANCE } else { overall });
                rows
            }
            _ => return Err(doc.not_ours()),
        };
        for row in rows {
            thread(row, doc, draft)?;
        }
    }
    Ok(())
}

fn thread(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(row, "title").unwrap_or_default();
    let phase = draft.phase(PHASES, "an incident", row, "status");
    let impact = json::string(row, "type").and_then(|word| look_up(KINDS, &word));
    let started_at = draft.past(row, "date_created");
    let updated_at = draft.past(row, "date_updated");
    let mut updates: Vec<Update> = Vec::new();
    for note in doc.list_in(row, "notes")? {
        let at = draft.past(note, "date_created");
        updates.push(draft.update(at, None, &json::string(note, "body").unwrap_or_default()));
    }
    let mut components: Vec<ComponentId> = Vec::new();
    let services = row["services"].as_array().map(Vec::as_slice).unwrap_or_default();
    let open = phase.is_none_or(Phase::is_open) && doc.is_present();
    for name in services.iter().filter_map(Value::as_str).filter(|name| !name.trim().is_empty()) {
        if open {
            let state = impact.map_or(State::Unknown, |impact| impact.level().into());
            draft.component(SeenComponent { state, ..draft::component(name, name) });
        }
        components.push(draft::id(name));
    }
    let url = json::string(row, "url").and_then(|url| text::link(&url));
    if impact == Some(Impact::Maintenance) || phase.is_some_and(Phase::is_maintenance) {
        let phase = if phase == Some(Phase::Investigating) { Some(Phase::InProgress) } else { phase };
        let phase = if phase == Some(Phase::Resolved) { Some(Phase::Completed) } else { phase };
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at: started_at,
            updated_at,
            url,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return Ok(());
    }
    draft.incident(SeenIncident {
        phase,
        impact,
        started_at,
        updated_at,
        resolved_at: updated_at.filter(|_| phase == Some(Phase::Resolved)),
        url,
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
