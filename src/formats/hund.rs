//! Hund: `/live/v2/status_page`, a stream of events whose first one holds the whole state.
//!
//! Facts: a public client for the stream; the vendor's documentation for the words. The stream never ends: the reader
//! takes its first event and hangs up.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Body, Clues, Format, ParseError, Sureness, json, text};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "hund",
    about: "Hund pages (/live/v2/status_page)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = load(sample.body, "").unwrap_or_default();
        if value["groups"].is_array() && value["state"].is_string() { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &[".hund.io"], ..Clues::marks(&["hund.io", "Hund"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("stream", "live/v2/status_page")]),
    expected: "Hund's stream of events (`event: init_event` with JSON)",
    basis: Basis::States,
    load,
    read,
};

const STATES: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("degraded", State::DEGRADED_PERFORMANCE),
    ("outage", State::MAJOR_OUTAGE),
];

/// The data of the first event; a saved one may be bare JSON.
fn load(body: &Body, expected: &str) -> Result<Value, ParseError> {
    let decoded = text::decode(&body.bytes, body.content_type.as_deref());
    if !decoded.contains("init_event") {
        return json::read(body, expected);
    }
    let first = decoded.replace('\r', "");
    let event = first.split("\n\n").find(|event| event.contains("init_event")).unwrap_or_default().to_owned();
    let data: Vec<&str> = event.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim_start).collect();
    let bare = Body { bytes: data.join("\n").into(), content_type: None, ..body.clone() };
    json::read(&bare, expected)
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if !doc.value["groups"].is_array() {
            return Err(doc.not_ours());
        }
        let overall = draft.state(STATES, "the page", &doc.value, "state");
        draft.indicator(overall);
        for group in doc.list("groups")? {
            for row in doc.list_in(group, "components")? {
                let name = json::translated(row, "name").unwrap_or_default();
                let state = draft.state(STATES, &name, row, "state");
                draft.component(SeenComponent {
                    group: draft::group(json::translated(group, "name")),
                    state,
                    ..draft::component(&json::string(row, "id").unwrap_or_else(|| name.clone()), &name)
                });
            }
        }
        for row in doc.list("issues")? {
            let url = json::string(row, "url").and_then(|url| text::link(&url));
            let ended = draft.past(row, "ended_at");
            let started_at = draft.past(row, "began_at");
            draft.incident(SeenIncident {
                phase: Some(if ended.is_some() { Phase::Resolved } else { Phase::Investigating }),
                started_at,
                resolved_at: ended,
                url,
                ..draft::incident(
                    &json::string(row, "id").unwrap_or_default(),
                    &json::translated(row, "title").unwrap_or_default(),
                )
            });
        }
    }
    Ok(())
}
