//! Apple: `system_status_en_US.js` below `https://www.apple.com/support/systemstatus/data/`, plain JSON or JSONP.
//!
//! Facts: recorded files, some of them adjusted by hand, and public clients. Times are milliseconds since 1970 (in some
//! files seconds since 2001); the printed ones are not read. The same message stands under each service that it touches.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{Table, impact_of};
use super::{Body, Clues, Format, ParseError, Sureness, json, text};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "apple",
    about: "Apple's own status (https://www.apple.com/support/systemstatus/data/system_status_en_US.js)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let ours = unwrapped(sample.body, "").is_ok_and(|value| {
            value["services"][0]["serviceName"].is_string() && value["services"][0]["events"].is_array()
        });
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&[
        "<title>System Status - Apple",
        "<title>Apple - Support - System Status",
        "systemstatus/data",
    ]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("status", "support/systemstatus/data/system_status_en_US.js")]),
    expected: "Apple's status (JSON with `services` and their `events`)",
    basis: Basis::States,
    load: unwrapped,
    read,
};

const KINDS: &Table<State> = &[
    ("Available", State::OPERATIONAL),
    ("Maintenance", State::UNDER_MAINTENANCE),
    ("Issue", State::DEGRADED_PERFORMANCE),
    ("Performance", State::DEGRADED_PERFORMANCE),
    ("Outage", State::MAJOR_OUTAGE),
];

const PHASES: &Table<Phase> = &[
    ("ongoing", Phase::Investigating),
    ("resolved", Phase::Resolved),
    ("completed", Phase::Resolved),
    ("upcoming", Phase::Scheduled),
];

/// The document, or what stands between the outermost parentheses of `jsonCallback({…});`.
pub fn unwrapped(body: &Body, expected: &str) -> Result<Value, ParseError> {
    let decoded = text::decode(&body.bytes, body.content_type.as_deref());
    let trimmed = decoded.trim();
    let is_call = trimmed.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && trimmed.trim_end_matches(';').trim_end().ends_with(')');
    let inside = trimmed.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map(|(inside, _)| inside);
    match inside.filter(|_| is_call) {
        Some(inside) => {
            let bare = Body { bytes: inside.to_owned().into(), content_type: None, ..body.clone() };
            json::read(&bare, expected)
        }
        None => json::read(body, expected),
    }
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let services = doc.list("services")?;
        if services.is_empty() {
            return Err(doc.not_ours());
        }
        draft.page(Some("Apple".to_owned()), Some("https://www.apple.com/support/systemstatus/".to_owned()));
        for service in services {
            let name = json::string(service, "serviceName").unwrap_or_default();
            let mut state = if service["events"].is_array() { State::OPERATIONAL } else { State::Unknown };
            for event in doc.list_in(service, "events")? {
                state = state.worse(self::event(event, &name, draft));
            }
            draft.component(SeenComponent { state, ..draft::component(&name, &name) });
        }
    }
    Ok(())
}

/// Milliseconds since 1970; nine digits are seconds since 2001, Apple's own beginning of time.
fn epoch(row: &Value, key: &str) -> Option<String> {
    let raw = json::string(row, key)?;
    let since_2001 = raw.parse::<i64>().ok().filter(|_| raw.len() == 9);
    Some(since_2001.and_then(|seconds| seconds.checked_add(978_307_200)).map_or(raw, |seconds| seconds.to_string()))
}

/// Reads an event under a service, and says what it does to it now.
fn event(row: &Value, service: &str, draft: &mut Draft) -> State {
    let phase = draft.phase(PHASES, "an event", row, "eventStatus");
    let kind = match row.get("statusType") {
        Some(_) => draft.state(KINDS, service, row, "statusType"),
        // Older files have no type.
        None => State::DEGRADED_PERFORMANCE,
    };
    let words = json::string(row, "message").unwrap_or_default();
    let (starts, ends) = (epoch(row, "epochStartDate"), epoch(row, "epochEndDate"));
    let id =
        json::string(row, "messageId").unwrap_or_else(|| format!("{service} {}", starts.clone().unwrap_or_default()));
    let (starts_at, ends_at) = (draft.notes.planned(starts), draft.notes.planned(ends));
    let components = vec![draft::id(service)];
    let update = draft.update(starts_at, phase, &words);
    let title: String =
        words.split(['.', '\n']).next().filter(|title| !title.trim().is_empty()).unwrap_or(service).to_owned();
    let now = draft.notes.now;
    if kind == State::UNDER_MAINTENANCE || phase == Some(Phase::Scheduled) {
        let phase = match phase {
            Some(Phase::Resolved) => Some(Phase::Completed),
            Some(Phase::Investigating) => Some(Phase::InProgress),
            other => other,
        };
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            components,
            updates: vec![update],
            ..draft::maintenance(&id, &title)
        });
        return if phase == Some(Phase::InProgress) { State::UNDER_MAINTENANCE } else { State::OPERATIONAL };
    }
    let over = phase == Some(Phase::Resolved);
    draft.incident(SeenIncident {
        phase,
        impact: impact_of(kind),
        started_at: starts_at.filter(|at| *at <= now),
        resolved_at: ends_at.filter(|_| over),
        components,
        updates: vec![update],
        ..draft::incident(&id, &title)
    });
    if over { State::OPERATIONAL } else { kind }
}
