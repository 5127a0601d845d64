//! Pages of the past: as they stood, why there is none, and what is different between two.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Page, Shown, Time, shown, time};
use crate::history::difference::{Changed, Difference, How, Moved};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::past;
use crate::model::snapshot::Snapshot;

/// Which moment is looked at, and in which time zone its form speaks.
#[derive(Debug, Clone)]
pub struct Then {
    /// The moment.
    pub at: Timestamp,
    /// The page's time zone.
    pub zone: TimeZone,
}

/// A time of which nothing is kept.
#[derive(Debug, Clone, Copy)]
pub struct Gap {
    /// Its beginning; `None`: always before.
    pub from: Option<Timestamp>,
    /// Its end; `None`: there is none yet.
    pub to: Option<Timestamp>,
}

/// What stands above a page of the past.
#[derive(Debug, Serialize)]
pub struct Note {
    at: Time,
    /// For the field of the form.
    field: String,
    zone: String,
    since: Option<Time>,
    until: Option<Time>,
    lost: usize,
    earlier: String,
    later: String,
    before: Option<String>,
    after: Option<String>,
    diff: String,
}

/// What stands above the page that was shown.
pub fn note(shown: &past::Shown, then: &Then) -> Note {
    let just_before = shown.since.checked_sub(SignedDuration::from_secs(1)).ok();
    let mut note = frame(then);
    note.since = Some(time(shown.since));
    note.until = shown.until.map(time);
    note.lost = shown.lost;
    note.before = just_before.map(link);
    note.after = shown.until.and_then(|until| until.checked_add(SignedDuration::from_secs(1)).ok()).map(link);
    note
}

fn frame(then: &Then) -> Note {
    let moved =
        |hours: i64| then.at.saturating_add(SignedDuration::from_hours(hours)).map_or_else(|_| link(then.at), link);
    Note {
        at: time(then.at),
        field: field(then.at, &then.zone),
        zone: then.zone.iana_name().unwrap_or("UTC").to_owned(),
        since: None,
        until: None,
        lost: 0,
        earlier: moved(-1),
        later: moved(1),
        before: None,
        after: None,
        diff: format!("/diff?from={}", whole(then.at)),
    }
}

fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn link(at: Timestamp) -> String {
    format!("/?at={}", whole(at))
}

/// As a field for date and time has it.
fn field(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// A moment of which there is no page.
#[derive(Debug, Serialize)]
pub struct Missing {
    page: Page,
    past: Note,
    asleep: bool,
    from: Option<Time>,
    to: Option<Time>,
}

/// Makes the page that says why there is none.
pub fn missing(snapshot: &Snapshot, then: &Then, gap: Gap) -> Missing {
    Missing {
        page: super::page(snapshot, false),
        past: frame(then),
        asleep: gap.from.is_some(),
        from: gap.from.map(time),
        to: gap.to.map(time),
    }
}

/// What is different between two moments.
#[derive(Debug, Serialize)]
pub struct Diff {
    page: Page,
    from: Time,
    to: Time,
    from_field: String,
    to_field: String,
    zone: String,
    asked: bool,
    same: bool,
    headline: Option<(String, String)>,
    sources: Vec<Row>,
    services: Vec<Row>,
    incidents: Vec<Thing>,
    maintenances: Vec<Thing>,
}

#[derive(Debug, Serialize)]
struct Row {
    href: String,
    name: String,
    from: Option<Shown>,
    to: Option<Shown>,
    parts: Vec<Part>,
}

#[derive(Debug, Serialize)]
struct Part {
    path: String,
    from: Option<Shown>,
    to: Option<Shown>,
}

#[derive(Debug, Serialize)]
struct Thing {
    href: String,
    title: String,
    source: String,
    how: &'static str,
    from: Option<&'static str>,
    to: Option<&'static str>,
    impact: Option<&'static str>,
    updates: usize,
}

/// Makes the page; without a difference only its form.
pub fn diff(
    snapshot: &Snapshot,
    (from, to): (Timestamp, Timestamp),
    zone: &TimeZone,
    found: Option<&Difference>,
) -> Diff {
    let rows = |list: &[Changed], place: &str| list.iter().map(|one| row(one, place)).collect();
    let things = |list: &[Moved], place: &str, over| list.iter().map(|one| thing(one, place, over)).collect();
    let nothing = Difference::default();
    let shown = found.unwrap_or(&nothing);
    Diff {
        page: super::page(snapshot, false),
        from: time(from),
        to: time(to),
        from_field: field(from, zone),
        to_field: field(to, zone),
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        asked: found.is_some(),
        same: shown.is_empty(),
        headline: shown.headline.clone(),
        sources: rows(&shown.sources, "sources"),
        services: rows(&shown.services, "services"),
        incidents: things(&shown.incidents, "incidents", "over, or no longer shown"),
        maintenances: things(&shown.maintenances, "maintenances", "over, or no longer planned"),
    }
}

fn row(changed: &Changed, place: &str) -> Row {
    let state = |state: Option<State>| state.map(shown);
    Row {
        href: format!("/{place}/{}", changed.id),
        name: changed.name.clone(),
        from: state(changed.from),
        to: state(changed.to),
        parts: changed
            .components
            .iter()
            .map(|part| Part { path: part.path.clone(), from: state(part.from), to: state(part.to) })
            .collect(),
    }
}

fn thing(moved: &Moved, place: &str, over: &'static str) -> Thing {
    Thing {
        href: format!("/{place}/{}", moved.id),
        title: moved.title.clone(),
        source: moved.source.clone(),
        how: match moved.how {
            How::Opened => "new",
            How::Changed => "changed",
            How::Closed => over,
        },
        from: moved.from.filter(|_| moved.from != moved.to).map(Phase::label),
        to: moved.to.filter(|_| moved.from != moved.to).map(Phase::label),
        impact: moved.impact.and_then(|(_, to)| to).map(|impact| impact.as_str()),
        updates: moved.updates,
    }
}
