//! Kener: its feed (`/rss.xml`, the last ninety days), and the lists of its management API.
//!
//! Facts: the server's source and its output, run here. The feed's descriptions begin with labelled lines (`Status:`,
//! `Scheduled: from → to`, `Affected:`). A feed without items means that nothing was announced in ninety days.

use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile as compile_plain, present};
use super::words::{PHASES, Table, look_up};
use super::{
    Adapter, Body, Clues, Compiled, Document, Format, Options, ParseError, Role, Sureness, feed, json as read_json,
};
use crate::limits;
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, Observation, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "kener",
    about: "Kener (/rss.xml)",
    compile,
    recognise: |sample| {
        let value = sample.json();
        let list = value["incidents"][0].get("incident_source").is_some()
            || value["events"][0].get("event_start_date_time").is_some()
            || value["maintenances"][0].get("duration_seconds").is_some();
        let feed = sample.holds(&["<rss"])
            && sample.holds(&[
                "Latest incidents and scheduled maintenance for",
                "isPermaLink=\"false\">incident-",
                "isPermaLink=\"false\">maintenance-",
            ]);
        if list || feed { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&["kener", "Kener"]),
};

static LISTS: Plain = Plain {
    documents: Where::Below(&[present("feed", "rss.xml")]),
    expected: "Kener's feed, or a list of its API",
    basis: Basis::Announcements,
    load: read_json::read,
    read: lists,
};

const IMPACTS: &Table<Impact> = &[
    ("UP", Impact::None),
    ("MAINTENANCE", Impact::Maintenance),
    ("DEGRADED", Impact::Minor),
    ("DOWN", Impact::Critical),
];

#[derive(Debug)]
struct Kener {
    feed: Box<dyn Adapter>,
}

fn compile(options: &Options) -> Compiled {
    compile_plain(options, &LISTS)?;
    let feed = (feed::FORMAT.compile)(&json!({ "empty": "operational" }))?;
    Ok(Box::new(Kener { feed }))
}

impl Adapter for Kener {
    fn documents(&self, base: &Url) -> Vec<Document> {
        LISTS
            .documents(base)
            .into_iter()
            .map(|document| Document { accept: "application/rss+xml", role: Role::Present, ..document })
            .collect()
    }

    fn parse(&self, documents: &[Body], now: Timestamp) -> Result<Observation, ParseError> {
        let is_json =
            |body: &Body| body.bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'{');
        if documents.iter().any(is_json) {
            return LISTS.parse(documents, now);
        }
        let mut seen = self.feed.parse(documents, now)?;
        let mut components: Vec<SeenComponent> = Vec::new();
        for incident in &mut seen.incidents {
            incident.title = incident.title.trim_start_matches("[Incident] ").to_owned();
            let labels = labels(incident.updates.first().map_or("", |update| update.body.plain.as_str()));
            incident.components = labels.affected.iter().map(|name| draft::id(name)).collect();
            if incident.is_open() {
                note(&labels.affected, incident.state(), &mut components);
            }
        }
        for maintenance in &mut seen.maintenances {
            maintenance.title = maintenance.title.trim_start_matches("[Maintenance] ").to_owned();
            let labels = labels(maintenance.updates.first().map_or("", |update| update.body.plain.as_str()));
            maintenance.components = labels.affected.iter().map(|name| draft::id(name)).collect();
            let time = |raw: Option<&str>| raw.and_then(|raw| super::time::planned(raw, now).at);
            maintenance.starts_at = time(labels.from).or(maintenance.starts_at);
            maintenance.ends_at = time(labels.to).or(maintenance.ends_at);
            maintenance.phase = labels.phase.or(maintenance.phase);
            if maintenance.phase.is_some_and(Phase::is_running) {
                note(&labels.affected, State::UNDER_MAINTENANCE, &mut components);
            }
        }
        seen.components = components;
        Ok(seen)
    }
}

/// Only what something touches is known by name.
fn note(names: &[&str], state: State, components: &mut Vec<SeenComponent>) {
    for name in names {
        let id = draft::id(name);
        match components.iter_mut().find(|component| component.id == id) {
            Some(known) => known.state = known.state.worse(state),
            None => components.push(SeenComponent { state, ..draft::component(name, name) }),
        }
    }
    components.truncate(limits::COMPONENTS);
}

#[derive(Debug, Default)]
struct Labels<'t> {
    phase: Option<Phase>,
    from: Option<&'t str>,
    to: Option<&'t str>,
    affected: Vec<&'t str>,
}

fn labels(words: &str) -> Labels<'_> {
    let mut labels = Labels::default();
    for line in words.lines().take(6) {
        if let Some(word) = line.strip_prefix("Status: ") {
            labels.phase = look_up(PHASES, &word.trim().replace([' ', '-'], "_"))
                .or_else(|| (word.trim() == "ONGOING").then_some(Phase::InProgress));
        } else if let Some((from, to)) = line.strip_prefix("Scheduled: ").and_then(|window| window.split_once(" → "))
        {
            (labels.from, labels.to) = (Some(from.trim()), Some(to.trim()));
        } else if let Some(names) = line.strip_prefix("Affected: ") {
            labels.affected =
                names.split(", ").map(str::trim).filter(|name| !name.is_empty() && *name != "All monitors").collect();
        }
    }
    labels
}

fn lists(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let known = ["incidents", "events", "maintenances"].iter().any(|key| doc.value[*key].is_array());
        if !known {
            return Err(doc.not_ours());
        }
        for row in doc.list("incidents")? {
            let (components, impact) = touched(row, doc)?;
            let started_at = draft.past(row, "start_date_time");
            let ended_at = draft.past(row, "end_date_time");
            let updated_at = draft.past(row, "updated_at");
            let phase = draft.phase(PHASES, "an incident", row, "state");
            draft.incident(SeenIncident {
                phase,
                impact,
                started_at,
                updated_at,
                resolved_at: ended_at.filter(|_| phase == Some(Phase::Resolved)),
                url: read_json::string(row, "url").and_then(|url| super::text::link(&url)),
                components,
                ..draft::incident(
                    &read_json::string(row, "id").unwrap_or_default(),
                    &read_json::string(row, "title").unwrap_or_default(),
                )
            });
        }
        for row in doc.list("events")?.iter().chain(doc.list("maintenances")?) {
            maintenance(row, doc, draft)?;
        }
    }
    Ok(())
}

fn touched(row: &Value, doc: &Doc<'_>) -> Result<(Vec<ComponentId>, Option<Impact>), ParseError> {
    let monitors = doc.list_in(row, "monitors")?;
    let ids =
        monitors.iter().filter_map(|monitor| Some(draft::id(&read_json::string(monitor, "monitor_tag")?))).collect();
    let impact = monitors.iter().filter_map(|monitor| look_up(IMPACTS, &read_json::string(monitor, "impact")?)).max();
    Ok((ids, impact))
}

fn maintenance(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let either = |a: &str, b: &str| read_json::string(row, a).or_else(|| read_json::string(row, b));
    let starts_at = draft.notes.planned(either("event_start_date_time", "start_date_time"));
    let lasts = read_json::string(row, "duration_seconds").and_then(|seconds| seconds.parse::<u64>().ok());
    let ends_at = draft
        .notes
        .planned(read_json::string(row, "event_end_date_time"))
        .or_else(|| starts_at?.checked_add(std::time::Duration::from_secs(lasts?)).ok());
    let said = read_json::string(row, "event_status").and_then(|word| look_up(PHASES, &word));
    let words = either("maintenance_description", "description").unwrap_or_default();
    let updates = if words.is_empty() { Vec::new() } else { vec![draft.update(None, None, &words)] };
    let (components, _) = touched(row, doc)?;
    draft.maintenance(SeenMaintenance {
        phase: said.or_else(|| by_window(starts_at, ends_at, draft.notes.now)),
        starts_at,
        ends_at,
        url: read_json::string(row, "url").and_then(|url| super::text::link(&url)),
        components,
        updates,
        ..draft::maintenance(
            &either("event_id", "id").unwrap_or_default(),
            &either("maintenance_title", "title").unwrap_or_default(),
        )
    });
    Ok(())
}
