//! Times as upstreams write them.
//!
//! RFC 3339 with any number of fraction digits and any offset; RFC 822 with numeric or named zones; seconds and
//! milliseconds since 1970, as number or text; dates with a time and no zone, which are read as UTC with a warning.
//! What is impossible, before 2000 or too far ahead is no time at all, with a warning.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::limits;

/// What came of reading a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The time; `None` where it is impossible or out of range.
    pub at: Option<Timestamp>,
    /// What had to be assumed, or why there is no time.
    pub warning: Option<String>,
}

/// Reads a time of something that has happened: not before 2000, not over ten minutes after `now`.
pub fn past(raw: &str, now: Timestamp) -> Read {
    read(raw, now, limits::AHEAD)
}

/// Reads a planned time: not before 2000, not over two years after `now`.
pub fn planned(raw: &str, now: Timestamp) -> Read {
    read(raw, now, limits::PLANNED_AHEAD)
}

/// A time whose upstream writes no zone and means UTC; any other is left as it is.
pub fn as_utc(raw: &str) -> String {
    let raw = raw.trim();
    if civil(raw).is_some() && instant(raw).is_none() {
        format!("{raw}Z").replacen(' ', "T", 1)
    } else {
        raw.to_owned()
    }
}

/// Holds a time that is already read against the same bounds.
pub fn bounded(at: Timestamp, now: Timestamp, planned: bool) -> Read {
    within(at, None, now, if planned { limits::PLANNED_AHEAD } else { limits::AHEAD })
}

fn read(raw: &str, now: Timestamp, ahead: Duration) -> Read {
    let text = raw.trim();
    let shown = || text.chars().filter(|c| !c.is_control()).take(40).collect::<String>();
    if text.is_empty() || text.len() > 80 {
        return Read { at: None, warning: Some(format!("`{}` is no time", shown())) };
    }
    // What begins with a weekday is no instant, and nearly all of a news feed's times do.
    let by_mail = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let at = if by_mail { rfc822(text) } else { instant(text).or_else(|| rfc822(text)).or_else(|| epoch(text)) };
    match at {
        Some(at) => within(at, None, now, ahead),
        None => match civil(text) {
            Some(at) => {
                let warning = format!("`{}` names no time zone and is read as UTC", shown());
                within(at, Some(warning), now, ahead)
            }
            None => Read { at: None, warning: Some(format!("`{}` is no time", shown())) },
        },
    }
}

fn within(at: Timestamp, warning: Option<String>, now: Timestamp, ahead: Duration) -> Read {
    if at.as_second() < limits::OLDEST_TIME {
        return Read { at: None, warning: Some(format!("{at} is before the year 2000")) };
    }
    let ahead = SignedDuration::try_from(ahead).unwrap_or(SignedDuration::MAX);
    if at.duration_since(now) > ahead {
        return Read { at: None, warning: Some(format!("{at} is too far ahead")) };
    }
    Read { at: Some(at), warning }
}

fn instant(text: &str) -> Option<Timestamp> {
    // `2026-01-02T03:04:05.678Z`, the form of nearly all.
    let usual = (20..=30).contains(&text.len()) && text.ends_with('Z');
    if usual
        && !is_midnight_as_24(text)
        && !leap_second(text)
        && let Ok(at) = text.parse()
    {
        return Some(at);
    }
    let text = text.replacen(" UTC", "Z", 1).replacen(" Z", "Z", 1);
    // More digits than nanoseconds are cut.
    let text = match text.split_once('.') {
        Some((head, tail)) => {
            let digits: usize = tail.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, rest) = tail.split_at(digits);
            format!("{head}.{}{rest}", fraction.get(..digits.min(9)).unwrap_or(fraction))
        }
        None => text,
    };
    if text.contains('[') || is_midnight_as_24(&text) || leap_second(&text) {
        return None;
    }
    text.parse().ok()
}

/// `24:00` is the next day's midnight to some, and nonsense to others.
fn is_midnight_as_24(text: &str) -> bool {
    text.get(10..13).is_some_and(|hour| hour.ends_with("24"))
}

/// `:60` is a second that only tables of leap seconds know.
fn leap_second(text: &str) -> bool {
    text.get(16..19).is_some_and(|seconds| seconds == ":60")
}

fn epoch(text: &str) -> Option<Timestamp> {
    let whole = text.split('.').next().unwrap_or(text);
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 => Timestamp::from_second(number).ok(),
        12 | 13 => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

fn civil(text: &str) -> Option<Timestamp> {
    if is_midnight_as_24(text) || leap_second(text) || !text.contains(':') {
        return None;
    }
    let at: DateTime = text.replacen(' ', "T", 1).parse().ok()?;
    Offset::UTC.to_timestamp(at).ok()
}

/// `Fri, 02 Jan 2026 03:04:05 GMT`, the weekday and the seconds optional.
fn rfc822(text: &str) -> Option<Timestamp> {
    let text = text.split_once(',').map_or(text, |(_, rest)| rest);
    let mut words = text.split_whitespace();
    let day: i8 = words.next()?.parse().ok()?;
    let month = month(words.next()?)?;
    let year: i16 = match words.next()?.parse::<i16>().ok()? {
        year @ 0..=49 => year.checked_add(2000)?,
        year @ 50..=99 => year.checked_add(1900)?,
        year => year,
    };
    let clock = words.next()?;
    let zone = words.next();
    let mut parts = clock.split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let second: i8 = parts.next().map_or(Some(0), |second| second.parse().ok())?;
    let date = Date::new(year, month, day).ok()?;
    let time = Time::new(hour, minute, second, 0).ok()?;
    offset(zone?)?.to_timestamp(DateTime::from_parts(date, time)).ok()
}

/// The number of a month by its English name or its first three letters.
pub fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let head = word.get(..3)?.to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| *month == head)?;
    i8::try_from(at + 1).ok()
}

/// The offset of a zone as mail and status pages write it: `+0200`, `GMT`, `PDT`.
pub fn offset(zone: &str) -> Option<Offset> {
    let zone = zone.trim_matches(|c| c == '(' || c == ')');
    if let Some(digits) = zone.strip_prefix(['+', '-']) {
        let digits: String = digits.chars().filter(|c| *c != ':').collect();
        let hours: i32 = digits.get(..2)?.parse().ok()?;
        let minutes: i32 = digits.get(2..4)?.parse().ok()?;
        let seconds = (hours * 60 + minutes) * 60;
        return Offset::from_seconds(if zone.starts_with('-') { -seconds } else { seconds }).ok();
    }
    let minutes = match zone.to_ascii_uppercase().as_str() {
        "UTC" | "GMT" | "UT" | "Z" | "WET" => 0,
        "BST" | "WEST" | "CET" => 60,
        "CEST" | "EET" => 120,
        "EEST" | "MSK" => 180,
        "IST" => 330,
        "SGT" | "HKT" | "AWST" => 480,
        "JST" | "KST" => 540,
        "AEST" => 600,
        "AEDT" => 660,
        "NZST" => 720,
        "NZDT" => 780,
        "BRT" | "ART" => -180,
        "EDT" => -240,
        "EST" | "CDT" => -300,
        "CST" | "MDT" => -360,
        "MST" | "PDT" => -420,
        "PST" | "AKDT" => -480,
        "AKST" => -540,
        "HST" => -600,
        _ => return None,
    };
    Offset::from_seconds(minutes * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-01-02T04:00:00Z".parse().unwrap()
    }

    #[test]
    fn times_are_read_as_upstreams_write_them() {
        for (raw, at) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"),
            ("2026-01-02T03:04:05.123456789012Z", "2026-01-02T03:04:05.123456789Z"),
            ("2026-01-02T03:04:05.678-06:00", ""),
            ("2026-01-01T21:04:05-06:00", "2026-01-02T03:04:05Z"),
            ("2026-01-02 03:04:05 UTC", "2026-01-02T03:04:05Z"),
            ("2026-01-02T05:04:05+0200", "2026-01-02T03:04:05Z"),
            ("2026-01-01T16:24:00Z", "2026-01-01T16:24:00Z"),
            ("Fri, 02 Jan 2026 03:04:05 GMT", "2026-01-02T03:04:05Z"),
            ("Fri, 2 Jan 2026 03:04:05 Z", "2026-01-02T03:04:05Z"),
            ("Thu, 01 Jan 2026 19:04:05 PST", "2026-01-02T03:04:05Z"),
            ("Thu, 01 Jan 2026 19:04:05 -0800", "2026-01-02T03:04:05Z"),
            ("02 Jan 26 03:04 UT", "2026-01-02T03:04:00Z"),
            ("1767323045", "2026-01-02T03:04:05Z"),
            ("1767323045678", "2026-01-02T03:04:05.678Z"),
            ("1767323045.5", "2026-01-02T03:04:05Z"),
        ] {
            let read = past(raw, now());
            let wanted = (!at.is_empty()).then(|| at.parse().unwrap());
            assert_eq!(read.at, wanted, "{raw}");
            assert_eq!(read.warning.is_none(), wanted.is_some(), "{raw}: {:?}", read.warning);
        }
        let zoneless = past("2026-01-02 03:04:05", now());
        assert_eq!(zoneless.at, Some("2026-01-02T03:04:05Z".parse().unwrap()));
        assert!(zoneless.warning.unwrap().contains("UTC"));
    }

    #[test]
    fn what_is_impossible_is_no_time_and_never_a_panic() {
        let brackets = "[".repeat(20_000);
        for raw in [
            "",
            " ",
            "0000-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T23:59:60Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "1999-12-31T23:59:59Z",
            "2026-01-02T04:10:01Z",
            "2027-01-01T00:00:00Z",
            "yesterday",
            "now",
            "null",
            "N/A",
            "12",
            "-1",
            "99999999999999999999",
            "946684799",
            "0",
            "2026",
            "2026-01",
            "2026-01-02",
            "03:04",
            "Fri, 32 Jan 2026 03:04:05 GMT",
            "Fri, 02 Foo 2026 03:04:05 GMT",
            "Fri, 02 Jan 2026 25:04:05 GMT",
            "Fri, 02 Jan 2026 03:04:05 XYZ",
            "Fri, 02 Jan 2026",
            ",,,,",
            "+",
            "2026-01-02T03:04:05+99:99",
            "٢٠٢٦-٠١-٠٢",
            "2026-01-02T03:04:05Z[",
            "1e9",
            "0x69571e25",
            "\u{0}2026",
            brackets.as_str(),
        ] {
            let read = past(raw, now());
            assert_eq!(read.at, None, "{raw}");
            assert!(read.warning.is_some(), "{raw}");
        }
        assert!(planned("2027-12-01T00:00:00Z", now()).at.is_some());
        assert!(planned("2028-02-01T00:00:00Z", now()).at.is_none());
        assert!(past("2026-01-02T04:09:00Z", now()).at.is_some());
    }
}
