//! OpenStatus, hosted and self-hosted: `/summary.json`, Statuspage's keys without ids of components; `/feed/json`.
//!
//! Facts: the server's source and documents that it wrote. Without ids the name is the key.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, history, present};
use super::words::{PHASES, Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json, statuspage};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "openstatus",
    about: "OpenStatus pages (/summary.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let nameless = value["page"].get("id").is_none() && value["page"]["name"].is_string();
        let no_ids = value["components"][0].is_object() && value["components"][0].get("id").is_none();
        if (value["pageComponents"].is_array() && value["statusReports"].is_array())
            || (nameless && no_ids && value["status"]["indicator"].is_string())
        {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues { hosts: &[".openstatus.dev"], ..Clues::marks(&["openstatus.dev", "OpenStatus"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("summary", "summary.json"), history("feed", "feed/json")]),
    expected: "an OpenStatus document (JSON with `status.indicator`, or `statusReports`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("success", State::OPERATIONAL),
    ("operational", State::OPERATIONAL),
    ("info", State::UNDER_MAINTENANCE),
    ("degraded", State::DEGRADED_PERFORMANCE),
    ("error", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if doc.value["statusReports"].is_array() {
            feed(doc, draft)?;
        } else {
            statuspage::read(std::slice::from_ref(doc), draft)?;
        }
    }
    Ok(())
}

fn feed(doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    draft.page(json::string(&doc.value, "title"), None);
    let name_of = |id: &Value| {
        let rows = doc.value["pageComponents"].as_array()?;
        rows.iter().find(|row| row["id"] == *id).and_then(|row| json::string(row, "name"))
    };
    if doc.is_present() {
        let overall = draft.state(STATES, "the page", &doc.value, "status");
        draft.indicator(overall);
        for row in doc.list("pageComponents")? {
            let name = json::string(row, "name").unwrap_or_default();
            let monitor = doc
                .list("monitors")?
                .iter()
                .find(|monitor| !row["monitorId"].is_null() && monitor["id"] == row["monitorId"]);
            let group = doc
                .list("pageComponentGroups")?
                .iter()
                .find(|group| !row["groupId"].is_null() && group["id"] == row["groupId"]);
            let state = match monitor {
                Some(monitor) => draft.state(STATES, &name, monitor, "status"),
                // What nobody measures is as the reports say.
                None => State::OPERATIONAL,
            };
            draft.component(SeenComponent {
                group: draft::group(group.and_then(|group| json::string(group, "name"))),
                state,
                ..draft::component(&name, &name)
            });
        }
    }
    let touched = |row: &Value| -> Vec<ComponentId> {
        let ids = row["pageComponents"].as_array().map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(name_of).map(|name| draft::id(&name)).collect()
    };
    for row in doc.list("statusReports")? {
        let mut updates = Vec::new();
        for update in doc.list_in(row, "statusReportUpdates")? {
            let at = draft.past(update, "date");
            let phase = json::string(update, "status").and_then(|word| look_up(PHASES, &word));
            updates.push(draft.update(at, phase, &json::string(update, "message").unwrap_or_default()));
        }
        let phase = draft.phase(PHASES, "a report", row, "status");
        let times = || updates.iter().filter_map(|update| update.at);
        let over = phase == Some(Phase::Resolved);
        draft.incident(SeenIncident {
            phase,
            started_at: times().min(),
            resolved_at: times().max().filter(|_| over),
            components: touched(row),
            updates,
            ..draft::incident(
                &json::string(row, "id").unwrap_or_default(),
                &json::string(row, "title").unwrap_or_default(),
            )
        });
    }
    for row in doc.list("maintenances")? {
        let (starts_at, ends_at) = (draft.planned(row, "from"), draft.planned(row, "to"));
        let phase = by_window(starts_at, ends_at, draft.notes.now);
        let updated_at = draft.past(row, "updatedAt");
        let update = draft.update(updated_at, None, &json::string(row, "message").unwrap_or_default());
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            updated_at,
            components: touched(row),
            updates: vec![update],
            ..draft::maintenance(
                &json::string(row, "id").unwrap_or_default(),
                &json::string(row, "name").unwrap_or_default(),
            )
        });
    }
    if doc.is_present() {
        draft.states_from_incidents();
    }
    Ok(())
}
