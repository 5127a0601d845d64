//! What changed, when, and why.

use jiff::Timestamp;

use super::id::SourceId;

/// One change. The event log is the only way in which state changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the log, from 1 without gaps; 0 until it is stored.
    pub seq: u64,
    /// When it was noticed here.
    pub at: Timestamp,
    /// Since when it has been so, where that is known to be earlier: what turned out to be unread has not been
    /// observed since the last good reading.
    pub since: Option<Timestamp>,
    /// What sort of change.
    pub kind: EventKind,
    /// The source that it concerns; `None` for what concerns all.
    pub source: Option<SourceId>,
    /// The component, incident or maintenance that changed; `None` where the source did.
    pub subject: Option<String>,
    /// What a person calls the thing that changed: a path, a title, a source's name.
    pub name: String,
    /// The word before (a state, a phase, a time), where there was one.
    pub from: Option<String>,
    /// The word after, where there is one.
    pub to: Option<String>,
    /// What made it happen.
    pub cause: Cause,
    /// What the publisher or the failure said, plain and short.
    pub note: Option<String>,
    /// Part of a source's first reading: history, not news.
    pub baseline: bool,
}

/// What sort of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A source's state as a whole: `from`, `to` are states.
    SourceState,
    /// A source went past its horizon unread, was never readable, or is not believed.
    SourceUnreadable,
    /// A source that could not be read, or was not believed, is so again.
    SourceReadable,
    /// A source's page lost something for good, and is believed as it is now.
    SourceReshaped,
    /// A component's state: `from`, `to` are states.
    ComponentState,
    /// A component is listed that was not.
    ComponentListed,
    /// A component is no longer listed.
    ComponentUnlisted,
    /// An incident was seen for the first time.
    IncidentOpened,
    /// Its phase, impact, title, components or words changed: `from`, `to` are phases.
    IncidentUpdated,
    /// It is over.
    IncidentResolved,
    /// It was over and goes on.
    IncidentReopened,
    /// It vanished without an end and is closed.
    IncidentUnlisted,
    /// A maintenance was seen for the first time.
    MaintenanceAnnounced,
    /// Its window changed: `from`, `to` are planned starts.
    MaintenanceMoved,
    /// Its title, components or words changed.
    MaintenanceUpdated,
    /// Work began.
    MaintenanceStarted,
    /// Work is over.
    MaintenanceCompleted,
    /// It will not happen.
    MaintenanceCancelled,
    /// It vanished without an end and is closed.
    MaintenanceUnlisted,
    /// An operator removed a local incident.
    IncidentRemoved,
    /// An operator said what a vendor's incident means here.
    IncidentJudged,
    /// An operator removed a local maintenance.
    MaintenanceRemoved,
    /// A maintenance is about to start.
    MaintenanceSoon,
    /// A service's state: `from`, `to` are states.
    ServiceState,
    /// A source's state was set by an operator, or is what was read again: `from`, `to` are states.
    SourceOverride,
    /// So many sources cannot be reached that it is this machine that is cut off.
    CutOff,
    /// This machine reaches the others again.
    Reconnected,
    /// A channel takes no messages: `subject` is its id.
    ChannelFailing,
    /// It takes them again.
    ChannelWorking,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 29] = [
        Self::SourceState,
        Self::SourceUnreadable,
        Self::SourceReadable,
        Self::SourceReshaped,
        Self::ComponentState,
        Self::ComponentListed,
        Self::ComponentUnlisted,
        Self::IncidentOpened,
        Self::IncidentUpdated,
        Self::IncidentResolved,
        Self::IncidentReopened,
        Self::IncidentUnlisted,
        Self::MaintenanceAnnounced,
        Self::MaintenanceMoved,
        Self::MaintenanceUpdated,
        Self::MaintenanceStarted,
        Self::MaintenanceCompleted,
        Self::MaintenanceCancelled,
        Self::MaintenanceUnlisted,
        Self::IncidentRemoved,
        Self::IncidentJudged,
        Self::MaintenanceRemoved,
        Self::MaintenanceSoon,
        Self::ServiceState,
        Self::SourceOverride,
        Self::CutOff,
        Self::Reconnected,
        Self::ChannelFailing,
        Self::ChannelWorking,
    ];

    /// The word of the public interface, as in `/events`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SourceState => "source.state",
            Self::SourceUnreadable => "source.unreadable",
            Self::SourceReadable => "source.readable",
            Self::SourceReshaped => "source.reshaped",
            Self::ComponentState => "component.state",
            Self::ComponentListed => "component.listed",
            Self::ComponentUnlisted => "component.unlisted",
            Self::IncidentOpened => "incident.opened",
            Self::IncidentUpdated => "incident.updated",
            Self::IncidentResolved => "incident.resolved",
            Self::IncidentReopened => "incident.reopened",
            Self::IncidentUnlisted => "incident.unlisted",
            Self::MaintenanceAnnounced => "maintenance.announced",
            Self::MaintenanceMoved => "maintenance.moved",
            Self::MaintenanceUpdated => "maintenance.updated",
            Self::MaintenanceStarted => "maintenance.started",
            Self::MaintenanceCompleted => "maintenance.completed",
            Self::MaintenanceCancelled => "maintenance.cancelled",
            Self::MaintenanceUnlisted => "maintenance.unlisted",
            Self::IncidentRemoved => "incident.removed",
            Self::IncidentJudged => "incident.judged",
            Self::MaintenanceRemoved => "maintenance.removed",
            Self::MaintenanceSoon => "maintenance.soon",
            Self::ServiceState => "service.state",
            Self::SourceOverride => "source.override",
            Self::CutOff => "allclear.cut_off",
            Self::Reconnected => "allclear.reconnected",
            Self::ChannelFailing => "allclear.channel_failing",
            Self::ChannelWorking => "allclear.channel_working",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What made a change happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A reading said so.
    Reading,
    /// Time passed: a horizon, the end of a grace.
    Time,
    /// An operator said so.
    Operator,
    /// Another tool pushed it.
    Push,
    /// The configuration changed.
    Configuration,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Reading, Self::Time, Self::Operator, Self::Push, Self::Configuration];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Time => "time",
            Self::Operator => "operator",
            Self::Push => "push",
            Self::Configuration => "configuration",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }
}
