//! An event as it is told: everything that decides who hears of it, taken from the newest snapshot.

mod incident;
mod source;

use crate::limits;
use crate::model::event::{Event, EventKind};
use crate::model::id::{ServiceId, SourceId};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::news::{News, NewsKind, Quiet, Thread, Tier};
use crate::model::snapshot::Snapshot;
use crate::model::source::Service;

/// Makes the whole of an event that is news; `None` where nobody need ever hear of it: an incident that is only
/// suggested, a source of which nothing is known or that is no longer watched.
///
/// The snapshot may be later than the event, since the program may have been down: words, state and impact are then the
/// later ones, and that something is over is left to the event that says so.
pub fn news(event: &Event, on: &Snapshot) -> Option<News> {
    match event.kind {
        EventKind::IncidentOpened
        | EventKind::IncidentUpdated
        | EventKind::IncidentReopened
        | EventKind::IncidentResolved
        | EventKind::IncidentUnlisted
        | EventKind::IncidentRemoved
        | EventKind::IncidentJudged => incident::incident(event, on),
        EventKind::MaintenanceAnnounced
        | EventKind::MaintenanceMoved
        | EventKind::MaintenanceUpdated
        | EventKind::MaintenanceStarted
        | EventKind::MaintenanceCompleted
        | EventKind::MaintenanceCancelled
        | EventKind::MaintenanceUnlisted
        | EventKind::MaintenanceRemoved
        | EventKind::MaintenanceSoon => incident::maintenance(event, on),
        EventKind::SourceState | EventKind::ComponentState | EventKind::SourceOverride => source::state(event, on),
        EventKind::SourceUnreadable => source::reading(event, on, NewsKind::Unreadable),
        EventKind::SourceReadable => source::reading(event, on, NewsKind::Readable),
        EventKind::ServiceState => source::service(event, on),
        EventKind::CutOff => Some(network(event, on, NewsKind::Trouble, State::Unknown)),
        EventKind::Reconnected => Some(network(event, on, NewsKind::Over, State::OPERATIONAL)),
        EventKind::ChannelFailing => channel(event, on, NewsKind::Trouble, State::MAJOR_OUTAGE),
        EventKind::ChannelWorking => channel(event, on, NewsKind::Over, State::OPERATIONAL),
        EventKind::SourceReshaped | EventKind::ComponentListed | EventKind::ComponentUnlisted => None,
    }
}

/// Whether this machine reaches the others.
fn network(event: &Event, on: &Snapshot, kind: NewsKind, state: State) -> News {
    let title = match kind {
        NewsKind::Over => "This allclear reaches the vendors again",
        _ => "This allclear is cut off from most vendors",
    };
    News { title: title.to_owned(), ..plain(event, on, Thread::Here("network".to_owned()), kind, state) }
}

/// Whether a channel takes messages: told on another one.
fn channel(event: &Event, on: &Snapshot, kind: NewsKind, state: State) -> Option<News> {
    let name = &event.name;
    let title = match kind {
        NewsKind::Over => format!("The channel “{name}” takes messages again"),
        _ => format!("The channel “{name}” takes no messages"),
    };
    let thread = Thread::Here(format!("channel/{}", event.subject.as_deref()?));
    Some(News { title, ..plain(event, on, thread, kind, state) })
}

/// What every event says, with its source as it is configured.
fn plain(event: &Event, on: &Snapshot, thread: Thread, kind: NewsKind, state: State) -> News {
    let view = event.source.as_ref().and_then(|id| on.source(id.as_str()));
    let local = event.source.is_none();
    let source_name = match (view, &event.source) {
        (Some(view), _) => view.source.name.clone(),
        (None, Some(id)) => id.as_str().to_owned(),
        (None, None) => on.page.title.clone(),
    };
    let pace = view.map_or(limits::INTERVAL_IN_TROUBLE, |view| view.source.interval);
    News {
        seq: event.seq,
        at: event.at,
        kind,
        thread,
        title: event.name.clone(),
        source: event.source.clone(),
        source_name,
        tags: view.map(|view| view.source.tags.clone()).unwrap_or_default(),
        tier: if local { Tier::Vital } else { view.map_or(Tier::default(), |view| view.source.tier) },
        services: Vec::new(),
        components: Vec::new(),
        state,
        impact: None,
        phase: None,
        text: event.note.as_deref().and_then(cut),
        url: None,
        starts_at: None,
        ends_at: None,
        cause: event.cause,
        local,
        quiet: Quiet::default(),
        pace: pace.min(limits::INTERVAL_IN_TROUBLE),
    }
}

/// Words, as many as a message takes; `None` of none.
fn cut(words: &str) -> Option<String> {
    let words: String = words.trim().chars().take(limits::NEWS_TEXT).collect();
    (!words.is_empty()).then_some(words)
}

/// The phase that an event came to, where it says.
fn phase(event: &Event) -> Option<Phase> {
    event.to.as_deref().and_then(Phase::from_word)
}

/// The services that cannot do without these components of a source, or without any where none is named.
fn needing(on: &Snapshot, source: &SourceId, components: &[String]) -> Vec<(ServiceId, String)> {
    let needs = |service: &Service| {
        let mut there = service.needs.iter().filter(|need| need.source == *source);
        there.any(|need| components.is_empty() || components.iter().any(|path| need.components.counts(path)))
    };
    let needing = on.services.iter().map(|view| &view.service).filter(|service| needs(service));
    needing.map(|service| (service.id.clone(), service.name.clone())).collect()
}

/// Puts services of ours in, with their tags.
fn touch<'a>(news: &mut News, on: &Snapshot, ids: impl IntoIterator<Item = &'a ServiceId>) {
    for id in ids {
        let service = on.services.iter().map(|view| &view.service).find(|service| service.id == *id);
        let name = service.map_or_else(|| id.as_str().to_owned(), |service| service.name.clone());
        news.services.push((id.clone(), name));
        for tag in service.iter().flat_map(|service| &service.tags) {
            if !news.tags.contains(tag) {
                news.tags.push(tag.clone());
            }
        }
    }
}
