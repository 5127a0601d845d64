//! What allclear says about itself: log lines, figures, traces, and the pulse that tells whether it is fit to be believed.

mod export;
mod exposition;
mod log;
mod metrics;
mod present;
mod process;
pub mod trace;

pub use exposition::Form;
pub use log::{Look, Started, start};
pub use metrics::{Metrics, Scrape};
pub use present::Drawn;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Signs of life that several parts write and `/readyz` reads.
#[derive(Debug, Default)]
pub struct Pulse {
    scheduler_ms: AtomicU64,
    store: Mutex<Option<String>>,
    configuration: Mutex<Option<String>>,
    channels: Mutex<BTreeMap<String, Failing>>,
    telling: Mutex<Option<String>>,
    places: Mutex<BTreeMap<String, Failing>>,
}

/// A channel that takes no messages, or a place to which nothing can be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Since when.
    pub since: Timestamp,
    /// What it answered last, or why it did not.
    pub problem: String,
}

impl Pulse {
    /// The scheduler is alive at this moment of the monotonic clock.
    pub fn beat(&self, mono: Duration) {
        self.scheduler_ms.store(u64::try_from(mono.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How long the scheduler has given no sign of life; nothing while it has not begun.
    pub fn silence(&self, mono: Duration) -> Duration {
        match self.scheduler_ms.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            beat => mono.saturating_sub(Duration::from_millis(beat)),
        }
    }

    /// Sets or clears what is wrong with the store.
    pub fn set_store(&self, problem: Option<String>) {
        *self.store.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = problem;
    }

    /// What is wrong with the store.
    pub fn store(&self) -> Option<String> {
        self.store.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Sets or clears why the changed configuration was refused.
    pub fn set_configuration(&self, problem: Option<String>) {
        *self.configuration.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = problem;
    }

    /// Sets or clears what is wrong with a channel.
    pub fn set_channel(&self, channel: &str, failing: Option<Failing>) {
        let mut channels = self.channels.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match failing {
            Some(failing) => drop(channels.insert(channel.to_owned(), failing)),
            None => drop(channels.remove(channel)),
        }
    }

    /// Forgets what was wrong with channels that are no more.
    pub fn keep_channels(&self, is_there: impl Fn(&str) -> bool) {
        let mut channels = self.channels.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        channels.retain(|id, _| is_there(id));
    }

    /// Channels that take no messages, by id.
    pub fn channels(&self) -> BTreeMap<String, Failing> {
        self.channels.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Sets or clears why nobody can be told of anything.
    pub fn set_telling(&self, problem: Option<String>) {
        *self.telling.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = problem;
    }

    /// Why nobody can be told of anything.
    pub fn telling(&self) -> Option<String> {
        self.telling.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Sets or clears what is wrong with a place to which the page is published.
    pub fn set_place(&self, place: &str, failing: Option<Failing>) {
        let mut places = self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match failing {
            Some(failing) => drop(places.insert(place.to_owned(), failing)),
            None => drop(places.remove(place)),
        }
    }

    /// Forgets what was wrong with places to which nothing is published any more.
    pub fn keep_places(&self, is_there: impl Fn(&str) -> bool) {
        self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner).retain(|place, _| is_there(place));
    }

    /// Places to which nothing can be published.
    pub fn places(&self) -> BTreeMap<String, Failing> {
        self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Why the changed configuration was refused.
    pub fn configuration(&self) -> Option<String> {
        self.configuration.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
