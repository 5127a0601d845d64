//! Hyperping: `/status.json`, an indicator and nothing else.
//!
//! Facts: a recorded answer and the vendor's documentation.

use super::draft::Draft;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::level::State;
use crate::model::observation::Basis;

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "hyperping",
    about: "Hyperping pages (/status.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        if value["indicator"].is_string() && value.get("uptime").is_some() { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &[".hyperping.app"], ..Clues::marks(&["hyperping"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("status", "status.json")]),
    expected: "a Hyperping status (JSON with `indicator` and `uptime`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("up", State::OPERATIONAL),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("incident", State::PARTIAL_OUTAGE),
    ("outage", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if doc.value.get("indicator").is_none() {
            return Err(doc.not_ours());
        }
        let state = draft.state(STATES, "the page", &doc.value, "indicator");
        draft.indicator(state);
    }
    Ok(())
}
