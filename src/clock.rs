//! The only reader of the clock; tests set it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::model::state::Now;

/// Where the monotonic clock stands when the program starts, so that it also has room for what was before.
const START: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

/// Tells the time on both clocks. Clones share it.
#[derive(Debug, Clone)]
pub struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    System { started: Instant },
    Set(Arc<watch::Sender<Now>>),
}

impl Clock {
    /// The machine's own.
    pub fn system() -> Self {
        Self(Kind::System { started: Instant::now() })
    }

    /// One that stands at `wall` until it is moved.
    pub fn set_to(wall: Timestamp) -> Self {
        Self(Kind::Set(Arc::new(watch::Sender::new(Now { wall, mono: START }))))
    }

    /// The present moment on both clocks.
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask")]
    pub fn now(&self) -> Now {
        match &self.0 {
            Kind::System { started } => Now { wall: Timestamp::now(), mono: START + started.elapsed() },
            Kind::Set(now) => *now.borrow(),
        }
    }

    /// Lets this much time pass on the monotonic clock; on a set one until somebody has moved it so far.
    pub async fn sleep(&self, wait: Duration) {
        match &self.0 {
            Kind::System { .. } => tokio::time::sleep(wait).await,
            Kind::Set(now) => {
                let until = now.borrow().mono.saturating_add(wait);
                // The sender is held here: the wait ends by time alone.
                let _ = now.subscribe().wait_for(|now| now.mono >= until).await;
            }
        }
    }

    /// Moves both clocks of a set one forward; the system's is left alone.
    pub fn advance(&self, by: Duration) {
        if let Kind::Set(now) = &self.0 {
            now.send_modify(|now| {
                now.mono += by;
                now.wall = now.wall.checked_add(by).unwrap_or(Timestamp::MAX);
            });
        }
    }

    /// Moves only the wall clock of a set one, as a machine's clock jumps; the system's is left alone.
    pub fn jump_to(&self, wall: Timestamp) {
        if let Kind::Set(now) = &self.0 {
            now.send_modify(|now| now.wall = wall);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn a_set_clock_wakes_who_waits_for_it_when_it_is_moved_far_enough() {
        let clock = Clock::set_to(Timestamp::UNIX_EPOCH);
        let mut sleep = pin!(clock.sleep(Duration::from_secs(60)));
        let mut poll = || sleep.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(poll(), Poll::Pending);
        clock.advance(Duration::from_secs(59));
        assert_eq!(poll(), Poll::Pending);
        clock.jump_to(Timestamp::MAX);
        assert_eq!(poll(), Poll::Pending, "only the wall clock was set");
        clock.advance(Duration::from_secs(1));
        assert_eq!(poll(), Poll::Ready(()));
    }
}
