//! What one receiver wants to hear, and when.

use std::collections::BTreeSet;
use std::time::Duration;

use super::id::IncidentId;
use super::level::Impact;
use super::news::{Happening, Tier};

/// What a receiver wants to hear of. An empty list means "any"; all that are given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wants {
    /// Ids of sources; globs.
    pub sources: Vec<String>,
    /// Ids of services, touched or at risk; globs.
    pub services: Vec<String>,
    /// Tags; globs.
    pub tags: Vec<String>,
    /// `source/Group/Component`; globs.
    pub components: Vec<String>,
    /// Incidents or maintenances by id.
    pub incidents: Vec<IncidentId>,
    /// Nothing that is milder. What has no impact of its own counts by its state.
    pub impact: Option<Impact>,
    /// No vendor that matters less.
    pub tier: Option<Tier>,
    /// Which happenings; `None`: the usual ones (`Happening::is_usual` of `rules::announce`).
    pub kinds: Option<BTreeSet<Happening>>,
    /// At least one of these stands in title, words or components, whatever the case.
    pub words: Vec<String>,
    /// None of these does.
    pub without: Vec<String>,
    /// Only what happens in these hours; the rest is held for good, not told later.
    pub hours: Vec<Hours>,
}

/// Hours of some days of the week, on the receiver's clock. One that ends before it starts goes over midnight and
/// belongs to the day on which it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Monday first.
    pub days: [bool; 7],
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight; the end itself is outside. Equal to `from`: the whole day.
    pub to: u16,
}

/// When a summary is sent in the place of single messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// Monday is 0; `None`: every day.
    pub weekday: Option<u8>,
    /// Minutes after midnight.
    pub at: u16,
}

/// How long trouble must last before it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// So long.
    After(Duration),
    /// As long as so many further readings of the source take.
    Readings(u32),
}

/// What one receiver hears, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Of what.
    pub wants: Wants,
    /// IANA name of the receiver's clock.
    pub zone: String,
    /// Before trouble with a vital source is told.
    pub confirm_vital: Confirm,
    /// Before trouble with a normal source is told.
    pub confirm: Confirm,
    /// Before trouble with a background source is told.
    pub confirm_background: Confirm,
    /// How long a source must be unreadable before that is told; a background source's silence never is.
    pub unreadable: Duration,
    /// What comes within this time goes into one message.
    pub group: Duration,
    /// No message comes sooner than this after the one before.
    pub spacing: Duration,
    /// Hours in which nothing is told but what is vital and at least major.
    pub quiet: Vec<Hours>,
    /// Everything in one message at set times.
    pub digest: Option<Digest>,
    /// Trouble that goes on is told again after this long.
    pub remind: Option<Duration>,
}

impl Default for Policy {
    /// Everything, on the clock of UTC, at once.
    fn default() -> Self {
        let at_once = Confirm::After(Duration::ZERO);
        Self {
            wants: Wants::default(),
            zone: "UTC".to_owned(),
            confirm_vital: at_once,
            confirm: at_once,
            confirm_background: at_once,
            unreadable: Duration::ZERO,
            group: Duration::ZERO,
            spacing: Duration::ZERO,
            quiet: Vec::new(),
            digest: None,
            remind: None,
        }
    }
}
