//! The one-time code with which the first account is made. It is in the log of this start and nowhere else.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::super::App;
use crate::auth::random;
use crate::limits;

/// The digest of the code, and until when it counts on the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Code(Mutex<Option<(String, Duration)>>);

/// Says in the log how the first account is made, where there is none and passwords are used.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn announce(app: &App, at: &str) -> Result<(), random::RandomError> {
    if !app.people().accounts.is_empty() || !app.sign_on().passwords {
        return Ok(());
    }
    let code = random::secret()?;
    let until = app.0.clock.now().mono.saturating_add(limits::SET_UP);
    let mut held = app.0.auth.code.0.lock().unwrap_or_else(PoisonError::into_inner);
    *held = Some((random::digest(&code), until));
    let snapshot = app.0.ready.load().snapshot.clone();
    let base = snapshot.page.url.as_deref().unwrap_or(at);
    tracing::warn!(target: crate::telemetry::trace::PRIVATE, "nobody can sign in yet: make the first account at {base}/admin/setup?code={code} within an hour");
    Ok(())
}

/// Whether this code counts now: there is no account, and the hour is not over.
pub(super) fn is_good(app: &App, code: &str) -> bool {
    let held = app.0.auth.code.0.lock().unwrap_or_else(PoisonError::into_inner);
    let now = app.0.clock.now().mono;
    let good = held.as_ref().is_some_and(|(digest, until)| now < *until && random::same(digest, &random::digest(code)));
    good && app.people().accounts.is_empty()
}

/// It has been used.
pub(super) fn spend(app: &App) {
    *app.0.auth.code.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
