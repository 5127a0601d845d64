//! Writes down what changed on the page.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use redb::{ReadableTable, Table, WriteTransaction};
use serde::Serialize;

use super::{NOTHING, Rows, SCENE, incident_leaf, maintenance_leaf, pack, source_leaf, trim, weight};
use crate::limits;
use crate::model::snapshot::Snapshot;
use crate::store::commit::time_of;
use crate::store::error::Fault;
use crate::store::marks;
use crate::store::record::past::{ItemShape, SceneShape, SourceShape};
use crate::store::tables::{META, PAST, PAST_SIZE, micros};

/// What was written last, to tell what is new. It only ever takes up what is on the disk.
#[derive(Debug, Default)]
pub struct Recorder {
    leaves: HashMap<String, Leaf>,
    shown: Option<Arc<Snapshot>>,
    at: i64,
}

#[derive(Debug, Clone)]
struct Leaf {
    version: Arc<[u8]>,
    /// Versions since the last whole one.
    chain: usize,
}

/// What a transaction wrote, to be taken up once it is on the disk.
#[derive(Debug, Default)]
pub struct Written {
    leaves: HashMap<String, Leaf>,
    shown: Option<Arc<Snapshot>>,
    at: i64,
}

impl Recorder {
    /// Writes what is new in these pages, in order, each with the moment from which it was shown.
    pub fn write(&self, txn: &WriteTransaction, pages: &[(Timestamp, Arc<Snapshot>)]) -> Result<Written, Fault> {
        let mut round = Round {
            recorder: self,
            rows: txn.open_table(PAST)?,
            sizes: txn.open_table(PAST_SIZE)?,
            written: Written { at: self.at, ..Written::default() },
        };
        for (at, page) in pages {
            let mut at = micros(*at);
            if round.shown().is_none() {
                at = round.wake(txn, at)?;
            }
            at = at.max(round.written.at.saturating_add(1));
            round.page(page, at)?;
            round.written.at = at;
            round.written.shown = Some(Arc::clone(page));
        }
        Ok(round.written)
    }

    /// A commit failed, and the disk may have kept it all the same: what is written next stands for itself.
    pub fn begin_anew(&mut self) {
        self.leaves.clear();
        self.shown = None;
    }

    /// Takes up what is on the disk now.
    pub fn take_up(&mut self, written: Written) {
        let Some(shown) = written.shown else { return };
        self.leaves.extend(written.leaves);
        self.at = written.at;
        // What stands on the page no longer begins anew when it comes back.
        let ids: std::collections::HashSet<String> = leaves_of(&shown).collect();
        self.leaves.retain(|leaf, _| leaf == SCENE || ids.contains(leaf));
        self.shown = Some(shown);
    }
}

fn leaves_of(page: &Snapshot) -> impl Iterator<Item = String> + '_ {
    let sources = page.sources.iter().map(|view| source_leaf(view.source.id.as_str()));
    let incidents = page.incidents.iter().map(|view| incident_leaf(view.incident.id.as_str()));
    let maintenances = page.maintenances.iter().map(|view| maintenance_leaf(view.maintenance.id.as_str()));
    sources.chain(incidents).chain(maintenances)
}

struct Round<'a> {
    recorder: &'a Recorder,
    rows: Rows<'a>,
    sizes: Table<'a, &'static str, u64>,
    written: Written,
}

impl Round<'_> {
    fn shown(&self) -> Option<&Arc<Snapshot>> {
        self.written.shown.as_ref().or(self.recorder.shown.as_ref())
    }

    /// The first page since a start: says how long nothing was shown before. Returns when it can stand.
    fn wake(&mut self, txn: &WriteTransaction, at: i64) -> Result<i64, Fault> {
        if self.recorder.at > 0 {
            // What a failed commit left was never shown.
            let unshown = (SCENE, self.recorder.at.saturating_add(1))..=(SCENE, i64::MAX);
            self.rows.extract_from_if(unshown, |_, _| true)?.count();
        }
        let last = self.rows.range((SCENE, i64::MIN)..=(SCENE, i64::MAX))?.next_back().transpose()?;
        let Some(last) = last.map(|(place, _)| place.value().1) else { return Ok(at) };
        let alive = txn.open_table(META)?.get("newest")?.map_or(last, |newest| newest.value()).max(last);
        let asleep = i64::try_from(limits::ASLEEP.as_micros()).unwrap_or(i64::MAX);
        if at.saturating_sub(alive) > asleep {
            self.rows.insert((SCENE, alive.saturating_add(1)), [NOTHING].as_slice())?;
            if let Some(since) = time_of(alive) {
                marks::asleep(txn, since)?;
            }
        }
        Ok(at.max(last.saturating_add(2)))
    }

    fn page(&mut self, page: &Arc<Snapshot>, at: i64) -> Result<(), Fault> {
        let before = self.shown().cloned();
        for (place, view) in page.sources.iter().enumerate() {
            // Sources keep their places but where the configuration changes.
            let known = before.as_ref().and_then(|page| page.sources.get(place));
            if !known.is_some_and(|known| Arc::ptr_eq(known, view)) {
                self.leaf(&source_leaf(view.source.id.as_str()), at, &SourceShape::of(view))?;
            }
        }
        for view in &page.incidents {
            self.leaf(&incident_leaf(view.incident.id.as_str()), at, &ItemShape::incident(view))?;
        }
        for view in &page.maintenances {
            self.leaf(&maintenance_leaf(view.maintenance.id.as_str()), at, &ItemShape::maintenance(view))?;
        }
        self.leaf(SCENE, at, &SceneShape::of(page))
    }

    /// Writes a version where it is a new one.
    fn leaf(&mut self, leaf: &str, at: i64, shape: &impl Serialize) -> Result<(), Fault> {
        let version = serde_json::to_vec(shape).map_err(|error| Fault::Record(error.to_string()))?;
        let before = self.written.leaves.get(leaf).or_else(|| self.recorder.leaves.get(leaf)).cloned();
        if before.as_ref().is_some_and(|before| *before.version == *version) {
            return Ok(());
        }
        let chained = before.filter(|before| before.chain < limits::PAST_CHAIN);
        let row = pack(&version, chained.as_ref().map(|before| &*before.version))?;
        let chain = if row.first() == Some(&super::DIFFERENCE) {
            chained.map_or(0, |before| before.chain.saturating_add(1))
        } else {
            0
        };
        self.rows.insert((leaf, at), row.as_slice())?;
        let size = self.sizes.get(leaf)?.map_or(0, |size| size.value()).saturating_add(weight(leaf, &row));
        self.sizes.insert(leaf, size)?;
        let most = if leaf == SCENE { limits::PAST_OF_PAGE } else { limits::PAST_OF_LEAF };
        if size > most {
            // A quarter at once, so that this is rare.
            trim(&mut self.rows, &mut self.sizes, leaf, |_, gone| gone < most / 4)?;
        }
        self.written.leaves.insert(leaf.to_owned(), Leaf { version: version.into(), chain });
        Ok(())
    }
}
