//! StatusHub: `/api/statuses`, how many services are up, affected and down.
//!
//! Facts: a public client; no recorded answer was at hand.

use super::draft::Draft;
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::level::State;
use crate::model::observation::Basis;

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statushub",
    about: "StatusHub pages (/api/statuses)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        if sample.json()["counters"].get("count_status_1").is_some() { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&["statushub"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("statuses", "api/statuses")]),
    expected: "a StatusHub document (JSON with `counters`)",
    basis: Basis::States,
    load: json::read,
    read,
};

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let counters = &doc.value["counters"];
        if !counters.is_object() {
            return Err(doc.not_ours());
        }
        let count = |key: &str| counters.get(key).and_then(Value::as_u64);
        let (up, affected, down) = (count("count_status_1"), count("count_status_2"), count("count_status_3"));
        let state = match (up, affected, down) {
            (Some(0), _, Some(down)) if down > 0 => State::MAJOR_OUTAGE,
            (_, _, Some(down)) if down > 0 => State::PARTIAL_OUTAGE,
            (_, Some(affected), _) if affected > 0 => State::DEGRADED_PERFORMANCE,
            (Some(up), Some(0), Some(0)) if up > 0 => State::OPERATIONAL,
            _ => {
                draft.notes.say("the counters do not add up to a state".to_owned());
                State::Unknown
            }
        };
        draft.indicator(state);
    }
    Ok(())
}
