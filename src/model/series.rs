//! Maintenances of the team's own that come again, and what time does to a planned one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::id::{SeriesId, ServiceId};
use super::text::Text;

/// A maintenance that comes again by a rule. What is really planned are its occurrences, each a maintenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Stable over every change of it.
    pub id: SeriesId,
    /// Plain text, safe to show.
    pub title: String,
    /// What it is about, as its author wrote it: Markdown.
    pub markdown: String,
    /// The same, made safe.
    pub words: Text,
    /// Services of the team that it touches.
    pub services: Vec<ServiceId>,
    /// When it comes again: an RRULE (RFC 5545) that `rules::recurrence` has read.
    pub rule: String,
    /// Whose clocks the rule goes by: IANA name.
    pub timezone: String,
    /// Where the rule begins, on those clocks. Its time of day is that of every occurrence.
    pub starts: DateTime,
    /// How long each occurrence is planned to take.
    pub duration: Duration,
    /// Each begins by itself at its planned start.
    pub auto_start: bool,
    /// Each ends by itself at its planned end.
    pub auto_end: bool,
    /// How long before its start each is reminded of.
    pub reminders: Vec<Duration>,
    /// What happens to single occurrences instead, by the start that the rule gives them.
    pub exceptions: BTreeMap<DateTime, Exception>,
    /// Grows by one with every change.
    pub version: u64,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its version last grew.
    pub changed_at: Timestamp,
}

/// A series as one entry of a calendar says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurring {
    /// As it is kept.
    pub series: Series,
    /// The first occurrence since the series was made, on its clocks.
    pub first: DateTime,
    /// The rule from there on, as calendars want it: an RRULE whose end, if any, is in UTC or counted from `first`.
    pub rule: String,
    /// Of the occurrences that are maintenances: the starts that the rule still names.
    pub named: BTreeSet<DateTime>,
}

/// What happens to an occurrence instead of what the rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// It does not take place.
    Cancelled,
    /// It takes place at another time.
    Moved {
        /// Its planned start.
        starts_at: Timestamp,
        /// Its planned end.
        ends_at: Timestamp,
    },
}

/// One occurrence of a series: by the start that the rule gives it, wherever it was moved to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OccurrenceOf {
    /// Which series.
    pub series: SeriesId,
    /// Its start by the rule, on the clocks of the series.
    pub starts: DateTime,
}

/// What time does to a planned maintenance of the team's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// It begins by itself at its planned start.
    pub auto_start: bool,
    /// It ends by itself at its planned end.
    pub auto_end: bool,
    /// How long before its start it is reminded of.
    pub reminders: Vec<Duration>,
    /// The reminders that were told already. Whoever moves the start empties this.
    pub reminded: Vec<Duration>,
    /// Which occurrence it is; `None`: it comes once.
    pub series: Option<OccurrenceOf>,
}
