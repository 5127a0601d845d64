//! An observation while it is written: every adapter's rows end here, are made safe, merged and held to the limits.

use std::collections::HashMap;

use jiff::Timestamp;

use super::json::Value;
use super::notes::Notes;
use super::words::{self, Table};
use super::{json, merge, text};
use crate::limits;
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, Observation, SeenComponent, SeenIncident, SeenMaintenance};

/// What the documents of one reading have said so far.
#[derive(Debug)]
pub struct Draft {
    /// So far.
    pub seen: Observation,
    /// What was not understood.
    pub notes: Notes,
    components: HashMap<ComponentId, usize>,
    names: HashMap<String, usize>,
    incidents: HashMap<String, usize>,
    maintenances: HashMap<String, usize>,
}

impl Draft {
    /// Nothing is said yet.
    pub fn new(now: Timestamp, basis: Basis) -> Self {
        Self {
            seen: Observation { basis, ..Observation::default() },
            notes: Notes::new(now),
            components: HashMap::new(),
            names: HashMap::new(),
            incidents: HashMap::new(),
            maintenances: HashMap::new(),
        }
    }

    /// Whose page it is; what an earlier document said stays.
    pub fn page(&mut self, name: Option<String>, url: Option<String>) {
        let name = name.map(|name| text::line(&name, limits::NAME)).filter(|name| !name.is_empty());
        self.seen.page.name = self.seen.page.name.take().or(name);
        self.seen.page.url = self.seen.page.url.take().or_else(|| url.and_then(|url| text::link(&url)));
    }

    /// Says that it is another allclear's page.
    pub fn relays(&mut self) {
        self.seen.page.relays = true;
    }

    /// When the upstream last changed the page.
    pub fn page_updated(&mut self, raw: Option<String>) {
        let at = self.notes.past(raw);
        self.seen.page.updated_at = self.seen.page.updated_at.max(at);
    }

    /// The upstream's own overall state; of several the worst counts.
    pub fn indicator(&mut self, state: State) {
        self.seen.indicator = Some(self.seen.indicator.map_or(state, |known| known.worse(state)));
    }

    /// Says that the documents hold only a part of what the page lists: how the rest is, is not known.
    pub fn partial(&mut self, read: usize, of: usize, what: &str) {
        self.notes.say(format!("only {read} of {of} {what} were read; how the others are is not known"));
        self.indicator(State::Unknown);
    }

    /// A component; of two with one id the worse state counts.
    pub fn component(&mut self, component: SeenComponent) {
        match self.components.get(&component.id).and_then(|at| self.seen.components.get_mut(*at)) {
            Some(twin) => twin.state = twin.state.worse(component.state),
            None => {
                self.components.insert(component.id.clone(), self.seen.components.len());
                self.names.entry(component.name.clone()).or_insert(self.seen.components.len());
                self.seen.components.push(component);
            }
        }
    }

    /// An incident, or what another document says of one that is there.
    pub fn incident(&mut self, incident: SeenIncident) {
        match self.incidents.get(&incident.id).and_then(|at| self.seen.incidents.get_mut(*at)) {
            Some(known) => merge::incident(incident, known),
            None => {
                self.incidents.insert(incident.id.clone(), self.seen.incidents.len());
                self.seen.incidents.push(incident);
            }
        }
    }

    /// A maintenance, or what another document says of one that is there.
    pub fn maintenance(&mut self, maintenance: SeenMaintenance) {
        match self.maintenances.get(&maintenance.id).and_then(|at| self.seen.maintenances.get_mut(*at)) {
            Some(known) => merge::maintenance(maintenance, known),
            None => {
                self.maintenances.insert(maintenance.id.clone(), self.seen.maintenances.len());
                self.seen.maintenances.push(maintenance);
            }
        }
    }

    /// A state by a word under a key; missing and unknown words are unknown, and said.
    pub fn state(&mut self, table: &Table<State>, of_what: &str, row: &Value, key: &str) -> State {
        words::state(table, of_what, json::word(row, key).as_deref(), &mut self.notes)
    }

    /// A phase by a word under a key; missing and unknown words are none, and said.
    pub fn phase(&mut self, table: &Table<Phase>, of_what: &str, row: &Value, key: &str) -> Option<Phase> {
        words::phase(table, of_what, json::word(row, key).as_deref(), &mut self.notes)
    }

    /// A time of something that has happened, under a key.
    pub fn past(&mut self, row: &Value, key: &str) -> Option<Timestamp> {
        self.notes.past(json::word(row, key))
    }

    /// A planned time, under a key.
    pub fn planned(&mut self, row: &Value, key: &str) -> Option<Timestamp> {
        self.notes.planned(json::word(row, key))
    }

    /// An update, and a count of those without a time.
    pub fn update(&mut self, at: Option<Timestamp>, phase: Option<Phase>, body: &str) -> Update {
        if at.is_none() {
            self.notes.count("incident updates had no time");
        }
        Update { at, phase, body: text::body(body), noticed_at: None, told: None }
    }

    /// Puts the worst open incident's mark on the components that it names, where the format gives them no state.
    pub fn states_from_incidents(&mut self) {
        for incident in self.seen.incidents.iter().filter(|incident| incident.is_open()) {
            let state = incident.state();
            for id in &incident.components {
                if let Some(component) = self.components.get(id).and_then(|at| self.seen.components.get_mut(*at)) {
                    component.state = component.state.worse(state);
                }
            }
        }
        let running = |m: &&SeenMaintenance| m.phase.is_some_and(Phase::is_running);
        for maintenance in self.seen.maintenances.iter().filter(running) {
            for id in &maintenance.components {
                if let Some(component) = self.components.get(id).and_then(|at| self.seen.components.get_mut(*at)) {
                    component.state = component.state.worse(State::UNDER_MAINTENANCE);
                }
            }
        }
    }

    /// True where a component has this id.
    pub fn lists(&self, id: &ComponentId) -> bool {
        self.components.contains_key(id)
    }

    /// The id of the component with this name, where there is one; else the name.
    pub fn named(&self, name: &str) -> ComponentId {
        let name = text::line(name, limits::NAME);
        let found = self.names.get(&name).and_then(|at| self.seen.components.get(*at));
        found.map_or_else(|| ComponentId::new(name), |component| component.id.clone())
    }

    /// The observation, held to the limits, updates newest first.
    pub fn finish(mut self) -> Observation {
        self.limit();
        for updates in self.seen.incidents.iter_mut().map(|incident| &mut incident.updates) {
            tidy(updates, &mut self.notes);
        }
        for updates in self.seen.maintenances.iter_mut().map(|maintenance| &mut maintenance.updates) {
            tidy(updates, &mut self.notes);
        }
        for incident in &mut self.seen.incidents {
            incident.updated_at = incident.updated_at.or_else(|| newest(&incident.updates));
        }
        for maintenance in &mut self.seen.maintenances {
            maintenance.updated_at = maintenance.updated_at.or_else(|| newest(&maintenance.updates));
        }
        self.seen.warnings = self.notes.into_warnings();
        self.seen
    }

    fn limit(&mut self) {
        let Observation { components, incidents, maintenances, .. } = &mut self.seen;
        let mut said = |kept: usize, of: usize, what: &str| {
            if of > kept {
                self.notes.say(format!("only {kept} of {of} {what} are kept"));
            }
            of > kept
        };
        if said(limits::COMPONENTS, components.len(), "components") {
            // The worst are kept.
            components.sort_by_key(|component| std::cmp::Reverse(component.state.weight()));
            components.truncate(limits::COMPONENTS);
        }
        if said(limits::INCIDENTS, incidents.len(), "incidents") {
            incidents.sort_by_key(|incident| !incident.is_open());
            incidents.truncate(limits::INCIDENTS);
        }
        if said(limits::INCIDENTS, maintenances.len(), "maintenances") {
            maintenances.sort_by_key(|maintenance| maintenance.phase.is_some_and(|phase| !phase.is_open()));
            maintenances.truncate(limits::INCIDENTS);
        }
    }
}

fn newest(updates: &[Update]) -> Option<Timestamp> {
    updates.iter().filter_map(|update| update.at).max()
}

fn tidy(updates: &mut Vec<Update>, notes: &mut Notes) {
    // Stable: updates of the same time keep the order in which they are listed.
    updates.sort_by_key(|update| std::cmp::Reverse(update.at));
    if updates.len() > limits::UPDATES {
        notes.say(format!("only {} of {} updates of an incident are kept", limits::UPDATES, updates.len()));
        updates.truncate(limits::UPDATES);
    }
}

/// An id made safe.
pub fn id(raw: &str) -> ComponentId {
    ComponentId::new(text::line(raw, limits::NAME))
}

/// A component that stands in no group and of which no state is known yet.
pub fn component(own: &str, name: &str) -> SeenComponent {
    let name = Some(text::line(name, limits::NAME)).filter(|name| !name.is_empty());
    SeenComponent {
        id: id(own),
        name: name.unwrap_or_else(|| "(unnamed)".to_owned()),
        group: None,
        state: State::Unknown,
        description: None,
        updated_at: None,
        quiet: false,
    }
}

/// The name of a group made safe; none for an empty one.
pub fn group(name: Option<String>) -> Option<String> {
    name.map(|name| text::line(&name, limits::NAME)).filter(|name| !name.is_empty())
}

/// An incident of which nothing but id and title is known yet.
pub fn incident(id: &str, title: &str) -> SeenIncident {
    SeenIncident {
        id: text::line(id, limits::TITLE),
        title: titled(title),
        phase: None,
        impact: None,
        started_at: None,
        updated_at: None,
        resolved_at: None,
        url: None,
        components: Vec::new(),
        updates: Vec::new(),
    }
}

/// A maintenance of which nothing but id and title is known yet.
pub fn maintenance(id: &str, title: &str) -> SeenMaintenance {
    SeenMaintenance {
        id: text::line(id, limits::TITLE),
        title: titled(title),
        phase: None,
        starts_at: None,
        ends_at: None,
        updated_at: None,
        url: None,
        components: Vec::new(),
        updates: Vec::new(),
    }
}

fn titled(raw: &str) -> String {
    let title = text::line(raw, limits::TITLE);
    if title.is_empty() { "(untitled)".to_owned() } else { title }
}

/// How far a maintenance is by its window alone.
pub fn by_window(starts_at: Option<Timestamp>, ends_at: Option<Timestamp>, now: Timestamp) -> Option<Phase> {
    match (starts_at, ends_at) {
        (_, Some(end)) if end <= now => Some(Phase::Completed),
        (Some(start), _) if start > now => Some(Phase::Scheduled),
        (Some(_), _) => Some(Phase::InProgress),
        (None, _) => None,
    }
}
