//! One entry of a feed: who it is about, what was said when, and how things stand.

use feed_rs::model::Entry as Raw;
use jiff::Timestamp;

use super::{dates, words};
use crate::formats::notes::Notes;
use crate::limits;
use crate::model::incident::{Phase, Update};
use crate::text::{self, guard};

/// One entry, read.
#[derive(Debug)]
pub struct Entry {
    /// What it is about: entries of one key are one incident.
    pub key: String,
    /// The time that was cut from its id: each update has an entry of its own.
    pub stamp: Option<String>,
    /// Plain and safe.
    pub title: String,
    /// Its page.
    pub url: Option<String>,
    /// What it says how things stand.
    pub said: words::Said,
    /// It is about planned work, whatever its phase.
    pub planned: bool,
    /// The planned window.
    pub window: (Option<Timestamp>, Option<Timestamp>),
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// When it was first published.
    pub published_at: Option<Timestamp>,
    /// Newest first.
    pub updates: Vec<Update>,
}

/// Reads an entry; `None` where nothing tells it from others.
pub fn read(raw: Raw, own: &[(String, Phase)], notes: &mut Notes) -> Option<Entry> {
    let link = raw.links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    let href = link.or(raw.links.first()).map(|link| link.href.clone());
    let Some((key, stamp_cut)) = key(&raw.id, href.as_deref()) else {
        notes.count("entries had neither an id nor a link and were left out");
        return None;
    };
    let html = raw.content.and_then(|content| content.body).or(raw.summary.map(|summary| summary.content));
    let html = html.unwrap_or_default();
    let title = raw.title.map(|title| text::line(&text::strip(&title.content), limits::TITLE)).unwrap_or_default();
    let (published, updated) = (raw.published, raw.updated);
    // A maintenance's entry is dated by its start, which may lie ahead.
    let planned_link = href.as_deref().is_some_and(|href| href.contains("/maintenance"));
    let (lead, updates) = updates(&html, stamp(updated.or(published)).unwrap_or(notes.now), notes);
    let window = lead.as_deref().map(|lead| dates::window(lead, stamp(updated).unwrap_or(notes.now)));
    let updated_at =
        updated.and_then(|at| if at.timestamp() > notes.now.as_second() { None } else { dates::past(at, notes) });
    let published_at =
        published.and_then(|at| if at.timestamp() > notes.now.as_second() { None } else { dates::past(at, notes) });
    let (said, updates) = if updates.is_empty() {
        let body = text::body(&html);
        let said = words::said(own, &body.plain, &title);
        let phase = match said {
            words::Said::Surely(phase) | words::Said::Likely(phase) => Some(phase),
            words::Said::Nothing => None,
        };
        (said, vec![Update { at: updated_at.or(published_at), phase, body, noticed_at: None, told: None }])
    } else {
        // The newest label that says something; `Update` keeps what was said before it.
        let labelled = updates.iter().find_map(|update| update.phase).map(words::Said::Surely);
        let newest = updates.first().map(|update| update.body.plain.as_str()).unwrap_or_default();
        (labelled.unwrap_or_else(|| words::said(own, newest, &title)), updates)
    };
    let phase = match said {
        words::Said::Surely(phase) | words::Said::Likely(phase) => Some(phase),
        words::Said::Nothing => None,
    };
    Some(Entry {
        key,
        stamp: stamp_cut,
        title: if title.is_empty() { "(untitled)".to_owned() } else { title },
        url: href.as_deref().and_then(text::link),
        said,
        planned: window.is_some() || planned_link || phase.is_some_and(Phase::is_maintenance),
        window: window.unwrap_or_default(),
        updated_at,
        published_at,
        updates,
    })
}

fn stamp(at: Option<chrono::DateTime<chrono::Utc>>) -> Option<Timestamp> {
    Timestamp::from_second(at?.timestamp()).ok()
}

/// What an entry is about: the code in a Statuspage link, else the id, else the link. Publishers that give every
/// update an id of its own append the time to it, which is cut.
fn key(id: &str, href: Option<&str>) -> Option<(String, Option<String>)> {
    let code = href.and_then(|href| {
        let (_, code) = href.rsplit_once("/incidents/").or_else(|| href.rsplit_once("/maintenances/"))?;
        let code = code.split(['/', '?', '#']).next().unwrap_or(code);
        (code.len() >= 6 && code.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| code.to_owned())
    });
    if let Some(code) = code {
        return Some((code, None));
    }
    let id = id.trim();
    let (own, stamp) = match id.rsplit_once('_') {
        Some((head, tail)) if tail.len() == 10 && tail.bytes().all(|b| b.is_ascii_digit()) => {
            (head, Some(tail.to_owned()))
        }
        _ => (id, None),
    };
    let key = if own.is_empty() { href?.trim() } else { own };
    let key = text::line(key, limits::TITLE);
    (!key.is_empty()).then_some((key, stamp))
}

/// Splits a body that holds several dated and labelled updates, newest first. Also gives the words of a planned
/// window, where it leads with one. Empty: it holds none.
fn updates(html: &str, near: Timestamp, notes: &mut Notes) -> (Option<String>, Vec<Update>) {
    const SCHEDULED: &str = "THIS IS A SCHEDULED EVENT";
    if guard::html(html).is_err() {
        return (None, Vec::new());
    }
    let (lead, pieces) = dated(html);
    let lead = lead.contains(SCHEDULED).then(|| text::strip(lead).replace(SCHEDULED, "").trim().to_owned());
    let mut updates = Vec::new();
    for piece in pieces.into_iter().take(limits::UPDATES) {
        let Some((when, rest)) = piece.split_once("</small>") else { continue };
        let at = dates::told(&text::strip(when), near, None);
        if at.is_none() {
            notes.count("updates in entries had no time that can be read");
        }
        let (label, said) = match rest.split_once("<strong>").and_then(|(_, rest)| rest.split_once("</strong>")) {
            Some((label, said)) => (words::label(&text::strip(label)), said),
            None => (None, rest),
        };
        let said = said.trim_start().trim_start_matches('-').trim_start();
        let said = said.trim_end().strip_suffix("</p>").unwrap_or(said);
        updates.push(Update { at, phase: label, body: text::body(said), noticed_at: None, told: None });
    }
    updates.sort_by_key(|update| std::cmp::Reverse(update.at));
    (lead, updates)
}

/// What stands before the first dated paragraph (`<p><small>`), and each of these from its time on.
fn dated(html: &str) -> (&str, Vec<&str>) {
    let mut starts = Vec::new();
    for (at, mark) in html.match_indices("<small>") {
        if let Some(before) = html.get(..at).map(str::trim_end).and_then(|before| before.strip_suffix("<p>")) {
            starts.push((before.len(), at + mark.len()));
        }
    }
    let ends = starts.iter().skip(1).map(|(paragraph, _)| *paragraph).chain([html.len()]);
    let pieces = starts.iter().zip(ends).filter_map(|((_, from), to)| html.get(*from..to)).collect();
    let lead = starts.first().and_then(|(paragraph, _)| html.get(..*paragraph)).unwrap_or(html);
    (lead, pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_known_by_its_code_id_or_link() {
        for (id, href, wanted) in [
            ("tag:x,2005:Incident/1", Some("https://s.example/incidents/abc123def"), Some("abc123def")),
            ("tag:x,2005:Incident/1", Some("https://s.example/incidents/abc123def#u2"), Some("abc123def")),
            ("https://s.example/#ec2-us-east-1_1700000000", None, Some("https://s.example/#ec2-us-east-1")),
            ("guid-1", Some("https://s.example/a"), Some("guid-1")),
            ("", Some("https://s.example/a"), Some("https://s.example/a")),
            ("", None, None),
            ("  ", None, None),
        ] {
            assert_eq!(key(id, href).map(|(key, _)| key).as_deref(), wanted, "{id} {href:?}");
        }
    }
}
