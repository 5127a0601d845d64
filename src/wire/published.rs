//! The sign of life of a published page.

use serde::Serialize;

use super::Time;

/// When what is published was made, and when it has grown old. It is written after everything else.
#[derive(Debug, Serialize)]
pub struct Beat<'a> {
    /// When the present that is published was derived.
    pub generated_at: Time,
    /// A page older than this does not tell the present.
    pub old_after_seconds: u64,
    /// The state of the first line.
    pub state: &'static str,
    /// The first line.
    pub text: &'a str,
}
