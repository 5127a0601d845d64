//! OneUptime: `/status-page-api/overview/<page id>`.
//!
//! Facts: the project's documentation; no recorded answer was at hand. States are named by the page's owner, so a
//! monitor's flags and priority decide first, and the default names after them. A state that is neither is unknown.

use url::Url;

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json, rows};
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "oneuptime",
    about: "OneUptime (/status-page-api/overview/<page id>)",
    compile: |options| compile(options, &READER),
    recognise: |sample| if sample.json()["statusPageResources"].is_array() { Sureness::Certain } else { Sureness::No },
    clues: Clues { hosts: &[], marks: &["status-page-api", "oneuptime"], leads },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("overview", "")]),
    expected: "a OneUptime overview (JSON with `statusPageResources`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("Operational", State::OPERATIONAL),
    ("Maintenance", State::UNDER_MAINTENANCE),
    ("Degraded", State::DEGRADED_PERFORMANCE),
    ("Offline", State::MAJOR_OUTAGE),
];

const PHASES: &Table<Phase> = &[
    ("Created", Phase::Investigating),
    ("Identified", Phase::Investigating),
    ("Acknowledged", Phase::Identified),
    ("Resolved", Phase::Resolved),
    ("Scheduled", Phase::Scheduled),
    ("Ongoing", Phase::InProgress),
    ("Ended", Phase::Completed),
    ("Completed", Phase::Completed),
];

/// The page's id stands in its markup, as the address that its script asks or as a variable.
fn leads(markup: &str, page: &Url) -> Vec<Url> {
    let id = ["/status-page-api/overview/", "statusPageId\":\"", "data-status-page-id=\""].iter().find_map(|mark| {
        let rest = markup.split_once(mark)?.1;
        rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next().filter(|id| id.len() >= 8)
    });
    id.and_then(|id| page.join(&format!("/status-page-api/overview/{id}")).ok()).into_iter().collect()
}

/// A state of a monitor: the flag that it works, else the name.
fn state(row: &Value, name: &str, draft: &mut Draft) -> State {
    if row["isOperationalState"] == true {
        return State::OPERATIONAL;
    }
    draft.state(STATES, name, row, "name")
}

fn id(row: &Value) -> String {
    json::string(row, "_id").or_else(|| json::string(row, "id")).unwrap_or_default()
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let value = &doc.value;
        if !value["statusPageResources"].is_array() {
            return Err(doc.not_ours());
        }
        draft.page(
            json::string(&value["statusPage"], "pageTitle").or_else(|| json::string(&value["statusPage"], "name")),
            None,
        );
        if value["overallStatus"].is_object() {
            let overall = state(&value["overallStatus"], "the page", draft);
            draft.indicator(overall);
        }
        let statuses = rows::by(doc.list("monitorStatuses")?, |row| Some(id(row)));
        let groups = rows::by(doc.list("resourceGroups")?, |row| Some(id(row)));
        let posted = rows::all_by(doc.list("incidentPublicNotes")?, |row| json::string(row, "incidentId"));
        let planned = rows::all_by(doc.list("scheduledMaintenanceEventsPublicNotes")?, |row| {
            json::string(row, "scheduledMaintenanceId")
        });
        for row in doc.list("statusPageResources")? {
            let name = json::string(row, "displayName").unwrap_or_default();
            let now = json::string(&row["monitor"], "currentMonitorStatusId");
            let now = now.and_then(|now| statuses.get(&now));
            let state = match now {
                Some(status) => state(status, &name, draft),
                None => {
                    draft.notes.count("components had no state");
                    State::Unknown
                }
            };
            let group = json::string(row, "statusPageGroupId").and_then(|of| groups.get(&of));
            draft.component(SeenComponent {
                group: draft::group(group.and_then(|group| json::string(group, "name"))),
                state,
                ..draft::component(&id(row), &name)
            });
        }
        for row in doc.list("activeIncidents")? {
            let updates = notes(posted.get(&id(row)), draft);
            let started_at = draft.past(row, "createdAt");
            let phase = json::string(&row["currentIncidentState"], "name").and_then(|word| look_up(PHASES, &word));
            draft.incident(SeenIncident {
                phase: phase.or(Some(Phase::Investigating)),
                started_at,
                updates,
                ..draft::incident(&id(row), &json::string(row, "title").unwrap_or_default())
            });
        }
        for row in doc.list("scheduledMaintenanceEvents")? {
            let updates = notes(planned.get(&id(row)), draft);
            let (starts_at, ends_at) = (draft.planned(row, "startsAt"), draft.planned(row, "endsAt"));
            let said =
                json::string(&row["currentScheduledMaintenanceState"], "name").and_then(|word| look_up(PHASES, &word));
            draft.maintenance(SeenMaintenance {
                phase: said.or_else(|| by_window(starts_at, ends_at, draft.notes.now)),
                starts_at,
                ends_at,
                updates,
                ..draft::maintenance(&id(row), &json::string(row, "title").unwrap_or_default())
            });
        }
    }
    Ok(())
}

fn notes(rows: Option<&Vec<&Value>>, draft: &mut Draft) -> Vec<Update> {
    let mut updates = Vec::new();
    for note in rows.into_iter().flatten() {
        let at = draft.past(note, "postedAt").or_else(|| draft.past(note, "createdAt"));
        updates.push(draft.update(at, None, &json::string(note, "note").unwrap_or_default()));
    }
    updates
}
