//! Times as people type them: on the clocks of the page's time zone. Pure.

use jiff::civil::{DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::model::snapshot::Snapshot;

/// How a browser writes a date with a time.
const TYPED: &str = "%Y-%m-%dT%H:%M";

/// Which of two moments is meant where clocks go back and show the same time twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The first: it begins then at the latest.
    Start,
    /// The second: it has ended then at the latest.
    End,
}

/// The zone of the page and its name; UTC where this machine does not know it.
pub(super) fn zone(snapshot: &Snapshot) -> (TimeZone, String) {
    match TimeZone::get(&snapshot.page.timezone) {
        Ok(zone) => (zone, snapshot.page.timezone.clone()),
        Err(_) => (TimeZone::UTC, "UTC".to_owned()),
    }
}

/// A moment as a field shows it.
pub(super) fn show(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime(TYPED).to_string()
}

/// Reads a field; an empty one is `None`.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str, zone: &TimeZone, side: Side) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let at: DateTime = text.parse().map_err(|_| "is no date with a time, as 2026-03-29T14:30".to_owned())?;
    let there = zone.to_ambiguous_timestamp(at);
    let moment = match (there.offset(), side) {
        (AmbiguousOffset::Gap { .. }, _) => {
            return Err("does not exist: the clocks go forward and skip it".to_owned());
        }
        (AmbiguousOffset::Fold { .. }, Side::End) => there.later(),
        _ => there.earlier(),
    };
    moment.map(Some).map_err(|_| "lies outside of all calendars".to_owned())
}

/// Tomorrow at nine in the morning.
pub(super) fn tomorrow(now: Timestamp, zone: &TimeZone) -> Timestamp {
    let next = zone.to_datetime(now).date().checked_add(1.day());
    let nine = next.map(|date| date.to_datetime(Time::constant(9, 0, 0, 0)));
    let at = nine.and_then(|nine| zone.to_ambiguous_timestamp(nine).compatible());
    at.unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_on_the_clocks_of_the_zone_also_where_those_are_changed() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (typed, side, read_as) in [
            ("2026-01-05T10:00", Side::Start, Ok(Some("2026-01-05T09:00:00Z"))),
            ("2026-07-05T10:00", Side::End, Ok(Some("2026-07-05T08:00:00Z"))),
            ("2026-10-25T02:30", Side::Start, Ok(Some("2026-10-25T00:30:00Z"))),
            ("2026-10-25T02:30", Side::End, Ok(Some("2026-10-25T01:30:00Z"))),
            ("2026-03-29T02:30", Side::Start, Err("does not exist")),
            (" ", Side::Start, Ok(None)),
            ("soon", Side::Start, Err("is no date")),
            ("-9999-01-01T00:00", Side::Start, Err("")),
        ] {
            match (read(typed, &zone, side), read_as) {
                (Ok(at), Ok(expected)) => {
                    assert_eq!(at, expected.map(|text| text.parse().unwrap()), "{typed} {side:?}");
                    assert!(at.is_none_or(|at| show(at, &zone) == typed));
                }
                (Err(problem), Err(part)) => assert!(problem.contains(part), "{typed}: {problem}"),
                (got, _) => panic!("{typed}: {got:?}"),
            }
        }
    }

    #[test]
    fn tomorrow_at_nine_is_at_nine_there() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (now, nine) in [
            ("2026-03-28T12:00:00Z", "2026-03-29T07:00:00Z"),
            ("2026-10-24T22:30:00Z", "2026-10-26T08:00:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-25T08:00:00Z"),
        ] {
            assert_eq!(tomorrow(now.parse().unwrap(), &zone), nine.parse().unwrap(), "{now}");
        }
    }
}
