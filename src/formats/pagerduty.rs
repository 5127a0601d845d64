//! PagerDuty status pages: `/api/services` and `/api/posts`, or the data inside the page.
//!
//! Facts: recorded pages of one year, in two generations, and public clients for the two addresses. Services carry no
//! state: it comes from the open posts that name them. Customers may rename statuses and severities, so words that are
//! not known keep a post open. The second generation of the embedded data holds no incidents and so supports nothing.

use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup};
use super::words::{Table, look_up};
use super::{Clues, Document, Format, ParseError, Role, Sureness, embedded, json};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "pagerduty",
    about: "PagerDuty status pages (/api/services and /api/posts)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        if value["summary"]["open_incidents"].is_array() || value["layout"]["layout_settings"].is_object() {
            Sureness::Certain
        } else if value["posts"].is_array() || value["services"][0].get("is_active").is_some() {
            Sureness::Likely
        } else if embedded::script(sample.markup(), "data").is_some_and(|data| data.get("layout").is_some()) {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues::marks(&["layout_settings", "pagerduty.com/status"]),
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "a PagerDuty status document (JSON with `services`, `posts` or `summary`), or the page itself",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const PHASES: &Table<Phase> = &[
    ("detected", Phase::Investigating),
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("in progress", Phase::InProgress),
    ("in_progress", Phase::InProgress),
    ("completed", Phase::Completed),
];

const SEVERITIES: &Table<Impact> = &[
    ("all_good", Impact::None),
    ("all good", Impact::None),
    ("maintenance", Impact::Maintenance),
    ("minor", Impact::Minor),
    ("major", Impact::Critical),
    ("outage", Impact::Critical),
];

fn documents(base: &Url) -> Vec<Document> {
    let document = |name, path: &str, query: Option<&str>| {
        let mut url = base.join(path).ok()?;
        url.set_query(query);
        Some(Document { name, url, role: Role::Present, accept: "application/json" })
    };
    let open = "statuses[]=investigating&statuses[]=detected&limit=500";
    [document("services", "/api/services", None), document("posts", "/api/posts", Some(open))]
        .into_iter()
        .flatten()
        .collect()
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    let (mut services, mut posts) = (false, false);
    for doc in docs {
        let inside = match &doc.value {
            Value::String(markup) => Some(embedded::script(markup, "data").ok_or_else(|| doc.not_ours())?),
            _ => None,
        };
        let value = inside.as_ref().unwrap_or(&doc.value);
        if value["services"].is_array() {
            services = true;
            for row in doc.list("services")?.iter().filter(|row| row["is_active"] != false) {
                let name = json::string(row, "display_name").or_else(|| json::string(row, "name")).unwrap_or_default();
                let id = json::string(row, "id").unwrap_or_else(|| name.clone());
                draft.component(SeenComponent { state: State::OPERATIONAL, ..draft::component(&id, &name) });
            }
        } else if value["posts"].is_array() {
            posts = true;
            for row in doc.list("posts")? {
                post(row, doc, draft)?;
            }
        } else if value.get("layout").is_some() || value["summary"].is_object() {
            whole(value, doc, draft)?;
            posts |= value["summary"]["open_incidents"].is_array();
            services = posts;
        } else {
            return Err(doc.not_ours());
        }
    }
    // Services alone do not say that they work, and posts alone say what is announced.
    if services && !posts {
        draft.seen.components.iter_mut().for_each(|component| component.state = State::Unknown);
        draft.notes.say("without the posts it is not known how the services are".to_owned());
    }
    if posts && !services {
        draft.seen.basis = Basis::Announcements;
    }
    draft.states_from_incidents();
    Ok(())
}

/// The data from which the page is drawn.
fn whole(value: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let settings = &value["layout"]["layout_settings"];
    draft.page(json::string(settings, "name"), None);
    let summary = &value["summary"];
    let has_incidents = summary["open_incidents"].is_array();
    let state = if has_incidents { State::OPERATIONAL } else { State::Unknown };
    for row in doc.list_in(settings, "business_services")? {
        let name = json::string(row, "name").unwrap_or_default();
        draft.component(SeenComponent {
            state,
            ..draft::component(&json::string(row, "id").unwrap_or_default(), &name)
        });
    }
    for key in ["open_incidents", "resolved_incidents"] {
        for row in doc.list_in(summary, key)? {
            incident(row, key == "open_incidents", doc, draft)?;
        }
    }
    if !has_incidents {
        draft.notes.say("the page holds no incidents: they are in /api/posts".to_owned());
    }
    Ok(())
}

fn incident(row: &Value, is_open: bool, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let mut updates: Vec<Update> = Vec::new();
    let (mut components, mut impact) = (Vec::new(), None);
    for (number, update) in doc.list_in(row, "updates")?.iter().enumerate() {
        let at = draft.past(update, "reported_at");
        let phase = json::string(update, "status").and_then(|word| look_up(PHASES, &word));
        let severity = json::string(update, "severity").and_then(|word| look_up(SEVERITIES, &word));
        // While it goes on, the newest counts; afterwards, the worst.
        impact = if is_open && number > 0 { impact } else { impact.max(severity) };
        for service in doc.list_in(update, "impacted_business_services")? {
            let id = draft::id(
                &json::string(service, "business_service_id")
                    .or_else(|| json::string(service, "id"))
                    .unwrap_or_default(),
            );
            if !components.contains(&id) {
                components.push(id);
            }
        }
        updates.push(draft.update(at, phase, &json::string(update, "message").unwrap_or_default()));
    }
    if let Some(report) = json::string(&row["postmortem"], "message") {
        let at = draft.past(&row["postmortem"], "reported_at");
        updates.push(draft.update(at, Some(Phase::Resolved), &report));
    }
    let times = || updates.iter().filter_map(|update| update.at);
    let ended =
        updates.iter().filter(|update| update.phase == Some(Phase::Resolved)).filter_map(|update| update.at).min();
    let latest = updates.iter().max_by_key(|update| update.at).and_then(|update| update.phase);
    draft.incident(SeenIncident {
        phase: Some(if is_open {
            latest.filter(|phase| phase.is_open()).unwrap_or(Phase::Investigating)
        } else {
            Phase::Resolved
        }),
        impact,
        started_at: times().min(),
        resolved_at: ended.filter(|_| !is_open),
        components,
        updates,
        ..draft::incident(&json::string(row, "id").unwrap_or_default(), &json::string(row, "title").unwrap_or_default())
    });
    Ok(())
}

fn post(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(row, "title").unwrap_or_default();
    let name = |key: &str| json::string(&row[key], "name");
    let phase = name("current_post_status_enum").and_then(|word| look_up(PHASES, &word));
    let services = doc.list_in(row, "incident_services")?;
    let components: Vec<ComponentId> =
        services.iter().map(|row| draft::id(&json::string(row, "id").unwrap_or_default())).collect();
    let starts_at = draft.planned(row, "starts_at");
    let mut updates = Vec::new();
    for update in doc.list_in(row, "post_updates")? {
        let at = draft.past(update, "reported_at").or_else(|| draft.past(update, "created_at"));
        updates.push(draft.update(at, None, &json::string(update, "message").unwrap_or_default()));
    }
    if row["post_type"] == "maintenance" || phase.is_some_and(Phase::is_maintenance) {
        let ends_at = draft.planned(row, "ends_at");
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return Ok(());
    }
    let severity = name("current_post_severity_enum");
    draft.incident(SeenIncident {
        phase: phase.or(Some(Phase::Investigating)),
        impact: severity.and_then(|word| look_up(SEVERITIES, &word)),
        started_at: starts_at,
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
