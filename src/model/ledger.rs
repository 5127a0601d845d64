//! What one receiver has heard, what waits for it, and why.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::id::{ReceiverId, SourceId};
use super::level::State;
use super::news::{Happening, Thread};

/// Everything that the next decision about one receiver depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Threads that are not over, or were until lately.
    pub strands: BTreeMap<Thread, Strand>,
    /// When its last messages were made, oldest first; with how many sources each brought as new trouble. No more
    /// than `limits::LEDGER_SENT`.
    pub sent: Vec<(Timestamp, u32)>,
    /// When what is ready goes out; `None` while nothing is ready.
    pub due: Option<Timestamp>,
}

/// A receiver: since when it is one, and what it has heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// What happened before is not told to it.
    pub since: Timestamp,
    /// What it has heard.
    pub ledger: Ledger,
}

/// One thread, as one receiver knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strand {
    /// The newest news of it, whether told or not.
    pub newest: u64,
    /// How bad it is by that; of a maintenance or a reading, `UNDER_MAINTENANCE` or `Unknown` while it goes on.
    pub state: State,
    /// True while it goes on.
    pub open: bool,
    /// What the receiver was told of it; `None`: nothing, or its end.
    pub heard: Option<Heard>,
    /// What is not told yet.
    pub waiting: Option<Waiting>,
    /// When it began, and began anew: what does so too often is flapping. Oldest first.
    pub turns: Vec<Timestamp>,
    /// The team said that it makes no noise until then.
    pub muted_until: Option<Timestamp>,
    /// The team said that it is not affected.
    pub dismissed: bool,
    /// Somebody has seen it.
    pub acknowledged: bool,
    /// When the newest news of it came.
    pub at: Timestamp,
    /// A digest of what the newest news says, to know what was said before.
    pub said: u64,
    /// The source, where it has one.
    pub source: Option<SourceId>,
    /// It is vital and at least major: quiet hours do not hold it up.
    pub loud: bool,
    /// Something was held that is to be told if the reason for holding it goes before the thread is over.
    pub hushed: bool,
    /// What is told of it goes into the conversation of that thread, which has its `heard`.
    pub joined: Option<Thread>,
    /// It came and went so often that this was told; for as long as it counts.
    pub flapped: Option<Flapped>,
    /// A vendor's planned work that has not begun: when that it is about to is told.
    pub soon_at: Option<Timestamp>,
}

/// That a thread came and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flapped {
    /// When it last did.
    pub at: Timestamp,
    /// The worst it was then: what is worse is something else.
    pub worst: State,
}

/// What was told of a thread that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The worst that was told.
    pub worst: State,
    /// The last that was told.
    pub last: State,
    /// When the receiver was last told anything of it.
    pub at: Timestamp,
    /// The delivery that began the thread there.
    pub root: u64,
    /// That delivery told only this, so that it can be changed.
    pub alone: bool,
    /// Told as one of many at about the same time.
    pub in_cascade: bool,
    /// A digest of what was last told.
    pub said: u64,
    /// When it is told again if it still goes on.
    pub remind_at: Option<Timestamp>,
}

/// What is not told yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What it would be told as.
    pub happening: Happening,
    /// Why it waits.
    pub why: Wait,
    /// Until when; what is ready waits for the receiver's `due`.
    pub until: Timestamp,
    /// The news that it is about, oldest first; the last is what is told. Empty where what was told
    /// is told again: the newest.
    pub seqs: Vec<u64>,
    /// Told by changing what stands there already, where the channel can.
    pub edit: bool,
}

/// Why something is not told yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wait {
    /// It has to last for a while first.
    Confirm,
    /// It comes and goes: it has to stay one way first.
    Flapping,
    /// It is the receiver's quiet hours.
    QuietHours,
    /// It is ready, and goes with what else comes in a moment.
    Group,
    /// It is the end of one of many troubles: those are told together.
    Cascade,
    /// It goes into the next summary.
    Digest,
}

impl Wait {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Confirm, Self::Flapping, Self::QuietHours, Self::Group, Self::Cascade, Self::Digest];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirming",
            Self::Flapping => "flapping",
            Self::QuietHours => "quiet_hours",
            Self::Group => "grouping",
            Self::Cascade => "cascade",
            Self::Digest => "digest",
        }
    }

    /// The reason in a sentence without a full stop.
    pub fn label(self) -> &'static str {
        match self {
            Self::Confirm => "it has to last for a while first",
            Self::Flapping => "it comes and goes, and has to stay one way first",
            Self::QuietHours => "these are quiet hours of this receiver",
            Self::Group => "it goes with what else comes in a moment",
            Self::Cascade => "much was told at once, and what is over of it is told together",
            Self::Digest => "it goes into the next summary",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wait| wait.as_str() == word)
    }
}

/// Why something was not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// The receiver does not want to hear of this source, service, tag, component or incident.
    OtherSubject,
    /// It is milder than the receiver wants to hear of.
    TooMild,
    /// The vendor matters less than the receiver wants to hear of.
    LowerTier,
    /// The receiver does not want this sort of news.
    OtherKind,
    /// The receiver's words are not in it, or words that it does not want are.
    OtherWords,
    /// It is outside the hours in which the receiver listens.
    OutsideHours,
    /// It touches nothing that counts for this team.
    Uncounted,
    /// The team said that it is not affected.
    Dismissed,
    /// The team muted it.
    Muted,
    /// An incident tells of it.
    ToldByIncident,
    /// Planned work explains it.
    UnderMaintenance,
    /// It was over before it was confirmed.
    NotConfirmed,
    /// It was over before the receiver could be told.
    OverBefore,
    /// It comes and goes.
    Flapping,
    /// It says nothing that was not told.
    NothingNew,
    /// It is the end of something of which the receiver heard nothing.
    NeverHeard,
    /// An incident was said to be over while the vendor's page still shows trouble: the end is told with that.
    NotOver,
    /// A background source's silence is nobody's business.
    Background,
    /// It happened before the receiver was there.
    BeforeReceiver,
    /// Nobody who is told is left: the receiver is gone or suspended.
    ReceiverGone,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::OtherSubject,
        Self::TooMild,
        Self::LowerTier,
        Self::OtherKind,
        Self::OtherWords,
        Self::OutsideHours,
        Self::Uncounted,
        Self::Dismissed,
        Self::Muted,
        Self::ToldByIncident,
        Self::UnderMaintenance,
        Self::NotConfirmed,
        Self::OverBefore,
        Self::Flapping,
        Self::NothingNew,
        Self::NeverHeard,
        Self::NotOver,
        Self::Background,
        Self::BeforeReceiver,
        Self::ReceiverGone,
    ];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherSubject => "other_subject",
            Self::TooMild => "too_mild",
            Self::LowerTier => "lower_tier",
            Self::OtherKind => "other_kind",
            Self::OtherWords => "other_words",
            Self::OutsideHours => "outside_hours",
            Self::Uncounted => "uncounted",
            Self::Dismissed => "dismissed",
            Self::Muted => "muted",
            Self::ToldByIncident => "told_by_incident",
            Self::UnderMaintenance => "under_maintenance",
            Self::NotConfirmed => "not_confirmed",
            Self::OverBefore => "over_before",
            Self::Flapping => "flapping",
            Self::NothingNew => "nothing_new",
            Self::NeverHeard => "never_heard",
            Self::NotOver => "not_over",
            Self::Background => "background",
            Self::BeforeReceiver => "before_receiver",
            Self::ReceiverGone => "receiver_gone",
        }
    }

    /// The reason in a sentence without a full stop.
    pub fn label(self) -> &'static str {
        match self {
            Self::OtherSubject => "it is about something that this receiver did not ask for",
            Self::TooMild => "it is milder than this receiver wants to hear of",
            Self::LowerTier => "the vendor matters less than this receiver wants to hear of",
            Self::OtherKind => "this receiver does not want this sort of news",
            Self::OtherWords => "the words that this receiver listens for are not in it, or words that it shuns are",
            Self::OutsideHours => "it is outside the hours in which this receiver listens",
            Self::Uncounted => "it touches nothing that counts for this team",
            Self::Dismissed => "the team said that it is not affected",
            Self::Muted => "the team muted it",
            Self::ToldByIncident => "an incident tells of it",
            Self::UnderMaintenance => "planned work explains it",
            Self::NotConfirmed => "it was over before it was confirmed",
            Self::OverBefore => "it was over before this receiver could be told",
            Self::Flapping => "it comes and goes",
            Self::NothingNew => "it says nothing that was not told",
            Self::NeverHeard => "it is the end of something of which this receiver heard nothing",
            Self::NotOver => "the vendor's page still shows trouble: its end is told when that is over",
            Self::Background => "that a background source cannot be read is not told",
            Self::BeforeReceiver => "it happened before this receiver was there",
            Self::ReceiverGone => "this receiver is gone or suspended",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == word)
    }
}

/// What became of one piece of news for one receiver. The last decision about it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The news.
    pub seq: u64,
    /// What it is about.
    pub thread: Thread,
    /// For whom.
    pub receiver: ReceiverId,
    /// When it was decided.
    pub at: Timestamp,
    /// What.
    pub fate: Fate,
}

/// What became of one piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It waits, until then at the latest.
    Waits(Wait, Timestamp),
    /// It will not be told.
    Held(Why),
    /// It was put into this delivery, which tells just this.
    Queued(u64),
    /// It was put into this delivery together with others, or a later word took its place there.
    Folded(u64),
}

/// One message to one receiver, as it is decided; words come later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// How it is written.
    pub style: Style,
    /// What it tells: one thing in a thread of its own, else worst first.
    pub items: Vec<Item>,
}

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// One thing, in its own thread.
    Single,
    /// Several things at once.
    Several,
    /// The summary of a day or a week.
    Digest,
    /// An operator tries a channel out.
    Test,
    /// A reader is asked whether it was them who signed up.
    Confirm,
}

impl Style {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Single, Self::Several, Self::Digest, Self::Test, Self::Confirm];

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Several => "several",
            Self::Digest => "digest",
            Self::Test => "test",
            Self::Confirm => "confirm",
        }
    }

    /// Reads a stored word; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.as_str() == word)
    }
}

/// One thing that a message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The thread.
    pub thread: Thread,
    /// What happened.
    pub happening: Happening,
    /// The news that is told.
    pub seq: u64,
    /// Earlier news that it covers, oldest first.
    pub covers: Vec<u64>,
    /// The delivery that began the thread at this receiver; `None`: this one does.
    pub root: Option<u64>,
    /// Told by changing what stands there already, where the channel can.
    pub edit: bool,
}
