//! Cisco Webex: documents of Statuspage's shape under names of its own (`/components.json` and others).
//!
//! Facts: the vendor's documentation; no answer was recorded. The headline is a colour. Either document may hold the
//! lists of the other.

use super::draft::Draft;
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json, statuspage};
use crate::model::level::State;
use crate::model::observation::Basis;

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "webex",
    about: "Cisco Webex' own status (https://status.webex.com/index.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let indicator = sample.json()["status"]["indicator"].as_str().unwrap_or_default();
        let is_colour = COLOURS.iter().any(|(colour, _)| *colour == indicator);
        if is_colour { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["status.webex.com"],
        ..Clues::marks(&["<title>Webex Status", "<title>Cisco Webex Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[
        present("index", "index.json"),
        present("components", "components.json"),
        extra("incidents", "unresolved-incidents.json"),
        extra("maintenances", "upcoming-scheduled-maintenances.json"),
    ]),
    expected: "a Webex document (JSON with `components`, `incidents`, `scheduled_maintenances` or a colour)",
    basis: Basis::States,
    load: json::read,
    read,
};

const COLOURS: &Table<State> = &[
    ("green", State::OPERATIONAL),
    ("blue", State::UNDER_MAINTENANCE),
    ("yellow", State::DEGRADED_PERFORMANCE),
    ("orange", State::PARTIAL_OUTAGE),
    ("red", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if doc.value["status"].is_object() {
            let overall = draft.state(COLOURS, "the page", &doc.value["status"], "indicator");
            draft.indicator(overall);
        }
        let lists = ["components", "incidents", "scheduled_maintenances"];
        if lists.iter().any(|key| doc.value[*key].is_array()) {
            // The page names itself in the index only, and a list may be empty.
            let page = match &doc.value["page"] {
                named if !named["name"].is_null() => named.clone(),
                _ => Value::object([("name", "Webex".into()), ("url", "https://status.webex.com/".into())]),
            };
            let own = lists.into_iter().filter_map(|key| Some((key, doc.value.get(key)?.clone())));
            let value = Value::object([("page", page)].into_iter().chain(own));
            statuspage::read(&[Doc { value, body: doc.body, expected: doc.expected }], draft)?;
        } else if doc.value["status"].is_null() {
            return Err(doc.not_ours());
        }
    }
    Ok(())
}
