//! Cachet 2 (`/api/v1/…`) and Cachet 3 (`/api/…`, JSON:API).
//!
//! Facts: the sources of both servers and recorded answers of the second version. Times carry no zone and are in the
//! application's, which is not published: UTC by default. Names of states are translated, so numbers count; `5` means
//! unknown in one build and maintenance in another, and is decided by its word. A schedule has no planned end. Lists
//! come in pages of twenty unless more is asked for; where a page still does not hold all, the rest is unknown.

use std::collections::HashMap;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sample, Sureness, json, text, time};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "cachet",
    about: "Cachet 2 (/api/v1/components)",
    compile: |options| compile(options, &SECOND),
    recognise,
    clues: Clues::marks(&["cachet", "Cachet"]),
};

/// The entry of the third version.
pub const FORMAT_3: Format = Format {
    name: "cachet3",
    about: "Cachet 3 (/api/components)",
    compile: |options| compile(options, &THIRD),
    recognise: |sample| {
        let row = &sample.json()["data"][0];
        let kind = row["type"].as_str().unwrap_or_default();
        let ours = matches!(kind, "components" | "incidents" | "schedules") && row["attributes"]["status"].is_object();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&["cachet", "Cachet"]),
};

static SECOND: Plain = Plain {
    documents: Where::Below(&[
        present("components", "api/v1/components?per_page=1000"),
        extra("incidents", "api/v1/incidents?sort=id&order=desc&per_page=100"),
        extra("schedules", "api/v1/schedules?sort=id&order=desc&per_page=100"),
        extra("groups", "api/v1/components/groups?per_page=1000"),
    ]),
    expected: "a Cachet document (JSON with `data`)",
    basis: Basis::States,
    load: json::read,
    read,
};

static THIRD: Plain = Plain {
    documents: Where::Below(&[
        present("components", "api/components?per_page=1000"),
        extra("incidents", "api/incidents?per_page=100"),
        extra("schedules", "api/schedules?per_page=100"),
    ]),
    ..SECOND
};

const STATES: &Table<State> = &[
    ("0", State::Unknown),
    ("1", State::OPERATIONAL),
    ("2", State::DEGRADED_PERFORMANCE),
    ("3", State::PARTIAL_OUTAGE),
    ("4", State::MAJOR_OUTAGE),
];

const INCIDENT: &Table<Phase> = &[
    ("0", Phase::Scheduled),
    ("1", Phase::Investigating),
    ("2", Phase::Identified),
    ("3", Phase::Monitoring),
    ("4", Phase::Resolved),
];

const SCHEDULE: &Table<Phase> = &[("0", Phase::Scheduled), ("1", Phase::InProgress), ("2", Phase::Completed)];

fn recognise(sample: &Sample<'_>) -> Sureness {
    let value = sample.json();
    let row = &value["data"][0];
    let ours =
        row.get("status_name").is_some() || row.get("human_status").is_some() || row.get("latest_status").is_some();
    match (ours, value["meta"]["pagination"].is_object()) {
        (true, _) => Sureness::Certain,
        (false, true) if value["data"].is_array() => Sureness::Maybe,
        _ => Sureness::No,
    }
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    let groups = groups(docs);
    for doc in docs {
        let mut components = 0_usize;
        if !doc.value["data"].is_array() {
            return Err(doc.not_ours());
        }
        let rows = doc.list("data")?;
        for row in rows.iter().filter(|row| row.get("collapsed").is_none()) {
            // The third version wraps its rows.
            let about = if row["attributes"].is_object() { &row["attributes"] } else { row };
            if about.get("scheduled_at").is_some_and(|at| !at.is_null()) && about.get("occurred_at").is_none()
                || about.get("scheduled").is_some()
            {
                schedule(row, about, draft);
            } else if about.get("message").is_some()
                || about.get("latest_status").is_some()
                || row["type"] == "incidents"
            {
                incident(row, about, doc, draft)?;
            } else {
                if about["enabled"] != false {
                    component(row, about, &groups, draft);
                }
                components = components.saturating_add(1);
            }
        }
        // Components come in pages, of which the first is read.
        if components > 0 && total(doc).is_some_and(|all| all > components) {
            draft.partial(components, total(doc).unwrap_or(components), "components");
        }
    }
    Ok(())
}

/// The names of the groups by their ids, in a document of their own.
fn groups(docs: &[Doc<'_>]) -> HashMap<String, String> {
    let rows = docs.iter().filter_map(|doc| doc.value["data"].as_array()).flatten();
    rows.filter(|row| row.get("collapsed").is_some())
        .filter_map(|row| Some((json::string(row, "id")?, json::string(row, "name")?)))
        .collect()
}

/// How many rows the list has that this document is a page of.
fn total(doc: &Doc<'_>) -> Option<usize> {
    let meta = &doc.value["meta"];
    let all = meta["pagination"]["total"].as_u64().or_else(|| meta["total"].as_u64())?;
    usize::try_from(all).ok()
}

/// A number, or an object that holds one as its `value`.
fn number(about: &Value, key: &str) -> Option<String> {
    json::string(about, key).or_else(|| json::string(&about[key], "value"))
}

/// A time, or an object that holds one as its `string`.
fn moment(about: &Value, keys: [&str; 2]) -> Option<String> {
    let raw = keys.iter().find_map(|key| json::string(about, key).or_else(|| json::string(&about[*key], "string")))?;
    Some(time::as_utc(&raw))
}

fn component(row: &Value, about: &Value, groups: &HashMap<String, String>, draft: &mut Draft) {
    let name = json::string(about, "name").unwrap_or_default();
    let human = json::string(&about["status"], "human").unwrap_or_default().to_lowercase();
    let state = match number(about, "status") {
        Some(five) if five == "5" && human.contains("maintenance") => State::UNDER_MAINTENANCE,
        word => super::words::state(STATES, &name, word.as_deref(), &mut draft.notes),
    };
    let updated_at = draft.notes.past(moment(about, ["updated_at", "updated"]));
    draft.component(SeenComponent {
        group: draft::group(
            json::string(&about["group"], "name")
                .or_else(|| json::string(about, "group_id").and_then(|id| groups.get(&id).cloned())),
        ),
        state,
        updated_at,
        ..draft::component(&json::string(row, "id").unwrap_or_else(|| name.clone()), &name)
    });
}

fn incident(row: &Value, about: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(about, "name").unwrap_or_default();
    // The state of the newest update, which `status` is not.
    let word = number(about, "latest_status").or_else(|| number(about, "status"));
    let phase = super::words::phase(INCIDENT, "an incident", word.as_deref(), &mut draft.notes);
    let started_at = draft
        .notes
        .past(moment(about, ["occurred_at", "occurred"]).or_else(|| moment(about, ["created_at", "created"])));
    let updated_at = draft.notes.past(moment(about, ["updated_at", "updated"]));
    let mut updates = Vec::new();
    if let Some(words) = json::string(about, "message") {
        let first = number(about, "status").and_then(|word| look_up(INCIDENT, &word));
        updates.push(draft.update(started_at, first, &words));
    }
    for update in doc.list_in(about, "updates")? {
        let at = draft.notes.past(moment(update, ["created_at", "created"]));
        let phase = number(update, "status").and_then(|word| look_up(INCIDENT, &word));
        updates.push(draft.update(at, phase, &json::string(update, "message").unwrap_or_default()));
    }
    let component = json::string(about, "component_id").filter(|id| id != "0").map(ComponentId::new);
    if phase == Some(Phase::Scheduled) {
        let starts_at = draft.notes.planned(moment(about, ["scheduled_at", "occurred_at"]));
        draft.maintenance(SeenMaintenance { phase, starts_at, updated_at, updates, ..draft::maintenance(&id, &title) });
        return Ok(());
    }
    let over = phase == Some(Phase::Resolved);
    let ended =
        updates.iter().filter(|update| update.phase == Some(Phase::Resolved)).filter_map(|update| update.at).min();
    draft.incident(SeenIncident {
        phase,
        started_at,
        updated_at,
        resolved_at: ended.or(updated_at).filter(|_| over),
        url: json::string(about, "permalink").and_then(|url| text::link(&url)),
        components: component.into_iter().collect(),
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}

fn schedule(row: &Value, about: &Value, draft: &mut Draft) {
    let starts_at = draft.notes.planned(moment(about, ["scheduled_at", "scheduled"]));
    let word = number(about, "status");
    let phase = super::words::phase(SCHEDULE, "a schedule", word.as_deref(), &mut draft.notes);
    let completed = draft.notes.past(moment(about, ["completed_at", "completed"]));
    let posted = draft.notes.past(moment(about, ["created_at", "created"]));
    let updates = json::string(about, "message").map(|words| draft.update(posted, None, &words)).into_iter().collect();
    draft.maintenance(SeenMaintenance {
        phase,
        starts_at,
        ends_at: completed.filter(|end| phase == Some(Phase::Completed) && starts_at.is_none_or(|start| *end >= start)),
        components: about["components"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|part| json::string(part, "component_id").or_else(|| json::string(part, "id")))
            .map(ComponentId::new)
            .collect(),
        updates,
        ..draft::maintenance(
            &json::string(row, "id").unwrap_or_default(),
            &json::string(about, "name").unwrap_or_default(),
        )
    });
}
