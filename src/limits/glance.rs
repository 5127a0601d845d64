//! Limits of what other pages and screens show of us: badges, strips, pictures.

use std::time::Duration;

/// A snapshot that is older than this is no evidence of the present: the writer makes a new one every few seconds, and
/// the page's own script says so after the same time.
pub const SNAPSHOT_OLD: Duration = Duration::from_secs(2 * 60);
/// Characters of either half of a badge: a longer one is wider than the text that it stands in.
pub const BADGE_TEXT: usize = 60;
/// What is not as it should be and is named in an embedded strip; the rest is counted.
pub const STRIP_ITEMS: usize = 8;
/// Troubles that stay on a wall at a time: nine fit so that they can be read from afar.
pub const WALL_TROUBLES: usize = 9;
/// Pictures that are kept over snapshots, of about 40 KB each: link previews ask for few.
pub const PICTURES: usize = 64;
/// Characters of a picture's largest line; it has room for fewer.
pub const PICTURE_TEXT: usize = 160;
