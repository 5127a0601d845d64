//! What is answered in a chat.

use std::fmt::Write;

use jiff::Timestamp;

use super::Request;
use crate::limits;
use crate::model::command::{Done, Refused};
use crate::model::desk::Mute;
use crate::model::snapshot::{IncidentView, Snapshot};

/// Which commands there are.
pub const HELP: &str = "\
status – what is wrong now
incidents – open incidents with their ids
incident open TITLE service=ID impact=minor
incident update ID WORDS
incident resolve ID WORDS
ack ID – you have seen it
mute ID 2h, or mute ID until change";

/// The first line, and what is wrong, worst first.
pub fn status(present: &Snapshot) -> String {
    let mut out = format!("{}\n{}", present.headline.text, present.headline.detail);
    for notice in &present.notices {
        let _ = write!(out, "\n! {}", notice.text);
    }
    let counted = || present.incidents.iter().filter(|view| view.counted);
    for view in counted().take(limits::BOT_LINES) {
        out.push_str(&line(view));
    }
    more(&mut out, counted().count());
    let mut wrong: Vec<_> = present.sources.iter().filter(|view| view.state.weight() > 0).collect();
    wrong.sort_by_key(|view| std::cmp::Reverse(view.state.weight()));
    for view in wrong.iter().take(limits::BOT_LINES) {
        let _ = write!(out, "\n{}: {} since {}", view.source.name, view.state.label().to_lowercase(), time(view.since));
    }
    more(&mut out, wrong.len());
    link(&mut out, present, "");
    out
}

/// The open incidents with their ids, those that do not count last.
pub fn incidents(present: &Snapshot) -> String {
    if present.incidents.is_empty() {
        return "No incident is open.".to_owned();
    }
    let mut out = String::from("Open incidents:");
    for view in present.incidents.iter().take(limits::BOT_LINES) {
        out.push_str(&line(view));
    }
    more(&mut out, present.incidents.len());
    out
}

/// What came of a request, `by` whom.
pub fn done(present: &Snapshot, by: &str, request: &Request, done: &Done) -> String {
    let mut out = String::new();
    match done {
        Done::Incident(incident) => {
            let verb = match request {
                Request::Open { .. } => "declared",
                Request::Resolve { .. } => "resolved",
                _ => "updated",
            };
            let _ = write!(out, "{by} {verb} {}: {}", incident.id, incident.title);
            link(&mut out, present, &format!("/incidents/{}", incident.id));
        }
        Done::Verdict(verdict) => {
            let _ = match (request, verdict.mute) {
                (Request::Mute { .. }, Mute::Until(at)) => {
                    write!(out, "{by} muted {} until {}", verdict.incident, time(at))
                }
                (Request::Mute { .. }, _) => write!(out, "{by} muted {} until it becomes worse", verdict.incident),
                _ => write!(out, "{by} has seen {}", verdict.incident),
            };
        }
        // No request of a chat ends so.
        _ => out.push_str("Done."),
    }
    out
}

/// Why it was not done. Nothing of this machine is in it.
pub fn refused(refused: &Refused) -> String {
    match refused {
        Refused::NotStored(_) => "Nothing can be stored now, and nothing was changed.".to_owned(),
        other => format!("Not done: {other}."),
    }
}

fn line(view: &IncidentView) -> String {
    let incident = &view.incident;
    let status = incident.phase.map_or("unknown", crate::model::incident::Phase::as_str);
    let stale = if view.stale { ", not read since" } else { "" };
    let uncounted = if view.counted { "" } else { ", does not count" };
    format!(
        "\n{} {}: {} ({status} since {}{stale}{uncounted})",
        incident.id,
        view.source_name,
        incident.title,
        time(incident.began_at())
    )
}

fn more(out: &mut String, count: usize) {
    if count > limits::BOT_LINES {
        let _ = write!(out, "\n… and {} more", count.saturating_sub(limits::BOT_LINES));
    }
}

fn link(out: &mut String, present: &Snapshot, path: &str) {
    if let Some(url) = &present.page.url {
        let _ = write!(out, "\n{url}{path}");
    }
}

fn time(at: Timestamp) -> String {
    at.strftime("%b %d %H:%M UTC").to_string()
}
