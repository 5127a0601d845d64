//! StatusCast: `/status.json`, with `/components.json` and `/incidents.json` where they are published.
//!
//! Facts: recorded answers of the first and a recorded page; the lists were seen in public clients. Their words have no
//! public dictionary. Many of these pages refuse every client but desktop browsers.

use scraper::Html;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, json_or_markup, present};
use super::words::{self, Table};
use super::{Clues, Format, ParseError, Sureness, json, scrape, text};
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statuscast",
    about: "StatusCast pages (/status.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let row = &value[0];
        if ((value["Status"].is_string() && (value["StatusText"].is_string() || value["PageName"].is_string()))
            || (row["IncidentType"].is_string() || row["CurrentStatus"].is_string()))
            || (sample.holds(&["powered by StatusCast", "status-list-component-status-text"]))
        {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &[".statuscast.com", ".status.page"],
        ..Clues::marks(&["powered by StatusCast", "status-list-component-status-text"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[
        present("status", "status.json"),
        extra("components", "components.json"),
        extra("incidents", "incidents.json"),
    ]),
    expected: "a StatusCast document (JSON with `Status`), or the page itself",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const STATES: &Table<State> = &[
    ("Available", State::OPERATIONAL),
    ("Informational", State::OPERATIONAL),
    ("Maintenance", State::UNDER_MAINTENANCE),
    ("Degraded", State::DEGRADED_PERFORMANCE),
    ("Monitoring", State::DEGRADED_PERFORMANCE),
    ("Monitored", State::DEGRADED_PERFORMANCE),
    ("Identified", State::DEGRADED_PERFORMANCE),
    ("Investigating", State::DEGRADED_PERFORMANCE),
    ("PartialOutage", State::PARTIAL_OUTAGE),
    ("Unavailable", State::MAJOR_OUTAGE),
];

const IMPACTS: &Table<Impact> = &[
    ("Informational", Impact::None),
    ("ServiceDegraded", Impact::Minor),
    ("Degraded", Impact::Minor),
    ("PartialOutage", Impact::Major),
    ("ServiceUnavailable", Impact::Critical),
    ("Outage", Impact::Critical),
    ("Maintenance", Impact::Maintenance),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        match &doc.value {
            Value::String(markup) => page(&scrape::page(markup, doc)?, doc, draft)?,
            Value::Array(rows) if rows.first().is_none_or(|row| row.get("CurrentStatus").is_some()) => {
                components(doc, draft)?
            }
            Value::Array(_) => incidents(doc.items()?, draft),
            value if value.get("Status").is_some() => {
                draft.page(json::string(value, "PageName"), json::string(value, "Domain"));
                let state = draft.state(STATES, "the page", value, "Status");
                draft.indicator(state);
                incidents(doc.list("UnresolvedIncidents")?, draft);
            }
            _ => return Err(doc.not_ours()),
        }
    }
    Ok(())
}

/// Rows in the order of a tree: a deeper one belongs to the last that is one level higher.
fn components(doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let rows = doc.items()?;
    let level = |row: &Value| row["Level"].as_u64().unwrap_or(1);
    let name = |row: &Value| json::string(row, "text").or_else(|| json::string(row, "Name")).unwrap_or_default();
    let mut above: Vec<(u64, String)> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        above.retain(|(higher, _)| *higher < level(row));
        let has_parts = rows.get(at.saturating_add(1)).is_some_and(|next| level(next) > level(row));
        if !has_parts {
            let state = draft.state(STATES, &name(row), row, "CurrentStatus");
            let group: Vec<&str> = above.iter().map(|(_, name)| name.as_str()).collect();
            let id = json::string(row, "id").or_else(|| json::string(row, "Id")).unwrap_or_else(|| name(row));
            draft.component(SeenComponent {
                group: draft::group(Some(group.join("/"))),
                state,
                ..draft::component(&id, &name(row))
            });
        }
        above.push((level(row), name(row)));
    }
    Ok(())
}

fn incidents(rows: &[Value], draft: &mut Draft) {
    for row in rows {
        let either = |a: &str, b: &str| json::string(row, a).or_else(|| json::string(row, b));
        let url = either("ShortUrl", "Url").and_then(|url| text::link(&url));
        let id = either("Id", "id").or_else(|| url.clone()).unwrap_or_default();
        let over =
            matches!(json::string(row, "Status").as_deref(), Some("Resolved" | "Closed" | "Completed" | "Complete"));
        let impact = words::impact(IMPACTS, json::string(row, "IncidentType").as_deref(), &mut draft.notes);
        let started_at = draft.past(row, "DateStarted").or_else(|| draft.past(row, "StartDate"));
        draft.incident(SeenIncident {
            phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
            impact,
            started_at,
            url,
            ..draft::incident(&id, &either("Title", "title").unwrap_or_default())
        });
    }
}

/// The page for people: a row for each component, its newest day first.
fn page(html: &Html, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    draft.page(scrape::title(html), None);
    let state_of = |element: scraper::ElementRef<'_>, draft: &mut Draft, name: &str| {
        let class = element.value().attr("class").unwrap_or_default();
        let word = class.split_whitespace().find_map(|class| class.strip_prefix("component-"));
        words::state(STATES, name, word, &mut draft.notes)
    };
    let mut names: std::collections::HashMap<String, String> = std::collections::HashMap::new();
    for row in scrape::all(html, "tr[data-path]") {
        let Some(label) = scrape::first(row, "a.notranslate").or_else(|| scrape::first(row, "td a")) else { continue };
        let name = scrape::words(label);
        let path = row.value().attr("data-path").unwrap_or_default().to_owned();
        names.insert(path.clone(), name.clone());
        let Some(icon) = scrape::first(row, "td i[class*='component-']") else { continue };
        let state = state_of(icon, draft, &name);
        let group = path.rsplit_once(['/', '-', ',', '.']).and_then(|(above, _)| names.get(above).cloned());
        draft.component(SeenComponent { group: draft::group(group), state, ..draft::component(&path, &name) });
    }
    for text in scrape::all(html, ".status-list-component-status-text") {
        let name = text.parent().and_then(scraper::ElementRef::wrap).map(scrape::words).unwrap_or_default();
        let state = state_of(text, draft, &name);
        draft.component(SeenComponent { state, ..draft::component(&name, &name) });
    }
    if draft.seen.components.is_empty() {
        return Err(doc.broken("the page lists no component where these pages do"));
    }
    Ok(())
}
