//! People who ask and command from a chat: what they type, to a request; words back. Pure: no I/O, no clock.

mod parse;
mod plain;
mod words;

use std::time::Duration;

use crate::model::level::Impact;

pub use parse::parse;
pub use plain::{from_slack, slack, telegram};
pub use words::{HELP, done, incidents, refused, status};

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Which commands there are.
    Help,
    /// The first line, and what is wrong.
    Status,
    /// The open incidents with their ids.
    Incidents,
    /// Declare an incident.
    Open {
        /// What is wrong.
        title: String,
        /// Services by id or name.
        services: Vec<String>,
        /// How bad it is; `None`: minor.
        impact: Option<Impact>,
    },
    /// Say more about an incident.
    Update {
        /// Its id, or how it begins.
        id: String,
        /// What is to be said.
        words: String,
    },
    /// End an incident.
    Resolve {
        /// Its id, or how it begins.
        id: String,
        /// What is to be said; may be empty.
        words: String,
    },
    /// Say that an incident was seen.
    Acknowledge {
        /// Its id, or how it begins.
        id: String,
    },
    /// Let an incident make no noise.
    Mute {
        /// Its id, or how it begins.
        id: String,
        /// For how long; `None`: until it becomes worse.
        how_long: Option<Duration>,
    },
}

impl Request {
    /// True for what changes something.
    pub fn changes(&self) -> bool {
        !matches!(self, Self::Help | Self::Status | Self::Incidents)
    }
}

#[cfg(test)]
mod tests;
