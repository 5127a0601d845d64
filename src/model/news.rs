//! A change as it is told to people: what happened, to what, and all that decides who hears of it.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::event::Cause;
use super::id::{IncidentId, ServiceId, SourceId};
use super::incident::Phase;
use super::level::{Impact, State};

/// What one conversation is about: an incident, say, from its first word to its last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thread {
    /// An incident, a vendor's or ours.
    Incident(IncidentId),
    /// A maintenance, a vendor's or ours.
    Maintenance(IncidentId),
    /// A source in trouble that no incident tells of.
    Source(SourceId),
    /// A source that cannot be read.
    Reading(SourceId),
    /// A service whose state was set by hand.
    Service(ServiceId),
    /// This allclear: whether it reaches the others, and whether its messages arrive. The word says which.
    Here(String),
}

impl Thread {
    /// Reads what `Display` wrote; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        let (kind, id) = word.split_once('/')?;
        match kind {
            "incident" => Some(Self::Incident(IncidentId::new(id))),
            "maintenance" => Some(Self::Maintenance(IncidentId::new(id))),
            "source" => Some(Self::Source(SourceId::new(id))),
            "reading" => Some(Self::Reading(SourceId::new(id))),
            "service" => Some(Self::Service(ServiceId::new(id))),
            "here" => Some(Self::Here(id.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Thread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incident(id) => write!(out, "incident/{id}"),
            Self::Maintenance(id) => write!(out, "maintenance/{id}"),
            Self::Source(id) => write!(out, "source/{id}"),
            Self::Reading(id) => write!(out, "reading/{id}"),
            Self::Service(id) => write!(out, "service/{id}"),
            Self::Here(what) => write!(out, "here/{what}"),
        }
    }
}

/// How much a vendor matters to the team.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Told late, and its silence never.
    Background,
    /// As most.
    #[default]
    Normal,
    /// Told sooner, and at night.
    Vital,
}

impl Tier {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Background, Self::Normal, Self::Vital];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Normal => "normal",
            Self::Vital => "vital",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == word)
    }
}

/// What an event says of its thread, before it is known what a receiver has heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NewsKind {
    /// Something is wrong now; how bad, `News::state` says.
    Trouble,
    /// It is over.
    Over,
    /// Planned work was announced.
    Announced,
    /// Its window changed.
    Moved,
    /// Its words changed.
    Reworded,
    /// It is about to start.
    Soon,
    /// Work began.
    Started,
    /// Work is over.
    Ended,
    /// It will not happen.
    Cancelled,
    /// A source cannot be read.
    Unreadable,
    /// A source can be read again.
    Readable,
    /// The team said something of it: nothing to tell, but it may quiet the thread.
    Judged,
}

impl NewsKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Trouble,
        Self::Over,
        Self::Announced,
        Self::Moved,
        Self::Reworded,
        Self::Soon,
        Self::Started,
        Self::Ended,
        Self::Cancelled,
        Self::Unreadable,
        Self::Readable,
        Self::Judged,
    ];

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Over => "over",
            Self::Announced => "announced",
            Self::Moved => "moved",
            Self::Reworded => "reworded",
            Self::Soon => "soon",
            Self::Started => "started",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
            Self::Unreadable => "unreadable",
            Self::Readable => "readable",
            Self::Judged => "judged",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Trouble => "Trouble",
            Self::Over => "Over",
            Self::Announced => "Announced",
            Self::Moved => "Moved",
            Self::Reworded => "New words",
            Self::Soon => "Soon",
            Self::Started => "Started",
            Self::Ended => "Ended",
            Self::Cancelled => "Cancelled",
            Self::Unreadable => "Cannot be read",
            Self::Readable => "Can be read again",
            Self::Judged => "Judged by the team",
        }
    }

    /// Reads a stored word; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a receiver is told: the word depends on what it heard before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Happening {
    /// Trouble began.
    Opened,
    /// It became worse than was told.
    Worsened,
    /// There is more to say.
    Updated,
    /// It became better and is not over.
    Improved,
    /// It is over.
    Resolved,
    /// Planned work was announced.
    Announced,
    /// Its window changed.
    Moved,
    /// It is about to start.
    Soon,
    /// Work began.
    Started,
    /// Work is over.
    Ended,
    /// It will not happen.
    Cancelled,
    /// A source cannot be read.
    Unreadable,
    /// A source can be read again.
    Readable,
    /// It still goes on.
    Reminder,
}

impl Happening {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Opened,
        Self::Worsened,
        Self::Updated,
        Self::Improved,
        Self::Resolved,
        Self::Announced,
        Self::Moved,
        Self::Soon,
        Self::Started,
        Self::Ended,
        Self::Cancelled,
        Self::Unreadable,
        Self::Readable,
        Self::Reminder,
    ];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Worsened => "worsened",
            Self::Updated => "updated",
            Self::Improved => "improved",
            Self::Resolved => "resolved",
            Self::Announced => "announced",
            Self::Moved => "moved",
            Self::Soon => "soon",
            Self::Started => "started",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
            Self::Unreadable => "unreadable",
            Self::Readable => "readable",
            Self::Reminder => "reminder",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Opened => "New problem",
            Self::Worsened => "Worse",
            Self::Updated => "Update",
            Self::Improved => "Better",
            Self::Resolved => "Resolved",
            Self::Announced => "Maintenance announced",
            Self::Moved => "Maintenance moved",
            Self::Soon => "Maintenance soon",
            Self::Started => "Maintenance started",
            Self::Ended => "Maintenance ended",
            Self::Cancelled => "Maintenance cancelled",
            Self::Unreadable => "Cannot be read",
            Self::Readable => "Can be read again",
            Self::Reminder => "Still going on",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// True for the end of something that was told.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Resolved | Self::Ended | Self::Cancelled | Self::Readable)
    }
}

/// Why nobody need be told of something, as far as the team or the vendor has said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quiet {
    /// The team said that it is not affected.
    pub dismissed: bool,
    /// Muted until then; `Timestamp::MAX`: until it changes for the worse.
    pub muted_until: Option<Timestamp>,
    /// Somebody has seen it: no reminders.
    pub acknowledged: bool,
    /// An open incident tells of it.
    pub told_by: Option<IncidentId>,
    /// Planned work that is going on explains it.
    pub under_maintenance: bool,
    /// It touches nothing that counts for this team.
    pub uncounted: bool,
}

/// One change, with all that decides who hears of it and in what words. It is a whole: what it was made from
/// may be gone when it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The event's place in the log.
    pub seq: u64,
    /// When it was noticed here.
    pub at: Timestamp,
    /// What the event says of its thread.
    pub kind: NewsKind,
    /// What it is about.
    pub thread: Thread,
    /// An incident's or a maintenance's title, else the name of the source or service.
    pub title: String,
    /// The source; `None` for what is ours.
    pub source: Option<SourceId>,
    /// The source's name; the page's title for what is ours.
    pub source_name: String,
    /// The source's tags, or those of the services that are touched.
    pub tags: Vec<String>,
    /// How much the source matters; what is ours is vital.
    pub tier: Tier,
    /// Services that are touched or put at risk, with their names.
    pub services: Vec<(ServiceId, String)>,
    /// Paths of the components that are touched; none: all of the source.
    pub components: Vec<String>,
    /// How bad it is now: what the incident does to what it touches, or the source's own state.
    pub state: State,
    /// The publisher's judgement, where there is one.
    pub impact: Option<Impact>,
    /// How far it has come, where it says.
    pub phase: Option<Phase>,
    /// The newest words about it, plain; cut to `limits::NEWS_TEXT`.
    pub text: Option<String>,
    /// The publisher's own page about it.
    pub url: Option<String>,
    /// Planned start of a maintenance.
    pub starts_at: Option<Timestamp>,
    /// Planned end of a maintenance.
    pub ends_at: Option<Timestamp>,
    /// What made it happen. What people of the team declare needs no confirmation.
    pub cause: Cause,
    /// Declared here, by an operator or a tool of ours.
    pub local: bool,
    /// Why nobody need be told.
    pub quiet: Quiet,
    /// How often the source is read while it is in trouble: the length of "one reading".
    pub pace: Duration,
}
