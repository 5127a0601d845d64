//! Okta: the page itself, with rows of its sales software in hidden elements (`[data-id='incidents']`).
//!
//! Facts: three public clients that read these elements, and dated notes on the live page; none was recorded. Cells are
//! the components: one works while no open incident names it. An incident without cells touches all of Okta.

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json, scrape};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "okta",
    about: "Okta's own status (the page https://status.okta.com/)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let ours = sample.holds(&["data-id=\"incidents\"", "data-id='incidents'"])
            && sample.holds(&["data-id=\"cellList\"", "data-id='cellList'", "Okta"]);
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &["status.okta.com"], ..Clues::marks(&["data-id=\"cellList\"", "<title>Okta Status"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("page", "")]),
    expected: "Okta's page (HTML with `data-id=\"incidents\"`)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const CATEGORIES: &Table<Impact> = &[
    ("major service disruption", Impact::Critical),
    ("service disruption", Impact::Critical),
    ("minor service disruption", Impact::Major),
    ("feature disruption", Impact::Minor),
    ("service degradation", Impact::Minor),
    ("performance issue", Impact::Minor),
    ("maintenance", Impact::Maintenance),
];

const PHASES: &Table<Phase> = &[
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
    ("closed", Phase::Resolved),
    ("postmortem", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("in progress", Phase::InProgress),
    ("completed", Phase::Completed),
    ("complete", Phase::Completed),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let Value::String(markup) = &doc.value else { return Err(doc.not_ours()) };
        let html = scrape::page(markup, doc)?;
        let hidden = |selector: &'static str| {
            let found = scrape::all(&html, selector);
            found.first().map(|element| element.text().collect::<String>())
        };
        let Some(incidents) = hidden("[data-id='incidents']") else { return Err(doc.not_ours()) };
        draft.page(Some("Okta".to_owned()), Some("https://status.okta.com/".to_owned()));
        let cells = hidden("[data-id='cellList']").unwrap_or_default();
        for cell in cells.split(',').map(str::trim).filter(|cell| !cell.is_empty()) {
            draft.component(SeenComponent { state: State::OPERATIONAL, ..draft::component(cell, cell) });
        }
        let whole = ComponentId::new("Okta");
        if draft.seen.components.is_empty() {
            draft.component(SeenComponent { state: State::OPERATIONAL, ..draft::component("Okta", "Okta") });
        }
        for row in rows(&incidents, doc)? {
            thread(&row, false, &whole, draft);
        }
        for row in rows(&hidden("[data-id='planned-outages']").unwrap_or_default(), doc)? {
            thread(&row, true, &whole, draft);
        }
    }
    draft.states_from_incidents();
    Ok(())
}

/// The rows that stand in an element as JSON; an empty one holds none.
fn rows(text: &str, doc: &Doc<'_>) -> Result<Vec<Value>, ParseError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    match json::first(text) {
        Some(Value::Array(rows)) if rows.iter().all(Value::is_object) => Ok(rows),
        _ => Err(doc.broken("the incidents in the page are no list of objects")),
    }
}

fn thread(row: &Value, planned: bool, whole: &ComponentId, draft: &mut Draft) {
    let any = |keys: &[&str]| keys.iter().find_map(|key| json::string(row, key));
    let title = any(&["Incident_Title__c", "Title__c", "Name"]).unwrap_or_default();
    let id = any(&["Id", "Name"]).unwrap_or_else(|| title.clone());
    let starts = any(&["Start_Time__c", "Start_Date__c", "CreatedDate"]);
    let ends = any(&["End_Time__c", "End_Date__c"]);
    let said = draft.phase(PHASES, "an incident", row, "Status__c");
    let cells = any(&["Impacted_Cells__c"]).unwrap_or_default();
    let mut components: Vec<ComponentId> =
        cells.split([';', ',']).map(str::trim).filter(|cell| !cell.is_empty()).map(draft::id).collect();
    if components.is_empty() && draft.lists(whole) {
        components.push(whole.clone());
    }
    let updated_at = draft.past(row, "Last_Updated__c");
    let text = any(&["Log__c", "Description__c"]);
    let updates = text.map(|words| draft.update(updated_at, said, &words)).into_iter().collect();
    if planned || said.is_some_and(|phase| phase.is_maintenance() && phase.is_open()) {
        let (starts_at, ends_at) = (draft.notes.planned(starts), draft.notes.planned(ends));
        let phase = match said {
            Some(Phase::Resolved) => Some(Phase::Completed),
            Some(phase) if phase.is_maintenance() => Some(phase),
            _ => by_window(starts_at, ends_at, draft.notes.now),
        };
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            updated_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return;
    }
    let over = matches!(said, Some(Phase::Resolved | Phase::Completed));
    let category = any(&["Category__c"]);
    let known = category.as_deref().and_then(|word| look_up(CATEGORIES, word));
    if let (None, Some(word)) = (known, &category) {
        draft.notes.oddity("the category of an incident:", word);
    }
    let (started_at, ended_at) = (draft.notes.past(starts), draft.notes.past(ends));
    draft.incident(SeenIncident {
        phase: if over { Some(Phase::Resolved) } else { said },
        impact: known,
        started_at,
        updated_at,
        resolved_at: ended_at.or(updated_at).filter(|_| over),
        components,
        updates,
        ..draft::incident(&id, &title)
    });
}
