//! Google's dashboards (Cloud, Workspace, Ads, Maps, Firebase): `incidents.json` and `products.json` below their base.
//!
//! Facts: recorded files. It is an archive: a product works while no open incident names it. Components are products,
//! and products by region where an open incident names regions.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, json_or_markup, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, json, scrape, text};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "google",
    about: "Google's dashboards: Cloud, Workspace, Ads, Maps, Firebase (/incidents.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let row = &value[0];
        if row["external_desc"].is_string() && row.get("begin").is_some() {
            Sureness::Certain
        } else if value["products"][0]["title"].is_string() && value["products"][0]["id"].is_string() {
            Sureness::Likely
        } else if sample.holds(&["psd-regional-table"]) {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &["status.cloud.google.com", "status.firebase.google.com", "status.play.google.com"],
        ..Clues::marks(&[
            "psd-regional-table",
            "psd__status-icon",
            "Google Cloud Service Health",
            "Google Workspace Status Dashboard",
        ])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("incidents", "incidents.json"), extra("products", "products.json")]),
    expected: "Google's incidents (a JSON list with `external_desc` and `begin`)",
    basis: Basis::Announcements,
    load: json_or_markup,
    read,
};

const STATUS: &Table<State> = &[
    ("AVAILABLE", State::OPERATIONAL),
    ("SERVICE_INFORMATION", State::OPERATIONAL),
    ("SERVICE_DISRUPTION", State::PARTIAL_OUTAGE),
    ("SERVICE_OUTAGE", State::MAJOR_OUTAGE),
];

const SEVERITY: &Table<Impact> = &[("low", Impact::Minor), ("medium", Impact::Major), ("high", Impact::Critical)];

const ICONS: &Table<State> = &[
    ("__available", State::OPERATIONAL),
    ("__information", State::OPERATIONAL),
    ("__disruption", State::PARTIAL_OUTAGE),
    ("__outage", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        for row in doc.list("products")? {
            let (id, name) =
                (json::string(row, "id").unwrap_or_default(), json::string(row, "title").unwrap_or_default());
            draft.component(SeenComponent { state: State::OPERATIONAL, ..draft::component(&id, &name) });
        }
    }
    let mut listed = false;
    for doc in docs {
        match &doc.value {
            Value::String(markup) => page(markup, doc, draft)?,
            Value::Array(_) => {
                for row in doc.items()? {
                    if row.get("external_desc").is_none() || row.get("begin").is_none() {
                        return Err(doc.not_ours());
                    }
                    incident(row, doc, draft)?;
                }
                listed = true;
            }
            value if value["products"].is_array() => continue,
            _ => return Err(doc.not_ours()),
        }
    }
    if !listed && docs.iter().all(|doc| doc.value["products"].is_array()) {
        draft.seen.basis = Basis::States;
        draft.seen.components.iter_mut().for_each(|component| component.state = State::Unknown);
        draft.notes.say("without the incidents it is not known how the products are".to_owned());
    }
    Ok(())
}

fn incident(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let ended_at = draft.past(row, "end");
    let started_at = draft.past(row, "begin");
    let status = |part: &Value, key: &str| json::string(part, key).and_then(|word| look_up(STATUS, &word));
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "when").or_else(|| draft.past(update, "created"));
        updates.push(draft.update(at, None, &plain(&json::string(update, "text").unwrap_or_default())));
    }
    let newest = &row["most_recent_update"];
    if updates.is_empty() && newest.is_object() {
        let at = draft.past(newest, "when");
        updates.push(draft.update(at, None, &plain(&json::string(newest, "text").unwrap_or_default())));
    }
    let is_open = ended_at.is_none();
    let state =
        status(newest, "status").filter(|state| *state != State::OPERATIONAL).or_else(|| status(row, "status_impact"));
    let mut products: Vec<(String, String)> = doc
        .list_in(row, "affected_products")?
        .iter()
        .map(|part| (json::string(part, "id").unwrap_or_default(), json::string(part, "title").unwrap_or_default()))
        .collect();
    if products.is_empty() {
        let name = json::string(row, "service_name").map(|name| name.trim().to_owned());
        products.extend(
            name.filter(|name| name != "Multiple Products")
                .map(|name| (json::string(row, "service_key").unwrap_or_else(|| name.clone()), name)),
        );
    }
    let places: Vec<String> = doc
        .list_in(row, "currently_affected_locations")?
        .iter()
        .filter_map(|place| json::string(place, "id"))
        .collect();
    let mut components: Vec<ComponentId> = Vec::new();
    for (id, name) in &products {
        let state = state.unwrap_or(State::Unknown);
        if is_open && !places.is_empty() {
            for place in &places {
                let key = format!("{id}/{place}");
                draft.component(SeenComponent {
                    group: draft::group(Some(name.clone())),
                    state,
                    ..draft::component(&key, place)
                });
                components.push(draft::id(&key));
            }
        } else if is_open {
            draft.component(SeenComponent { state, ..draft::component(id, name) });
        }
        components.push(draft::id(id));
    }
    let uri = json::string(row, "uri");
    let url = uri.and_then(|uri| {
        text::link(&uri).or_else(|| doc.body.url.as_ref().and_then(|at| at.join(&uri).ok()).map(|url| url.to_string()))
    });
    let updated_at = draft.past(row, "modified");
    draft.incident(SeenIncident {
        phase: Some(if is_open { Phase::Investigating } else { Phase::Resolved }),
        impact: json::string(row, "severity").and_then(|word| look_up(SEVERITY, &word)),
        started_at,
        updated_at,
        resolved_at: ended_at,
        url,
        components,
        updates,
        ..draft::incident(
            &json::string(row, "id").unwrap_or_default(),
            title(&json::string(row, "external_desc").unwrap_or_default()),
        )
    });
    Ok(())
}

/// Workspace writes Markdown: `**Title:**`, the title, and the whole description below it.
fn title(description: &str) -> &str {
    let rest = description.trim_start();
    let Some(rest) = rest.strip_prefix("**Title:**").or_else(|| rest.strip_prefix("**Title**")) else {
        return description;
    };
    rest.trim_start().lines().next().unwrap_or(rest)
}

/// The text of an update, without the marks of Markdown's headings, which are escaped once more.
fn plain(text: &str) -> String {
    let lines =
        text.lines().map(|line| if line.starts_with('#') { line.trim_start_matches(['#', '\\', ' ']) } else { line });
    lines.collect::<Vec<&str>>().join("\n")
}

/// The dashboard: a row for each product, a cell for each region.
fn page(markup: &str, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let html = scrape::page(markup, doc)?;
    draft.seen.basis = Basis::States;
    draft.page(scrape::title(&html), None);
    let mut found = false;
    for icon in scrape::all(&html, "tbody svg[class*='status-icon']") {
        let class = icon.value().attr("class").unwrap_or_default();
        let Some(state) = ICONS.iter().find(|(mark, _)| class.contains(mark)).map(|(_, state)| *state) else {
            continue;
        };
        let row = icon.ancestors().filter_map(scraper::ElementRef::wrap).find(|above| above.value().name() == "tr");
        let name = row.and_then(|row| scrape::words_at(row, "th, td"));
        found = true;
        match name {
            Some(name) => draft.component(SeenComponent { state, ..draft::component(&name, &name) }),
            None => draft.indicator(state),
        }
    }
    if found { Ok(()) } else { Err(doc.broken("the dashboard shows no state where these pages do")) }
}
