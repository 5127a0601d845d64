//! Statuspal: `https://statuspal.io/api/v2/status_pages/<subdomain>/summary` (`statuspal.eu` for pages in Europe).
//!
//! Facts: the vendor's documentation and public clients; no recorded answer was at hand. Times carry no zone and are
//! UTC. A maintenance is as far as its window says.

use url::Url;

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{Table, look_up};
use super::{Clues, Format, ParseError, Sureness, embedded, json, rows, time};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statuspal",
    about: "Statuspal pages (https://statuspal.io/api/v2/status_pages/<subdomain>/summary)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours = value["status_page"].is_object()
            && (value["services"].is_array() || value.get("current_status_type").is_some());
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &[".statuspal.io", ".statuspal.eu"],
        marks: &["statuspal.io", "statuspal.eu", "system-status--description"],
        leads,
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("summary", "")]),
    expected: "a Statuspal document (JSON with `status_page` and `services`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> =
    &[("scheduled", State::UNDER_MAINTENANCE), ("minor", State::DEGRADED_PERFORMANCE), ("major", State::MAJOR_OUTAGE)];

const PHASES: &Table<Phase> = &[
    ("issue", Phase::Investigating),
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
];

/// The page's subdomain stands in the address of a hosted page, or in the markup of one with a name of its own.
fn leads(markup: &str, page: &Url) -> Vec<Url> {
    let host = page.host_str().unwrap_or_default();
    let hosted = host.strip_suffix(".statuspal.io").or_else(|| host.strip_suffix(".statuspal.eu"));
    let named = ["/api/v2/status_pages/", "data-subdomain=\"", "\"subdomain\":\"", "subdomain: \""];
    let named = named.iter().find_map(|mark| {
        let rest = markup.split_once(mark)?.1;
        let name = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).next()?;
        Some(name).filter(|name| !name.is_empty())
    });
    let Some(name) = hosted.or(named) else { return Vec::new() };
    let european = host.ends_with(".eu")
        || embedded::between(markup, "statuspal.", "\"").is_some_and(|rest| rest.starts_with("eu"));
    let path = format!("/api/v2/status_pages/{name}/summary");
    let public = Url::parse(&format!("https://statuspal.{}{path}", if european { "eu" } else { "io" }));
    let own = page.join(&path).ok().filter(|_| hosted.is_none());
    own.into_iter().chain(public).collect()
}

/// No type of incident means that all is well; the key must be there.
fn state(row: &Value, key: &str, name: &str, draft: &mut Draft) -> State {
    match row.get(key) {
        Some(Value::Null) => State::OPERATIONAL,
        _ => draft.state(STATES, name, row, key),
    }
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let page = &doc.value["status_page"];
        if !page.is_object() {
            return Err(doc.not_ours());
        }
        draft.page(json::string(page, "name"), json::string(page, "url"));
        for (part, key) in [(page, "current_incident_type"), (&doc.value, "current_status_type")] {
            if part.get(key).is_some() {
                let state = state(part, key, "the page", draft);
                draft.indicator(state);
            }
        }
        let services = doc.list("services")?;
        let id = |row: &Value| json::string(row, "id").unwrap_or_default();
        let parents = rows::by(services, |row| Some(id(row)));
        for row in services {
            if row["children_ids"].as_array().is_some_and(|children| !children.is_empty()) {
                continue;
            }
            let name = json::translated(row, "name").unwrap_or_default();
            let state = state(row, "current_incident_type", &name, draft);
            let parent = json::string(row, "parent_id");
            let parent = parent.and_then(|parent| parents.get(&parent));
            draft.component(SeenComponent {
                group: draft::group(parent.and_then(|parent| json::translated(parent, "name"))),
                state,
                ..draft::component(&id(row), &name)
            });
        }
        for row in doc.list("incidents")? {
            incident(row, doc, draft)?;
        }
        for key in ["maintenances", "upcoming_maintenances"] {
            for row in doc.list(key)? {
                maintenance(row, doc, draft)?;
            }
        }
        for row in doc.list("info_notices")? {
            draft.notes.say(format!("a notice: {}", json::translated(row, "title").unwrap_or_default()));
        }
    }
    Ok(())
}

fn utc(row: &Value, key: &str) -> Option<String> {
    json::string(row, key).map(|raw| time::as_utc(&raw))
}

fn updates(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<Vec<Update>, ParseError> {
    let mut updates = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.notes.past(utc(update, "posted_at").or_else(|| utc(update, "inserted_at")));
        let phase = json::string(update, "type").and_then(|word| look_up(PHASES, &word));
        updates.push(draft.update(at, phase, &json::translated(update, "description").unwrap_or_default()));
    }
    updates.sort_by_key(|update| std::cmp::Reverse(update.at));
    Ok(updates)
}

fn services(row: &Value) -> Vec<ComponentId> {
    let ids = row["service_ids"].as_array().map(Vec::as_slice).unwrap_or_default();
    ids.iter().filter_map(json::scalar).map(|id| draft::id(&id)).collect()
}

fn incident(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let kind = json::string(row, "type");
    if kind.as_deref() == Some("scheduled") {
        return maintenance(row, doc, draft);
    }
    let updates = updates(row, doc, draft)?;
    let started_at = draft.notes.past(utc(row, "starts_at"));
    let ended_at = draft.notes.past(utc(row, "ends_at"));
    let said = updates.iter().find_map(|update| update.phase).unwrap_or(Phase::Investigating);
    draft.incident(SeenIncident {
        phase: Some(if ended_at.is_some() { Phase::Resolved } else { said }),
        impact: match kind.as_deref() {
            Some("minor") => Some(Impact::Minor),
            Some("major") => Some(Impact::Critical),
            _ => None,
        },
        started_at,
        resolved_at: ended_at,
        components: services(row),
        updates,
        ..draft::incident(
            &json::string(row, "id").unwrap_or_default(),
            &json::translated(row, "title").unwrap_or_default(),
        )
    });
    Ok(())
}

fn maintenance(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let updates = updates(row, doc, draft)?;
    let (starts_at, ends_at) = (draft.notes.planned(utc(row, "starts_at")), draft.notes.planned(utc(row, "ends_at")));
    draft.maintenance(SeenMaintenance {
        phase: by_window(starts_at, ends_at, draft.notes.now),
        starts_at,
        ends_at,
        components: services(row),
        updates,
        ..draft::maintenance(
            &json::string(row, "id").unwrap_or_default(),
            &json::translated(row, "title").unwrap_or_default(),
        )
    });
    Ok(())
}
