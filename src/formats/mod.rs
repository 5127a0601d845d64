//! Bytes to observation. Pure: no I/O, no clock. One file per upstream format, one line in `REGISTRY`.

pub mod alternates;
pub mod feed;
pub mod guard;
pub mod html;
pub mod http;
pub mod json;
pub mod notes;
pub mod statuspage;
pub mod text;
pub mod time;
pub mod wire;

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use crate::model::observation::Observation;

/// Every format that can be read. A new one is its file, its `mod` line above, and its line here.
pub const REGISTRY: &[Format] = &[statuspage::FORMAT, feed::FORMAT, html::FORMAT, http::FORMAT];

/// Finds a format by its name in `sources.yaml`.
pub fn find(name: &str) -> Option<&'static Format> {
    REGISTRY.iter().find(|format| format.name == name)
}

/// The format that is surest that these documents are its own; `None` where every one says no.
pub fn recognise(bodies: &[Body]) -> Option<&'static Format> {
    let sureness = |format: &Format| bodies.iter().map(format.recognise).max().unwrap_or(Sureness::No);
    // The first of equals: `max_by_key` would take the last.
    REGISTRY.iter().rev().max_by_key(|format| sureness(format)).filter(|format| sureness(format) > Sureness::No)
}

/// What a document is, in words, for somebody who expected a status page.
pub fn describe(body: &Body) -> String {
    let decoded = text::decode(&body.bytes, body.content_type.as_deref());
    match (decoded.trim_start().chars().next(), serde_json::from_str(&decoded)) {
        (None, _) => "nothing: the document is empty".to_owned(),
        (Some('<'), _) => json::markup(decoded.trim_start()),
        (_, Ok(value)) => json::shape(&value),
        (Some('{' | '['), Err(error)) => format!("broken JSON: {error}"),
        _ => "neither JSON nor markup".to_owned(),
    }
}

/// One way in which upstreams publish.
pub struct Format {
    /// As written in `sources.yaml`, and the key of its options there.
    pub name: &'static str,
    /// What it is, in a line, for `--help` and the documentation.
    pub about: &'static str,
    /// Checks the options and compiles what they hold (selectors, patterns) once.
    pub compile: fn(&Options) -> Compiled,
    /// Whether a saved or fetched document is of this format, by its shape.
    pub recognise: fn(&Body) -> Sureness,
}

impl fmt::Debug for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Format").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How sure a format is that a document is its own. Ordered: the surest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sureness {
    /// It is not.
    No,
    /// The shape allows it, others do too.
    Maybe,
    /// The shape is this format's.
    Likely,
    /// The document names itself.
    Certain,
}

/// The options of a format as written under its name in `sources.yaml`; `Null` where there are none.
pub type Options = serde_json::Value;

/// An adapter, or every mistake in its options.
pub type Compiled = Result<Box<dyn Adapter>, Vec<OptionProblem>>;

/// A mistake in a format's options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionProblem {
    /// Keys and indices that lead to the value, from the format's own block: `["states", "OK"]`.
    pub at: Vec<String>,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Turns one upstream's documents into our vocabulary. Pure: no I/O, no clock.
pub trait Adapter: Send + Sync + fmt::Debug {
    /// What to download for a page at `base`. At least one document is `Role::Present`.
    fn documents(&self, base: &Url) -> Vec<Document>;

    /// Understands the documents, in any order, whichever of them are there.
    ///
    /// `now` bounds times and ages, and is never reported as a fact.
    ///
    /// # Errors
    /// Where the documents are not what the format promises. Never an observation instead.
    fn parse(&self, documents: &[Body], now: Timestamp) -> Result<Observation, ParseError>;
}

/// One document to download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name within the format, stable: validators and receipts are kept under it.
    pub name: &'static str,
    /// Where it is.
    pub url: Url,
    /// When it is needed.
    pub role: Role,
    /// For the `Accept` header.
    pub accept: &'static str,
}

/// When a document is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// On every reading; without it there is no reading.
    Present,
    /// On the first reading, and when something open has vanished. It may fail.
    History,
}

/// One downloaded or saved document.
#[derive(Debug, Clone)]
pub struct Body {
    /// The document's name within the format; a file's name where it was saved by somebody.
    pub name: String,
    /// When it is needed.
    pub role: Role,
    /// `Content-Type`, as sent; `None` for files.
    pub content_type: Option<String>,
    /// Where it came from after redirects; `None` for files.
    pub url: Option<Url>,
    /// The HTTP status; 200 for files.
    pub status: u16,
    /// As sent, after decompression.
    pub bytes: Bytes,
}

/// Why documents could not be understood: what was expected, what was found, where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It is something else: a sign-in page, a bot challenge, another program's answer, nothing.
    #[error("{document}: found {found}; expected {expected}")]
    NotThisFormat {
        /// Which document.
        document: String,
        /// What the format promises.
        expected: String,
        /// What is there instead, in words.
        found: String,
    },
    /// It is damaged or cut.
    #[error("{document}: {problem}")]
    Broken {
        /// Which document.
        document: String,
        /// What is wrong, with line and column where they are known.
        problem: String,
    },
    /// It nests deeper, or holds more, than a document may.
    #[error("{document}: {problem}")]
    OverLimit {
        /// Which document.
        document: String,
        /// Which limit, and its figure.
        problem: String,
    },
    /// A selector of the operator's found nothing.
    #[error("{document}: the selector `{selector}` ({option}) found nothing; the page may have changed")]
    NothingFound {
        /// Which document.
        document: String,
        /// The option that holds the selector, as `html.component`.
        option: String,
        /// The selector as written.
        selector: String,
    },
}
