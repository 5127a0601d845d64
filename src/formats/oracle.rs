//! Oracle Cloud: `/api/v2/components.json`, services by region, and a Statuspage-like `/api/v2/status.json`.
//!
//! Facts: the vendor's documentation. `NormalPerformance`, `Informational` and `ServiceDisruption` were seen; the other words are
//! guesses, and words that are not listed are unknown.

use super::draft::{self, Draft};
use super::plain::{Doc, Plain, Where, compile, extra, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json, statuspage};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "oracle",
    about: "Oracle Cloud's own status (https://ocistatus.oraclecloud.com/api/v2/components.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        if (value["regionHealthReports"].is_array())
            || (value["page"]["name"] == "OCI" && value["status"]["indicator"].is_string())
        {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &["ocistatus.oraclecloud.com"],
        ..Clues::marks(&["OCI Status", "Oracle Cloud Infrastructure Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("components", "api/v2/components.json"), extra("status", "api/v2/status.json")]),
    expected: "Oracle Cloud's status (JSON with `regionHealthReports`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("NormalPerformance", State::OPERATIONAL),
    ("Informational", State::OPERATIONAL),
    ("Maintenance", State::UNDER_MAINTENANCE),
    ("ServiceDegradation", State::DEGRADED_PERFORMANCE),
    ("ServiceDisruption", State::MAJOR_OUTAGE),
    ("ServiceOutage", State::MAJOR_OUTAGE),
    ("Outage", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if !doc.value["regionHealthReports"].is_array() {
            statuspage::read(std::slice::from_ref(doc), draft)?;
            continue;
        }
        for region in doc.list("regionHealthReports")? {
            let place = json::string(region, "regionCanonicalName")
                .or_else(|| json::string(region, "regionId"))
                .unwrap_or_default();
            for service in doc.list_in(region, "serviceHealthReports")? {
                let name = json::string(service, "serviceName").unwrap_or_default();
                let key = json::string(service, "serviceCanonicalName").unwrap_or_else(|| name.clone());
                let id = format!("{key}/{place}");
                let state = draft.state(STATES, &format!("{name} in {place}"), service, "serviceStatus");
                draft.component(SeenComponent {
                    group: draft::group(Some(name.clone())),
                    state,
                    ..draft::component(&id, &place)
                });
                for row in doc.list_in(service, "incidents")? {
                    let own = json::string(row, "incidentId").unwrap_or_default();
                    let title = json::string(row, "title").unwrap_or_else(|| format!("{name} in {place}"));
                    draft.incident(SeenIncident {
                        phase: Some(Phase::Investigating),
                        impact: super::words::impact_of(state),
                        components: vec![draft::id(&id)],
                        ..draft::incident(&own, &title)
                    });
                }
            }
        }
    }
    Ok(())
}
