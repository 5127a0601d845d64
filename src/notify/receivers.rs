//! Who is told now, and by which policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::channels::Plan;
use crate::model::desk::Desk;
use crate::model::id::ReceiverId;
use crate::model::policy::Policy;

/// Somebody who is told.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// What it hears, and when.
    pub policy: Arc<Policy>,
    /// Since when it is known at the latest; `None`: since it is first seen.
    pub since: Option<Timestamp>,
    /// Whether what it was told can be changed there.
    pub can_edit: bool,
    /// A reader who subscribed: what it never asked for is not written down for it.
    pub is_reader: bool,
}

/// Everybody who is told now.
pub fn all(plan: &Plan, desk: &Desk) -> BTreeMap<ReceiverId, Receiver> {
    let channels = plan.lines.iter().map(|line| {
        let receiver = Receiver {
            policy: Arc::new(line.policy.clone()),
            since: None,
            can_edit: line.channel.can_edit(),
            is_reader: false,
        };
        (line.receiver(), receiver)
    });
    let readers = desk.subscribers.values().filter(|one| one.is_active()).map(|one| {
        let policy = Policy { wants: one.wants.clone(), digest: one.digest, ..plan.readers.clone() };
        let receiver = Receiver { policy: Arc::new(policy), since: one.confirmed_at, can_edit: false, is_reader: true };
        (ReceiverId::subscriber(&one.id), receiver)
    });
    channels.chain(readers).collect()
}
