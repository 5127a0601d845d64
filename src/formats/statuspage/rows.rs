//! Rows of Statuspage's lists: components, incidents, maintenances, updates.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::marks::Marks;
use crate::formats::draft::{self, Draft};
use crate::formats::json::Value;
use crate::formats::plain::Doc;
use crate::formats::words::{IMPACTS, PHASES, STATES, impact, look_up};
use crate::formats::{ParseError, json, text};
use crate::limits;
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{SeenComponent, SeenIncident, SeenMaintenance};

/// Reads components. A group is a heading: its members carry its name, and it is no component, unless nothing is
/// listed in it, since then its state would be lost. What came to another allclear from yet another is left out, so that
/// two that read each other do not echo.
pub fn components(items: &[Value], marks: Marks<'_>, draft: &mut Draft) {
    let is_group = |item: &Value| item["group"].as_bool().unwrap_or(false);
    let groups: HashMap<String, String> = items
        .iter()
        .filter(|item| is_group(item))
        .filter_map(|item| Some((json::string(item, "id")?, json::string(item, "name")?)))
        .collect();
    let filled: HashSet<String> =
        items.iter().filter(|item| !is_group(item)).filter_map(|item| json::string(item, "group_id")).collect();
    for item in items {
        let own = json::word(item, "id");
        let mark = marks.component(item);
        let is_heading = is_group(item) && own.as_ref().is_some_and(|id| filled.contains(id.as_ref()));
        if (is_heading && !mark.is_source()) || mark.relays() {
            continue;
        }
        let group = json::word(item, "group_id").filter(|group| Some(group) != own.as_ref());
        let mut component = component(item, own, group.and_then(|group| groups.get(group.as_ref()).cloned()), draft);
        if mark.is_unknown() {
            component.state = State::Unknown;
        }
        draft.component(component);
    }
}

fn component(item: &Value, own: Option<Cow<'_, str>>, group: Option<String>, draft: &mut Draft) -> SeenComponent {
    let name = json::word(item, "name").unwrap_or_default();
    let group = draft::group(group);
    let own = own
        .unwrap_or_else(|| group.as_ref().map_or_else(|| name.clone(), |group| Cow::Owned(format!("{group}/{name}"))));
    SeenComponent {
        description: json::word(item, "description").map(|words| text::line(&words, limits::TITLE)),
        updated_at: draft.past(item, "updated_at"),
        quiet: item["only_show_if_degraded"].as_bool().unwrap_or(false),
        group,
        state: draft.state(STATES, &name, item, "status"),
        ..draft::component(&own, &name)
    }
}

/// True for planned work: by the word of its status, and where that is of no use, by its impact.
pub fn is_maintenance(item: &Value) -> bool {
    match json::string(item, "status").as_deref().and_then(|word| look_up(PHASES, word)) {
        Some(phase) if phase.is_maintenance() => true,
        Some(_) => false,
        None => item["impact"] == "maintenance" || item.get("scheduled_for").is_some_and(|at| !at.is_null()),
    }
}

/// Reads an incident.
///
/// # Errors
/// Where its lists are of the wrong kind.
pub fn incident(item: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<SeenIncident, ParseError> {
    let phase = draft.phase(PHASES, "an incident", item, "status");
    let updates = updates(item, doc, draft)?;
    let created_at = draft.past(item, "created_at");
    let started_at = draft.past(item, "started_at").or(created_at);
    let over_by_update = || updates.iter().filter(|u| u.phase == Some(Phase::Resolved)).filter_map(|u| u.at).min();
    let over = phase == Some(Phase::Resolved);
    let resolved_at =
        draft.past(item, "resolved_at").filter(|_| over).or_else(|| if over { over_by_update() } else { None });
    let impact = impact(IMPACTS, json::word(item, "impact").as_deref(), &mut draft.notes);
    Ok(SeenIncident {
        phase,
        impact,
        started_at,
        updated_at: draft.past(item, "updated_at"),
        resolved_at,
        url: link(item),
        components: touched(item, doc)?,
        updates,
        ..draft::incident(&id(item, started_at), &title(item))
    })
}

/// Reads a maintenance.
///
/// # Errors
/// Where its lists are of the wrong kind.
pub fn maintenance(item: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<SeenMaintenance, ParseError> {
    let phase = draft.phase(PHASES, "a maintenance", item, "status");
    let updates = updates(item, doc, draft)?;
    let starts_at = draft.planned(item, "scheduled_for");
    Ok(SeenMaintenance {
        phase,
        starts_at,
        ends_at: draft.planned(item, "scheduled_until"),
        updated_at: draft.past(item, "updated_at"),
        url: link(item),
        components: touched(item, doc)?,
        updates,
        ..draft::maintenance(&id(item, starts_at), &title(item))
    })
}

/// The upstream's id; where an imitator has none, its link or its start.
fn id(item: &Value, start: Option<Timestamp>) -> String {
    let own =
        json::string(item, "id").or_else(|| json::string(item, "code")).or_else(|| json::string(item, "shortlink"));
    own.unwrap_or_else(|| start.map(|at| at.to_string()).unwrap_or_default())
}

fn title(item: &Value) -> String {
    json::string(item, "name").unwrap_or_default()
}

fn link(item: &Value) -> Option<String> {
    json::string(item, "shortlink").or_else(|| json::string(item, "url")).and_then(|link| text::link(&link))
}

/// The components that a row names; where it names none itself, those that its updates name.
fn touched(item: &Value, doc: &Doc<'_>) -> Result<Vec<ComponentId>, ParseError> {
    let mut found: Vec<ComponentId> = Vec::new();
    let mut add = |id: Option<Cow<'_, str>>| {
        let id = id.map(|id| ComponentId::new(text::line(&id, limits::NAME)));
        if let Some(id) = id.filter(|id| !found.contains(id)) {
            found.push(id);
        }
    };
    let own = doc.list_in(item, "components")?;
    for component in own.iter().take(limits::COMPONENTS) {
        add(json::word(component, "id").or_else(|| json::word(component, "name")));
    }
    if own.is_empty() {
        for update in doc.list_in(item, "incident_updates")?.iter().take(limits::UPDATES) {
            for component in doc.list_in(update, "affected_components")?.iter().take(limits::COMPONENTS) {
                add(json::word(component, "code"));
            }
        }
    }
    Ok(found)
}

/// Reads the updates, newest first; a written report is one more.
fn updates(item: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<Vec<Update>, ParseError> {
    let rows = doc.list_in(item, "incident_updates")?;
    let mut updates = Vec::with_capacity(rows.len());
    for row in rows {
        let at = ["display_at", "created_at", "updated_at"].iter().find_map(|key| draft.past(row, key));
        let phase = json::word(row, "status").and_then(|word| look_up(PHASES, &word));
        updates.push(draft.update(at, phase, &json::word(row, "body").unwrap_or_default()));
    }
    let reported = rows.iter().any(|row| row["status"] == "postmortem");
    if let Some(report) = json::string(item, "postmortem_body").filter(|_| !reported) {
        let at = draft.past(item, "postmortem_published_at");
        updates.push(Update {
            at,
            phase: Some(Phase::Resolved),
            body: text::body(&report),
            noticed_at: None,
            told: None,
        });
    }
    Ok(updates)
}
