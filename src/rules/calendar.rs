//! A month as weeks of days, with the maintenances that touch each, on the clocks of a time zone.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::model::id::IncidentId;
use crate::model::incident::Phase;

/// A maintenance, as far as a calendar shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Which one.
    pub id: IncidentId,
    /// How far it has come: while work goes on, it has not ended, whatever was planned.
    pub phase: Option<Phase>,
    /// Planned start. Without one, only work that is going on has a place: today.
    pub starts_at: Option<Timestamp>,
    /// Planned end; without one it stands on the day of its start, and on all until now while work goes on.
    pub ends_at: Option<Timestamp>,
}

/// One month, in whole weeks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// Four to six of them, from the first day of the week before or at the first of the month.
    pub weeks: Vec<Vec<Day>>,
}

/// One day of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which one.
    pub date: Date,
    /// It belongs to the month, and not to the one before or after.
    pub inside: bool,
    /// It is today.
    pub today: bool,
    /// Its first moment: not always midnight, where the clocks skip it.
    pub from: Timestamp,
    /// The first moment of the next day: 23 to 25 hours later.
    pub until: Timestamp,
    /// What touches it, in the order given.
    pub marks: Vec<Mark>,
}

/// A maintenance on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Which one.
    pub id: IncidentId,
    /// It begins on this day.
    pub begins: bool,
    /// It ends on this day, as far as it is known.
    pub ends: bool,
}

/// The month that holds `date`, in weeks that begin with `week_start`; `None` at the ends of time.
pub fn month(date: Date, week_start: Weekday, zone: &TimeZone, spans: &[Span], now: Timestamp) -> Option<Month> {
    let first = date.first_of_month();
    let today = zone.to_datetime(now).date();
    let placed: Vec<(&Span, Timestamp, Timestamp)> = spans.iter().filter_map(|span| place(span, now)).collect();
    let mut date = first.checked_sub(i64::from(first.weekday().since(week_start)).days()).ok()?;
    let mut from = midnight(date, zone)?;
    let mut weeks = Vec::new();
    while date <= first.last_of_month() {
        let mut week = Vec::with_capacity(7);
        for _ in 0..7 {
            let next = date.tomorrow().ok()?;
            let until = midnight(next, zone)?;
            let marks =
                placed.iter().filter_map(|(span, starts, ends)| mark(span, *starts, *ends, from, until)).collect();
            let inside = date.first_of_month() == first;
            week.push(Day { date, inside, today: date == today, from, until, marks });
            (date, from) = (next, until);
        }
        weeks.push(week);
    }
    Some(Month { first, weeks })
}

/// The first moment of a day: of a midnight that comes twice the first, of one that is skipped what comes after it.
fn midnight(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().ok()
}

/// From when to when a span stands in the calendar.
fn place(span: &Span, now: Timestamp) -> Option<(&Span, Timestamp, Timestamp)> {
    let is_running = span.phase.is_some_and(Phase::is_running);
    let starts = span.starts_at.or(is_running.then_some(now))?;
    let planned = span.ends_at.unwrap_or(starts).max(starts);
    Some((span, starts, if is_running { planned.max(now) } else { planned }))
}

/// What ends at midnight is not on the day that begins there; what has no length is where it starts.
fn mark(span: &Span, starts: Timestamp, ends: Timestamp, from: Timestamp, until: Timestamp) -> Option<Mark> {
    let is_here = starts >= from && starts < until;
    let goes_on = starts < until && ends > from && from < until;
    let begins = is_here && span.starts_at.is_some();
    (is_here || goes_on).then(|| Mark { id: span.id.clone(), begins, ends: ends <= until })
}
