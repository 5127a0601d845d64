//! Checkly status pages: `/api/status-page/<slug>/uptime`, `…/unresolved-incidents`, `…/maintenance-windows`.
//!
//! Facts: a public client, and a recorded summary, whose own address is not known. Services carry no state: it comes
//! from the open incidents that name them.

use url::Url;

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile};
use super::words::{PHASES, Table, look_up};
use super::{Clues, Document, Format, ParseError, Role, Sureness, embedded, json, text};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "checkly",
    about: "Checkly status pages (/api/status-page/<slug>)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let severe = |row: &Value| {
            row["severity"].is_string()
                && (row.get("lastUpdateStatus").is_some() || row.get("affectedServices").is_some())
        };
        let page = value["page"]["status"].as_str().is_some_and(|word| word.contains('_'))
            && value["activeIncidents"].is_array();
        if value["metadata"].is_array()
            || value["recentlyCompleted"].is_array()
            || severe(&value["incidents"][0])
            || page
        {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &[".checkly.online", ".checkly-status-page.com"],
        marks: &["checkly-status-page", "/api/status-page/"],
        leads,
    },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "a Checkly document (JSON with `metadata`, `incidents` or `activeIncidents`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const SEVERITIES: &Table<Impact> =
    &[("CRITICAL", Impact::Critical), ("MAJOR", Impact::Major), ("MEDIUM", Impact::Minor), ("MINOR", Impact::None)];

const PAGE: &Table<State> = &[
    ("UP", State::OPERATIONAL),
    ("OPERATIONAL", State::OPERATIONAL),
    ("HAS_ISSUES", State::DEGRADED_PERFORMANCE),
    ("UNDER_MAINTENANCE", State::UNDER_MAINTENANCE),
];

fn leads(markup: &str, page: &Url) -> Vec<Url> {
    let slug =
        embedded::between(markup, "/api/status-page/", "/").or_else(|| embedded::between(markup, "data-slug=\"", "\""));
    let hosted = page
        .host_str()
        .and_then(|host| host.split_once('.'))
        .filter(|(_, rest)| rest.starts_with("checkly"))
        .map(|(slug, _)| slug);
    let slug = slug.or(hosted);
    slug.and_then(|slug| page.join(&format!("/api/status-page/{slug}")).ok()).into_iter().collect()
}

fn documents(base: &Url) -> Vec<Document> {
    let own = base.path().trim_end_matches('/');
    let own = ["/uptime", "/unresolved-incidents", "/maintenance-windows"]
        .iter()
        .find_map(|end| own.strip_suffix(end))
        .unwrap_or(own);
    let document = |name, path: &str, role| {
        let mut url = base.clone();
        url.set_path(&format!("{own}/{path}"));
        Document { name, url, role, accept: "application/json" }
    };
    vec![
        document("uptime", "uptime", Role::Present),
        document("incidents", "unresolved-incidents", Role::Present),
        document("maintenances", "maintenance-windows", Role::Extra),
    ]
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    let knows_incidents =
        docs.iter().any(|doc| doc.value["incidents"].is_array() || doc.value["activeIncidents"].is_array());
    for doc in docs {
        let value = &doc.value;
        if value["metadata"].is_array() {
            for group in doc.list("metadata")? {
                for row in doc.list_in(group, "services")? {
                    draft.component(SeenComponent {
                        group: draft::group(json::string(group, "name")),
                        state: if knows_incidents { State::OPERATIONAL } else { State::Unknown },
                        ..draft::component(
                            &json::string(row, "id").unwrap_or_default(),
                            &json::string(row, "name").unwrap_or_default(),
                        )
                    });
                }
            }
        } else if value["page"].is_object() {
            draft.page(json::string(&value["page"], "name"), json::string(&value["page"], "url"));
            let overall = draft.state(PAGE, "the page", &value["page"], "status");
            draft.indicator(overall);
        } else if value["incidents"].is_null() && value["active"].is_null() {
            return Err(doc.not_ours());
        }
    }
    if draft.seen.components.is_empty() && draft.seen.indicator.is_none() {
        draft.seen.basis = Basis::Announcements;
    }
    for doc in docs {
        for key in ["incidents", "activeIncidents"] {
            for row in doc.list(key)? {
                thread(row, doc, draft)?;
            }
        }
        for key in ["upcoming", "active", "recentlyCompleted", "past", "activeMaintenances"] {
            for row in doc.list(key)? {
                maintenance(row, draft);
            }
        }
    }
    draft.states_from_incidents();
    Ok(())
}

fn thread(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let word = json::string(row, "lastUpdateStatus").or_else(|| json::string(row, "status"));
    let mut updates = Vec::new();
    let mut planned = word.as_deref() == Some("MAINTENANCE");
    for update in doc.list_in(row, "incidentUpdates")? {
        let said = json::string(update, "status").unwrap_or_default();
        planned |= said == "MAINTENANCE";
        let at = draft.past(update, "created_at");
        updates.push(draft.update(
            at,
            look_up(PHASES, &said),
            &json::string(update, "description").unwrap_or_default(),
        ));
    }
    let mut components: Vec<ComponentId> = Vec::new();
    for part in doc.list_in(row, "services")?.iter().chain(doc.list_in(row, "affectedServices")?) {
        let id = json::string(part, "id").unwrap_or_default();
        if let Some(name) = json::string(part, "name") {
            let state = State::OPERATIONAL;
            draft.component(SeenComponent {
                group: draft::group(json::string(part, "group")),
                state,
                ..draft::component(&id, &name)
            });
        }
        components.push(draft::id(&id));
    }
    let started_at = draft.past(row, "startedAt").or_else(|| draft.past(row, "created_at"));
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(row, "name").unwrap_or_default();
    if planned {
        draft.maintenance(SeenMaintenance {
            phase: Some(Phase::InProgress),
            starts_at: started_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return Ok(());
    }
    let phase = super::words::phase(PHASES, "an incident", word.as_deref(), &mut draft.notes);
    let updated_at = draft.past(row, "updatedAt");
    draft.incident(SeenIncident {
        phase,
        impact: json::string(row, "severity").and_then(|word| look_up(SEVERITIES, &word)),
        started_at,
        updated_at,
        url: json::string(row, "url").and_then(|url| text::link(&url)),
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}

fn maintenance(row: &Value, draft: &mut Draft) {
    let either = |draft: &mut Draft, a: &str, b: &str| draft.planned(row, a).or_else(|| draft.planned(row, b));
    let (starts_at, ends_at) = (either(draft, "startsAt", "starts_at"), either(draft, "endsAt", "ends_at"));
    draft.maintenance(SeenMaintenance {
        phase: by_window(starts_at, ends_at, draft.notes.now),
        starts_at,
        ends_at,
        ..draft::maintenance(
            &json::string(row, "id").unwrap_or_default(),
            &json::string(row, "name").unwrap_or_default(),
        )
    });
}
