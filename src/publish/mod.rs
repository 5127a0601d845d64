//! The page and its documents as files for any web server: written once, or again and again to folders and object stores,
//! so that the page is there when this machine is not.
//!
//! # Invariants
//! * A place that fails delays nothing but itself.
//! * What is published knows its age: it is made anew once a minute, and says when nobody did.

mod documents;
mod folder;
mod lane;
mod links;
mod publication;
mod site;
mod target;

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::model::outlet::{Outlet, Place};
use crate::model::snapshot::Snapshot;
use crate::render::Pages;
use crate::telemetry::{Metrics, Pulse};

pub use publication::{Done, MANIFEST, Publication, Removal};
pub use site::{BEAT, File, INDEX, Keep, Site, SiteError};
pub use target::{Target, TargetError};

/// The places to which the page is published.
pub type Outlets = Arc<Vec<Arc<Outlet>>>;

/// What publishing works with.
#[derive(Debug)]
pub struct Parts {
    /// Where to, as configured now.
    pub plan: watch::Receiver<Outlets>,
    /// The newest snapshot.
    pub latest: watch::Receiver<Arc<Snapshot>>,
    /// The templates of published pages.
    pub pages: Pages,
    /// The time.
    pub clock: Clock,
    /// Signs of life.
    pub pulse: Arc<Pulse>,
    /// Figures.
    pub metrics: Arc<Metrics>,
}

/// What all lanes share.
#[derive(Debug, Clone)]
struct Shared {
    latest: watch::Receiver<Arc<Snapshot>>,
    pages: Arc<Pages>,
    clock: Clock,
    pulse: Arc<Pulse>,
    metrics: Arc<Metrics>,
}

/// Publishes to every place of the plan, each in a task of its own, until `stop`. A changed plan is taken up at once; a
/// place that stays as it was goes on undisturbed.
pub async fn run(parts: Parts, stop: CancellationToken) {
    let Parts { mut plan, latest, pages, clock, pulse, metrics } = parts;
    let shared = Shared { latest, pages: Arc::new(pages), clock, pulse, metrics };
    let mut lanes: Vec<(Arc<Outlet>, CancellationToken, JoinSet<()>)> = Vec::new();
    loop {
        let wanted = plan.borrow_and_update().clone();
        let (staying, mut leaving): (Vec<_>, Vec<_>) =
            lanes.into_iter().partition(|(outlet, ..)| wanted.iter().any(|wanted| **wanted == **outlet));
        lanes = staying;
        for (_, ended, _) in &leaving {
            ended.cancel();
        }
        for (_, _, tasks) in &mut leaving {
            // Two at one place would be in each other's way.
            while tasks.join_next().await.is_some() {}
        }
        shared.pulse.keep_places(|place| wanted.iter().any(|outlet| outlet.place.to_string() == place));
        for outlet in wanted.iter() {
            if lanes.iter().all(|(known, ..)| **known != **outlet) {
                let ended = stop.child_token();
                let lane = lane::Lane::new(shared.clone(), Arc::clone(outlet));
                let mut tasks = JoinSet::new();
                tasks.spawn(lane.run(ended.clone()));
                lanes.push((Arc::clone(outlet), ended, tasks));
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            changed = plan.changed() => if changed.is_err() { break },
        }
    }
    for (_, _, tasks) in &mut lanes {
        while tasks.join_next().await.is_some() {}
    }
}

/// `Cache-Control` of what changes, where others may keep it this long.
fn caching(keep: std::time::Duration) -> String {
    match keep.as_secs() {
        0 => "no-cache".to_owned(),
        seconds => format!("public, max-age={seconds}"),
    }
}

/// Writes a site into a folder, once. With `anew` also into one that holds something else than an earlier one.
///
/// # Errors
/// Where the folder is not ours, or does not take it.
pub async fn export(folder: &std::path::Path, site: &Site, anew: bool) -> Result<Done, ExportError> {
    let target = Target::open(&Place::Folder(folder.to_owned()))?;
    let mut publication = Publication::new(target, String::new(), Removal::Now);
    if !anew && !publication.is_ours().await? && is_used(folder).await {
        return Err(ExportError::Used(folder.to_owned()));
    }
    Ok(publication.round(site).await?)
}

/// A site could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder does not take it.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Something else lies there.
    #[error("{} holds files that allclear did not write: give an empty folder, or say --force", .0.display())]
    Used(std::path::PathBuf),
}

async fn is_used(folder: &std::path::Path) -> bool {
    match tokio::fs::read_dir(folder).await {
        Ok(mut entries) => {
            while let Ok(Some(entry)) = entries.next_entry().await {
                // What a killed export left half written is ours.
                if !entry.file_name().to_string_lossy().starts_with(".allclear-") {
                    return true;
                }
            }
            false
        }
        Err(_) => false,
    }
}
