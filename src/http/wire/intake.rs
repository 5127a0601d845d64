//! Pages that were looked at, and sources that were added, as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;
use crate::model::{desk, intake};

/// What a page says, for whoever thinks of watching it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sighting<'a> {
    /// What was looked at, as it was given.
    page: &'a str,
    /// What it calls itself.
    name: &'a str,
    /// How it is read.
    format: &'a str,
    /// How sure that is, and what was asked on the way.
    recognised: &'a [String],
    /// What it says of itself as a whole.
    state: &'static str,
    /// Its components with their states.
    components: Vec<Part<'a>>,
    /// Titles of its open incidents.
    incidents: &'a [String],
    /// What was not understood.
    warnings: &'a [String],
}

/// A component of a page that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Part<'a> {
    /// `Group/Name`.
    path: &'a str,
    /// Its state.
    state: &'static str,
}

/// A source that was added here.
#[derive(Debug, Serialize, ToSchema)]
pub struct Added<'a> {
    /// Its id.
    id: &'a str,
    /// For people.
    name: &'a str,
    /// Its entry, to be put under `sources:` in sources.yaml.
    entry: String,
    /// When it was added.
    at: Time,
    /// By whom.
    author: &'a str,
    /// Rises with every change.
    version: u64,
}

impl<'a> Sighting<'a> {
    /// Shapes one.
    pub fn of(from: &'a intake::Sighting) -> Self {
        Self {
            page: &from.page,
            name: &from.name,
            format: &from.format,
            recognised: &from.recognised,
            state: from.state.as_str(),
            components: from.components.iter().map(|(path, state)| Part { path, state: state.as_str() }).collect(),
            incidents: &from.incidents,
            warnings: &from.warnings,
        }
    }
}

impl<'a> Added<'a> {
    /// Shapes one.
    pub fn of(from: &'a desk::Added) -> Self {
        Self {
            id: from.id.as_str(),
            name: &from.name,
            entry: pasted(&from.lines),
            at: Time(from.at),
            author: &from.author,
            version: from.version,
        }
    }
}

/// An entry's lines as they stand under `sources:`.
pub fn pasted(lines: &[String]) -> String {
    let dash = |number: usize| if number == 0 { "  - " } else { "    " };
    lines.iter().enumerate().map(|(number, line)| format!("{}{line}\n", dash(number))).collect()
}
