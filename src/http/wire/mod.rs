//! The JSON shapes of the public API, apart from the model so that neither bends the other.

pub mod event;
pub mod incident;
pub mod source;
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

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// In order.
    pub items: Vec<T>,
    /// Give this back as `cursor` to get the next part; null at the end.
    pub next: Option<String>,
}

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem<'a> {
    /// `about:blank`: the status says what kind it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: &'a str,
    /// The request's id, as in the header `x-request-id`.
    pub request_id: &'a str,
}
