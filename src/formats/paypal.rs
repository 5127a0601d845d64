//! PayPal: `/api/v1/components` and `/api/v1/events`.
//!
//! Facts: two public clients; no answer was recorded. Of the components name, category and both states are known, of
//! the events `summary`, `type`, `state`, `severity` and `environment`; under which keys their id, times and texts
//! stand is a guess, and several are tried. What is in the sandbox is for tests: it is listed in a group of its own and
//! hidden while it works.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::words::{self, Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "paypal",
    about: "PayPal's own status (https://www.paypal-status.com/api/v1/components)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let row = &sample.json()["result"][0];
        let component = row["status"].get("production").is_some() && row["category"].get("name").is_some();
        let event = row["environment"].is_string() && row["summary"].is_string();
        if component || event { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["www.paypal-status.com", "paypal-status.com"],
        ..Clues::marks(&["<title>PayPal Status", "<title>PayPal System Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("components", "api/v1/components"), extra("events", "api/v1/events?s=true")]),
    expected: "PayPal's status (JSON with a list `result` of components or events)",
    basis: Basis::States,
    load: json::read,
    read,
};

/// Written with blanks or underscores, in any case.
const STATES: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("informational", State::OPERATIONAL),
    ("under maintenance", State::UNDER_MAINTENANCE),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("service disruption", State::PARTIAL_OUTAGE),
    ("service outage", State::MAJOR_OUTAGE),
];

const SEVERITIES: &Table<Impact> = &[
    ("informational", Impact::None),
    ("maintenance", Impact::Maintenance),
    ("under maintenance", Impact::Maintenance),
    ("minor", Impact::Minor),
    ("service disruption", Impact::Major),
    ("disruption", Impact::Major),
    ("major", Impact::Major),
    ("service outage", Impact::Critical),
    ("severe", Impact::Critical),
    ("critical", Impact::Critical),
];

const PHASES: &Table<Phase> = &[
    ("open", Phase::Investigating),
    ("new", Phase::Investigating),
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("closed", Phase::Resolved),
    ("resolved", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("rescheduled", Phase::Scheduled),
    ("in progress", Phase::InProgress),
    ("completed", Phase::Completed),
    ("cancelled", Phase::Cancelled),
    ("canceled", Phase::Cancelled),
    ("postponed", Phase::Cancelled),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if !doc.value["result"].is_array() {
            return Err(doc.not_ours());
        }
        draft.page(Some("PayPal".to_owned()), Some("https://www.paypal-status.com/".to_owned()));
        for row in doc.list("result")? {
            if row["status"].is_object() {
                component(row, draft);
            } else {
                event(row, doc, draft)?;
            }
        }
    }
    if draft.seen.components.is_empty() {
        draft.seen.basis = Basis::Announcements;
    }
    Ok(())
}

/// A word with blanks where others write underscores.
fn word(row: &Value, key: &str) -> Option<String> {
    json::string(row, key).map(|word| word.replace('_', " "))
}

fn component(row: &Value, draft: &mut Draft) {
    let name = json::string(row, "name").unwrap_or_default();
    let category = json::string(&row["category"], "name").unwrap_or_default();
    for environment in ["production", "sandbox"] {
        if environment == "sandbox" && row["status"].get(environment).is_none() {
            continue;
        }
        let state = words::state(STATES, &name, word(&row["status"], environment).as_deref(), &mut draft.notes);
        let is_test = environment == "sandbox";
        let group = if is_test { format!("sandbox/{category}") } else { category.clone() };
        draft.component(SeenComponent {
            group: draft::group(Some(group.trim_end_matches('/').to_owned())),
            state,
            quiet: is_test,
            ..draft::component(&format!("{environment}/{category}/{name}"), &name)
        });
    }
}

fn event(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let any = |keys: &[&str]| keys.iter().find_map(|key| json::string(row, key));
    let title = any(&["summary", "title", "name"]).unwrap_or_default();
    let starts = any(&["startDate", "start_date", "startTime", "created_at", "createdAt"]);
    let ends = any(&["endDate", "end_date", "endTime", "closed_at"]);
    let id = any(&["id", "eventId", "number"])
        .unwrap_or_else(|| format!("{title} {}", starts.as_deref().unwrap_or_default()));
    let said = words::phase(PHASES, "an event", word(row, "state").as_deref(), &mut draft.notes);
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "updates")?.iter().chain(doc.list_in(row, "messages")?) {
        let at = ["createdAt", "created_at", "date"].iter().find_map(|key| draft.past(update, key));
        let text = ["message", "description", "body"].iter().find_map(|key| json::string(update, key));
        updates.push(draft.update(at, None, &text.unwrap_or_default()));
    }
    let touched = doc.list_in(row, "components")?;
    let environment = json::string(row, "environment").unwrap_or_else(|| "production".to_owned());
    let components =
        touched.iter().filter_map(|part| touched_id(part, &environment)).map(|id| draft::id(&id)).collect();
    let planned = word(row, "type").is_some_and(|kind| kind.to_lowercase().contains("maintenance"));
    if planned {
        let (starts_at, ends_at) = (draft.notes.planned(starts), draft.notes.planned(ends));
        let phase = match said {
            Some(Phase::Resolved) => Some(Phase::Completed),
            Some(phase) if phase.is_maintenance() => Some(phase),
            _ => draft::by_window(starts_at, ends_at, draft.notes.now),
        };
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
    let over = matches!(said, Some(Phase::Resolved | Phase::Completed | Phase::Cancelled));
    let (started_at, ended_at) = (draft.notes.past(starts), draft.notes.planned(ends));
    draft.incident(SeenIncident {
        phase: if over { Some(Phase::Resolved) } else { said.filter(|phase| !phase.is_maintenance()) },
        impact: word(row, "severity").and_then(|word| look_up(SEVERITIES, &word)),
        started_at,
        resolved_at: ended_at.filter(|end| over && *end <= draft.notes.now),
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}

fn touched_id(part: &Value, environment: &str) -> Option<String> {
    let name = json::string(part, "name")?;
    let category = json::string(&part["category"], "name").unwrap_or_default();
    Some(format!("{environment}/{category}/{name}"))
}
