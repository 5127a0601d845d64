//! What waits for an operator: decisions first, the gravest and oldest before the others.

use std::sync::Arc;

use jiff::Timestamp;

use crate::limits;
use crate::model::desk::{Affects, Desk, Mute};
use crate::model::incident::{Incident, Maintenance, Phase};
use crate::model::snapshot::{IncidentView, Snapshot};
use crate::rules::desk::is_suggested;
use crate::rules::upkeep::{self, Facts, Overdue};

/// One thing that waits.
#[derive(Debug, Clone, PartialEq)]
pub enum Waiting {
    /// Another tool suggests an incident: publish it, or not.
    Suggested(Arc<Incident>),
    /// A vendor's incident became worse since it was judged.
    Outdated(Arc<IncidentView>),
    /// A vendor's incident that nobody has judged.
    Unjudged(Arc<IncidentView>),
    /// A maintenance that should have begun or ended.
    Overdue(Arc<Maintenance>, Overdue),
    /// An incident of ours of which readers have heard nothing since then.
    Silent(Arc<Incident>, Timestamp),
    /// A maintenance that begins soon.
    Soon(Arc<Maintenance>),
}

/// Everything that waits now, in the order of `Waiting`; of each sort the worst first, then the oldest.
pub fn waiting(desk: &Desk, snapshot: &Snapshot, now: Timestamp) -> Vec<Waiting> {
    let mut all: Vec<Waiting> = Vec::new();
    let open = || desk.incidents.values().filter(|one| one.is_open());
    all.extend(open().filter(|one| is_suggested(one)).map(|one| Waiting::Suggested(Arc::clone(one))));
    let vendors = snapshot.incidents.iter().filter(|view| view.incident.source.is_some());
    all.extend(vendors.filter_map(|view| verdict(view, now)));
    all.extend(desk.maintenances.values().filter_map(|one| maintenance(one, now)));
    for one in open().filter(|one| !is_suggested(one)) {
        let said = one.updates.iter().filter_map(|update| update.at).max().unwrap_or(one.first_seen_at);
        if now.duration_since(said) >= jiff::SignedDuration::try_from(limits::SILENT).unwrap_or_default() {
            all.push(Waiting::Silent(Arc::clone(one), said));
        }
    }
    all.sort_by_key(|one| one.rank());
    all
}

impl Waiting {
    fn rank(&self) -> (u8, std::cmp::Reverse<u8>, Timestamp) {
        let (sort, weight, since) = match self {
            Self::Suggested(one) => (0, one.state().weight(), one.began_at()),
            Self::Outdated(view) => (1, view.state.weight(), view.incident.began_at()),
            Self::Unjudged(view) => (2, view.state.weight(), view.incident.began_at()),
            Self::Overdue(one, _) => (3, 0, one.starts_at.unwrap_or(one.first_seen_at)),
            Self::Silent(one, said) => (4, one.state().weight(), *said),
            Self::Soon(one) => (5, 0, one.starts_at.unwrap_or(one.first_seen_at)),
        };
        (sort, std::cmp::Reverse(weight), since)
    }
}

/// Whether a vendor's incident waits to be judged. One that does not count here waits for nobody, and one that somebody
/// has muted was decided on, for as long as that lasts.
fn verdict(view: &Arc<IncidentView>, now: Timestamp) -> Option<Waiting> {
    if !view.counted {
        return None;
    }
    let Some(verdict) = &view.verdict else { return Some(Waiting::Unjudged(Arc::clone(view))) };
    let is_muted = match verdict.mute {
        Mute::Off => false,
        Mute::Until(at) => at > now,
        Mute::UntilChange => view.stands,
    };
    match verdict.affects {
        _ if is_muted => None,
        Affects::NotKnown => Some(Waiting::Unjudged(Arc::clone(view))),
        Affects::Yes | Affects::No => (!view.stands).then(|| Waiting::Outdated(Arc::clone(view))),
    }
}

fn maintenance(one: &Arc<Maintenance>, now: Timestamp) -> Option<Waiting> {
    let local = one.local.as_ref()?;
    let facts = Facts { phase: one.phase?, starts_at: one.starts_at, ends_at: one.ends_at, plan: &local.plan };
    if let Some(overdue) = upkeep::overdue(&facts, now) {
        return Some(Waiting::Overdue(Arc::clone(one), overdue));
    }
    let soon = now.checked_add(limits::STARTS_SOON).unwrap_or(Timestamp::MAX);
    let is_soon =
        one.phase == Some(Phase::Scheduled) && !local.plan.auto_start && one.starts_at.is_some_and(|at| at <= soon);
    is_soon.then(|| Waiting::Soon(Arc::clone(one)))
}
