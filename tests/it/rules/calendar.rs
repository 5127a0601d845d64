//! A month as weeks of days, on the clocks of a time zone.

use std::slice;

use allclear::model::id::IncidentId;
use allclear::model::incident::Phase;
use allclear::rules::calendar::{Day, Month, Span, month};
use allclear::rules::recurrence::zone;
use jiff::civil::{Date, Weekday, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::at;

fn span(phase: Phase, starts: &str, ends: &str) -> Span {
    let time = |text: &str| (!text.is_empty()).then(|| at(text));
    Span { id: IncidentId::new("work"), phase: Some(phase), starts_at: time(starts), ends_at: time(ends) }
}

fn sheet(date: Date, timezone: &str, spans: &[Span], now: &str) -> Month {
    month(date, Weekday::Monday, &zone(timezone).unwrap(), spans, at(now)).unwrap()
}

fn days(month: &Month) -> impl Iterator<Item = &Day> {
    month.weeks.iter().flatten()
}

/// `12-01[` where it begins, `12-02]` where it ends.
fn marked(month: &Month) -> String {
    let marked = days(month).flat_map(|day| day.marks.iter().map(move |mark| (day, mark)));
    let word = |(day, mark): (&Day, &allclear::rules::calendar::Mark)| {
        let (begins, ends) = (if mark.begins { "[" } else { "" }, if mark.ends { "]" } else { "" });
        format!("{begins}{}{ends}", day.date.strftime("%m-%d"))
    };
    marked.map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_month_is_in_whole_weeks() {
    for (of, start, weeks, first, last) in [
        (date(2026, 12, 9), Weekday::Monday, 5, date(2026, 11, 30), date(2027, 1, 3)),
        (date(2026, 11, 30), Weekday::Monday, 6, date(2026, 10, 26), date(2026, 12, 6)),
        (date(2026, 11, 1), Weekday::Sunday, 5, date(2026, 11, 1), date(2026, 12, 5)),
        (date(2027, 2, 1), Weekday::Monday, 4, date(2027, 2, 1), date(2027, 2, 28)),
    ] {
        let found = month(of, start, &zone("UTC").unwrap(), &[], at("2026-12-02T12:00:00Z")).unwrap();
        let all: Vec<&Day> = days(&found).collect();
        assert_eq!((found.weeks.len(), all[0].date, all[all.len() - 1].date), (weeks, first, last), "{of}");
        assert!(found.weeks.iter().all(|week| week.len() == 7 && week[0].date.weekday() == start));
        assert_eq!(all.iter().filter(|day| day.inside).count(), usize::from(of.days_in_month().unsigned_abs()));
        let today: Vec<Date> = all.iter().filter(|day| day.today).map(|day| day.date).collect();
        let holds = first <= date(2026, 12, 2) && date(2026, 12, 2) <= last;
        assert_eq!(today, if holds { vec![date(2026, 12, 2)] } else { vec![] }, "{of}");
    }
    let utc = zone("UTC").unwrap();
    for end in [Date::MIN, Date::MAX] {
        assert_eq!(month(end, Weekday::Monday, &utc, &[], at("2026-12-02T12:00:00Z")), None);
    }
}

#[test]
fn today_is_that_of_the_time_zone() {
    let found = sheet(date(2026, 12, 1), "Europe/Berlin", &[], "2026-12-02T23:30:00Z");
    assert_eq!(days(&found).find(|day| day.today).unwrap().date, date(2026, 12, 3));
}

#[test]
fn days_are_as_long_as_the_clocks_make_them() {
    for (timezone, of, hours) in [
        ("Europe/Berlin", date(2026, 3, 29), 23.0),
        ("Europe/Berlin", date(2026, 10, 25), 25.0),
        ("America/New_York", date(2027, 3, 14), 23.0),
        ("America/New_York", date(2027, 11, 7), 25.0),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        // Midnight is skipped, or comes twice, or the whole day is skipped.
        ("America/Santiago", date(2026, 9, 6), 23.0),
        ("America/Havana", date(2026, 11, 1), 25.0),
        ("Pacific/Apia", date(2011, 12, 30), 0.0),
    ] {
        let found = sheet(of, timezone, &[], "2026-12-02T12:00:00Z");
        let day = days(&found).find(|day| day.date == of).unwrap();
        assert_eq!(day.until.duration_since(day.from).as_secs_f64() / 3600.0, hours, "{timezone} {of}");
    }
}

#[test]
fn a_maintenance_stands_on_every_day_that_it_touches() {
    use Phase::{Cancelled, InProgress, Scheduled};
    let now = "2026-12-05T12:00:00Z";
    for (timezone, span, expected) in [
        ("UTC", span(Scheduled, "2026-12-08T22:00:00Z", "2026-12-08T23:00:00Z"), "[12-08]"),
        ("UTC", span(Scheduled, "2026-12-08T22:00:00Z", "2026-12-09T02:00:00Z"), "[12-08 12-09]"),
        ("Europe/Berlin", span(Scheduled, "2026-12-08T23:00:00Z", "2026-12-09T02:00:00Z"), "[12-09]"),
        ("America/New_York", span(Scheduled, "2026-12-08T23:00:00Z", "2026-12-09T02:00:00Z"), "[12-08]"),
        // What ends at midnight is not on the next day.
        ("UTC", span(Scheduled, "2026-12-08T22:00:00Z", "2026-12-09T00:00:00Z"), "[12-08]"),
        ("UTC", span(Scheduled, "2026-12-08T00:00:00Z", "2026-12-09T00:00:00Z"), "[12-08]"),
        ("UTC", span(Scheduled, "2026-12-08T00:00:00Z", "2026-12-10T12:00:00Z"), "[12-08 12-09 12-10]"),
        ("UTC", span(Scheduled, "2026-11-01T00:00:00Z", "2026-12-01T00:00:01Z"), "11-30 12-01]"),
        ("UTC", span(Scheduled, "2027-01-03T22:00:00Z", "2027-02-01T00:00:00Z"), "[01-03"),
        // No planned end, no length, an end before the start.
        ("UTC", span(Scheduled, "2026-12-08T22:00:00Z", ""), "[12-08]"),
        ("UTC", span(Scheduled, "2026-12-08T00:00:00Z", "2026-12-08T00:00:00Z"), "[12-08]"),
        ("UTC", span(Scheduled, "2026-12-08T22:00:00Z", "2026-12-07T22:00:00Z"), "[12-08]"),
        // What goes on, goes on until now.
        ("UTC", span(InProgress, "2026-12-03T22:00:00Z", ""), "[12-03 12-04 12-05]"),
        ("UTC", span(InProgress, "2026-12-03T22:00:00Z", "2026-12-04T01:00:00Z"), "[12-03 12-04 12-05]"),
        ("UTC", span(InProgress, "2026-12-03T22:00:00Z", "2026-12-06T01:00:00Z"), "[12-03 12-04 12-05 12-06]"),
        ("UTC", span(InProgress, "", ""), "12-05]"),
        ("UTC", span(Scheduled, "", "2026-12-08T22:00:00Z"), ""),
        ("UTC", span(Cancelled, "2026-12-03T22:00:00Z", "2026-12-03T23:00:00Z"), "[12-03]"),
        ("UTC", span(Scheduled, "2027-03-01T00:00:00Z", "2027-03-01T01:00:00Z"), ""),
    ] {
        assert_eq!(
            marked(&sheet(date(2026, 12, 1), timezone, slice::from_ref(&span), now)),
            expected,
            "{timezone} {span:?}"
        );
    }
}

proptest! {
    /// Every moment of a span is on a day that has its mark, and every mark is on a day that the span touches.
    #[test]
    fn days_follow_one_another_and_marks_are_where_the_span_is(
        month_of in 1_i8..=12,
        minute in 0_i64..365 * 1440,
        minutes in 1_i64..20_000,
        timezone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]),
    ) {
        let starts: Timestamp = at("2026-01-01T00:00:00Z") + SignedDuration::from_mins(minute);
        let ends = starts + SignedDuration::from_mins(minutes);
        let span = Span { id: IncidentId::new("a"), phase: Some(Phase::Scheduled), starts_at: Some(starts), ends_at: Some(ends) };
        let found = sheet(date(2026, month_of, 1), timezone, &[span], "2026-06-01T00:00:00Z");
        let all: Vec<&Day> = days(&found).collect();
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].until, pair[1].from);
            prop_assert_eq!(pair[0].date.tomorrow().unwrap(), pair[1].date);
        }
        for day in all {
            let touches = starts < day.until && ends > day.from;
            prop_assert_eq!(day.marks.len(), usize::from(touches), "{}", day.date);
            for mark in &day.marks {
                prop_assert_eq!(mark.begins, day.from <= starts && starts < day.until);
                prop_assert_eq!(mark.ends, ends <= day.until);
            }
        }
    }
}
