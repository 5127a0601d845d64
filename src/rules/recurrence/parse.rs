//! Reads an RRULE strictly: what is not understood is an error, never another schedule.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday, time};
use jiff::tz::TimeZone;

use crate::limits;

use super::{Day, End, Every, Rule};

/// What the weekdays are called, Monday first.
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

/// The parts of a rule by their names; what was looked at is taken out.
struct Parts<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, String> {
        let mut parts = BTreeMap::new();
        for part in text.split(';') {
            let (name, value) = part
                .split_once('=')
                .filter(|(name, value)| !name.is_empty() && !value.is_empty())
                .ok_or_else(|| format!("`{part}` is no part of a rule: expected NAME=VALUE, like FREQ=WEEKLY"))?;
            if parts.insert(name, value).is_some() {
                return Err(format!("`{name}` is given twice"));
            }
        }
        Ok(Self(parts))
    }

    /// One number; `None` where it is not given.
    fn one<T>(&mut self, name: &str, range: RangeInclusive<T>) -> Result<Option<T>, String>
    where
        T: FromStr + PartialOrd + Display,
    {
        self.0.remove(name).map(|value| number(name, value, &range)).transpose()
    }

    /// A list of numbers without 0; empty where it is not given.
    fn list<T>(&mut self, name: &str, range: RangeInclusive<T>) -> Result<Vec<T>, String>
    where
        T: FromStr + PartialOrd + Display + Default,
    {
        let Some(values) = self.0.remove(name) else { return Ok(Vec::new()) };
        let numbers: Vec<T> = values.split(',').map(|value| number(name, value, &range)).collect::<Result<_, _>>()?;
        if numbers.contains(&T::default()) {
            return Err(format!("`{name}` counts from 1, or from -1 for the last: 0 is none of them"));
        }
        Ok(numbers)
    }
}

/// Reads a whole rule.
pub(super) fn rule(text: &str) -> Result<Rule, String> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix("RRULE:").unwrap_or(&text);
    if text.len() > limits::RULE || !text.is_ascii() {
        return Err(format!("a rule has at most {} characters, all of them plain (ASCII)", limits::RULE));
    }
    let mut parts = Parts::of(text)?;
    let every = every(parts.0.remove("FREQ"))?;
    let rule = Rule {
        text: text.to_owned(),
        every,
        interval: parts.one("INTERVAL", 1..=limits::RULE_INTERVAL)?.unwrap_or(1),
        end: end(&mut parts)?,
        week_start: parts.0.remove("WKST").map(weekday).transpose()?.unwrap_or(Weekday::Monday),
        months: parts.list("BYMONTH", 1..=12)?,
        month_days: parts.list("BYMONTHDAY", -31..=31)?,
        days: parts.0.remove("BYDAY").map_or(Ok(Vec::new()), |days| days.split(',').map(day).collect())?,
        positions: parts.list("BYSETPOS", -366..=366)?,
    };
    if let Some(name) = parts.0.keys().next() {
        return Err(unsupported(name));
    }
    fits_together(&rule)?;
    Ok(rule)
}

fn every(word: Option<&str>) -> Result<Every, String> {
    match word {
        Some("DAILY") => Ok(Every::Day),
        Some("WEEKLY") => Ok(Every::Week),
        Some("MONTHLY") => Ok(Every::Month),
        Some("YEARLY") => Ok(Every::Year),
        Some(word @ ("HOURLY" | "MINUTELY" | "SECONDLY")) => {
            Err(format!("`FREQ={word}` is too often for a maintenance: expected DAILY, WEEKLY, MONTHLY or YEARLY"))
        }
        Some(word) => Err(format!("`FREQ={word}` is not known: expected DAILY, WEEKLY, MONTHLY or YEARLY")),
        None => Err("`FREQ` is missing: expected FREQ=DAILY, WEEKLY, MONTHLY or YEARLY".to_owned()),
    }
}

fn end(parts: &mut Parts<'_>) -> Result<Option<End>, String> {
    let count = parts.one("COUNT", 1..=limits::RULE_COUNT)?.and_then(|count| usize::try_from(count).ok());
    match (count, parts.0.remove("UNTIL")) {
        (Some(_), Some(_)) => Err("`COUNT` and `UNTIL` cannot both be given: a rule has one end".to_owned()),
        (Some(count), None) => Ok(Some(End::Count(count))),
        (None, Some(value)) => until(value).map(Some),
        (None, None) => Ok(None),
    }
}

/// A day holds all of itself; a time with `Z` is a moment, one without is on the clocks of the series.
fn until(value: &str) -> Result<End, String> {
    let wrong = || format!("`UNTIL={value}` is no time: expected 20270131, 20270131T220000 or 20270131T210000Z");
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'T');
    let (local, zulu) = value.strip_suffix('Z').map_or((value, false), |local| (local, true));
    if !digits(local) {
        return Err(wrong());
    }
    if local.len() == 8 && !zulu {
        let date = Date::strptime("%Y%m%d", local).map_err(|_| wrong())?;
        return Ok(End::Local(date.to_datetime(time(23, 59, 59, 999_999_999))));
    }
    if local.len() != 15 {
        return Err(wrong());
    }
    let local = DateTime::strptime("%Y%m%dT%H%M%S", local).map_err(|_| wrong())?;
    if !zulu {
        return Ok(End::Local(local));
    }
    let at: Timestamp = TimeZone::UTC.to_timestamp(local).map_err(|_| wrong())?;
    Ok(End::Instant(at))
}

fn number<T: FromStr + PartialOrd + Display>(name: &str, value: &str, range: &RangeInclusive<T>) -> Result<T, String> {
    value
        .parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| format!("`{name}` is `{value}`: expected a number from {} to {}", range.start(), range.end()))
}

fn weekday(word: &str) -> Result<Weekday, String> {
    WEEKDAYS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, weekday)| *weekday)
        .ok_or_else(|| format!("`{word}` is no weekday: expected MO, TU, WE, TH, FR, SA or SU"))
}

/// `TU`, `2TU`, `-1FR`.
fn day(word: &str) -> Result<Day, String> {
    let (nth, name) = word.split_at_checked(word.len().saturating_sub(2)).unwrap_or(("", word));
    let weekday = weekday(name).map_err(|_| format!("`{word}` is no weekday: expected one like TU, 2TU or -1FR"))?;
    if nth.is_empty() {
        return Ok(Day { nth: 0, weekday });
    }
    match number("BYDAY", nth, &(-53..=53))? {
        0 => Err(format!("`{word}` is no weekday: they count from 1, or from -1 for the last")),
        nth => Ok(Day { nth, weekday }),
    }
}

fn unsupported(name: &str) -> String {
    match name {
        "BYHOUR" | "BYMINUTE" | "BYSECOND" => {
            format!("`{name}` is not supported: the time of day is that of the start")
        }
        "BYWEEKNO" | "BYYEARDAY" => {
            format!("`{name}` is not supported: use BYMONTH with BYMONTHDAY or BYDAY")
        }
        _ => format!(
            "`{name}` is not known: expected FREQ, INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS or WKST"
        ),
    }
}

/// What RFC 5545 forbids side by side.
fn fits_together(rule: &Rule) -> Result<(), String> {
    if rule.every == Every::Week && !rule.month_days.is_empty() {
        return Err("`BYMONTHDAY` has no meaning with FREQ=WEEKLY: use FREQ=MONTHLY".to_owned());
    }
    if matches!(rule.every, Every::Day | Every::Week) && rule.days.iter().any(|day| day.nth != 0) {
        return Err("a counted weekday, like 2TU, needs FREQ=MONTHLY or FREQ=YEARLY".to_owned());
    }
    let named = !(rule.months.is_empty() && rule.month_days.is_empty() && rule.days.is_empty());
    if !rule.positions.is_empty() && !named {
        return Err("`BYSETPOS` picks from what BYDAY, BYMONTHDAY or BYMONTH name: give one of them".to_owned());
    }
    Ok(())
}
