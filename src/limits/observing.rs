//! Limits of what programs are told of this one: figures, traces and logs.

use std::time::Duration;

/// Components with figures, each of six series: what a small Prometheus takes from one target. The rest is counted.
pub const FIGURE_COMPONENTS: usize = 5_000;
/// Spans, and the same number of log records, that wait for a collector: some megabytes. What comes then is dropped.
pub const EXPORT_WAITING: usize = 2_048;
/// Of these, so many are sent at once.
pub const EXPORT_AT_ONCE: usize = 512;
/// A collector may take this long for them.
pub const EXPORT_TIME: Duration = Duration::from_secs(10);
/// When the program ends, what waits of each is sent within this, or not at all.
pub const EXPORT_LAST: Duration = Duration::from_secs(1);
