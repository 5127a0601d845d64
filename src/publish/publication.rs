//! What lies at one place, and how it becomes a newer site without ever being half of one.
//!
//! # Invariants
//! * A page is put only after every file that is new in its site, and the combined page after all others: what it refers
//!   to is there.
//! * The sign of life is put last: it says that everything before it was put. Only where there is none yet it comes before
//!   the combined page, which refers to it.
//! * Only what is in the list of what was published is removed, and what is put is in the list before.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

use super::site::{BEAT, File, INDEX, Keep, Site, is_plain_path};
use super::target::{Heading, Target, TargetError};

/// The list of what was published, at the place itself.
pub const MANIFEST: &str = "allclear-manifest.json";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const LIST: Heading<'static> = Heading { kind: "application/json", caching: "no-cache" };

/// When files that are no longer in the site are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// With the next round: somebody may hold a page that refers to them.
    NextRound,
    /// At the end of this one, since there is no next.
    Now,
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Files that were put.
    pub put: usize,
    /// Files that were removed.
    pub removed: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    made_by: String,
    files: BTreeSet<String>,
}

/// One place, with what is known to lie there.
#[derive(Debug)]
pub struct Publication {
    target: Target,
    /// `Cache-Control` of what changes.
    caching: String,
    removal: Removal,
    /// What this process put there. What another put is put anew: it may have been killed before it knew.
    put: HashMap<String, [u8; 32]>,
    /// What is ours, as the list there has it; `None`: not read yet.
    listed: Option<BTreeSet<String>>,
    /// What was no longer in the site of the round before.
    leaving: BTreeSet<String>,
}

impl Publication {
    /// A place of which nothing is known yet.
    pub fn new(target: Target, caching: String, removal: Removal) -> Self {
        Self { target, caching, removal, put: HashMap::new(), listed: None, leaving: BTreeSet::new() }
    }

    /// Believes nothing about what lies there any more: the next round puts everything.
    pub fn forget(&mut self) {
        self.put.clear();
    }

    /// Whether something of ours lies there.
    ///
    /// # Errors
    /// Where the place does not say.
    pub async fn is_ours(&self) -> Result<bool, TargetError> {
        Ok(self.target.get(MANIFEST).await?.is_some())
    }

    /// Brings the place to this site. What was done before a failure stays done, and the next round goes on.
    ///
    /// # Errors
    /// The first failure.
    pub async fn round(&mut self, site: &Site) -> Result<Done, TargetError> {
        let mut listed = match self.listed.take() {
            Some(listed) => listed,
            None => self.read_list().await?,
        };
        let names: BTreeSet<String> = site.files.keys().cloned().collect();
        if !names.is_subset(&listed) {
            listed.extend(names.iter().cloned());
            self.write_list(&listed).await?;
        }
        let has_beat = self.put.contains_key(BEAT) || self.target.get(BEAT).await?.is_some();
        let mut done = Done::default();
        for step in self.steps(site, has_beat) {
            done.put += step.len();
            self.put_all(site, step).await?;
        }
        let gone: BTreeSet<String> = listed.difference(&names).cloned().collect();
        let due: Vec<&String> = match self.removal {
            Removal::Now => gone.iter().collect(),
            Removal::NextRound => gone.intersection(&self.leaving).collect(),
        };
        for path in &due {
            self.target.remove(path).await?;
            self.put.remove(*path);
            listed.remove(*path);
            done.removed += 1;
        }
        if !due.is_empty() {
            self.write_list(&listed).await?;
        }
        self.leaving = gone;
        self.listed = Some(listed);
        Ok(done)
    }

    /// What is to be put, step by step: what is new, what changed, the combined page, the sign of life.
    fn steps(&self, site: &Site, has_beat: bool) -> [Vec<String>; 4] {
        let mut steps: [Vec<String>; 4] = Default::default();
        let [fresh, changed, index, beat] = &mut steps;
        for (path, file) in &site.files {
            match (path.as_str(), self.put.get(path)) {
                (_, Some(known)) if *known == file.digest => {}
                (INDEX, _) => index.push(path.clone()),
                (BEAT, _) if has_beat => beat.push(path.clone()),
                (_, None) => fresh.push(path.clone()),
                (_, Some(_)) => changed.push(path.clone()),
            }
        }
        steps
    }

    async fn put_all(&mut self, site: &Site, paths: Vec<String>) -> Result<(), TargetError> {
        for path in &paths {
            // What fails on its way may be there all the same, whole.
            self.put.remove(path);
        }
        let (target, caching) = (&self.target, self.caching.as_str());
        let files = paths.into_iter().filter_map(|path| site.files.get(&path).map(|file| (path, file)));
        let one = |(path, file): (String, &File)| {
            let heading =
                Heading { kind: file.kind, caching: if file.keep == Keep::ForEver { FOR_EVER } else { caching } };
            let (bytes, digest) = (file.bytes.clone(), file.digest);
            async move { target.put(&path, bytes, heading).await.map(|()| (path, digest)) }
        };
        let mut under_way = stream::iter(files.map(one)).buffer_unordered(target.at_once());
        while let Some((path, digest)) = under_way.try_next().await? {
            self.put.insert(path, digest);
        }
        Ok(())
    }

    async fn read_list(&self) -> Result<BTreeSet<String>, TargetError> {
        if let Target::Folder(folder) = &self.target {
            folder.sweep().await?;
        }
        let Some(bytes) = self.target.get(MANIFEST).await? else { return Ok(BTreeSet::new()) };
        match serde_json::from_slice::<Manifest>(&bytes) {
            // It lies where others may write: nothing in it leads out of the place.
            Ok(manifest) => Ok(manifest.files.into_iter().filter(|path| is_plain_path(path)).collect()),
            Err(error) => {
                tracing::warn!(%error, "the list of what was published before cannot be read; what is gone since then stays");
                Ok(BTreeSet::new())
            }
        }
    }

    async fn write_list(&self, files: &BTreeSet<String>) -> Result<(), TargetError> {
        let manifest = Manifest { made_by: "allclear".to_owned(), files: files.clone() };
        // Names of files as JSON: that cannot fail.
        let bytes = serde_json::to_vec(&manifest).unwrap_or_default();
        self.target.put(MANIFEST, Bytes::from(bytes), LIST).await
    }
}
