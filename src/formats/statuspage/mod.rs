//! Atlassian Statuspage's public API, version 2, and pages that imitate it.
//!
//! Facts: the API's own documentation (`/api` of any page) and recorded answers. `summary.json` is polled;
//! `incidents.json` and `scheduled-maintenances.json` hold the newest 50 of each with all updates and serve as
//! history. Another allclear that speaks it says more (`marks`). Only one of `status.indicator`, `components`, `incidents`, `scheduled_maintenances` is required, since
//! imitators leave parts out. Lists of the management API (the same objects without an envelope) are read, too.

mod marks;
pub mod page;
mod rows;

use std::collections::HashMap;

use url::Url;

use super::draft::Draft;
use super::plain::{Doc, Plain, Where, compile};
use super::words::Table;
use super::{Clues, Document, Format, ParseError, Role, Sample, Sureness, json};
use crate::formats::json::Value;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::Basis;
use marks::Marks;

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statuspage",
    about: "Atlassian Statuspage and pages that speak its API (/api/v2/summary.json)",
    compile: |options| compile(options, &READER),
    recognise,
    clues: Clues { hosts: &[".statuspage.io", ".status.atlassian.com"], ..Clues::NONE },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "a Statuspage document (JSON with `status.indicator`, `components` or `incidents`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const INDICATOR: &Table<State> = &[
    ("none", State::OPERATIONAL),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("minor", State::DEGRADED_PERFORMANCE),
    ("major", State::PARTIAL_OUTAGE),
    ("critical", State::MAJOR_OUTAGE),
];

fn recognise(sample: &Sample<'_>) -> Sureness {
    let value = sample.json();
    if !is_ours(value) {
        return Sureness::No;
    }
    let page = json::string(&value["page"], "id").unwrap_or_default();
    let is_page = page.len() == 12 && page.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    match (is_page, value.is_array()) {
        // Another allclear has a form of its own.
        (true, _) if Marks::of(value).are_there() => Sureness::Maybe,
        (true, _) => Sureness::Certain,
        (false, true) => Sureness::Maybe,
        (false, false) => Sureness::Likely,
    }
}

/// True where the shape is that of one of the API's documents.
fn is_ours(value: &Value) -> bool {
    let rows = |key: &str, needed: &[&str]| match &value[key] {
        Value::Array(items) => {
            items.first().is_none_or(|item| needed.iter().all(|key| item.get(*key).is_some()))
                && page_or_rows(value, items)
        }
        _ => false,
    };
    if let Value::Array(items) = value {
        return items.first().is_some_and(|item| item.get("status").is_some() && item.get("name").is_some());
    }
    value["status"]["indicator"].is_string()
        || rows("components", &["name", "status"])
        || rows("incidents", &["name", "status"])
        || rows("scheduled_maintenances", &["name", "status"])
}

/// An empty list says something only on a page that names itself.
fn page_or_rows(value: &Value, items: &[Value]) -> bool {
    let page = &value["page"];
    !items.is_empty() || (page["name"].is_string() && (page["id"].is_string() || page["url"].is_string()))
}

fn documents(base: &Url) -> Vec<Document> {
    let document = |name: &'static str, path: &str, role| {
        let url = under(base, path)?;
        Some(Document { name, url, role, accept: "application/json" })
    };
    // A page may publish nothing but its headline, and says so by its address.
    if base.path().ends_with("/api/v2/status.json") {
        return document("status", "api/v2/status.json", Role::Present).into_iter().collect();
    }
    [
        document("summary", "api/v2/summary.json", Role::Present),
        document("incidents", "api/v2/incidents.json", Role::History),
        document("maintenances", "api/v2/scheduled-maintenances.json", Role::History),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Reads documents of this API; also for formats that imitate it under other paths.
pub(super) fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if !is_ours(&doc.value) {
            return Err(doc.not_ours());
        }
        match &doc.value {
            Value::Array(_) => bare_list(doc, draft)?,
            whole => envelope(whole, doc, draft)?,
        }
    }
    Ok(())
}

/// The address of a document of the page at `base`, which may itself be one of its documents.
fn under(base: &Url, path: &str) -> Option<Url> {
    let mut base = base.clone();
    let own = base.path().split("/api/v2").next().unwrap_or_default().trim_end_matches('/').to_owned();
    base.set_path(&format!("{own}/{path}"));
    base.set_fragment(None);
    Some(base)
}

fn envelope(value: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let page = &value["page"];
    draft.page(json::string(page, "name"), json::string(page, "url"));
    draft.page_updated(json::string(page, "updated_at"));
    let marks = Marks::of(value);
    if marks.are_there() {
        draft.relays();
    }
    let status = &value["status"];
    // Another allclear's roll-up holds what came to it from here, too: what it lists says all there is to say.
    let rolled_up = marks.are_there() && value["components"].is_array();
    if doc.is_present() && !status.is_null() && !rolled_up {
        let word = json::string(status, "indicator").unwrap_or_default();
        let state = super::words::look_up(INDICATOR, &word).unwrap_or_else(|| {
            draft.notes.oddity("the overall indicator", &word);
            State::Unknown
        });
        draft.indicator(state);
    }
    if doc.is_present() {
        rows::components(doc.list("components")?, marks, draft);
    }
    threads(doc.list("incidents")?, marks, doc, draft)?;
    threads(doc.list("scheduled_maintenances")?, marks, doc, draft)
}

/// Incidents and maintenances: which one a row is, its words say, not the list that it stands in.
fn threads(items: &[Value], marks: Marks<'_>, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    for item in items {
        let mark = marks.thread(item);
        if mark.relays() {
            continue;
        }
        if rows::is_maintenance(item) {
            let mut maintenance = rows::maintenance(item, doc, draft)?;
            maintenance.components.extend(mark.group());
            maintenance.phase = maintenance.phase.filter(|phase| !phase.is_open() || !mark.has_no_status());
            maintenance.starts_at = maintenance.starts_at.filter(|_| !mark.has_no_start());
            maintenance.ends_at = maintenance.ends_at.filter(|_| !mark.has_no_end());
            if mark.is_cancelled() {
                maintenance.phase = Some(Phase::Cancelled);
            }
            draft.maintenance(maintenance);
        } else {
            let mut incident = rows::incident(item, doc, draft)?;
            incident.components.extend(mark.group());
            incident.phase = incident.phase.filter(|phase| !phase.is_open() || !mark.has_no_status());
            incident.impact = incident.impact.filter(|_| !mark.has_no_impact());
            draft.incident(incident);
        }
    }
    Ok(())
}

/// The management API's lists: components, incidents, or single updates.
fn bare_list(doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let items = doc.items()?;
    let is = |key: &str| items.iter().all(|item| item.get(key).is_some());
    if is("incident_updates") || is("impact") {
        return threads(items, Marks::of(&Value::Null), doc, draft);
    }
    if is("incident_id") && is("body") {
        let mut order: Vec<String> = Vec::new();
        let mut updates: HashMap<String, Vec<Value>> = HashMap::new();
        for item in items {
            let id = json::string(item, "incident_id").unwrap_or_default();
            let gathered = updates.entry(id.clone()).or_default();
            if gathered.is_empty() {
                order.push(id);
            }
            gathered.push(item.clone());
        }
        let incident = |id: String| {
            let updates = updates.remove(&id).unwrap_or_default();
            let said = |key: &str| updates.first().map(|newest| newest[key].clone()).unwrap_or_default();
            Value::object([
                ("name", said("name")),
                ("status", said("status")),
                ("id", Value::from(id)),
                ("incident_updates", Value::from(updates)),
            ])
        };
        let incidents: Vec<Value> = order.into_iter().map(incident).collect();
        return threads(&incidents, Marks::of(&Value::Null), doc, draft);
    }
    rows::components(items, Marks::of(&Value::Null), draft);
    Ok(())
}
