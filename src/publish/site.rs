//! A snapshot as a site: every file that a plain web server needs. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::documents::DOCUMENTS;
use super::links;
use crate::model::id::SourceId;
use crate::model::incident::{Incident, Maintenance};
use crate::model::receipt::Evidence;
use crate::model::snapshot::{Snapshot, SourceView};
use crate::render::{Pages, Past, RenderError, public_assets};
use crate::wire::feed::FeedError;

/// The combined page.
pub const INDEX: &str = "index.html";
/// The sign of life, by which a page knows its age.
pub const BEAT: &str = "status.json";
const HTML: &str = "text/html; charset=utf-8";
const ICON: &str = "favicon.svg";
const NOWHERE: &str = "404.html";

/// A site could not be made: a fault of this program.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A page.
    #[error(transparent)]
    Page(#[from] RenderError),
    /// A JSON document.
    #[error("a JSON document could not be made: {0}")]
    Json(#[from] serde_json::Error),
    /// A feed.
    #[error("a feed could not be made: {0}")]
    Feed(String),
    /// The calendar.
    #[error("the calendar could not be made: {0}")]
    Calendar(#[from] std::fmt::Error),
}

impl From<FeedError> for SiteError {
    fn from(error: FeedError) -> Self {
        Self::Feed(error.to_string())
    }
}

/// How long others may keep a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Its name changes with its content.
    ForEver,
    /// It changes at any time.
    Live,
}

/// One file.
#[derive(Debug, Clone)]
pub struct File {
    /// For `Content-Type`.
    pub kind: &'static str,
    /// For `Cache-Control`.
    pub keep: Keep,
    /// What is in it.
    pub bytes: Bytes,
    /// Tells this content from any other.
    pub digest: [u8; 32],
}

/// Every file by its path, without a slash in front.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The files.
    pub files: BTreeMap<String, File>,
}

impl Site {
    /// The site of a snapshot. `pages` are those that [`Pages::published`] makes. It computes for a while: not for an async
    /// thread.
    ///
    /// # Errors
    /// Where a template or a document fails; there is no half site.
    pub fn of(pages: &Pages, snapshot: &Snapshot) -> Result<Self, SiteError> {
        let snapshot = &without_forms(snapshot);
        let mut site = Self::default();
        for (name, asset) in public_assets() {
            site.put(format!("assets/{name}"), asset.content_type, Keep::ForEver, asset.bytes);
        }
        if let Some(icon) = crate::render::asset("icon.svg") {
            site.put(ICON.to_owned(), icon.content_type, Keep::Live, icon.bytes);
        }
        for document in DOCUMENTS {
            site.put(document.file.to_owned(), document.kind, Keep::Live, (document.make)(snapshot)?);
        }
        let rendered = rendered(pages, snapshot)?;
        let linked = |path: &str| file_of(path, |file| rendered.contains_key(file) || site.files.contains_key(file));
        let fitted: Vec<_> =
            rendered.iter().map(|(file, html)| (file.clone(), links::relative(html, file, &linked))).collect();
        for (file, html) in fitted {
            site.put(file, HTML, Keep::Live, html);
        }
        // It is shown at any depth, so that no relative link would lead anywhere.
        site.put(NOWHERE.to_owned(), HTML, Keep::Live, pages.nowhere(&snapshot.page.title)?);
        Ok(site)
    }

    fn put(&mut self, path: String, kind: &'static str, keep: Keep, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        let digest = Sha256::digest(&bytes).into();
        self.files.insert(path, File { kind, keep, bytes, digest });
    }
}

/// Nobody can sign up at a plain web server.
fn without_forms(snapshot: &Snapshot) -> Snapshot {
    let mut snapshot = snapshot.clone();
    Arc::make_mut(&mut snapshot.page).subscribe = false;
    snapshot
}

/// Every page, by its file, with links as the live page has them.
fn rendered(pages: &Pages, snapshot: &Snapshot) -> Result<BTreeMap<String, String>, RenderError> {
    let mut out = BTreeMap::from([(INDEX.to_owned(), pages.status(snapshot)?)]);
    for view in snapshot.sources.iter().filter(|view| is_plain(view.source.id.as_str())) {
        out.insert(page_of("sources", view.source.id.as_str()), source(pages, snapshot, view)?);
    }
    for view in snapshot.services.iter().filter(|view| is_plain(view.service.id.as_str())) {
        out.insert(page_of("services", view.service.id.as_str()), pages.service(snapshot, view, Past::default())?);
    }
    let none = Evidence::default();
    for view in snapshot.incidents.iter().chain(&snapshot.recent) {
        let id = view.incident.id.as_str();
        if is_plain(id) {
            out.insert(page_of("incidents", id), pages.incident(snapshot, view, &[], &none, None)?);
        }
    }
    for view in snapshot.maintenances.iter().chain(&snapshot.recent_maintenances) {
        let id = view.maintenance.id.as_str();
        if is_plain(id) {
            out.insert(page_of("maintenances", id), pages.maintenance(snapshot, view, &[], &none, None)?);
        }
    }
    Ok(out)
}

fn source(pages: &Pages, snapshot: &Snapshot, view: &SourceView) -> Result<String, RenderError> {
    let ours = |source: &Option<SourceId>| source.as_ref() == Some(&view.source.id);
    let incidents = snapshot.recent.iter().map(|view| &view.incident).filter(|one| ours(&one.source));
    let incidents: Vec<Incident> = incidents.cloned().collect();
    let maintenances = snapshot.recent_maintenances.iter().map(|view| &view.maintenance);
    let maintenances: Vec<Maintenance> = maintenances.filter(|one| ours(&one.source)).cloned().collect();
    let past = Past { incidents: &incidents, maintenances: &maintenances, events: &[], days: &[] };
    pages.source(snapshot, view, past, &Evidence::default())
}

/// A page has a folder of its own, and links name the file in it: not every place knows what to show for a folder.
fn page_of(kind: &str, id: &str) -> String {
    format!("{kind}/{id}/{INDEX}")
}

/// The file that stands for a path of the live page.
fn file_of(path: &str, is_there: impl Fn(&str) -> bool) -> Option<String> {
    if path == "/" {
        return Some(INDEX.to_owned());
    }
    let document = DOCUMENTS.iter().find(|document| document.path == path).map(|document| document.file.to_owned());
    let bare = path.strip_prefix('/')?;
    [document, Some(bare.to_owned()), Some(format!("{bare}/{INDEX}"))].into_iter().flatten().find(|file| is_there(file))
}

/// True for what can be the name of a file or a folder anywhere, and stands in an address as it is.
pub(super) fn is_plain(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && name.bytes().all(plain)
}

/// True for the path of a file that a site may hold.
pub(super) fn is_plain_path(path: &str) -> bool {
    path.split('/').all(is_plain)
}
