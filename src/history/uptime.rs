//! How long in which state, and what share of the time that was observed it was up.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::spans::{Span, within};
use super::window::{self, Window};
use crate::model::level::{Level, State};
use crate::model::target::{Share, Target};

/// How long in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Worked as meant.
    pub operational: Duration,
    /// In planned work.
    pub maintenance: Duration,
    /// Slow or with errors: up, and shown apart.
    pub degraded: Duration,
    /// Down for some.
    pub partial: Duration,
    /// Down.
    pub major: Duration,
    /// Read, and not understood.
    pub unknown: Duration,
    /// Nobody looked.
    pub unobserved: Duration,
}

impl Tally {
    /// Adds spans up.
    pub fn of(spans: &[Span]) -> Self {
        let mut tally = Self::default();
        for span in spans {
            let sum = tally.slot(span.state);
            *sum = sum.saturating_add(span.length());
        }
        tally
    }

    fn slot(&mut self, state: Option<State>) -> &mut Duration {
        match state {
            None => &mut self.unobserved,
            Some(State::Unknown) => &mut self.unknown,
            Some(State::Known(level)) => match level {
                Level::Operational => &mut self.operational,
                Level::UnderMaintenance => &mut self.maintenance,
                Level::DegradedPerformance => &mut self.degraded,
                Level::PartialOutage => &mut self.partial,
                Level::MajorOutage => &mut self.major,
            },
        }
    }

    /// How long at this level.
    pub fn at(&self, level: Level) -> Duration {
        match level {
            Level::Operational => self.operational,
            Level::UnderMaintenance => self.maintenance,
            Level::DegradedPerformance => self.degraded,
            Level::PartialOutage => self.partial,
            Level::MajorOutage => self.major,
        }
    }

    /// How long at any of these levels.
    pub fn counted(&self, levels: &[Level]) -> Duration {
        levels.iter().fold(Duration::ZERO, |sum, level| sum.saturating_add(self.at(*level)))
    }

    /// How long something was known: what every share is a share of.
    pub fn observed(&self) -> Duration {
        self.counted(&Level::ALL)
    }

    /// All of it.
    pub fn whole(&self) -> Duration {
        self.observed().saturating_add(self.unknown).saturating_add(self.unobserved)
    }

    /// How long it was up: as meant or degraded.
    pub fn up(&self) -> Duration {
        self.counted(&[Level::Operational, Level::DegradedPerformance])
    }

    /// How long it was down, for some or for all.
    pub fn down(&self) -> Duration {
        self.counted(&Target::DOWN)
    }

    /// The share of the observed time in which it was up; planned work counts as not up. `None`: nothing was observed.
    pub fn with_maintenance(&self) -> Option<Share> {
        Share::of(self.up(), self.observed())
    }

    /// The share of the observed time outside planned work in which it was up. `None`: there was no such time.
    pub fn without_maintenance(&self) -> Option<Share> {
        Share::of(self.up(), self.observed().saturating_sub(self.maintenance))
    }

    /// The share of all the time in which something was known.
    pub fn coverage(&self) -> Option<Share> {
        Share::of(self.observed(), self.whole())
    }
}

/// What one part of the calendar was like: a day or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its first day.
    pub date: Date,
    /// The part of it that was asked for.
    pub window: Window,
    /// How long in which state.
    pub tally: Tally,
    /// The worst that was read; unknown outweighs good news and planned work. `None`: nobody looked at all.
    pub worst: Option<State>,
}

/// Each day of the window, by the calendar of `zone`.
pub fn days(spans: &[Span], window: Window, zone: &TimeZone) -> Vec<Part> {
    parts(spans, window::days(window, zone))
}

/// Each month of the window, by the calendar of `zone`.
pub fn months(spans: &[Span], window: Window, zone: &TimeZone) -> Vec<Part> {
    parts(spans, window::months(window, zone))
}

fn parts(spans: &[Span], parts: Vec<(Date, Window)>) -> Vec<Part> {
    let part = |(date, window): (Date, Window)| {
        let spans = within(spans, window);
        let worst = State::worst(spans.iter().filter_map(|span| span.state));
        Part { date, window, tally: Tally::of(&spans), worst }
    };
    parts.into_iter().map(part).collect()
}

/// A stretch of time in states that count as down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// From when to when it was seen.
    pub window: Window,
    /// The worst of it.
    pub worst: Level,
    /// Its beginning was seen; else it may have begun earlier.
    pub start_seen: bool,
    /// Its end was seen; else it goes on, or may have gone on longer.
    pub end_seen: bool,
}

/// Stretches of time at `levels`, in order. One that is cut by a time that was not observed counts as two, each no
/// longer than it was seen.
pub fn outages(spans: &[Span], levels: &[Level]) -> Vec<Outage> {
    let known = |at: usize| spans.get(at).and_then(|span| span.state).and_then(State::level);
    let mut found: Vec<Outage> = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let Some(level) = known(at).filter(|level| levels.contains(level)) else { continue };
        let end_seen = known(at.saturating_add(1)).is_some();
        match found.last_mut() {
            Some(last) if last.window.to() == span.window.from() => {
                last.window = Window::new(last.window.from(), span.window.to());
                last.worst = last.worst.max(level);
                last.end_seen = end_seen;
            }
            _ => found.push(Outage {
                window: span.window,
                worst: level,
                start_seen: at.checked_sub(1).and_then(known).is_some(),
                end_seen,
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::history::spans::spans;
    use crate::model::mark::Mark;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn laid(marks: &[(&str, Option<State>)], window: Window) -> Vec<Span> {
        let marks: Vec<Mark> = marks.iter().map(|(text, state)| Mark { at: at(text), state: *state }).collect();
        spans(&marks, window)
    }

    fn day() -> Window {
        Window::new(at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"))
    }

    /// Down for an hour, in planned work for two, degraded for one, unread for ten.
    fn bad_day() -> Vec<Span> {
        laid(
            &[
                ("2026-01-01T00:00:00Z", Some(State::OPERATIONAL)),
                ("2026-01-01T04:00:00Z", Some(State::MAJOR_OUTAGE)),
                ("2026-01-01T05:00:00Z", Some(State::OPERATIONAL)),
                ("2026-01-01T06:00:00Z", Some(State::UNDER_MAINTENANCE)),
                ("2026-01-01T08:00:00Z", Some(State::DEGRADED_PERFORMANCE)),
                ("2026-01-01T09:00:00Z", Some(State::Unknown)),
                ("2026-01-01T10:00:00Z", None),
                ("2026-01-01T20:00:00Z", Some(State::OPERATIONAL)),
            ],
            day(),
        )
    }

    #[test]
    fn shares_are_of_the_time_that_was_observed_and_planned_work_is_in_or_left_out() {
        let tally = Tally::of(&bad_day());
        assert_eq!(tally.whole(), day().length());
        assert_eq!(tally.observed(), Duration::from_secs(13 * 3600));
        // Ten of thirteen hours, and ten of eleven.
        assert_eq!(tally.with_maintenance().unwrap().to_string(), "76.923");
        assert_eq!(tally.without_maintenance().unwrap().to_string(), "90.909");
        assert_eq!(tally.coverage().unwrap().to_string(), "54.1666");
    }

    #[test]
    fn where_nothing_was_observed_there_is_no_figure() {
        let tally = Tally::of(&laid(&[("2026-01-01T00:00:00Z", Some(State::Unknown))], day()));
        assert_eq!((tally.with_maintenance(), tally.without_maintenance()), (None, None));
        let only_planned = Tally::of(&laid(&[("2026-01-01T00:00:00Z", Some(State::UNDER_MAINTENANCE))], day()));
        assert_eq!(only_planned.with_maintenance().unwrap().to_string(), "0");
        assert_eq!(only_planned.without_maintenance(), None, "no time is left that it could have been up in");
    }

    #[test]
    fn a_day_has_its_worst_state_and_an_unobserved_one_has_none() {
        let window = Window::new(at("2026-01-01T00:00:00Z"), at("2026-01-04T00:00:00Z"));
        let spans = laid(
            &[
                ("2026-01-01T12:00:00Z", Some(State::OPERATIONAL)),
                ("2026-01-01T13:00:00Z", Some(State::Unknown)),
                ("2026-01-01T14:00:00Z", None),
                ("2026-01-03T00:00:00Z", Some(State::UNDER_MAINTENANCE)),
            ],
            window,
        );
        let days = days(&spans, window, &TimeZone::UTC);
        let worst: Vec<Option<State>> = days.iter().map(|day| day.worst).collect();
        assert_eq!(worst, [Some(State::Unknown), None, Some(State::UNDER_MAINTENANCE)]);
        assert_eq!(days[0].tally.unobserved, Duration::from_secs(22 * 3600));
    }

    #[test]
    fn an_outage_lasts_as_long_as_it_was_seen() {
        let spans = laid(
            &[
                ("2026-01-01T00:00:00Z", Some(State::PARTIAL_OUTAGE)),
                ("2026-01-01T01:00:00Z", Some(State::MAJOR_OUTAGE)),
                ("2026-01-01T02:00:00Z", None),
                ("2026-01-01T03:00:00Z", Some(State::MAJOR_OUTAGE)),
                ("2026-01-01T04:00:00Z", Some(State::OPERATIONAL)),
                ("2026-01-01T05:00:00Z", Some(State::PARTIAL_OUTAGE)),
                ("2026-01-01T05:30:00Z", Some(State::DEGRADED_PERFORMANCE)),
            ],
            day(),
        );
        let found = outages(&spans, &Target::DOWN);
        let shown: Vec<_> = found
            .iter()
            .map(|outage| (outage.window.length().as_secs() / 60, outage.worst, outage.start_seen, outage.end_seen))
            .collect();
        assert_eq!(
            shown,
            [
                (120, Level::MajorOutage, false, false),
                (60, Level::MajorOutage, false, true),
                (30, Level::PartialOutage, true, true),
            ]
        );
        let total: Duration = found.iter().map(|outage| outage.window.length()).sum();
        assert_eq!(total, Tally::of(&spans).down());
    }
}
