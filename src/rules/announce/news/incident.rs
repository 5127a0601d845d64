//! Incidents and maintenances as they are told.

use std::sync::Arc;

use jiff::Timestamp;

use super::{cut, needing, phase, plain, touch};
use crate::model::desk::Mute;
use crate::model::event::{Event, EventKind};
use crate::model::id::IncidentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::news::{News, NewsKind, Quiet, Thread};
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView, Snapshot};
use crate::rules::desk::is_suggested;

const REMOVED: &str = "It was taken back by those who declared it.";
const UNLISTED: &str = "The vendor no longer lists it and has not said how it ended.";

/// An incident, a vendor's or ours.
pub(super) fn incident(event: &Event, on: &Snapshot) -> Option<News> {
    let id = event.subject.as_deref()?;
    let found = on.incidents.iter().chain(&on.recent).find(|view| view.incident.id.as_str() == id);
    let kind = match event.kind {
        EventKind::IncidentResolved | EventKind::IncidentUnlisted | EventKind::IncidentRemoved => NewsKind::Over,
        EventKind::IncidentJudged => NewsKind::Judged,
        _ => NewsKind::Trouble,
    };
    let mut news = plain(event, on, Thread::Incident(IncidentId::new(id)), kind, State::DEGRADED_PERFORMANCE);
    news.phase = phase(event);
    match found {
        Some(view) if is_suggested(&view.incident) => return None,
        Some(view) => with_incident(&mut news, view, on),
        None => services_of(&mut news, on),
    }
    if kind == NewsKind::Over {
        news.state = State::OPERATIONAL;
    }
    match event.kind {
        EventKind::IncidentRemoved => news.text = Some(REMOVED.to_owned()),
        EventKind::IncidentUnlisted => news.text = Some(UNLISTED.to_owned()),
        _ => {}
    }
    Some(news)
}

fn with_incident(news: &mut News, view: &Arc<IncidentView>, on: &Snapshot) {
    let one = &view.incident;
    news.title.clone_from(&one.title);
    news.url.clone_from(&one.url);
    (news.impact, news.state) = (one.impact, view.state);
    // One that is over by now is told as it was until the event comes that says so.
    if one.is_open() || news.kind == NewsKind::Over {
        news.phase = one.phase;
        news.text = newest(&one.updates).or(news.text.take());
    }
    news.quiet = quiet(view);
    if one.source.is_none() {
        touch(news, on, one.services.iter().map(|hit| &hit.service));
    } else {
        news.components = paths(&view.affected);
        services_of(news, on);
    }
}

/// What the team says of an incident.
pub(super) fn quiet(view: &IncidentView) -> Quiet {
    let verdict = view.verdict.as_deref();
    Quiet {
        dismissed: view.is_dismissed(),
        muted_until: verdict.and_then(|verdict| match verdict.mute {
            Mute::Off => None,
            Mute::Until(at) => Some(at),
            Mute::UntilChange => view.stands.then_some(Timestamp::MAX),
        }),
        acknowledged: verdict.is_some_and(|verdict| verdict.acknowledged.is_some()),
        // What was judged does not count because of that, not because of what it touches.
        uncounted: !view.affected.is_empty() && !view.affected.iter().any(|part| part.counted),
        ..Quiet::default()
    }
}

/// A maintenance, a vendor's or ours.
pub(super) fn maintenance(event: &Event, on: &Snapshot) -> Option<News> {
    let id = event.subject.as_deref()?;
    let was_running = event.from.as_deref().and_then(Phase::from_word).is_some_and(Phase::is_running);
    let kind = match event.kind {
        EventKind::MaintenanceMoved => NewsKind::Moved,
        EventKind::MaintenanceUpdated => NewsKind::Reworded,
        EventKind::MaintenanceSoon => NewsKind::Soon,
        EventKind::MaintenanceStarted => NewsKind::Started,
        EventKind::MaintenanceCompleted => NewsKind::Ended,
        EventKind::MaintenanceUnlisted if was_running => NewsKind::Ended,
        EventKind::MaintenanceCancelled | EventKind::MaintenanceRemoved | EventKind::MaintenanceUnlisted => {
            NewsKind::Cancelled
        }
        _ => NewsKind::Announced,
    };
    let over = matches!(kind, NewsKind::Ended | NewsKind::Cancelled);
    let state = if over { State::OPERATIONAL } else { State::UNDER_MAINTENANCE };
    let mut news = plain(event, on, Thread::Maintenance(IncidentId::new(id)), kind, state);
    news.phase = phase(event);
    let mut all = on.maintenances.iter().chain(&on.recent_maintenances);
    match all.find(|view| view.maintenance.id.as_str() == id) {
        Some(view) => with_maintenance(&mut news, view, on, over),
        None => services_of(&mut news, on),
    }
    match event.kind {
        EventKind::MaintenanceRemoved => news.text = Some(REMOVED.to_owned()),
        EventKind::MaintenanceUnlisted => news.text = Some(UNLISTED.to_owned()),
        _ => {}
    }
    Some(news)
}

fn with_maintenance(news: &mut News, view: &Arc<MaintenanceView>, on: &Snapshot, over: bool) {
    let one = &view.maintenance;
    news.title.clone_from(&one.title);
    news.url.clone_from(&one.url);
    (news.starts_at, news.ends_at) = (one.starts_at, one.ends_at);
    if one.is_open() || over {
        news.phase = one.phase;
        news.text = newest(&one.updates).or(news.text.take());
    }
    news.quiet.uncounted = !view.counted;
    if one.source.is_none() {
        touch(news, on, &one.services);
    } else {
        news.components = paths(&view.affected);
        services_of(news, on);
    }
}

fn services_of(news: &mut News, on: &Snapshot) {
    if let Some(source) = &news.source {
        news.services = needing(on, source, &news.components);
    }
}

fn newest(updates: &[Update]) -> Option<String> {
    updates.first().and_then(|update| cut(&update.body.plain))
}

fn paths(affected: &[Affected]) -> Vec<String> {
    affected.iter().map(|part| part.path.clone()).collect()
}
