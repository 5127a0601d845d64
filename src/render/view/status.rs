//! The combined page.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::past;
use super::{Days, IncidentItem, MaintenanceItem, Page, Part, Shown, Time};
use crate::limits;
use crate::model::level::State;
use crate::model::snapshot::{IncidentView, MaintenanceView, ServiceView, Snapshot, SourceView};

/// Sources without an incident that are told one by one; more are in the grid.
const UNWELL: usize = 20;

/// The combined page.
#[derive(Debug, Serialize)]
pub struct Status {
    page: Page,
    past: Option<past::Note>,
    headline: Headline,
    notices: Vec<String>,
    incidents: Vec<IncidentItem>,
    unwell: Vec<Unwell>,
    more_unwell: usize,
    unread: Option<String>,
    aside: Vec<IncidentItem>,
    maintenances: Vec<MaintenanceItem>,
    later: Option<String>,
    tags: BTreeSet<String>,
    states: Vec<Shown>,
    groups: Vec<Group>,
}

#[derive(Debug, Serialize)]
struct Headline {
    state: &'static str,
    text: String,
    detail: String,
}

/// A source in trouble, or unknown, without an incident that says why.
#[derive(Debug, Serialize)]
struct Unwell {
    href: String,
    name: String,
    state: &'static str,
    label: &'static str,
    since: Time,
    was: Option<String>,
    next: Option<Time>,
    why: Option<String>,
    affected: Vec<Part>,
}

#[derive(Debug, Serialize)]
struct Group {
    name: String,
    cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    href: String,
    name: String,
    find: String,
    tags: String,
    state: &'static str,
    label: &'static str,
    note: Option<String>,
    days: Option<Days>,
}

/// Makes the combined page as it stood then.
pub fn then(shown: &crate::model::past::Shown, then: &past::Then) -> Status {
    let status = page(&shown.snapshot);
    let frame = Page { live: None, ..status.page };
    Status { page: frame, past: Some(past::note(shown, then)), ..status }
}

/// Makes the combined page.
pub fn page(snapshot: &Snapshot) -> Status {
    let Now { incidents, aside, unwell: troubled } = now(snapshot);
    let first_time = snapshot.sources.iter().filter(|view| view.freshness.checked_at.is_none()).count();
    let (soon, later) = coming(snapshot);
    Status {
        page: super::page(snapshot, true).shared(
            snapshot,
            "/",
            &snapshot.page.title,
            &format!("{}. {}", snapshot.headline.text, snapshot.headline.detail),
        ),
        past: None,
        headline: Headline {
            state: snapshot.headline.state.as_str(),
            text: snapshot.headline.text.clone(),
            detail: snapshot.headline.detail.clone(),
        },
        notices: snapshot.notices.iter().map(|notice| notice.text.clone()).collect(),
        incidents: incidents.into_iter().map(super::incident_item).collect(),
        more_unwell: troubled.len().saturating_sub(UNWELL),
        unwell: troubled.into_iter().take(UNWELL).map(unwell).collect(),
        unread: unread(first_time),
        aside: aside.into_iter().map(super::incident_item).collect(),
        maintenances: soon.into_iter().map(super::maintenance_item).collect(),
        later: (later > 0).then(|| format!("{later} more planned after the next two weeks")),
        tags: snapshot
            .sources
            .iter()
            .flat_map(|view| &view.source.tags)
            .chain(snapshot.services.iter().flat_map(|view| &view.service.tags))
            .cloned()
            .collect(),
        states: State::ALL.into_iter().map(super::shown).collect(),
        groups: groups(snapshot),
    }
}

/// What is wrong now.
pub struct Now<'a> {
    /// Incidents that count, the worst first.
    pub incidents: Vec<&'a IncidentView>,
    /// Those that do not count.
    pub aside: Vec<&'a IncidentView>,
    /// Sources in trouble, or unknown, without an incident that says why; the worst first.
    pub unwell: Vec<&'a SourceView>,
}

/// Finds what is wrong.
pub fn now(snapshot: &Snapshot) -> Now<'_> {
    let (counted, aside): (Vec<&IncidentView>, Vec<&IncidentView>) =
        snapshot.incidents.iter().map(AsRef::as_ref).partition(|view| view.counted);
    // An incident stands for its source only where it says that things are as bad as they are.
    let explained = |view: &SourceView| {
        let own = counted.iter().filter(|open| open.incident.source.as_ref() == Some(&view.source.id));
        own.map(|open| open.state.weight()).max().is_some_and(|worst| worst >= view.counted_state.weight())
    };
    let needs_words = |view: &SourceView| {
        (view.state == State::Unknown && view.freshness.checked_at.is_some())
            || (view.counted_state.is_trouble() && !explained(view))
    };
    let mut unwell: Vec<&SourceView> = snapshot.sources.iter().map(AsRef::as_ref).filter(|v| needs_words(v)).collect();
    unwell.sort_by_key(|view| std::cmp::Reverse(view.state.weight()));
    Now { incidents: counted, aside, unwell }
}

/// Maintenances that count and run or begin soon; and how many are planned for later.
pub fn coming(snapshot: &Snapshot) -> (Vec<&MaintenanceView>, usize) {
    let until = snapshot.generated_at.checked_add(limits::MAINTENANCES_SHOWN).unwrap_or(Timestamp::MAX);
    let counted = snapshot.maintenances.iter().map(AsRef::as_ref).filter(|view| view.counted);
    let (soon, later): (Vec<&MaintenanceView>, Vec<&MaintenanceView>) = counted.partition(|view| {
        view.maintenance.is_running() || view.maintenance.starts_at.is_none_or(|starts| starts <= until)
    });
    (soon, later.len())
}

/// That some were never read yet.
pub fn unread(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 vendor has not been read yet".to_owned()),
        some => Some(format!("{some} vendors have not been read yet")),
    }
}

/// Why a source is as it is, where there is more to say than its state.
pub fn why(view: &SourceView) -> Option<String> {
    match (&view.freshness.error, view.warnings.first()) {
        _ if view.set.is_some() => view.set.as_ref().map(|set| format!("set by {}: {}", set.author, set.reason)),
        (Some(error), _) => Some(error.message.clone()),
        (None, Some(warning)) if view.state == State::Unknown => Some(warning.clone()),
        _ => None,
    }
}

fn unwell(view: &SourceView) -> Unwell {
    let unknown = view.state == State::Unknown;
    let affected =
        view.components.iter().filter(|c| c.counted && !c.dismissed && c.state != State::OPERATIONAL && !unknown);
    let part = |c: &crate::model::snapshot::ComponentView| Part {
        path: c.path.clone(),
        state: Some(c.state.as_str()),
        counted: true,
    };
    Unwell {
        href: format!("/sources/{}", view.source.id),
        name: view.source.name.clone(),
        state: view.state.as_str(),
        label: super::label(view),
        since: super::time(view.since),
        was: was(view),
        next: view.freshness.next_check_at.filter(|_| view.freshness.error.is_some()).map(super::time),
        why: why(view),
        affected: affected.take(12).map(part).collect(),
    }
}

/// What a source was when it could last be read.
pub fn was(view: &SourceView) -> Option<String> {
    let known = view.last_known.filter(|_| view.freshness.stale && view.state == State::Unknown)?;
    Some(known.label().to_lowercase())
}

fn groups(snapshot: &Snapshot) -> Vec<Group> {
    let mut by_tag: BTreeMap<(bool, String), Vec<Cell>> = BTreeMap::new();
    for view in &snapshot.sources {
        let key = match view.source.tags.first() {
            Some(tag) => (false, heading(tag)),
            None => (true, "Other".to_owned()),
        };
        by_tag.entry(key).or_default().push(cell(view));
    }
    let own: Vec<Cell> = snapshot.services.iter().map(|view| service_cell(view, snapshot)).collect();
    let mut groups = Vec::with_capacity(by_tag.len() + 1);
    if !own.is_empty() {
        groups.push(Group { name: "Our services".to_owned(), cells: own });
    }
    let alone = by_tag.len() == 1 && groups.is_empty();
    for ((_, name), cells) in by_tag {
        groups.push(Group { name: if alone { "Vendors".to_owned() } else { name }, cells });
    }
    groups
}

fn heading(tag: &str) -> String {
    let words = tag.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn cell(view: &SourceView) -> Cell {
    Cell {
        href: format!("/sources/{}", view.source.id),
        name: view.source.name.clone(),
        find: format!("{} {} {}", view.source.name, view.source.id, view.source.tags.join(" ")).to_lowercase(),
        tags: view.source.tags.join(" "),
        state: view.state.as_str(),
        label: super::label(view),
        note: note(view),
        days: (!view.days.is_empty()).then(|| super::days(&view.days)),
    }
}

/// What stands under a source's name in the grid.
pub fn note(view: &SourceView) -> Option<String> {
    if let Some(set) = &view.set {
        return Some(format!("set by {}, read as {}", set.author, view.read.label().to_lowercase()));
    }
    if view.state.is_trouble() && !view.counted_state.is_trouble() {
        return Some("does not affect us".to_owned());
    }
    was(view).map(|was| format!("was {was}"))
}

fn service_cell(view: &ServiceView, snapshot: &Snapshot) -> Cell {
    let mut names: Vec<&str> = Vec::new();
    for risk in &view.at_risk {
        let id = risk.source.as_str();
        let name = snapshot.source(id).map_or(id, |source| source.source.name.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Cell {
        href: format!("/services/{}", view.service.id),
        name: view.service.name.clone(),
        find: format!("{} {}", view.service.name, view.service.id).to_lowercase(),
        tags: view.service.tags.join(" "),
        state: view.state.as_str(),
        label: view.state.label(),
        note: match &view.set {
            Some(set) => Some(set.reason.clone()),
            None => (!names.is_empty()).then(|| format!("at risk: {}", names.join(", "))),
        },
        days: None,
    }
}
