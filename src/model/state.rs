//! What is held of a source: what it said, and how reading it goes.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::days::Days;
use super::id::ComponentId;
use super::incident::{Incident, Maintenance};
use super::level::State;
use super::observation::{Basis, Page};
use super::outline::{Doubt, Outline};
use super::source::{Failure, Source};

/// A moment on both clocks: wall time for facts, monotonic time for pacing and horizons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// What the wall clock says; it may jump.
    pub wall: Timestamp,
    /// A clock that never jumps; it has room for what was before the program started.
    pub mono: Duration,
}

/// A component as it stands after merging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The upstream's id.
    pub id: ComponentId,
    /// Its own name.
    pub name: String,
    /// `Group/Name`.
    pub path: String,
    /// As last read.
    pub state: State,
    /// Since when it has been in this state, as far as was seen here.
    pub since: Timestamp,
    /// The upstream's words about it, plain.
    pub description: Option<String>,
    /// The upstream hides it from people while it works.
    pub quiet: bool,
    /// The first good reading that no longer listed it.
    pub unlisted_since: Option<Timestamp>,
}

/// What a source has said, merged over all readings. Changes only when its meaning changes.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceState {
    /// Whose page it is.
    pub page: Page,
    /// The upstream's own overall state.
    pub indicator: Option<State>,
    /// What its silence means.
    pub basis: Basis,
    /// In the upstream's order; those no longer listed last.
    pub components: Vec<Component>,
    /// Open ones and the recent past; older ones are in the store.
    pub incidents: Vec<Incident>,
    /// Open ones and the recent past; older ones are in the store.
    pub maintenances: Vec<Maintenance>,
    /// From the last good reading.
    pub warnings: Vec<String>,
    /// The first good reading: the baseline, which announces nothing.
    pub first_read_at: Option<Timestamp>,
    /// The state last written to the event log.
    pub told: State,
    /// Since when it has been that.
    pub told_since: Timestamp,
    /// Whether the event log last said that it cannot be read.
    pub told_unreadable: bool,
    /// The worst state of each of the last days.
    pub days: Days,
    /// The latest time that the upstream itself has stated of anything.
    pub dated: Option<Timestamp>,
    /// What every good reading had.
    pub outline: Option<Outline>,
    /// The last reading lost something of that; what is held is from before it.
    pub doubt: Option<Doubt>,
}

impl SourceState {
    /// A source that was never read, known since `at`.
    pub fn never_read(at: Timestamp) -> Self {
        Self {
            page: Page::default(),
            indicator: None,
            basis: Basis::States,
            components: Vec::new(),
            incidents: Vec::new(),
            maintenances: Vec::new(),
            warnings: Vec::new(),
            first_read_at: None,
            told: State::Unknown,
            told_since: at,
            told_unreadable: false,
            days: Days::default(),
            dated: None,
            outline: None,
            doubt: None,
        }
    }
}

/// What the upstream gave to ask "has it changed?" with, for one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The document's name within its format.
    pub document: String,
    /// ETag, as sent.
    pub etag: Option<String>,
    /// Last-Modified, as sent.
    pub last_modified: Option<String>,
}

/// What came of looking at a page anew after it could not be read as before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// When it was looked at.
    pub at: Timestamp,
    /// What was found, for the operator; `None`: nothing else than before.
    pub found: Option<String>,
    /// It is read in that way since.
    pub taken_up: bool,
}

impl Validators {
    /// That there was such a document, and nothing to ask with: it is asked for anew.
    pub fn bare(&self) -> Self {
        Self { document: self.document.clone(), etag: None, last_modified: None }
    }
}

/// How reading a source goes. Kept apart from what it said, since it changes with every reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transport {
    /// The last attempt.
    pub checked_at: Option<Timestamp>,
    /// The last good reading, on the wall clock.
    pub ok_at: Option<Timestamp>,
    /// The last good reading on the monotonic clock, if the clocks can be trusted to say; not stored.
    pub ok_mono: Option<Duration>,
    /// The next attempt.
    pub next_at: Option<Timestamp>,
    /// Why the last attempt failed; `None` where it was good.
    pub failure: Option<Failure>,
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// Failed attempts in a row.
    pub failures: u32,
    /// Do not ask before this: the upstream said so.
    pub not_before: Option<Timestamp>,
    /// Per document.
    pub validators: Vec<Validators>,
    /// The last reading that asked for everything anew.
    pub full_at: Option<Timestamp>,
    /// Where a permanent redirect points; for the operator.
    pub moved_to: Option<String>,
    /// The last time that the page was looked at anew.
    pub drift: Option<Drift>,
    /// Digest of what the validators are good for: program, format, address, options.
    pub fingerprint: String,
    /// The format in which the last good reading was understood, configured or found out.
    pub format: Option<String>,
}

/// Everything that is held of one configured source.
#[derive(Debug, Clone)]
pub struct Held {
    /// As configured.
    pub source: Arc<Source>,
    /// What it said.
    pub state: SourceState,
    /// How reading it goes.
    pub transport: Transport,
}
