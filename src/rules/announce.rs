//! What is news, who hears of it, and when.
//!
//! An event becomes a [`News`](crate::model::news::News) (`news`), which each receiver's ledger takes (`take`): it is
//! held for a reason or waits for one. Time makes letters of what waits (`due`). Nothing here does anything else.
//!
//! # Why something is held
//! The first of these that applies, in this order: it is from before the receiver; it touches nothing that counts; it
//! is a background source's silence; the receiver does not want the subject, the tier, the gravity, the words, the hour
//! (`wanted`); the team dismissed or muted it; an incident tells of it; planned work explains it; it says nothing new;
//! the receiver does not want this sort of news. An end asks none of this: it reaches whoever heard the trouble.
//!
//! # One trouble, one conversation
//! A vendor's page shows one trouble in several threads: components turn red, and an incident is posted about them. The
//! receiver hears of it once. Whichever was told first began the conversation, and the others join it
//! (`Strand::joined`): an incident that is posted about a source of which the receiver heard is an update there, and a
//! source that an incident explains is held as told by that. The conversation is over, and its end is told once, when
//! all that belongs to it is over: an incident that is said to be resolved while the page is still red waits a while
//! for the page (`limits::END_WAITS`), and then leaves the end to it.
//!
//! # Coming and going
//! Trouble that began for the third time within an hour needs no more confirmation: it is told once as it stands. From
//! then on its end waits until it has stayed away for a quarter of an hour, and what begins anew within days must stay
//! for as long before it is told (`Strand::flapped`), unless it is worse than it was or vital.
//!
//! # Cascades
//! Where several sources were told as new trouble lately, there is one cause: what follows goes together at longer
//! paces (`pace`). The end of one of them (`Heard::in_cascade`) waits for those of the others while another one goes on,
//! and goes with whatever goes out before that.
//!
//! # Quiet that ends
//! What was held because it was muted, dismissed or explained by planned work is told when that ends, if it still goes
//! on then and is not known to the receiver in that gravity.

mod conversation;
mod due;
mod hours;
mod ledger;
mod news;
mod pace;
mod planned;
mod take;
mod trouble;
mod wanted;

use crate::model::event::{Event, EventKind};
use crate::model::ledger::{Decision, Letter};

pub use due::{due, next_due};
pub use ledger::let_go;
pub use news::news;
pub use take::take;
pub use wanted::{is_usual, wanted};

/// True for a change that goes to the outbox: nothing of a first reading, and not that a source cannot be read while
/// this machine is cut off, which is told once and by itself.
pub fn is_news(event: &Event, cut_off: bool) -> bool {
    if event.baseline {
        return false;
    }
    match event.kind {
        EventKind::SourceUnreadable => !cut_off,
        EventKind::SourceReshaped | EventKind::ComponentListed | EventKind::ComponentUnlisted => false,
        EventKind::SourceReadable
        | EventKind::SourceState
        | EventKind::ComponentState
        | EventKind::IncidentOpened
        | EventKind::IncidentUpdated
        | EventKind::IncidentResolved
        | EventKind::IncidentReopened
        | EventKind::IncidentUnlisted
        | EventKind::IncidentRemoved
        | EventKind::IncidentJudged
        | EventKind::MaintenanceAnnounced
        | EventKind::MaintenanceMoved
        | EventKind::MaintenanceUpdated
        | EventKind::MaintenanceStarted
        | EventKind::MaintenanceCompleted
        | EventKind::MaintenanceCancelled
        | EventKind::MaintenanceUnlisted
        | EventKind::MaintenanceRemoved
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
