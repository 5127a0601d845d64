//! What reading costs beside what the parsers alone need for the same bytes, in one run: `cargo bench -- parse`; one format: `cargo bench -- statusio`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a benchmark says what it finds")]

mod documents;

use std::hint::black_box;
use std::time::{Duration, Instant};

use allclear::formats::{self, Adapter, Body, Options, Role};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What a format may cost, as a multiple of its parsers alone.
const PROMISE: f64 = 1.5;
/// Both are measured in turns, so that what else the machine does disturbs both alike.
const TURNS: usize = 60;

struct Case {
    name: &'static str,
    adapter: Box<dyn Adapter>,
    bodies: Vec<Body>,
    alone: fn(&[u8]),
}

fn main() {
    // Run as a test, it only shows that it runs.
    let (turns, filter) = arguments();
    let asked = |name: &str| filter.as_ref().is_none_or(|filter| "parse".contains(filter) || name.contains(filter));
    let cases: Vec<Case> = cases().into_iter().filter(|case| asked(case.name)).collect();
    if cases.is_empty() {
        return;
    }
    println!("{:<22} {:>8} {:>13} {:>12} {:>7}", "parse", "bytes", "parsers alone", "reading it", "ratio");
    for case in cases {
        let bytes: usize = case.bodies.iter().map(|body| body.bytes.len()).sum();
        let (alone, whole) = measure(&case, turns);
        let ratio = whole.as_secs_f64() / alone.as_secs_f64();
        let note = if ratio > PROMISE { "  over the promise" } else { "" };
        println!("{:<22} {bytes:>8} {alone:>13.1?} {whole:>12.1?} {ratio:>7.2}{note}", case.name);
    }
}

fn arguments() -> (usize, Option<String>) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let turns = if arguments.iter().any(|one| one == "--bench") { TURNS } else { 1 };
    (turns, arguments.into_iter().find(|one| !one.starts_with('-')))
}

/// The best of all turns of each: what disturbs only ever makes it longer. Giving the memory back is part of both.
fn measure(case: &Case, turns: usize) -> (Duration, Duration) {
    let now = "2026-01-02T04:00:00Z".parse().unwrap();
    let (mut alone, mut whole) = (Duration::MAX, Duration::MAX);
    for _ in 0..turns {
        alone = alone.min(time(|| case.bodies.iter().for_each(|body| (case.alone)(black_box(&body.bytes)))));
        whole = whole.min(time(|| drop(case.adapter.parse(black_box(&case.bodies), now).unwrap())));
    }
    (alone, whole)
}

fn time(work: impl Fn()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn case(name: &'static str, format: &str, alone: fn(&[u8]), options: &Options, documents: Vec<Vec<u8>>) -> Case {
    let adapter = (formats::find(format).unwrap().compile)(options).unwrap();
    let body = |bytes: Vec<u8>| Body {
        name: "document".into(),
        role: Role::Present,
        content_type: None,
        url: Some("https://status.acme.example/".parse().unwrap()),
        status: 200,
        bytes: bytes.into(),
    };
    let bodies: Vec<Body> = documents.into_iter().map(body).collect();
    let case = Case { name, adapter, bodies, alone };
    let now: Timestamp = "2026-01-02T04:00:00Z".parse().unwrap();
    let seen = case.adapter.parse(&case.bodies, now).unwrap_or_else(|error| panic!("{name}: {error}"));
    let found = seen.components.len() + seen.incidents.len();
    assert!(found >= 10, "{name}: only {found} components and incidents are read of it: {:?}", seen.warnings);
    case
}

fn cases() -> Vec<Case> {
    use documents as made;
    let none = &Options::Null;
    let selectors = json!({"component": "table.status tr", "name": "td.name", "state": "td.state",
        "states": {"OK": "operational"}});
    vec![
        case("statuspage, calm", "statuspage", json_alone, none, vec![made::statuspage(25, 0)]),
        case("statuspage, large", "statuspage", json_alone, none, vec![made::statuspage(made::COMPONENTS, 0)]),
        case(
            "statuspage, trouble",
            "statuspage",
            json_alone,
            none,
            vec![made::statuspage(made::COMPONENTS, made::INCIDENTS)],
        ),
        case("incidentio", "incidentio", json_alone, none, vec![made::incidentio()]),
        case("instatus", "instatus", json_alone, none, vec![made::instatus_summary(), made::instatus()]),
        case("statusio", "statusio", json_alone, none, vec![made::statusio()]),
        case("aws, UTF-16", "aws", utf16_alone, none, vec![made::aws()]),
        case("google", "google", json_alone, none, vec![made::google()]),
        case("betterstack", "betterstack", json_alone, none, vec![made::betterstack()]),
        case("feed, Atom with HTML", "feed", feed_alone, none, vec![made::atom()]),
        case("feed, plain RSS", "feed", feed_alone, none, vec![made::rss()]),
        case("html", "html", html_alone, &selectors, vec![made::page()]),
    ]
}

fn json_alone(bytes: &[u8]) {
    markup_alone(&black_box(serde_json::from_slice::<Value>(bytes).unwrap()));
}

/// serde_json reads UTF-8 only, so that decoding is part of what it needs.
fn utf16_alone(bytes: &[u8]) {
    let (text, _, _) = encoding_rs::UTF_8.decode(bytes);
    markup_alone(&black_box(serde_json::from_str::<Value>(&text).unwrap()));
}

/// Words that are markup need a parser of their own, and nothing else is safe.
fn markup_alone(value: &Value) {
    match value {
        Value::String(words) if words.contains('<') => drop(black_box(scraper::Html::parse_fragment(words))),
        Value::Array(items) => items.iter().for_each(markup_alone),
        Value::Object(entries) => entries.values().for_each(markup_alone),
        _ => {}
    }
}

/// Without its own cleaning of words, which is not asked of it here either.
fn feed_alone(bytes: &[u8]) {
    let parser = feed_rs::parser::Builder::new().sanitize_content(false).build();
    let feed = black_box(parser.parse(bytes).unwrap());
    for entry in &feed.entries {
        let texts = [
            entry.content.as_ref().and_then(|content| content.body.as_deref()),
            entry.summary.as_ref().map(|text| &*text.content),
        ];
        for words in texts.into_iter().flatten().filter(|words| words.contains('<')) {
            drop(black_box(scraper::Html::parse_fragment(words)));
        }
    }
}

fn html_alone(bytes: &[u8]) {
    drop(black_box(scraper::Html::parse_document(std::str::from_utf8(bytes).unwrap())));
}
