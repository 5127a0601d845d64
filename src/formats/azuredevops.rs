//! Azure DevOps: `/_apis/status/health`, services by geography.
//!
//! Facts: the vendor's documentation. Incidents are only in its feed.

use super::draft::{self, Draft};
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "azuredevops",
    about: "Azure DevOps' own status (https://status.dev.azure.com/_apis/status/health)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours = value["status"]["health"].is_string() || value["services"][0]["geographies"].is_array();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["status.dev.azure.com"],
        ..Clues::marks(&["Azure DevOps Status", "Azure DevOps Services Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("health", "_apis/status/health")]),
    expected: "Azure DevOps' status (JSON with `status.health` and `services`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("healthy", State::OPERATIONAL),
    ("advisory", State::DEGRADED_PERFORMANCE),
    ("degraded", State::PARTIAL_OUTAGE),
    ("unhealthy", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if doc.value["status"].is_null() && doc.value["services"].is_null() {
            return Err(doc.not_ours());
        }
        draft.page_updated(json::string(&doc.value, "lastUpdated"));
        let overall = draft.state(STATES, "the page", &doc.value["status"], "health");
        draft.indicator(overall);
        for service in doc.list("services")? {
            let group = json::string(service, "id").unwrap_or_default();
            for place in doc.list_in(service, "geographies")? {
                let name = json::string(place, "name").unwrap_or_default();
                let state = draft.state(STATES, &format!("{group} in {name}"), place, "health");
                let id = format!("{group}/{}", json::string(place, "id").unwrap_or_else(|| name.clone()));
                draft.component(SeenComponent {
                    group: draft::group(Some(group.clone())),
                    state,
                    ..draft::component(&id, &name)
                });
            }
        }
    }
    Ok(())
}
