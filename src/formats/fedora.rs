//! Fedora's status of its services: a file of services with `good`, `minor`, `major` or `scheduled`, JSON or JSONP.
//!
//! Facts: recorded files of nine years. The overall state contradicts the services now and then: the worst counts.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, apple, json, text};
use crate::limits;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "fedora",
    about: "Fedora's own status (/statuses.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = apple::unwrapped(sample.body, "").unwrap_or_default();
        if !services(&value).is_empty() { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["status.fedoraproject.org"],
        ..Clues::marks(&["<title>Fedora Status", "Fedora Infrastructure Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("statuses", "statuses.json")]),
    expected: "Fedora's statuses (JSON with `services`)",
    basis: Basis::States,
    load: apple::unwrapped,
    read,
};

const STATES: &Table<State> = &[
    ("good", State::OPERATIONAL),
    ("scheduled", State::UNDER_MAINTENANCE),
    ("minor", State::DEGRADED_PERFORMANCE),
    ("major", State::MAJOR_OUTAGE),
];

/// The services; the oldest files were nothing but them.
fn services(value: &Value) -> Vec<(&str, &Value)> {
    let map = value["services"].as_object().or_else(|| value.as_object());
    let all: Vec<_> = map.into_iter().flatten().collect();
    let is_service = |row: &Value| row["status"].is_string() && row["name"].is_string() && row["message"].is_string();
    if !all.is_empty() && all.iter().any(|(_, row)| is_service(row)) && all.iter().all(|(_, row)| row.is_object()) {
        all
    } else {
        Vec::new()
    }
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let rows = services(&doc.value);
        if rows.is_empty() {
            return Err(doc.not_ours());
        }
        if doc.value["services"].is_object() && doc.value.get("global_status").is_some() {
            let overall = draft.state(STATES, "the page", &doc.value, "global_status");
            draft.indicator(overall);
        }
        if let Some(words) = json::string(&doc.value, "global_info") {
            draft.notes.say(format!("the page announces: {}", text::line(&words, limits::TITLE)));
        }
        for (id, row) in rows {
            let name = json::string(row, "name").unwrap_or_else(|| id.to_owned());
            let state = draft.state(STATES, &name, row, "status");
            draft.component(SeenComponent {
                state,
                description: json::string(row, "message").map(|words| text::line(&words, limits::TITLE)),
                ..draft::component(id, &name)
            });
        }
    }
    Ok(())
}
