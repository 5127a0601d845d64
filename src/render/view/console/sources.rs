//! Sources: what is watched, and a page that may be.

use serde::Serialize;

use super::{Slip, Tick};
use crate::model::desk::Desk;
use crate::model::intake::{Draft, Sighting};
use crate::model::snapshot::Snapshot;
use crate::render::view::{Shown, Time, shown, time};

/// All of them.
#[derive(Debug, Serialize)]
pub struct List {
    rows: Vec<Row>,
    added: Vec<Added>,
    /// What would be pasted into sources.yaml.
    entries: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    state: Shown,
    format: Option<String>,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Added {
    id: String,
    name: String,
    author: String,
    at: Time,
}

/// Makes the list.
pub fn list(snapshot: &Snapshot, desk: &Desk, entries: String) -> List {
    let rows = snapshot.sources.iter().map(|view| Row {
        id: view.source.id.to_string(),
        name: view.source.name.clone(),
        state: shown(view.state),
        format: view.format.clone(),
        error: view.freshness.error.as_ref().map(|error| error.message.clone()),
    });
    let added = desk.added.values().map(|added| Added {
        id: added.id.to_string(),
        name: added.name.clone(),
        author: added.author.clone(),
        at: time(added.at),
    });
    List { rows: rows.collect(), added: added.collect(), entries }
}

/// A page that may be watched.
#[derive(Debug, Serialize)]
pub struct Form {
    slip: Slip,
    page: String,
    name: String,
    tags: String,
    /// What was seen of it; `None` where it could not be read.
    seen: Option<Seen>,
    parts: Vec<Tick>,
    unread: bool,
}

#[derive(Debug, Serialize)]
struct Seen {
    state: Shown,
    format: String,
    recognised: Vec<String>,
    incidents: Vec<String>,
    warnings: Vec<String>,
}

/// A page that was read.
pub fn seen(slip: Slip, sighting: &Sighting) -> Form {
    let part = |(path, state): &(String, crate::model::level::State)| Tick {
        value: path.clone(),
        label: format!("{path}: {}", state.label().to_lowercase()),
        checked: true,
    };
    Form {
        slip,
        page: sighting.page.clone(),
        name: sighting.name.clone(),
        tags: String::new(),
        seen: Some(Seen {
            state: shown(sighting.state),
            format: sighting.format.clone(),
            recognised: sighting.recognised.clone(),
            incidents: sighting.incidents.clone(),
            warnings: sighting.warnings.clone(),
        }),
        parts: sighting.components.iter().map(part).collect(),
        unread: false,
    }
}

/// A page that cannot be read now.
pub fn unseen(slip: Slip, page: &str) -> Form {
    Form {
        slip,
        page: page.to_owned(),
        name: String::new(),
        tags: String::new(),
        seen: None,
        parts: Vec::new(),
        unread: true,
    }
}

/// What was filled in, once more.
pub fn again<'a>(slip: Slip, draft: &Draft, parts: impl Iterator<Item = &'a str>, ticked: &[String]) -> Form {
    let part = |path: &str| Tick {
        value: path.to_owned(),
        label: path.to_owned(),
        checked: ticked.iter().any(|ticked| ticked == path),
    };
    Form {
        slip,
        page: draft.page.clone(),
        name: draft.name.clone(),
        tags: draft.tags.join(", "),
        seen: None,
        parts: parts.map(part).collect(),
        unread: draft.unread,
    }
}
