//! What the pages of the console show: forms with their values, and lists of what there is to do.

pub mod again;
pub mod home;
pub mod incident;
pub mod maintenance;
pub mod sources;
pub mod states;
pub mod template;
pub mod verdict;

use std::collections::BTreeMap;

use serde::Serialize;

use super::admin::Choice;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::local::Hit;
use crate::model::snapshot::Snapshot;

/// What every form carries besides what is filled in.
#[derive(Debug, Clone, Serialize)]
pub struct Slip {
    /// What it was made from: whoever changed the thing since is not overwritten.
    pub version: u64,
    /// Sent twice, it does one thing.
    pub key: String,
}

/// A box to tick.
#[derive(Debug, Clone, Serialize)]
pub struct Tick {
    /// What is sent.
    pub value: String,
    /// What people read.
    pub label: String,
    /// It is ticked.
    pub checked: bool,
}

/// A service, and what an incident does to it.
#[derive(Debug, Clone, Serialize)]
pub struct Pick {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The state chosen; empty: not touched.
    pub state: String,
}

/// What was wrong with fields, by their names.
pub type Faults = BTreeMap<&'static str, String>;

/// A page as readers will see it.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Preview(minijinja::Value);

impl Preview {
    /// Takes HTML that a template of ours made.
    pub(in crate::render) fn new(html: String) -> Self {
        Self(minijinja::Value::from_safe_string(html))
    }
}

/// The phases of an incident, to choose from.
pub fn phases() -> Vec<Choice> {
    let all = Phase::ALL.into_iter().filter(|phase| !phase.is_maintenance());
    all.map(|phase| Choice { value: phase.as_str(), label: phase.label() }).collect()
}

/// The impacts that an incident of our own can have.
pub fn impacts() -> Vec<Choice> {
    let label = |impact| match impact {
        Impact::Minor => "Minor: slow, or errors for some",
        Impact::Major => "Major: down for some",
        Impact::Critical => "Critical: down",
        Impact::None | Impact::Maintenance => "None: nobody notices",
    };
    let all = [Impact::Minor, Impact::Major, Impact::Critical, Impact::None];
    all.into_iter().map(|impact| Choice { value: impact.as_str(), label: label(impact) }).collect()
}

/// The states that can be said of something, the worst first, after this first choice.
pub fn states(first: &'static str) -> Vec<Choice> {
    let mut all = State::ALL;
    all.sort_by_key(|state| std::cmp::Reverse(state.weight()));
    let states = all.into_iter().map(|state| Choice { value: state.as_str(), label: state.label() });
    (!first.is_empty()).then_some(Choice { value: "", label: first }).into_iter().chain(states).collect()
}

/// All services, ticked where this says so.
pub fn ticks(snapshot: &Snapshot, checked: impl Fn(&str) -> bool) -> Vec<Tick> {
    let tick = |view: &crate::model::snapshot::ServiceView| Tick {
        value: view.service.id.to_string(),
        label: view.service.name.clone(),
        checked: checked(view.service.id.as_str()),
    };
    snapshot.services.iter().map(tick).collect()
}

/// All services with what these do to them; one that left the configuration since stays to be seen.
pub fn picks(snapshot: &Snapshot, hits: &[Hit]) -> Vec<Pick> {
    let state = |id: &str| hits.iter().find(|hit| hit.service.as_str() == id).map(|hit| hit.state.as_str().to_owned());
    let known = snapshot.services.iter().map(|view| Pick {
        id: view.service.id.to_string(),
        name: view.service.name.clone(),
        state: state(view.service.id.as_str()).unwrap_or_default(),
    });
    known.collect()
}
