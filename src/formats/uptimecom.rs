//! Uptime.com status pages: `/ajax` for the present and `/history` for the past, which the page's own script reads.
//!
//! Facts: recorded answers. Planned work stands among the active incidents before it starts.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, history, json_or_markup, present};
use super::words::{Table, impact_of, look_up};
use super::{Clues, Format, ParseError, Sureness, embedded, json};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "uptimecom",
    about: "Uptime.com status pages (/ajax)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let data = &sample.json()["data"];
        if (data["global_is_operational"].is_boolean() || data["past_incidents"].is_array())
            || (sample.holds(&["StatusPageDisplayController"]) && sample.holds(&["global_is_operational"]))
        {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &["status.uptime.com"],
        ..Clues::marks(&["StatusPageDisplayController", "global_is_operational"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("present", "ajax"), history("history", "history")]),
    expected: "an Uptime.com document (JSON with `data.global_is_operational` or `data.past_incidents`)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const STATES: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("under-maintenance", State::UNDER_MAINTENANCE),
    ("degraded-performance", State::DEGRADED_PERFORMANCE),
    ("partial-outage", State::PARTIAL_OUTAGE),
    ("major-outage", State::MAJOR_OUTAGE),
];

const PHASES: &Table<Phase> = &[
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if let Value::String(markup) = &doc.value {
            let said = embedded::between(markup, "global_is_operational\": ", ",")
                .or_else(|| embedded::between(markup, "global_is_operational\":", ","));
            let state = match said.map(str::trim) {
                Some("true") => State::OPERATIONAL,
                Some("false") => State::DEGRADED_PERFORMANCE,
                _ => return Err(doc.not_ours()),
            };
            draft.indicator(state);
            draft.notes.say("only the headline was read; components and incidents are in /ajax".to_owned());
            continue;
        }
        let data = &doc.value["data"];
        if !data["global_is_operational"].is_boolean() && !data["past_incidents"].is_array() {
            return Err(doc.not_ours());
        }
        draft.page(json::string(data, "name"), None);
        match data.get("global_is_operational") {
            Some(Value::Bool(true)) => draft.indicator(State::OPERATIONAL),
            // How bad it is, the components say.
            Some(Value::Bool(false)) => draft.indicator(State::DEGRADED_PERFORMANCE),
            Some(_) => draft.indicator(State::Unknown),
            None => {}
        }
        components(doc.list_in(data, "components")?, None, doc, draft, 0)?;
        for key in ["active_incidents", "upcoming_maintenance", "past_incidents"] {
            for row in doc.list_in(data, key)? {
                thread(row, doc, draft)?;
            }
        }
    }
    Ok(())
}

fn components(
    rows: &[Value],
    group: Option<&str>,
    doc: &Doc<'_>,
    draft: &mut Draft,
    depth: usize,
) -> Result<(), ParseError> {
    for row in rows {
        let name = json::string(row, "name").unwrap_or_default();
        let parts = doc.list_in(row, "subcomponents")?;
        if !parts.is_empty() && depth < 8 {
            let path = group.map_or_else(|| name.clone(), |above| format!("{above}/{name}"));
            components(parts, Some(&path), doc, draft, depth.saturating_add(1))?;
            continue;
        }
        let state = draft.state(STATES, &name, row, "status");
        let updated_at = draft.past(row, "last_updated_at");
        draft.component(SeenComponent {
            group: draft::group(group.map(str::to_owned)),
            state,
            updated_at,
            ..draft::component(&json::string(row, "id").unwrap_or_else(|| name.clone()), &name)
        });
    }
    Ok(())
}

fn thread(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(row, "name").unwrap_or_default();
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.notes.planned(json::string(update, "updated_at"));
        let phase = json::string(update, "incident_state").and_then(|word| look_up(PHASES, &word));
        updates.push(draft.update(at, phase, &json::string(update, "description").unwrap_or_default()));
    }
    updates.sort_by_key(|update| std::cmp::Reverse(update.at));
    let mut worst = None;
    let mut components: Vec<ComponentId> = Vec::new();
    for part in doc.list_in(row, "affected_components")? {
        worst = State::worst(worst.into_iter().chain([draft.state(STATES, &title, part, "status")]));
        // Their ids are not those of the list of components: names are.
        components.push(draft.named(&json::string(part, "name").unwrap_or_default()));
    }
    let (starts_at, ends_at) = (draft.planned(row, "starts_at"), draft.planned(row, "ends_at"));
    if row["incident_type"] == "SCHEDULED_MAINTENANCE" {
        let phase = by_window(starts_at, ends_at, draft.notes.now);
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return Ok(());
    }
    let over = ends_at.is_some_and(|end| end <= draft.notes.now);
    let said = updates.iter().find_map(|update| update.phase).unwrap_or(Phase::Investigating);
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { said }),
        impact: worst.and_then(impact_of),
        started_at: starts_at,
        resolved_at: ends_at.filter(|_| over),
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
