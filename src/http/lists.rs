//! Lists with filters and cursors, from the present and from the store.

use serde::{Deserialize, Serialize};

use super::App;
use super::error::Fail;
use super::find;
use crate::limits;
use crate::model::id::SourceId;
use crate::model::incident::{Origin, Phase};
use crate::model::level::{Impact, State};
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot};
use std::sync::Arc;

/// Parts of the store that one request looks through for what its filters ask.
const LOOKS: usize = 5;
/// Characters of a cursor or a filter.
const LONGEST: usize = 512;

/// The parameters of all lists, as text so that a bad one can be named.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    source: Option<String>,
    tag: Option<String>,
    state: Option<String>,
    status: Option<String>,
    impact: Option<String>,
    origin: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// The same, understood.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) source: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) state: Option<State>,
    pub(super) status: Option<Status>,
    pub(super) impact: Option<Impact>,
    pub(super) origin: Option<Origin>,
    pub(super) limit: usize,
    pub(super) cursor: Option<String>,
}

/// How far a thing must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Closed,
    Is(Phase),
}

impl Status {
    fn fits(self, open: bool, phase: Option<Phase>) -> bool {
        match self {
            Self::Open => open,
            Self::Closed => !open,
            Self::Is(wanted) => phase == Some(wanted),
        }
    }

    /// True where only what goes on can fit: the present holds all of that.
    fn is_present(self) -> bool {
        match self {
            Self::Open => true,
            Self::Closed => false,
            Self::Is(phase) => phase.is_open(),
        }
    }
}

impl Asked {
    /// Our own that are over, from this cursor on; an empty one begins.
    pub(super) fn ours_over(cursor: &str) -> Self {
        Self {
            status: Some("closed".to_owned()),
            origin: Some(Origin::Local.as_str().to_owned()),
            cursor: Some(cursor.to_owned()).filter(|cursor| !cursor.is_empty()),
            ..Self::default()
        }
    }

    /// Understands the parameters.
    pub(super) fn read(self) -> Result<Wanted, Fail> {
        let state = word("state", self.state, State::from_word, || State::ALL.map(State::as_str).join(", "))?;
        let impact = word("impact", self.impact, Impact::from_word, || Impact::ALL.map(Impact::as_str).join(", "))?;
        let origins = [Origin::Upstream, Origin::Local];
        let origin = |word: &str| origins.into_iter().find(|origin| origin.as_str() == word);
        let origin = word("origin", self.origin, origin, || origins.map(Origin::as_str).join(", "))?;
        let status = |word: &str| match word {
            "open" => Some(Status::Open),
            "closed" => Some(Status::Closed),
            word => Phase::from_word(word).map(Status::Is),
        };
        let words = || format!("open, closed, {}", Phase::ALL.map(Phase::as_str).join(", "));
        let status = word("status", self.status, status, words)?;
        let limit = size(self.limit)?;
        Ok(Wanted {
            source: short("source", self.source)?,
            tag: short("tag", self.tag)?,
            state,
            status,
            impact,
            origin,
            limit,
            cursor: short("cursor", self.cursor)?,
        })
    }
}

/// A parameter that is wrong.
pub(super) fn bad(name: &'static str, problem: String) -> Fail {
    Fail::Parameter { name, problem }
}

/// How many are wanted of a list.
pub(super) fn size(limit: Option<String>) -> Result<usize, Fail> {
    match limit.map(|text| text.parse()) {
        None => Ok(limits::LIST_PAGE),
        Some(Ok(limit @ 1..=limits::LIST_PAGE)) => Ok(limit),
        Some(_) => Err(bad("limit", format!("must be a number from 1 to {}", limits::LIST_PAGE))),
    }
}

/// A text that is not too long to be looked for.
pub(super) fn short(name: &'static str, text: Option<String>) -> Result<Option<String>, Fail> {
    match text {
        Some(text) if text.len() > LONGEST => Err(bad(name, format!("is longer than {LONGEST} bytes"))),
        text => Ok(text),
    }
}

/// One of several words.
pub(super) fn word<T>(
    name: &'static str,
    text: Option<String>,
    read: impl Fn(&str) -> Option<T>,
    words: impl Fn() -> String,
) -> Result<Option<T>, Fail> {
    match text {
        None => Ok(None),
        Some(text) => read(&text).map(Some).ok_or_else(|| bad(name, format!("must be one of: {}", words()))),
    }
}

/// The part of `all` that follows the cursor, which is the id of the last thing given.
pub(super) fn part<T: Clone>(
    all: Vec<T>,
    id: impl Fn(&T) -> &str,
    wanted: &Wanted,
) -> Result<(Vec<T>, Option<String>), Fail> {
    let from = match &wanted.cursor {
        None => 0,
        Some(cursor) => match all.iter().position(|one| id(one) == cursor) {
            Some(at) => at.saturating_add(1),
            None => return Err(bad("cursor", "is not of this list any more: start again without it".to_owned())),
        },
    };
    let items: Vec<T> = all.iter().skip(from).take(wanted.limit).cloned().collect();
    let more = from.saturating_add(items.len()) < all.len();
    let next = items.last().filter(|_| more).map(|last| id(last).to_owned());
    Ok((items, next))
}

impl Wanted {
    /// True where a thing of this source is wanted.
    fn fits_source(&self, snapshot: &Snapshot, source: Option<&SourceId>) -> bool {
        let id = self.source.as_ref().is_none_or(|wanted| source.is_some_and(|source| source.as_str() == wanted));
        id && self.tag.as_ref().is_none_or(|tag| {
            source
                .and_then(|source| snapshot.source(source.as_str()))
                .is_some_and(|view| view.source.tags.contains(tag))
        })
    }

    fn fits_incident(&self, snapshot: &Snapshot, view: &IncidentView) -> bool {
        let incident = &view.incident;
        // What is only suggested is nobody's business yet.
        incident.local.as_ref().is_none_or(|local| !local.suggested)
            && self.fits_source(snapshot, incident.source.as_ref())
            && self.state.is_none_or(|state| view.state == state)
            && self.status.is_none_or(|status| status.fits(incident.is_open(), incident.phase))
            && self.impact.is_none_or(|impact| incident.impact == Some(impact))
            && self.origin.is_none_or(|origin| incident.origin == origin)
    }

    fn fits_maintenance(&self, snapshot: &Snapshot, view: &MaintenanceView) -> bool {
        let maintenance = &view.maintenance;
        self.fits_source(snapshot, maintenance.source.as_ref())
            && self.status.is_none_or(|status| status.fits(maintenance.is_open(), maintenance.phase))
            && self.origin.is_none_or(|origin| maintenance.origin == origin)
    }
}

/// A part of a list of views.
pub(super) type Views<T> = (Vec<Arc<T>>, Option<String>);

/// Incidents: what goes on from the present, the rest from the store, newest first.
pub(super) async fn incidents(app: &App, snapshot: &Snapshot, wanted: &Wanted) -> Result<Views<IncidentView>, Fail> {
    if wanted.status.is_some_and(Status::is_present) {
        let fitting = snapshot.incidents.iter().filter(|view| wanted.fits_incident(snapshot, view)).cloned().collect();
        return part(fitting, |view: &Arc<IncidentView>| view.incident.id.as_str(), wanted);
    }
    let (mut items, mut cursor) = (Vec::new(), wanted.cursor.clone());
    for _ in 0..LOOKS {
        let (source, from) = (wanted.source.as_ref().map(SourceId::new), cursor.take());
        let room = wanted.limit.saturating_sub(items.len());
        let read = app.0.store.run(move |store| store.incidents(source.as_ref(), from.as_deref(), room)).await;
        let read = read.map_err(|error| Fail::store(&error))?;
        let views = read.items.into_iter().map(|incident| {
            find::present_incident(snapshot, incident.id.as_str())
                .unwrap_or_else(|| Arc::new(find::view_incident(app, snapshot, incident)))
        });
        items.extend(views.filter(|view| wanted.fits_incident(snapshot, view)));
        cursor = read.next;
        if cursor.is_none() || items.len() >= wanted.limit {
            break;
        }
    }
    Ok((items, cursor))
}

/// Maintenances: what is planned or goes on from the present, the rest from the store.
pub(super) async fn maintenances(
    app: &App,
    snapshot: &Snapshot,
    wanted: &Wanted,
) -> Result<Views<MaintenanceView>, Fail> {
    if wanted.status.is_some_and(Status::is_present) {
        let all = snapshot.maintenances.iter();
        let fitting = all.filter(|view| wanted.fits_maintenance(snapshot, view)).cloned().collect();
        return part(fitting, |view: &Arc<MaintenanceView>| view.maintenance.id.as_str(), wanted);
    }
    let (mut items, mut cursor) = (Vec::new(), wanted.cursor.clone());
    for _ in 0..LOOKS {
        let (source, from) = (wanted.source.as_ref().map(SourceId::new), cursor.take());
        let room = wanted.limit.saturating_sub(items.len());
        let read = app.0.store.run(move |store| store.maintenances(source.as_ref(), from.as_deref(), room)).await;
        let read = read.map_err(|error| Fail::store(&error))?;
        let views = read.items.into_iter().map(|maintenance| {
            find::present_maintenance(snapshot, maintenance.id.as_str())
                .unwrap_or_else(|| Arc::new(find::view_maintenance(snapshot, maintenance)))
        });
        items.extend(views.filter(|view| wanted.fits_maintenance(snapshot, view)));
        cursor = read.next;
        if cursor.is_none() || items.len() >= wanted.limit {
            break;
        }
    }
    Ok((items, cursor))
}

/// A list as bytes.
pub(super) fn bytes<T: Serialize>(items: Vec<T>, next: Option<String>) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&super::wire::List { items, next })
}
