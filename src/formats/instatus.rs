//! Instatus pages.
//!
//! Facts: recorded `summary.json` and `components.json` of versions 2 and 3, and recorded pages, whose embedded data
//! holds texts and components of incidents. The two documents carry no texts, so there are none on a polled incident.
//! `VERIFYING`, and page words made of `SOME` or `ALL` before a component's word, are read by analogy.

use std::collections::{HashMap, HashSet};

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, extra, json_or_markup, present};
use super::words::{self, Table, impact_of, look_up};
use super::{Clues, Format, ParseError, Sample, Sureness, embedded, json, text};
use crate::limits;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "instatus",
    about: "Instatus pages (/summary.json)",
    compile: |options| compile(options, &READER),
    recognise,
    clues: Clues {
        hosts: &[".instatus.com"],
        ..Clues::marks(&["instatus.com/api/og", "instatus.com/user-content", "lang.instatus.com"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("summary", "summary.json"), extra("components", "v2/components.json")]),
    expected: "an Instatus document (JSON with `page.status`, components, or the page itself)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const STATES: &Table<State> = &[
    ("OPERATIONAL", State::OPERATIONAL),
    ("UNDERMAINTENANCE", State::UNDER_MAINTENANCE),
    ("DEGRADEDPERFORMANCE", State::DEGRADED_PERFORMANCE),
    ("MINOROUTAGE", State::PARTIAL_OUTAGE),
    ("PARTIALOUTAGE", State::PARTIAL_OUTAGE),
    ("MAJOROUTAGE", State::MAJOR_OUTAGE),
];

const PAGE: &Table<State> = &[
    ("UP", State::OPERATIONAL),
    ("UNDERMAINTENANCE", State::UNDER_MAINTENANCE),
    ("HASISSUES", State::DEGRADED_PERFORMANCE),
];

const PHASES: &Table<Phase> = &[
    ("INVESTIGATING", Phase::Investigating),
    ("IDENTIFIED", Phase::Identified),
    ("MONITORING", Phase::Monitoring),
    ("RESOLVED", Phase::Resolved),
    ("NOTSTARTEDYET", Phase::Scheduled),
    ("INPROGRESS", Phase::InProgress),
    ("VERIFYING", Phase::Verifying),
    ("COMPLETED", Phase::Completed),
];

fn recognise(sample: &Sample<'_>) -> Sureness {
    let value = sample.json();
    let in_words = |word: &Value| word.as_str().is_some_and(|word| page_state(word).is_some());
    let page = &value["page"];
    let row = match &value["components"] {
        Value::Array(rows) => rows.first(),
        _ => None,
    };
    let by_row =
        row.and_then(|row| row["status"].as_str()).is_some_and(|word| STATES.iter().any(|(known, _)| *known == word));
    if in_words(&page["status"]) || in_words(&page["status"]["text"]) || in_words(&value["site"]["status"]) {
        Sureness::Certain
    } else if by_row && page.is_null() {
        Sureness::Likely
    } else if sample.holds(FORMAT.clues.marks) && data(sample.markup()).is_some() {
        Sureness::Certain
    } else {
        Sureness::No
    }
}

/// `UP`, `HASISSUES`, or `SOME` and `ALL` before a component's word.
fn page_state(word: &str) -> Option<State> {
    look_up(PAGE, word).or_else(|| {
        let part = word.strip_prefix("SOME").or_else(|| word.strip_prefix("ALL"))?;
        look_up(STATES, part)
    })
}

/// What the page itself is drawn from.
fn data(markup: &str) -> Option<Value> {
    if let Some(next) = embedded::script(markup, "__NEXT_DATA__") {
        return Some(next["props"]["pageProps"].clone()).filter(|props| props["site"].is_object());
    }
    let flight = embedded::flight(markup);
    let site = embedded::after(&flight, "\"site\":")?;
    let components = Some(site["components"].clone()).filter(Value::is_array);
    let components = components.or_else(|| embedded::after(&flight, "\"components\":"));
    Some(Value::object([
        ("components", components.unwrap_or_default()),
        ("activeIncidents", embedded::after(&flight, "\"activeIncidents\":").unwrap_or_default()),
        ("activeMaintenances", embedded::after(&flight, "\"activeMaintenances\":").unwrap_or_default()),
        ("notices", embedded::object_after(&flight, "\"notices\":").unwrap_or_default()),
        ("site", site),
    ]))
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let drawn = match &doc.value {
            Value::String(markup) => Some(data(markup).ok_or_else(|| doc.not_ours())?),
            _ => None,
        };
        let value = drawn.as_ref().unwrap_or(&doc.value);
        let is_ours = value["page"].is_object()
            || value["site"].is_object()
            || !value["components"].is_null()
            || value.is_array();
        if !is_ours {
            return Err(doc.not_ours());
        }
        page(value, draft);
        let rows = if value.is_array() { value } else { &value["components"] };
        components(rows, doc, draft)?;
        for row in doc.list_in(value, "activeIncidents")? {
            incident(row, doc, draft)?;
        }
        for row in doc.list_in(value, "activeMaintenances")? {
            maintenance(row, doc, draft)?;
        }
        if let Value::Object(notices) = &value["notices"] {
            for row in notices.values() {
                incident(row, doc, draft)?;
            }
        }
    }
    Ok(())
}

fn page(value: &Value, draft: &mut Draft) {
    let (page, site) = (&value["page"], &value["site"]);
    let url = json::string(page, "url").or_else(|| Some(format!("https://{}/", json::string(site, "customDomain")?)));
    draft.page(json::translated(page, "name").or_else(|| json::translated(site, "name")), url);
    draft.page_updated(json::string(page, "updated"));
    for (part, key) in [(page, "status"), (site, "status"), (site, "mainStatus")] {
        let word = json::string(part, key).or_else(|| json::string(&part[key], "text"));
        if let Some(word) = word.or_else(|| part.get(key).map(|_| String::new())) {
            let state = page_state(&word).unwrap_or_else(|| {
                draft.notes.oddity("the page's status", &word);
                State::Unknown
            });
            draft.indicator(state);
        }
    }
}

/// Components, whether listed flat with their group named, or nested under it.
fn components(rows: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let rows = if rows["components"].is_array() { &rows["components"] } else { rows };
    let rows = json::rows(rows, "components", doc.body)?;
    let mut groups: HashMap<String, (String, Option<String>)> = HashMap::new();
    for row in rows {
        if let (Some(id), Some(name)) = (json::string(row, "id"), json::translated(row, "name")) {
            groups.insert(id, (name, json::string(&row["group"], "id")));
        }
    }
    let parents: HashSet<String> = rows.iter().filter_map(|row| json::string(&row["group"], "id")).collect();
    for row in rows {
        let inner = ["components", "children"].iter().find_map(|key| row[*key].as_array().filter(|it| !it.is_empty()));
        let heads = json::string(row, "id").is_some_and(|id| parents.contains(&id));
        if let Some(inner) = inner {
            let name = json::translated(row, "name");
            for child in inner.iter().filter(|child| child.is_object()) {
                one(child, name.clone(), draft);
            }
        } else if !heads && row["archivedAt"].is_null() {
            one(row, path(row, &groups), draft);
        }
    }
    Ok(())
}

/// The group in which a row stands, with the groups around it.
fn path(row: &Value, groups: &HashMap<String, (String, Option<String>)>) -> Option<String> {
    let mut names = vec![json::translated(&row["group"], "name")?];
    let mut next = json::string(&row["group"], "id").and_then(|id| groups.get(&id)?.1.clone());
    while let Some((name, above)) = next.as_ref().and_then(|id| groups.get(id)) {
        names.insert(0, name.clone());
        next = if names.len() < 8 { above.clone() } else { None };
    }
    Some(names.join("/"))
}

fn one(row: &Value, group: Option<String>, draft: &mut Draft) {
    let name = json::translated(row, "name").unwrap_or_default();
    let state = draft.state(STATES, &name, row, "status");
    let id = json::string(row, "id").unwrap_or_else(|| name.clone());
    draft.component(SeenComponent {
        group: draft::group(group),
        state,
        description: json::translated(row, "description").map(|words| text::line(&words, limits::TITLE)),
        ..draft::component(&id, &name)
    });
}

fn updates(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<Vec<crate::model::incident::Update>, ParseError> {
    let mut updates = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "started").or_else(|| draft.past(update, "createdAt"));
        let phase = json::string(update, "status").and_then(|word| look_up(PHASES, &word));
        let body = json::translated(update, "messageHtml").or_else(|| json::translated(update, "message"));
        updates.push(draft.update(at, phase, &body.unwrap_or_default()));
    }
    Ok(updates)
}

fn incident(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let title = json::translated(row, "name").unwrap_or_default();
    let phase = draft.phase(PHASES, "an incident", row, "status");
    if phase.is_some_and(Phase::is_maintenance) {
        return maintenance(row, doc, draft);
    }
    let impact = draft.state(STATES, &title, row, "impact");
    let started_at = draft.past(row, "started");
    let resolved_at = draft.past(row, "resolved").filter(|_| phase == Some(Phase::Resolved));
    let updated_at = draft.past(row, "updatedAt");
    let updates = updates(row, doc, draft)?;
    draft.incident(SeenIncident {
        phase,
        impact: impact_of(impact),
        started_at,
        updated_at,
        resolved_at,
        url: json::string(row, "url").and_then(|url| text::link(&url)),
        components: doc
            .list_in(row, "components")?
            .iter()
            .filter_map(|c| Some(draft::id(&json::string(c, "id")?)))
            .collect(),
        updates,
        ..draft::incident(&json::string(row, "id").unwrap_or_default(), &title)
    });
    Ok(())
}

fn maintenance(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let phase = words::phase(PHASES, "a maintenance", json::string(row, "status").as_deref(), &mut draft.notes);
    let starts_at = draft.planned(row, "start").or_else(|| draft.planned(row, "started"));
    let minutes = json::string(row, "duration").and_then(|minutes| minutes.parse::<u32>().ok());
    let lasts = minutes.map(|minutes| std::time::Duration::from_secs(u64::from(minutes).saturating_mul(60)));
    let ends_at = starts_at.zip(lasts).and_then(|(start, lasts)| start.checked_add(lasts).ok());
    let updated_at = draft.past(row, "updatedAt");
    let updates = updates(row, doc, draft)?;
    draft.maintenance(SeenMaintenance {
        phase,
        starts_at,
        ends_at,
        updated_at,
        url: json::string(row, "url").and_then(|url| text::link(&url)),
        components: doc
            .list_in(row, "components")?
            .iter()
            .filter_map(|c| Some(draft::id(&json::string(c, "id")?)))
            .collect(),
        updates,
        ..draft::maintenance(
            &json::string(row, "id").unwrap_or_default(),
            &json::translated(row, "name").unwrap_or_default(),
        )
    });
    Ok(())
}
