//! Another allclear: its own summary, `/api/v1/summary`.
//!
//! Facts: this project. What the other one has read is read as its components: one for each source and each service,
//! unknown where it is unknown there. What came to it from yet another allclear is left out, so that two that read each
//! other do not echo.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{self, IMPACTS, PHASES, Table};
use super::{Clues, Format, ParseError, Sureness, json, text};
use crate::model::id::ComponentId;
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
    documents: Where::Below(&[present("summary", "api/v1/summary")]),
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
    for doc in docs {
        let value = &doc.value;
        if !value["headline"].is_object() || !value["sources"].is_array() {
            return Err(doc.not_ours());
        }
        draft.page(json::string(value, "title"), json::string(value, "url"));
        draft.page_updated(json::string(value, "generated_at"));
        let relayed: Vec<String> = doc
            .list("sources")?
            .iter()
            .filter(|row| row["format"] == FORMAT.name)
            .filter_map(|row| json::string(row, "id"))
            .collect();
        for (key, group) in [("sources", "Vendors"), ("services", "Services")] {
            for row in doc.list(key)?.iter().filter(|row| row["format"] != FORMAT.name) {
                let (id, name) =
                    (json::string(row, "id").unwrap_or_default(), json::string(row, "name").unwrap_or_default());
                let stale = row["freshness"]["stale"] == true;
                let said = draft.state(STATES, &name, row, "state");
                // A source that is not believed may be in trouble all the same.
                let state = if stale { State::Unknown.worse(said) } else { said };
                let own = format!("{key}/{id}");
                draft.component(SeenComponent {
                    group: draft::group(Some(group.to_owned())),
                    state,
                    ..draft::component(&own, &name)
                });
            }
        }
        for row in doc.list("incidents")? {
            if let Some((id, title, components)) = head(row, &relayed) {
                let phase = draft.phase(PHASES, "an incident", row, "status");
                let impact = words::impact(IMPACTS, json::string(row, "impact").as_deref(), &mut draft.notes);
                let (started_at, resolved_at) = (draft.past(row, "started_at"), draft.past(row, "resolved_at"));
                let updates = updates(row, doc, draft)?;
                let url = json::string(row, "url").and_then(|url| text::link(&url));
                draft.incident(SeenIncident {
                    phase,
                    impact,
                    started_at,
                    resolved_at,
                    url,
                    components,
                    updates,
                    ..draft::incident(&id, &title)
                });
            }
        }
        for row in doc.list("maintenances")? {
            if let Some((id, title, components)) = head(row, &relayed) {
                let phase = draft.phase(PHASES, "a maintenance", row, "status");
                let (starts_at, ends_at) = (draft.planned(row, "starts_at"), draft.planned(row, "ends_at"));
                let updates = updates(row, doc, draft)?;
                draft.maintenance(SeenMaintenance {
                    phase,
                    starts_at,
                    ends_at,
                    components,
                    updates,
                    ..draft::maintenance(&id, &title)
                });
            }
        }
    }
    Ok(())
}

/// Id, title and what it touches; none for what came from another allclear.
fn head(row: &Value, relayed: &[String]) -> Option<(String, String, Vec<ComponentId>)> {
    let source = json::string(row, "source");
    if source.as_ref().is_some_and(|source| relayed.contains(source)) {
        return None;
    }
    let services = row["services"].as_array().map(Vec::as_slice).unwrap_or_default();
    let services = services.iter().filter_map(Value::as_str).map(|id| draft::id(&format!("services/{id}")));
    let components = source.map(|id| draft::id(&format!("sources/{id}"))).into_iter().chain(services).collect();
    Some((json::string(row, "id")?, json::string(row, "title").unwrap_or_default(), components))
}

fn updates(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<Vec<crate::model::incident::Update>, ParseError> {
    let mut updates = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "at");
        let phase = json::string(update, "status").and_then(|word| words::look_up(PHASES, &word));
        updates.push(draft.update(at, phase, &json::string(update, "body").unwrap_or_default()));
    }
    Ok(updates)
}
