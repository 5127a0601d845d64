//! Bytes to observation. Pure: no I/O, no clock. One file per upstream format, one line in `REGISTRY`.

pub mod adobe;
pub mod algolia;
pub mod alibaba;
pub mod allclear;
pub mod alternates;
pub mod apple;
pub mod auth0;
pub mod aws;
mod awsfeed;
mod awsname;
pub mod azure;
pub mod azuredevops;
pub mod betterstack;
pub mod cachet;
pub mod checkly;
pub mod cstate;
pub mod deepl;
pub mod draft;
mod embedded;
pub mod fedora;
pub mod feed;
pub mod firehydrant;
pub mod flashcat;
pub mod freshstatus;
pub mod gatus;
pub mod google;
pub mod heroku;
pub mod hetzner;
pub mod html;
pub mod http;
pub mod hund;
pub mod hyperping;
pub mod incidentio;
pub mod instatus;
pub mod json;
pub mod kener;
pub mod lambstatus;
mod merge;
pub mod meta;
pub mod microsoft;
pub mod notes;
pub mod okta;
pub mod oneuptime;
pub mod onlineornot;
pub mod openstatus;
pub mod oracle;
pub mod outline;
pub mod pagerduty;
pub mod paypal;
pub mod plain;
pub mod posthog;
pub mod rootly;
mod rows;
pub mod salesforce;
pub mod sample;
mod scrape;
pub mod slack;
pub mod sorry;
pub mod statping;
pub mod statuscast;
pub mod statushub;
pub mod statusio;
pub mod statusiq;
pub mod statusonline;
pub mod statuspage;
pub mod statuspal;
pub mod stripe;
pub mod tencent;
pub mod time;
mod tree;
pub mod upptime;
pub mod uptimecom;
pub mod uptimekuma;
pub mod uptimerobot;
pub mod vigil;
pub mod webex;
pub mod wire;
mod words;
pub mod zendesk;

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use crate::model::observation::Observation;
use crate::text;

pub use sample::Sample;

/// Every format that can be read. A new one is its file, its `mod` line above, and its line here.
pub const REGISTRY: &[Format] = &[
    adobe::FORMAT,
    algolia::FORMAT,
    alibaba::FORMAT,
    allclear::FORMAT,
    apple::FORMAT,
    auth0::FORMAT,
    aws::FORMAT,
    azure::FORMAT,
    azuredevops::FORMAT,
    betterstack::FORMAT,
    cachet::FORMAT,
    cachet::FORMAT_3,
    checkly::FORMAT,
    cstate::FORMAT,
    deepl::FORMAT,
    fedora::FORMAT,
    firehydrant::FORMAT,
    flashcat::FORMAT,
    freshstatus::FORMAT,
    gatus::FORMAT,
    google::FORMAT,
    heroku::FORMAT,
    hetzner::FORMAT,
    hund::FORMAT,
    hyperping::FORMAT,
    incidentio::FORMAT,
    instatus::FORMAT,
    kener::FORMAT,
    lambstatus::FORMAT,
    meta::FORMAT,
    microsoft::FORMAT,
    okta::FORMAT,
    oneuptime::FORMAT,
    onlineornot::FORMAT,
    openstatus::FORMAT,
    oracle::FORMAT,
    pagerduty::FORMAT,
    paypal::FORMAT,
    posthog::FORMAT,
    rootly::FORMAT,
    salesforce::FORMAT,
    slack::FORMAT,
    sorry::FORMAT,
    statping::FORMAT,
    statuscast::FORMAT,
    statushub::FORMAT,
    statusio::FORMAT,
    statusiq::FORMAT,
    statusonline::FORMAT,
    statuspal::FORMAT,
    stripe::FORMAT,
    tencent::FORMAT,
    upptime::FORMAT,
    uptimecom::FORMAT,
    uptimekuma::FORMAT,
    uptimerobot::FORMAT,
    vigil::FORMAT,
    webex::FORMAT,
    zendesk::FORMAT,
    statuspage::FORMAT,
    statuspage::page::FORMAT,
    feed::FORMAT,
    html::FORMAT,
    http::FORMAT,
];

/// Finds a format by its name in `sources.yaml`.
pub fn find(name: &str) -> Option<&'static Format> {
    REGISTRY.iter().find(|format| format.name == name)
}

/// The format that is surest that these documents are its own; `None` where every one says no.
pub fn recognise(bodies: &[Body]) -> Option<&'static Format> {
    let samples: Vec<Sample<'_>> = bodies.iter().map(Sample::new).collect();
    let sureness = |format: &Format| samples.iter().map(format.recognise).max().unwrap_or(Sureness::No);
    // The first of equals: `max_by_key` would take the last.
    REGISTRY.iter().rev().max_by_key(|format| sureness(format)).filter(|format| sureness(format) > Sureness::No)
}

/// What a document is, in words, for somebody who expected a status page.
pub fn describe(body: &Body) -> String {
    let decoded = text::decode(&body.bytes, body.content_type.as_deref());
    match (decoded.trim_start().chars().next(), serde_json::from_str::<json::Value>(&decoded)) {
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
    pub recognise: fn(&Sample<'_>) -> Sureness,
    /// What gives a page of this format away before a document of it was seen.
    pub clues: Clues,
}

/// How a page of a format is known by its address or by what people see of it.
#[derive(Debug, Clone, Copy)]
pub struct Clues {
    /// Host names that are always of this format; with a dot before it, everything below that name.
    pub hosts: &'static [&'static str],
    /// Texts of which one stands in the markup of every such page, and in no other.
    pub marks: &'static [&'static str],
    /// The addresses to configure for the page at an address, likeliest first; the markup is empty where only the
    /// host is known.
    pub leads: fn(&str, &Url) -> Vec<Url>,
}

impl Clues {
    /// Nothing gives it away but its documents.
    pub const NONE: Self = Self { hosts: &[], marks: &[], leads: itself };

    /// Pages that are known by what stands in them, and are configured by their own address.
    pub const fn marks(marks: &'static [&'static str]) -> Self {
        Self { hosts: &[], marks, leads: itself }
    }

    /// True where the host is one of this format's.
    pub fn knows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| match known.strip_prefix('.') {
            Some(parent) => host.ends_with(known) && host != parent,
            None => host == *known,
        })
    }
}

/// The page's own address, and the root of its host.
pub fn itself(_: &str, page: &Url) -> Vec<Url> {
    let mut own = page.clone();
    own.set_query(None);
    own.set_fragment(None);
    let root = own.join("/").ok().filter(|root| *root != own);
    [Some(own), root].into_iter().flatten().collect()
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
    /// On every reading, too, but it may fail: then what it said before counts, and the failure is said.
    Extra,
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
