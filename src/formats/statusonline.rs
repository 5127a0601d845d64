//! status.online, the pages of WEDOS: `/en/json/incidents.json`.
//!
//! Facts: one recorded list of incidents. The language is in the path; English is read. There are no components and no
//! texts, so a quiet list says that nothing is announced.

use super::draft::{self, Draft};
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, json, text};
use crate::model::incident::Phase;
use crate::model::observation::{Basis, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statusonline",
    about: "status.online pages (/en/json/incidents.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let row = &sample.json()["incidents"][0];
        let ours = row["id"].is_number() && row.get("resolved_at").is_some() && row.get("incident_updates").is_none();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &[".status.online"], ..Clues::marks(&["//status.online", "wedos.status.online"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("incidents", "en/json/incidents.json")]),
    expected: "a status.online list (JSON with `incidents`)",
    basis: Basis::Announcements,
    load: json::read,
    read,
};

const PHASES: &Table<Phase> = &[
    ("active", Phase::Investigating),
    ("ongoing", Phase::Investigating),
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("resolved", Phase::Resolved),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if !doc.value["incidents"].is_array() {
            return Err(doc.not_ours());
        }
        for row in doc.list("incidents")? {
            let said = draft.phase(PHASES, "an incident", row, "status");
            let (started_at, updated_at) = (draft.past(row, "started_at"), draft.past(row, "updated_at"));
            let resolved_at = draft.past(row, "resolved_at");
            let over = resolved_at.is_some() || said == Some(Phase::Resolved);
            let id = json::string(row, "id").or_else(|| json::string(row, "url")).unwrap_or_default();
            draft.incident(SeenIncident {
                phase: if over { Some(Phase::Resolved) } else { said },
                started_at,
                updated_at,
                resolved_at: resolved_at.or(updated_at).filter(|_| over),
                url: json::string(row, "url").and_then(|url| text::link(&url)),
                ..draft::incident(&id, &json::string(row, "name").unwrap_or_default())
            });
        }
    }
    Ok(())
}
