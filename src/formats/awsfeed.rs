//! AWS's feeds: `https://status.aws.amazon.com/rss/<service>-<region>.rss`, and `all.rss` for all of them.
//!
//! Facts: dated notes on live feeds. Every update is an entry of its own, whose id names the service, the region and the
//! time; how things stand says the head of its title. An incident of a service ends with the entry that says that it
//! operates normally, and what comes after that is another one. A feed without entries announces nothing.

use std::collections::HashMap;

use super::awsname::component;
use super::draft::{self, Draft};
use super::feed::{self, Entry, Said};
use super::words::Table;
use super::{Body, ParseError};
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::SeenIncident;

/// The heads of titles, and what they say of the service.
const HEADS: &Table<(State, Impact)> = &[
    ("Service is operating normally", (State::OPERATIONAL, Impact::None)),
    ("Informational message", (State::OPERATIONAL, Impact::Minor)),
    ("Service degradation", (State::DEGRADED_PERFORMANCE, Impact::Minor)),
    ("Performance issues", (State::DEGRADED_PERFORMANCE, Impact::Minor)),
    ("Service impact", (State::PARTIAL_OUTAGE, Impact::Major)),
    ("Service disruption", (State::MAJOR_OUTAGE, Impact::Major)),
];

/// The state and impact that the head of a title says, and the title without it.
fn split(title: &str) -> (Option<(State, Impact)>, &str) {
    let known = HEADS.iter().find_map(|(head, meaning)| Some((*meaning, title.strip_prefix(head)?)));
    let (meaning, rest) = known.map_or((None, title), |(meaning, rest)| (Some(meaning), rest));
    (meaning, rest.trim_start_matches([':', ' ']).trim_start_matches("[RESOLVED]").trim())
}

fn is_over(entry: &Entry) -> bool {
    let (said, _) = split(&entry.title);
    said.is_some_and(|(_, impact)| impact == Impact::None)
        || entry.title.contains("[RESOLVED]")
        || matches!(entry.said, Said::Surely(Phase::Resolved))
}

/// Reads one of the feeds.
///
/// # Errors
/// Where it is none, or cut.
pub fn read(body: &Body, draft: &mut Draft) -> Result<(), ParseError> {
    let (title, entries) = feed::entries(body, &mut draft.notes)?;
    // “Amazon Elastic Compute Cloud (N. Virginia) Service Status”
    let service = title.trim_end_matches(" Service Status").split(" (").next().unwrap_or_default().to_owned();
    let mut order: Vec<String> = Vec::new();
    let mut threads: HashMap<String, Vec<Entry>> = HashMap::new();
    for entry in entries {
        let thread = threads.entry(entry.key.clone()).or_default();
        if thread.is_empty() {
            order.push(entry.key.clone());
        }
        thread.push(entry);
    }
    for key in order {
        let mut thread = threads.remove(&key).unwrap_or_default();
        thread.sort_by(|a, b| a.stamp.cmp(&b.stamp));
        let mut run: Vec<Entry> = Vec::new();
        for entry in thread {
            let ends = is_over(&entry);
            run.push(entry);
            if ends {
                incident(&key, &service, std::mem::take(&mut run), draft);
            }
        }
        incident(&key, &service, run, draft);
    }
    Ok(())
}

/// The entries of one incident, oldest first.
fn incident(key: &str, service: &str, run: Vec<Entry>, draft: &mut Draft) {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
    let part = key.rsplit_once('#').map_or(key, |(_, part)| part).to_owned();
    let over = is_over(last);
    let (said, _) = split(&last.title);
    // How bad it was, or is, the last entry says that does not speak of the end.
    let worst = run.iter().rev().filter(|entry| !is_over(entry)).find_map(|entry| split(&entry.title).0);
    let name = if service.is_empty() || service == "Amazon Web Services" { part.as_str() } else { service };
    if !over {
        let state = said.or(worst).map_or(State::Unknown, |(state, _)| state);
        draft.component(component(&part, name, state));
    }
    let id = format!("{key}_{}", first.stamp.clone().unwrap_or_default());
    let title = split(&first.title).1.to_owned();
    let at = |entry: &Entry| entry.published_at.or(entry.updated_at);
    let (started_at, ended_at) = (at(first), at(last));
    let mut updates: Vec<Update> = Vec::new();
    for entry in run {
        let phase = is_over(&entry).then_some(Phase::Resolved);
        updates.extend(entry.updates.into_iter().map(|update| Update { phase, ..update }));
    }
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
        impact: worst.map(|(_, impact)| impact),
        started_at,
        resolved_at: ended_at.filter(|_| over),
        components: vec![draft::id(&part)],
        updates,
        ..draft::incident(&id, &title)
    });
}
