//! When to read a source next.

use std::time::Duration;

use jiff::Timestamp;

use crate::limits;
use crate::model::source::{FailureKind, Source};
use crate::model::state::Transport;

/// How a reading went, as far as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A good reading.
    Good {
        /// Something that counts is wrong there now.
        in_trouble: bool,
        /// It was made because the vendor said that something changed.
        nudged: bool,
    },
    /// A failed one.
    Failed {
        /// Failures in a row, this one included.
        failures: u32,
        /// The upstream asked for this wait.
        retry_after: Option<Duration>,
        /// Parsing took too long.
        overrun: bool,
    },
}

/// The wait until the next reading. `dice` is even in `0.0..1.0` and keeps sources out of step.
///
/// Good: the interval, or 30 s while something is wrong, ±10 %, never under the floor; the floor after a nudge.
/// Failed: exponential back-off with full jitter between the interval and 15 minutes, or longer
/// where the upstream asks for it.
pub fn next(source: &Source, outcome: Outcome, dice: f64) -> Duration {
    let dice = dice.clamp(0.0, 1.0);
    let floor = limits::interval_floor(source.host());
    match outcome {
        // What the vendor told us of may come late out of a cache on its side: it is looked for once more.
        Outcome::Good { nudged: true, .. } => floor,
        Outcome::Good { in_trouble, .. } => {
            let pace = if in_trouble { source.interval.min(limits::INTERVAL_IN_TROUBLE) } else { source.interval };
            pace.mul_f64(1.0 - limits::JITTER + 2.0 * limits::JITTER * dice).max(floor)
        }
        Outcome::Failed { overrun: true, .. } => limits::OVERRUN_WAIT,
        Outcome::Failed { failures, retry_after, .. } => {
            let ceiling = limits::BACKOFF_CEILING.max(source.interval);
            let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
            let most = floor.saturating_mul(doubled).max(source.interval).min(ceiling);
            let spread = most.saturating_sub(floor).mul_f64(dice);
            let wait = floor + spread;
            match retry_after {
                Some(asked) => wait.max(asked.min(limits::RETRY_AFTER_CEILING)),
                None => wait,
            }
        }
    }
}

/// What is left of a wait after the vendor said that something changed: nothing, but for the floor.
///
/// `since` is the time since the last reading ended.
pub fn nudged(source: &Source, left: Duration, since: Duration) -> Duration {
    left.min(limits::interval_floor(source.host()).saturating_sub(since))
}

/// True where a nudge may shorten the wait: not where the upstream itself asked for the wait, and not where reading
/// it costs too much. A back-off of ours gives way, down to the floor.
pub fn heeds_nudges(transport: &Transport, overrun: bool, now: Timestamp) -> bool {
    let asked = transport.not_before.is_some_and(|until| until > now);
    let limited = transport.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::RateLimited);
    !(asked || limited || overrun)
}

/// The wait before the first reading of a run, so that readings are spread from the first minute.
///
/// `share` is even in `0.0..1.0` and the same for a source on every start. A source that was never
/// read comes within seconds: `sources` of them at most so fast that the machine stays quiet.
pub fn first(source: &Source, never_read: bool, sources: usize, share: f64) -> Duration {
    let spread = if never_read {
        let all = Duration::from_millis(40).saturating_mul(u32::try_from(sources).unwrap_or(u32::MAX));
        all.min(source.interval)
    } else {
        source.interval
    };
    spread.mul_f64(share.clamp(0.0, 1.0))
}

/// An even number in `0.0..1.0` that is always the same for the same text.
pub fn share(text: &str) -> f64 {
    // FNV-1a, and its upper bits, since the lower ones of short texts are uneven.
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let upper = u32::try_from(mixed >> 32).unwrap_or(0);
    f64::from(upper) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::filter::Filter;
    use crate::model::id::SourceId;
    use crate::model::source::Failure;

    fn every(interval: u64) -> Source {
        Source {
            id: SourceId::new("a"),
            name: "A".into(),
            url: "https://a.example".into(),
            tags: Vec::new(),
            tier: crate::model::news::Tier::Normal,
            format: None,
            filter: Filter::default(),
            interval: Duration::from_secs(interval),
            target: None,
        }
    }

    #[test]
    fn a_calm_source_keeps_its_pace_and_one_in_trouble_is_read_more_often() {
        let calm = Outcome::Good { in_trouble: false, nudged: false };
        assert_eq!(next(&every(120), calm, 0.0), Duration::from_secs(108));
        assert_eq!(next(&every(120), calm, 1.0), Duration::from_secs(132));
        let trouble = Outcome::Good { in_trouble: true, nudged: false };
        assert_eq!(next(&every(120), trouble, 0.0), limits::INTERVAL_FLOOR);
        assert_eq!(next(&every(120), trouble, 1.0), Duration::from_secs(33));
    }

    #[test]
    fn a_nudge_brings_a_reading_forward_and_one_more_but_never_under_the_floor() {
        let (floor, hour) = (limits::INTERVAL_FLOOR, Duration::from_secs(3600));
        for (left, since, wait) in [
            (hour, hour, Duration::ZERO),
            (hour, Duration::ZERO, floor),
            (hour, Duration::from_secs(20), floor - Duration::from_secs(20)),
            (Duration::from_secs(3), Duration::from_secs(20), Duration::from_secs(3)),
        ] {
            assert_eq!(nudged(&every(3600), left, since), wait, "{left:?} {since:?}");
        }
        for in_trouble in [false, true] {
            assert_eq!(next(&every(3600), Outcome::Good { in_trouble, nudged: true }, 0.7), floor);
        }
    }

    #[test]
    fn a_wait_that_the_upstream_asked_for_is_not_shortened() {
        let now: Timestamp = "2026-01-02T03:00:00Z".parse().unwrap();
        let failed = |kind| Transport {
            failure: Some(Failure { kind, message: String::new() }),
            failures: 3,
            ..Transport::default()
        };
        let asked = Transport { not_before: Some(now + jiff::SignedDuration::from_mins(5)), ..Transport::default() };
        let passed = Transport { not_before: Some(now), ..Transport::default() };
        for (transport, overrun, heeds) in [
            (Transport::default(), false, true),
            (Transport::default(), true, false),
            (failed(FailureKind::Broken), false, true),
            (failed(FailureKind::RateLimited), false, false),
            (asked, false, false),
            (passed, false, true),
        ] {
            assert_eq!(heeds_nudges(&transport, overrun, now), heeds, "{transport:?} {overrun}");
        }
    }

    #[test]
    fn failures_back_off_to_the_ceiling_and_never_under_the_floor() {
        for failures in [1, 2, 5, 40, u32::MAX] {
            for dice in [0.0, 0.5, 1.0] {
                let wait = next(&every(120), Outcome::Failed { failures, retry_after: None, overrun: false }, dice);
                assert!(
                    wait >= limits::INTERVAL_FLOOR && wait <= limits::BACKOFF_CEILING,
                    "{failures} {dice} {wait:?}"
                );
            }
        }
        let long = Outcome::Failed { failures: 40, retry_after: None, overrun: false };
        assert_eq!(next(&every(120), long, 1.0), limits::BACKOFF_CEILING);
    }

    #[test]
    fn what_the_upstream_asks_for_is_obeyed_up_to_six_hours() {
        let asked =
            |seconds| Outcome::Failed { failures: 1, retry_after: Some(Duration::from_secs(seconds)), overrun: false };
        assert_eq!(next(&every(60), asked(3600), 0.3), Duration::from_secs(3600));
        assert_eq!(next(&every(60), asked(999_999), 0.3), limits::RETRY_AFTER_CEILING);
    }

    #[test]
    fn first_readings_are_spread_evenly() {
        let source = every(120);
        let mut buckets = [0_u32; 12];
        for number in 0..1200 {
            let wait = first(&source, false, 1200, share(&format!("vendor-{number}")));
            buckets[usize::try_from(wait.as_secs() / 10).unwrap().min(11)] += 1;
        }
        assert!(buckets.iter().all(|count| (60..=140).contains(count)), "{buckets:?}");
        assert!(first(&source, true, 25, 0.999) <= Duration::from_secs(1));
    }
}
