//! A hook: where another tool pushes its alerts, and what becomes of them.

use std::time::Duration;

use super::id::{HookId, ServiceId};
use super::level::Impact;

/// Who publishes what a hook makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It stands on the page at once.
    Publish,
    /// An operator is asked first.
    Suggest,
}

/// What becomes of the alerts that one tool pushes.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Kebab-case, unique.
    pub id: HookId,
    /// For people.
    pub name: String,
    /// The name of the sender's format.
    pub kind: String,
    /// Who publishes.
    pub mode: Mode,
    /// An alert that is over sooner than this makes no incident.
    pub hold: Duration,
    /// An alert that comes back within this after its end goes on with its incident.
    pub reopen: Duration,
    /// What is touched where no label says otherwise.
    pub services: Vec<ServiceId>,
    /// The label that says what is touched.
    pub label: Option<ServiceLabel>,
    /// The impact of an alert that names none.
    pub impact: Impact,
    /// The end of an alert resolves its incident; otherwise an operator does.
    pub resolve: bool,
    /// The sender's address of an alert is shown. It often leads to where readers have no business.
    pub link: bool,
}

/// A label of the sender's, and which service each of its values means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLabel {
    /// The label's name.
    pub name: String,
    /// Its values; upper and lower case are the same.
    pub values: Vec<(String, ServiceId)>,
}

impl ServiceLabel {
    /// The service that a value of the label means.
    pub fn service(&self, value: &str) -> Option<&ServiceId> {
        let value = value.trim().to_lowercase();
        self.values.iter().find(|(known, _)| known.to_lowercase() == value).map(|(_, service)| service)
    }
}
