//! Limits of what is remembered, and of what is looked at of it at once.

use std::time::Duration;

/// How hard versions of the page are packed.
pub const PAST_EFFORT: i32 = 9;
/// Differences in a row before a version is kept whole again: what reading one version costs at most.
pub const PAST_CHAIN: usize = 96;
/// Bytes of differences and their leaf's name in one row: with what belongs to it, a page of the file.
pub const PAST_ROW: usize = 3_950;
/// Bytes of the versions of one source, or of one incident: whoever changes all the time cannot fill the disk.
pub const PAST_OF_LEAF: u64 = 4 << 20;
/// Bytes of the versions of the page as a whole: a million changes.
pub const PAST_OF_PAGE: u64 = 128 << 20;
/// Pages that wait for a disk that takes nothing.
pub const PAGES_WAITING: usize = 200;
/// A silence shorter than this is a restart, and not told as one.
pub const ASLEEP: Duration = Duration::from_secs(60);
/// A day.
pub const DAY: Duration = Duration::from_secs(24 * 3600);
/// Events that the timeline of one incident looks at.
pub const TIMELINE: usize = 1_000;
/// Days on one page of the history.
pub const HISTORY_DAYS: i64 = 14;
/// Incidents, and as many maintenances, on it.
pub const HISTORY_ITEMS: usize = 300;
/// States are remembered this long, for figures: three years and a month, to compare a year with the one before.
pub const MARKS_KEPT: Duration = Duration::from_secs(1_126 * 24 * 3600);
/// Of all sources together, what is over and began this long before a window is not looked for in it.
pub const LONGEST_LOOKED_FOR: Duration = Duration::from_secs(120 * 24 * 3600);
/// How long a page waits for what it can go without: a disk that takes for ever keeps nobody waiting.
pub const READ_PATIENCE: Duration = Duration::from_secs(2);
