//! What is known of a reading beside what it saw.

use jiff::Timestamp;

use crate::model::outline::Shape;
use crate::model::source::Source;

/// Everything about a reading that merging needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// As configured.
    pub source: &'a Source,
    /// The reading also fetched the upstream's history.
    pub with_history: bool,
    /// What its documents look like.
    pub shape: &'a Shape,
    /// The last good reading before it.
    pub good_at: Option<Timestamp>,
    /// When it was made.
    pub now: Timestamp,
}
