//! One place: waits for a change or for the next sign of life, makes the site, puts it, and tries again where that fails.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::publication::{Done, Publication, Removal};
use super::site::{Site, SiteError};
use super::target::{Target, TargetError};
use super::{Shared, caching};
use crate::limits;
use crate::model::outlet::Outlet;
use crate::model::snapshot::Snapshot;
use crate::telemetry::Failing;

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
enum LaneError {
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error("it did not end within {} s", limits::PUBLISH_ROUND.as_secs())]
    TooSlow,
    #[error("making the files failed: {0}")]
    Task(#[from] tokio::task::JoinError),
    #[error("the page is private, and this place may have only public ones")]
    Private,
}

/// One place.
pub(super) struct Lane {
    shared: Shared,
    outlet: Arc<Outlet>,
    name: String,
    publication: Option<Publication>,
    /// What was published last.
    published: Option<Arc<Snapshot>>,
    whole_at: Instant,
    failing: Option<Failing>,
    failures: u32,
}

impl Lane {
    /// One that has published nothing yet.
    pub fn new(shared: Shared, outlet: Arc<Outlet>) -> Self {
        let name = outlet.place.to_string();
        let whole_at = Instant::now() + limits::PUBLISH_WHOLE;
        Self { shared, outlet, name, publication: None, published: None, whole_at, failing: None, failures: 0 }
    }

    /// Publishes until `stop`, or until the writer of snapshots is gone. What is on its way then is broken off: every file
    /// is whole, and the next start goes on.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut not_before = Instant::now();
        let mut beat_at = not_before;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                due = self.due(not_before, beat_at) => if !due { return },
            }
            let began = Instant::now();
            let snapshot = self.shared.latest.borrow_and_update().clone();
            let came = tokio::select! {
                () = stop.cancelled() => return,
                came = self.publish(&snapshot) => came,
            };
            let failed = came.is_err();
            self.tell(came);
            if failed {
                not_before = Instant::now() + self.patience();
                beat_at = not_before;
            } else {
                self.published = Some(snapshot);
                not_before = began + self.outlet.every;
                beat_at = began + limits::HEARTBEAT;
            }
        }
    }

    /// Waits until there is something to publish: a change, not before the one moment, or the other moment. False: nothing
    /// will change any more.
    async fn due(&mut self, not_before: Instant, beat_at: Instant) -> bool {
        loop {
            let changed = {
                let newest = self.shared.latest.borrow_and_update();
                self.failures == 0 && self.published.as_ref().is_some_and(|published| !published.says_the_same(&newest))
            };
            let at = if changed { not_before.min(beat_at) } else { beat_at };
            tokio::select! {
                () = sleep_until(at) => return true,
                news = self.shared.latest.changed(), if !changed => if news.is_err() { return false },
            }
        }
    }

    async fn publish(&mut self, snapshot: &Arc<Snapshot>) -> Result<Done, LaneError> {
        // The configuration is refused where it says so; the page may be newer than the plan for a moment.
        if snapshot.page.private && !self.outlet.private {
            return Err(LaneError::Private);
        }
        let (pages, of) = (Arc::clone(&self.shared.pages), Arc::clone(snapshot));
        let site = tokio::task::spawn_blocking(move || Site::of(&pages, &of)).await??;
        let publication = match &mut self.publication {
            Some(publication) => publication,
            none => {
                let target = Target::open(&self.outlet.place)?;
                none.insert(Publication::new(target, caching(self.outlet.cache), Removal::NextRound))
            }
        };
        if Instant::now() >= self.whole_at {
            self.whole_at = Instant::now() + limits::PUBLISH_WHOLE;
            publication.forget();
        }
        timeout(limits::PUBLISH_ROUND, publication.round(&site))
            .await
            .map_err(|_| LaneError::TooSlow)?
            .map_err(Into::into)
    }

    /// Says in log, figures and signs of life what came of it.
    fn tell(&mut self, came: Result<Done, LaneError>) {
        let now = self.shared.clock.now().wall;
        match came {
            Ok(done) => {
                self.shared.metrics.published(&self.name, done.put, now);
                if self.failing.take().is_some() {
                    tracing::info!(place = self.name, "published again");
                } else if self.published.is_none() {
                    tracing::info!(place = self.name, files = done.put, "published");
                }
                tracing::debug!(place = self.name, put = done.put, removed = done.removed, "published");
                self.failures = 0;
            }
            Err(error) => {
                self.shared.metrics.publishing_failed(&self.name);
                self.failures = self.failures.saturating_add(1);
                let since = self.failing.as_ref().map_or(now, |failing| failing.since);
                tracing::warn!(place = self.name, %error, again_in = ?self.patience(), "could not be published");
                self.failing = Some(Failing { since, problem: error.to_string() });
            }
        }
        self.shared.pulse.set_place(&self.name, self.failing.clone());
    }

    /// How long to wait after so many failures in a row.
    fn patience(&self) -> Duration {
        let doubled = 2_u32.saturating_pow(self.failures.saturating_sub(1).min(16));
        limits::PUBLISH_RETRY.saturating_mul(doubled).min(limits::PUBLISH_RETRY_CEILING)
    }
}
