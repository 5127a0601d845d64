//! incident.io status pages.
//!
//! Facts: recorded pages, whose flight data holds the object that `/proxy/<host>` answers; a recorded answer of the
//! Statuspage-shaped `/api/v2/summary.json`; the vendor's documentation of `/api/v1/summary`. The shim is polled, since
//! its address is sure, and knows no groups and no impacts of components. The proxy knows them; its address was read
//! in a public client and never seen in the vendor's documentation, so it may fail. `/api/v2/incidents.json` is the
//! past. The shim cuts times to seconds, so all are. Of a page below a path the proxy's address is not known.

use std::collections::HashMap;

use jiff::Timestamp;
use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup};
use super::words::{Table, impact_of};
use super::{Clues, Document, Format, ParseError, Role, Sample, Sureness, embedded, json, statuspage};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "incidentio",
    about: "incident.io status pages",
    compile: |options| compile(options, &READER),
    recognise,
    clues: Clues::marks(&["incident-io-status-page-logos", "text-icon-operational"]),
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "an incident.io document (JSON with `summary` or `page`, or the page itself)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const STATES: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("under_maintenance", State::UNDER_MAINTENANCE),
    ("degraded_performance", State::DEGRADED_PERFORMANCE),
    ("partial_outage", State::PARTIAL_OUTAGE),
    ("full_outage", State::MAJOR_OUTAGE),
    ("major_outage", State::MAJOR_OUTAGE),
];

const PHASES: &Table<Phase> = &[
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
    ("maintenance_scheduled", Phase::Scheduled),
    ("maintenance_in_progress", Phase::InProgress),
    ("maintenance_complete", Phase::Completed),
];

fn documents(base: &Url) -> Vec<Document> {
    let host = match (base.host_str(), base.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => return Vec::new(),
    };
    let path = base.path();
    let own =
        ["/proxy/", "/api/v1/", "/api/v2/"].iter().find_map(|mark| path.split_once(mark)).map_or(path, |(own, _)| own);
    let own = own.trim_end_matches('/').to_owned();
    let document = |name, path: String, role| {
        let mut url = base.clone();
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        Document { name, url, role, accept: "application/json" }
    };
    let proxy = own.is_empty().then(|| document("proxy", format!("/proxy/{host}"), Role::Extra));
    let shim = document("summary", format!("{own}/api/v2/summary.json"), Role::Present);
    let past = document("incidents", format!("{own}/api/v2/incidents.json"), Role::History);
    proxy.into_iter().chain([shim, past]).collect()
}

fn recognise(sample: &Sample<'_>) -> Sureness {
    let value = sample.json();
    let is_ulid = |id: Option<String>| {
        id.is_some_and(|id| id.len() == 26 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
    };
    let first = |key: &str| json::string(&value[key][0], "id");
    if ((value["summary"]["structure"].is_object() || value["ongoing_incidents"].is_array())
        || (is_ulid(json::string(&value["page"], "id")) || is_ulid(first("components")) || is_ulid(first("incidents"))))
        || (sample.holds(&["incident-io-status-page"]) && sample.holds(&["ongoing_incidents"]))
    {
        Sureness::Certain
    } else {
        Sureness::No
    }
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    // The fullest document first: what the others say of the same incident is not said twice.
    let (full, shims): (Vec<&Doc<'_>>, Vec<&Doc<'_>>) = docs.iter().partition(|doc| !is_shim(&doc.value));
    for doc in full {
        match &doc.value {
            Value::String(markup) => {
                let data = embedded::flight(markup);
                let summary = embedded::after(&data, "\"summary\":").filter(|it| it["structure"].is_object());
                summary.ok_or_else(|| doc.not_ours()).and_then(|summary| whole(&summary, doc, draft))?;
            }
            value if value["summary"].is_object() => whole(&value["summary"], doc, draft)?,
            value if value.get("ongoing_incidents").is_some() || value.get("page_title").is_some() => {
                widget(value, doc, draft)?;
            }
            _ => return Err(doc.not_ours()),
        }
    }
    for doc in shims {
        shim(doc, draft)?;
    }
    Ok(())
}

fn is_shim(value: &Value) -> bool {
    !value.is_string()
        && !value["summary"].is_object()
        && value.get("ongoing_incidents").is_none()
        && value.get("page_title").is_none()
}

/// A document in Statuspage's shape, with this platform's words.
fn shim(doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let mut value = doc.value.clone();
    let known: Vec<String> = draft.seen.incidents.iter().map(|incident| incident.id.clone()).collect();
    let planned: Vec<String> = draft.seen.maintenances.iter().map(|maintenance| maintenance.id.clone()).collect();
    let is_new = |row: &Value| string(row, "id").is_none_or(|id| !known.contains(&id) && !planned.contains(&id));
    for key in ["components", "incidents", "scheduled_maintenances"] {
        let Some(Value::Array(rows)) = value.get_mut(key) else { continue };
        if key != "components" {
            rows.retain(is_new);
        }
        rows.iter_mut().for_each(in_shared_words);
    }
    statuspage::read(&[Doc { value, body: doc.body, expected: doc.expected }], draft)?;
    draft.seen.incidents.iter_mut().flat_map(|incident| &mut incident.updates).for_each(cut);
    draft.seen.maintenances.iter_mut().flat_map(|maintenance| &mut maintenance.updates).for_each(cut);
    Ok(())
}

/// The shim has been met with words of the platform's own.
fn in_shared_words(row: &mut Value) {
    let Some(status) = row.get_mut("status") else { return };
    let shared = match status.as_str() {
        Some("full_outage") => "major_outage",
        Some("maintenance_scheduled") => "scheduled",
        Some("maintenance_in_progress") => "in_progress",
        Some("maintenance_complete") => "completed",
        _ => return,
    };
    *status = Value::String(shared.to_owned());
}

/// Cuts the time of an update to the second, as the shim does.
fn cut(update: &mut Update) {
    update.at = update.at.and_then(|at| Timestamp::from_second(at.as_second()).ok());
}

/// Text under a key; the page's data writes a missing one as `"$undefined"`.
fn string(row: &Value, key: &str) -> Option<String> {
    json::string(row, key).filter(|text| text != "$undefined")
}

fn list<'v>(doc: &Doc<'_>, part: &'v Value, key: &str) -> Result<&'v [Value], ParseError> {
    if part[key] == "$undefined" { Ok(&[]) } else { doc.list_in(part, key) }
}

/// The object that the page itself is drawn from.
fn whole(summary: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let structure = &summary["structure"];
    if !structure.is_object() || !summary["components"].is_array() {
        return Err(doc.not_ours());
    }
    draft.page(string(summary, "name"), string(summary, "public_url"));
    let mut states = current(summary, doc, draft)?;
    let mut groups: HashMap<String, String> = HashMap::new();
    let mut hidden: Vec<String> = Vec::new();
    for item in list(doc, structure, "items")? {
        if item["sub_page"].is_object() {
            draft.notes.say("the page has sub pages, which are sources of their own".to_owned());
        }
        let group = &item["group"];
        for part in
            [&item["component"]].into_iter().filter(|part| part.is_object()).chain(list(doc, group, "components")?)
        {
            let id = string(part, "component_id").unwrap_or_default();
            if part["hidden"] == true || group["hidden"] == true {
                hidden.push(id.clone());
            }
            if let Some(name) = string(group, "name") {
                groups.insert(id, name);
            }
        }
    }
    for row in list(doc, summary, "components")? {
        let id = string(row, "id").unwrap_or_default();
        draft.component(SeenComponent {
            group: draft::group(groups.get(&id).cloned()),
            // One that no incident names works.
            state: states.remove(&id).unwrap_or(State::OPERATIONAL),
            description: string(row, "description").map(|words| super::text::line(&words, crate::limits::TITLE)),
            quiet: hidden.contains(&id),
            ..draft::component(&id, &string(row, "name").unwrap_or_default())
        });
    }
    for (id, state) in states {
        draft.component(SeenComponent { state, ..draft::component(&id, &id) });
    }
    for row in list(doc, summary, "ongoing_incidents")? {
        thread(row, doc, draft)?;
    }
    for row in list(doc, summary, "scheduled_maintenances")? {
        thread(row, doc, draft)?;
    }
    Ok(())
}

/// The states of the components that are named anywhere as touched; all others work.
fn current(summary: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<HashMap<String, State>, ParseError> {
    let mut rows: Vec<&Value> = list(doc, summary, "affected_components")?.iter().collect();
    for thread in list(doc, summary, "ongoing_incidents")? {
        rows.extend(list(doc, thread, "affected_components")?);
        let going_on = |impact: &&Value| impact["end_at"].is_null() || impact["end_at"] == "$undefined";
        rows.extend(list(doc, thread, "component_impacts")?.iter().filter(going_on));
    }
    let mut states: HashMap<String, State> = HashMap::new();
    for row in rows {
        let id = part_id(row);
        let key = if row.get("current_status").is_some() { "current_status" } else { "status" };
        let state = draft.state(STATES, &id, row, key);
        let known = states.get(&id).copied().unwrap_or(state);
        states.insert(id, known.worse(state));
    }
    Ok(states)
}

fn part_id(part: &Value) -> String {
    string(part, "component_id").or_else(|| string(part, "id")).unwrap_or_default()
}

fn thread(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let id = string(row, "id").unwrap_or_default();
    let title = string(row, "name").unwrap_or_default();
    let phase = draft.phase(PHASES, "an incident", row, "status");
    let mut updates: Vec<Update> = Vec::new();
    for update in list(doc, row, "updates")? {
        let at = draft.past(update, "published_at");
        let phase = string(update, "to_status").and_then(|word| super::words::look_up(PHASES, &word));
        updates.push(draft.update(at, phase, &string(update, "message_string").unwrap_or_default()));
    }
    updates.iter_mut().for_each(cut);
    let mut components: Vec<ComponentId> = Vec::new();
    let mut worst = None;
    for part in list(doc, row, "affected_components")? {
        let touched = part_id(part);
        components.push(draft::id(&touched));
        let state = draft.state(STATES, &title, part, "status");
        worst = State::worst(worst.into_iter().chain([state]));
    }
    for part in list(doc, row, "component_impacts")? {
        let touched = draft::id(&part_id(part));
        if !components.contains(&touched) {
            components.push(touched);
            worst = State::worst(worst.into_iter().chain([draft.state(STATES, &title, part, "status")]));
        }
    }
    if row["type"] == "maintenance" || phase.is_some_and(Phase::is_maintenance) {
        let window = |draft: &mut Draft, keys: [&str; 2]| keys.iter().find_map(|key| draft.planned(row, key));
        let impact = &row["component_impacts"][0];
        let starts_at = window(draft, ["starts_at", "started_at"]).or_else(|| draft.planned(impact, "start_at"));
        let ends_at = window(draft, ["ends_at", "scheduled_end_at"]).or_else(|| draft.planned(impact, "end_at"));
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
    let started_at = draft.past(row, "published_at");
    draft.incident(SeenIncident {
        phase,
        impact: worst.and_then(impact_of),
        started_at,
        url: draft.seen.page.url.as_ref().map(|page| format!("{}/incidents/{id}", page.trim_end_matches('/'))),
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}

/// `/api/v1/summary`: what goes on, and nothing of the components that work.
fn widget(value: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    draft.page(string(value, "page_title"), string(value, "page_url"));
    draft.seen.basis = Basis::Announcements;
    for row in doc.list("ongoing_incidents")? {
        let (id, title) = (string(row, "id").unwrap_or_default(), string(row, "name").unwrap_or_default());
        let components = affected(row, doc, draft)?;
        let impact = draft.state(STATES, &title, row, "current_worst_impact");
        let updated_at = draft.past(row, "last_update_at");
        let phase = draft.phase(PHASES, "an incident", row, "status");
        let updates = last(row, phase, draft);
        draft.incident(SeenIncident {
            phase,
            impact: impact_of(impact),
            updated_at,
            components,
            updates,
            url: string(row, "url").and_then(|url| super::text::link(&url)),
            ..draft::incident(&id, &title)
        });
    }
    for key in ["in_progress_maintenances", "scheduled_maintenances"] {
        for row in doc.list(key)? {
            let (id, title) = (string(row, "id").unwrap_or_default(), string(row, "name").unwrap_or_default());
            let components = affected(row, doc, draft)?;
            let starts_at = draft.planned(row, "starts_at").or_else(|| draft.planned(row, "started_at"));
            let ends_at = draft.planned(row, "ends_at").or_else(|| draft.planned(row, "scheduled_end_at"));
            let phase = draft.phase(PHASES, "a maintenance", row, "status");
            let updates = last(row, phase, draft);
            draft.maintenance(SeenMaintenance {
                phase,
                starts_at,
                ends_at,
                components,
                updates,
                url: string(row, "url").and_then(|url| super::text::link(&url)),
                ..draft::maintenance(&id, &title)
            });
        }
    }
    Ok(())
}

fn last(row: &Value, phase: Option<Phase>, draft: &mut Draft) -> Vec<Update> {
    let at = draft.past(row, "last_update_at");
    string(row, "last_update_message").map(|text| draft.update(at, phase, &text)).into_iter().collect()
}

fn affected(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<Vec<ComponentId>, ParseError> {
    let mut ids = Vec::new();
    for part in doc.list_in(row, "affected_components")? {
        let (id, name) = (string(part, "id").unwrap_or_default(), string(part, "name").unwrap_or_default());
        let state = draft.state(STATES, &name, part, "current_status");
        draft.component(SeenComponent {
            group: draft::group(string(part, "group_name")),
            state,
            ..draft::component(&id, &name)
        });
        ids.push(draft::id(&id));
    }
    Ok(ids)
}
