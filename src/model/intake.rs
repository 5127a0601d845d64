//! What a look at a page brought, and what an operator makes of it.

use super::id::SourceId;
use super::level::State;

/// What a page says, for whoever thinks of watching it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What was looked at, as it was given.
    pub page: String,
    /// What it calls itself; what was given where it does not say.
    pub name: String,
    /// How it is read.
    pub format: String,
    /// How sure that is, and what was asked on the way, in words.
    pub recognised: Vec<String>,
    /// What it says of itself as a whole.
    pub state: State,
    /// Its components with their states, in its order.
    pub components: Vec<(String, State)>,
    /// Titles of its open incidents.
    pub incidents: Vec<String>,
    /// What was not understood.
    pub warnings: Vec<String>,
}

/// A source that an operator wants to have watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// A name from the catalogue, or an address.
    pub page: String,
    /// What it is called here; empty: what it calls itself.
    pub name: String,
    /// For grouping and filtering.
    pub tags: Vec<String>,
    /// Globs over component paths that count; empty: all.
    pub components: Vec<String>,
    /// Globs over component paths that do not count.
    pub ignore: Vec<String>,
    /// Seconds between readings; `None`: as all others.
    pub interval: Option<u64>,
    /// It is added although it cannot be read now.
    pub unread: bool,
}

/// A draft as an entry of `sources.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The source's id.
    pub id: SourceId,
    /// For people.
    pub name: String,
    /// The entry's lines, without the dash and without indentation.
    pub lines: Vec<String>,
}
