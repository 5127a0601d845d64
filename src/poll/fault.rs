//! Why a reading failed, as far as the next one depends on it.

use std::time::Duration;

use crate::fetch::FetchError;
use crate::formats::ParseError;
use crate::model::source::{Failure, FailureKind};

/// A failed reading.
#[derive(Debug)]
pub struct Fault {
    /// Why.
    pub failure: Failure,
    /// The upstream asked for this wait.
    pub retry_after: Option<Duration>,
    /// Parsing took too long.
    pub overrun: bool,
}

impl Fault {
    /// A failed reading of this kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { failure: Failure { kind, message: message.into() }, retry_after: None, overrun: false }
    }

    /// A fault of this program.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Internal, message)
    }
}

impl From<FetchError> for Fault {
    fn from(error: FetchError) -> Self {
        Self { retry_after: error.retry_after, ..Self::new(error.kind, error.message) }
    }
}

impl From<ParseError> for Fault {
    fn from(error: ParseError) -> Self {
        let kind = match error {
            ParseError::OverLimit { .. } => FailureKind::TooLarge,
            ParseError::NotThisFormat { .. } | ParseError::Broken { .. } | ParseError::NothingFound { .. } => {
                FailureKind::Unreadable
            }
        };
        Self::new(kind, error.to_string())
    }
}
