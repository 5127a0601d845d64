//! Hashing off the async threads, few at a time: each takes memory and time on purpose.

use super::super::App;
use super::super::error::Fail;
use crate::auth::password;
use crate::model::people::Hidden;

/// Whether this is the password of that hash; takes as long without one.
///
/// # Errors
/// Where too many wait.
pub(super) async fn verify(app: &App, shown: String, hash: Option<Hidden>) -> Result<bool, Fail> {
    run(app, move || password::verify(&shown, hash.as_ref().map(Hidden::reveal))).await
}

/// The hash to keep of a password.
///
/// # Errors
/// Where too many wait, or the system has no random bytes or memory.
pub(super) async fn hash(app: &App, chosen: String) -> Result<Hidden, Fail> {
    let hashed = run(app, move || password::hash(&chosen)).await?;
    hashed.map(Hidden::new).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Fail::Internal
    })
}

async fn run<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fail> {
    let auth = &app.0.auth;
    let Ok(_waiting) = auth.queue.try_acquire() else { return Err(Fail::Busy) };
    let Ok(permit) = auth.hashes.clone().acquire_owned().await else { return Err(Fail::Internal) };
    // The permit goes along: who hangs up in between makes no room for another hash.
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    done.await.map_err(|error| {
        tracing::error!(%error, "hashing failed");
        Fail::Internal
    })
}
