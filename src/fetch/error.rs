//! Why there is no answer, and what that says.

use std::error::Error as _;
use std::time::Duration;

use crate::limits;
use crate::model::source::FailureKind;

/// Why there is no answer. Messages hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    /// Which of the reader's next steps applies.
    pub kind: FailureKind,
    /// What happened.
    pub message: String,
    /// Do not ask again before this has passed: the server said so.
    pub retry_after: Option<Duration>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
}

impl FetchError {
    /// An error without a status.
    pub(super) fn of(kind: FailureKind, message: String) -> Self {
        Self { kind, message, retry_after: None, status: None }
    }

    /// What went wrong with a request that has no answer, or half of one.
    pub(super) fn of_request(error: &reqwest::Error) -> Self {
        let cause = cause(error);
        let certificate = cause.to_lowercase().contains("certificate");
        let (kind, what) = if error.is_timeout() {
            (FailureKind::Timeout, "no connection in time")
        } else if error.is_connect() && certificate {
            (FailureKind::Broken, "its certificate is not good")
        } else if error.is_connect() {
            (FailureKind::Unreachable, "no connection")
        } else if cause.contains("headers") && cause.contains("too") {
            (FailureKind::TooLarge, "too many headers")
        } else {
            (FailureKind::Broken, "the answer broke off or is no HTTP")
        };
        Self::of(kind, format!("{what}: {cause}"))
    }
}

/// The innermost reason, which is the one that says something.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    // Only the outermost error knows the address, and that one may hold secrets.
    let text = if error.source().is_none() { "no further reason given".to_owned() } else { inner.to_string() };
    text.chars().filter(|c| !c.is_control()).take(limits::TITLE).collect()
}
