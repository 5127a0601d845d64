//! Budgets: requests in flight to a host and to an address, and time between starts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits;

/// Idle budgets are forgotten once there are more than this many.
const KEPT: usize = 1_024;

/// The budgets of everybody.
#[derive(Debug)]
pub struct Limiter {
    spacing: Option<DefaultKeyedRateLimiter<String>>,
    hosts: Mutex<HashMap<String, Arc<Slot>>>,
    addresses: Mutex<HashMap<IpAddr, Arc<Slot>>>,
}

#[derive(Debug)]
struct Slot {
    free: Arc<Semaphore>,
    size: usize,
    waiting: AtomicUsize,
}

/// A place in the budgets of one host and one address; given back when dropped.
#[derive(Debug)]
pub struct Permit {
    _host: Option<OwnedSemaphorePermit>,
    _address: Option<OwnedSemaphorePermit>,
}

/// How the budget of a host stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostBudget {
    /// The host's name.
    pub host: String,
    /// Requests in flight.
    pub in_flight: usize,
    /// Requests that wait for a place.
    pub waiting: usize,
}

impl Limiter {
    /// Budgets with this time between starts to one host; none where it is zero.
    pub fn new(spacing: Duration) -> Self {
        let quota = Quota::with_period(spacing).map(|quota| quota.allow_burst(NonZeroU32::MIN));
        Self { spacing: quota.map(RateLimiter::keyed), hosts: Mutex::default(), addresses: Mutex::default() }
    }

    /// Waits for a place, first come first served. Dropping the wait gives it up.
    pub async fn acquire(&self, host: &str, address: Option<IpAddr>) -> Permit {
        let by_host = take(slot(&self.hosts, host.to_owned(), limits::PER_HOST)).await;
        let by_address = match address {
            Some(address) => take(slot(&self.addresses, address, limits::PER_ADDRESS)).await,
            None => None,
        };
        if let Some(spacing) = &self.spacing {
            spacing.until_key_ready(&host.to_owned()).await;
            if spacing.len() > KEPT {
                spacing.retain_recent();
            }
        }
        Permit { _host: by_host, _address: by_address }
    }

    /// How the budgets stand, by host.
    pub fn budgets(&self) -> Vec<HostBudget> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut budgets: Vec<HostBudget> = hosts
            .iter()
            .map(|(host, slot)| HostBudget {
                host: host.clone(),
                in_flight: slot.size.saturating_sub(slot.free.available_permits()),
                waiting: slot.waiting.load(Ordering::Relaxed),
            })
            .collect();
        budgets.sort_by(|a, b| a.host.cmp(&b.host));
        budgets
    }
}

fn slot<K: std::hash::Hash + Eq>(slots: &Mutex<HashMap<K, Arc<Slot>>>, key: K, size: usize) -> Arc<Slot> {
    let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
    if slots.len() > KEPT {
        slots.retain(|_, slot| Arc::strong_count(slot) > 1 || slot.free.available_permits() < slot.size);
    }
    let fresh = || Arc::new(Slot { free: Arc::new(Semaphore::new(size)), size, waiting: AtomicUsize::new(0) });
    Arc::clone(slots.entry(key).or_insert_with(fresh))
}

async fn take(slot: Arc<Slot>) -> Option<OwnedSemaphorePermit> {
    struct Waiting(Arc<Slot>);
    impl Drop for Waiting {
        fn drop(&mut self) {
            self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
    slot.waiting.fetch_add(1, Ordering::Relaxed);
    let waiting = Waiting(slot);
    // The semaphore is never closed, so this never fails.
    Arc::clone(&waiting.0.free).acquire_owned().await.ok()
}
