//! What is kept of one alert that another tool pushes: enough to bear repeats, and pushes out of order.

use jiff::Timestamp;

use super::id::{HookId, IncidentId};
use super::signal::Signal;

/// One alert of one hook. Times are the sender's where it gives any, but for the two that say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The sender's key.
    pub key: String,
    /// The newest end that was heard of.
    pub over_at: Option<Timestamp>,
    /// When that end was heard, by our clock.
    pub over_heard: Option<Timestamp>,
    /// When it was said to fire since then, in order; the first is since when it does. Empty while it is over.
    pub fired: Vec<Timestamp>,
    /// The newest of those signals.
    pub latest: Option<Signal>,
    /// No incident is made of it before this, by our clock; `None` where none is waited for.
    pub held_until: Option<Timestamp>,
    /// The incident that was last made of it.
    pub raised: Option<Raised>,
}

impl Pushed {
    /// An alert of which nothing was heard yet.
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            over_at: None,
            over_heard: None,
            fired: Vec::new(),
            latest: None,
            held_until: None,
            raised: None,
        }
    }

    /// True while the sender says that something is wrong.
    pub fn is_firing(&self) -> bool {
        !self.fired.is_empty()
    }
}

/// An incident that was made of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// Its id.
    pub incident: IncidentId,
    /// The start of the firing that opened it, or opened it again.
    pub since: Timestamp,
    /// How it stands, as far as the alert is concerned.
    pub standing: Standing,
    /// Digest of what was last told.
    pub told: String,
}

/// How the incident of an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It goes on as the alert does.
    Open,
    /// The sender said that it is over.
    Ended,
    /// An operator closed it while the alert went on: reminders are not told any more, a new firing is.
    Closed,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Ended, Self::Closed];

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended => "ended",
            Self::Closed => "closed",
        }
    }

    /// Reads a stored word; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == word)
    }
}

/// An alert in its place: keys are their sender's, so that two hooks may use the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    place: String,
    /// What is kept of it.
    pub alert: Pushed,
}

impl Followed {
    /// An alert of this hook.
    pub fn new(hook: &HookId, alert: Pushed) -> Self {
        Self { place: place(hook, &alert.key), alert }
    }

    /// Where it is kept.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The hook of a place; nothing where it is none.
    pub fn hook_of(place: &str) -> Option<(HookId, &str)> {
        place.split_once('\n').map(|(hook, key)| (HookId::new(hook), key))
    }
}

/// Where the alert of a hook is kept. No hook's id holds a line break.
pub fn place(hook: &HookId, key: &str) -> String {
    format!("{hook}\n{key}")
}
