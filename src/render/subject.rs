//! What a badge, a strip, a picture or a screen is about, and what can be said of that in one sentence.

use crate::limits;
use crate::model::level::State;
use crate::model::snapshot::{ComponentView, IncidentView, ServiceView, Snapshot, SourceView};

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The whole page.
    Page,
    /// Sources and services with this tag.
    Tag(String),
    /// One source.
    Source(String),
    /// One service.
    Service(String),
    /// The component of a source with this path.
    Component(String, String),
}

/// What is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// For people.
    pub name: String,
    /// Gives shape and colour.
    pub state: State,
    /// The state in a word or two.
    pub word: String,
    /// A sentence that stands alone.
    pub sentence: String,
    /// What else there is to know; may be empty.
    pub detail: String,
    /// Where the page tells more.
    pub path: String,
}

/// What can be said; `None` where there is no such thing.
pub fn say(snapshot: &Snapshot, subject: &Subject) -> Option<Said> {
    match subject {
        Subject::Page => Some(page(snapshot)),
        Subject::Tag(tag) => self::tag(snapshot, tag),
        Subject::Source(id) => snapshot.source(id).map(|view| source(view)),
        Subject::Service(id) => {
            snapshot.services.iter().find(|view| view.service.id.as_str() == id).map(|view| service(snapshot, view))
        }
        Subject::Component(id, path) => component(snapshot.source(id)?, path),
    }
}

/// The same where what was read is too old to be believed: it exists, and that is all that is known.
pub fn unknown(said: Said, since: &str) -> Said {
    Said {
        state: State::Unknown,
        word: "unknown".to_owned(),
        sentence: format!("Not known since {since}"),
        detail: format!("before that: {}", said.sentence),
        ..said
    }
}

/// True for a source that the subject is about.
pub fn holds(subject: &Subject, view: &SourceView) -> bool {
    match subject {
        Subject::Page => true,
        Subject::Tag(tag) => view.source.tags.contains(tag),
        Subject::Source(id) | Subject::Component(id, _) => view.source.id.as_str() == id,
        Subject::Service(_) => false,
    }
}

/// True for a service that the subject is about.
pub fn holds_service(subject: &Subject, view: &ServiceView) -> bool {
    match subject {
        Subject::Page => true,
        Subject::Tag(tag) => view.service.tags.contains(tag),
        Subject::Service(id) => view.service.id.as_str() == id,
        Subject::Source(_) | Subject::Component(..) => false,
    }
}

/// True for an open incident of ours that names no service: it is about all of us.
pub fn is_about_all(view: &IncidentView) -> bool {
    view.incident.source.is_none() && view.incident.services.is_empty()
}

fn page(snapshot: &Snapshot) -> Said {
    let headline = &snapshot.headline;
    let word = if headline.state == State::OPERATIONAL { "all clear".to_owned() } else { low(headline.state) };
    Said {
        name: snapshot.page.title.clone(),
        state: headline.state,
        word,
        sentence: headline.text.clone(),
        detail: headline.detail.clone(),
        path: "/".to_owned(),
    }
}

fn tag(snapshot: &Snapshot, tag: &str) -> Option<Said> {
    let subject = Subject::Tag(tag.to_owned());
    let sources: Vec<&SourceView> =
        snapshot.sources.iter().map(AsRef::as_ref).filter(|view| holds(&subject, view)).collect();
    let services = snapshot.services.iter().filter(|view| holds_service(&subject, view));
    let each: Vec<State> =
        sources.iter().map(|view| view.counted_state).chain(services.map(|view| view.state)).collect();
    // What is about all of us is about this as well.
    let ours = snapshot.incidents.iter().filter(|view| is_about_all(view)).map(|view| view.state);
    let state = State::worst(each.iter().copied().chain(ours))?;
    if each.is_empty() {
        return None;
    }
    let count = |wanted: &dyn Fn(State) -> bool| each.iter().filter(|state| wanted(**state)).count();
    let (broken, unknown) = (count(&State::is_trouble), count(&|state| state == State::Unknown));
    let (of, maintained) = (each.len(), count(&|state| state == State::UNDER_MAINTENANCE));
    let sentence = match (broken, unknown, maintained) {
        (0, 0, _) if state.is_trouble() => "An incident of ours is open".to_owned(),
        (0, 0, 0) if of == 1 => "Operational".to_owned(),
        (0, 0, 0) => format!("All {of} operational"),
        (0, 0, some) => format!("{some} of {of} under maintenance"),
        (0, some, _) => format!("{some} of {of} unknown"),
        (some, 0, _) => format!("{some} of {of} {} problems", if some == 1 { "has" } else { "have" }),
        (some, lost, _) => {
            format!("{some} of {of} {} problems, {lost} unknown", if some == 1 { "has" } else { "have" })
        }
    };
    let fresh = sources.iter().filter(|view| !view.freshness.stale).count();
    Some(Said {
        name: tag.to_owned(),
        state,
        word: low(state),
        sentence,
        detail: if sources.is_empty() { String::new() } else { format!("{fresh} of {} can be read", sources.len()) },
        path: format!("/?tag={}", url::form_urlencoded::byte_serialize(tag.as_bytes()).collect::<String>()),
    })
}

/// What is said of one source.
pub fn source(view: &SourceView) -> Said {
    let label = super::view::label(view);
    Said {
        name: view.source.name.clone(),
        state: view.state,
        word: label.to_lowercase(),
        sentence: format!("{}: {label}", view.source.name),
        detail: format!("since {}", super::view::time(view.since).text()),
        path: format!("/sources/{}", view.source.id),
    }
}

/// A service of which nobody said that it is broken, but that needs what is: it is no good news.
pub fn service(snapshot: &Snapshot, view: &ServiceView) -> Said {
    let risk = State::worst(view.at_risk.iter().map(|risk| risk.state)).filter(|_| view.state == State::OPERATIONAL);
    let state = match risk {
        Some(risk) if risk.is_trouble() => State::DEGRADED_PERFORMANCE,
        Some(risk) => risk,
        None => view.state,
    };
    let word = if risk.is_some() { "at risk".to_owned() } else { low(view.state) };
    let mut names: Vec<&str> = Vec::new();
    for risk in &view.at_risk {
        let id = risk.source.as_str();
        let name = snapshot.source(id).map_or(id, |source| source.source.name.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let label = if risk.is_some() { "At risk" } else { view.state.label() };
    Said {
        name: view.service.name.clone(),
        state,
        word,
        sentence: format!("{}: {label}", view.service.name),
        detail: if names.is_empty() { String::new() } else { format!("needs {}", names.join(", ")) },
        path: format!("/services/{}", view.service.id),
    }
}

fn component(view: &SourceView, path: &str) -> Option<Said> {
    // Two of one name: what is said holds for both.
    let named: Vec<&ComponentView> = view.components.iter().filter(|component| component.path == path).collect();
    let state = State::worst(named.iter().map(|component| component.state))?;
    let name = format!("{} {path}", view.source.name);
    Some(Said {
        sentence: format!("{name}: {}", state.label()),
        detail: String::new(),
        name,
        state,
        word: low(state),
        path: format!("/sources/{}", view.source.id),
    })
}

fn low(state: State) -> String {
    state.label().to_lowercase()
}

/// What is not as it should be of what the subject is about, the worst first, and how many more there are.
pub fn amiss(snapshot: &Snapshot, subject: &Subject) -> (Vec<Said>, usize) {
    let services =
        snapshot.services.iter().filter(|view| holds_service(subject, view)).map(|view| service(snapshot, view));
    let sources = snapshot.sources.iter().filter(|view| holds(subject, view));
    let counted = sources.filter(|view| view.counted_state != State::OPERATIONAL).map(|view| source(view));
    let mut all: Vec<Said> = services.filter(|said| said.state != State::OPERATIONAL).chain(counted).collect();
    all.sort_by_key(|said| std::cmp::Reverse(said.state.weight()));
    let more = all.len().saturating_sub(limits::STRIP_ITEMS);
    all.truncate(limits::STRIP_ITEMS);
    (all, more)
}
