//! The past of a source or a service from the store: a range read of marks for each track, and its incidents.

use jiff::Timestamp;

use crate::history::incidents::{Notice, Sign, mentions};
use crate::history::report::{Past, Piece, turned_bad};
use crate::history::{Span, Window, masked, spans};
use crate::limits;
use crate::model::id::{ComponentId, ServiceId, SourceId};
use crate::model::incident::Incident;
use crate::model::mark::Track;
use crate::model::snapshot::{Snapshot, SourceView};
use crate::store::{Store, StoreError};

/// Until when it is known how a source was: the last good reading, and now where that is too long ago.
pub(in crate::http) fn known_until(snapshot: &Snapshot, view: &SourceView) -> Timestamp {
    let read = view.freshness.ok_at.filter(|_| !view.freshness.stale);
    read.map_or(snapshot.generated_at, |read| read.min(snapshot.generated_at))
}

/// Spans of one track.
fn laid(store: &Store, track: &Track, window: Window) -> Result<Vec<Span>, StoreError> {
    Ok(spans(&store.marks(track, window.from(), window.to())?, window))
}

/// Spans of a source as a whole.
pub(in crate::http) fn source(store: &Store, id: &SourceId, window: Window) -> Result<Vec<Span>, StoreError> {
    laid(store, &Track::Source(id.clone()), window)
}

/// Spans of one of its components, of which nothing is known while nothing is of the source.
pub(in crate::http) fn component(
    store: &Store,
    id: &SourceId,
    component: &ComponentId,
    window: Window,
) -> Result<Vec<Span>, StoreError> {
    let cover = source(store, id, window)?;
    Ok(masked(&laid(store, &Track::Component(id.clone(), component.clone()), window)?, &cover))
}

/// Spans of a service.
pub(in crate::http) fn service(store: &Store, id: &ServiceId, window: Window) -> Result<Vec<Span>, StoreError> {
    laid(store, &Track::Service(id.clone()), window)
}

/// All that is known of a vendor's past.
pub(super) fn past(store: &Store, snapshot: &Snapshot, view: &SourceView, window: Window) -> Result<Past, StoreError> {
    let id = &view.source.id;
    let cover = source(store, id, window)?;
    let mut components = Vec::new();
    for track in store.tracks_of(id)? {
        let Track::Component(_, part) = &track else { continue };
        let listed = view.components.iter().find(|listed| listed.id == *part);
        components.push(Piece {
            path: listed.map_or_else(|| part.as_str().to_owned(), |listed| listed.path.clone()),
            counted: listed.is_some_and(|listed| listed.counted),
            spans: masked(&laid(store, &track, window)?, &cover),
            id: part.clone(),
        });
    }
    components.retain(|piece| piece.spans.iter().any(|span| span.state.is_some()));
    components.sort_by(|one, other| (!one.counted, &one.path).cmp(&(!other.counted, &other.path)));
    let incidents = store.incidents_between(Some(id), window.from(), window.to(), limits::REPORT_INCIDENTS)?;
    let mut planned = store.maintenances_between(Some(id), window.from(), window.to(), limits::REPORT_INCIDENTS)?;
    planned.reverse();
    let mut notices = turned_bad(&cover, None);
    notices.extend(components.iter().flat_map(|piece| turned_bad(&piece.spans, Some(&piece.id))));
    notices.extend(ours(store, snapshot, id, &incidents, window)?);
    notices.extend(others(store, view, &incidents)?);
    Ok(Past { spans: cover, components, cut: incidents.len() == limits::REPORT_INCIDENTS, incidents, planned, notices })
}

/// Our own incidents that touch a service that needs the source, or that name an incident of its.
fn ours(
    store: &Store,
    snapshot: &Snapshot,
    id: &SourceId,
    incidents: &[Incident],
    window: Window,
) -> Result<Vec<Notice>, StoreError> {
    let needing: Vec<&ServiceId> = snapshot
        .services
        .iter()
        .filter(|view| view.service.needs.iter().any(|need| need.source == *id))
        .map(|view| &view.service.id)
        .collect();
    // Local ones are kept under no source.
    let local = SourceId::new("");
    // What we noticed shortly before the window belongs to what began at its beginning.
    let since = window.from().checked_sub(limits::NOTICE_BEFORE).unwrap_or(Timestamp::MIN);
    let all = store.incidents_between(Some(&local), since, window.to(), limits::REPORT_INCIDENTS)?;
    let notice = |one: Incident| {
        let local = one.local.as_ref()?;
        let touches = one.services.iter().any(|hit| needing.contains(&&hit.service))
            || local.related.iter().any(|id| incidents.iter().any(|theirs| theirs.id == *id));
        let (sign, at) = match local.pushed {
            // The probe's own clock: it may have been held back here for a while.
            Some(_) => (Sign::Alert, one.began_at().min(one.first_seen_at)),
            // What somebody dates back is no time at which it was known.
            None => (Sign::Declared, one.first_seen_at),
        };
        // What is only suggested is nobody's business yet but for the moment.
        let incident = (!local.suggested).then(|| one.id.to_string());
        touches.then_some(Notice { at, sign, component: None, incident })
    };
    Ok(all.into_iter().filter_map(notice).collect())
}

/// Other vendors' incidents that name this one, looked for shortly before each of its first posts.
fn others(store: &Store, view: &SourceView, incidents: &[Incident]) -> Result<Vec<Notice>, StoreError> {
    let mut found = Vec::new();
    let mut left = limits::MENTIONS_READ;
    let mut before = Timestamp::MAX;
    for incident in incidents {
        let Some(posted) = incident.updates.iter().filter_map(|update| update.at).min() else { continue };
        let since = incident.began_at().min(posted).checked_sub(limits::NOTICE_BEFORE).unwrap_or(Timestamp::MIN);
        // The newest come first: what was looked through for a later one is not looked through again.
        let until = posted.min(before);
        if left == 0 || since >= until {
            continue;
        }
        before = since;
        let others = store.incidents_begun(since, until, left)?;
        left = left.saturating_sub(others.len());
        let theirs = others.iter().filter(|other| other.source.as_ref().is_some_and(|id| *id != view.source.id));
        found.extend(theirs.filter_map(|other| mention(other, &view.source.name)));
    }
    Ok(found)
}

fn mention(other: &Incident, name: &str) -> Option<Notice> {
    let title = mentions(&other.title, name).then_some(other.first_seen_at);
    let posts = other.updates.iter().filter(|update| mentions(&update.body.plain, name));
    let read = posts.map(|update| update.noticed_at.unwrap_or(other.first_seen_at));
    let at = title.into_iter().chain(read).min()?;
    Some(Notice { at, sign: Sign::Mention, component: None, incident: Some(other.id.to_string()) })
}
