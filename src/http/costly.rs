//! What is costly and open to everybody is limited: so many requests of one address in a minute.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::App;
use super::auth::Caller;
use super::error::Fail;
use crate::auth::throttle;
use crate::limits;

/// How long requests are counted together.
const MINUTE: Duration = Duration::from_secs(60);

/// Requests of the last minute, by address; one network of version 6 is one address.
#[derive(Debug, Default)]
pub(super) struct Costly(Mutex<HashMap<IpAddr, Counted>>);

#[derive(Debug, Clone, Copy)]
struct Counted {
    since: Duration,
    requests: u32,
}

impl Costly {
    /// Counts a request; `Err` says after how many seconds the next one is heard.
    fn count(&self, address: Option<IpAddr>, now: Duration) -> Result<(), u64> {
        let address = throttle::network(address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |counted: &Counted| now.saturating_sub(counted.since) >= MINUTE;
        if !all.contains_key(&address) && all.len() >= limits::COSTLY_COUNTED {
            all.retain(|_, counted| !is_over(counted));
            if all.len() >= limits::COSTLY_COUNTED {
                let oldest = all.iter().min_by_key(|(_, counted)| counted.since).map(|(address, _)| *address);
                oldest.and_then(|address| all.remove(&address));
            }
        }
        let counted = all.entry(address).or_insert(Counted { since: now, requests: 0 });
        if is_over(counted) {
            *counted = Counted { since: now, requests: 0 };
        }
        if counted.requests >= limits::COSTLY_A_MINUTE {
            let passed = now.saturating_sub(counted.since);
            return Err(MINUTE.saturating_sub(passed).as_secs().saturating_add(1));
        }
        counted.requests = counted.requests.saturating_add(1);
        Ok(())
    }
}

impl App {
    /// Counts a request for what is costly and open to everybody.
    ///
    /// # Errors
    /// Where its address asked for too much within the minute.
    pub(super) fn costly(&self, caller: &Caller) -> Result<(), Fail> {
        self.0.costly.count(caller.address(), self.0.clock.now().mono).map_err(Fail::Often)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn s29_sixty_a_minute_are_heard_of_each_address_and_no_more() {
        let costly = Costly::default();
        let heard = |who: &str, second: u64| {
            let now = Duration::from_secs(second);
            (0..1_000).filter(|_| costly.count(address(who), now).is_ok()).count()
        };
        assert_eq!(heard("203.0.113.1", 0), 60);
        assert_eq!(heard("203.0.113.1", 59), 0);
        assert_eq!(heard("203.0.113.2", 59), 60, "another's requests are another's");
        assert_eq!(heard("203.0.113.1", 60), 60);
        assert_eq!(costly.count(address("203.0.113.1"), Duration::from_secs(90)), Err(31));
        assert_eq!(heard("2001:db8::1", 0) + heard("2001:db8::2", 0), 60, "one network is one address");
    }

    #[test]
    fn s29_many_addresses_take_no_more_room_than_there_is() {
        let costly = Costly::default();
        for one in 0..u32::try_from(limits::COSTLY_COUNTED).unwrap() + 100 {
            let address = IpAddr::V4(Ipv4Addr::from_bits(one));
            assert!(costly.count(Some(address), Duration::from_secs(u64::from(one) / 1_000)).is_ok());
        }
        assert_eq!(costly.0.lock().unwrap().len(), limits::COSTLY_COUNTED);
    }
}
