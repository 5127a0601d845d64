//! Writes down what changed on the page.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use redb::{ReadableTable, WriteTransaction};
use serde::Serialize;

use super::pack::pack;
use super::rows::{self, Rows, Sizes};
use super::{SCENE, incident_leaf, maintenance_leaf, source_leaf};
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
    /// Where the row that holds it begins.
    first: i64,
    /// Versions before it in that row.
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
    sizes: Sizes<'a>,
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
            rows::take_back(&mut self.rows, &mut self.sizes, SCENE, self.recorder.at)?;
        }
        let Some(last) = rows::newest(&self.rows, SCENE)? else { return Ok(at) };
        let alive = txn.open_table(META)?.get("newest")?.map_or(last, |newest| newest.value()).max(last);
        let asleep = i64::try_from(limits::ASLEEP.as_micros()).unwrap_or(i64::MAX);
        if at.saturating_sub(alive) > asleep {
            rows::end(&mut self.rows, &mut self.sizes, SCENE, alive.saturating_add(1))?;
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
        let leaf_now = match &chained {
            Some(before) => self.follow(leaf, at, before, &version)?,
            None => None,
        };
        let leaf_now = match leaf_now {
            Some(leaf_now) => leaf_now,
            None => {
                rows::begin(&mut self.rows, &mut self.sizes, leaf, at, &pack(&version, None)?)?;
                Leaf { version: version.into(), first: at, chain: 0 }
            }
        };
        let most = if leaf == SCENE { limits::PAST_OF_PAGE } else { limits::PAST_OF_LEAF };
        if self.sizes.get(leaf)?.is_some_and(|size| size.value() > most) {
            // A quarter at once, so that this is rare.
            rows::trim(&mut self.rows, &mut self.sizes, leaf, |_, gone| gone < most / 4)?;
        }
        self.written.leaves.insert(leaf.to_owned(), leaf_now);
        Ok(())
    }

    /// Writes a version as a difference behind the one before; `None` where there is no room for it.
    fn follow(&mut self, leaf: &str, at: i64, before: &Leaf, version: &[u8]) -> Result<Option<Leaf>, Fault> {
        let packed = pack(version, Some(&before.version))?;
        if !rows::add(&mut self.rows, &mut self.sizes, leaf, before.first, (at, &packed))? {
            return Ok(None);
        }
        let chain = before.chain.saturating_add(1);
        Ok(Some(Leaf { version: version.into(), first: before.first, chain }))
    }
}
