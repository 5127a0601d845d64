//! What waits to be written: one batch, which grows while the disk refuses.

use std::sync::Arc;

use jiff::Timestamp;

use crate::limits;
use crate::model::desk::Drawer;
use crate::model::id::IncidentId;
use crate::model::receipt::Receipt;
use crate::model::snapshot::Snapshot;
use crate::store::{Batch, SourceChange};

/// What was to be written before orders were added.
#[derive(Debug)]
pub(super) struct Mark {
    events: usize,
    outbox: usize,
    shown: usize,
    owed: Batch,
}

/// What the disk refused so far; written with the next commit.
#[derive(Debug, Default)]
pub struct Backlog {
    pub(super) batch: Batch,
    /// The last page that was, or is to be, written down.
    shown: Option<Arc<Snapshot>>,
}

impl Backlog {
    /// True where everything is written.
    pub fn is_empty(&self) -> bool {
        self.batch.sources.is_empty() && self.batch.events.is_empty() && !self.owes_undoing()
    }

    /// True where pages wait to be written down.
    pub fn has_pages(&self) -> bool {
        !self.batch.shown.is_empty()
    }

    /// True where a write that was refused has still to be undone, in case the disk kept it.
    fn owes_undoing(&self) -> bool {
        let Batch { local_incidents, local_maintenances, removed, kept, gone, unsaid, .. } = &self.batch;
        !(local_incidents.is_empty()
            && local_maintenances.is_empty()
            && removed.is_empty()
            && kept.is_empty()
            && gone.is_empty()
            && unsaid.is_empty())
    }

    /// Has a page written down, where it says something new. While the disk refuses, the oldest of those that wait go.
    pub(super) fn show(&mut self, at: Timestamp, page: &Arc<Snapshot>) {
        if self.shown.as_ref().is_some_and(|shown| shown.says_the_same(page)) {
            return;
        }
        self.shown = Some(Arc::clone(page));
        self.batch.shown.push((at, Arc::clone(page)));
        let surplus = self.batch.shown.len().saturating_sub(limits::PAGES_WAITING);
        self.batch.shown.drain(..surplus);
    }

    /// True for the key of a write whose answer was never given, although the disk may have kept it.
    pub(super) fn takes_back(&self, key: &str) -> bool {
        self.batch.unsaid.iter().any(|unsaid| unsaid == key)
    }

    /// What there is before orders are added.
    pub(super) fn mark(&self) -> Mark {
        let Batch { local_incidents, local_maintenances, removed, kept, gone, unsaid, .. } = &self.batch;
        let owed = Batch {
            local_incidents: local_incidents.clone(),
            local_maintenances: local_maintenances.clone(),
            removed: removed.clone(),
            kept: kept.clone(),
            gone: gone.clone(),
            unsaid: unsaid.clone(),
            ..Batch::default()
        };
        Mark { events: self.batch.events.len(), outbox: self.batch.outbox.len(), shown: self.batch.shown.len(), owed }
    }

    /// Takes orders away again that the disk refused, and puts in their place how things were before them. What has to
    /// be undone of earlier ones is still to be undone.
    pub(super) fn take_back(&mut self, mark: Mark, before: Batch) {
        let batch = &mut self.batch;
        batch.events.truncate(mark.events);
        batch.outbox.truncate(mark.outbox);
        batch.shown.truncate(mark.shown);
        self.shown = None;
        batch.audit.clear();
        batch.said.clear();
        batch.questions.clear();
        let Batch { local_incidents, local_maintenances, removed, kept, gone, unsaid, .. } = before;
        (batch.local_incidents, batch.local_maintenances) = (local_incidents, local_maintenances);
        (batch.removed, batch.kept, batch.gone, batch.unsaid) = (removed, kept, gone, unsaid);
        // Both say the same of the same thing: nothing was changed between them.
        self.add(mark.owed);
    }

    /// Adds what a round could not write. The newest state of a source takes the place of older ones.
    pub(super) fn add(&mut self, batch: Batch) {
        for change in batch.sources {
            match self.batch.sources.iter_mut().find(|older| older.id == change.id) {
                Some(older) => fold(older, change),
                None => self.batch.sources.push(change),
            }
        }
        self.batch.events.extend(batch.events);
        self.batch.outbox.extend(batch.outbox);
        // What is to be undone was there first; what an order says of the same thing now comes over it.
        let kept = |id: &IncidentId| batch.local_incidents.iter().all(|one| one.id != *id);
        self.batch.removed.retain(kept);
        self.batch.local_incidents.retain(|one| kept(&one.id) && !batch.removed.contains(&one.id));
        let kept = |id: &IncidentId| batch.local_maintenances.iter().all(|one| one.id != *id);
        self.batch.removed.retain(kept);
        self.batch.local_maintenances.retain(|one| kept(&one.id) && !batch.removed.contains(&one.id));
        self.batch.unsaid.retain(|key| batch.said.iter().all(|said| said.key != *key));
        let touched = |place: (Drawer, &str)| {
            batch.kept.iter().any(|one| one.place() == place)
                || batch.gone.iter().any(|(drawer, key)| (*drawer, key.as_str()) == place)
        };
        self.batch.kept.retain(|one| !touched(one.place()));
        self.batch.gone.retain(|(drawer, key)| !touched((*drawer, key.as_str())));
        self.batch.local_incidents.extend(batch.local_incidents);
        self.batch.local_maintenances.extend(batch.local_maintenances);
        self.batch.removed.extend(batch.removed);
        self.batch.kept.extend(batch.kept);
        self.batch.gone.extend(batch.gone);
        self.batch.questions.extend(batch.questions);
        self.batch.audit.extend(batch.audit);
        self.batch.said.extend(batch.said);
        self.batch.unsaid.extend(batch.unsaid);
    }
}

fn fold(older: &mut SourceChange, newer: SourceChange) {
    older.transport = newer.transport;
    older.touched.extend(newer.touched);
    older.past_incidents.extend(newer.past_incidents);
    older.past_maintenances.extend(newer.past_maintenances);
    older.detected = newer.detected.or(older.detected.take());
    older.state = newer.state.or(older.state.take());
    older.receipts.extend(newer.receipts);
    drop_oldest(&mut older.receipts);
}

/// Receipts that wait for the disk are held in memory: the oldest go first, the newest reading stays whole.
fn drop_oldest(receipts: &mut Vec<Receipt>) {
    let newest = receipts.last().and_then(|receipt| receipt.reading.noticed_at);
    let mut bytes = 0_usize;
    let mut full = false;
    let mut stays: Vec<bool> = Vec::with_capacity(receipts.len());
    for receipt in receipts.iter().rev() {
        bytes = bytes.saturating_add(receipt.body.len());
        full |= bytes > limits::RECEIPTS_WAITING;
        stays.push(!full || receipt.reading.noticed_at == newest);
    }
    let mut stays = stays.into_iter().rev();
    receipts.retain(|_| stays.next().unwrap_or(true));
}
