//! Sorry: `/api/v1/status`, `/api/v1/components`, `/api/v1/notices`.
//!
//! Facts: recorded answers of the first two; the notices were seen in a public client only. They have no id there, so
//! their address is the id. Not every page answers, and then there is nothing to read but the page itself.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json, rows, text};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "sorry",
    about: "Sorry status pages (/api/v1/status)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let notice = &value["notices"][0];
        if value["page"]["state"].is_string() {
            Sureness::Certain
        } else if notice["subject"].is_string() || is_component(&value["components"][0]) || is_component(&value[0]) {
            Sureness::Likely
        } else {
            Sureness::No
        }
    },
    clues: Clues::marks(&["Powered by Sorry", "sorryapp.com"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[
        present("status", "api/v1/status"),
        extra("components", "api/v1/components"),
        extra("notices", "api/v1/notices"),
    ]),
    expected: "a Sorry document (JSON with `page.state`, `components` or `notices`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("under_maintenance", State::UNDER_MAINTENANCE),
    ("under-maintenance", State::UNDER_MAINTENANCE),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("partially-degraded", State::DEGRADED_PERFORMANCE),
    ("partially_degraded", State::DEGRADED_PERFORMANCE),
    ("degraded", State::DEGRADED_PERFORMANCE),
    ("outage", State::MAJOR_OUTAGE),
];

fn is_component(row: &Value) -> bool {
    row["state"].is_string() && row["name"].is_string() && row.get("parent_id").is_some()
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let value = &doc.value;
        if value["page"].is_object() {
            let page = &value["page"];
            draft.page(json::string(page, "name"), json::string(page, "url"));
            let state = draft.state(STATES, "the page", page, "state");
            draft.indicator(state);
        } else if value["components"].is_array() || value.is_array() {
            components(if value.is_array() { doc.items()? } else { doc.list("components")? }, draft);
        } else if value["notices"].is_array() {
            for row in doc.list("notices")? {
                notice(row, doc, draft)?;
            }
        } else {
            return Err(doc.not_ours());
        }
    }
    Ok(())
}

fn components(list: &[Value], draft: &mut Draft) {
    let id = |row: &Value| json::string(row, "id");
    let parents = rows::by(list, id);
    let parts = rows::all_by(list, |row| json::string(row, "parent_id"));
    for row in list {
        // A component with parts is a group of them.
        if id(row).is_some_and(|own| parts.contains_key(&own)) {
            continue;
        }
        let name = json::string(row, "name").unwrap_or_default();
        let parent = json::string(row, "parent_id").and_then(|parent| parents.get(&parent));
        let state = draft.state(STATES, &name, row, "state");
        draft.component(SeenComponent {
            group: draft::group(parent.and_then(|parent| json::string(parent, "name"))),
            state,
            ..draft::component(&id(row).unwrap_or_else(|| name.clone()), &name)
        });
    }
}

fn notice(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let url = json::string(row, "url").and_then(|url| text::link(&url));
    let title = json::string(row, "subject").unwrap_or_default();
    let id = json::string(row, "id").or_else(|| url.clone()).unwrap_or_default();
    let ended_at = draft.past(row, "ended_at");
    let started_at = ["began_at", "started_at", "created_at"].iter().find_map(|key| draft.past(row, key));
    let mut updates = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "created_at");
        updates.push(draft.update(at, None, &json::string(update, "content").unwrap_or_default()));
    }
    draft.incident(SeenIncident {
        phase: Some(if ended_at.is_some() { Phase::Resolved } else { Phase::Investigating }),
        started_at,
        resolved_at: ended_at,
        url,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
