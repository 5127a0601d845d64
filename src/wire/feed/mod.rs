//! What feeds tell: incidents and maintenances that count, the last changed first.

mod atom;
mod item;
mod json;
mod posts;
mod rss;

use jiff::Timestamp;

use super::scope::Scope;
use crate::limits;
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot};

/// What an entry of a feed stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Per {
    /// An incident or a maintenance: its entry is rewritten with every update.
    #[default]
    Incident,
    /// One update: an entry that comes once, for those who post what is new.
    Update,
}

impl Per {
    /// Reads a word of the public interface; anything else is `None`.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "incident" => Some(Self::Incident),
            "update" => Some(Self::Update),
            _ => None,
        }
    }

    /// What follows the path of a feed.
    pub(crate) fn query(self) -> &'static str {
        match self {
            Self::Incident => "",
            Self::Update => "?per=update",
        }
    }
}

/// How a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Atom,
    Rss,
    Json,
}

impl Form {
    /// The last part of its path.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Atom => "feed.atom",
            Self::Rss => "feed.rss",
            Self::Json => "feed.json",
        }
    }
}

/// A feed could not be written: a fault of this program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error(transparent)]
    Atom(#[from] atom::Error),
    #[error(transparent)]
    Rss(#[from] rss::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The feed of what counts within `scope`, as bytes.
pub(crate) fn document(snapshot: &Snapshot, scope: &Scope, per: Per, form: Form) -> Result<Vec<u8>, FeedError> {
    let items = Items::of(snapshot, scope, per);
    Ok(match form {
        Form::Atom => atom::document(snapshot, &items)?,
        Form::Rss => rss::document(snapshot, &items)?,
        Form::Json => json::document(snapshot, &items)?,
    })
}

/// Everything that a feed says.
#[derive(Debug)]
struct Items {
    /// For people.
    title: String,
    /// The path before `/feed.atom`.
    path: String,
    /// What follows the path.
    query: &'static str,
    /// The path of the page about the same.
    home: String,
    /// The same for ever.
    id: String,
    updated: Timestamp,
    items: Vec<Item>,
}

/// One entry.
#[derive(Debug)]
struct Item {
    id: String,
    title: String,
    path: String,
    /// The vendor's own page about it.
    theirs: Option<String>,
    published: Timestamp,
    updated: Timestamp,
    html: String,
    summary: String,
    words: Vec<String>,
}

/// An incident or a maintenance.
#[derive(Debug, Clone, Copy)]
enum About<'a> {
    Incident(&'a IncidentView),
    Maintenance(&'a MaintenanceView),
}

impl About<'_> {
    fn is_open(self) -> bool {
        match self {
            Self::Incident(view) => view.incident.is_open(),
            Self::Maintenance(view) => view.maintenance.is_open(),
        }
    }
}

impl Items {
    /// Gathers what counts of `snapshot` within `scope`: what goes on or is planned, and what was over within the last
    /// 14 days. Where that is more than a feed holds, what has been over for longest is left out.
    fn of(snapshot: &Snapshot, scope: &Scope, per: Per) -> Self {
        let incidents = snapshot.incidents.iter().chain(&snapshot.recent).map(AsRef::as_ref);
        let incidents = incidents
            .filter(|view| (view.counted || view.is_dismissed()) && scope.has_incident(snapshot, view))
            .map(About::Incident);
        let maintenances = snapshot.maintenances.iter().chain(&snapshot.recent_maintenances).map(AsRef::as_ref);
        let maintenances =
            maintenances.filter(|view| view.counted && scope.has_maintenance(snapshot, view)).map(About::Maintenance);
        let mut all: Vec<(bool, Item)> = incidents.chain(maintenances).flat_map(|about| entries(about, per)).collect();
        all.sort_by(|(a_over, a), (b_over, b)| {
            a_over.cmp(b_over).then_with(|| b.updated.cmp(&a.updated)).then_with(|| a.id.cmp(&b.id))
        });
        all.truncate(limits::FEED_ENTRIES);
        let mut items: Vec<Item> = all.into_iter().map(|(_, item)| item).collect();
        items.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.id.cmp(&b.id)));
        let quiet = || snapshot.sources.iter().map(|view| view.since).max().unwrap_or(snapshot.generated_at);
        let (path, query) = (scope.path(), per.query());
        Self {
            title: legal(&scope.title(snapshot)),
            id: urn(&format!("feed {} {path}{query}", snapshot.page.url.as_deref().unwrap_or_default())),
            home: scope.home(),
            path,
            query,
            updated: items.first().map_or_else(quiet, |item| item.updated),
            items,
        }
    }

    /// The address of this very document.
    fn own(&self, base: &str, form: Form) -> String {
        format!("{base}{}/{}{}", self.path, form.name(), self.query)
    }
}

/// The entries about one thing, with whether it is over.
fn entries(about: About<'_>, per: Per) -> Vec<(bool, Item)> {
    let items = match per {
        Per::Incident => vec![Item::of(about)],
        Per::Update => posts::of(about),
    };
    items.into_iter().map(|item| (!about.is_open(), item)).collect()
}

/// Without the characters that XML 1.0 does not allow, even escaped.
fn legal(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..))
        .collect()
}

/// A name that stays the same on every machine.
fn urn(name: &str) -> String {
    format!("urn:uuid:{}", super::uuid(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_left_out() {
        assert_eq!(legal("a\u{0}\u{8}b\u{fffe}\r\n\u{10ffff}"), "ab\n\u{10ffff}");
    }
}
