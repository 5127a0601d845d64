//! What was in which state from when on: the event log in the few bytes that figures need.

use jiff::Timestamp;

use super::id::{ComponentId, ServiceId, SourceId};
use super::level::State;

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Track {
    /// A source as a whole, as it was read.
    Source(SourceId),
    /// One component of it, as it was last read: what it was while its source was not observed is not known.
    Component(SourceId, ComponentId),
    /// A service of the team.
    Service(ServiceId),
}

/// From `at` on it was so, until the next mark of its track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Since when.
    pub at: Timestamp,
    /// The state; [`State::Unknown`]: it was read, and not understood. `None`: nobody observed it.
    pub state: Option<State>,
}
