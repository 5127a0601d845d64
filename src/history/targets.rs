//! What is left of the downtime that a promise allows, and whether it was kept.

use std::time::Duration;

use jiff::Timestamp;

use super::spans::{Span, within};
use super::uptime::{Outage, Tally, outages};
use super::window::Window;
use crate::model::level::Level;
use crate::model::target::{Share, Target};

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The period goes on, and some of the budget is left.
    Open,
    /// More than is allowed was seen.
    Broken,
    /// The period is over, and even all the time that was not observed could not have broken it.
    Kept,
    /// The period is over; too much of it was not observed to say.
    Unsure,
}

impl Standing {
    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Broken => "broken",
            Self::Kept => "kept",
            Self::Unsure => "unsure",
        }
    }
}

/// A promise against what was seen.
#[derive(Debug, Clone)]
pub struct Budget {
    /// The whole period.
    pub period: Window,
    /// The part of it that is over.
    pub passed: Window,
    /// Downtime that the promise allows over the whole period.
    pub allowed: Duration,
    /// Downtime that was seen.
    pub spent: Duration,
    /// What it is measured in: the time that was observed, without planned work unless that counts as down.
    pub measured: Duration,
    /// Time that was not observed, or not understood.
    pub unseen: Duration,
    /// How many times faster than evenly the budget was spent; `None` where there is none, or no time has passed.
    pub burn: Option<f64>,
    /// How it stands.
    pub standing: Standing,
    /// What was seen, piece by piece.
    pub outages: Vec<Outage>,
}

impl Budget {
    /// The share of the measured time in which it was up, by what counts as down here.
    pub fn uptime(&self) -> Option<Share> {
        Share::of(self.measured.saturating_sub(self.spent), self.measured)
    }

    /// What may still be spent; nothing where it is spent.
    pub fn left(&self) -> Duration {
        self.allowed.saturating_sub(self.spent)
    }

    /// True where the time that was not observed, had it all been down, would still be within what is allowed.
    pub fn is_seen(&self) -> bool {
        self.spent.saturating_add(self.unseen) <= self.allowed
    }

    /// By how much more than allowed was spent.
    pub fn over(&self) -> Duration {
        self.spent.saturating_sub(self.allowed)
    }
}

/// Holds a promise against `spans`, which cover at least the part of `period` that is over by `now`.
pub fn budget(target: &Target, spans: &[Span], period: Window, now: Timestamp) -> Budget {
    let passed = period.until(now);
    let mine = within(spans, passed);
    let tally = Tally::of(&mine);
    let spent = tally.counted(&target.counts);
    let planned = if target.counts.contains(&Level::UnderMaintenance) { Duration::ZERO } else { tally.maintenance };
    let seen: Duration = mine.iter().map(Span::length).sum();
    // What the spans do not cover was not observed either.
    let unseen = passed.length().saturating_sub(seen).saturating_add(tally.unknown).saturating_add(tally.unobserved);
    let allowed = target.uptime.rest_of(period.length());
    let even = allowed.as_secs_f64() * passed.length().as_secs_f64() / period.length().as_secs_f64();
    let standing = match (spent > allowed, period.to() <= now) {
        (true, _) => Standing::Broken,
        (false, false) => Standing::Open,
        (false, true) if spent.saturating_add(unseen) <= allowed => Standing::Kept,
        (false, true) => Standing::Unsure,
    };
    Budget {
        period,
        passed,
        allowed,
        spent,
        measured: tally.observed().saturating_sub(planned),
        unseen,
        burn: (even.is_finite() && even > 0.0).then(|| spent.as_secs_f64() / even),
        standing,
        outages: outages(&mine, &target.counts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::spans::spans;
    use crate::model::level::State;
    use crate::model::mark::Mark;
    use crate::model::target::Period;

    fn at(day: i64, second: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + day * 86_400 + second).unwrap()
    }

    fn target(uptime: &str, counts: &[Level]) -> Target {
        Target { uptime: Share::from_percent(uptime).unwrap(), period: Period::Days(10), counts: counts.to_vec() }
    }

    /// Ten days: an hour of outage on the second, two hours of planned work on the third, `unread` seconds unread at last.
    fn ten_days(unread: i64) -> Vec<Span> {
        let marks = [
            (at(0, 0), Some(State::OPERATIONAL)),
            (at(1, 0), Some(State::MAJOR_OUTAGE)),
            (at(1, 3_600), Some(State::OPERATIONAL)),
            (at(2, 0), Some(State::UNDER_MAINTENANCE)),
            (at(2, 7_200), Some(State::DEGRADED_PERFORMANCE)),
            (at(10, -unread), None),
        ];
        spans(&marks.map(|(at, state)| Mark { at, state }), period())
    }

    fn period() -> Window {
        Window::new(at(0, 0), at(10, 0))
    }

    #[test]
    fn a_promise_is_broken_kept_open_or_beyond_saying() {
        for (uptime, unread, now, expected) in [
            // Allowed are 864 s, and 8,640 s.
            ("99.9", 0, at(10, 0), Standing::Broken),
            ("99.9", 0, at(5, 0), Standing::Broken),
            ("99", 0, at(5, 0), Standing::Open),
            ("99", 0, at(10, 0), Standing::Kept),
            ("99", 5_040, at(10, 0), Standing::Kept),
            ("99", 5_041, at(10, 0), Standing::Unsure),
        ] {
            let budget = budget(&target(uptime, &Target::DOWN), &ten_days(unread), period(), now);
            assert_eq!(budget.standing, expected, "{uptime} {unread}");
        }
    }

    #[test]
    fn what_is_left_and_how_fast_it_goes_is_known() {
        let half = budget(&target("99", &Target::DOWN), &ten_days(0), period(), at(5, 0));
        assert_eq!((half.allowed.as_secs(), half.spent.as_secs(), half.left().as_secs()), (8_640, 3_600, 5_040));
        assert_eq!(half.over(), Duration::ZERO);
        assert!((half.burn.unwrap() - 3_600.0 / 4_320.0).abs() < 1e-9);
        assert_eq!(half.outages.len(), 1);
        assert_eq!(half.measured.as_secs(), 5 * 86_400 - 7_200, "planned work is left out");
        assert_eq!(half.uptime().unwrap().to_string(), "99.1525");
        let all = budget(&target("100", &Target::DOWN), &ten_days(0), period(), at(5, 0));
        assert_eq!((all.burn, all.standing), (None, Standing::Broken), "no budget burns at no pace");
    }

    #[test]
    fn planned_work_counts_where_that_was_agreed_on() {
        let counts = [Level::UnderMaintenance, Level::PartialOutage, Level::MajorOutage];
        let budget = budget(&target("99", &counts), &ten_days(0), period(), at(10, 0));
        assert_eq!(budget.spent.as_secs(), 3_600 + 7_200);
        assert_eq!(budget.measured, period().length());
        assert_eq!((budget.standing, budget.over().as_secs()), (Standing::Broken, 2_160));
    }

    #[test]
    fn time_that_no_span_covers_was_not_observed() {
        let budget = budget(&target("99", &Target::DOWN), &[], period(), at(10, 0));
        assert_eq!((budget.unseen, budget.standing, budget.uptime()), (period().length(), Standing::Unsure, None));
    }
}
