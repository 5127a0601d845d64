//! What is different between the pages of two moments.

use std::collections::HashMap;

use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot, SourceView};

/// What is different. Everything is in the order of the later page; what is gone comes last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// The first line.
    pub headline: Option<(String, String)>,
    /// Sources whose state, or one of whose components, is another.
    pub sources: Vec<Changed>,
    /// Services whose state is another.
    pub services: Vec<Changed>,
    /// Incidents.
    pub incidents: Vec<Moved>,
    /// Maintenances.
    pub maintenances: Vec<Moved>,
}

/// A source or a service that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Its state before; `None`: it was not there.
    pub from: Option<State>,
    /// Its state after; `None`: it is not there.
    pub to: Option<State>,
    /// Its components that are different, by path.
    pub components: Vec<Part>,
}

/// A component that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `Group/Name`.
    pub path: String,
    /// Its state before; `None`: it was not there.
    pub from: Option<State>,
    /// Its state after; `None`: it is not there.
    pub to: Option<State>,
}

/// An incident or a maintenance that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its id.
    pub id: String,
    /// Its title, the later one.
    pub title: String,
    /// Whose it is.
    pub source: String,
    /// What became of it.
    pub how: How,
    /// How far it had come before.
    pub from: Option<Phase>,
    /// How far it has come after.
    pub to: Option<Phase>,
    /// Its impact before and after, where that is another.
    pub impact: Option<(Option<Impact>, Option<Impact>)>,
    /// Updates that were added.
    pub updates: usize,
}

/// What became of an incident or a maintenance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is new.
    Opened,
    /// It goes on, and something about it is new.
    Changed,
    /// It stands there no more.
    Closed,
}

impl How {
    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Closed => "closed",
        }
    }
}

/// Compares two pages.
pub fn between(before: &Snapshot, after: &Snapshot) -> Difference {
    let (was, is) = (&before.headline.text, &after.headline.text);
    Difference {
        headline: (was != is).then(|| (was.clone(), is.clone())),
        sources: sources(before, after),
        services: services(before, after),
        incidents: moved(
            before.incidents.iter().map(|view| incident(view)),
            after.incidents.iter().map(|view| incident(view)),
        ),
        maintenances: moved(
            before.maintenances.iter().map(|view| maintenance(view)),
            after.maintenances.iter().map(|view| maintenance(view)),
        ),
    }
}

impl Difference {
    /// True where nothing is different.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn sources(before: &Snapshot, after: &Snapshot) -> Vec<Changed> {
    let mut changed = Vec::new();
    for view in &after.sources {
        let was = before.source(view.source.id.as_str()).map(AsRef::as_ref);
        let components = was.map(|was| components(was, view)).unwrap_or_default();
        if was.is_none_or(|was| was.state != view.state) || !components.is_empty() {
            changed.push(source(view, was.map(|was| was.state), Some(view.state), components));
        }
    }
    let gone = before.sources.iter().filter(|view| after.source(view.source.id.as_str()).is_none());
    changed.extend(gone.map(|view| source(view, Some(view.state), None, Vec::new())));
    changed
}

fn source(view: &SourceView, from: Option<State>, to: Option<State>, components: Vec<Part>) -> Changed {
    Changed { id: view.source.id.to_string(), name: view.source.name.clone(), from, to, components }
}

fn components(before: &SourceView, after: &SourceView) -> Vec<Part> {
    let was: HashMap<&str, State> = before.components.iter().map(|one| (one.id.as_str(), one.state)).collect();
    let is: HashMap<&str, State> = after.components.iter().map(|one| (one.id.as_str(), one.state)).collect();
    let now = after.components.iter().filter_map(|one| {
        let from = was.get(one.id.as_str()).copied();
        (from != Some(one.state)).then(|| Part { path: one.path.clone(), from, to: Some(one.state) })
    });
    let gone = before.components.iter().filter(|one| !is.contains_key(one.id.as_str()));
    now.chain(gone.map(|one| Part { path: one.path.clone(), from: Some(one.state), to: None })).collect()
}

fn services(before: &Snapshot, after: &Snapshot) -> Vec<Changed> {
    let was: HashMap<&str, State> = before.services.iter().map(|view| (view.service.id.as_str(), view.state)).collect();
    let mut changed = Vec::new();
    for view in &after.services {
        let from = was.get(view.service.id.as_str()).copied();
        if from != Some(view.state) {
            let (id, name) = (view.service.id.to_string(), view.service.name.clone());
            changed.push(Changed { id, name, from, to: Some(view.state), components: Vec::new() });
        }
    }
    let stays = |id: &str| after.services.iter().any(|view| view.service.id.as_str() == id);
    for view in before.services.iter().filter(|view| !stays(view.service.id.as_str())) {
        let (id, name) = (view.service.id.to_string(), view.service.name.clone());
        changed.push(Changed { id, name, from: Some(view.state), to: None, components: Vec::new() });
    }
    changed
}

/// What of an incident or a maintenance can be different.
struct Item {
    id: String,
    title: String,
    source: String,
    phase: Option<Phase>,
    impact: Option<Impact>,
    window: (Option<jiff::Timestamp>, Option<jiff::Timestamp>),
    updates: usize,
}

fn incident(view: &IncidentView) -> Item {
    let incident = &view.incident;
    Item {
        id: incident.id.to_string(),
        title: incident.title.clone(),
        source: view.source_name.clone(),
        phase: incident.phase,
        impact: incident.impact,
        window: (None, None),
        updates: incident.updates.len(),
    }
}

fn maintenance(view: &MaintenanceView) -> Item {
    let maintenance = &view.maintenance;
    Item {
        id: maintenance.id.to_string(),
        title: maintenance.title.clone(),
        source: view.source_name.clone(),
        phase: maintenance.phase,
        impact: None,
        window: (maintenance.starts_at, maintenance.ends_at),
        updates: maintenance.updates.len(),
    }
}

fn moved(before: impl Iterator<Item = Item>, after: impl Iterator<Item = Item>) -> Vec<Moved> {
    let (before, after): (Vec<Item>, Vec<Item>) = (before.collect(), after.collect());
    let mut found = Vec::new();
    for is in &after {
        let Some(was) = before.iter().find(|was| was.id == is.id) else {
            found.push(told(is, How::Opened, None, is.phase, None, is.updates));
            continue;
        };
        let same = was.title == is.title
            && was.phase == is.phase
            && was.impact == is.impact
            && was.window == is.window
            && was.updates == is.updates;
        if !same {
            let impact = (was.impact != is.impact).then_some((was.impact, is.impact));
            let updates = is.updates.saturating_sub(was.updates);
            found.push(told(is, How::Changed, was.phase, is.phase, impact, updates));
        }
    }
    for was in before.iter().filter(|was| after.iter().all(|is| is.id != was.id)) {
        found.push(told(was, How::Closed, was.phase, None, None, 0));
    }
    found
}

fn told(
    item: &Item,
    how: How,
    from: Option<Phase>,
    to: Option<Phase>,
    impact: Option<(Option<Impact>, Option<Impact>)>,
    updates: usize,
) -> Moved {
    let (id, title, source) = (item.id.clone(), item.title.clone(), item.source.clone());
    Moved { id, title, source, how, from, to, impact, updates }
}
