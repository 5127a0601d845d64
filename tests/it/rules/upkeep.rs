//! What time makes happen to a planned maintenance, and what it never makes happen twice.

use std::time::Duration;

use allclear::model::incident::Phase;
use allclear::model::series::Plan;
use allclear::rules::upkeep::{Facts, Overdue, Step, due, next_due, overdue, passed};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::at;

const DAY: Duration = Duration::from_secs(24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);
const QUARTER: Duration = Duration::from_secs(15 * 60);

fn plan(auto_start: bool, auto_end: bool, reminded: &[Duration]) -> Plan {
    let reminders = vec![HOUR, DAY, QUARTER];
    Plan { auto_start, auto_end, reminders, reminded: reminded.to_vec(), series: None }
}

/// Planned from 22:00 to 23:00.
fn facts(phase: Phase, plan: &Plan) -> Facts<'_> {
    let (starts_at, ends_at) = (Some(at("2026-12-01T22:00:00Z")), Some(at("2026-12-01T23:00:00Z")));
    Facts { phase, starts_at, ends_at, plan }
}

fn on_that_day(time: &str) -> Timestamp {
    at(&format!("2026-12-01T{time}:00Z"))
}

#[test]
fn time_reminds_starts_and_ends() {
    use Step::{End, Remind, Start};
    let (auto, by_hand) = (plan(true, true, &[]), plan(false, false, &[]));
    let told = plan(true, true, &[DAY, HOUR]);
    for (phase, plan, now, expected) in [
        (Phase::Scheduled, &auto, "2026-11-30T21:59:59Z", vec![]),
        (Phase::Scheduled, &auto, "2026-11-30T22:00:00Z", vec![Remind(DAY)]),
        // Of several that are late, the newest.
        (Phase::Scheduled, &auto, "2026-12-01T21:30:00Z", vec![Remind(HOUR)]),
        (Phase::Scheduled, &auto, "2026-12-01T21:50:00Z", vec![Remind(QUARTER)]),
        (Phase::Scheduled, &told, "2026-12-01T21:30:00Z", vec![]),
        (Phase::Scheduled, &told, "2026-12-01T21:45:00Z", vec![Remind(QUARTER)]),
        // None once it has started.
        (Phase::Scheduled, &auto, "2026-12-01T22:00:00Z", vec![Start]),
        (Phase::Scheduled, &by_hand, "2026-12-01T22:00:00Z", vec![]),
        (Phase::InProgress, &auto, "2026-12-01T21:50:00Z", vec![]),
        (Phase::InProgress, &auto, "2026-12-01T22:59:59Z", vec![]),
        (Phase::InProgress, &auto, "2026-12-01T23:00:00Z", vec![End]),
        (Phase::Verifying, &auto, "2026-12-01T23:00:00Z", vec![End]),
        (Phase::InProgress, &by_hand, "2026-12-09T23:00:00Z", vec![]),
        // The machine was off.
        (Phase::Scheduled, &auto, "2026-12-09T23:00:00Z", vec![Start, End]),
        (Phase::Completed, &auto, "2026-12-01T22:30:00Z", vec![]),
        (Phase::Cancelled, &auto, "2026-12-01T21:50:00Z", vec![]),
    ] {
        assert_eq!(due(&facts(phase, plan), at(now)), expected, "{phase:?} {now}");
    }
    // What nobody began does not end by itself.
    let ends_only = plan(false, true, &[]);
    assert_eq!(due(&facts(Phase::Scheduled, &ends_only), on_that_day("23:30")), []);
}

#[test]
fn a_clock_that_was_set_back_tells_nothing_again() {
    let last_told = plan(true, true, &[QUARTER]);
    for now in ["2026-11-30T22:00:00Z", "2026-12-01T21:10:00Z", "2026-12-01T21:50:00Z"] {
        assert_eq!(due(&facts(Phase::Scheduled, &last_told), at(now)), [], "{now}");
    }
    let started = plan(true, true, &[]);
    assert_eq!(due(&facts(Phase::InProgress, &started), on_that_day("21:50")), []);
    assert_eq!(due(&facts(Phase::Completed, &started), on_that_day("22:30")), []);
}

#[test]
fn the_next_moment_is_known() {
    let (auto, by_hand, told) = (plan(true, true, &[]), plan(false, false, &[DAY]), plan(true, false, &[QUARTER]));
    for (phase, plan, now, expected) in [
        (Phase::Scheduled, &auto, "2026-11-01T00:00:00Z", Some("2026-11-30T22:00:00Z")),
        (Phase::Scheduled, &auto, "2026-12-01T00:00:00Z", Some("2026-12-01T00:00:00Z")),
        (Phase::Scheduled, &by_hand, "2026-12-01T00:00:00Z", Some("2026-12-01T21:00:00Z")),
        (Phase::Scheduled, &told, "2026-12-01T00:00:00Z", Some("2026-12-01T22:00:00Z")),
        (Phase::InProgress, &auto, "2026-12-01T22:10:00Z", Some("2026-12-01T23:00:00Z")),
        (Phase::InProgress, &told, "2026-12-01T22:10:00Z", None),
        (Phase::Scheduled, &by_hand, "2026-12-02T00:00:00Z", None),
        (Phase::Completed, &auto, "2026-11-01T00:00:00Z", None),
    ] {
        assert_eq!(next_due(&facts(phase, plan), at(now)), expected.map(at), "{phase:?} {now}");
    }
}

#[test]
fn what_nobody_did_in_time_is_overdue() {
    let (auto, by_hand) = (plan(true, true, &[]), plan(false, false, &[]));
    for (phase, plan, now, expected) in [
        (Phase::Scheduled, &by_hand, "21:59", None),
        (Phase::Scheduled, &by_hand, "22:00", Some(Overdue::Start)),
        (Phase::InProgress, &by_hand, "22:59", None),
        (Phase::InProgress, &by_hand, "23:00", Some(Overdue::End)),
        (Phase::Verifying, &by_hand, "23:30", Some(Overdue::End)),
        (Phase::Completed, &by_hand, "23:30", None),
        (Phase::Scheduled, &auto, "22:30", None),
        (Phase::InProgress, &auto, "23:30", None),
    ] {
        assert_eq!(overdue(&facts(phase, plan), on_that_day(now)), expected, "{phase:?} {now}");
    }
    let open = Facts { ends_at: None, ..facts(Phase::InProgress, &by_hand) };
    assert_eq!(overdue(&open, on_that_day("23:59")), None, "until further notice");
}

#[test]
fn what_is_announced_late_is_not_reminded_of_at_once() {
    let start = on_that_day("22:00");
    assert_eq!(passed(&[HOUR, DAY, QUARTER], start, on_that_day("21:30")), [HOUR, DAY]);
    let plan = plan(true, true, &passed(&[HOUR, DAY, QUARTER], start, on_that_day("21:30")));
    assert_eq!(due(&facts(Phase::Scheduled, &plan), on_that_day("21:30")), []);
    assert_eq!(due(&facts(Phase::Scheduled, &plan), on_that_day("21:45")), [Step::Remind(QUARTER)]);
}

/// What the caller does with the steps.
fn take(phase: &mut Phase, plan: &mut Plan, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Remind(before) => plan.reminded.push(*before),
            Step::Start => *phase = Phase::InProgress,
            Step::End => *phase = Phase::Completed,
        }
    }
}

proptest! {
    /// Whatever the clock does, forwards and backwards, everything happens once and in order.
    #[test]
    fn everything_happens_at_most_once_and_in_order(
        minutes in prop::collection::vec(-3000_i64..600, 1..40),
        auto_start in any::<bool>(),
        auto_end in any::<bool>(),
    ) {
        let (mut phase, mut plan) = (Phase::Scheduled, plan(auto_start, auto_end, &[]));
        let mut happened = Vec::new();
        for minute in minutes {
            let now = on_that_day("22:00") + SignedDuration::from_mins(minute);
            let steps = due(&facts(phase, &plan), now);
            prop_assert!(steps.iter().all(|step| !matches!(step, Step::Remind(_)) || minute < 0));
            take(&mut phase, &mut plan, &steps);
            prop_assert_eq!(due(&facts(phase, &plan), now), vec![]);
            happened.extend(steps);
        }
        let rank = |step: &Step| match step {
            Step::Remind(before) => (0, u64::MAX - before.as_secs()),
            Step::Start => (1, 0),
            Step::End => (2, 0),
        };
        prop_assert!(happened.windows(2).all(|pair| rank(&pair[0]) < rank(&pair[1])), "{:?}", happened);
    }

    /// Nothing is due before the moment that was given as the next one, and something is then.
    #[test]
    fn nothing_is_missed_by_sleeping_until_the_next_moment(
        auto_start in any::<bool>(),
        auto_end in any::<bool>(),
        phase in prop::sample::select(vec![Phase::Scheduled, Phase::InProgress]),
        told in prop::sample::subsequence(vec![DAY, HOUR, QUARTER], 0..3),
        minute in -3000_i64..600,
        later in 0_i64..4000,
    ) {
        let plan = plan(auto_start, auto_end, &told);
        let facts = facts(phase, &plan);
        let now = on_that_day("22:00") + SignedDuration::from_mins(minute);
        let then = now + SignedDuration::from_mins(later);
        match next_due(&facts, now) {
            Some(next) => {
                prop_assert!(next >= now && !due(&facts, next).is_empty());
                prop_assert!(then >= next || due(&facts, then).is_empty());
            }
            None => prop_assert_eq!(due(&facts, then), vec![]),
        }
    }
}
