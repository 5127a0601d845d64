//! RSS, Atom and JSON Feed: a log of announcements, from which incidents and maintenances are inferred.
//!
//! A feed announces trouble and says nothing of the rest, so a quiet one supports “no announced incident” and no more
//! (`Basis::Announcements`), and one without any entry supports nothing, unless the operator says that it does
//! (`empty: operational`, right for feeds that list open events only). What an entry says is read by the rule in
//! `words`; several entries about one incident are folded by `fold`. Facts: the feeds of Statuspage, which holds all
//! updates of an incident in one entry, newest first, and recorded feeds of other publishers.

pub(super) mod dates;
mod entry;
mod fold;
mod words;

use std::time::Duration;

use feed_rs::model::Feed;
use jiff::{Span, Timestamp};
use url::Url;

pub(super) use entry::Entry;
pub(super) use words::Said;

use super::notes::Notes;
use super::{
    Adapter, Body, Clues, Compiled, Document, Format, OptionProblem, Options, ParseError, Role, Sample, Sureness, json,
    text,
};
use crate::limits;
use crate::model::incident::Phase;
use crate::model::observation::{Basis, Observation, Page};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "feed",
    about: "RSS, Atom or JSON Feed; incidents are inferred from what the entries say",
    compile,
    recognise,
    clues: Clues::NONE,
};

const EXPECTED: &str = "a feed (RSS, Atom or JSON Feed)";

/// How a feed is read.
#[derive(Debug)]
struct Reader {
    /// A feed without entries is good news.
    empty_is_good: bool,
    /// How long an entry that does not say how it stands counts as open.
    open_for: Duration,
    /// The operator's own words, tried first.
    own: Vec<(String, Phase)>,
}

fn compile(options: &Options) -> Compiled {
    let mut reader = Reader { empty_is_good: false, open_for: limits::FEED_OPEN_FOR, own: Vec::new() };
    let map = match options {
        Options::Null => return Ok(Box::new(reader)),
        Options::Object(map) => map,
        _ => return Err(vec![OptionProblem { at: Vec::new(), message: "expected keys and values".to_owned() }]),
    };
    let mut problems = Vec::new();
    let mut wrong = |at: &[&str], message: String| {
        problems.push(OptionProblem { at: at.iter().map(|key| (*key).to_owned()).collect(), message });
    };
    for (key, value) in map {
        match key.as_str() {
            "empty" => match value.as_str() {
                Some("operational") => reader.empty_is_good = true,
                Some("unknown") => reader.empty_is_good = false,
                _ => wrong(&["empty"], "expected `operational` or `unknown`".to_owned()),
            },
            "open_for" => match value.as_str().and_then(duration) {
                Some(open_for) => reader.open_for = open_for,
                None => wrong(&["open_for"], "expected a duration such as `7d` or `12h`".to_owned()),
            },
            "words" => match value.as_object() {
                Some(words) => {
                    for (word, phase) in words {
                        match phase.as_str().and_then(Phase::from_word) {
                            Some(phase) => reader.own.push((word.to_lowercase(), phase)),
                            None => wrong(&["words", word], format!("expected one of {}", phases())),
                        }
                    }
                }
                None => wrong(&["words"], "expected words and what they mean, as `behoben: resolved`".to_owned()),
            },
            other => wrong(&[other], format!("unknown option `{other}`; there are `empty`, `open_for` and `words`")),
        }
    }
    if problems.is_empty() { Ok(Box::new(reader)) } else { Err(problems) }
}

fn phases() -> String {
    Phase::ALL.map(Phase::as_str).join(", ")
}

fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let seconds = span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours())).ok()?;
    (seconds >= 60.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

/// Formats that publish a feed of their own form are surer of it.
fn recognise(sample: &Sample<'_>) -> Sureness {
    match kind(sample.text()) {
        Some(_) => Sureness::Likely,
        None => Sureness::No,
    }
}

/// The closing tag of an XML feed, or nothing for a JSON Feed.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Xml(&'static str),
    Json,
}

/// What sort of feed a document is, by its root and by nothing else.
fn kind(document: &str) -> Option<Kind> {
    let mut rest = document.trim_start();
    if rest.starts_with('{') {
        let head: String = rest.chars().take(400).collect();
        return head.contains("https://jsonfeed.org/version/").then_some(Kind::Json);
    }
    loop {
        rest = rest.trim_start();
        let end = match rest {
            prolog if prolog.starts_with("<?") => "?>",
            comment if comment.starts_with("<!--") => "-->",
            _ => break,
        };
        rest = rest.split_once(end)?.1;
    }
    [("<rss", "</rss>"), ("<rdf:RDF", "</rdf:RDF>"), ("<feed", "</feed>")]
        .into_iter()
        .find(|(open, _)| {
            let after = rest.strip_prefix(open).and_then(|rest| rest.chars().next());
            after.is_some_and(|c| c.is_whitespace() || c == '>')
        })
        .map(|(_, close)| Kind::Xml(close))
}

impl Adapter for Reader {
    fn documents(&self, base: &Url) -> Vec<Document> {
        let accept = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9";
        vec![Document { name: "feed", url: base.clone(), role: Role::Present, accept }]
    }

    fn parse(&self, documents: &[Body], now: Timestamp) -> Result<Observation, ParseError> {
        let mut seen = Observation { basis: Basis::Announcements, ..Observation::default() };
        let mut notes = Notes::new(now);
        let mut entries = Vec::new();
        for body in documents {
            let feed = read(body)?;
            if feed.entries.is_empty() && !self.empty_is_good {
                let found = "a feed without any entry, which says nothing".to_owned();
                return Err(json::not_this(body, "a feed with entries", found));
            }
            seen.page = page(&feed, &mut notes);
            if feed.entries.len() > limits::INCIDENTS {
                notes.say(format!("only {} of {} entries are kept", limits::INCIDENTS, feed.entries.len()));
            }
            let kept = feed.entries.into_iter().take(limits::INCIDENTS);
            entries.extend(kept.filter_map(|raw| entry::read(raw, &self.own, &mut notes)));
        }
        fold::into(entries, self.open_for, &mut seen, &mut notes);
        seen.warnings = notes.into_warnings();
        Ok(seen)
    }
}

/// The entries of a whole feed and its title, for formats that publish feeds with rules of their own.
///
/// # Errors
/// Where it is no feed, or a cut one.
pub(super) fn entries(body: &Body, notes: &mut Notes) -> Result<(String, Vec<Entry>), ParseError> {
    let feed = read(body)?;
    let title = feed.title.as_ref().map(|title| text::strip(&title.content)).unwrap_or_default();
    let kept = feed.entries.into_iter().take(limits::INCIDENTS);
    Ok((title, kept.filter_map(|raw| entry::read(raw, &[], notes)).collect()))
}

/// Reads a whole feed; a cut one is none.
fn read(body: &Body) -> Result<Feed, ParseError> {
    if !(200..300).contains(&body.status) {
        return Err(json::not_this(body, EXPECTED, format!("an answer with status {}", body.status)));
    }
    let decoded = text::decode(&body.bytes, body.content_type.as_deref());
    if decoded.trim().is_empty() {
        return Err(json::not_this(body, EXPECTED, "nothing: the document is empty".to_owned()));
    }
    // Searched in what could be a prolog only: entries may quote anything.
    let head: String = decoded.chars().take(2_000).collect();
    if head.contains("<!ENTITY") || (head.contains("<!DOCTYPE") && !head.to_lowercase().contains("<!doctype html")) {
        return Err(json::broken(body, "declares a document type or entities, which no feed needs".to_owned()));
    }
    let Some(kind) = kind(&decoded) else {
        let found = match decoded.trim_start().chars().next() {
            Some('<') => json::markup(&decoded),
            Some('{' | '[') => "JSON that is no JSON Feed".to_owned(),
            _ => "something else".to_owned(),
        };
        return Err(json::not_this(body, EXPECTED, found));
    };
    match kind {
        Kind::Json => drop(json::read(body, EXPECTED)?),
        Kind::Xml(close) => {
            if !decoded.trim_end().ends_with(close) {
                return Err(json::broken(body, format!("is cut: it does not end with {close}")));
            }
            depth(&decoded).map_err(|problem| ParseError::OverLimit { document: body.name.clone(), problem })?;
        }
    }
    let parser = feed_rs::parser::Builder::new()
        // Vendors' text is made safe by our own rule, and ids are never made up.
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(dates::lenient)
        .build();
    // The bytes are decoded already: what they declare of themselves does not hold any more.
    let undeclared = decoded.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let whole = undeclared.map_or(&*decoded, |(_, rest)| rest);
    parser.parse(whole.as_bytes()).map_err(|error| json::broken(body, format!("broken feed: {error}")))
}

/// Refuses XML that nests deeper than a feed does.
fn depth(document: &str) -> Result<(), String> {
    let mut depth = 0_usize;
    let mut rest = document;
    while let Some((_, after)) = rest.split_once('<') {
        rest = if let Some(data) = after.strip_prefix("![CDATA[") {
            data.split_once("]]>").map_or("", |(_, rest)| rest)
        } else if let Some(comment) = after.strip_prefix("!--") {
            comment.split_once("-->").map_or("", |(_, rest)| rest)
        } else {
            let (tag, rest) = after.split_once('>').unwrap_or((after, ""));
            if tag.starts_with('/') {
                depth = depth.saturating_sub(1);
            } else if !tag.ends_with('/') && !tag.starts_with(['?', '!']) {
                depth += 1;
            }
            rest
        };
        if depth > limits::JSON_DEPTH {
            return Err(format!("more than {} elements in one another", limits::JSON_DEPTH));
        }
    }
    Ok(())
}

fn page(feed: &Feed, notes: &mut Notes) -> Page {
    let own = |rel: &Option<String>| rel.as_deref().is_none_or(|rel| rel == "alternate");
    Page {
        name: feed.title.as_ref().map(|title| text::line(&text::strip(&title.content), limits::NAME)),
        url: feed.links.iter().filter(|link| own(&link.rel)).find_map(|link| text::link(&link.href)),
        updated_at: feed.updated.and_then(|at| dates::past(at, notes)),
        relays: false,
    }
}
