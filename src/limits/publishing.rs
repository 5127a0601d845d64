//! Limits of what is published elsewhere.

use std::time::Duration;

/// A changed page is published no sooner than this after the last time …
pub const PUBLISH_EVERY: Duration = Duration::from_secs(10);
/// … which no configuration makes shorter: object stores charge for every file …
pub const PUBLISH_FLOOR: Duration = Duration::from_secs(2);
/// … or longer than the time between two signs of life.
pub const PUBLISH_CEILING: Duration = HEARTBEAT;
/// What is published is made anew so often although nothing changed, so that its age can be believed.
pub const HEARTBEAT: Duration = Duration::from_secs(60);
/// A published page that is older says that it has grown old: some heartbeats, an upload and a cache may be late.
pub const PUBLISHED_OLD: Duration = Duration::from_secs(5 * 60);
/// How long others may keep what was published before they ask again, at most: it adds to the age of all they show.
pub const PUBLISH_CACHE: Duration = Duration::from_secs(60);
/// Everything is published anew so often, in case somebody changed what lies there.
pub const PUBLISH_WHOLE: Duration = Duration::from_secs(24 * 3600);
/// The wait after a failure, which doubles with each …
pub const PUBLISH_RETRY: Duration = Duration::from_secs(5);
/// … up to this.
pub const PUBLISH_RETRY_CEILING: Duration = Duration::from_secs(5 * 60);
/// One request to an object store, whole.
pub const PUBLISH_REQUEST: Duration = Duration::from_secs(30);
/// One round of publishing, whole; the next one goes on where it ended.
pub const PUBLISH_ROUND: Duration = Duration::from_secs(5 * 60);
/// Files on their way to an object store at a time.
pub const PUBLISH_AT_ONCE: usize = 8;
/// Bytes of the list of what was published, as it is read back.
pub const PUBLISH_MANIFEST: u64 = 16 << 20;
