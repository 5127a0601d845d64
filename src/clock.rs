//! The only reader of the clock; tests set it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::model::state::Now;

/// Where the monotonic clock stands when the program starts, so that it also has room for what was before.
const START: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

/// Tells the time on both clocks. Clones share it.
#[derive(Debug, Clone)]
pub struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    System { started: Instant },
    Set(Arc<Mutex<Now>>),
}

impl Clock {
    /// The machine's own.
    pub fn system() -> Self {
        Self(Kind::System { started: Instant::now() })
    }

    /// One that stands at `wall` until it is moved.
    pub fn set_to(wall: Timestamp) -> Self {
        Self(Kind::Set(Arc::new(Mutex::new(Now { wall, mono: START }))))
    }

    /// The present moment on both clocks.
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask")]
    pub fn now(&self) -> Now {
        match &self.0 {
            Kind::System { started } => Now { wall: Timestamp::now(), mono: START + started.elapsed() },
            Kind::Set(now) => *now.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Moves both clocks of a set one forward; the system's is left alone.
    pub fn advance(&self, by: Duration) {
        if let Kind::Set(now) = &self.0 {
            let mut now = now.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            now.mono += by;
            now.wall = now.wall.checked_add(by).unwrap_or(Timestamp::MAX);
        }
    }

    /// Moves only the wall clock of a set one, as a machine's clock jumps; the system's is left alone.
    pub fn jump_to(&self, wall: Timestamp) {
        if let Kind::Set(now) = &self.0 {
            now.lock().unwrap_or_else(std::sync::PoisonError::into_inner).wall = wall;
        }
    }
}
