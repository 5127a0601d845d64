//! The single writer.

use std::sync::Arc;

use crate::model::event::Event;
use crate::model::snapshot::Snapshot;

/// What the writer publishes after a commit.
#[derive(Debug, Clone)]
pub struct Published {
    /// The new present.
    pub snapshot: Arc<Snapshot>,
    /// What changed since the one before, in order.
    pub events: Vec<Event>,
}
