//! Limits of what readers may ask for, and of what is asked of them.

use std::time::Duration;

/// The link that says “it was me” is good for this long after the mail was asked for.
pub const CONFIRM_LINK: Duration = Duration::from_secs(48 * 3600);
/// Who never said that it was them is forgotten this long after they were last asked.
pub const UNCONFIRMED_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// Bytes of an e-mail address: what a mail server takes (RFC 5321) …
pub const MAIL_ADDRESS: usize = 254;
/// … and of what stands before its `@`.
pub const MAIL_LOCAL: usize = 64;
/// Subscribers that are added at once: the writer does nothing else meanwhile.
pub const IMPORTED: usize = 5_000;
/// Characters of a tag or an id that somebody wants to be told of.
pub const WANTED: usize = 200;
/// Requests of one address, or one network of version 6, for what is costly and open to everybody, in a minute.
pub const COSTLY_A_MINUTE: u32 = 60;
/// Addresses whose requests are counted; the oldest make room.
pub const COSTLY_COUNTED: usize = 10_000;
/// Bytes of what a mail provider says of messages that came back.
pub const BOUNCES_BODY: usize = 256 << 10;
/// Bytes of what an assistant asks at once: a name or a few filters.
pub const MCP_BODY: usize = 64 << 10;
/// Things in one list of an answer to an assistant: more is noise there, and it can ask again with a filter.
pub const MCP_LIST: usize = 20;
/// Sources in a list of nothing but their names and states.
pub const MCP_SOURCES: usize = 100;
/// Components, incidents or updates beside one thing of such a list.
pub const MCP_PARTS: usize = 8;
/// Characters of a vendor's words in such a list.
pub const MCP_WORDS: usize = 300;
/// Updates of one incident that is asked for.
pub const MCP_UPDATES: usize = 20;
/// Characters of one of them.
pub const MCP_UPDATE: usize = 2_000;
/// Characters of an answer's text.
pub const MCP_TEXT: usize = 24_000;
/// Incidents of the past that one question looks through for what its filters ask.
pub const MCP_LOOKED_AT: usize = 500;
