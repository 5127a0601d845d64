//! Algolia: `/3/public/availability` and `/3/public/incidents`, or the clusters of `/1/status`.
//!
//! Facts: public clients and a dated note on a live answer; none was recorded. A service's state is that of the last of
//! its days. Words are written with hyphens or underscores. Under which keys an incident's texts stand is a guess.

use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile};
use super::words::{self, IMPACTS, PHASES, STATES, impact_of, look_up};
use super::{Clues, Document, Format, ParseError, Role, Sureness, json};
use crate::model::incident::{Phase, Update};
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "algolia",
    about: "Algolia's own status (https://status.algolia.com/3/public/availability)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let service = |row: &Value| row["uptime_days"].is_array() && row["name"].is_string();
        let services = value.as_object().is_some_and(|map| map.values().next().is_some_and(service));
        let clusters = value["status"]
            .as_object()
            .is_some_and(|map| !map.is_empty() && map.iter().all(|(key, word)| key.contains('-') && word.is_string()));
        let incident = value[0].get("current_severity").is_some();
        if services || incident {
            Sureness::Certain
        } else if clusters {
            Sureness::Likely
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &["status.algolia.com"],
        ..Clues::marks(&["<title>Algolia Status", "<title>Algolia status"])
    },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "Algolia's status (JSON with `uptime_days` by service, or `status` by cluster)",
    basis: Basis::States,
    load: json::read,
    read,
};

/// The services and incidents, or the clusters where the address is theirs.
fn documents(base: &Url) -> Vec<Document> {
    let document = |name, path: &str, role| {
        let mut url = base.clone();
        url.set_path(path);
        Document { name, url, role, accept: "application/json" }
    };
    if base.path().starts_with("/1/status") {
        return vec![document("clusters", base.path(), Role::Present)];
    }
    vec![
        document("availability", "/3/public/availability", Role::Present),
        document("incidents", "/3/public/incidents", Role::Extra),
    ]
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        draft.page(Some("Algolia".to_owned()), Some("https://status.algolia.com/".to_owned()));
        match &doc.value {
            Value::Array(_) => {
                for row in doc.items()? {
                    incident(row, doc, draft)?;
                }
            }
            Value::Object(map) if map.get("status").is_some_and(Value::is_object) => {
                for (cluster, word) in doc.value["status"].as_object().into_iter().flatten() {
                    component(cluster, cluster, word.as_str(), draft);
                }
            }
            Value::Object(map) if !map.is_empty() && map.values().all(|row| row["uptime_days"].is_array()) => {
                for (key, row) in map {
                    let last = row["uptime_days"].as_array().and_then(|days| days.last());
                    let word = last.and_then(|day| json::string(day, "status"));
                    let id = json::string(row, "type").unwrap_or_else(|| key.to_owned());
                    let name = json::string(row, "name").unwrap_or_else(|| id.clone());
                    component(&id, &name, word.as_deref(), draft);
                }
            }
            _ => return Err(doc.not_ours()),
        }
    }
    if draft.seen.components.is_empty() {
        draft.seen.basis = Basis::Announcements;
    }
    Ok(())
}

fn component(id: &str, name: &str, word: Option<&str>, draft: &mut Draft) {
    let word = word.map(|word| word.replace('-', "_"));
    let state = words::state(STATES, name, word.as_deref(), &mut draft.notes);
    draft.component(SeenComponent { state, ..draft::component(id, name) });
}

fn incident(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let any = |row: &Value, keys: &[&str]| keys.iter().find_map(|key| json::string(row, key));
    let title = any(row, &["name", "title"]).unwrap_or_default();
    let started_at = ["started_at", "created_at"].iter().find_map(|key| draft.past(row, key));
    let (updated_at, resolved_at) = (draft.past(row, "updated_at"), draft.past(row, "resolved_at"));
    let severity = any(row, &["current_severity", "severity"]).map(|word| word.replace('-', "_"));
    let by_state = severity.as_deref().and_then(|word| look_up(STATES, word)).and_then(impact_of);
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "created_at");
        let phase = json::string(update, "status").and_then(|word| look_up(PHASES, &word));
        updates.push(draft.update(at, phase, &any(update, &["message", "body", "description"]).unwrap_or_default()));
    }
    let said = json::string(row, "status").and_then(|word| look_up(PHASES, &word)).filter(|phase| phase.is_open());
    let open = said.unwrap_or(Phase::Investigating);
    draft.incident(SeenIncident {
        phase: Some(if resolved_at.is_some() { Phase::Resolved } else { open }),
        impact: severity.as_deref().and_then(|word| look_up(IMPACTS, word)).or(by_state),
        started_at,
        updated_at,
        resolved_at,
        updates,
        ..draft::incident(&json::string(row, "id").unwrap_or_else(|| title.clone()), &title)
    });
    Ok(())
}
