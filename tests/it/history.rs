//! Figures agree with somebody who watches every second, and a time that nobody observed counts for nothing.

use std::time::Duration;

use allclear::history::targets::{Standing, budget};
use allclear::history::uptime::{days, months, outages};
use allclear::history::{Tally, Window, masked, spans};
use allclear::model::event::{Cause, Event, EventKind};
use allclear::model::id::SourceId;
use allclear::model::level::{Level, State};
use allclear::model::mark::{Mark, Track};
use allclear::model::target::{Period, Share, Target};
use allclear::store::{Batch, Store};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// Some days around the change of the clocks in autumn, so that days are not all alike.
const START: i64 = 1_792_800_000;
const SECONDS: i64 = 4_000;
/// A second of a test stands for so many: a whole window is some days.
const STEP: i64 = 97;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second * STEP).unwrap()
}

fn state() -> impl Strategy<Value = Option<State>> {
    let known = prop::sample::select(State::ALL.to_vec());
    prop_oneof![3 => known.prop_map(Some), 1 => Just(None)]
}

/// Marks in order; several may be of one moment.
fn marks() -> impl Strategy<Value = Vec<(i64, Option<State>)>> {
    prop::collection::vec((-500..SECONDS + 500, state()), 0..40).prop_map(|mut marks| {
        marks.sort_by_key(|(second, _)| *second);
        marks
    })
}

/// What somebody who watches notes down for a second: the last that was marked by then.
fn watched(marks: &[(i64, Option<State>)], second: i64) -> Option<State> {
    marks.iter().rfind(|(marked, _)| *marked <= second).and_then(|(_, state)| *state)
}

fn laid(marks: &[(i64, Option<State>)], window: Window) -> Vec<allclear::history::Span> {
    let marks: Vec<Mark> = marks.iter().map(|(second, state)| Mark { at: at(*second), state: *state }).collect();
    spans(&marks, window)
}

fn seconds(count: usize) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap() * u64::try_from(STEP).unwrap())
}

/// What the log says, second by second: each event paints over all that comes after it.
fn replayed(events: &[Event]) -> Vec<Option<State>> {
    let mut notes = vec![None; usize::try_from(SECONDS).unwrap()];
    for event in events {
        let to = event.to.as_deref().and_then(State::from_word);
        let (from, state) = match event.kind {
            EventKind::SourceState if event.since.is_some() => (event.since.unwrap(), None),
            EventKind::SourceState => (event.at, to),
            _ => (event.at, Some(State::Unknown)),
        };
        let from = usize::try_from((from.as_second() - START) / STEP).unwrap();
        notes.iter_mut().skip(from).for_each(|note| *note = state);
    }
    notes
}

/// A change in a source's log: so many seconds after the one before, to a state, or unread since so long.
fn happens() -> impl Strategy<Value = (i64, Option<State>, i64)> {
    let state = prop_oneof![4 => prop::sample::select(State::ALL.to_vec()).prop_map(Some), 1 => Just(None)];
    (1..150_i64, state, 0..200_i64)
}

fn logged(happened: &[(i64, Option<State>, i64)]) -> Vec<Event> {
    let mut second = 0;
    let mut events: Vec<Event> = Vec::new();
    let mut unread = false;
    for (later, state, back) in happened {
        second += later;
        let event = |kind, to: State, since| Event {
            seq: 0,
            at: at(second),
            since,
            kind,
            source: Some(SourceId::new("acme")),
            subject: None,
            name: "Acme".into(),
            from: Some("operational".into()),
            to: Some(to.as_str().into()),
            cause: Cause::Reading,
            note: None,
            baseline: false,
        };
        match state {
            Some(state) => {
                if unread {
                    events.push(event(EventKind::SourceReadable, State::Unknown, None));
                }
                events.push(event(EventKind::SourceState, *state, None));
            }
            None => events.push(event(EventKind::SourceState, State::Unknown, Some(at((second - back).max(0))))),
        }
        unread = state.is_none();
    }
    for (place, event) in events.iter_mut().enumerate() {
        event.seq = u64::try_from(place).unwrap() + 1;
    }
    events
}

/// Counts notes, second by second.
fn naive(notes: &[Option<State>]) -> Tally {
    let of = |state: Option<State>| seconds(notes.iter().filter(|note| **note == state).count());
    Tally {
        operational: of(Some(State::OPERATIONAL)),
        maintenance: of(Some(State::UNDER_MAINTENANCE)),
        degraded: of(Some(State::DEGRADED_PERFORMANCE)),
        partial: of(Some(State::PARTIAL_OUTAGE)),
        major: of(Some(State::MAJOR_OUTAGE)),
        unknown: of(Some(State::Unknown)),
        unobserved: of(None),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn figures_from_the_store_agree_with_a_replay_of_the_exported_events(
        happened in prop::collection::vec(happens(), 0..25),
    ) {
        let store = Store::in_memory().unwrap();
        for event in logged(&happened) {
            store.commit(&Batch { events: vec![event], ..Batch::default() }).unwrap();
        }
        let exported = store.events_after(0, usize::MAX).unwrap();
        let window = Window::new(at(0), at(SECONDS));
        let marks = store.marks(&Track::Source(SourceId::new("acme")), window.from(), window.to()).unwrap();
        prop_assert_eq!(Tally::of(&spans(&marks, window)), naive(&replayed(&exported)));
    }
}

proptest! {
    #[test]
    fn figures_agree_with_somebody_who_watches_every_second(marks in marks(), from in 0..SECONDS, length in 0..SECONDS) {
        let to = (from + length).min(SECONDS);
        let window = Window::new(at(from), at(to));
        let notes: Vec<Option<State>> = (from..to).map(|second| watched(&marks, second)).collect();
        let found = laid(&marks, window);
        let tally = Tally::of(&found);
        prop_assert_eq!(tally, naive(&notes));
        prop_assert_eq!(tally.whole(), window.length());
        let up = notes.iter().filter(|note| matches!(note, Some(State::OPERATIONAL | State::DEGRADED_PERFORMANCE))).count();
        let planned = notes.iter().filter(|note| **note == Some(State::UNDER_MAINTENANCE)).count();
        let known = notes.iter().filter(|note| note.is_some_and(|state| state != State::Unknown)).count();
        prop_assert_eq!(tally.with_maintenance(), Share::of(seconds(up), seconds(known)));
        prop_assert_eq!(tally.without_maintenance(), Share::of(seconds(up), seconds(known - planned)));
        prop_assert_eq!(tally.coverage(), Share::of(seconds(known), window.length()));
        // Outages are all of the time that was down, and none of any other.
        let down: Duration = outages(&found, &Target::DOWN).iter().map(|outage| outage.window.length()).sum();
        prop_assert_eq!(down, tally.down());
    }

    #[test]
    fn a_component_is_counted_only_in_seconds_in_which_its_source_was_observed(
        part in marks(),
        source in marks(),
    ) {
        let window = Window::new(at(0), at(SECONDS));
        let notes: Vec<Option<State>> = (0..SECONDS)
            .map(|second| watched(&source, second).and_then(|_| watched(&part, second)))
            .collect();
        let found = masked(&laid(&part, window), &laid(&source, window));
        prop_assert_eq!(Tally::of(&found), naive(&notes));
    }

    #[test]
    fn days_and_months_add_up_to_the_whole_in_every_zone(
        marks in marks(),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]),
    ) {
        let zone = TimeZone::get(zone).unwrap();
        let window = Window::new(at(0), at(SECONDS));
        let found = laid(&marks, window);
        let whole = Tally::of(&found);
        for parts in [days(&found, window, &zone), months(&found, window, &zone)] {
            let sum = |of: &dyn Fn(&Tally) -> Duration| parts.iter().map(|part| of(&part.tally)).sum::<Duration>();
            prop_assert_eq!(sum(&|tally| tally.unobserved), whole.unobserved);
            prop_assert_eq!(sum(&|tally| tally.unknown), whole.unknown);
            for level in Level::ALL {
                prop_assert_eq!(sum(&|tally| tally.at(level)), whole.at(level));
            }
            for part in &parts {
                let notes = || (0..SECONDS).map(at).zip((0..SECONDS).map(|second| watched(&marks, second)));
                // A change lies on a step, so that a part that begins between two steps has its own beginning as well.
                let before = watched(&marks, (part.window.from().as_second() - START).div_euclid(STEP));
                let inside = notes().filter(|(at, _)| part.window.holds(*at)).filter_map(|(_, state)| state);
                prop_assert_eq!(part.worst, State::worst(inside.chain(before)));
            }
        }
    }

    /// However long nobody looks, no share changes: only the coverage does.
    #[test]
    fn a_gap_never_counts_as_uptime_or_downtime(marks in marks(), gap in 1..3_000_i64, cut in 0..SECONDS) {
        let whole = Tally::of(&laid(&marks, Window::new(at(0), at(SECONDS))));
        // The same past with nobody looking for a while in the middle of it; then all goes on as it was.
        let mut longer: Vec<(i64, Option<State>)> = marks.iter().filter(|(second, _)| *second <= cut).copied().collect();
        longer.push((cut, None));
        longer.push((cut + gap, watched(&marks, cut)));
        longer.extend(marks.iter().filter(|(second, _)| *second > cut).map(|(second, state)| (second + gap, *state)));
        let with_gap = Tally::of(&laid(&longer, Window::new(at(0), at(SECONDS + gap))));
        prop_assert_eq!(Tally { unobserved: whole.unobserved, ..with_gap }, whole);
        prop_assert_eq!(with_gap.unobserved, whole.unobserved + seconds(usize::try_from(gap).unwrap()));
        prop_assert_eq!(with_gap.with_maintenance(), whole.with_maintenance());
        prop_assert_eq!(with_gap.without_maintenance(), whole.without_maintenance());
    }

    /// Nobody is accused, and nobody is let off, for what was not seen.
    #[test]
    fn a_promise_is_called_kept_or_broken_only_where_no_unseen_second_could_change_it(marks in marks(), nines in 0..=4_usize) {
        let uptime = ["90", "99", "99.9", "99.99", "100"][nines];
        let target = Target {
            uptime: Share::from_percent(uptime).unwrap(),
            period: Period::Month,
            counts: Target::DOWN.to_vec(),
        };
        let window = Window::new(at(0), at(SECONDS));
        let judged = |marks: &[(i64, Option<State>)]| budget(&target, &laid(marks, window), window, window.to()).standing;
        let seen_as = |state: State| {
            let fill = |(second, marked): &(i64, Option<State>)| {
                (*second, Some(marked.filter(|marked| *marked != State::Unknown).unwrap_or(state)))
            };
            let mut filled: Vec<(i64, Option<State>)> = vec![(-501, Some(state))];
            filled.extend(marks.iter().map(fill));
            judged(&filled)
        };
        let expected = match (seen_as(State::OPERATIONAL), seen_as(State::MAJOR_OUTAGE)) {
            (Standing::Broken, _) => Standing::Broken,
            (_, Standing::Kept) => Standing::Kept,
            _ => Standing::Unsure,
        };
        prop_assert_eq!(judged(&marks), expected);
    }
}
