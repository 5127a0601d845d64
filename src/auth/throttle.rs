//! How long the next attempt to sign in must wait.
//!
//! Failures count three times: against the address, against the account from that address, and against the account
//! from anywhere. The last does not hold up an address from which the account was signed in to before: others' failures
//! do not lock its owner out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::random;
use crate::limits;
use crate::model::people::{Account, People, Throttle};

/// How keys begin that are about an account from anywhere.
const ACCOUNT: &str = "account ";
/// How keys begin that are about an account from one address.
const PAIR: &str = "pair ";

/// What an attempt counts against. `name` is what was typed, whether or not there is such an account.
pub fn keys(name: &str, account: Option<&Account>, address: Option<IpAddr>) -> Vec<String> {
    // A name is not kept as it was typed: people type passwords into the wrong field.
    let who = random::id_of(&random::digest(&format!("name {name}")));
    let Some(address) = address.map(network) else { return vec![format!("{ACCOUNT}{who}")] };
    let mut keys = vec![format!("address {address}"), format!("{PAIR}{who} {address}")];
    let at_home = account.is_some_and(|account| account.places.iter().any(|place| network(*place) == address));
    if !at_home {
        keys.push(format!("{ACCOUNT}{who}"));
    }
    keys
}

/// One household has one address, or a whole network of version 6.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
        four => four,
    }
}

/// When the next attempt is heard, where that is not now.
pub fn held_until(people: &People, keys: &[String], now: Timestamp) -> Option<Timestamp> {
    // A clock that was set back must not lock anybody out.
    let longest = now.saturating_add(SignedDuration::try_from(limits::THROTTLE_LONGEST).unwrap_or_default());
    let held = keys.iter().filter_map(|key| people.throttles.get(key)).map(|one| one.until);
    held.filter(|until| *until > now).max().map(|until| longest.map_or(until, |longest| until.min(longest)))
}

/// The throttle after one more failure.
pub fn failed(before: Option<&Throttle>, key: &str, now: Timestamp) -> Throttle {
    let failures = before.filter(|before| !is_forgotten(before, now)).map_or(0, |before| before.failures);
    let failures = failures.saturating_add(1);
    let wait = SignedDuration::try_from(wait(failures)).unwrap_or_default();
    Throttle { key: key.to_owned(), failures, at: now, until: now.saturating_add(wait).unwrap_or(now) }
}

/// True where the last failure is so long ago that it counts no more.
pub fn is_forgotten(throttle: &Throttle, now: Timestamp) -> bool {
    now.duration_since(throttle.at).unsigned_abs() > limits::THROTTLE_FORGOTTEN
}

/// Who was held up by others' failures, and since when: after the longest wait they are heard once, whatever others do
/// meanwhile.
#[derive(Debug, Default)]
pub struct Waiting(BTreeMap<String, Timestamp>);

impl Waiting {
    /// The keys that an attempt counts against: without the account's own for whoever has waited long enough for it.
    pub fn keys(&mut self, keys: Vec<String>, now: Timestamp) -> Vec<String> {
        let Some(pair) = keys.iter().find(|key| key.starts_with(PAIR)).cloned() else { return keys };
        let waited = self.0.get(&pair).is_some_and(|since| {
            let waited = now.duration_since(*since);
            !waited.is_negative() && waited.unsigned_abs() >= limits::THROTTLE_LONGEST
        });
        if !waited {
            return keys;
        }
        self.0.remove(&pair);
        keys.into_iter().filter(|key| !key.starts_with(ACCOUNT)).collect()
    }

    /// An attempt with these keys was held up.
    pub fn held(&mut self, keys: &[String], now: Timestamp) {
        let Some(pair) = keys.iter().find(|key| key.starts_with(PAIR)) else { return };
        if self.0.len() >= limits::THROTTLES {
            let oldest = self.0.iter().min_by_key(|(_, since)| **since).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.0.remove(&key));
        }
        self.0.entry(pair.clone()).or_insert(now);
    }
}

fn wait(failures: u32) -> Duration {
    match failures.checked_sub(limits::THROTTLE_FREE) {
        None => Duration::ZERO,
        Some(doublings) => {
            let seconds = 1_u64.checked_shl(doublings).filter(|seconds| *seconds > 0).unwrap_or(u64::MAX);
            Duration::from_secs(seconds).min(limits::THROTTLE_LONGEST)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::actor::Role;

    fn account(places: &[&str]) -> Account {
        Account {
            id: "a".into(),
            version: 1,
            name: "robin".into(),
            role: Role::Operator,
            password: None,
            factor: None,
            factor_required: false,
            disabled: false,
            invitation: None,
            delegated: None,
            places: places.iter().map(|place| place.parse().unwrap()).collect(),
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn second(second: u64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + i64::try_from(second).unwrap()).unwrap()
    }

    /// Attempts that are heard, out of one every so many milliseconds in turn from each address.
    fn heard(addresses: &[IpAddr], account: &Account, attempts: u64, every: Duration) -> usize {
        let mut people = People::default();
        let mut heard = 0;
        for attempt in 0..attempts {
            let now = second(0) + every * u32::try_from(attempt).unwrap();
            let address = addresses[usize::try_from(attempt).unwrap() % addresses.len()];
            let keys = keys("robin", Some(account), Some(address));
            if held_until(&people, &keys, now).is_some() {
                continue;
            }
            heard += 1;
            for key in keys {
                let next = failed(people.throttles.get(&key), &key, now);
                people.throttles.insert(key, next);
            }
        }
        heard
    }

    #[test]
    fn s18_a_thousand_attempts_from_fifty_addresses_are_few_hashes() {
        let addresses: Vec<IpAddr> = (1..=50).map(|n| format!("203.0.113.{n}").parse().unwrap()).collect();
        let heard = heard(&addresses, &account(&[]), 1_000, Duration::from_millis(600));
        assert!((5..=30).contains(&heard), "{heard}");
        let six: Vec<IpAddr> = (1..=50).map(|n| format!("2001:db8::{n:x}").parse().unwrap()).collect();
        assert!(super::tests::heard(&six, &account(&[]), 1_000, Duration::from_millis(600)) <= 30);
    }

    #[test]
    fn s18_it_waits_longer_and_longer_and_never_for_good() {
        for (failures, seconds) in
            [(1, 0), (4, 0), (5, 1), (6, 2), (10, 32), (14, 512), (15, 900), (100, 900), (u32::MAX, 900)]
        {
            assert_eq!(wait(failures), Duration::from_secs(seconds), "{failures}");
        }
        let mut one = failed(None, "k", second(0));
        for _ in 0..40 {
            one = failed(Some(&one), "k", one.until);
        }
        assert!(one.until.duration_since(one.at).as_secs() == 900);
        assert_eq!(failed(Some(&one), "k", one.at + limits::THROTTLE_FORGOTTEN * 2).failures, 1);
    }

    #[test]
    fn s18_others_failures_do_not_hold_up_the_owner_at_home() {
        let robin = account(&["198.51.100.7"]);
        let mut people = People::default();
        for _ in 0..40 {
            for key in keys("robin", Some(&robin), "203.0.113.9".parse().ok()) {
                let next = failed(people.throttles.get(&key), &key, second(0));
                people.throttles.insert(key, next);
            }
        }
        let at = |address: &str| held_until(&people, &keys("robin", Some(&robin), address.parse().ok()), second(1));
        assert!(at("203.0.113.9").is_some() && at("192.0.2.1").is_some());
        assert!(at("198.51.100.7").is_none(), "who signed in from there before is heard at once");
        let elsewhere = held_until(&people, &keys("kim", None, "192.0.2.1".parse().ok()), second(1));
        assert!(elsewhere.is_none(), "another account is not held up");
        assert!(at("192.0.2.1").unwrap() <= second(1 + 900), "nobody waits for longer than a quarter of an hour");
    }

    #[test]
    fn s18_who_is_held_up_by_others_is_heard_after_a_quarter_of_an_hour_whatever_they_do() {
        let (mut people, mut waiting) = (People::default(), Waiting::default());
        let mut heard_at = None;
        // Others take every chance for a day; the owner tries from a new place once a minute.
        for at in 0..86_400 {
            let now = second(at);
            let theirs = keys("robin", None, format!("203.0.113.{}", at % 250).parse().ok());
            if held_until(&people, &theirs, now).is_none() {
                for key in theirs {
                    let next = failed(people.throttles.get(&key), &key, now);
                    people.throttles.insert(key, next);
                }
            }
            if at >= 3_600 && at % 60 == 0 {
                let ours = waiting.keys(keys("robin", None, "192.0.2.1".parse().ok()), now);
                match held_until(&people, &ours, now) {
                    None => {
                        heard_at = Some(at);
                        break;
                    }
                    Some(_) => waiting.held(&ours, now),
                }
            }
        }
        assert!(heard_at.is_some_and(|at| at <= 3_600 + 900), "{heard_at:?}");
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let mut people = People::default();
        let one = Throttle { key: "k".into(), failures: 9, at: second(100_000_000), until: second(100_000_016) };
        people.throttles.insert("k".into(), one);
        let held = held_until(&people, &["k".to_owned()], second(0)).unwrap();
        assert!(held <= second(900));
    }
}
