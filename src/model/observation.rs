//! What one good reading of one source said, in our words.

use jiff::Timestamp;

use super::id::ComponentId;
use super::incident::{Phase, Update};
use super::level::{Impact, State};

/// One reading, understood. What a document does not say is `None`, never invented.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observation {
    /// Whose page it is.
    pub page: Page,
    /// The upstream's own overall state; `None` where it gives none.
    pub indicator: Option<State>,
    /// What a quiet reading (nothing listed as broken) is evidence for.
    pub basis: Basis,
    /// Parts, in the upstream's order. Groups are not components.
    pub components: Vec<SeenComponent>,
    /// Open and resolved incidents that the documents carry.
    pub incidents: Vec<SeenIncident>,
    /// Planned, running and past maintenances that the documents carry.
    pub maintenances: Vec<SeenMaintenance>,
    /// What was not understood, cut or guessed; for people.
    pub warnings: Vec<String>,
}

impl Observation {
    /// The worst of the upstream's overall state, its components and its open incidents.
    /// `None`: the documents support no claim at all.
    pub fn state(&self) -> Option<State> {
        let open = self.incidents.iter().filter(|incident| incident.is_open()).map(SeenIncident::state);
        let running = self.maintenances.iter().filter(|m| m.phase.is_some_and(Phase::is_running));
        let listed = self
            .components
            .iter()
            .map(|component| component.state)
            .chain(self.indicator)
            .chain(open)
            .chain(running.map(|_| State::UNDER_MAINTENANCE));
        State::worst(listed).or(match self.basis {
            Basis::States => None,
            Basis::Announcements => Some(State::OPERATIONAL),
        })
    }
}

/// What an upstream publishes, and so what its silence means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Basis {
    /// It states how things are: silence is no statement.
    #[default]
    States,
    /// It only announces trouble, as a feed does: silence means that nothing is announced.
    Announcements,
}

/// Whose status page it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The upstream's own name for it.
    pub name: Option<String>,
    /// Where people read it: http or https.
    pub url: Option<String>,
    /// When the upstream last changed it.
    pub updated_at: Option<Timestamp>,
    /// It is another allclear's: what it shows may have come from here.
    pub relays: bool,
}

/// A component as one reading listed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenComponent {
    /// The upstream's id; its path where it has none.
    pub id: ComponentId,
    /// Its own name.
    pub name: String,
    /// The group in which it stands.
    pub group: Option<String>,
    /// Its state; unknown where the upstream's word is not understood.
    pub state: State,
    /// The upstream's words about it, plain.
    pub description: Option<String>,
    /// When the upstream last changed it.
    pub updated_at: Option<Timestamp>,
    /// The upstream hides it from people while it works.
    pub quiet: bool,
}

impl SeenComponent {
    /// `Group/Name`, or the name where it stands in no group.
    pub fn path(&self) -> String {
        match &self.group {
            Some(group) => format!("{group}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// An incident as one reading listed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenIncident {
    /// The upstream's id; never a title, never chance.
    pub id: String,
    /// Plain text, safe to show.
    pub title: String,
    /// `None`: a word that is not understood.
    pub phase: Option<Phase>,
    /// `None`: the document does not say.
    pub impact: Option<Impact>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When the upstream last changed it.
    pub updated_at: Option<Timestamp>,
    /// When it ended.
    pub resolved_at: Option<Timestamp>,
    /// The publisher's own page about it: http or https.
    pub url: Option<String>,
    /// Components that it names, by id.
    pub components: Vec<ComponentId>,
    /// Newest first.
    pub updates: Vec<Update>,
}

impl SeenIncident {
    /// True while nobody said that it is over.
    pub fn is_open(&self) -> bool {
        self.phase.is_none_or(Phase::is_open)
    }

    /// What it does to the state of what it touches while it is open; as `Incident::state`.
    pub fn state(&self) -> State {
        let by_impact = self.impact.map_or(State::DEGRADED_PERFORMANCE, |impact| impact.level().into());
        match (self.phase, self.impact) {
            (None, None) => State::Unknown,
            (None, Some(_)) => State::Unknown.worse(by_impact),
            (Some(_), _) => by_impact,
        }
    }
}

/// A maintenance as one reading listed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenMaintenance {
    /// The upstream's id; never a title, never chance.
    pub id: String,
    /// Plain text, safe to show.
    pub title: String,
    /// `None`: a word that is not understood.
    pub phase: Option<Phase>,
    /// Planned start.
    pub starts_at: Option<Timestamp>,
    /// Planned end.
    pub ends_at: Option<Timestamp>,
    /// When the upstream last changed it.
    pub updated_at: Option<Timestamp>,
    /// The publisher's own page about it: http or https.
    pub url: Option<String>,
    /// Components that it names, by id.
    pub components: Vec<ComponentId>,
    /// Newest first.
    pub updates: Vec<Update>,
}
