//! Rows of Statuspage's lists: components, incidents, maintenances, updates.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use super::words;
use crate::formats::notes::Notes;
use crate::formats::{Body, ParseError, json, text};
use crate::limits;
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{SeenComponent, SeenIncident, SeenMaintenance};

/// Reads components. A group is a heading: its members carry its name, and it is no component, unless nothing is
/// listed in it, since then its state would be lost.
pub fn components(items: &[Value], into: &mut Vec<SeenComponent>, notes: &mut Notes) {
    let is_group = |item: &Value| item["group"].as_bool().unwrap_or(false);
    let groups: HashMap<String, String> = items
        .iter()
        .filter(|item| is_group(item))
        .filter_map(|item| Some((json::string(item, "id")?, name(item))))
        .collect();
    let filled: HashSet<String> =
        items.iter().filter(|item| !is_group(item)).filter_map(|item| json::string(item, "group_id")).collect();
    let mut places: HashMap<ComponentId, usize> = into.iter().enumerate().map(|(at, c)| (c.id.clone(), at)).collect();
    for item in items {
        let id = json::string(item, "id");
        if is_group(item) && id.as_ref().is_some_and(|id| filled.contains(id)) {
            continue;
        }
        let group = json::string(item, "group_id").filter(|group| Some(group) != id.as_ref());
        let component = component(item, id, group.and_then(|group| groups.get(&group).cloned()), notes);
        match places.get(&component.id).and_then(|at| into.get_mut(*at)) {
            // One id twice: the worse counts.
            Some(twin) => twin.state = twin.state.worse(component.state),
            None => {
                places.insert(component.id.clone(), into.len());
                into.push(component);
            }
        }
    }
}

fn component(item: &Value, id: Option<String>, group: Option<String>, notes: &mut Notes) -> SeenComponent {
    let name = name(item);
    let state = match json::string(item, "status") {
        Some(word) => words::component(&word, &name, notes),
        None => {
            notes.count("components had no state");
            State::Unknown
        }
    };
    let id = id.unwrap_or_else(|| group.as_ref().map_or_else(|| name.clone(), |group| format!("{group}/{name}")));
    SeenComponent {
        id: ComponentId::new(text::line(&id, limits::NAME)),
        description: json::string(item, "description").map(|words| text::line(&words, limits::TITLE)),
        updated_at: notes.past(json::string(item, "updated_at")),
        quiet: item["only_show_if_degraded"].as_bool().unwrap_or(false),
        name,
        group,
        state,
    }
}

fn name(item: &Value) -> String {
    let name = json::string(item, "name").map(|name| text::line(&name, limits::NAME));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "(unnamed)".to_owned())
}

/// True for planned work: by the word of its status, and where that is of no use, by its impact.
pub fn is_maintenance(item: &Value) -> bool {
    match json::string(item, "status").as_deref().and_then(words::phase) {
        Some(phase) if phase.is_maintenance() => true,
        Some(_) => false,
        None => item["impact"] == "maintenance" || item.get("scheduled_for").is_some_and(|at| !at.is_null()),
    }
}

/// Reads an incident.
///
/// # Errors
/// Where its lists are of the wrong kind.
pub fn incident(item: &Value, body: &Body, notes: &mut Notes) -> Result<SeenIncident, ParseError> {
    let phase = phase(item, "an incident's status", notes);
    let updates = updates(item, body, notes)?;
    let created_at = notes.past(json::string(item, "created_at"));
    let started_at = notes.past(json::string(item, "started_at")).or(created_at);
    let over_by_update = || updates.iter().filter(|u| u.phase == Some(Phase::Resolved)).filter_map(|u| u.at).min();
    let over = phase == Some(Phase::Resolved);
    let resolved_at = notes
        .past(json::string(item, "resolved_at"))
        .filter(|_| over)
        .or_else(|| if over { over_by_update() } else { None });
    let impact = json::string(item, "impact").and_then(|word| words::impact(&word, notes));
    Ok(SeenIncident {
        id: id(item, started_at),
        title: title(item),
        phase,
        impact,
        started_at,
        updated_at: updated_at(item, &updates, notes),
        resolved_at,
        url: link(item),
        components: touched(item, body)?,
        updates,
    })
}

/// Reads a maintenance.
///
/// # Errors
/// Where its lists are of the wrong kind.
pub fn maintenance(item: &Value, body: &Body, notes: &mut Notes) -> Result<SeenMaintenance, ParseError> {
    let phase = phase(item, "a maintenance's status", notes);
    let updates = updates(item, body, notes)?;
    let starts_at = notes.planned(json::string(item, "scheduled_for"));
    Ok(SeenMaintenance {
        id: id(item, starts_at),
        title: title(item),
        phase,
        starts_at,
        ends_at: notes.planned(json::string(item, "scheduled_until")),
        updated_at: updated_at(item, &updates, notes),
        url: link(item),
        components: touched(item, body)?,
        updates,
    })
}

fn phase(item: &Value, what: &str, notes: &mut Notes) -> Option<Phase> {
    let word = json::string(item, "status").unwrap_or_default();
    let phase = words::phase(&word);
    if phase.is_none() {
        notes.oddity(what, &word);
    }
    phase
}

/// The upstream's id; where an imitator has none, its link or its start.
fn id(item: &Value, start: Option<Timestamp>) -> String {
    let own =
        json::string(item, "id").or_else(|| json::string(item, "code")).or_else(|| json::string(item, "shortlink"));
    let id = own.unwrap_or_else(|| start.map(|at| at.to_string()).unwrap_or_default());
    text::line(&id, limits::TITLE)
}

fn title(item: &Value) -> String {
    let title = json::string(item, "name").map(|title| text::line(&title, limits::TITLE));
    title.filter(|title| !title.is_empty()).unwrap_or_else(|| "(untitled)".to_owned())
}

fn link(item: &Value) -> Option<String> {
    json::string(item, "shortlink").or_else(|| json::string(item, "url")).and_then(|link| text::link(&link))
}

fn updated_at(item: &Value, updates: &[Update], notes: &mut Notes) -> Option<Timestamp> {
    notes.past(json::string(item, "updated_at")).or_else(|| updates.iter().filter_map(|update| update.at).max())
}

/// The components that a row names; where it names none itself, those that its updates name.
fn touched(item: &Value, body: &Body) -> Result<Vec<ComponentId>, ParseError> {
    let mut found: Vec<ComponentId> = Vec::new();
    let mut add = |id: Option<String>| {
        let id = id.map(|id| ComponentId::new(text::line(&id, limits::NAME)));
        if let Some(id) = id.filter(|id| !found.contains(id)) {
            found.push(id);
        }
    };
    let own = json::list(item, "components", body)?;
    for component in own.iter().take(limits::COMPONENTS) {
        add(json::string(component, "id").or_else(|| json::string(component, "name")));
    }
    if own.is_empty() {
        for update in json::list(item, "incident_updates", body)?.iter().take(limits::UPDATES) {
            for component in json::list(update, "affected_components", body)?.iter().take(limits::COMPONENTS) {
                add(json::string(component, "code"));
            }
        }
    }
    Ok(found)
}

/// Reads the updates, newest first; a written report is one more.
fn updates(item: &Value, body: &Body, notes: &mut Notes) -> Result<Vec<Update>, ParseError> {
    let rows = json::list(item, "incident_updates", body)?;
    if rows.len() > limits::UPDATES {
        notes.say(format!("only {} of {} updates of an incident are kept", limits::UPDATES, rows.len()));
    }
    let mut updates: Vec<Update> = rows
        .iter()
        .take(limits::UPDATES)
        .map(|row| {
            let at = notes
                .past(json::string(row, "display_at"))
                .or_else(|| notes.past(json::string(row, "created_at")))
                .or_else(|| notes.past(json::string(row, "updated_at")));
            if at.is_none() {
                notes.count("incident updates had no time");
            }
            let phase = json::string(row, "status").as_deref().and_then(words::phase);
            Update { at, phase, body: text::body(&json::string(row, "body").unwrap_or_default()) }
        })
        .collect();
    let reported = rows.iter().any(|row| row["status"] == "postmortem");
    if let Some(report) = json::string(item, "postmortem_body").filter(|_| !reported) {
        let at = notes.past(json::string(item, "postmortem_published_at"));
        updates.push(Update { at, phase: Some(Phase::Resolved), body: text::body(&report) });
    }
    // Stable: updates of the same time keep the order in which they are listed.
    updates.sort_by_key(|update| std::cmp::Reverse(update.at));
    Ok(updates)
}
