//! Statping-ng: `/api/services`, with `/api/groups` and `/api/messages` (planned work).
//!
//! Facts: the server's source and example answers that its authors saved. Some fields are for signed-in users only.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statping",
    about: "Statping and Statping-ng (/api/services)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let row = &sample.json()[0];
        if row["online"].is_boolean() || row.get("start_on").is_some() {
            Sureness::Certain
        } else if row["name"].is_string() && row["public"].is_boolean()
            || row["service"].is_number() && row["title"].is_string()
        {
            Sureness::Likely
        } else {
            Sureness::No
        }
    },
    clues: Clues::marks(&["Statping", "statping"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[
        present("services", "api/services"),
        extra("groups", "api/groups"),
        extra("messages", "api/messages"),
    ]),
    expected: "a Statping document (a JSON list of services with `online`)",
    basis: Basis::States,
    load: json::read,
    read,
};

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    let is_group = |row: &Value| row["public"].is_boolean() && row.get("online").is_none();
    let rows = docs.iter().filter_map(|doc| doc.value.as_array()).flatten();
    let groups: Vec<&Value> = rows.filter(|row| is_group(row)).collect();
    for doc in docs {
        for row in doc.items()? {
            let id = json::string(row, "id").unwrap_or_default();
            if row.get("online").is_some() {
                let state = match row["online"] {
                    Value::Bool(true) => State::OPERATIONAL,
                    Value::Bool(false) => State::MAJOR_OUTAGE,
                    _ => State::Unknown,
                };
                let group = groups.iter().find(|group| group["id"] == row["group_id"]);
                draft.component(SeenComponent {
                    group: draft::group(group.and_then(|group| json::string(group, "name"))),
                    state,
                    ..draft::component(&id, &json::string(row, "name").unwrap_or_default())
                });
                for incident_row in doc.list_in(row, "incidents")? {
                    incident(incident_row, doc, draft)?;
                }
            } else if row.get("start_on").is_some() {
                message(row, &id, draft);
            } else if row["service"].is_number() && row["title"].is_string() {
                draft.seen.basis = Basis::Announcements;
                incident(row, doc, draft)?;
            } else if !is_group(row) {
                return Err(doc.not_ours());
            }
        }
    }
    Ok(())
}

fn incident(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let started_at = draft.past(row, "created_at");
    let updated_at = draft.past(row, "updated_at");
    let mut updates = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "created_at");
        let over = update["type"].as_str().is_some_and(|word| word.eq_ignore_ascii_case("resolved"));
        updates.push(draft.update(
            at,
            over.then_some(Phase::Resolved),
            &json::string(update, "message").unwrap_or_default(),
        ));
    }
    let over = updates.iter().any(|update| update.phase == Some(Phase::Resolved));
    draft.incident(SeenIncident {
        // One without updates does not say how it stands.
        phase: if updates.is_empty() { None } else { Some(if over { Phase::Resolved } else { Phase::Investigating }) },
        started_at,
        updated_at,
        components: json::string(row, "service").map(|id| draft::id(&id)).into_iter().collect(),
        updates,
        ..draft::incident(&json::string(row, "id").unwrap_or_default(), &json::string(row, "title").unwrap_or_default())
    });
    Ok(())
}

fn message(row: &Value, id: &str, draft: &mut Draft) {
    let (starts_at, ends_at) = (draft.planned(row, "start_on"), draft.planned(row, "end_on"));
    let posted = draft.past(row, "created_at");
    let update = draft.update(posted, None, &json::string(row, "description").unwrap_or_default());
    draft.maintenance(SeenMaintenance {
        phase: by_window(starts_at, ends_at, draft.notes.now),
        starts_at,
        ends_at,
        components: json::string(row, "service").map(|id| draft::id(&id)).into_iter().collect(),
        updates: vec![update],
        ..draft::maintenance(id, &json::string(row, "title").unwrap_or_default())
    });
}
