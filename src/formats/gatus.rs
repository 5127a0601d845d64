//! Gatus: `/api/v1/endpoints/statuses`, and announcements in `/api/v1/config`.
//!
//! Facts: the server's source and recorded answers. Host names and conditions may be internal and are not taken over.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "gatus",
    about: "Gatus (/api/v1/endpoints/statuses)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let endpoint = |row: &Value| row["key"].is_string() && row["results"].is_array();
        if endpoint(&value[0]) || endpoint(value) || value["announcements"][0]["type"].is_string() {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues::marks(&["Gatus", "gatus"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("statuses", "api/v1/endpoints/statuses"), extra("config", "api/v1/config")]),
    expected: "a Gatus document (a JSON list of endpoints with `results`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const KINDS: &Table<(Phase, Impact)> = &[
    ("outage", (Phase::Investigating, Impact::Critical)),
    ("warning", (Phase::Investigating, Impact::Minor)),
    ("information", (Phase::Investigating, Impact::None)),
    ("operational", (Phase::Resolved, Impact::None)),
    ("none", (Phase::Resolved, Impact::None)),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        match &doc.value {
            Value::Array(_) => doc.items()?.iter().for_each(|row| endpoint(row, draft)),
            row if row["results"].is_array() => endpoint(row, draft),
            config if config.get("announcements").is_some() || config.get("oidc").is_some() => {
                for row in doc.list("announcements")?.iter().filter(|row| row["archived"] != true) {
                    announcement(row, draft);
                }
            }
            _ => return Err(doc.not_ours()),
        }
    }
    Ok(())
}

fn endpoint(row: &Value, draft: &mut Draft) {
    let name = json::string(row, "name").unwrap_or_default();
    // The oldest comes first.
    let last = row["results"].as_array().and_then(|results| results.last());
    let state = match last.map(|last| &last["success"]) {
        Some(Value::Bool(true)) => State::OPERATIONAL,
        Some(Value::Bool(false)) => State::MAJOR_OUTAGE,
        _ => {
            draft.notes.count("endpoints had no result");
            State::Unknown
        }
    };
    let updated_at = last.and_then(|last| draft.past(last, "timestamp"));
    draft.component(SeenComponent {
        group: draft::group(json::string(row, "group")),
        state,
        updated_at,
        ..draft::component(&json::string(row, "key").unwrap_or_else(|| name.clone()), &name)
    });
}

fn announcement(row: &Value, draft: &mut Draft) {
    let words = json::string(row, "message").unwrap_or_default();
    let at = draft.past(row, "timestamp");
    let known = json::string(row, "type").and_then(|word| look_up(KINDS, &word));
    let update = draft.update(at, None, &words);
    let title: String = words.lines().next().unwrap_or_default().to_owned();
    draft.incident(SeenIncident {
        phase: known.map(|(phase, _)| phase),
        impact: known.map(|(_, impact)| impact),
        started_at: at,
        updates: vec![update],
        ..draft::incident(&format!("{} {title}", json::string(row, "timestamp").unwrap_or_default()), &title)
    });
}
