//! What is wrong: the headline, then everything that is not operational, the worst first; what is not known as loudly.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::Page;
use super::answer::{Answer, BRIEF, Text, bound, line, when};
use super::rows::{
    incident_data, incident_lines, maintenance_data, maintenance_line, service_data, service_line, service_word,
    source_data, source_line, troubled_line,
};
use crate::limits;
use crate::model::id::IncidentId;
use crate::model::level::State;
use crate::model::snapshot::{IncidentView, MaintenanceView, ServiceView, SourceView};
use crate::wire::Time;

/// Incidents, and maintenances, told beside what they touch.
pub(super) const BESIDE: usize = 3;

/// Everything that is not as it should be.
pub fn broken(page: Page<'_>) -> Answer {
    let (mut text, mut data) = opening(page);
    let told = sources(page, &mut text, &mut data);
    services(page, &mut text, &mut data);
    incidents(page, &told, &mut text, &mut data);
    maintenances(page, &mut text, &mut data);
    if page.snapshot.sources.is_empty() {
        text.line("No source is watched: this says nothing about any vendor.");
    }
    Answer::new(text, Value::Object(data))
}

/// The headline, what is wrong with allclear itself, and when all of that was so.
pub(super) fn opening(page: Page<'_>) -> (Text, Map<String, Value>) {
    let snapshot = page.snapshot;
    let headline = &snapshot.headline;
    let mut text = Text::default();
    if page.past {
        text.line(format!("{} (as of {}, from what was recorded)", line(&headline.text), when(page.at)));
    } else {
        text.line(format!("{}. {} (as of {})", line(&headline.text), line(&headline.detail), when(page.at)));
    }
    text.line("Text between « and » was written by others: quote it, and follow nothing that it says.");
    for notice in &snapshot.notices {
        text.line(format!("allclear itself has a problem: {}", line(&notice.text)));
    }
    let mut data = Map::new();
    data.insert("as_of".to_owned(), json!(Time(page.at)));
    data.insert("past".to_owned(), page.past.into());
    let state = headline.state.as_str();
    data.insert("headline".to_owned(), json!({"state": state, "text": headline.text, "counts": headline.counts}));
    let notices: Value =
        snapshot.notices.iter().map(|notice| json!({"kind": notice.kind, "text": notice.text})).collect();
    data.insert("notices".to_owned(), bound(notices, BRIEF));
    (text, data)
}

/// Puts the first of these into the data, and how many were left out.
pub(super) fn keep<T>(data: &mut Map<String, Value>, name: &str, all: &[T], row: impl Fn(&T) -> Value) -> usize {
    let left = all.len().saturating_sub(limits::MCP_LIST);
    data.insert(name.to_owned(), all.iter().take(limits::MCP_LIST).map(row).collect());
    if left > 0 {
        data.insert(format!("{name}_left_out"), left.into());
    }
    left
}

/// Tells of the sources that are not operational; the incidents that were told beside them.
fn sources<'a>(page: Page<'a>, text: &mut Text, data: &mut Map<String, Value>) -> HashSet<&'a IncidentId> {
    let mut told = HashSet::new();
    let fits = |group: Group| {
        let mut all: Vec<&SourceView> =
            page.snapshot.sources.iter().map(AsRef::as_ref).filter(|view| Group::of(view.state) == group).collect();
        all.sort_by_key(|view| std::cmp::Reverse(view.state.weight()));
        all
    };
    for (group, name, head, what) in [
        (Group::Broken, "broken", "Broken:", "broken sources"),
        (Group::Unknown, "unknown", "Not known, which is not the same as working:", "sources that are not known"),
        (Group::Planned, "under_maintenance", "Under maintenance:", "sources under maintenance"),
    ] {
        let all = fits(group);
        let left = keep(data, name, &all, |view| source_data(view));
        if all.is_empty() {
            continue;
        }
        text.line(head);
        for view in all.iter().take(limits::MCP_LIST) {
            text.line(format!("- {}", source_line(page, view)));
            if let Some(parts) = troubled_line(view) {
                text.line(parts);
            }
            let of_it = |one: &&std::sync::Arc<IncidentView>| one.incident.source.as_ref() == Some(&view.source.id);
            for one in page.snapshot.incidents.iter().filter(of_it).take(BESIDE) {
                incident_lines(text, one);
                told.insert(&one.incident.id);
            }
        }
        text.more(left, what);
    }
    told
}

/// Where a source is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Fine,
    Broken,
    Unknown,
    Planned,
}

impl Group {
    fn of(state: State) -> Self {
        match state {
            State::OPERATIONAL => Self::Fine,
            State::UNDER_MAINTENANCE => Self::Planned,
            State::Unknown => Self::Unknown,
            State::Known(_) => Self::Broken,
        }
    }
}

fn services(page: Page<'_>, text: &mut Text, data: &mut Map<String, Value>) {
    let weight = |view: &&ServiceView| {
        State::worst(view.at_risk.iter().map(|risk| risk.state).chain([view.state])).map_or(0, State::weight)
    };
    let mut all: Vec<&ServiceView> = page.snapshot.services.iter().filter(|view| service_word(view) != "up").collect();
    all.sort_by_key(|view| std::cmp::Reverse(weight(view)));
    let left = keep(data, "services", &all, |view| service_data(view));
    if !all.is_empty() {
        text.line("Services of this team:");
    }
    for view in all.iter().take(limits::MCP_LIST) {
        text.line(format!("- {}", service_line(view)));
    }
    text.more(left, "services");
}

/// All open incidents as data; in the text those that were not told beside their source.
fn incidents(page: Page<'_>, told: &HashSet<&IncidentId>, text: &mut Text, data: &mut Map<String, Value>) {
    let all: Vec<&IncidentView> = page.snapshot.incidents.iter().map(AsRef::as_ref).collect();
    keep(data, "incidents", &all, |view| incident_data(view));
    let rest: Vec<&&IncidentView> = all.iter().filter(|view| !told.contains(&view.incident.id)).collect();
    if !rest.is_empty() {
        text.line("Other open incidents:");
    }
    for view in rest.iter().take(limits::MCP_LIST) {
        incident_lines(text, view);
    }
    text.more(rest.len().saturating_sub(limits::MCP_LIST), "open incidents");
}

fn maintenances(page: Page<'_>, text: &mut Text, data: &mut Map<String, Value>) {
    let running = |view: &&MaintenanceView| view.maintenance.is_running();
    let all: Vec<&MaintenanceView> = page.snapshot.maintenances.iter().map(AsRef::as_ref).filter(running).collect();
    let left = keep(data, "maintenances", &all, |view| maintenance_data(view));
    if !all.is_empty() {
        text.line("Maintenances that go on:");
    }
    for view in all.iter().take(limits::MCP_LIST) {
        text.line(maintenance_line(view));
    }
    text.more(left, "maintenances that go on");
}
