//! What only a locally declared incident or maintenance has.

use jiff::Timestamp;

use super::id::{IncidentId, ServiceId};
use super::level::State;
use super::series::Plan;
use super::text::Text;

/// Words of an operator: as typed, and made safe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Markdown, as typed.
    pub markdown: String,
    /// The same, safe to show.
    pub text: Text,
}

/// What an incident does to one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The service.
    pub service: ServiceId,
    /// Its state while the incident is open.
    pub state: State,
}

/// Who wrote an update, and how it came to read as it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its number within the incident, from 1.
    pub number: u32,
    /// Who wrote it.
    pub author: String,
    /// Markdown, as typed.
    pub markdown: String,
    /// When it was last corrected, and by whom.
    pub corrected: Option<(Timestamp, String)>,
}

/// A remark that only signed-in people see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub author: String,
    /// What.
    pub words: Words,
}

/// Words about something, with who wrote them and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// When they were last written.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
    /// What.
    pub words: Words,
}

/// What opened an incident, where that was another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The hook's id.
    pub hook: String,
    /// The sender's key.
    pub key: String,
}

/// What a locally declared incident or maintenance has besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Local {
    /// Rises with every change: who edits an older one is told.
    pub version: u64,
    /// Who declared it.
    pub author: String,
    /// For signed-in people only, newest first.
    pub notes: Vec<Note>,
    /// Upstream incidents that have to do with it.
    pub related: Vec<IncidentId>,
    /// What was learned.
    pub postmortem: Option<Signed>,
    /// Another tool opened it.
    pub pushed: Option<Pushed>,
    /// Nobody but operators sees it until one of them publishes it.
    pub suggested: bool,
    /// What time does to it: maintenances only.
    pub plan: Plan,
}
