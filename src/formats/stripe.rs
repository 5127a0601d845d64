//! Stripe: `/current/full`, or `/current` in its shorter form.
//!
//! Facts: public clients and answers reduced to what they read. There are no incidents.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{self, Table};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "stripe",
    about: "Stripe's own status (https://status.stripe.com/current/full)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours =
            value["UptimeStatus"].is_string() || (value["largestatus"].is_string() && value["statuses"].is_object());
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["status.stripe.com"],
        ..Clues::marks(&["<title>Stripe Status", "<title>Stripe System Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("current", "current/full")]),
    expected: "Stripe's status (JSON with `UptimeStatus`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> =
    &[("up", State::OPERATIONAL), ("degraded", State::DEGRADED_PERFORMANCE), ("down", State::MAJOR_OUTAGE)];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let value = &doc.value;
        let key = if value.get("UptimeStatus").is_some() { "UptimeStatus" } else { "largestatus" };
        if value.get(key).is_none() {
            return Err(doc.not_ours());
        }
        draft.page(Some("Stripe".to_owned()), Some("https://status.stripe.com/".to_owned()));
        let overall = draft.state(STATES, "the page", value, key);
        draft.indicator(overall);
        for row in doc.list("uptimeData")? {
            let name = json::string(row, "title").unwrap_or_default();
            let state = match row.get("warning") {
                Some(Value::Null) => State::OPERATIONAL,
                Some(_) => State::DEGRADED_PERFORMANCE,
                None => State::Unknown,
            };
            draft.component(SeenComponent {
                state,
                ..draft::component(&json::string(row, "key").unwrap_or_else(|| name.clone()), &name)
            });
        }
        for (name, word) in value["statuses"].as_object().into_iter().flatten() {
            let state = words::state(STATES, name, word.as_str(), &mut draft.notes);
            draft.component(SeenComponent { state, ..draft::component(name, name) });
        }
    }
    Ok(())
}
