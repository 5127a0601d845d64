//! What Statuspage's form cannot say, for another allclear that reads it: marks by id, where there is something to say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::incident::Phase;
use crate::model::level::{Impact, State};

/// The word for what is not known.
pub const UNKNOWN: &str = "unknown";

/// Everything that a document cannot say otherwise.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = StatuspageMarks)]
pub struct Marks {
    /// By the component's id.
    components: BTreeMap<String, ComponentMark>,
    /// By the id of the incident or maintenance.
    incidents: BTreeMap<String, ThreadMark>,
}

/// What a component cannot say of itself.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StatuspageComponentMark)]
pub struct ComponentMark {
    /// A group that is a source: it has a state of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub source: bool,
    /// `unknown`, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// It came from another allclear.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub relayed: bool,
}

/// What an incident or a maintenance cannot say of itself.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StatuspageThreadMark)]
pub struct ThreadMark {
    /// `unknown` or `cancelled`, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// `unknown`, where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<&'static str>,
    /// `unknown`, where the vendor does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_for: Option<&'static str>,
    /// `unknown`, where the vendor does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_until: Option<&'static str>,
    /// The group all of which it touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// It came from another allclear.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub relayed: bool,
}

impl ComponentMark {
    /// What has to be said of a state.
    pub fn of(state: State, relayed: bool) -> Self {
        Self { source: false, status: unless(state != State::Unknown), relayed }
    }
}

impl ThreadMark {
    /// What has to be said of a phase.
    pub fn of(phase: Option<Phase>, relayed: bool) -> Self {
        let status = match phase {
            None => Some(UNKNOWN),
            Some(Phase::Cancelled) => Some(Phase::Cancelled.as_str()),
            Some(_) => None,
        };
        Self { status, relayed, ..Self::default() }
    }

    /// What has to be said of an impact besides.
    #[must_use]
    pub fn with_impact(self, impact: Option<Impact>) -> Self {
        Self { impact: unless(impact.is_some()), ..self }
    }

    /// What has to be said of planned times besides.
    #[must_use]
    pub fn with_window(self, from: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        Self { scheduled_for: unless(from.is_some()), scheduled_until: unless(until.is_some()), ..self }
    }
}

fn unless(known: bool) -> Option<&'static str> {
    (!known).then_some(UNKNOWN)
}

impl Marks {
    /// Marks a component, where there is something to say.
    pub fn component(&mut self, id: &str, mark: ComponentMark) {
        if mark != ComponentMark::default() {
            self.components.insert(id.to_owned(), mark);
        }
    }

    /// Marks an incident or a maintenance, where there is something to say.
    pub fn thread(&mut self, id: &str, mark: ThreadMark) {
        if mark != ThreadMark::default() {
            self.incidents.insert(id.to_owned(), mark);
        }
    }
}
