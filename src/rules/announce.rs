//! What is news, who hears of it, and when.

use crate::model::event::{Event, EventKind};
use crate::model::ledger::{Decision, Letter};

/// True for a change that goes to the outbox: nothing of a first reading, and nothing that only says
/// that this machine is cut off, which is told once and by itself.
pub fn is_news(event: &Event, cut_off: bool) -> bool {
    if event.baseline {
        return false;
    }
    match event.kind {
        EventKind::SourceUnreadable | EventKind::SourceReadable | EventKind::SourceState => !cut_off,
        EventKind::SourceReshaped
        | EventKind::ComponentListed
        | EventKind::ComponentUnlisted
        | EventKind::IncidentRemoved
        | EventKind::IncidentJudged
        | EventKind::MaintenanceRemoved => false,
        EventKind::ComponentState
        | EventKind::IncidentOpened
        | EventKind::IncidentUpdated
        | EventKind::IncidentResolved
        | EventKind::IncidentReopened
        | EventKind::IncidentUnlisted
        | EventKind::MaintenanceAnnounced
        | EventKind::MaintenanceMoved
        | EventKind::MaintenanceUpdated
        | EventKind::MaintenanceStarted
        | EventKind::MaintenanceCompleted
        | EventKind::MaintenanceCancelled
        | EventKind::MaintenanceUnlisted
        | EventKind::MaintenanceSoon
        | EventKind::ServiceState
        | EventKind::SourceOverride
        | EventKind::CutOff
        | EventKind::Reconnected
        | EventKind::ChannelFailing
        | EventKind::ChannelWorking => true,
    }
}

/// What came of a step: what was decided, and what is to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// For each piece of news that it touched, in the order of their numbers.
    pub decisions: Vec<Decision>,
    /// Numbered from the number that the step was given, in this order.
    pub letters: Vec<Letter>,
}
