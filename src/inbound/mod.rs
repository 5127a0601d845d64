//! What other tools push, to signals. Pure: no I/O, no clock. One file per kind of sender, one line in `REGISTRY`.
//!
//! A push is understood or refused with words that its sender's owner can act on. A word that is not known is never an
//! end: it is refused, or counts as firing where it stands in a list whose other alerts are good.

mod alertmanager;
pub mod bounces;
mod datadog;
mod document;
mod gatus;
mod grafana;
mod healthchecks;
pub mod mapped;
mod multipart;
mod pagerduty;
mod signal;
mod uptimekuma;
mod uptimerobot;
pub mod verify;
mod vigil;

use std::sync::Arc;

use jiff::Timestamp;

use crate::formats::json::{self, Value};
use crate::formats::notes::Notes;
use crate::limits;
use crate::model::hook::Hook;
use crate::model::signal::{Course, Signal};
use crate::text;
use mapped::Mapping;

/// A request, as far as it matters here. The caller has bounded it: `limits::HOOK_BODY`.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// What follows the `?`, as sent; empty where there is none.
    pub query: &'a str,
    /// The value of a header by its name in lower case; `None` where it is not there or no text.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The body, as sent.
    pub body: &'a [u8],
}

/// What came of a push that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// One for each alert that it speaks of; none of a test.
    pub signals: Vec<Signal>,
    /// For the operator: why there is no signal, what had to be assumed, what was left out.
    pub notes: Vec<String>,
}

/// Why a push was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no push for a hook of kind `{kind}`: expected {expected}, found {found}")]
pub struct Refusal {
    /// The hook's kind.
    pub kind: &'static str,
    /// What such a hook understands.
    pub expected: String,
    /// What came instead.
    pub found: String,
}

/// A kind of sender.
pub struct Kind {
    /// Its name in `sources.yaml`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// It may push with GET, in the query of the address.
    pub by_get: bool,
    /// True for documents that only this kind sends; for errors, to tell who is at the wrong hook.
    signs: fn(&Value) -> bool,
    /// Reads one document.
    read: fn(&Push<'_>, &mut Notes) -> Result<Vec<Signal>, Refusal>,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Kind").field(&self.name).finish()
    }
}

/// All kinds, in the order of their names; the one whose shape is declared is last.
pub const REGISTRY: &[Kind] = &[
    alertmanager::KIND,
    datadog::KIND,
    gatus::KIND,
    grafana::KIND,
    healthchecks::KIND,
    pagerduty::KIND,
    uptimekuma::KIND,
    uptimerobot::KIND,
    vigil::KIND,
    mapped::KIND,
];

/// The kind of this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    REGISTRY.iter().find(|kind| kind.name == name)
}

/// One hook, with all that it takes to let a push in and to read it.
#[derive(Debug)]
pub struct Gate {
    /// What the rest of the program needs to know.
    pub hook: Arc<Hook>,
    /// Who may push; the secret is in it, and is not shown.
    pub key: verify::Key,
    /// How to read what is pushed.
    pub reader: Reader,
}

/// Reads what is pushed to one hook.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Who sends.
    pub kind: &'static Kind,
    /// Where what is found in the document: only the kind `json` has one, and needs it.
    pub mapping: Option<Mapping>,
}

impl Reader {
    /// Reads a request of which it is known that it comes from whom it should.
    ///
    /// # Errors
    /// Says what was expected and what was found.
    pub fn read(&self, asked: &Asked<'_>, now: Timestamp) -> Result<Heard, Refusal> {
        let kind = self.kind.name;
        let value = document::read(asked).map_err(|found| Refusal {
            kind,
            expected: "JSON, a form or a query".to_owned(),
            found,
        })?;
        let push =
            Push { kind, value: &value, mapping: self.mapping.as_ref(), queried: document::is_in_query(asked), now };
        let mut notes = Notes::new(now);
        let mut signals = (self.kind.read)(&push, &mut notes)?;
        if signals.len() > limits::HOOK_SIGNALS {
            notes.say(format!("{} alerts in one push: only {} are read", signals.len(), limits::HOOK_SIGNALS));
            signals.sort_by_key(|signal| signal.course == Course::Resolved);
            signals.truncate(limits::HOOK_SIGNALS);
        }
        let mut notes = notes.into_warnings();
        if signals.is_empty() && notes.is_empty() {
            notes.push("there is no alert in it".to_owned());
        }
        Ok(Heard { signals, notes })
    }
}

/// One document, and what reading it takes.
struct Push<'a> {
    kind: &'static str,
    value: &'a Value,
    mapping: Option<&'a Mapping>,
    /// The document is the query of the address.
    queried: bool,
    now: Timestamp,
}

impl Push<'_> {
    /// Text or a number under the first of these keys that holds something.
    fn word(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| json::string(self.value, key)).map(|word| word.trim().to_owned())
    }

    /// The document is not what was expected.
    fn refuse(&self, expected: &str) -> Refusal {
        self.refuse_for(expected, whose(self.value, self.kind).unwrap_or_else(|| json::shape(self.value)))
    }

    /// A word in it is not known.
    fn refuse_word(&self, expected: &str, word: &str) -> Refusal {
        self.refuse_for(expected, format!("`{}`", text::line(word, 60)))
    }

    fn refuse_for(&self, expected: &str, found: String) -> Refusal {
        Refusal { kind: self.kind, expected: expected.to_owned(), found }
    }
}

/// Whose document it looks like, where it is none of this kind.
fn whose(value: &Value, not: &str) -> Option<String> {
    let is_about = |key: &str| !value[key].is_null();
    if is_about("page") && (is_about("incident") || is_about("component")) {
        return Some(
            "what Statuspage sends to subscribers: give it the address /hooks/statuspage/SOURCE/SECRET".to_owned(),
        );
    }
    let kind = REGISTRY.iter().find(|kind| kind.name != not && (kind.signs)(value))?;
    Some(format!("what a hook of kind `{}` takes", kind.name))
}
