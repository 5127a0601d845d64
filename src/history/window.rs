//! From when to when: windows by the calendar of a time zone, and their days and months.

use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::limits;
use crate::model::target::Period;

/// From one moment to another, the latter excluded. Never backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    from: Timestamp,
    to: Timestamp,
}

impl Window {
    /// From `from` to `to`; nothing where that is backwards.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to: to.max(from) }
    }

    /// Its first moment.
    pub fn from(self) -> Timestamp {
        self.from
    }

    /// The first moment after it.
    pub fn to(self) -> Timestamp {
        self.to
    }

    /// How long it is.
    pub fn length(self) -> Duration {
        self.to.duration_since(self.from).unsigned_abs()
    }

    /// True where there is no time in it.
    pub fn is_empty(self) -> bool {
        self.from == self.to
    }

    /// The part of it that is over by `now`: what is to come was not left unobserved.
    #[must_use]
    pub fn until(self, now: Timestamp) -> Self {
        Self::new(self.from, self.to.min(now))
    }

    /// What both have in common; it may be empty.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// True where the moment is in it.
    pub fn holds(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The last `count` days of the calendar, today included, up to `now`.
    pub fn last_days(count: u16, now: Timestamp, zone: &TimeZone) -> Self {
        let back = i64::from(count.max(1)).saturating_sub(1);
        let first = now.to_zoned_datetime(zone.clone()).date().saturating_sub(back.days());
        Self::new(midnight(first, zone).min(now), now)
    }

    /// The period of a promise in which `now` lies, to its end.
    pub fn of(period: Period, now: Timestamp, zone: &TimeZone) -> Self {
        let today = now.to_zoned_datetime(zone.clone()).date();
        match period {
            Period::Days(days) => {
                let length = Duration::from_secs(u64::from(days).saturating_mul(86_400));
                Self::new(now.checked_sub(length).unwrap_or(Timestamp::MIN), now)
            }
            Period::Month => months_from(first_of_month(today), 1, zone),
            Period::Quarter => months_from(first_of_quarter(today), 3, zone),
        }
    }
}

/// What people and programs ask for by a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// The last so many days, today included.
    Days(u16),
    /// A month, by its first day.
    Month(Date),
    /// A quarter, by its first day.
    Quarter(Date),
}

impl Range {
    /// What a promise over it is over.
    pub fn period(self) -> Period {
        match self {
            Self::Days(days) => Period::Days(days),
            Self::Month(_) => Period::Month,
            Self::Quarter(_) => Period::Quarter,
        }
    }

    /// The words that hold at any time.
    pub const WORDS: [&'static str; 7] = ["30d", "90d", "365d", "month", "last-month", "quarter", "last-quarter"];

    /// Reads one of [`Range::WORDS`], another number of days, a month (`2026-10`) or a quarter (`2026-Q3`).
    pub fn read(word: &str, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let today = now.to_zoned_datetime(zone.clone()).date();
        match word {
            "month" => return Some(Self::Month(first_of_month(today))),
            "last-month" => return Some(Self::Month(first_of_month(today).saturating_sub(1.month()))),
            "quarter" => return Some(Self::Quarter(first_of_quarter(today))),
            "last-quarter" => return Some(Self::Quarter(first_of_quarter(today).saturating_sub(3.months()))),
            _ => {}
        }
        if let Some(days) = word.strip_suffix('d') {
            let days = days.parse().ok().filter(|days| (1..=limits::REPORT_DAYS).contains(days))?;
            return Some(Self::Days(days));
        }
        let (year, rest) = word.split_once('-').filter(|(year, _)| year.len() == 4)?;
        let year: i16 = year.parse().ok()?;
        match rest.strip_prefix('Q') {
            Some(quarter) => {
                let quarter = quarter.parse::<i8>().ok().filter(|quarter| (1..=4).contains(quarter))?;
                let month = quarter.checked_sub(1)?.checked_mul(3)?.checked_add(1)?;
                Date::new(year, month, 1).ok().map(Self::Quarter)
            }
            None => Date::new(year, rest.parse().ok().filter(|_| rest.len() == 2)?, 1).ok().map(Self::Month),
        }
    }

    /// From when to when it goes; the end may be still to come.
    pub fn window(self, now: Timestamp, zone: &TimeZone) -> Window {
        match self {
            Self::Days(days) => Window::last_days(days, now, zone),
            Self::Month(first) => months_from(first, 1, zone),
            Self::Quarter(first) => months_from(first, 3, zone),
        }
    }
}

/// The beginning of a day, where its midnight is skipped as well.
fn midnight(day: Date, zone: &TimeZone) -> Timestamp {
    let clamped = day.clamp(date(1, 1, 1), date(9998, 12, 31));
    clamped.to_zoned_datetime(zone.clone()).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

fn first_of_month(day: Date) -> Date {
    day.first_of_month()
}

fn first_of_quarter(day: Date) -> Date {
    let into = day.month().saturating_sub(1) % 3;
    day.first_of_month().saturating_sub(i64::from(into).months())
}

fn months_from(first: Date, months: i64, zone: &TimeZone) -> Window {
    Window::new(midnight(first, zone), midnight(first.saturating_add(months.months()), zone))
}

/// The days of the calendar that a window touches, each with its part of the window.
pub fn days(window: Window, zone: &TimeZone) -> Vec<(Date, Window)> {
    parts(window, zone, |day| day, |day| day.saturating_add(1.day()))
}

/// The months that a window touches, by their first days, each with its part of the window.
pub fn months(window: Window, zone: &TimeZone) -> Vec<(Date, Window)> {
    parts(window, zone, Date::first_of_month, |day| day.saturating_add(1.month()))
}

fn parts(
    window: Window,
    zone: &TimeZone,
    first: impl Fn(Date) -> Date,
    next: impl Fn(Date) -> Date,
) -> Vec<(Date, Window)> {
    let mut found = Vec::new();
    if window.is_empty() {
        return found;
    }
    let mut part = first(window.from.to_zoned_datetime(zone.clone()).date());
    let mut from = window.from;
    // A window is never longer than history is kept; the bound holds where one is given all the same.
    while from < window.to && found.len() < limits::REPORT_PARTS {
        let after = next(part);
        let to = midnight(after, zone).min(window.to);
        if to > from {
            found.push((part, Window::new(from, to)));
            from = to;
        }
        if after == part {
            break;
        }
        part = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn shown(window: Window) -> String {
        format!("{} {}", window.from, window.to)
    }

    #[test]
    fn words_and_dates_name_windows_of_a_calendar() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let now = at("2026-11-26T10:00:00Z");
        for (word, expected) in [
            ("30d", "2026-10-27T23:00:00Z 2026-11-26T10:00:00Z"),
            ("1d", "2026-11-25T23:00:00Z 2026-11-26T10:00:00Z"),
            ("month", "2026-10-31T23:00:00Z 2026-11-30T23:00:00Z"),
            // The clocks change in it.
            ("last-month", "2026-09-30T22:00:00Z 2026-10-31T23:00:00Z"),
            ("quarter", "2026-09-30T22:00:00Z 2026-12-31T23:00:00Z"),
            ("last-quarter", "2026-06-30T22:00:00Z 2026-09-30T22:00:00Z"),
            ("2026-02", "2026-01-31T23:00:00Z 2026-02-28T23:00:00Z"),
            ("2025-Q4", "2025-09-30T22:00:00Z 2025-12-31T23:00:00Z"),
        ] {
            let range = Range::read(word, now, &berlin).unwrap();
            assert_eq!(shown(range.window(now, &berlin)), expected, "{word}");
        }
        for word in ["", "0d", "401d", "d", "2026-13", "2026-1", "26-01", "2026-Q5", "2026-Q0", "year", "-1d"] {
            assert_eq!(Range::read(word, now, &berlin), None, "{word}");
        }
    }

    #[test]
    fn days_and_months_are_those_of_the_zone_and_leave_nothing_out() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let window = Window::new(at("2026-10-24T20:00:00Z"), at("2026-11-01T12:00:00Z"));
        let days = days(window, &berlin);
        assert_eq!(days.len(), 9);
        assert_eq!(days[1].0, date(2026, 10, 25));
        assert_eq!(days[1].1.length(), Duration::from_secs(25 * 3600), "the day on which the clocks go back");
        assert_eq!(days.iter().map(|(_, part)| part.length()).sum::<Duration>(), window.length());
        let months = months(window, &berlin);
        assert_eq!(months.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [date(2026, 10, 1), date(2026, 11, 1)]);
        assert_eq!(months.iter().map(|(_, part)| part.length()).sum::<Duration>(), window.length());
        assert!(super::days(Window::new(window.to, window.from), &berlin).is_empty());
    }

    #[test]
    fn what_is_to_come_is_no_part_of_what_was() {
        let window = Window::of(Period::Month, at("2026-11-26T10:00:00Z"), &TimeZone::UTC);
        assert_eq!(shown(window.until(at("2026-11-26T10:00:00Z"))), "2026-11-01T00:00:00Z 2026-11-26T10:00:00Z");
        assert!(window.until(at("2026-10-26T10:00:00Z")).is_empty());
        let rolling = Window::of(Period::Days(30), at("2026-11-26T10:00:00Z"), &TimeZone::UTC);
        assert_eq!(rolling.length(), Duration::from_secs(30 * 86_400));
    }
}
