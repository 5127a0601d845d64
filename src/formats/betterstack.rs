//! Better Stack status pages (once Better Uptime): `/index.json`, JSON:API.
//!
//! Facts: recorded answers and the vendor's documentation. Reports have no lifecycle of their own: an open one is
//! `investigating`. `ends_at` stays empty on manual reports that are over, so `aggregate_state` says it.

use std::collections::HashMap;

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup, present};
use super::words::{self, Table, impact_of};
use super::{Clues, Format, ParseError, Sample, Sureness, embedded, json, scrape, text};
use crate::limits;
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "betterstack",
    about: "Better Stack status pages (/index.json)",
    compile: |options| compile(options, &READER),
    recognise,
    clues: Clues {
        hosts: &[".betteruptime.com", ".betterstack.com"],
        ..Clues::marks(&["uptime.betterstack.com", "betteruptime.com", "status-page__overview-icon", "uptime-assets"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("index", "index.json")]),
    expected: "a Better Stack document (JSON with `data.type` \"status_page\"), or the page itself",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const STATES: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("resolved", State::OPERATIONAL),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("degraded", State::DEGRADED_PERFORMANCE),
    ("downtime", State::MAJOR_OUTAGE),
];

fn recognise(sample: &Sample<'_>) -> Sureness {
    if sample.json()["data"]["type"] == "status_page" || sample.holds(&["uptime.betterstack.com/assets/status_pages"]) {
        Sureness::Certain
    } else {
        Sureness::No
    }
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        match &doc.value {
            Value::String(markup) => page(markup, doc, draft)?,
            value if value["data"]["type"] == "status_page" => index(doc, draft)?,
            _ => return Err(doc.not_ours()),
        }
    }
    Ok(())
}

fn index(doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let page = &doc.value["data"]["attributes"];
    let home = json::string(page, "custom_domain").map(|host| format!("https://{host}/"));
    let hosted = json::string(page, "subdomain").map(|name| format!("https://{name}.betteruptime.com/"));
    draft.page(json::string(page, "company_name"), home.or(hosted));
    draft.page_updated(json::string(page, "updated_at"));
    let included = doc.list("included")?;
    let of = |kind: &'static str| included.iter().filter(move |row| row["type"] == kind);
    let sections: HashMap<String, String> = of("status_page_section")
        .filter_map(|row| Some((json::string(row, "id")?, json::string(&row["attributes"], "name")?)))
        .collect();
    for row in of("status_page_resource") {
        resource(row, &sections, draft);
    }
    let updates: HashMap<String, &Value> =
        of("status_update").filter_map(|row| Some((json::string(row, "id")?, &row["attributes"]))).collect();
    for row in of("status_report") {
        report(row, &updates, doc, draft)?;
    }
    if let Some(words) = json::string(page, "announcement") {
        draft.notes.say(format!("the page announces: {}", text::line(&words, limits::TITLE)));
    }
    // One resource of many that is down is not the whole page.
    let all_down = draft.seen.components.iter().all(|component| component.state == State::MAJOR_OUTAGE);
    match draft.state(STATES, "the page", page, "aggregate_state") {
        State::MAJOR_OUTAGE if !all_down => draft.indicator(State::PARTIAL_OUTAGE),
        state => draft.indicator(state),
    }
    Ok(())
}

fn resource(row: &Value, sections: &HashMap<String, String>, draft: &mut Draft) {
    let about = &row["attributes"];
    let name = json::string(about, "public_name").unwrap_or_default();
    if about["status"] == "not_monitored" {
        draft.notes.say(format!("{} is not monitored and not counted", text::line(&name, limits::NAME)));
        return;
    }
    let state = draft.state(STATES, &name, about, "status");
    let section = json::string(about, "status_page_section_id").and_then(|id| sections.get(&id).cloned());
    draft.component(SeenComponent {
        group: draft::group(section),
        state,
        description: json::string(about, "explanation").map(|words| text::line(&words, limits::TITLE)),
        ..draft::component(&json::string(row, "id").unwrap_or_default(), &name)
    });
}

fn report(row: &Value, all: &HashMap<String, &Value>, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let about = &row["attributes"];
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(about, "title").unwrap_or_default();
    let (starts_at, ends_at) = (draft.planned(about, "starts_at"), draft.planned(about, "ends_at"));
    let components: Vec<ComponentId> = doc
        .list_in(about, "affected_resources")?
        .iter()
        .filter_map(|part| Some(draft::id(&json::string(part, "status_page_resource_id")?)))
        .collect();
    let state = draft.state(STATES, &title, about, "aggregate_state");
    let mut updates: Vec<Update> = Vec::new();
    let mut worst = state;
    for link in doc.list_in(&row["relationships"]["status_updates"], "data")? {
        let Some(update) = json::string(link, "id").and_then(|id| all.get(&id).copied()) else { continue };
        let at = draft.past(update, "published_at");
        for part in doc.list_in(update, "affected_resources")? {
            worst = worst.worse(draft.state(STATES, &title, part, "status"));
        }
        updates.push(draft.update(at, None, &json::string(update, "message").unwrap_or_default()));
    }
    let over = about["aggregate_state"] == "resolved" || ends_at.is_some_and(|end| end <= draft.notes.now);
    let updated_at = updates.iter().filter_map(|update| update.at).max();
    if about["report_type"] == "maintenance" {
        let phase = if over { Some(Phase::Completed) } else { by_window(starts_at, ends_at, draft.notes.now) };
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
    } else {
        draft.incident(SeenIncident {
            phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
            impact: impact_of(worst),
            started_at: starts_at,
            resolved_at: ends_at.or(updated_at).filter(|_| over),
            components,
            updates,
            ..draft::incident(&id, &title)
        });
    }
    Ok(())
}

/// The page for people: its icon has the overall state in its address. A row shows a state of its own only while it is
/// monitored.
fn page(markup: &str, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let icon = embedded::between(markup, "/assets/status_pages_v2/favicons/", "-")
        .or_else(|| embedded::between(markup, "/assets/status_pages/og_", "-"));
    let Some(word) = icon else { return Err(doc.not_ours()) };
    let html = scrape::page(markup, doc)?;
    draft.page(scrape::title(&html), None);
    let overall = words::state(STATES, "the page", Some(word), &mut draft.notes);
    draft.indicator(overall);
    for row in scrape::all(&html, "[data-controller='async--base'][data-url]") {
        let Some(name) = scrape::words_at(row, ".truncate") else { continue };
        let shown = scrape::first(row, "svg[class*='text-statuspage-']").and_then(|icon| icon.value().attr("class"));
        let colour = COLOURS.iter().find(|(colour, _)| shown.is_some_and(|shown| shown.contains(colour)));
        match colour {
            Some((_, state)) => {
                let id = row.value().attr("data-url").unwrap_or(&name);
                draft.component(SeenComponent { state: *state, ..draft::component(id, &name) });
            }
            None => draft.notes.say(format!("{} shows no state of its own", text::line(&name, limits::NAME))),
        }
    }
    draft.notes.say("the reports are in /index.json, which was not read".to_owned());
    Ok(())
}

/// What the icon beside a row means.
const COLOURS: &Table<State> = &[
    ("text-statuspage-green", State::OPERATIONAL),
    ("text-statuspage-blue", State::UNDER_MAINTENANCE),
    ("text-statuspage-yellow", State::DEGRADED_PERFORMANCE),
    ("text-statuspage-red", State::MAJOR_OUTAGE),
];
