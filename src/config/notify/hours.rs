//! Hours of the week in words: `22:00-07:00`, `mon-fri 08:00-18:00`, `sat,sun`; and when a summary comes.

use super::super::fields::Context;
use super::super::tree::Node;
use crate::model::policy::{Digest, Hours};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const HOURS: &str = "hours such as `22:00-07:00`, `mon-fri 08:00-18:00` or `sat,sun`";
const DIGEST: &str = "`daily 09:00` or a day such as `mon 09:00`";

pub(super) fn all(context: &mut Context<'_>, node: &Node) -> Vec<Hours> {
    let mut found = Vec::new();
    for (at, text) in context.texts(node, HOURS) {
        match hours(&text) {
            Some(hours) => found.push(hours),
            None => context.fault(at, format!("expected {HOURS}, found `{text}`"), "days are mon, tue, …, sun"),
        }
    }
    found
}

pub(super) fn digest(context: &mut Context<'_>, node: &Node) -> Option<Digest> {
    let text = context.text(node, DIGEST)?;
    let found = text.split_once(' ').and_then(|(day, at)| {
        let weekday = match day.trim().to_lowercase().as_str() {
            "daily" => None,
            day => Some(u8::try_from(self::day(day)?).ok()?),
        };
        Some(Digest { weekday, at: minutes(at.trim()).filter(|at| *at < 24 * 60)? })
    });
    if found.is_none() {
        context.wrong(node, DIGEST, "the hour is on the clock of `timezone`");
    }
    found
}

fn hours(text: &str) -> Option<Hours> {
    let text = text.trim().to_lowercase();
    let (days, times) = match text.split_once(' ') {
        Some((days, times)) => (Some(days), Some(times)),
        None if text.contains(':') => (None, Some(text.as_str())),
        None => (Some(text.as_str()), None),
    };
    let days = days.map_or(Some([true; 7]), self::days)?;
    let (from, to) = match times {
        None => (0, 0),
        Some(times) => {
            let (from, to) = times.split_once('-')?;
            (minutes(from.trim()).filter(|from| *from < 24 * 60)?, minutes(to.trim())? % (24 * 60))
        }
    };
    Some(Hours { days, from, to })
}

fn days(text: &str) -> Option<[bool; 7]> {
    let mut found = [false; 7];
    for part in text.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (day(first.trim())?, day(last.trim())?),
            None => (day(part.trim())?, day(part.trim())?),
        };
        let mut at = first;
        loop {
            *found.get_mut(at)? = true;
            if at == last {
                break;
            }
            at = (at + 1) % 7;
        }
    }
    Some(found)
}

fn day(word: &str) -> Option<usize> {
    DAYS.iter().position(|day| *day == word)
}

/// Minutes after midnight; `24:00` is the day's end.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_in_all_their_forms() {
        let week = [true; 7];
        let work = [true, true, true, true, true, false, false];
        let weekend = [false, false, false, false, false, true, true];
        for (text, expected) in [
            ("22:00-07:00", Some((week, 22 * 60, 7 * 60))),
            ("mon-fri 08:00-18:30", Some((work, 8 * 60, 18 * 60 + 30))),
            ("sat,sun", Some((weekend, 0, 0))),
            ("Sat-Sun", Some((weekend, 0, 0))),
            ("fri-mon", Some(([true, false, false, false, true, true, true], 0, 0))),
            ("mon 00:00-24:00", Some(([true, false, false, false, false, false, false], 0, 0))),
            ("25:00-07:00", None),
            ("24:00-07:00", None),
            ("22-7", None),
            ("someday", None),
            ("", None),
        ] {
            assert_eq!(hours(text).map(|hours| (hours.days, hours.from, hours.to)), expected, "{text}");
        }
    }
}
