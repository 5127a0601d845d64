//! Another allclear: its own summary, `/api/v1/summary`.
//!
//! Facts: this project. What the other one has read is read as its components: one for each source, its parts that count
//! and each service, unknown where it is unknown there. What came to it from yet another allclear is left out, so that
//! two that read each other do not echo. The same is read of the form that it shares with Statuspage (`statuspage`).

use std::collections::HashSet;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{self, Doc, Plain, Where, compile};
use super::words::{self, IMPACTS, PHASES, Table};
use super::{Clues, Format, ParseError, Sureness, json, text};
use crate::limits;
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "allclear",
    about: "another allclear (/api/v1/summary)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours =
            value["headline"]["state"].is_string() && value["sources"].is_array() && value["services"].is_array();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&["name=\"generator\" content=\"allclear"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[
        plain::present("summary", "api/v1/summary"),
        plain::history("incidents", "api/v1/incidents?status=closed"),
        plain::history("maintenances", "api/v1/maintenances?status=closed"),
    ]),
    expected: "an allclear summary (JSON with `headline`, `sources` and `services`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("under_maintenance", State::UNDER_MAINTENANCE),
    ("degraded_performance", State::DEGRADED_PERFORMANCE),
    ("partial_outage", State::PARTIAL_OUTAGE),
    ("major_outage", State::MAJOR_OUTAGE),
    ("unknown", State::Unknown),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    // The lists of the past do not say how a source is read: the summary does, which comes first.
    let mut other = Other::default();
    for doc in docs {
        if doc.is_present() {
            other = present(doc, draft)?;
        }
        let (incidents, maintenances) = match doc.body.name.as_str() {
            "incidents" => (doc.list("items")?, Default::default()),
            "maintenances" => (Default::default(), doc.list("items")?),
            _ => (doc.list("incidents")?, doc.list("maintenances")?),
        };
        for row in incidents.iter().filter(|row| other.tells_of(row)) {
            incident(row, doc, &other, draft)?;
        }
        for row in maintenances.iter().filter(|row| other.tells_of(row)) {
            maintenance(row, doc, &other, draft)?;
        }
    }
    Ok(())
}

/// What is said of the other allclear's incidents elsewhere than beside them.
#[derive(Default)]
struct Other {
    /// Where people read it.
    home: Option<String>,
    /// Sources that are allclears.
    relayed: HashSet<String>,
}

impl Other {
    /// True for what concerns the other team and did not come to it from another allclear. What was judged not to
    /// affect it goes on all the same.
    fn tells_of(&self, row: &Value) -> bool {
        let verdict = &row["verdict"];
        let dismissed = verdict["affects"] == "no" && verdict["stands"] == true;
        let relayed = json::word(row, "source").is_some_and(|source| self.relayed.contains(source.as_ref()));
        (row["counted"] != false || dismissed) && !relayed
    }

    /// Its page there, which shows more than the vendor's; else the vendor's.
    fn link(&self, row: &Value, path: &str) -> Option<String> {
        let ours = self.home.as_ref().zip(json::string(row, "id"));
        let ours = ours.map(|(home, id)| format!("{}/{path}/{id}", home.trim_end_matches('/')));
        ours.or_else(|| json::string(row, "url")).and_then(|url| text::link(&url))
    }
}

/// Sources with their parts, and services.
fn present(doc: &Doc<'_>, draft: &mut Draft) -> Result<Other, ParseError> {
    let value = &doc.value;
    if !value["headline"].is_object() || !value["sources"].is_array() {
        return Err(doc.not_ours());
    }
    draft.page(json::string(value, "title"), json::string(value, "url"));
    draft.page_updated(json::string(value, "generated_at"));
    draft.relays();
    let mut other = Other { home: json::string(value, "url"), relayed: HashSet::new() };
    for row in doc.list("sources")? {
        let id = json::string(row, "id").unwrap_or_default();
        if row["format"] == FORMAT.name || row["relays"] == true {
            other.relayed.insert(id);
        } else {
            source(row, &id, doc, draft)?;
        }
    }
    for row in doc.list("services")? {
        let id = json::word(row, "id").unwrap_or_default();
        component(row, "name", &service_id(&id), Some("Services"), draft);
    }
    Ok(other)
}

/// A source as a whole, and its parts that count: those of a group of its name.
fn source(row: &Value, id: &str, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    component(row, "name", &source_id(id), None, draft);
    let name = json::word(row, "name").unwrap_or_default();
    for part in doc.list_in(row, "components")?.iter().filter(|part| part["counted"] == true) {
        component(part, "path", &part_id(id, &json::word(part, "id").unwrap_or_default()), Some(&name), draft);
    }
    Ok(())
}

fn component(row: &Value, name: &str, own: &str, group: Option<&str>, draft: &mut Draft) {
    let name = json::word(row, name).unwrap_or_default();
    let said = draft.state(STATES, &name, row, "state");
    // A source that is not believed may be in trouble all the same, unless somebody there says how it is.
    let stale = row["freshness"]["stale"] == true && row["set"].is_null();
    let updated_at = draft.past(row, "state_since").or_else(|| draft.past(row, "since"));
    draft.component(SeenComponent {
        group: draft::group(group.map(str::to_owned)),
        state: if stale { State::Unknown.worse(said) } else { said },
        description: json::word(row, "description").map(|words| text::line(&words, limits::TITLE)),
        updated_at,
        ..draft::component(own, &name)
    });
}

fn incident(row: &Value, doc: &Doc<'_>, other: &Other, draft: &mut Draft) -> Result<(), ParseError> {
    let Some(id) = json::string(row, "id") else { return Ok(()) };
    let said = draft.phase(PHASES, "an incident", row, "status");
    // Closed there without a word: it is over as far as anybody can tell.
    let phase = if row["open"] == false { Some(Phase::Resolved) } else { said };
    let impact = words::impact(IMPACTS, json::string(row, "impact").as_deref(), &mut draft.notes);
    let mut updates = updates(row, doc, draft)?;
    for note in doc.list_in(row, "notes")? {
        updates.push(update(note, phase, draft));
    }
    let report = &row["postmortem"];
    if report.is_object() {
        updates.push(update(report, Some(Phase::Resolved), draft));
    }
    let seen = SeenIncident {
        phase,
        impact,
        started_at: draft.past(row, "started_at").or_else(|| draft.past(row, "first_seen_at")),
        updated_at: draft.past(row, "updated_at"),
        resolved_at: draft.past(row, "resolved_at"),
        url: other.link(row, "incidents"),
        components: touched(row, draft),
        updates,
        ..draft::incident(&id, &title(row))
    };
    draft.incident(seen);
    Ok(())
}

fn maintenance(row: &Value, doc: &Doc<'_>, other: &Other, draft: &mut Draft) -> Result<(), ParseError> {
    let Some(id) = json::string(row, "id") else { return Ok(()) };
    let said = draft.phase(PHASES, "a maintenance", row, "status");
    let over = row["open"] == false && said.is_none_or(Phase::is_open);
    let updates = updates(row, doc, draft)?;
    let seen = SeenMaintenance {
        phase: if over { Some(Phase::Completed) } else { said },
        starts_at: draft.planned(row, "starts_at"),
        ends_at: draft.planned(row, "ends_at"),
        updated_at: draft.past(row, "updated_at"),
        url: other.link(row, "maintenances"),
        components: touched(row, draft),
        updates,
        ..draft::maintenance(&id, &title(row))
    };
    draft.maintenance(seen);
    Ok(())
}

/// The vendor's name comes first: here it is one of many.
fn title(row: &Value) -> String {
    let title = json::string(row, "title").unwrap_or_default();
    let vendor = json::word(row, "source_name").filter(|_| !row["source"].is_null());
    vendor.map_or(title.clone(), |vendor| format!("{vendor}: {title}"))
}

/// What it touches: the parts and services that it names, all of its source where it names none that is listed.
fn touched(row: &Value, draft: &Draft) -> Vec<ComponentId> {
    let ids = |key: &str| row[key].as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str);
    let Some(source) = json::word(row, "source") else {
        return ids("services").map(|id| draft::id(&service_id(id))).collect();
    };
    let parts = ids("components").map(|id| draft::id(&part_id(&source, id)));
    let parts: Vec<ComponentId> = parts.filter(|id| draft.lists(id)).collect();
    if parts.is_empty() { vec![draft::id(&source_id(&source))] } else { parts }
}

fn source_id(id: &str) -> String {
    format!("sources/{id}")
}

fn part_id(source: &str, id: &str) -> String {
    format!("sources/{source}/{id}")
}

fn service_id(id: &str) -> String {
    format!("services/{id}")
}

fn updates(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<Vec<Update>, ParseError> {
    let rows = doc.list_in(row, "updates")?;
    let phase = |update| json::word(update, "status").and_then(|word| words::look_up(PHASES, &word));
    Ok(rows.iter().map(|row| update(row, phase(row), draft)).collect())
}

fn update(row: &Value, phase: Option<Phase>, draft: &mut Draft) -> Update {
    let at = draft.past(row, "at");
    // It is plain text: what looks like a tag in it is none.
    let body = json::string(row, "body").unwrap_or_default().replace('<', "&lt;");
    draft.update(at, phase, &body)
}
