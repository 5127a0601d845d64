//! How one source, component, service, incident or maintenance reads in an answer, as lines and as data.

use serde_json::{Value, json};

use super::Page;
use super::answer::{BRIEF, Bounds, Text, ago, bounded, line, short, when, word};
use crate::limits;
use crate::model::desk::Affects;
use crate::model::incident::Update;
use crate::model::level::State;
use crate::model::observation::Basis;
use crate::model::snapshot::{ComponentView, IncidentView, MaintenanceView, ServiceView, SourceView};
use crate::wire::incident::{Incident, Maintenance};
use crate::wire::source::{Service, Source};

/// A state in the words of a sentence.
pub(super) fn words(state: State) -> String {
    state.label().to_lowercase()
}

/// `GitHub (github)`.
pub(super) fn named(name: &str, id: &str) -> String {
    format!("{} ({id})", line(name))
}

/// A source in one line: its state, since when, and how fresh that is.
pub(super) fn source_line(page: Page<'_>, view: &SourceView) -> String {
    let name = named(&view.source.name, view.source.id.as_str());
    let mut said = format!("{name}: {} {}", words(view.state), since(view));
    if view.state == State::Unknown && view.set.is_none() {
        said.push_str("; nobody can say whether it works");
    }
    if let Some(known) = view.last_known.filter(|known| view.state == State::Unknown && *known != State::Unknown) {
        said.push_str(&format!("; last known: {}", words(known)));
    }
    if !page.past {
        said.push_str(&fresh(page, view));
    }
    if view.counted_state != view.state {
        said.push_str("; judged here not to affect this team");
    }
    if view.state == State::OPERATIONAL && view.basis == Basis::Announcements {
        said.push_str("; its page only announces trouble, and announces none");
    }
    said.push_str(&format!(". Its page: {}", line(&view.source.url)));
    said
}

/// Since when, and who says so where that is not the vendor.
fn since(view: &SourceView) -> String {
    match view.set.as_deref() {
        Some(set) => {
            format!(
                "since {}, as set by hand: {}; its page says {}",
                when(set.at),
                short(&set.reason),
                words(view.read)
            )
        }
        None => format!("since {}", when(view.since)),
    }
}

fn fresh(page: Page<'_>, view: &SourceView) -> String {
    let fresh = &view.freshness;
    let mut said = match fresh.ok_at {
        Some(at) => format!("; last read {} ago", ago(at, page.at)),
        None => "; never read".to_owned(),
    };
    if let Some(failure) = &fresh.error {
        said.push_str(&format!(", and not since: {}", short(&failure.message)));
    } else if fresh.stale {
        said.push_str(", which is too long ago to count");
    }
    said
}

/// Components that are not operational and count, the worst first.
pub(super) fn troubled(view: &SourceView) -> Vec<&ComponentView> {
    let mut all: Vec<&ComponentView> =
        view.components.iter().filter(|part| part.counted && part.state != State::OPERATIONAL).collect();
    all.sort_by_key(|part| std::cmp::Reverse(part.state.weight()));
    all
}

/// A source as data: of its components only those that are not operational and count.
pub(super) fn source_data(view: &SourceView) -> Value {
    let mut shape = serde_json::to_value(Source::alone(view)).unwrap_or_default();
    if let Some(fields) = shape.as_object_mut() {
        let worst: Vec<Value> = troubled(view)
            .into_iter()
            .map(|part| json!({"id": part.id.as_str(), "path": part.path, "state": part.state.as_str()}))
            .collect();
        fields.insert("components".to_owned(), worst.into());
        fields.insert("answer".to_owned(), word(view.state).into());
    }
    bounded(&shape, BRIEF)
}

/// The components of a source that are not operational, in one line; nothing where the source as a whole is unknown.
pub(super) fn troubled_line(view: &SourceView) -> Option<String> {
    let all = troubled(view);
    if all.is_empty() || all.iter().all(|part| part.state == view.state && view.state == State::Unknown) {
        return None;
    }
    let shown = all.iter().take(limits::MCP_PARTS).map(|part| format!("{} {}", short(&part.path), words(part.state)));
    let left = all.len().saturating_sub(limits::MCP_PARTS);
    let more = if left > 0 { format!(", and {left} more components") } else { String::new() };
    Some(format!("  components: {}{more}", shown.collect::<Vec<_>>().join(", ")))
}

/// A service in one line: what its team says, and what it needs that is not operational.
pub(super) fn service_line(view: &ServiceView) -> String {
    let name = named(&view.service.name, view.service.id.as_str());
    let mut said = format!("{name}, a service of this team: ");
    said.push_str(&match (service_word(view), view.set.as_deref()) {
        (_, Some(set)) => {
            format!("{} since {}, as set by hand: {}", words(view.state), when(set.at), short(&set.reason))
        }
        ("at_risk", None) => format!("at risk; the team itself says {}", words(view.state)),
        ("unknown", None) => {
            format!("unknown, since it needs what is not known; the team itself says {}", words(view.state))
        }
        (_, None) => words(view.state),
    });
    let needs: Vec<String> = view.at_risk.iter().take(limits::MCP_PARTS).map(need).collect();
    if !needs.is_empty() {
        said.push_str(&format!("; it needs {}", needs.join(", ")));
    }
    let left = view.at_risk.len().saturating_sub(limits::MCP_PARTS);
    if left > 0 {
        said.push_str(&format!(", and {left} more"));
    }
    said
}

fn need(risk: &crate::model::snapshot::Risk) -> String {
    let part = risk.component.as_deref().map_or_else(String::new, |path| format!(" {}", short(path)));
    format!("{}{part} ({} since {})", risk.source, words(risk.state), when(risk.since))
}

/// The one word for a service. What it needs and is down puts it at risk; what is not known makes it unknown.
pub(super) fn service_word(view: &ServiceView) -> &'static str {
    if view.state != State::OPERATIONAL && view.state != State::UNDER_MAINTENANCE {
        return word(view.state);
    }
    match State::worst(view.at_risk.iter().map(|risk| risk.state)) {
        None | Some(State::OPERATIONAL) => word(view.state),
        Some(State::Unknown) => "unknown",
        Some(_) => "at_risk",
    }
}

/// A service as data.
pub(super) fn service_data(view: &ServiceView) -> Value {
    let mut data = bounded(&Service::of(view), BRIEF);
    if let Some(fields) = data.as_object_mut() {
        fields.insert("answer".to_owned(), service_word(view).into());
    }
    data
}

/// An incident in one or two lines, with what was said of it last.
pub(super) fn incident_lines(text: &mut Text, view: &IncidentView) {
    let incident = &view.incident;
    let phase = incident.phase.map_or("of a status that is not understood", |phase| phase.as_str());
    let impact = incident.impact.map_or("not said", |impact| impact.as_str());
    let began = match incident.started_at {
        Some(at) => format!("began {}", when(at)),
        None => format!("first seen {}", when(incident.first_seen_at)),
    };
    let mut said = format!(
        "- incident {} ({}), {}: {phase}, impact {impact}, {began}",
        short(&incident.title),
        incident.id,
        line(&view.source_name)
    );
    if let Some(end) = incident.resolved_at {
        said.push_str(&format!(", over {}", when(end)));
    } else if !incident.is_open() {
        said.push_str(", no longer listed; nobody said that it was resolved");
    }
    if view.stale {
        said.push_str("; its source cannot be read now: this is the last that is known");
    }
    said.push_str(affects(view));
    text.line(said);
    if let Some(update) = incident.updates.first() {
        text.line(format!("  {}", update_line(update, limits::MCP_WORDS)));
    }
    if let Some(url) = &incident.url {
        text.line(format!("  {}", line(url)));
    }
}

fn affects(view: &IncidentView) -> &'static str {
    if view.is_dismissed() {
        return "; judged here not to affect this team";
    }
    match view.verdict.as_ref().map(|verdict| verdict.affects) {
        Some(Affects::Yes) if view.stands => "; judged here to affect this team",
        _ if !view.counted => "; it touches nothing that counts for this team",
        _ => "",
    }
}

/// One update in one line.
pub(super) fn update_line(update: &Update, most: usize) -> String {
    let at = update.at.map_or_else(|| "at a time that is not said".to_owned(), when);
    let phase = update.phase.map_or_else(String::new, |phase| format!(", {}", phase.as_str()));
    format!("update {at}{phase}: {}", super::answer::quote(&update.body.plain, most))
}

/// An incident as data, with its last update only.
pub(super) fn incident_data(view: &IncidentView) -> Value {
    with_updates(bounded(&Incident::of(view), Bounds { items: limits::MCP_PARTS, ..BRIEF }))
}

/// A maintenance in one line.
pub(super) fn maintenance_line(view: &MaintenanceView) -> String {
    let maintenance = &view.maintenance;
    let phase = maintenance.phase.map_or("of a status that is not understood", |phase| phase.as_str());
    let time = |at: Option<jiff::Timestamp>| at.map_or_else(|| "a time that is not said".to_owned(), when);
    let mut said = format!(
        "- maintenance {} ({}), {}: {phase}, from {} to {}",
        short(&maintenance.title),
        maintenance.id,
        line(&view.source_name),
        time(maintenance.starts_at),
        time(maintenance.ends_at)
    );
    if view.stale {
        said.push_str("; its source cannot be read now: this is the last that is known");
    }
    if !view.counted {
        said.push_str("; it touches nothing that counts for this team");
    }
    if let Some(url) = &maintenance.url {
        said.push_str(&format!(". {}", line(url)));
    }
    said
}

/// A maintenance as data, with its last update only.
pub(super) fn maintenance_data(view: &MaintenanceView) -> Value {
    with_updates(bounded(&Maintenance::of(view), BRIEF))
}

/// Leaves the last update, and says how many there are besides.
fn with_updates(mut data: Value) -> Value {
    if let Some(fields) = data.as_object_mut() {
        let cut = fields.remove("updates_left_out").and_then(|left| left.as_u64()).unwrap_or(0);
        if let Some(updates) = fields.get_mut("updates").and_then(Value::as_array_mut) {
            let beyond = u64::try_from(updates.len().saturating_sub(1)).unwrap_or(u64::MAX);
            updates.truncate(1);
            fields.insert("updates_left_out".to_owned(), cut.saturating_add(beyond).into());
        }
    }
    data
}
