//! What goes wrong and what is planned: incidents, maintenances and their updates.

use jiff::Timestamp;

use super::id::{ComponentId, IncidentId, ServiceId, SourceId};
use super::level::{Impact, State};
use super::local::{Hit, Local, Told};
use super::text::Text;

/// How far an incident or a maintenance has come. The first four are an incident's, the rest a maintenance's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Something is wrong; the cause is sought.
    Investigating,
    /// The cause is known.
    Identified,
    /// A fix is in and being watched.
    Monitoring,
    /// Over.
    Resolved,
    /// Announced.
    Scheduled,
    /// Work has begun.
    InProgress,
    /// Work is done and being checked.
    Verifying,
    /// Over.
    Completed,
    /// Will not happen.
    Cancelled,
}

impl Phase {
    /// All of them: an incident's in order, then a maintenance's in order.
    pub const ALL: [Self; 9] = [
        Self::Investigating,
        Self::Identified,
        Self::Monitoring,
        Self::Resolved,
        Self::Scheduled,
        Self::InProgress,
        Self::Verifying,
        Self::Completed,
        Self::Cancelled,
    ];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
            Self::Scheduled => "scheduled",
            Self::InProgress => "in_progress",
            Self::Verifying => "verifying",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Investigating => "Investigating",
            Self::Identified => "Identified",
            Self::Monitoring => "Monitoring",
            Self::Resolved => "Resolved",
            Self::Scheduled => "Scheduled",
            Self::InProgress => "In progress",
            Self::Verifying => "Verifying",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == word)
    }

    /// True for the phases that only a maintenance has.
    pub fn is_maintenance(self) -> bool {
        matches!(self, Self::Scheduled | Self::InProgress | Self::Verifying | Self::Completed | Self::Cancelled)
    }

    /// True while it is not over.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Resolved | Self::Completed | Self::Cancelled)
    }

    /// True while maintenance work is going on.
    pub fn is_running(self) -> bool {
        matches!(self, Self::InProgress | Self::Verifying)
    }
}

/// One post about an incident or a maintenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// When it was posted; `None` where the upstream does not say.
    pub at: Option<Timestamp>,
    /// The phase that it announced; `None` where it announced none or one that is not understood.
    pub phase: Option<Phase>,
    /// What it says.
    pub body: Text,
    /// The first reading here that said just this; `None` in what a single reading saw, and where nobody noted it.
    pub noticed_at: Option<Timestamp>,
    /// Who wrote it; `None` for a vendor's.
    pub told: Option<Box<Told>>,
}

/// Who declared it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A vendor.
    Upstream,
    /// An operator of this allclear.
    Local,
}

impl Origin {
    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Local => "local",
        }
    }
}

/// Whether the upstream still lists what it once listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Listing {
    /// It stood in the last good reading, or was over when it left.
    #[default]
    Listed,
    /// It left without an end. It stays open until enough good readings have missed it.
    Missing {
        /// The first good reading that missed it.
        since: Timestamp,
        /// How many good readings have missed it, that one included.
        readings: u32,
    },
    /// Closed because it stayed away; nobody said that it was resolved.
    NoLongerListed {
        /// When it was closed.
        since: Timestamp,
    },
}

/// How often something changed for its readers, and when last. Neither ever falls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Revision {
    /// How often, after it was first seen.
    pub number: u32,
    /// When this allclear last noticed a change; `None` where there was none.
    pub at: Option<Timestamp>,
}

/// Something that goes wrong, as it stands after merging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Stable over restarts, re-readings and changed upstream ids.
    pub id: IncidentId,
    /// Who declared it.
    pub origin: Origin,
    /// The source that told of it; `None` for local ones.
    pub source: Option<SourceId>,
    /// Every id under which the upstream listed it; the latest last.
    pub upstream_ids: Vec<String>,
    /// Plain text, safe to show.
    pub title: String,
    /// `None`: the upstream used a word that is not understood. It counts as open.
    pub phase: Option<Phase>,
    /// `None`: the upstream does not say.
    pub impact: Option<Impact>,
    /// `None`: the upstream does not say; `first_seen_at` is the best that is known.
    pub started_at: Option<Timestamp>,
    /// When the upstream last changed it.
    pub updated_at: Option<Timestamp>,
    /// When it ended; `None` while it is open, and where nobody said when.
    pub resolved_at: Option<Timestamp>,
    /// The publisher's own page about it: http or https.
    pub url: Option<String>,
    /// Components of the source that it touches; none named means all of the source.
    pub components: Vec<ComponentId>,
    /// Services of the team that it touches: local incidents only.
    pub services: Vec<Hit>,
    /// Newest first.
    pub updates: Vec<Update>,
    /// When this allclear first saw it.
    pub first_seen_at: Timestamp,
    /// Whether the upstream still lists it.
    pub listing: Listing,
    /// What a locally declared one has besides; `None` for a vendor's.
    pub local: Option<Box<Local>>,
}

impl Incident {
    /// True while it goes on, as far as anybody has said.
    pub fn is_open(&self) -> bool {
        self.phase.is_none_or(Phase::is_open) && !matches!(self.listing, Listing::NoLongerListed { .. })
    }

    /// When it began, as well as that is known.
    pub fn began_at(&self) -> Timestamp {
        self.started_at.unwrap_or(self.first_seen_at)
    }

    /// What it does to the state of what it touches while it is open.
    ///
    /// An impact that is not said counts as degraded performance; a phase that is not understood
    /// as unknown, unless the impact is worse.
    pub fn state(&self) -> State {
        let by_impact = self.impact.map_or(State::DEGRADED_PERFORMANCE, |impact| impact.level().into());
        match (self.phase, self.impact) {
            (None, None) => State::Unknown,
            (None, Some(_)) => State::Unknown.worse(by_impact),
            (Some(_), _) => by_impact,
        }
    }
}

/// Planned work, as it stands after merging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maintenance {
    /// Stable over restarts, re-readings and changed upstream ids.
    pub id: IncidentId,
    /// Who declared it.
    pub origin: Origin,
    /// The source that told of it; `None` for local ones.
    pub source: Option<SourceId>,
    /// Every id under which the upstream listed it; the latest last.
    pub upstream_ids: Vec<String>,
    /// Plain text, safe to show.
    pub title: String,
    /// `None`: the upstream used a word that is not understood. It counts as open.
    pub phase: Option<Phase>,
    /// Planned start.
    pub starts_at: Option<Timestamp>,
    /// Planned end.
    pub ends_at: Option<Timestamp>,
    /// When the upstream last changed it.
    pub updated_at: Option<Timestamp>,
    /// The publisher's own page about it: http or https.
    pub url: Option<String>,
    /// Components of the source that it touches; none named means all of the source.
    pub components: Vec<ComponentId>,
    /// Services of the team that it touches: local maintenances only.
    pub services: Vec<ServiceId>,
    /// Newest first.
    pub updates: Vec<Update>,
    /// When this allclear first saw it.
    pub first_seen_at: Timestamp,
    /// Whether the upstream still lists it.
    pub listing: Listing,
    /// How often it changed: a vendor's only. Those of the team have a version.
    pub revision: Revision,
    /// What a locally declared one has besides; `None` for a vendor's.
    pub local: Option<Box<Local>>,
}

impl Maintenance {
    /// The publisher's first post, else when it was first seen here.
    pub fn announced_at(&self) -> Timestamp {
        let first = self.updates.iter().filter_map(|update| update.at).min();
        first.map_or(self.first_seen_at, |first| first.min(self.first_seen_at))
    }

    /// How often it changed for its readers, and when last, whoever declared it. Both are kept with it and never fall.
    pub fn revised(&self) -> (u64, Timestamp) {
        match &self.local {
            // Its first version is the announcement.
            Some(local) => (local.version.saturating_sub(1), self.updated_at.unwrap_or(self.first_seen_at)),
            None => (u64::from(self.revision.number), self.revision.at.unwrap_or(self.first_seen_at)),
        }
    }

    /// True while it is planned or going on, as far as anybody has said.
    pub fn is_open(&self) -> bool {
        self.phase.is_none_or(Phase::is_open) && !matches!(self.listing, Listing::NoLongerListed { .. })
    }

    /// True while work goes on.
    pub fn is_running(&self) -> bool {
        self.is_open() && self.phase.is_some_and(Phase::is_running)
    }
}
