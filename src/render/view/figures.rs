//! What pages about the past have in common: figures in words, bars of days, the choice of a window.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Shown, Time, shown, time};
use crate::history::targets::{Budget, Standing};
use crate::history::uptime::{Part, Tally};
use crate::history::window::{Range, Window};
use crate::model::level::State;
use crate::model::target::{Period, Share, Target};

/// What cannot be said.
pub const UNKNOWN: &str = "not known";

/// A share in words.
pub fn percent(share: Option<Share>) -> String {
    share.map_or_else(|| UNKNOWN.to_owned(), |share| format!("{share} %"))
}

/// A length of time in its two largest units.
pub fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// The same where it may not be known.
pub fn maybe(known: Option<Duration>) -> String {
    known.map_or_else(|| UNKNOWN.to_owned(), length)
}

/// Figures in words.
#[derive(Debug, Serialize)]
pub struct Words {
    without: String,
    with: String,
    coverage: String,
    down: String,
    degraded: String,
    planned: String,
    unknown: String,
    unobserved: String,
}

impl Words {
    /// Puts a tally into words.
    pub fn of(tally: &Tally) -> Self {
        Self {
            without: percent(tally.without_maintenance()),
            with: percent(tally.with_maintenance()),
            coverage: percent(tally.coverage()),
            down: length(tally.down()),
            degraded: length(tally.degraded),
            planned: length(tally.maintenance),
            unknown: length(tally.unknown),
            unobserved: length(tally.unobserved),
        }
    }
}

/// How many days a bar may have.
#[derive(Debug, Serialize)]
pub struct DayChoice {
    days: usize,
    label: &'static str,
    chosen: bool,
}

/// The choices, with the one that was made.
pub fn choices(chosen: usize) -> [DayChoice; 3] {
    let choice = |(days, label)| DayChoice { days, label, chosen: days == chosen };
    [(30, "30 days"), (90, "90 days"), (365, "a year")].map(choice)
}

/// Days as a bar. The height of a day is the share of it in which something was read.
#[derive(Debug, Serialize)]
pub struct Bar {
    words: String,
    days: usize,
    runs: Vec<Run>,
    /// Days on which not all was well, newest first: the same as a table.
    rows: Vec<Row>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Run {
    at: usize,
    days: usize,
    /// In hundredths; trouble is never too low to be seen.
    height: u8,
    state: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Row {
    date: String,
    state: Option<Shown>,
    down: Option<String>,
    degraded: Option<String>,
    planned: Option<String>,
    unseen: Option<String>,
}

fn run(at: usize, day: &Part) -> Run {
    let read = day.tally.observed().saturating_add(day.tally.unknown).as_secs();
    let whole = day.window.length().as_secs().max(1);
    // A bar is not drawn finer than in tenths, so that equal days are one.
    let tenths = u8::try_from(read.saturating_mul(10).div_ceil(whole)).unwrap_or(10).min(10);
    let height = tenths.max(3).saturating_mul(10);
    Run { at, days: 1, height: if day.worst.is_some() { height } else { 100 }, state: day.worst.map(State::as_str) }
}

fn row(day: &Part) -> Option<Row> {
    let some = |length: Duration| (length > Duration::ZERO).then(|| self::length(length));
    let unseen = day.tally.unknown.saturating_add(day.tally.unobserved);
    let is_well = day.worst == Some(State::OPERATIONAL) && unseen.is_zero();
    (!is_well).then(|| Row {
        date: day.date.to_string(),
        state: day.worst.map(shown),
        down: some(day.tally.down()),
        degraded: some(day.tally.degraded),
        planned: some(day.tally.maintenance),
        unseen: some(unseen),
    })
}

/// Makes a bar.
pub fn bar(days: &[Part]) -> Bar {
    let mut runs: Vec<Run> = Vec::new();
    for (at, day) in days.iter().enumerate() {
        let next = run(at, day);
        match runs.last_mut() {
            Some(last) if (last.state, last.height) == (next.state, next.height) => last.days += 1,
            _ => runs.push(next),
        }
    }
    let count = |wanted: &dyn Fn(&Part) -> bool| days.iter().filter(|day| wanted(day)).count();
    let is = |state: State| move |day: &Part| day.worst == Some(state);
    let words = format!(
        "Of {} days {} had trouble, {} maintenance, {} are unknown and {} were not observed",
        days.len(),
        count(&|day| day.worst.is_some_and(State::is_trouble)),
        count(&is(State::UNDER_MAINTENANCE)),
        count(&is(State::Unknown)),
        count(&|day| day.worst.is_none()),
    );
    Bar { words, days: days.len().max(1), runs, rows: days.iter().rev().filter_map(row).collect() }
}

/// How a promise stands, in words.
#[derive(Debug, Serialize)]
pub struct Promise {
    target: String,
    over: String,
    counts: String,
    from: Time,
    to: Time,
    allowed: String,
    spent: String,
    left: String,
    measured: String,
    unseen: String,
    burn: Option<String>,
    broken: bool,
    says: &'static str,
}

impl Promise {
    /// Puts a promise into words.
    pub fn of(target: &Target, budget: &Budget) -> Self {
        let counts: Vec<String> =
            target.counts.iter().map(|level| State::Known(*level).label().to_lowercase()).collect();
        Self {
            target: format!("{} %", target.uptime),
            over: match target.period {
                Period::Days(days) => format!("{days} days"),
                Period::Month => "a month".to_owned(),
                Period::Quarter => "a quarter".to_owned(),
            },
            counts: counts.join(", "),
            from: time(budget.period.from()),
            to: time(budget.period.to()),
            allowed: length(budget.allowed),
            spent: length(budget.spent),
            left: match budget.standing {
                Standing::Broken => format!("none: {} too much", length(budget.over())),
                _ if !budget.is_seen() => format!("{} at most", length(budget.left())),
                Standing::Open | Standing::Kept | Standing::Unsure => length(budget.left()),
            },
            measured: percent(budget.uptime()),
            unseen: length(budget.unseen),
            // A pace over time that nobody saw would be too slow.
            burn: budget.burn.filter(|_| budget.is_seen()).map(|burn| format!("{burn:.2}")),
            broken: budget.standing == Standing::Broken,
            says: says(budget),
        }
    }
}

/// How a promise stands, in a word or two.
pub fn says(budget: &Budget) -> &'static str {
    match budget.standing {
        Standing::Open if budget.is_seen() => "within budget so far",
        Standing::Open => "not broken by what was seen; too much was not observed to say more",
        Standing::Broken => "broken",
        Standing::Kept => "kept",
        Standing::Unsure => "cannot be said: too much was not observed",
    }
}

/// The windows to choose from.
#[derive(Debug, Serialize)]
pub struct Windows {
    from: Time,
    to: Time,
    zone: String,
    /// The one that is shown, for links.
    /// The parameters that ask for it, also where it was by dates.
    asked: String,
    choices: Vec<Choice>,
}

#[derive(Debug, Serialize)]
struct Choice {
    word: String,
    label: String,
    chosen: bool,
}

/// Makes the choice; `given` is the word by which the window was asked for, empty where it was by dates.
pub fn windows(window: Window, zone: &str, given: &str) -> Windows {
    let label = |word: &str| match word {
        "month" => "this month".to_owned(),
        "last-month" => "last month".to_owned(),
        "quarter" => "this quarter".to_owned(),
        "last-quarter" => "last quarter".to_owned(),
        days => format!("last {} days", days.trim_end_matches('d')),
    };
    let mut choices: Vec<Choice> = Range::WORDS
        .into_iter()
        .map(|word| Choice { word: word.to_owned(), label: label(word), chosen: word == given })
        .collect();
    if !choices.iter().any(|choice| choice.chosen) {
        let other = if given.is_empty() { "these dates" } else { given };
        choices.insert(0, Choice { word: given.to_owned(), label: other.to_owned(), chosen: true });
    }
    Windows {
        from: time(window.from()),
        to: time(window.to()),
        zone: zone.to_owned(),
        asked: match given {
            "" => format!("from={}&to={}", window.from(), window.to()),
            given => format!("window={given}"),
        },
        choices,
    }
}

/// A month for people.
pub fn month(part: &Part) -> String {
    part.date.strftime("%b %Y").to_string()
}

/// The calendar of the page, for days on it.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::uptime::days;
    use crate::history::{Window, spans};
    use crate::model::mark::Mark;

    #[test]
    fn lengths_are_said_in_two_units_and_never_rounded_up() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (119, "1 min"),
            (3_600, "1 h"),
            (3_659, "1 h"),
            (7_380, "2 h 3 min"),
            (86_400, "1 d"),
            (90_060, "1 d 1 h"),
        ] {
            assert_eq!(length(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn a_bar_tells_trouble_maintenance_unknown_and_unobserved_apart() {
        let at = |text: &str| text.parse().unwrap();
        let window = Window::new(at("2026-01-01T00:00:00Z"), at("2026-01-08T00:00:00Z"));
        let marks = [
            ("2026-01-02T18:00:00Z", Some(State::OPERATIONAL)),
            ("2026-01-04T01:00:00Z", Some(State::MAJOR_OUTAGE)),
            ("2026-01-04T01:01:00Z", Some(State::OPERATIONAL)),
            ("2026-01-05T00:00:00Z", Some(State::UNDER_MAINTENANCE)),
            ("2026-01-06T00:00:00Z", Some(State::Unknown)),
            ("2026-01-07T00:00:00Z", None),
        ];
        let marks = marks.map(|(text, state)| Mark { at: at(text), state });
        let bar = bar(&days(&spans(&marks, window), window, &TimeZone::UTC));
        let shown: Vec<_> = bar.runs.iter().map(|run| (run.at, run.days, run.height, run.state)).collect();
        assert_eq!(
            shown,
            [
                (0, 1, 100, None),
                (1, 1, 30, Some("operational")),
                (2, 1, 100, Some("operational")),
                (3, 1, 100, Some("major_outage")),
                (4, 1, 100, Some("under_maintenance")),
                (5, 1, 100, Some("unknown")),
                (6, 1, 100, None),
            ]
        );
        assert_eq!(bar.words, "Of 7 days 1 had trouble, 1 maintenance, 1 are unknown and 2 were not observed");
        assert_eq!(bar.rows.len(), 6, "every day but the good one");
    }
}
