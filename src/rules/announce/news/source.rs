//! Sources and services as they are told, where no incident tells of them.

use std::sync::Arc;

use super::{incident, needing, plain, touch};
use crate::model::event::{Event, EventKind};
use crate::model::id::ServiceId;
use crate::model::level::State;
use crate::model::news::{News, NewsKind, Quiet, Thread};
use crate::model::snapshot::{ComponentView, IncidentView, MaintenanceView, Snapshot, SourceView};

/// The state of a source as a whole, whichever part of it changed.
pub(super) fn state(event: &Event, on: &Snapshot) -> Option<News> {
    let view = on.source(event.source.as_ref()?.as_str())?;
    let dismissed = view.state.is_trouble() && !view.counted_state.is_trouble();
    let state = if dismissed { view.state } else { view.counted_state };
    let kind = of_state(state)?;
    let mut news = plain(event, on, Thread::Source(view.source.id.clone()), kind, state);
    news.title.clone_from(&view.source.name);
    news.url = Some(view.source.url.clone());
    let troubled: Vec<&ComponentView> =
        view.components.iter().filter(|part| part.counted && !part.dismissed && part.state.is_trouble()).collect();
    news.components = troubled.iter().map(|part| part.path.clone()).collect();
    news.services = needing(on, &view.source.id, &news.components);
    if kind == NewsKind::Trouble {
        news.quiet = quiet(view, on, &troubled);
    }
    news.quiet.dismissed = dismissed;
    news.quiet.uncounted = event.kind == EventKind::ComponentState && !counts(view, event);
    Some(news)
}

/// No news is not good news: what is not known is neither trouble nor over.
fn of_state(state: State) -> Option<NewsKind> {
    match state {
        State::Unknown => None,
        known if known.is_trouble() => Some(NewsKind::Trouble),
        _ => Some(NewsKind::Over),
    }
}

fn counts(view: &SourceView, event: &Event) -> bool {
    let subject = event.subject.as_deref().unwrap_or_default();
    view.components.iter().find(|part| part.id.as_str() == subject).is_none_or(|part| part.counted)
}

/// What explains all that is in trouble there. Without any such part it is about the source as a whole.
fn quiet(view: &SourceView, on: &Snapshot, troubled: &[&ComponentView]) -> Quiet {
    let source = Some(&view.source.id);
    let open: Vec<&Arc<IncidentView>> = on
        .incidents
        .iter()
        .filter(|one| one.incident.source.as_ref() == source && one.counted && !one.is_dismissed())
        .collect();
    let running = on.maintenances.iter().filter(|one| one.maintenance.source.as_ref() == source);
    let running: Vec<&Arc<MaintenanceView>> = running.filter(|one| one.maintenance.is_running()).collect();
    let tells = |one: &IncidentView, part: &ComponentView| {
        one.incident.components.is_empty() || one.incident.components.contains(&part.id)
    };
    let works = |one: &MaintenanceView, part: &ComponentView| {
        one.maintenance.components.is_empty() || one.maintenance.components.contains(&part.id)
    };
    let told = troubled.iter().all(|part| open.iter().any(|one| tells(one, part)));
    let teller = open.iter().find(|one| troubled.is_empty() || troubled.iter().any(|part| tells(one, part)));
    let under_maintenance = match troubled {
        [] => running.iter().any(|one| one.maintenance.components.is_empty()),
        all => all.iter().all(|part| running.iter().any(|one| works(one, part))),
    };
    match teller.filter(|_| told) {
        Some(teller) => Quiet {
            told_by: Some(teller.incident.id.clone()),
            under_maintenance,
            uncounted: false,
            ..incident::quiet(teller)
        },
        None => Quiet { under_maintenance, ..Quiet::default() },
    }
}

/// Whether a source can be read.
pub(super) fn reading(event: &Event, on: &Snapshot, kind: NewsKind) -> Option<News> {
    let view = on.source(event.source.as_ref()?.as_str())?;
    let mut news = plain(event, on, Thread::Reading(view.source.id.clone()), kind, State::Unknown);
    news.title.clone_from(&view.source.name);
    news.url = Some(view.source.url.clone());
    news.services = needing(on, &view.source.id, &[]);
    Some(news)
}

/// The state of a service of ours.
pub(super) fn service(event: &Event, on: &Snapshot) -> Option<News> {
    let id = ServiceId::new(event.subject.as_deref()?);
    let view = on.services.iter().find(|view| view.service.id == id);
    let state = view.map(|view| view.state).or_else(|| event.to.as_deref().and_then(State::from_word))?;
    let kind = of_state(state)?;
    let mut news = plain(event, on, Thread::Service(id.clone()), kind, state);
    if let Some(view) = view {
        news.title.clone_from(&view.service.name);
        news.text = view.set.as_ref().map(|set| set.reason.clone()).or(news.text.take());
    }
    touch(&mut news, on, [&id]);
    if kind == NewsKind::Trouble {
        let hits = |one: &IncidentView| {
            let mut hits = one.incident.services.iter();
            one.incident.source.is_none() && hits.any(|hit| hit.service == id && hit.state.weight() >= state.weight())
        };
        let teller = on.incidents.iter().find(|one| hits(one));
        news.quiet = match teller {
            Some(teller) => Quiet { told_by: Some(teller.incident.id.clone()), ..incident::quiet(teller) },
            None => Quiet::default(),
        };
        let works = |one: &MaintenanceView| {
            one.maintenance.source.is_none() && one.maintenance.is_running() && one.maintenance.services.contains(&id)
        };
        (news.quiet.under_maintenance, news.quiet.uncounted) = (on.maintenances.iter().any(|one| works(one)), false);
    }
    Some(news)
}
