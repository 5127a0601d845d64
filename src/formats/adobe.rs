//! Adobe: `https://data.status.adobe.com/adobestatus/StatusEvents`, every event of some forty days.
//!
//! Facts: three public clients, one of them with a recorded document. Events are keyed by their ids, each with the
//! products that it touches, each product with its own history. Titles and texts stand apart, by tokens and languages;
//! English is read. A product is fine while no open event names it; all products are listed in another document of
//! many thousand rows, which is not read.

use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{self, Table, impact_of, look_up};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "adobe",
    about: "Adobe's own status (https://data.status.adobe.com/adobestatus/StatusEvents)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours = value["incidentEvent"].is_object() || value["maintenanceEvent"].is_object();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["status.adobe.com", "data.status.adobe.com"],
        marks: &["<title>Adobe Status", "<title>Adobe System Status"],
        leads: |markup, page| {
            let own = page.join("/adobestatus/StatusEvents");
            let known = Url::parse("https://data.status.adobe.com/adobestatus/StatusEvents");
            let is_adobe = page.host_str().is_some_and(|host| host.ends_with("adobe.com"));
            if is_adobe || markup.is_empty() { known.into_iter().collect() } else { own.into_iter().collect() }
        },
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("events", "adobestatus/StatusEvents")]),
    expected: "Adobe's events (JSON with `incidentEvent` and `maintenanceEvent`)",
    basis: Basis::Announcements,
    load: json::read,
    read,
};

const SEVERITIES: &Table<State> = &[
    ("trivial", State::OPERATIONAL),
    ("potential", State::OPERATIONAL),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("minor", State::DEGRADED_PERFORMANCE),
    ("major", State::MAJOR_OUTAGE),
    ("critical", State::MAJOR_OUTAGE),
];

const PHASES: &Table<Phase> = &[
    ("discovery", Phase::Investigating),
    ("opened", Phase::Investigating),
    ("reopened", Phase::Investigating),
    ("updated", Phase::Investigating),
    ("closed", Phase::Resolved),
    ("dismissed", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("started", Phase::InProgress),
    ("completed", Phase::Completed),
    ("canceled", Phase::Cancelled),
    ("cancelled", Phase::Cancelled),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let (incidents, works) = (&doc.value["incidentEvent"], &doc.value["maintenanceEvent"]);
        if !incidents["incidents"].is_object() && !works["maintenance"].is_object() {
            return Err(doc.not_ours());
        }
        draft.page(Some("Adobe".to_owned()), Some("https://status.adobe.com/".to_owned()));
        for (whole, key) in [(incidents, "incidents"), (works, "maintenance")] {
            let messages = &whole["messages"]["en"];
            for (id, row) in whole[key].as_object().into_iter().flatten() {
                event(id, row, messages, key == "maintenance", draft);
            }
        }
    }
    Ok(())
}

/// What is told of one product: its own phase and state, and what was posted.
struct Part {
    phase: Option<Phase>,
    state: State,
    title: Option<String>,
    updates: Vec<Update>,
}

/// A time in seconds, of which zero is none.
fn seconds(row: &Value, keys: [&str; 2]) -> Option<String> {
    keys.iter().find_map(|key| json::string(row, key).filter(|text| text != "0"))
}

fn event(id: &str, row: &Value, messages: &Value, planned: bool, draft: &mut Draft) {
    let mut parts: Vec<Part> = Vec::new();
    let mut components: Vec<ComponentId> = Vec::new();
    for (key, product) in row["products"].as_object().into_iter().flatten() {
        let name = json::string(product, "name").unwrap_or_else(|| key.to_owned());
        let part = part(product, &name, messages, draft);
        let is_open = part.phase.is_none_or(|phase| phase.is_open() && phase != Phase::Scheduled);
        if is_open {
            let state = if planned { State::UNDER_MAINTENANCE } else { part.state };
            let clouds = row["clouds"].as_object().into_iter().flatten();
            let cloud = clouds
                .map(|(_, cloud)| cloud)
                .find(|cloud| cloud["cloudProducts"].as_array().is_some_and(|ids| ids.iter().any(|id| id == key)));
            let group = draft::group(cloud.and_then(|cloud| json::string(cloud, "name")));
            draft.component(SeenComponent { group, state, ..draft::component(key, &name) });
        }
        components.push(draft::id(key));
        parts.push(part);
    }
    let title = parts.iter().find_map(|part| part.title.clone()).unwrap_or_else(|| format!("Event {id}"));
    // Each product tells the same updates of the event.
    let mut updates: Vec<Update> = Vec::new();
    for update in parts.iter_mut().flat_map(|part| std::mem::take(&mut part.updates)) {
        if !updates.contains(&update) {
            updates.push(update);
        }
    }
    let first = row["products"].as_object().and_then(|map| map.values().next()).unwrap_or(&Value::Null);
    if planned {
        let starts =
            seconds(row, ["scheduledDate", "startedOn"]).or_else(|| seconds(first, ["startedOn", "scheduledDate"]));
        let ends =
            seconds(row, ["completedOn", "scheduledEndDate"]).or_else(|| seconds(first, ["endedOn", "completedOn"]));
        let (starts_at, ends_at) = (draft.notes.planned(starts), draft.notes.planned(ends));
        let said = json::string(row, "status").and_then(|word| look_up(PHASES, &word));
        let phase = said.filter(|phase| phase.is_maintenance()).or_else(|| parts.iter().find_map(|part| part.phase));
        let phase = phase.filter(|phase| phase.is_maintenance());
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            components,
            updates,
            ..draft::maintenance(id, &title)
        });
        return;
    }
    let open = parts.iter().find(|part| part.phase.is_none_or(Phase::is_open));
    let phase = match open {
        Some(part) => part.phase,
        None => Some(Phase::Resolved),
    };
    let started_at = draft
        .notes
        .past(seconds(first, ["startedOn", "createdOn"]).or_else(|| seconds(row, ["startedOn", "createdOn"])));
    let ended_at = draft
        .notes
        .past(seconds(first, ["endedOn", "completedOn"]).or_else(|| seconds(row, ["endedOn", "completedOn"])));
    let worst = State::worst(
        parts.iter().filter(|part| open.is_none() || part.phase.is_none_or(Phase::is_open)).map(|part| part.state),
    );
    draft.incident(SeenIncident {
        phase,
        impact: worst.and_then(impact_of),
        started_at,
        resolved_at: ended_at.filter(|_| open.is_none()),
        components,
        updates,
        ..draft::incident(id, &title)
    });
}

/// A product's history, keyed by the time of each entry; the newest counts.
fn part(product: &Value, name: &str, messages: &Value, draft: &mut Draft) -> Part {
    let mut entries: Vec<(u64, &Value)> = product["history"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(at, entry)| (at.parse::<u64>().unwrap_or_default(), entry))
        .collect();
    entries.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let text = |token: Option<String>| {
        let entry = &messages[token?.as_str()];
        json::string(entry, "htmlMessage").or_else(|| json::string(entry, "textMessage"))
    };
    let mut updates = Vec::new();
    for (key, entry) in &entries {
        let stamp = seconds(entry, ["statusTime", "messageTime"]).unwrap_or_else(|| key.to_string());
        let at = draft.notes.past(Some(stamp));
        let phase = json::string(entry, "status").and_then(|word| look_up(PHASES, &word));
        if let Some(words) = text(json::string(entry, "messageToken")) {
            updates.push(draft.update(at, phase, &words));
        }
    }
    let Some((_, newest)) = entries.first() else {
        draft.notes.say(format!("the event on {name} has no history"));
        return Part { phase: None, state: State::Unknown, title: None, updates };
    };
    let over = seconds(product, ["endedOn", "completedOn"]).is_some();
    let said = draft.phase(PHASES, "an event", newest, "status");
    let state = words::state(SEVERITIES, name, json::string(newest, "severity").as_deref(), &mut draft.notes);
    // A second word for the end, where the history stops before it.
    let phase = if over && said.is_some_and(|phase| phase.is_open() && !phase.is_maintenance()) {
        Some(Phase::Resolved)
    } else {
        said
    };
    Part { phase, state, title: text(json::string(newest, "titleToken")), updates }
}
