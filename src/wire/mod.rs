//! What other tools read: the shapes of the JSON API and the feeds, apart from the model so that neither bends the
//! other. Pure: a snapshot in, bytes out.

pub mod event;
pub(crate) mod feed;
pub mod incident;
pub mod past;
pub mod published;
pub mod source;
pub mod statuspage;
pub mod summary;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A moment: RFC 3339 in UTC, whole seconds.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-02T03:04:05Z")]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&format_args!("{:.0}", self.0))
    }
}

/// The same for a time that may not be known.
pub fn time(at: Option<Timestamp>) -> Option<Time> {
    at.map(Time)
}
