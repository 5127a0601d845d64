//! What assistants ask over the Model Context Protocol: tools that only read, the same over HTTP and at the terminal.
//! The tools are pure: a page in, an answer out. What vendors wrote is quoted in it, cut, and marked as theirs.

mod answer;
mod ask;
mod broken;
mod happened;
mod is_up;
mod listed;
mod name;
mod rows;
mod serve;
mod then;
mod uptime;

use jiff::Timestamp;

use crate::model::snapshot::Snapshot;

pub use answer::Answer;
pub use ask::{IncidentsAsked, MaintenancesAsked, Planned, Question, SourcesAsked, Status};
pub use broken::broken;
pub use happened::{Listed, incident, incidents, maintenances};
pub use is_up::is_up;
pub use listed::sources;
pub use name::{Subject, source as find_source, subject};
pub use serve::{Answers, over_http, over_stdio};
pub use then::then;
pub use uptime::uptime;

/// A page, and when it stood so.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// What stands on it.
    pub snapshot: &'a Snapshot,
    /// Now, or the moment of the past that is asked for.
    pub at: Timestamp,
    /// It is of the past: how fresh it was is not kept.
    pub past: bool,
}

impl<'a> Page<'a> {
    /// The present.
    pub fn now(snapshot: &'a Snapshot, now: Timestamp) -> Self {
        Self { snapshot, at: now, past: false }
    }
}
