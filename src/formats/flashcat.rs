//! Flashcat status pages: `data.page.components` and `data.active_changes`.
//!
//! Facts: one recorded document, whose address is not known: it is configured by hand. Components carry no state, so one
//! is operational while no active change is listed, and degraded while one names it; a document without components is
//! unreadable.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::{Clues, Format, ParseError, Sureness, json, rows};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "flashcat",
    about: "Flashcat status pages (the address of their page data)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let data = &sample.json()["data"];
        let ours = data["page"]["components"].is_array() && data["active_changes"].is_array();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&["flashcat"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("page", "")]),
    expected: "a Flashcat document (JSON with `data.page.components` and `data.active_changes`)",
    basis: Basis::States,
    load: json::read,
    read,
};

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let data = &doc.value["data"];
        let page = &data["page"];
        let parts = doc.list_in(page, "components")?;
        if parts.is_empty() || !data["active_changes"].is_array() {
            return Err(doc.not_ours());
        }
        let host = json::string(page, "custom_domain").map(|host| format!("https://{host}/"));
        draft.page(json::string(page, "name"), host);
        let sections = rows::by(doc.list_in(page, "sections")?, |row| json::string(row, "section_id"));
        for row in parts {
            let section = json::string(row, "section_id").and_then(|id| sections.get(&id));
            draft.component(SeenComponent {
                group: draft::group(section.and_then(|section| json::string(section, "name"))),
                state: State::OPERATIONAL,
                ..draft::component(
                    &json::string(row, "component_id").unwrap_or_default(),
                    &json::string(row, "name").unwrap_or_default(),
                )
            });
        }
        for row in doc.list_in(data, "active_changes")? {
            change(row, doc, draft)?;
        }
    }
    draft.states_from_incidents();
    Ok(())
}

fn change(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let key = |keys: [&str; 2]| keys.iter().find_map(|key| json::string(row, key)).unwrap_or_default();
    let mut components: Vec<ComponentId> = Vec::new();
    for part in doc.list_in(row, "affected_components")?.iter().chain(doc.list_in(row, "components")?) {
        components.push(draft::id(&json::string(part, "component_id").unwrap_or_default()));
    }
    let started_at = draft.past(row, "start_at_seconds");
    draft.incident(SeenIncident {
        phase: Some(Phase::Investigating),
        started_at,
        components,
        ..draft::incident(&key(["change_id", "id"]), &key(["title", "name"]))
    });
    Ok(())
}
