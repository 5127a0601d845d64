//! Limits of what people are told: how soon, how often, how much, and how long it is tried.

use std::time::Duration;

/// Characters of a vendor's words in a message; its page has the rest.
pub const NEWS_TEXT: usize = 1_500;
/// Trouble must last for this long before it is told; with a vital source for half a minute …
pub const CONFIRM: Duration = Duration::from_secs(2 * 60);
/// … so that one reading that was wrong wakes nobody …
pub const CONFIRM_VITAL: Duration = Duration::from_secs(30);
/// … and with a background source for as long as it takes to mend most things.
pub const CONFIRM_BACKGROUND: Duration = Duration::from_secs(10 * 60);
/// A source must be unreadable for this long before that is told: past its horizon, besides.
pub const CONFIRM_UNREADABLE: Duration = Duration::from_secs(15 * 60);
/// What comes within this time goes into one message.
pub const LETTER_GROUP: Duration = Duration::from_secs(30);
/// No message comes sooner than this after the one before.
pub const LETTER_SPACING: Duration = Duration::from_secs(60);
/// Where so many sources were told as new trouble …
pub const CASCADE_SOURCES: u32 = 3;
/// … within this time, it is one cascade …
pub const CASCADE_WITHIN: Duration = Duration::from_secs(15 * 60);
/// … and so many times as long passes between messages about what comes of it …
pub const CASCADE_PACES: u32 = 10;
/// … and what is over of it waits for so many times as long for company, while another part goes on.
pub const CASCADE_END_PACES: u32 = 30;
/// What began so often …
pub const FLAP_TURNS: usize = 3;
/// … within this time, is flapping …
pub const FLAP_WITHIN: Duration = Duration::from_secs(3600);
/// … until it stayed one way for so long.
pub const FLAP_STEADY: Duration = Duration::from_secs(15 * 60);
/// What was told to flap is told again only when it stays for that long, until it did not flap for this long.
pub const FLAP_MEMORY: Duration = Duration::from_secs(3 * 24 * 3600);
/// An incident that is said to be over waits for so long for what it explained to be over as well.
pub const END_WAITS: Duration = Duration::from_secs(15 * 60);
/// That a vendor's planned work is about to start is told so long before.
pub const SOON: Duration = Duration::from_secs(3600);
/// A thread that is over is remembered for this long, so that what begins anew is known.
pub const STRAND_KEPT: Duration = Duration::from_secs(24 * 3600);
/// Threads of one receiver; the oldest that are over make room.
pub const STRANDS: usize = 2_000;
/// Moments of messages that a ledger remembers.
pub const LEDGER_SENT: usize = 20;
/// Things that one message tells; the rest is counted.
pub const LETTER_ITEMS: usize = 60;
/// One attempt to deliver.
pub const ATTEMPT: Duration = Duration::from_secs(15);
/// Bytes of an answer to a message that are read: it has been taken by then, whatever else follows.
pub const ATTEMPT_ANSWER: usize = 64 << 10;
/// A command that has ended may leave its output open for this long: what it left running is not waited for.
pub const COMMAND_OUTPUT: Duration = Duration::from_millis(500);
/// A mail server is given this long to say goodbye: by then it has taken the mail, or refused it.
pub const MAIL_GOODBYE: Duration = Duration::from_secs(1);
/// Readers of one mail; SMTP servers take 100.
pub const MAIL_READERS: usize = 50;
/// Characters of a mail's subject.
pub const MAIL_SUBJECT: usize = 250;
/// Waits after the first failed attempts; then hourly …
pub const RETRIES: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
];
/// … every hour …
pub const RETRY_EVERY: Duration = Duration::from_secs(3600);
/// … and given up after this long.
pub const RETRY_FOR: Duration = Duration::from_secs(3 * 24 * 3600);
/// A channel that took nothing for this long is said to be failing, on another channel and in `/readyz`.
pub const CHANNEL_FAILING: Duration = Duration::from_secs(10 * 60);
/// Events that are decided upon in one go; with many receivers fewer are.
pub const TELLING: usize = 100;
/// Receivers of one lane that are tried at the same time: what a mail server takes from one client without complaint.
pub const AT_ONCE: usize = 8;
/// Queued messages of one receiver that are looked at for one that may go: those behind wait their turn.
pub const QUEUE_AHEAD: usize = 20;
/// Part of a wait by which an attempt may come earlier or later.
pub const RETRY_JITTER: f64 = 0.20;
/// Attempts of one delivery that are shown.
pub const ATTEMPTS_SHOWN: usize = 5;
/// Deliveries that one request for a list looks at: readers number thousands, and a filter may want few of theirs.
pub const DELIVERIES_LOOKED: usize = 5_000;
/// Decisions about one thing that are read to show them: 10,000 readers of an incident with ten updates.
pub const DECISIONS_READ: usize = 100_000;
/// Decisions about readers that are shown one by one; the others are counted.
pub const DECISIONS_EACH: usize = 1_000;
/// Characters of a request or an answer that are shown.
pub const ATTEMPT_TEXT: usize = 2_000;
/// Deliveries, decisions and news are kept for this long.
pub const DELIVERIES_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
/// Patterns in one of the lists of what a channel hears of.
pub const WANTS: usize = 200;
/// A dead-man's switch is told so often that this works …
pub const PING: Duration = Duration::from_secs(60);
/// … and not more often …
pub const PING_FLOOR: Duration = Duration::from_secs(10);
/// … unless it is on this machine itself, where nobody is bothered.
pub const PING_FLOOR_LOOPBACK: Duration = Duration::from_secs(1);
/// Bytes of a message template.
pub const TEMPLATE: usize = 64 << 10;
/// Steps of a message template: an endless loop ends after some milliseconds.
pub const TEMPLATE_FUEL: u64 = 200_000;
/// Bytes that a message template writes, with what it keeps for later.
pub const LETTER: usize = 64 << 10;
/// Characters of a message's title.
pub const LETTER_TITLE: usize = 200;
/// Characters of an address in a message; a longer one says nothing to anybody.
pub const LETTER_URL: usize = 1_000;
/// Names of services or components that one line of a message has; the rest is counted.
pub const LETTER_NAMES: usize = 8;
/// Characters of a vendor's words, by how much else there is to say: what does not fit is told more shortly.
pub const LETTER_WORDS: [usize; 4] = [600, 240, 0, 0];
/// Readers who subscribe.
pub const SUBSCRIBERS: usize = 50_000;
/// Questions to one address whether it was them, in an hour.
pub const ASKED_PER_HOUR: usize = 3;
/// Events that are looked through for the last about a channel: a component may have the same name.
pub const CHANNEL_EVENTS: usize = 50;
