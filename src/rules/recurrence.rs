//! When something comes again: RRULEs (RFC 5545), in civil time and right over every change of the clocks.
//!
//! A rule is expanded on the calendar and only then placed on the clocks of a time zone, so the local hour stays. A
//! time that the clocks skip is moved on by what they skip; of one that comes twice, it is the first.

use std::ops::{Range, RangeInclusive};

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::limits;

mod parse;
mod words;

/// An RRULE that was understood whole: `DAILY` to `YEARLY`, with `INTERVAL`, `COUNT`, `UNTIL`, `BYMONTH`,
/// `BYMONTHDAY`, `BYDAY`, `BYSETPOS` and `WKST`. At most one occurrence a day, at the time of day of the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    text: String,
    every: Every,
    interval: i64,
    end: Option<End>,
    week_start: Weekday,
    months: Vec<i8>,
    month_days: Vec<i8>,
    days: Vec<Day>,
    positions: Vec<i16>,
}

/// One occurrence by a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// On the calendar and the clock: what the rule says, also where the clocks skip it.
    pub starts: DateTime,
    /// The moment that this is.
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Every {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Count(usize),
    Local(DateTime),
    Instant(Timestamp),
}

/// `nth` of a month or a year, from its end where negative; 0: every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    nth: i16,
    weekday: Weekday,
}

impl Rule {
    /// Reads an RRULE, with or without `RRULE:` before it.
    ///
    /// # Errors
    /// The first thing that is wrong, missing or not supported, and what is expected instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::rule(text)
    }

    /// The rule as RFC 5545 writes it, in upper case, without `RRULE:`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The occurrences that start in `window`, ascending, each moment once, at most `most`.
    ///
    /// The rule begins at `first`, which is an occurrence only where the rule says so; `COUNT` counts from there.
    /// The work is bounded by the time between `first` and the end of the window, whatever the rule.
    pub fn occurrences(
        &self,
        first: DateTime,
        zone: &TimeZone,
        window: Range<Timestamp>,
        most: usize,
    ) -> Vec<Occurrence> {
        // A time that the clocks skip is placed up to a day later.
        let margin = 2.days();
        let earliest = zone.to_datetime(window.start).date().saturating_sub(margin);
        let latest = zone.to_datetime(window.end).date().saturating_add(margin);
        let mut last = None;
        self.all(first, zone, earliest, latest)
            .filter(|occurrence| last.replace(occurrence.at) != Some(occurrence.at))
            .skip_while(|occurrence| occurrence.at < window.start)
            .take_while(|occurrence| occurrence.at < window.end)
            .take(most)
            .collect()
    }

    /// The first occurrence at or after `since`, and the rule as it goes on from there: an RRULE for calendars, which
    /// want their end in UTC, and count from the first that they know of. `None` where it is over.
    pub fn from(&self, first: DateTime, zone: &TimeZone, since: Timestamp) -> Option<(Occurrence, String)> {
        let until = since.checked_add(limits::RULE_SEARCH).unwrap_or(Timestamp::MAX);
        let begin = self.occurrences(first, zone, since..until, 1).into_iter().next()?;
        let keeps = |part: &&str| !part.starts_with("COUNT=") && !part.starts_with("UNTIL=");
        let mut parts: Vec<String> = self.text.split(';').filter(keeps).map(str::to_owned).collect();
        match self.end {
            None => {}
            Some(End::Count(count)) => {
                let before = self.all(first, zone, first.date(), begin.starts.date());
                let before = before.take_while(|occurrence| occurrence.starts < begin.starts).count();
                parts.push(format!("COUNT={}", count.saturating_sub(before)));
            }
            Some(End::Instant(until)) => parts.push(format!("UNTIL={}", until.strftime("%Y%m%dT%H%M%SZ"))),
            Some(End::Local(until)) => {
                let until = zone.to_ambiguous_timestamp(until).compatible().unwrap_or(Timestamp::MAX);
                parts.push(format!("UNTIL={}", until.strftime("%Y%m%dT%H%M%SZ")));
            }
        }
        Some((begin, parts.join(";")))
    }

    /// The occurrences in all turns that begin until `latest`; those before `earliest` may be left out.
    fn all<'a>(
        &'a self,
        first: DateTime,
        zone: &'a TimeZone,
        earliest: Date,
        latest: Date,
    ) -> impl Iterator<Item = Occurrence> + 'a {
        // Where occurrences are counted, every one has to be seen.
        let count = if let Some(End::Count(count)) = self.end { Some(count) } else { None };
        let skip = if count.is_some() { 0 } else { self.turns_between(first.date(), earliest) };
        (skip..)
            .map_while(move |turn| self.turn(first.date(), turn))
            .take_while(move |turn| *turn.start() <= latest)
            .flat_map(move |turn| self.dates(first.date(), turn))
            .map(move |date| date.to_datetime(first.time()))
            .filter(move |starts| *starts >= first)
            .take(count.unwrap_or(usize::MAX))
            .map_while(move |starts| {
                let at = zone.to_ambiguous_timestamp(starts).compatible().ok()?;
                Some(Occurrence { starts, at })
            })
            .take_while(|occurrence| match self.end {
                Some(End::Local(until)) => occurrence.starts <= until,
                Some(End::Instant(until)) => occurrence.at <= until,
                Some(End::Count(_)) | None => true,
            })
    }

    /// The days of one turn of the rule: the day, week, month or year in which it looks for occurrences.
    fn turn(&self, first: Date, number: i64) -> Option<RangeInclusive<Date>> {
        let steps = number.checked_mul(self.interval)?;
        let span = Span::new();
        match self.every {
            Every::Day => {
                let day = first.checked_add(span.try_days(steps).ok()?).ok()?;
                Some(day..=day)
            }
            Every::Week => {
                let begin = self.week_of(first)?.checked_add(span.try_weeks(steps).ok()?).ok()?;
                Some(begin..=begin.saturating_add(6.days()))
            }
            Every::Month => {
                let begin = first.first_of_month().checked_add(span.try_months(steps).ok()?).ok()?;
                Some(begin..=begin.last_of_month())
            }
            Every::Year => {
                let begin = first.first_of_year().checked_add(span.try_years(steps).ok()?).ok()?;
                Some(begin..=begin.last_of_year())
            }
        }
    }

    /// The number of the last turn that begins no later than `date`; 0 where that is before the first.
    fn turns_between(&self, first: Date, date: Date) -> i64 {
        let days = |from: Date| date.duration_since(from).as_hours().div_euclid(24);
        let years = i64::from(date.year()) - i64::from(first.year());
        let steps = match self.every {
            Every::Day => days(first),
            Every::Week => self.week_of(first).map_or(0, days).div_euclid(7),
            Every::Month => years * 12 + i64::from(date.month()) - i64::from(first.month()),
            Every::Year => years,
        };
        steps.max(0).div_euclid(self.interval)
    }

    fn week_of(&self, date: Date) -> Option<Date> {
        date.checked_sub(i64::from(date.weekday().since(self.week_start)).days()).ok()
    }

    /// The dates of one turn, ascending.
    fn dates(&self, first: Date, turn: RangeInclusive<Date>) -> Vec<Date> {
        let end = *turn.end();
        let days = turn.start().series(1.day()).take_while(|date| *date <= end);
        let fit: Vec<Date> = days.filter(|date| self.fits(*date, first)).collect();
        if self.positions.is_empty() {
            return fit;
        }
        let mut places: Vec<usize> = self.positions.iter().filter_map(|position| place(*position, fit.len())).collect();
        places.sort_unstable();
        places.dedup();
        places.iter().filter_map(|place| fit.get(*place).copied()).collect()
    }

    /// Whether a date is one that the rule names. What it does not name is as on the first date.
    fn fits(&self, date: Date, first: Date) -> bool {
        let month = self.months.is_empty() || self.months.contains(&date.month());
        if self.month_days.is_empty() && self.days.is_empty() {
            return month
                && match self.every {
                    Every::Day => true,
                    Every::Week => date.weekday() == first.weekday(),
                    Every::Month => date.day() == first.day(),
                    Every::Year => {
                        date.day() == first.day() && (!self.months.is_empty() || date.month() == first.month())
                    }
                };
        }
        let from_end = date.day() - date.days_in_month() - 1;
        let month_day =
            self.month_days.is_empty() || self.month_days.contains(&date.day()) || self.month_days.contains(&from_end);
        month && month_day && (self.days.is_empty() || self.days.iter().any(|day| self.is_day(*day, date)))
    }

    fn is_day(&self, day: Day, date: Date) -> bool {
        if date.weekday() != day.weekday {
            return false;
        }
        let yearly = self.every == Every::Year && self.months.is_empty();
        let (at, of) = if yearly {
            (date.day_of_year(), date.days_in_year())
        } else {
            (i16::from(date.day()), i16::from(date.days_in_month()))
        };
        day.nth == 0 || day.nth == (at - 1) / 7 + 1 || day.nth == -((of - at) / 7 + 1)
    }
}

/// The index of the `position`th of `of` things; negative ones count from the end.
fn place(position: i16, of: usize) -> Option<usize> {
    let distance = usize::from(position.unsigned_abs());
    if position > 0 { distance.checked_sub(1) } else { of.checked_sub(distance) }
}

/// The time zone of an IANA name.
///
/// # Errors
/// A sentence, where there is none of that name.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("`{name}` is no time zone: expected a name like Europe/Berlin"))
}
