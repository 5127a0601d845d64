//! Atlassian Statuspage's public API, version 2, and pages that imitate it.
//!
//! Facts: the API's own documentation (`/api` of any page) and recorded answers. `summary.json` is polled;
//! `incidents.json` and `scheduled-maintenances.json` hold the newest 50 of each with all updates and serve as
//! history. Only one of `status.indicator`, `components`, `incidents`, `scheduled_maintenances` is required, since
//! imitators leave parts out. Lists of the management API (the same objects without an envelope) are read, too.

mod merge;
mod rows;
mod words;

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::notes::Notes;
use super::{Adapter, Body, Document, Format, OptionProblem, Options, ParseError, Role, Sureness, json, text};
use crate::limits;
use crate::model::observation::{Basis, Observation, Page};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statuspage",
    about: "Atlassian Statuspage and pages that speak its API (/api/v2/summary.json)",
    compile,
    recognise,
};

const EXPECTED: &str = "a Statuspage document (JSON with `status.indicator`, `components` or `incidents`)";

fn compile(options: &Options) -> Result<Box<dyn Adapter>, Vec<OptionProblem>> {
    match options {
        Options::Null => Ok(Box::new(Statuspage)),
        Options::Object(map) if map.is_empty() => Ok(Box::new(Statuspage)),
        _ => Err(vec![OptionProblem { at: Vec::new(), message: "this format has no options".to_owned() }]),
    }
}

fn recognise(body: &Body) -> Sureness {
    let Ok(value) = json::read(body, EXPECTED) else { return Sureness::No };
    if !is_ours(&value) {
        return Sureness::No;
    }
    let page = json::string(&value["page"], "id").unwrap_or_default();
    let is_page = page.len() == 12 && page.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    match (is_page, value.is_array()) {
        (true, _) => Sureness::Certain,
        (false, true) => Sureness::Maybe,
        (false, false) => Sureness::Likely,
    }
}

/// True where the shape is that of one of the API's documents.
fn is_ours(value: &Value) -> bool {
    let rows = |key: &str, needed: &[&str]| match &value[key] {
        Value::Array(items) => {
            items.first().is_none_or(|item| needed.iter().all(|key| item.get(key).is_some()))
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
    !items.is_empty() || (value["page"]["id"].is_string() && value["page"]["name"].is_string())
}

#[derive(Debug)]
struct Statuspage;

impl Adapter for Statuspage {
    fn documents(&self, base: &Url) -> Vec<Document> {
        let document = |name: &'static str, path: &str, role| {
            let url = under(base, path)?;
            Some(Document { name, url, role, accept: "application/json" })
        };
        [
            document("summary", "api/v2/summary.json", Role::Present),
            document("incidents", "api/v2/incidents.json", Role::History),
            document("maintenances", "api/v2/scheduled-maintenances.json", Role::History),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn parse(&self, documents: &[Body], now: Timestamp) -> Result<Observation, ParseError> {
        let mut notes = Notes::new(now);
        let mut seen = Observation { basis: Basis::States, ..Observation::default() };
        let mut ordered: Vec<&Body> = documents.iter().collect();
        ordered.sort_by_key(|body| body.role != Role::Present);
        for body in ordered {
            let value = json::read(body, EXPECTED)?;
            if !is_ours(&value) {
                return Err(json::not_this(body, EXPECTED, json::shape(&value)));
            }
            if value.is_array() {
                bare_list(&value, body, &mut seen, &mut notes)?;
            } else {
                envelope(&value, body, &mut seen, &mut notes)?;
            }
        }
        limit(&mut seen, &mut notes);
        seen.warnings = notes.into_warnings();
        Ok(seen)
    }
}

/// The address of a document of the page at `base`, which may itself be one of its documents.
fn under(base: &Url, path: &str) -> Option<Url> {
    let mut base = base.clone();
    let own = base.path().split("/api/v2").next().unwrap_or_default().trim_end_matches('/').to_owned();
    base.set_path(&format!("{own}/{path}"));
    base.set_fragment(None);
    Some(base)
}

fn envelope(value: &Value, body: &Body, seen: &mut Observation, notes: &mut Notes) -> Result<(), ParseError> {
    let page = &value["page"];
    if page.is_object() {
        let read = Page {
            name: json::string(page, "name").map(|name| text::line(&name, limits::NAME)),
            url: json::string(page, "url").and_then(|url| text::link(&url)),
            updated_at: notes.past(json::string(page, "updated_at")),
        };
        seen.page.name = seen.page.name.take().or(read.name);
        seen.page.url = seen.page.url.take().or(read.url);
        seen.page.updated_at = seen.page.updated_at.max(read.updated_at);
    }
    let status = &value["status"];
    if body.role == Role::Present && !status.is_null() {
        let word = json::string(status, "indicator").unwrap_or_default();
        let read = words::indicator(&word, notes);
        seen.indicator = Some(seen.indicator.map_or(read, |known| known.worse(read)));
    }
    if body.role == Role::Present {
        rows::components(json::list(value, "components", body)?, &mut seen.components, notes);
    }
    threads(json::list(value, "incidents", body)?, body, seen, notes)?;
    threads(json::list(value, "scheduled_maintenances", body)?, body, seen, notes)
}

/// Incidents and maintenances: which one a row is, its words say, not the list that it stands in.
fn threads(items: &[Value], body: &Body, seen: &mut Observation, notes: &mut Notes) -> Result<(), ParseError> {
    for item in items {
        if rows::is_maintenance(item) {
            merge::maintenance(rows::maintenance(item, body, notes)?, &mut seen.maintenances);
        } else {
            merge::incident(rows::incident(item, body, notes)?, &mut seen.incidents);
        }
    }
    Ok(())
}

/// The management API's lists: components, incidents, or single updates.
fn bare_list(value: &Value, body: &Body, seen: &mut Observation, notes: &mut Notes) -> Result<(), ParseError> {
    let wrapped = serde_json::json!({ "items": value });
    let items = json::list(&wrapped, "items", body)?;
    let is = |key: &str| items.iter().all(|item| item.get(key).is_some());
    if is("incident_updates") || is("impact") {
        return threads(items, body, seen, notes);
    }
    if is("incident_id") && is("body") {
        let mut gathered: HashMap<String, usize> = HashMap::new();
        let mut incidents: Vec<Value> = Vec::new();
        for item in items {
            let id = json::string(item, "incident_id").unwrap_or_default();
            let at = *gathered.entry(id.clone()).or_insert_with(|| {
                incidents.push(serde_json::json!({
                    "id": id, "name": item["name"], "status": item["status"], "incident_updates": [],
                }));
                incidents.len() - 1
            });
            if let Some(Value::Array(updates)) = incidents.get_mut(at).and_then(|i| i.get_mut("incident_updates")) {
                updates.push(item.clone());
            }
        }
        return threads(&incidents, body, seen, notes);
    }
    rows::components(items, &mut seen.components, notes);
    Ok(())
}

fn limit(seen: &mut Observation, notes: &mut Notes) {
    if seen.components.len() > limits::COMPONENTS {
        notes.say(format!("only {} of {} components are kept", limits::COMPONENTS, seen.components.len()));
        // The worst are kept.
        seen.components.sort_by_key(|component| std::cmp::Reverse(component.state.weight()));
        seen.components.truncate(limits::COMPONENTS);
    }
    if seen.incidents.len() > limits::INCIDENTS {
        notes.say(format!("only {} of {} incidents are kept", limits::INCIDENTS, seen.incidents.len()));
        seen.incidents.sort_by_key(|incident| !incident.is_open());
        seen.incidents.truncate(limits::INCIDENTS);
    }
    if seen.maintenances.len() > limits::INCIDENTS {
        notes.say(format!("only {} of {} maintenances are kept", limits::INCIDENTS, seen.maintenances.len()));
        seen.maintenances.truncate(limits::INCIDENTS);
    }
}
