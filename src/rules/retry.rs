//! When a message that was not received is tried again, and when it is given up.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::limits;

/// When to try again after `tries` attempts; `None`: it is given up. `wait` is what the receiver asked for.
///
/// The waits of `limits::RETRIES`, then every hour, for three days from `made_at`; each a little earlier or later, so
/// that what failed together does not come back together. The same for the same key and number of attempts.
pub fn next(key: &str, made_at: Timestamp, tries: u32, now: Timestamp, wait: Option<Duration>) -> Option<Timestamp> {
    let given_up = made_at.checked_add(limits::RETRY_FOR).unwrap_or(Timestamp::MAX);
    if now >= given_up {
        return None;
    }
    let place = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
    let usual = limits::RETRIES.get(place).copied().unwrap_or(limits::RETRY_EVERY);
    let usual = usual.mul_f64(1.0 + limits::RETRY_JITTER * chance(key, tries));
    // What the receiver asks for is no less than that.
    let wait = wait.map_or(usual, |asked| asked.max(usual));
    let at = now.checked_add(wait).unwrap_or(Timestamp::MAX);
    // One last attempt when the time is up, not a moment later.
    Some(at.min(given_up))
}

/// Between -1 and 1.
fn chance(key: &str, tries: u32) -> f64 {
    let digest = Sha256::digest(format!("{key}\n{tries}").as_bytes());
    let bytes = [digest.first(), digest.get(1)].map(|byte| f64::from(byte.copied().unwrap_or_default()));
    let [high, low] = bytes;
    (high * 256.0 + low) / 32_767.5 - 1.0
}

/// How long a lane waits after so many failures in a row, before it tries anything else: a channel that is down is not
/// asked by each of its messages in turn.
pub fn pause(failures: u32) -> SignedDuration {
    let seconds = i64::from(failures.min(12)).saturating_mul(5);
    SignedDuration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R35, with the clock simulated.
    #[test]
    fn a_dead_receiver_is_tried_for_three_days_and_then_given_up() {
        let made_at: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        for key in ["msg_1", "msg_2", "msg_3"] {
            let (mut now, mut waits) = (made_at, Vec::new());
            while let Some(at) = next(key, made_at, u32::try_from(waits.len()).unwrap() + 1, now, None) {
                waits.push(at.duration_since(now).as_secs_f64());
                now = at;
            }
            for (wait, usual) in waits.iter().zip([5.0, 30.0, 120.0, 600.0, 1_800.0, 3_600.0, 3_600.0]) {
                assert!((wait / usual - 1.0).abs() <= 0.21, "{key}: {wait} for {usual}");
            }
            assert_eq!(now, made_at + SignedDuration::from_hours(72), "{key}");
            assert!((60..=100).contains(&waits.len()), "{key}: {} attempts", waits.len());
        }
    }

    #[test]
    fn what_the_receiver_asks_for_is_obeyed() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let asked = Duration::from_secs(900);
        assert_eq!(next("k", now, 1, now, Some(asked)), Some(now + SignedDuration::from_secs(900)));
        assert!(next("k", now, 6, now, Some(asked)) > Some(now + SignedDuration::from_secs(2_800)));
    }
}
