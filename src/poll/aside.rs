//! Work that takes time, off the async threads.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::model::source::FailureKind;

use super::Shared;
use super::fault::Fault;

/// Understands documents off the async threads, a few sources at a time, and outlives an adapter that panics or does
/// not end within `limit`. `format` is for the log.
///
/// # Errors
/// Where it did not end well.
pub async fn aside<T: Send + 'static>(
    format: &'static str,
    limit: Duration,
    shared: &Shared,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let Ok(permit) = Arc::clone(&shared.parsers).acquire_owned().await else {
        return Err(Fault::internal("the parsers have stopped"));
    };
    let work = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    });
    match timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::error!(format, %error, "an adapter panicked");
            shared.metrics.adapter_panic();
            Err(Fault::internal("internal error while reading the page"))
        }
        Err(_) => {
            let message = format!("took more than {} s to parse; it is tried once an hour", limit.as_secs());
            Err(Fault { overrun: true, ..Fault::new(FailureKind::TooLarge, message) })
        }
    }
}
