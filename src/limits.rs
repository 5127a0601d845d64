//! Every cap, pace and horizon, each with its reason. Nothing from outside is without one.

use std::time::Duration;

mod glance;
mod history;
mod observing;
mod publishing;
mod readers;
mod telling;

pub use glance::*;
pub use history::*;
pub use observing::*;
pub use publishing::*;
pub use readers::*;
pub use telling::*;

// --- How often -------------------------------------------------------------------------------

/// Time between readings of a calm source.
pub const INTERVAL: Duration = Duration::from_secs(120);
/// Time between readings while a source has an open incident that counts.
pub const INTERVAL_IN_TROUBLE: Duration = Duration::from_secs(30);
/// No configuration makes readings come faster than this.
pub const INTERVAL_FLOOR: Duration = Duration::from_secs(30);
/// The same for an address on this machine itself, where there is nobody to be polite to.
pub const INTERVAL_FLOOR_LOOPBACK: Duration = Duration::from_secs(1);
/// No configuration makes readings come slower than this: a day-old status is none.
pub const INTERVAL_CEILING: Duration = Duration::from_secs(24 * 3600);
/// Part of an interval by which a reading may come earlier or later, so that sources do not march in step.
pub const JITTER: f64 = 0.10;
/// A reading counts for this many paces …
pub const HORIZON_PACES: u32 = 3;
/// … at least this long, so that one lost reading is no alarm …
pub const HORIZON_FLOOR: Duration = Duration::from_secs(5 * 60);
/// … and at most this long, or for one pace and a half where the pace is longer.
pub const HORIZON_CEILING: Duration = Duration::from_secs(15 * 60);
/// The longest wait after failures in a row.
pub const BACKOFF_CEILING: Duration = Duration::from_secs(15 * 60);
/// The longest `Retry-After` that is obeyed.
pub const RETRY_AFTER_CEILING: Duration = Duration::from_secs(6 * 3600);
/// A source is asked without validators this often, in case a server is stuck on an old answer.
pub const FULL_READING_EVERY: Duration = Duration::from_secs(24 * 3600);
/// A page that was gone, or no longer what its format promises, so many times in a row is looked at anew …
pub const DRIFT_FAILURES: u32 = 3;
/// … and then not for this long, since it takes up to six requests.
pub const DRIFT_EVERY: Duration = Duration::from_secs(6 * 3600);
/// That a page is read in another way than before is said for this long.
pub const DRIFT_TOLD: Duration = Duration::from_secs(14 * 24 * 3600);
/// A hook's secret has at least so many characters: it is all that keeps strangers from setting the pace.
pub const HOOK_SECRET: usize = 16;
/// Characters of what is answered in a chat: less than any of them takes, and still read on a phone.
pub const BOT_ANSWER: usize = 3_000;
/// Incidents and sources that are named in a chat; the page has them all.
pub const BOT_LINES: usize = 15;
/// The longest time for which somebody may mute an incident from a chat.
pub const BOT_MUTE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Wait after a document took too long to parse.
pub const OVERRUN_WAIT: Duration = Duration::from_secs(3600);

// --- One guest of a host ----------------------------------------------------------------------

/// Requests in flight to one host name.
pub const PER_HOST: usize = 2;
/// Requests in flight to one address, behind however many names.
pub const PER_ADDRESS: usize = 8;
/// Time between the starts of two requests to one host name.
pub const HOST_SPACING: Duration = Duration::from_secs(1);

// --- One reading ------------------------------------------------------------------------------

/// Name lookup and connection.
pub const CONNECT: Duration = Duration::from_secs(5);
/// Status line and headers.
pub const FIRST_BYTE: Duration = Duration::from_secs(10);
/// The whole of one document.
pub const WHOLE_ANSWER: Duration = Duration::from_secs(20);
/// One document after decompression; the largest seen is 1.4 MB.
pub const DOCUMENT_BYTES: usize = 16 << 20;
/// HTML is parsed in time that grows with the square of its depth: less of it is read.
pub const HTML_BYTES: usize = 2 << 20;
/// Redirects followed for one document.
pub const REDIRECTS: usize = 5;
/// Headers of an answer …
pub const ANSWER_HEADERS: usize = 100;
/// … and their bytes.
pub const ANSWER_HEADER_BYTES: usize = 64 << 10;
/// Documents parsed at the same time, off the async threads.
pub const PARSERS: usize = 2;
/// Parsing one document.
pub const PARSE_TIME: Duration = Duration::from_secs(2);
/// Trying one document in all formats, while a page's format is found out.
pub const RECOGNISE_TIME: Duration = Duration::from_secs(10);
/// Nesting of JSON and XML.
pub const JSON_DEPTH: usize = 128;
/// Values in the data that a page streams into itself: they may point at one another, and so unfold without end.
pub const STREAM_VALUES: usize = 200_000;
/// Nesting of HTML.
pub const HTML_DEPTH: usize = 512;
/// Attributes on one tag.
pub const TAG_ATTRIBUTES: usize = 512;

// --- Kept of one source -----------------------------------------------------------------------

/// Components; the largest page seen has 393.
pub const COMPONENTS: usize = 2_000;
/// Incidents, and the same number of maintenances.
pub const INCIDENTS: usize = 1_000;
/// Updates of one incident.
pub const UPDATES: usize = 200;
/// Characters of a title.
pub const TITLE: usize = 300;
/// Characters of a component's or a page's name.
pub const NAME: usize = 200;
/// Characters of an update's body.
pub const BODY: usize = 16_384;
/// Characters of an address.
pub const URL: usize = 2_048;
/// Warnings of one reading; the rest is counted.
pub const WARNINGS: usize = 20;
/// Past incidents of one source that stay in memory; all are in the store.
pub const RECENT_INCIDENTS: usize = 50;
/// How long a past incident counts as recent.
pub const RECENT: Duration = Duration::from_secs(14 * 24 * 3600);

// --- Truth ------------------------------------------------------------------------------------

/// Times before this are wrong (2000-01-01T00:00:00Z), in seconds.
pub const OLDEST_TIME: i64 = 946_684_800;
/// How far ahead of now a time of something that happened may be.
pub const AHEAD: Duration = Duration::from_secs(10 * 60);
/// How far ahead a maintenance may be planned.
pub const PLANNED_AHEAD: Duration = Duration::from_secs(2 * 366 * 24 * 3600);
/// Good readings that must miss an open incident …
pub const MISSING_READINGS: u32 = 3;
/// … and the time that must pass, before it is closed as no longer listed.
pub const MISSING_TIME: Duration = Duration::from_secs(10 * 60);
/// Two starts that differ by no more than this are the same, where an upstream changed an id.
pub const SAME_START: Duration = Duration::from_secs(60);
/// How long a component that is no longer listed is shown.
pub const UNLISTED_COMPONENT: Duration = Duration::from_secs(7 * 24 * 3600);
/// So many components lost at once, and half of them, are no tidying up: vendors take off one or two at a time.
pub const LOST_COMPONENTS: usize = 3;
/// A reading of less than this part of the smallest one has lost something, where components went with it.
pub const SHRUNK: u64 = 5;
/// Lists that held at least so much in every reading do not run empty at once; shorter ones end with what they list.
pub const LONG_LIST: u32 = 3;
/// Whole readings that an outline is learned from before a missing list counts: one may be an exception.
pub const OUTLINE_READINGS: u32 = 3;
/// Objects inside each other in which lists are looked for; what formats read stands no deeper.
pub const OUTLINE_DEPTH: usize = 3;
/// Lists and nulls of one document; one with more has no shape that says anything.
pub const OUTLINE_PATHS: usize = 256;
/// Readings in a row that must lack the same after the first …
pub const CHANGE_READINGS: u32 = 3;
/// … and the time that must pass, before a changed page is believed: a botched release is taken back sooner.
pub const CHANGE_TIME: Duration = Duration::from_secs(30 * 60);
/// Names of lost components that are said; the rest is counted.
pub const LOST_NAMES: usize = 3;
/// A page on which nothing changed for this long may be abandoned: small vendors may be calm for a year, and a month.
pub const ABANDONED: Duration = Duration::from_secs(400 * 24 * 3600);
/// A feed entry without a readable status counts as open for this long.
pub const FEED_OPEN_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// Maintenances further ahead than this are not on the page.
pub const MAINTENANCES_SHOWN: Duration = Duration::from_secs(14 * 24 * 3600);
/// It is this machine that is cut off when half of the sources fail to connect, and at least so many …
pub const CUT_OFF_SOURCES: usize = 5;
/// … on so many hosts.
pub const CUT_OFF_HOSTS: usize = 3;

// --- Maintenances of the team's own -------------------------------------------------------------

/// Characters of a recurrence rule; the longest sensible one has about a hundred.
pub const RULE: usize = 256;
/// Days, weeks, months or years from one turn of a rule to the next.
pub const RULE_INTERVAL: i64 = 1_000;
/// Occurrences that a rule may count; a daily one takes 27 years for them.
pub const RULE_COUNT: i64 = 10_000;
/// A rule that yields nothing for this long after its start is taken for a mistake.
pub const RULE_SEARCH: Duration = Duration::from_secs(10 * 366 * 24 * 3600);
/// How far ahead the maintenances of a series are announced; the next one is in any case.
pub const SERIES_AHEAD: Duration = Duration::from_secs(35 * 24 * 3600);
/// Maintenances of one series that are open at a time: more than a daily one of the longest length has.
pub const OCCURRENCES: usize = 64;
/// Cancelled and moved occurrences of one series: more than a year of a daily one.
pub const SERIES_EXCEPTIONS: usize = 400;
/// The longest that a maintenance of a series may take.
pub const SERIES_LENGTH: Duration = Duration::from_secs(14 * 24 * 3600);
/// Reminders of one maintenance: more would be noise.
pub const REMINDERS: usize = 5;
/// A reminder comes no earlier than this before the start; what is further ahead may not be announced yet.
pub const REMINDER_AHEAD: Duration = Duration::from_secs(30 * 24 * 3600);

// --- The store --------------------------------------------------------------------------------

/// Memory for pages of the database.
pub const STORE_CACHE: usize = 16 << 20;
/// Inputs committed together.
pub const GROUP: usize = 256;
/// Inputs that may wait for the writer.
pub const INBOX: usize = 1_024;
/// Events are kept this long.
pub const EVENTS_KEPT: Duration = Duration::from_secs(400 * 24 * 3600);
/// Past incidents are kept this long.
pub const INCIDENTS_KEPT: Duration = Duration::from_secs(400 * 24 * 3600);
/// Documents of one snapshot that are kept for whoever asks next: some for each of 200 sources.
pub const MEMO: usize = 2_000;
/// Local incidents, or maintenances, that may be open at a time.
pub const LOCAL_OPEN: usize = 500;
/// Upstream incidents that one of ours may name.
pub const RELATED: usize = 50;
/// Maintenances that come again.
pub const SERIES: usize = 100;
/// Sources that may be added besides those of the configuration file.
pub const ADDED_SOURCES: usize = 200;
/// Tags of one that is added in the console.
pub const ADDED_TAGS: usize = 20;
/// Pages that are looked at for operators at a time …
pub const LOOKS_AT_ONCE: usize = 2;
/// … and so many more that may wait.
pub const LOOKS_WAITING: usize = 8;
/// An open incident of ours of which readers heard nothing for this long waits for an update.
pub const SILENT: Duration = Duration::from_secs(3600);
/// A maintenance of ours that begins within this time is shown among what waits.
pub const STARTS_SOON: Duration = Duration::from_secs(2 * 3600);
/// Names that a template may leave to be filled in: a form with more takes longer than writing.
pub const TEMPLATE_VARIABLES: usize = 20;
/// Characters of the key that a form carries.
pub const FORM_KEY: usize = 64;
/// Changes of others that a form shows which was overtaken by them.
pub const CHANGES_SHOWN: usize = 20;
/// Templates of incidents.
pub const TEMPLATES: usize = 200;
/// Maintenances that come again are looked at so often.
pub const UNROLL_EVERY: Duration = Duration::from_secs(60);
/// An answer to a write is given again for this long to whoever sends the write again.
pub const ANSWERS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// All receipts together, compressed.
pub const RECEIPTS_BYTES: u64 = 512 << 20;
/// Receipts of one source, compressed.
pub const RECEIPTS_BYTES_PER_SOURCE: u64 = 8 << 20;
/// Receipts of one source that wait in memory for a disk that refuses, as sent: many sources change while it does.
pub const RECEIPTS_WAITING: usize = 1 << 20;

// --- Those who ask us -------------------------------------------------------------------------

/// First byte and headers of a request.
pub const REQUEST_HEAD: Duration = Duration::from_secs(10);
/// Body of a request.
pub const REQUEST_BODY: Duration = Duration::from_secs(30);
/// A connection between two requests.
pub const IDLE: Duration = Duration::from_secs(60);
/// Characters of a request's address.
pub const REQUEST_URI: usize = 8 << 10;
/// Bytes of a request's headers.
pub const REQUEST_HEADER_BYTES: usize = 32 << 10;
/// Bytes of a request's body to the API.
pub const API_BODY: usize = 1 << 20;
/// Bytes of a body that is pushed to a hook; the largest seen has 4 KB.
pub const HOOK_BODY: usize = 256 << 10;
/// How far the time in a signed push may be from ours.
pub const HOOK_SKEW: Duration = Duration::from_secs(5 * 60);
/// A signed push counts once in this time.
pub const HOOK_ONCE: Duration = Duration::from_secs(24 * 3600);
/// Alerts of one push: a burst of everything at once has some hundreds. What fires comes first.
pub const HOOK_SIGNALS: usize = 500;
/// Characters of a sender's key; a longer one is replaced by its digest.
pub const HOOK_KEY: usize = 200;
/// Labels of one alert; senders add a dozen.
pub const HOOK_LABELS: usize = 64;
/// Fields of a form or of a query; the longest known has eleven.
pub const HOOK_FIELDS: usize = 64;
/// An alert that is over within this makes no incident: two rounds of a usual check.
pub const HOOK_HOLD: Duration = Duration::from_secs(2 * 60);
/// An alert that is back within this after its end is the same trouble.
pub const HOOK_REOPEN: Duration = Duration::from_secs(15 * 60);
/// The longest of either that can be set.
pub const HOOK_WAIT: Duration = Duration::from_secs(24 * 3600);
/// A push that was overtaken comes within this, since senders give up sooner. A firing alert that repeats its start
/// later than this after its end was heard has not ended.
pub const HOOK_LATE: Duration = Duration::from_secs(2 * 60);
/// Alerts of one hook that are followed at a time: ten times the largest push. What is over makes room.
pub const HOOK_KEYS: usize = 5_000;
/// An alert that finds too many incidents open waits for this long before it is looked at again.
pub const HOOK_AGAIN: Duration = Duration::from_secs(60);
/// Alerts of a hook that is configured no more are kept for this long, in case it comes back.
pub const HOOK_GONE: Duration = Duration::from_secs(24 * 3600);
/// Whoever pushes with a wrong secret is written in the log so often at most.
pub const HOOK_DENIED: Duration = Duration::from_secs(60);
/// Times of one alert that are kept: its start, and the newest.
pub const HOOK_FIRED: usize = 32;
/// Connections at a time; more are told to come back.
pub const CONNECTIONS: usize = 16_384;
/// Events that a viewer may fall behind before it is dropped.
pub const VIEWER_BACKLOG: usize = 64;
/// Time for which a viewer may not read before it is dropped.
pub const VIEWER_STALL: Duration = Duration::from_secs(30);
/// Events that are kept at hand for viewers that come back.
pub const CATCH_UP: usize = 1_024;
/// A new page for nothing but newer times comes no more often than this.
pub const QUIET_PUBLISH: Duration = Duration::from_secs(5);
/// Things on one page of a list.
pub const LIST_PAGE: usize = 100;
/// Incidents, and the same number of maintenances, in the lists that have Statuspage's form: as many as there.
pub const STATUSPAGE_LIST: usize = 50;
/// Entries of a feed: what goes on, and two weeks of what is over, of a hundred vendors on a usual day.
pub const FEED_ENTRIES: usize = 500;
/// Characters that an event of a calendar says: what calendars show without being scrolled for long.
pub const CALENDAR_WORDS: usize = 4_000;

// --- Who may do what --------------------------------------------------------------------------

/// Characters of the shortest password …
pub const PASSWORD_SHORTEST: usize = 12;
/// … and of the longest: all of them are hashed.
pub const PASSWORD_LONGEST: usize = 1_024;
/// Memory of one password hash, in KiB: what OWASP asks of argon2id with two passes …
pub const PASSWORD_MEMORY_KIB: u32 = 19 << 10;
/// … its passes …
pub const PASSWORD_PASSES: u32 = 2;
/// … and its lanes.
pub const PASSWORD_LANES: u32 = 1;
/// Passwords hashed at the same time: together less than 100 MiB.
pub const PASSWORD_HASHES: usize = 4;
/// Passwords that wait to be hashed; more are told to come back.
pub const PASSWORD_QUEUE: usize = 256;
/// Failures to sign in that cost nothing; people mistype.
pub const THROTTLE_FREE: u32 = 5;
/// The longest wait between two attempts: never for good.
pub const THROTTLE_LONGEST: Duration = Duration::from_secs(15 * 60);
/// Failures are forgotten after this long without another.
pub const THROTTLE_FORGOTTEN: Duration = Duration::from_secs(24 * 3600);
/// Throttles that are kept; the oldest make room.
pub const THROTTLES: usize = 4_096;
/// A session that is not used ends after this long …
pub const SESSION_IDLE: Duration = Duration::from_secs(12 * 3600);
/// … and any session after this.
pub const SESSION_LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);
/// Time for the second factor after the password.
pub const SESSION_HALF: Duration = Duration::from_secs(10 * 60);
/// That a session or a token was used is written down no more often than this.
pub const SEEN_EVERY: Duration = Duration::from_secs(5 * 60);
/// Sessions of one account; the oldest make room.
pub const SESSIONS: usize = 50;
/// Characters kept of what a browser calls itself.
pub const AGENT: usize = 200;
/// Addresses that an account was signed in to from, and that others' failures do not hold up.
pub const PLACES: usize = 8;
/// Accounts.
pub const ACCOUNTS: usize = 2_000;
/// API tokens.
pub const TOKENS: usize = 1_000;
/// Characters of an account's or a token's name.
pub const ACCOUNT_NAME: usize = 100;
/// Recovery codes of one account.
pub const RECOVERY_CODES: usize = 10;
/// The link for setting up is good for this long after the start.
pub const SET_UP: Duration = Duration::from_secs(3600);
/// An invitation is good for this long.
pub const INVITATION: Duration = Duration::from_secs(72 * 3600);
/// Rows of the audit log that one request reads.
pub const AUDIT_EXPORT: usize = 100_000;
/// People on the way to an identity provider and back; the oldest make room.
pub const ON_THE_WAY: usize = 1_000;
/// What an identity provider is, and its keys, are asked anew after this long.
pub const PROVIDER_KNOWN: Duration = Duration::from_secs(3600);
/// Bytes of a form.
pub const FORM_BODY: usize = 64 << 10;

// --- Figures ----------------------------------------------------------------------------------

/// The longest that figures go back: as long as what they rest on is kept.
pub const REPORT_DAYS: u16 = 400;
/// The longest rolling period of a target: a year, with all of it still kept.
pub const TARGET_DAYS: u16 = 366;
/// Days or months of one report: as many days as it may have, and those that both ends cut.
pub const REPORT_PARTS: usize = REPORT_DAYS as usize + 2;
/// Incidents, or maintenances, of one source that a report reads. One with more in a year than one in four hours is
/// beyond a review, and the report says that it was cut.
pub const REPORT_INCIDENTS: usize = 2_000;
/// Other vendors' incidents that are searched for a vendor's name for one report: at some 10 µs each, 20 ms.
pub const MENTIONS_READ: usize = 2_000;
/// Sources that stand side by side: more fit no page.
pub const COMPARED: usize = 6;
/// A notice of ours counts for an incident that the vendor says began so much later: what we saw before it did.
pub const NOTICE_BEFORE: Duration = Duration::from_secs(2 * 3600);
/// Outages of one claim for which documents are looked up; the rest is listed without.
pub const CLAIM_OUTAGES: usize = 200;

// --- The process ------------------------------------------------------------------------------

/// What is in hand may take this long after a request to stop.
pub const GRACE: Duration = Duration::from_secs(10);
/// A scheduler that has not ticked for this long is not fit to be believed …
pub const SCHEDULER_STUCK: Duration = Duration::from_secs(60);
/// … and for this long, ends the process, so that whoever supervises it starts it again.
pub const SCHEDULER_DEAD: Duration = Duration::from_secs(300);

/// The shortest time between readings of this host, a name or a literal address.
pub fn interval_floor(host: &str) -> Duration {
    if is_loopback(host) { INTERVAL_FLOOR_LOOPBACK } else { INTERVAL_FLOOR }
}

/// The shortest time between two signs of life for a dead-man's switch on this host.
pub fn ping_floor(host: &str) -> Duration {
    if is_loopback(host) { PING_FLOOR_LOOPBACK } else { PING_FLOOR }
}

/// True for this machine, as a name or a literal address.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
