//! Who did what, when, from where: one row for every change and every sign-in.

use jiff::Timestamp;

use super::actor::Actor;

/// One row, before it has its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who, and from where.
    pub actor: Actor,
    /// What: `incident.open`, `sign_in.failed`.
    pub action: &'static str,
    /// The id of what was changed.
    pub subject: Option<String>,
    /// What it was, in words for people; `None` where there was nothing. No secret stands in it.
    pub before: Option<String>,
    /// What it is now.
    pub after: Option<String>,
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its place in the log, from 1 without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who, and from where.
    pub actor: Actor,
    /// What.
    pub action: String,
    /// The id of what was changed.
    pub subject: Option<String>,
    /// What it was.
    pub before: Option<String>,
    /// What it is now.
    pub after: Option<String>,
}
