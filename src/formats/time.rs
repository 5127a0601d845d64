//! Times as upstreams write them.

use jiff::Timestamp;

/// What came of reading a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The time; `None` where it is impossible or out of range.
    pub at: Option<Timestamp>,
    /// What had to be assumed, or why there is no time.
    pub warning: Option<String>,
}

/// Reads a time of something that has happened: not before 2000, not over ten minutes after `now`.
pub fn past(_raw: &str, _now: Timestamp) -> Read {
    unimplemented!()
}

/// Reads a planned time: not before 2000, not over two years after `now`.
pub fn planned(_raw: &str, _now: Timestamp) -> Read {
    unimplemented!()
}
