//! Which maintenances a series has, with its exceptions.

use std::collections::BTreeMap;
use std::time::Duration;

use allclear::limits;
use allclear::model::id::{SeriesId, ServiceId};
use allclear::model::series::{Exception, OccurrenceOf, Series};
use allclear::model::text::Text;
use allclear::rules::recurrence::{Rule, zone};
use allclear::rules::series::{Planned, mistakes, occurrences, recurring};
use proptest::prelude::*;

use super::at;
use super::recurrence::civil;

const HOUR: Duration = Duration::from_secs(3600);

/// Every Tuesday from 22:00 to 23:00 in Berlin.
fn series(rule: &str) -> Series {
    Series {
        id: SeriesId::new("patching"),
        title: "Database patching".into(),
        markdown: "Short *breaks*".into(),
        words: Text { html: "<p>Short <em>breaks</em></p>".into(), plain: "Short breaks".into() },
        services: vec![ServiceId::new("checkout")],
        rule: rule.into(),
        timezone: "Europe/Berlin".into(),
        starts: civil("2026-10-06T22:00"),
        duration: HOUR,
        auto_start: true,
        auto_end: false,
        reminders: vec![HOUR],
        exceptions: BTreeMap::new(),
        version: 1,
        author: "ada".into(),
        created_at: at("2026-10-01T00:00:00Z"),
        changed_at: at("2026-10-01T00:00:00Z"),
    }
}

fn planned(series: &Series, now: &str) -> Vec<Planned> {
    occurrences(series, at(now), limits::SERIES_AHEAD).unwrap()
}

/// `id start`, with a mark where it does not take place.
fn lines(planned: &[Planned]) -> Vec<String> {
    let mark = |one: &Planned| if one.cancelled { " cancelled" } else { "" };
    planned.iter().map(|one| format!("{} {}{}", one.id, one.starts_at, mark(one))).collect()
}

#[test]
fn a_calendar_says_of_a_series_what_it_plans_since_it_was_made() {
    let berlin = zone("Europe/Berlin").unwrap();
    let always = at("2026-01-01T00:00:00Z")..at("2036-01-01T00:00:00Z");
    for (rule, made, first, onward) in [
        ("FREQ=WEEKLY", "2026-10-01T00:00:00Z", "2026-10-06T22:00", "FREQ=WEEKLY"),
        // It was made while the second went on, and after the third of six.
        ("FREQ=WEEKLY", "2026-10-13T20:30:00Z", "2026-10-13T22:00", "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;COUNT=6", "2026-10-21T00:00:00Z", "2026-10-27T22:00", "FREQ=WEEKLY;COUNT=3"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE",
            "2026-10-08T00:00:00Z",
            "2026-10-19T22:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE",
        ),
        // Ends on the clocks of the series become moments: summer time, winter time, a whole day.
        (
            "FREQ=DAILY;UNTIL=20261010T220000",
            "2026-10-01T00:00:00Z",
            "2026-10-06T22:00",
            "FREQ=DAILY;UNTIL=20261010T200000Z",
        ),
        (
            "FREQ=DAILY;UNTIL=20261110T220000",
            "2026-10-01T00:00:00Z",
            "2026-10-06T22:00",
            "FREQ=DAILY;UNTIL=20261110T210000Z",
        ),
        ("FREQ=DAILY;UNTIL=20261110", "2026-10-01T00:00:00Z", "2026-10-06T22:00", "FREQ=DAILY;UNTIL=20261110T225959Z"),
        (
            "FREQ=DAILY;UNTIL=20261110T210000Z",
            "2026-10-01T00:00:00Z",
            "2026-10-06T22:00",
            "FREQ=DAILY;UNTIL=20261110T210000Z",
        ),
        ("FREQ=MONTHLY;BYDAY=-1TU", "2026-11-01T00:00:00Z", "2026-11-24T22:00", "FREQ=MONTHLY;BYDAY=-1TU"),
    ] {
        let series = Series { created_at: at(made), ..series(rule) };
        let said = recurring(&series, &[civil(first), civil("2026-10-01T22:00")]).unwrap().unwrap();
        assert_eq!((said.first, said.rule.as_str()), (civil(first), onward), "{rule}");
        assert_eq!(said.named.into_iter().collect::<Vec<_>>(), [civil(first)], "{rule}");
        let all = |rule: &str, starts| Rule::parse(rule).unwrap().occurrences(starts, &berlin, always.clone(), 1_000);
        let mut planned = all(rule, series.starts);
        planned.retain(|one| one.starts >= civil(first));
        planned.truncate(900);
        let mut expanded = all(onward, said.first);
        expanded.truncate(900);
        assert_eq!(expanded, planned, "{rule}");
    }
    let over = Series { created_at: at("2026-12-01T00:00:00Z"), ..series("FREQ=WEEKLY;COUNT=2") };
    assert_eq!(recurring(&over, &[]).unwrap(), None);
}

#[test]
fn the_next_weeks_are_planned_over_the_change_of_the_clocks() {
    let found = planned(&series("FREQ=WEEKLY"), "2026-10-13T20:30:00Z");
    assert_eq!(
        lines(&found),
        [
            // It is going on.
            "patching-20261013t220000 2026-10-13T20:00:00Z",
            "patching-20261020t220000 2026-10-20T20:00:00Z",
            "patching-20261027t220000 2026-10-27T21:00:00Z",
            "patching-20261103t220000 2026-11-03T21:00:00Z",
            "patching-20261110t220000 2026-11-10T21:00:00Z",
        ]
    );
    let first = &found[0];
    assert_eq!(first.ends_at, at("2026-10-13T21:00:00Z"));
    assert_eq!((first.title.as_str(), first.words.plain.as_str()), ("Database patching", "Short breaks"));
    assert_eq!(first.services, [ServiceId::new("checkout")]);
    assert!(first.plan.auto_start && !first.plan.auto_end && first.plan.reminded.is_empty());
    let of = OccurrenceOf { series: SeriesId::new("patching"), starts: civil("2026-10-13T22:00") };
    assert_eq!(first.plan.series, Some(of));
    assert_eq!(lines(&planned(&series("FREQ=WEEKLY"), "2026-10-13T21:00:00Z"))[0], lines(&found)[1], "then it is over");
}

#[test]
fn the_next_one_is_planned_however_far_ahead_and_nothing_after_the_last() {
    let yearly = planned(&series("FREQ=YEARLY"), "2026-10-13T00:00:00Z");
    assert_eq!(lines(&yearly), ["patching-20271006t220000 2027-10-06T20:00:00Z"]);
    let over = planned(&series("FREQ=WEEKLY;COUNT=2"), "2026-10-14T00:00:00Z");
    assert_eq!(over, []);
}

#[test]
fn exceptions_cancel_and_move_and_keep_the_id() {
    let mut series = series("FREQ=WEEKLY");
    let moved = |starts, ends| Exception::Moved { starts_at: at(starts), ends_at: at(ends) };
    series.exceptions = BTreeMap::from([
        (civil("2026-10-20T22:00"), Exception::Cancelled),
        (civil("2026-10-27T22:00"), moved("2026-10-28T06:00:00Z", "2026-10-28T09:00:00Z")),
        // Announced, and moved far ahead.
        (civil("2026-11-03T22:00"), moved("2027-02-01T06:00:00Z", "2027-02-01T09:00:00Z")),
        // Far ahead by the rule, and moved to soon.
        (civil("2026-12-29T22:00"), moved("2026-10-15T06:00:00Z", "2026-10-15T09:00:00Z")),
        // Long past by the rule, and moved to soon.
        (civil("2026-10-06T22:00"), moved("2026-10-16T06:00:00Z", "2026-10-16T09:00:00Z")),
        // No occurrence of the rule any more.
        (civil("2026-10-21T22:00"), moved("2026-10-17T06:00:00Z", "2026-10-17T09:00:00Z")),
    ]);
    let found = planned(&series, "2026-10-14T00:00:00Z");
    assert_eq!(
        lines(&found),
        [
            "patching-20261229t220000 2026-10-15T06:00:00Z",
            "patching-20261006t220000 2026-10-16T06:00:00Z",
            "patching-20261020t220000 2026-10-20T20:00:00Z cancelled",
            "patching-20261027t220000 2026-10-28T06:00:00Z",
            "patching-20261110t220000 2026-11-10T21:00:00Z",
            "patching-20261117t220000 2026-11-17T21:00:00Z",
            "patching-20261103t220000 2027-02-01T06:00:00Z",
        ]
    );
    assert_eq!(found[3].ends_at, at("2026-10-28T09:00:00Z"));
}

#[test]
fn a_cancelled_one_is_not_the_next_one() {
    let mut series = series("FREQ=YEARLY");
    series.exceptions = BTreeMap::from([
        (civil("2027-10-06T22:00"), Exception::Cancelled),
        (civil("2028-10-06T22:00"), Exception::Cancelled),
    ]);
    let found = lines(&planned(&series, "2027-10-01T00:00:00Z"));
    assert_eq!(
        found,
        ["patching-20271006t220000 2027-10-06T20:00:00Z cancelled", "patching-20291006t220000 2029-10-06T20:00:00Z",]
    );
}

#[test]
fn a_daily_series_of_the_longest_length_is_planned_whole() {
    let mut series = series("FREQ=DAILY");
    series.duration = limits::SERIES_LENGTH;
    let found = planned(&series, "2026-11-01T12:00:00Z");
    assert_eq!(found.len(), 14 + 35);
    assert!(found.len() < limits::OCCURRENCES);
}

#[test]
fn a_series_that_cannot_be_read_says_so() {
    let mut wrong = series("FREQ=HOURLY");
    assert!(occurrences(&wrong, at("2026-10-14T00:00:00Z"), HOUR).unwrap_err().contains("too often"));
    wrong.rule = "FREQ=WEEKLY".into();
    wrong.timezone = "Europe/Atlantis".into();
    assert!(occurrences(&wrong, at("2026-10-14T00:00:00Z"), HOUR).unwrap_err().contains("no time zone"));
}

#[test]
fn all_mistakes_are_said_at_once() {
    let now = at("2026-10-01T00:00:00Z");
    assert_eq!(mistakes(&series("FREQ=WEEKLY"), now), []);
    let mut wrong = series("FREQ=HOURLY");
    wrong.title = " ".into();
    wrong.timezone = "Mars".into();
    wrong.starts = civil("2026-10-06T22:00:30");
    wrong.duration = Duration::ZERO;
    wrong.reminders = vec![Duration::from_secs(40 * 86_400)];
    let (early, late) = (at("2026-10-06T20:00:00Z"), at("2026-10-07T20:00:00Z"));
    wrong.exceptions =
        BTreeMap::from([(civil("2026-10-06T22:00"), Exception::Moved { starts_at: late, ends_at: early })]);
    let found = mistakes(&wrong, now);
    let fields: Vec<&str> = found.iter().map(|mistake| mistake.field).collect();
    assert_eq!(fields, ["title", "starts", "duration", "reminders", "exceptions", "timezone", "rule"]);
    for (starts, rule, field) in [
        ("2026-10-06T22:00", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "rule"),
        ("2026-10-06T22:00", "FREQ=DAILY;UNTIL=20261001", "rule"),
        ("1999-10-06T22:00", "FREQ=DAILY", "starts"),
        ("2031-10-06T22:00", "FREQ=DAILY", "starts"),
        ("-9999-01-01T00:00", "FREQ=DAILY", "starts"),
        ("9999-12-31T23:59", "FREQ=DAILY", "starts"),
    ] {
        let starts = if let Some(year) = starts.strip_prefix('-') { format!("-00{year}") } else { starts.into() };
        let wrong = Series { starts: civil(&starts), ..series(rule) };
        let found = mistakes(&wrong, now);
        assert_eq!(found.iter().map(|mistake| mistake.field).collect::<Vec<_>>(), [field], "{starts} {rule} {found:?}");
    }
}

proptest! {
    /// As time goes on, what was planned stays planned, at the same time, until it is over.
    #[test]
    fn what_is_planned_stays_planned_until_it_is_over(
        rule in prop::sample::select(vec!["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY"]),
        cancelled in prop::collection::vec(0_i64..60, 0..5),
        hours in prop::collection::vec(1_i64..400, 1..12),
    ) {
        let mut series = series(rule);
        for day in cancelled {
            let starts = series.starts + jiff::SignedDuration::from_hours(24 * day);
            series.exceptions.insert(starts, Exception::Cancelled);
        }
        let mut now = at("2026-10-01T00:00:00Z");
        let mut before = occurrences(&series, now, limits::SERIES_AHEAD).unwrap();
        for hours in hours {
            now += jiff::SignedDuration::from_hours(hours);
            let after = occurrences(&series, now, limits::SERIES_AHEAD).unwrap();
            for one in before.iter().filter(|one| one.ends_at > now) {
                prop_assert!(after.contains(one), "{} {:?}", now, one.id);
            }
            prop_assert!(after.iter().all(|one| one.ends_at > now && !one.id.as_str().contains('.')));
            prop_assert!(after.iter().any(|one| !one.cancelled && one.starts_at > now));
            prop_assert!(after.windows(2).all(|pair| pair[0].starts_at < pair[1].starts_at && pair[0].id != pair[1].id));
            before = after;
        }
    }
}
