//! What the log says of states stands in a few bytes beside it.

use allclear::model::event::{Cause, Event, EventKind};
use allclear::model::id::{ComponentId, ServiceId};
use allclear::model::level::State;
use allclear::model::mark::{Mark, Track};
use allclear::store::{Batch, Store};

use super::sample::{at, change, event, source_id, state};

/// A change of a source as a whole at a second, since another where given.
fn told(seq: u64, second: i64, from: State, to: State, since: Option<i64>) -> Event {
    Event {
        at: at(second),
        since: since.map(at),
        kind: EventKind::SourceState,
        subject: None,
        from: Some(from.as_str().to_owned()),
        to: Some(to.as_str().to_owned()),
        ..event(seq, "acme", "")
    }
}

fn mark(second: i64, state: Option<State>) -> Mark {
    Mark { at: at(second), state }
}

fn commit(store: &Store, events: Vec<Event>) {
    store.commit(&Batch { events, ..Batch::default() }).unwrap();
}

#[test]
fn what_turns_out_to_be_unread_was_not_observed_since_the_last_good_reading() {
    let store = Store::in_memory().unwrap();
    let (up, down) = (State::OPERATIONAL, State::MAJOR_OUTAGE);
    commit(&store, vec![told(1, 10, State::Unknown, up, None), told(2, 100, up, down, None)]);
    commit(&store, vec![told(3, 400, down, State::Unknown, Some(160))]);
    commit(&store, vec![told(4, 900, State::Unknown, up, None)]);
    let track = Track::Source(source_id("acme"));
    let all = store.marks(&track, at(0), at(2_000)).unwrap();
    assert_eq!(all, [mark(10, Some(up)), mark(100, Some(down)), mark(160, None), mark(900, Some(up))]);
    let within = store.marks(&track, at(120), at(900)).unwrap();
    assert_eq!(within, [mark(100, Some(down)), mark(160, None)]);
    assert!(store.marks(&Track::Source(source_id("other")), at(0), at(2_000)).unwrap().is_empty());
}

#[test]
fn a_clock_that_went_back_takes_nothing_back() {
    let store = Store::in_memory().unwrap();
    commit(&store, vec![told(1, 500, State::Unknown, State::OPERATIONAL, None)]);
    commit(&store, vec![told(2, 100, State::OPERATIONAL, State::MAJOR_OUTAGE, None)]);
    let all = store.marks(&Track::Source(source_id("acme")), at(0), at(2_000)).unwrap();
    assert_eq!(
        all.iter().map(|mark| mark.state).collect::<Vec<_>>(),
        [Some(State::OPERATIONAL), Some(State::MAJOR_OUTAGE)]
    );
    assert!(all[0].at < all[1].at);
}

#[test]
fn components_of_a_first_reading_are_measured_from_then_on() {
    let store = Store::in_memory().unwrap();
    let says = state(Vec::new());
    let ids: Vec<ComponentId> = says.components.iter().map(|component| component.id.clone()).collect();
    assert!(!ids.is_empty());
    store.commit(&Batch { sources: vec![change("acme", Some(says), 5)], ..Batch::default() }).unwrap();
    let tracks = store.tracks_of(&source_id("acme")).unwrap();
    let components = ids.into_iter().map(|id| Track::Component(source_id("acme"), id));
    assert_eq!(tracks[1..].len(), components.len());
    for track in components {
        assert!(tracks.contains(&track));
        let marks = store.marks(&track, at(0), at(100)).unwrap();
        assert_eq!(marks.len(), 1, "{track:?}");
        assert!(marks[0].state.is_some() && marks[0].at == at(5));
    }
}

#[test]
fn a_source_that_is_no_longer_watched_is_no_longer_observed() {
    let store = Store::in_memory().unwrap();
    let gone = Event { cause: Cause::Configuration, ..told(2, 50, State::OPERATIONAL, State::Unknown, None) };
    commit(&store, vec![told(1, 10, State::Unknown, State::OPERATIONAL, None), gone]);
    let all = store.marks(&Track::Source(source_id("acme")), at(0), at(100)).unwrap();
    assert_eq!(all, [mark(10, Some(State::OPERATIONAL)), mark(50, None)]);
}

#[test]
fn a_service_is_observed_while_allclear_runs_and_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let page = |state| {
        let mut page = super::sample::page(0);
        page.services = vec![super::sample::service("checkout", state)];
        std::sync::Arc::new(page)
    };
    let show = |seconds, state| Batch {
        shown: vec![(at(seconds), page(state))],
        sources: vec![change("acme", None, seconds)],
        ..Batch::default()
    };
    let store = Store::open(folder.path()).unwrap();
    store.commit(&show(0, State::OPERATIONAL)).unwrap();
    store.commit(&show(100, State::MAJOR_OUTAGE)).unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    store.commit(&show(5_000, State::MAJOR_OUTAGE)).unwrap();
    let all = store.marks(&Track::Service(ServiceId::new("checkout")), at(-10), at(9_000)).unwrap();
    let (up, down) = (Some(State::OPERATIONAL), Some(State::MAJOR_OUTAGE));
    assert_eq!(all, [mark(0, up), mark(100, None), mark(5_000, down)], "unread since the last sign of life");
}
