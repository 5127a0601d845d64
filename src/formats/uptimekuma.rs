//! Uptime Kuma: `/api/status-page/<slug>` and `/api/status-page/heartbeat/<slug>`, `default` where no slug is given.
//!
//! Facts: the server's source and recorded answers. Times carry no zone: UTC in beats and incidents, its own zone in a
//! maintenance. Only maintenances that are under way are listed. What an incident's style says of its impact is a guess.

use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup};
use super::words::{Table, look_up};
use super::{Clues, Document, Format, ParseError, Role, Sureness, embedded, json, time};
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "uptimekuma",
    about: "Uptime Kuma status pages (/status/<slug>)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let history = value["incidents"][0]["status_page_id"].is_number() || value["hasMore"].is_boolean();
        if value["publicGroupList"].is_array()
            || value["heartbeatList"].is_object()
            || history
            || sample.holds(&["window.preloadData"])
        {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues::marks(&["window.preloadData"]),
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "an Uptime Kuma document (JSON with `publicGroupList` or `heartbeatList`)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const BEATS: &Table<State> = &[
    ("0", State::MAJOR_OUTAGE),
    ("1", State::OPERATIONAL),
    ("2", State::DEGRADED_PERFORMANCE),
    ("3", State::UNDER_MAINTENANCE),
];

const STYLES: &Table<Impact> = &[
    ("danger", Impact::Critical),
    ("warning", Impact::Minor),
    ("info", Impact::None),
    ("primary", Impact::None),
    ("light", Impact::None),
    ("dark", Impact::None),
];

const PHASES: &Table<Phase> =
    &[("scheduled", Phase::Scheduled), ("under-maintenance", Phase::InProgress), ("ended", Phase::Completed)];

fn documents(base: &Url) -> Vec<Document> {
    let path = base.path().trim_end_matches('/');
    let slug = path.rsplit_once("/status/").map_or("default", |(_, slug)| slug);
    let slug = path.rsplit_once("/api/status-page/").map_or(slug, |(_, slug)| slug);
    let document = |name, path: String| {
        Some(Document { name, url: base.join(&path).ok()?, role: Role::Present, accept: "application/json" })
    };
    [
        document("page", format!("/api/status-page/{slug}")),
        document("heartbeats", format!("/api/status-page/heartbeat/{slug}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    let beats = docs.iter().map(|doc| &doc.value["heartbeatList"]).find(|beats| beats.is_object());
    for doc in docs {
        let inside = match &doc.value {
            Value::String(markup) => Some(preloaded(markup).ok_or_else(|| doc.not_ours())?),
            _ => None,
        };
        let value = inside.as_ref().unwrap_or(&doc.value);
        if value["publicGroupList"].is_array() {
            page(value, beats, doc, draft)?;
        } else if value["incidents"].is_array() {
            draft.seen.basis = Basis::Announcements;
            for row in doc.list_in(value, "incidents")? {
                incident(row, draft);
            }
        } else if !value["heartbeatList"].is_object() {
            return Err(doc.not_ours());
        }
    }
    if let (Some(Value::Object(beats)), true) = (beats, draft.seen.components.is_empty()) {
        // Beats without the page: monitors are known by their numbers only.
        for (id, list) in beats {
            let state = last(list, draft);
            draft.component(SeenComponent { state, ..draft::component(id, &format!("Monitor {id}")) });
        }
    }
    Ok(())
}

/// The first document, which the page carries as a JavaScript object.
fn preloaded(markup: &str) -> Option<Value> {
    let text = embedded::between(markup, "window.preloadData = ", "</script>")?;
    json::first(text).or_else(|| json::first(&embedded::double_quoted(text)))
}

fn page(value: &Value, beats: Option<&Value>, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    draft.page(json::string(&value["config"], "title"), None);
    if beats.is_none() {
        draft.notes.say("without the heartbeats it is not known how the monitors are".to_owned());
    }
    for group in doc.list_in(value, "publicGroupList")? {
        for row in doc.list_in(group, "monitorList")? {
            let id = json::string(row, "id").unwrap_or_default();
            let state = beats.map_or(State::Unknown, |beats| last(&beats[&id], draft));
            draft.component(SeenComponent {
                group: draft::group(json::string(group, "name")),
                state,
                ..draft::component(&id, &json::string(row, "name").unwrap_or_default())
            });
        }
    }
    for row in doc.list_in(value, "incidents")?.iter().chain([&value["incident"]]).filter(|row| row.is_object()) {
        incident(row, draft);
    }
    for row in doc.list_in(value, "maintenanceList")? {
        maintenance(row, draft);
    }
    Ok(())
}

/// The newest beat; bare numbers stand for stretches without any.
fn last(beats: &Value, draft: &mut Draft) -> State {
    let list = beats.as_array().map(Vec::as_slice).unwrap_or_default();
    match list.iter().rev().find(|beat| beat.is_object()) {
        Some(beat) => draft.state(BEATS, "a monitor", beat, "status"),
        None => State::Unknown,
    }
}

fn incident(row: &Value, draft: &mut Draft) {
    let utc = |key: &str| json::string(row, key).map(|raw| time::as_utc(&raw));
    let started_at = draft.notes.past(utc("createdDate"));
    let updated_at = draft.notes.past(utc("lastUpdatedDate"));
    let over = row["active"] == false || row["active"] == 0;
    let update = draft.update(updated_at.or(started_at), None, &json::string(row, "content").unwrap_or_default());
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
        impact: json::string(row, "style").and_then(|style| look_up(STYLES, &style)),
        started_at,
        updated_at,
        resolved_at: updated_at.filter(|_| over),
        updates: vec![update],
        ..draft::incident(&json::string(row, "id").unwrap_or_default(), &json::string(row, "title").unwrap_or_default())
    });
}

fn maintenance(row: &Value, draft: &mut Draft) {
    if matches!(row["status"].as_str(), Some("inactive" | "unknown")) {
        return;
    }
    let offset = json::string(row, "timezoneOffset").unwrap_or_default();
    let zoned = |part: &Value, key: &str| {
        let raw = json::string(part, key)?;
        Some(if time::as_utc(&raw) == raw { raw } else { format!("{}{offset}", raw.replacen(' ', "T", 1)) })
    };
    let slot = &row["timeslotList"][0];
    let (starts_at, ends_at) =
        (draft.notes.planned(zoned(slot, "startDate")), draft.notes.planned(zoned(slot, "endDate")));
    let phase = draft.phase(PHASES, "a maintenance", row, "status");
    let words = json::string(row, "description").unwrap_or_default();
    let updates = if words.is_empty() { Vec::new() } else { vec![draft.update(starts_at, phase, &words)] };
    draft.maintenance(SeenMaintenance {
        phase,
        starts_at,
        ends_at,
        updates,
        ..draft::maintenance(
            &json::string(row, "id").unwrap_or_default(),
            &json::string(row, "title").unwrap_or_default(),
        )
    });
}
