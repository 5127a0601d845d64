//! Times in feeds: those of the feed itself, and those that its texts name without a year.

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime as Civil, Time};
use jiff::tz::Offset;

use crate::formats::notes::Notes;
use crate::formats::time;

/// Reads a time of the feed itself, as mail and as RFC 3339 write it.
pub fn lenient(raw: &str) -> Option<DateTime<Utc>> {
    // Bounds are applied later, against the time of the reading: here every time passes.
    let read = time::past(raw, Timestamp::MAX);
    read.at.and_then(|at| DateTime::from_timestamp(at.as_second(), 0))
}

/// A time of something that has happened.
pub fn past(at: DateTime<Utc>, notes: &mut Notes) -> Option<Timestamp> {
    let at = Timestamp::from_second(at.timestamp()).ok()?;
    let read = time::bounded(at, notes.now, false);
    if let Some(warning) = read.warning {
        notes.say(warning);
    }
    read.at
}

/// Reads `Nov 1, 21:25 UTC` or `May 13, 2017, 06:45 UTC`. A missing year is the one that comes nearest to `near`;
/// a missing zone is `zone`.
pub fn told(text: &str, near: Timestamp, zone: Option<Offset>) -> Option<Timestamp> {
    let words: Vec<&str> = text.split([' ', ',', '\u{a0}', '\n', '\t']).filter(|word| !word.is_empty()).collect();
    let mut words = words.into_iter().peekable();
    let month = time::month(words.next()?)?;
    let day: i8 = words.next()?.parse().ok()?;
    let year: Option<i16> = words.peek().and_then(|word| word.parse().ok());
    if year.is_some() {
        words.next();
    }
    let clock = clock(words.next()?)?;
    let offset = words.next().map_or(zone, time::offset)?;
    let at = |year: i16| {
        let date = Date::new(year, month, day).ok()?;
        offset.to_timestamp(Civil::from_parts(date, clock)).ok()
    };
    match year {
        Some(year) => at(year),
        None => {
            let this = offset.to_datetime(near).year();
            let years = [this.checked_sub(1)?, this, this.checked_add(1)?];
            years.into_iter().filter_map(at).min_by_key(|at| at.duration_since(near).unsigned_abs())
        }
    }
}

/// Reads a window: `Nov 4, 03:00 - 04:00 UTC` or `May 28, 16:30 UTC - May 29, 16:30 UTC`.
pub fn window(text: &str, near: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let text = text.replace('\u{a0}', " ");
    let (from, to) = match text.split_once(" - ") {
        Some((from, to)) => (from.trim(), Some(to.trim())),
        None => (text.trim(), None),
    };
    let zone = to.unwrap_or(from).split_whitespace().last().and_then(time::offset);
    let starts = told(from, near, zone);
    let ends = to.and_then(|to| {
        told(to, near, zone).or_else(|| {
            // Only a time of day: it is on the day of the start, or on the next.
            let (starts, zone) = (starts?, zone?);
            let clock = clock(to.split_whitespace().next()?)?;
            let date = zone.to_datetime(starts).date();
            let same = zone.to_timestamp(Civil::from_parts(date, clock)).ok()?;
            if same >= starts {
                Some(same)
            } else {
                zone.to_timestamp(Civil::from_parts(date.tomorrow().ok()?, clock)).ok()
            }
        })
    });
    (starts, ends)
}

fn clock(word: &str) -> Option<Time> {
    let (hour, minute) = word.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.get(..2)?.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_a_year_come_near_the_entry() {
        for (text, near, at) in [
            ("Nov  1, 21:25 UTC", "2022-11-01T21:25:04Z", "2022-11-01T21:25:00Z"),
            ("Dec 31, 23:50 UTC", "2026-01-01T00:20:00Z", "2025-12-31T23:50:00Z"),
            ("Jan  1, 09:09 PST", "2014-01-01T17:09:00Z", "2014-01-01T17:09:00Z"),
            ("May 13, 2017, 06:45 UTC", "2026-01-01T00:00:00Z", "2017-05-13T06:45:00Z"),
        ] {
            assert_eq!(told(text, near.parse().unwrap(), None), Some(at.parse().unwrap()), "{text}");
        }
        for text in ["", "yesterday", "Nov 31, 21:25 UTC", "Nov 1", "Nov 1, 21:25 XYZ", "Nov 1, 25:00 UTC"] {
            assert_eq!(told(text, Timestamp::UNIX_EPOCH, None), None, "{text}");
        }
    }

    #[test]
    fn windows_are_read_in_both_forms() {
        let near = "2022-10-27T17:00:38Z".parse().unwrap();
        let at = |text: &str| Some(text.parse().unwrap());
        assert_eq!(window("Nov 4, 03:00 - 04:00 UTC", near), (at("2022-11-04T03:00:00Z"), at("2022-11-04T04:00:00Z")));
        assert_eq!(window("Nov 4, 23:00 - 01:00 UTC", near), (at("2022-11-04T23:00:00Z"), at("2022-11-05T01:00:00Z")));
        assert_eq!(
            window("May 28, 16:30 UTC\u{a0}-\u{a0}May 29, 16:30 UTC", near),
            (at("2022-05-28T16:30:00Z"), at("2022-05-29T16:30:00Z"))
        );
        assert_eq!(window("soon", near), (None, None));
    }
}
