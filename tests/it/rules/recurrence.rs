//! When something comes again, over every change of the clocks.

use allclear::limits;
use allclear::rules::recurrence::{Occurrence, Rule, zone};
use jiff::civil::{DateTime, Weekday};
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

use super::at;

const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

pub fn civil(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn rule(text: &str) -> Rule {
    Rule::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn first(text: &str, starts: &str, timezone: &str, most: usize) -> Vec<Occurrence> {
    let window = at("1990-01-01T00:00:00Z")..at("2100-01-01T00:00:00Z");
    rule(text).occurrences(civil(starts), &zone(timezone).unwrap(), window, most)
}

/// The dates of the first five occurrences, with the year where it changes.
fn dates(text: &str, starts: &str) -> String {
    let mut year = 0;
    let mut words = Vec::new();
    for occurrence in first(text, starts, "UTC", 5) {
        let date = occurrence.starts.date();
        let format = if date.year() == year { "%m-%d" } else { "%Y-%m-%d" };
        year = date.year();
        words.push(date.strftime(format).to_string());
    }
    words.join(" ")
}

#[test]
fn rules_name_the_dates_that_rfc_5545_says() {
    for (text, starts, expected) in [
        ("FREQ=DAILY;COUNT=3", "2026-11-29T22:00", "2026-11-29 11-30 12-01"),
        ("FREQ=DAILY;INTERVAL=10;COUNT=4", "2026-12-20T22:00", "2026-12-20 12-30 2027-01-09 01-19"),
        ("FREQ=DAILY;BYMONTH=1;BYDAY=MO,SU;COUNT=3", "2026-11-29T22:00", "2027-01-03 01-04 01-10"),
        ("FREQ=DAILY;BYMONTHDAY=1,-1;COUNT=3", "2026-11-29T22:00", "2026-11-30 12-01 12-31"),
        ("FREQ=WEEKLY", "2026-11-24T22:00", "2026-11-24 12-01 12-08 12-15 12-22"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-11-24T22:00", "2026-11-24 12-08 12-22 2027-01-05 01-19"),
        ("FREQ=WEEKLY;BYDAY=TH,TU;COUNT=3", "2026-11-25T22:00", "2026-11-26 12-01 12-03"),
        // The two that show what the start of a week means.
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05T09:00", "1997-08-05 08-10 08-19 08-24"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00", "1997-08-05 08-17 08-19 08-31"),
        // The first week counts whole, though the rule begins on its Friday.
        ("FREQ=WEEKLY;BYDAY=MO,TU,TH,FR,SA;BYSETPOS=1,-1;COUNT=3", "2027-01-29T22:00", "2027-01-30 02-01 02-06"),
        ("FREQ=MONTHLY", "2026-01-31T22:00", "2026-01-31 03-31 05-31 07-31 08-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T22:00", "2026-01-31 02-28 03-31 04-30 05-31"),
        ("FREQ=MONTHLY;BYDAY=2TU", "2026-11-24T22:00", "2026-12-08 2027-01-12 02-09 03-09 04-13"),
        ("FREQ=MONTHLY;BYDAY=-1FR;INTERVAL=2", "2026-11-01T22:00", "2026-11-27 2027-01-29 03-26 05-28 07-30"),
        ("FREQ=MONTHLY;BYDAY=1SU,-1SU;COUNT=3", "2026-11-01T22:00", "2026-11-01 11-29 12-06"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01T22:00", "2026-01-30 02-27 03-31 04-30 05-29"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04T09:00", "1997-09-04 10-07 11-06"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02T09:00", "1998-02-13 03-13 11-13 1999-08-13 2000-10-13"),
        ("FREQ=YEARLY;COUNT=2", "2028-02-29T22:00", "2028-02-29 2032-02-29"),
        ("FREQ=YEARLY;BYMONTH=3;COUNT=2", "2026-11-24T22:00", "2027-03-24 2028-03-24"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;COUNT=2", "2026-01-01T22:00", "2026-03-29 2027-03-28"),
        ("FREQ=YEARLY;BYDAY=20MO;COUNT=3", "1997-05-19T09:00", "1997-05-19 1998-05-18 1999-05-17"),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3",
            "1996-11-05T09:00",
            "1996-11-05 2000-11-07 2004-11-02",
        ),
        (
            "FREQ=YEARLY;BYMONTH=1,7;BYDAY=MO;BYSETPOS=1,-1;COUNT=4",
            "2026-01-01T22:00",
            "2026-01-05 07-27 2027-01-04 07-26",
        ),
        ("FREQ=DAILY;UNTIL=20261130", "2026-11-29T22:00", "2026-11-29 11-30"),
        ("FREQ=DAILY;UNTIL=20261130T215959", "2026-11-29T22:00", "2026-11-29"),
        ("FREQ=DAILY;UNTIL=20261130T220000Z", "2026-11-29T22:00", "2026-11-29 11-30"),
        ("rrule:freq=weekly;byday=tu;count=1", "2026-11-24T22:00", "2026-11-24"),
    ] {
        assert_eq!(dates(text, starts), expected, "{text}");
    }
}

/// Both changes of 2026 and 2027 in three time zones; Lord Howe's is of half an hour. Each row is the day before, the
/// day of the change and the day after.
#[test]
fn the_local_hour_stays_over_every_change_of_the_clocks() {
    for (timezone, day, hour, expected) in [
        // Clocks go forward: 02:30 does not come, and is an hour later by the clock that does.
        ("Europe/Berlin", "2026-03-28", "02:30", ["28T01:30", "29T01:30", "30T00:30"]),
        ("Europe/Berlin", "2027-03-27", "02:30", ["27T01:30", "28T01:30", "29T00:30"]),
        ("America/New_York", "2026-03-07", "02:30", ["07T07:30", "08T07:30", "09T06:30"]),
        ("America/New_York", "2027-03-13", "02:30", ["13T07:30", "14T07:30", "15T06:30"]),
        ("Australia/Lord_Howe", "2026-10-03", "02:15", ["02T15:45", "03T15:45", "04T15:15"]),
        ("Australia/Lord_Howe", "2027-10-02", "02:15", ["01T15:45", "02T15:45", "03T15:15"]),
        // Clocks go back: what comes twice is meant the first time.
        ("Europe/Berlin", "2026-10-24", "02:30", ["24T00:30", "25T00:30", "26T01:30"]),
        ("Europe/Berlin", "2027-10-30", "02:30", ["30T00:30", "31T00:30", "01T01:30"]),
        ("America/New_York", "2026-10-31", "01:30", ["31T05:30", "01T05:30", "02T06:30"]),
        ("America/New_York", "2027-11-06", "01:30", ["06T05:30", "07T05:30", "08T06:30"]),
        ("Australia/Lord_Howe", "2026-04-04", "01:45", ["03T14:45", "04T14:45", "05T15:15"]),
        ("Australia/Lord_Howe", "2027-04-03", "01:45", ["02T14:45", "03T14:45", "04T15:15"]),
        // And the evening stays the evening.
        ("Europe/Berlin", "2026-03-28", "22:00", ["28T21:00", "29T20:00", "30T20:00"]),
        ("Europe/Berlin", "2026-10-24", "22:00", ["24T20:00", "25T21:00", "26T21:00"]),
        ("America/New_York", "2026-03-07", "22:00", ["08T03:00", "09T02:00", "10T02:00"]),
        ("Australia/Lord_Howe", "2026-10-03", "22:00", ["03T11:30", "04T11:00", "05T11:00"]),
    ] {
        let starts = format!("{day}T{hour}");
        let found = first("FREQ=DAILY", &starts, timezone, 3);
        let moments: Vec<String> = found.iter().map(|one| one.at.strftime("%dT%H:%M").to_string()).collect();
        assert_eq!(moments, expected, "{timezone} {starts}");
        let hours: Vec<String> = found.iter().map(|one| one.starts.strftime("%H:%M").to_string()).collect();
        assert_eq!(hours, [hour; 3], "what the rule says stays what it says");
    }
}

#[test]
fn a_day_that_was_skipped_whole_makes_no_moment_come_twice() {
    let found = first("FREQ=DAILY", "2011-12-29T22:00", "Pacific/Apia", 3);
    let moments: Vec<String> = found.iter().map(|one| one.at.to_string()).collect();
    assert_eq!(moments, ["2011-12-30T08:00:00Z", "2011-12-31T08:00:00Z", "2012-01-01T08:00:00Z"]);
}

#[test]
fn what_is_not_understood_is_an_error_and_never_another_schedule() {
    for (text, said) in [
        ("", "`` is no part of a rule"),
        ("every tuesday", "`EVERY TUESDAY` is no part of a rule: expected NAME=VALUE, like FREQ=WEEKLY"),
        ("FREQ=", "`FREQ=` is no part of a rule"),
        ("FREQ=DAILY;", "`` is no part of a rule"),
        ("INTERVAL=2", "`FREQ` is missing"),
        ("FREQ=DAILY;FREQ=WEEKLY", "`FREQ` is given twice"),
        ("FREQ=HOURLY", "`FREQ=HOURLY` is too often for a maintenance: expected DAILY, WEEKLY, MONTHLY or YEARLY"),
        ("FREQ=MINUTELY", "too often"),
        ("FREQ=SECONDLY;INTERVAL=1", "too often"),
        ("FREQ=FORTNIGHTLY", "`FREQ=FORTNIGHTLY` is not known"),
        ("FREQ=DAILY;INTERVAL=0", "`INTERVAL` is `0`: expected a number from 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999", "expected a number from 1 to 1000"),
        ("FREQ=DAILY;COUNT=0", "`COUNT` is `0`: expected a number from 1 to 10000"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261130", "`COUNT` and `UNTIL` cannot both be given"),
        ("FREQ=DAILY;UNTIL=2026-11-30", "`UNTIL=2026-11-30` is no time: expected 20270131"),
        ("FREQ=DAILY;UNTIL=20260231", "is no time"),
        ("FREQ=DAILY;UNTIL=20261130Z", "is no time"),
        ("FREQ=DAILY;UNTIL=20261130T250000", "is no time"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "`BYMONTHDAY` is `32`: expected a number from -31 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "0 is none of them"),
        ("FREQ=YEARLY;BYMONTH=13", "`BYMONTH` is `13`: expected a number from 1 to 12"),
        ("FREQ=WEEKLY;BYDAY=XXMO", "`BYDAY` is `XX`: expected a number from -53 to 53"),
        ("FREQ=WEEKLY;BYDAY=DI", "`DI` is no weekday: expected one like TU, 2TU or -1FR"),
        ("FREQ=WEEKLY;BYDAY=M", "`M` is no weekday"),
        ("FREQ=WEEKLY;BYDAY=TU,", "`` is no weekday"),
        ("FREQ=MONTHLY;BYDAY=0TU", "`0TU` is no weekday: they count from 1"),
        ("FREQ=WEEKLY;BYDAY=2TU", "a counted weekday, like 2TU, needs FREQ=MONTHLY or FREQ=YEARLY"),
        ("FREQ=WEEKLY;BYDAY=TÜ", "all of them plain (ASCII)"),
        ("FREQ=WEEKLY;WKST=XX", "`XX` is no weekday"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "`BYMONTHDAY` has no meaning with FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "give one of them"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=0", "0 is none of them"),
        ("FREQ=DAILY;BYHOUR=9,17", "`BYHOUR` is not supported: the time of day is that of the start"),
        ("FREQ=YEARLY;BYWEEKNO=20", "`BYWEEKNO` is not supported"),
        ("FREQ=DAILY;BYEASTER=1", "`BYEASTER` is not known: expected FREQ, INTERVAL"),
    ] {
        let error = Rule::parse(text).expect_err(text);
        assert!(error.contains(said), "{text}: {error}");
    }
    let long = format!("FREQ=DAILY;BYMONTHDAY={}", "1,".repeat(limits::RULE));
    assert!(Rule::parse(&long).unwrap_err().contains("at most 256 characters"));
    for name in ["", "Europe/Berli", "../../etc/passwd", "CEST"] {
        assert!(zone(name).unwrap_err().contains("is no time zone"), "{name}");
    }
}

/// None of them has an occurrence that is asked for; each is over with the window.
#[test]
fn a_rule_that_never_comes_ends() {
    for text in [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=5",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=4;BYDAY=MO;BYSETPOS=300",
        "FREQ=YEARLY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=30;COUNT=10000",
        "FREQ=DAILY;UNTIL=20200101",
    ] {
        let window = Timestamp::MIN..at("2400-01-01T00:00:00Z");
        let found = rule(text).occurrences(civil("2026-11-24T22:00"), &zone("UTC").unwrap(), window, 1);
        assert_eq!(found, [], "{text}");
    }
    let last = rule("FREQ=WEEKLY;INTERVAL=1000").occurrences(
        civil("9990-01-01T22:00"),
        &zone("Europe/Berlin").unwrap(),
        at("2026-01-01T00:00:00Z")..Timestamp::MAX,
        usize::MAX,
    );
    assert_eq!(last.len(), 1);
}

#[test]
fn usual_rules_are_said_in_words_and_others_speak_for_themselves() {
    for (text, sentence) in [
        ("FREQ=DAILY", "every day at 22:00 Europe/Berlin"),
        ("FREQ=DAILY;INTERVAL=3", "every 3 days at 22:00 Europe/Berlin"),
        ("FREQ=WEEKLY", "every Tuesday at 22:00 Europe/Berlin"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every second Tuesday at 22:00 Europe/Berlin"),
        ("FREQ=WEEKLY;INTERVAL=2", "every second Tuesday at 22:00 Europe/Berlin"),
        ("FREQ=WEEKLY;INTERVAL=4;BYDAY=TU", "every 4 weeks on Tuesday at 22:00 Europe/Berlin"),
        ("FREQ=WEEKLY;BYDAY=TH,MO", "every Monday and Thursday at 22:00 Europe/Berlin"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO,WE",
            "every second week on Monday, Wednesday and Friday at 22:00 Europe/Berlin",
        ),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday at 22:00 Europe/Berlin"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "every second week on all weekdays at 22:00 Europe/Berlin"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every day at 22:00 Europe/Berlin"),
        ("FREQ=MONTHLY", "on day 24 of every month at 22:00 Europe/Berlin"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "on day 1 of every month at 22:00 Europe/Berlin"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of every month at 22:00 Europe/Berlin"),
        ("FREQ=MONTHLY;BYDAY=2TU", "on the second Tuesday of every month at 22:00 Europe/Berlin"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-1", "on the last Tuesday of every month at 22:00 Europe/Berlin"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", "on the last Friday of every 3 months at 22:00 Europe/Berlin"),
        ("FREQ=MONTHLY;BYDAY=FR,MO,TU,WE,TH;BYSETPOS=-1", "on the last weekday of every month at 22:00 Europe/Berlin"),
        ("FREQ=YEARLY", "every year on 24 November at 22:00 Europe/Berlin"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "every year on the last Sunday of March at 22:00 Europe/Berlin"),
        ("FREQ=WEEKLY;COUNT=5", "every Tuesday at 22:00 Europe/Berlin, 5 times"),
        ("FREQ=WEEKLY;COUNT=1", "every Tuesday at 22:00 Europe/Berlin, once"),
        ("FREQ=WEEKLY;UNTIL=20270301", "every Tuesday at 22:00 Europe/Berlin, until 2027-03-01"),
        ("FREQ=WEEKLY;UNTIL=20270301T210000Z", "every Tuesday at 22:00 Europe/Berlin, until 2027-03-01 21:00 UTC"),
        ("FREQ=DAILY;BYDAY=MO", "FREQ=DAILY;BYDAY=MO from 2026-11-24 22:00 Europe/Berlin"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=MONTHLY;BYMONTHDAY=1,15 from 2026-11-24 22:00 Europe/Berlin"),
        ("FREQ=YEARLY;BYDAY=20MO", "FREQ=YEARLY;BYDAY=20MO from 2026-11-24 22:00 Europe/Berlin"),
    ] {
        assert_eq!(rule(text).sentence(civil("2026-11-24T22:00"), "Europe/Berlin"), sentence, "{text}");
    }
}

fn any_rule() -> impl Strategy<Value = String> {
    let days = prop::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 1..4);
    let month_days = prop::collection::vec(prop::sample::select(vec![1_i8, 13, 28, 31, -1, -30]), 1..3);
    let months = prop::collection::vec(1_i8..=12, 1..4);
    let joined = |numbers: Vec<i8>| numbers.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
    (
        prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        1_u8..5,
        prop::option::of(days),
        prop::option::of(month_days.prop_map(joined)),
        prop::option::of(months.prop_map(joined)),
        prop::option::of(1_u16..200),
        any::<bool>(),
    )
        .prop_map(|(freq, interval, days, month_days, months, count, last)| {
            let mut text = format!("FREQ={freq};INTERVAL={interval}");
            let named = days.is_some() || months.is_some();
            if let Some(days) = days {
                text += &format!(";BYDAY={}", days.join(","));
            }
            if let Some(month_days) = month_days.filter(|_| freq != "WEEKLY") {
                text += &format!(";BYMONTHDAY={month_days}");
            }
            if let Some(months) = months {
                text += &format!(";BYMONTH={months}");
            }
            if last && named {
                text += ";BYSETPOS=-1";
            }
            if let Some(count) = count {
                text += &format!(";COUNT={count}");
            }
            text
        })
}

fn any_start() -> impl Strategy<Value = DateTime> {
    // Every quarter of an hour of two years, so that gaps and folds are met.
    (0_i64..2 * 365 * 96).prop_map(|quarters| civil("2026-01-01T00:00") + SignedDuration::from_mins(15 * quarters))
}

proptest! {
    #[test]
    fn every_occurrence_is_at_the_rules_hour_ascending_and_once(
        text in any_rule(),
        starts in any_start(),
        timezone in prop::sample::select(ZONES.to_vec()),
    ) {
        let zone = zone(timezone).unwrap();
        let window = at("2026-01-01T00:00:00Z")..at("2036-01-01T00:00:00Z");
        let found = rule(&text).occurrences(starts, &zone, window.clone(), 300);
        for pair in found.windows(2) {
            prop_assert!(pair[0].at < pair[1].at && pair[0].starts.date() < pair[1].starts.date());
        }
        for one in &found {
            prop_assert!(window.contains(&one.at) && one.starts >= starts);
            prop_assert_eq!(one.starts.time(), starts.time());
            let shown = zone.to_datetime(one.at);
            let gap = shown.duration_since(one.starts);
            let skipped = if timezone == "Australia/Lord_Howe" { 30 } else { 60 };
            prop_assert!(gap.is_zero() || gap == SignedDuration::from_mins(skipped), "{} {}", one.starts, shown);
            // Only what the clocks skip is moved.
            let offset = zone.to_ambiguous_timestamp(one.starts).offset();
            prop_assert_eq!(gap.is_zero(), !matches!(offset, AmbiguousOffset::Gap { .. }));
        }
    }

    /// Asking for a part of the time gives the same as asking for all of it.
    #[test]
    fn a_window_cuts_and_changes_nothing(text in any_rule(), starts in any_start(), day in 0_i64..2500, days in 1_i64..900) {
        let zone = zone("Europe/Berlin").unwrap();
        let rule = rule(&text);
        let begin = at("2026-01-01T00:00:00Z");
        let all = rule.occurrences(starts, &zone, begin..at("2040-01-01T00:00:00Z"), usize::MAX);
        let from = begin + SignedDuration::from_hours(24 * day);
        let window = from..from + SignedDuration::from_hours(24 * days);
        let part = rule.occurrences(starts, &zone, window.clone(), usize::MAX);
        let cut: Vec<Occurrence> = all.into_iter().filter(|one| window.contains(&one.at)).collect();
        prop_assert_eq!(part, cut);
    }

    #[test]
    fn every_text_is_a_rule_or_an_error(text in "\\PC{0,60}|(FREQ|BYDAY|UNTIL|COUNT|BYSETPOS)=[A-Z0-9,;=TZ-]{0,30}") {
        if let Ok(rule) = Rule::parse(&text) {
            prop_assert_eq!(Rule::parse(rule.as_str()), Ok(rule));
        }
    }

    #[test]
    fn weekly_rules_name_their_days_in_every_turn(starts in any_start(), interval in 1_i64..4) {
        let text = format!("FREQ=WEEKLY;INTERVAL={interval};BYDAY=MO,SA");
        let window = at("2026-01-01T00:00:00Z")..at("2030-01-01T00:00:00Z");
        let found = rule(&text).occurrences(starts, &zone("UTC").unwrap(), window, 50);
        let monday = starts.date() - i64::from(starts.date().weekday().since(Weekday::Monday)).days();
        for one in found {
            let days = one.starts.date().duration_since(monday).as_hours() / 24;
            prop_assert_eq!(days / 7 % interval, 0);
            prop_assert!([0, 5].contains(&(days % 7)));
        }
    }
}
