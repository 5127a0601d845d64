//! Meta: `https://metastatus.com/data/orgs.json`, its products and their services.
//!
//! Facts: public clients; no answer was recorded. Outages stand in one document for each product
//! (`/data/outages/<product>.json`) and are not read: a service's own word says how it is.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "meta",
    about: "Meta's own status (https://metastatus.com/data/orgs.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let org = &sample.json()[0];
        let ours = org["services"][0]["status"].is_string() && org["name"].is_string() && org["id"].is_string();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &["metastatus.com", "www.metastatus.com"], ..Clues::marks(&["<title>Meta Status"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("orgs", "data/orgs.json")]),
    expected: "Meta's status (a JSON list of products with `services`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("no known issues", State::OPERATIONAL),
    ("resolved", State::OPERATIONAL),
    ("low disruptions", State::DEGRADED_PERFORMANCE),
    ("medium disruptions", State::PARTIAL_OUTAGE),
    ("high disruptions", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let orgs = doc.items()?;
        if orgs.is_empty() || orgs.iter().any(|org| !org["services"].is_array()) {
            return Err(doc.not_ours());
        }
        draft.page(Some("Meta".to_owned()), Some("https://metastatus.com/".to_owned()));
        for org in orgs {
            let product = json::string(org, "name").unwrap_or_default();
            let key = json::string(org, "id").unwrap_or_else(|| product.clone());
            for row in doc.list_in(org, "services")? {
                service(row, &key, &product, draft);
            }
        }
    }
    Ok(())
}

fn service(row: &Value, key: &str, product: &str, draft: &mut Draft) {
    let name = json::string(row, "name").unwrap_or_default();
    let state = draft.state(STATES, &name, row, "status");
    let id = json::string(row, "id").unwrap_or_else(|| name.clone());
    draft.component(SeenComponent {
        group: draft::group(Some(product.to_owned())),
        state,
        ..draft::component(&format!("{key}/{id}"), &name)
    });
}
