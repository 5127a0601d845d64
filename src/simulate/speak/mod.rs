//! The dialects of the pretend vendors: what a real page of each format serves, by families of platforms.
//!
//! A dialect only writes; that a format reads what its dialect writes, and is found by it, is proven by the tests.

mod clouds;
mod hosted;
mod imitators;
mod installed;
mod monitors;
mod products;
mod vendors;

use jiff::Timestamp;
use serde_json::Value;

use super::pages::escape;
pub(super) use super::play::{Component, Event, Stage};
pub(super) use super::statuspage::{Page, time};

/// One way of speaking. A new one is a function in its family's file, and a line in that family's list.
#[derive(Debug)]
pub(in crate::simulate) struct Dialect {
    /// The format that reads it.
    pub format: &'static str,
    /// Below the origin, what a source of this format is configured with; `/` where that is the page itself.
    pub reads: &'static str,
    /// What the vendor serves at a path, the page at `/` included; `None`: it answers 404.
    pub document: fn(&Page<'_>, &Stage, &str) -> Option<Answer>,
}

/// Content type and body.
pub(in crate::simulate) type Answer = (&'static str, Vec<u8>);

/// Every dialect beside the first ones (`statuspage`, `feed`, `html`, `http`).
pub(in crate::simulate) fn dialects() -> impl Iterator<Item = &'static Dialect> {
    [
        hosted::DIALECTS,
        imitators::DIALECTS,
        monitors::DIALECTS,
        installed::DIALECTS,
        clouds::DIALECTS,
        vendors::DIALECTS,
        products::DIALECTS,
    ]
    .into_iter()
    .flatten()
}

/// A dialect, in a line.
const fn speaks(
    format: &'static str,
    reads: &'static str,
    document: fn(&Page<'_>, &Stage, &str) -> Option<Answer>,
) -> Dialect {
    Dialect { format, reads, document }
}

/// A page for people that gives away by `marks`, and by nothing else, what it is.
fn shell(page: &Page<'_>, marks: &str) -> Option<Answer> {
    html(page.name, marks, "<div id=\"app\">Loading …</div>")
}

/// A JSON document.
pub(super) fn json(value: &Value) -> Option<Answer> {
    Some(("application/json; charset=utf-8", value.to_string().into_bytes()))
}

/// A web page; `head` and `body` are markup.
pub(super) fn html(title: &str, head: &str, body: &str) -> Option<Answer> {
    let title = escape(title);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>{head}</head>\
         <body>{body}</body></html>\n"
    );
    Some(("text/html; charset=utf-8", page.into_bytes()))
}

/// Incidents in the vendor's order (newest first); open ones only, or all.
pub(super) fn incidents(stage: &Stage, all: bool) -> impl Iterator<Item = &Event> {
    stage.events.iter().filter(move |event| event.window.is_none() && (all || event.open()))
}

/// Maintenances with their windows; open ones only, or all.
pub(super) fn maintenances(stage: &Stage, all: bool) -> impl Iterator<Item = (&Event, Timestamp, Timestamp)> {
    stage.events.iter().filter_map(move |event| {
        let (from, until) = event.window.filter(|_| all || event.open())?;
        Some((event, from, until))
    })
}

/// The components that an event touches.
pub(super) fn touched<'a>(stage: &'a Stage, event: &Event) -> Vec<&'a Component> {
    stage.components.iter().filter(|component| event.components.contains(&component.name)).collect()
}

/// The names of the groups, in their order; components without one are left out.
pub(super) fn groups(stage: &Stage) -> Vec<&str> {
    let mut groups: Vec<&str> = Vec::new();
    for component in &stage.components {
        if !component.group.is_empty() && !groups.contains(&component.group.as_str()) {
            groups.push(&component.group);
        }
    }
    groups
}

/// The word of a table for one of ours; the last row serves for all others.
pub(super) fn said<T: Copy>(table: &[(&str, T)], ours: &str) -> Option<T> {
    table.iter().find(|(word, _)| *word == ours).or_else(|| table.last()).map(|(_, theirs)| *theirs)
}

/// A number made of text, the same for the same text: for formats whose ids are numbers.
pub(super) fn number(id: &str) -> u32 {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::hash::DefaultHasher::new();
    id.hash(&mut hasher);
    (hasher.finish() % 900_000) as u32 + 100_000
}
