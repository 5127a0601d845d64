//! Changes of a source as a whole, as the event log tells them: its state, and whether it can be read.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::event::{Cause, Event, EventKind};
use crate::model::level::State;
use crate::model::state::{Held, Now};

use super::derive::{self, Force};

/// What came of looking at a source as a whole.
#[derive(Debug)]
pub struct Told {
    /// What changed.
    pub events: Vec<Event>,
    /// What is held changed, so that it is to be stored.
    pub changed: bool,
}

/// Compares a source with what the log last said of it, and notes the difference in `held`.
///
/// `baseline`: this is the first reading, so that nothing of it is news.
pub fn source(held: &mut Held, now: Now, cause: Cause, baseline: bool) -> Told {
    let mut events = Vec::new();
    let fresh = derive::force(held, now) == Force::Full;
    let state = derive::state_now(held, now);
    let given_up = held.state.first_read_at.is_some() || held.transport.failures >= 3;
    let unreadable = !fresh && given_up && derive::failure(held).is_some();
    if unreadable && !held.state.told_unreadable {
        held.state.told_unreadable = true;
        events.push(event(held, now, cause, baseline, EventKind::SourceUnreadable));
    }
    if fresh && held.state.told_unreadable {
        held.state.told_unreadable = false;
        events.push(event(held, now, cause, baseline, EventKind::SourceReadable));
    }
    if state != held.state.told {
        let from = held.state.told;
        held.state.told_since = since(held, state, now.wall, fresh, baseline);
        held.state.told = state;
        let mut told = event(held, now, cause, baseline, EventKind::SourceState);
        told.from = Some(from.as_str().to_owned());
        told.to = Some(state.as_str().to_owned());
        told.since = Some(held.state.told_since).filter(|since| *since < now.wall);
        events.push(told);
    }
    let days = held.state.days.clone();
    if held.state.first_read_at.is_some() {
        held.state.days.note(now.wall.to_zoned_datetime(TimeZone::UTC).date(), state);
    }
    Told { changed: !events.is_empty() || held.state.days != days, events }
}

/// Since when: unknown since the last good reading; a trouble that was there before the first reading
/// since the vendor says; else since now.
fn since(held: &Held, state: State, now: Timestamp, fresh: bool, baseline: bool) -> Timestamp {
    if !fresh && state == State::Unknown {
        return derive::good_at(held).unwrap_or(held.state.told_since);
    }
    if !baseline || state == State::OPERATIONAL {
        return now;
    }
    let parts = held.state.components.iter().filter(|c| c.state == state).map(|c| c.since);
    let incidents = held.state.incidents.iter().filter(|i| i.is_open() && i.state() == state).map(|i| i.began_at());
    parts.chain(incidents).min().map_or(now, |began| began.min(now))
}

fn event(held: &Held, now: Now, cause: Cause, baseline: bool, kind: EventKind) -> Event {
    let note = match kind {
        EventKind::SourceUnreadable => derive::failure(held).map(|failure| failure.message),
        _ => None,
    };
    Event {
        seq: 0,
        at: now.wall,
        since: None,
        kind,
        source: Some(held.source.id.clone()),
        subject: None,
        name: held.source.name.clone(),
        from: None,
        to: None,
        cause,
        note,
        baseline,
    }
}
