//! Hetzner: the data inside `https://status.hetzner.com/en`.
//!
//! Facts: public clients; no recorded page was at hand. Titles come in two languages, either may be empty. Notices may
//! stay for weeks without an end and do not change a state. An incident may stand in several lists.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, embedded, json, rows};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "hetzner",
    about: "Hetzner's own status (https://status.hetzner.com/en)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let inside = embedded::script(sample.markup(), "__NEXT_DATA__").unwrap_or_default();
        if inside["props"]["pageProps"]["systems"][0].get("systemState").is_some() {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues { hosts: &["status.hetzner.com"], ..Clues::marks(&["\"systemState\"", "Hetzner Status"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("page", "")]),
    expected: "Hetzner's page (HTML with `__NEXT_DATA__` and `systems`)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const PHASES: &Table<Phase> = &[
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("in_progress", Phase::InProgress),
    ("completed", Phase::Completed),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let inside = match &doc.value {
            Value::String(markup) => embedded::script(markup, "__NEXT_DATA__").ok_or_else(|| doc.not_ours())?,
            other => other.clone(),
        };
        let props = &inside["props"]["pageProps"];
        let systems = doc.list_in(props, "systems")?;
        if systems.is_empty() {
            return Err(doc.not_ours());
        }
        let reference = |row: &Value| format!("/systems/{}", json::string(row, "id").unwrap_or_default());
        let parts = rows::all_by(systems, |row| json::string(row, "parent"));
        let parents = rows::by(systems, |row| Some(reference(row)));
        for row in systems {
            if parts.contains_key(&reference(row)) {
                continue;
            }
            let parent = json::string(row, "parent").and_then(|parent| parents.get(&parent));
            let state = match row["systemState"].as_str() {
                Some("operational") => State::OPERATIONAL,
                Some("maintenance") => State::UNDER_MAINTENANCE,
                // How bad it is, its incidents say.
                Some("outage" | "incident") => State::DEGRADED_PERFORMANCE,
                word => {
                    draft.notes.oddity(&format!("the state of {}:", title(row)), word.unwrap_or_default());
                    State::Unknown
                }
            };
            draft.component(SeenComponent {
                group: draft::group(parent.map(|parent| title(parent))),
                state,
                ..draft::component(&reference(row), &title(row))
            });
        }
        for row in props["incidents"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(_, rows)| rows.as_array())
            .flatten()
            .filter(|row| row.is_object())
        {
            thread(row, draft);
        }
    }
    draft.states_from_incidents();
    Ok(())
}

fn title(row: &Value) -> String {
    json::string(row, "titleEn").or_else(|| json::string(row, "titleDe")).unwrap_or_default()
}

fn thread(row: &Value, draft: &mut Draft) {
    let id = json::string(row, "id").unwrap_or_default();
    let (starts_at, ends_at) = (draft.planned(row, "startTime"), draft.planned(row, "endTime"));
    let updated_at = draft.past(row, "updatedAt");
    let said = json::string(row, "incidentState").and_then(|word| look_up(PHASES, &word));
    let components: Vec<ComponentId> =
        json::string(row, "system").map(|system| draft::id(&system)).into_iter().collect();
    let url = json::string(row, "uuid").map(|uuid| format!("https://status.hetzner.com/incident/{uuid}"));
    let over = ends_at.is_some_and(|end| end <= draft.notes.now);
    if row["incidentType"] == "maintenance" {
        let window = by_window(starts_at, ends_at, draft.notes.now);
        let phase = if over { Some(Phase::Completed) } else { said.filter(|phase| phase.is_maintenance()).or(window) };
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            updated_at,
            url,
            components,
            ..draft::maintenance(&id, &title(row))
        });
        return;
    }
    let outage = row["incidentType"] == "outage";
    let open = said.filter(|phase| !phase.is_maintenance()).unwrap_or(Phase::Investigating);
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { open }),
        impact: Some(if outage { Impact::Critical } else { Impact::None }),
        started_at: starts_at,
        updated_at,
        resolved_at: ends_at.filter(|_| over),
        url,
        components,
        ..draft::incident(&id, &title(row))
    });
}
