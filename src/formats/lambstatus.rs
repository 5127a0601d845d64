//! LambStatus, which nobody maintains any more: `/api/components`.
//!
//! Facts: a public client and the project's own demonstration feed (`/history.rss`, read as `feed`). Incidents are in
//! the feed only.

use super::draft::{self, Draft};
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{self, STATES};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::observation::{Basis, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "lambstatus",
    about: "LambStatus (/api/components)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let row = &sample.json()[0];
        let ours = row["componentID"].is_string() && row["status"].is_string();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&["LambStatus", "lambstatus"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("components", "api/components")]),
    expected: "a LambStatus list (JSON with `componentID` and `status`)",
    basis: Basis::States,
    load: json::read,
    read,
};

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let rows = doc.items()?;
        if rows.is_empty() || rows.iter().any(|row| row.get("componentID").is_none()) {
            return Err(doc.not_ours());
        }
        for row in rows {
            let name = json::string(row, "name").unwrap_or_default();
            // “Degraded Performance” is the shared word in another dress.
            let word = json::string(row, "status").map(|word| word.replace(' ', "_"));
            let state = words::state(STATES, &name, word.as_deref(), &mut draft.notes);
            let id = json::string(row, "componentID").unwrap_or_else(|| name.clone());
            draft.component(SeenComponent { state, ..draft::component(&id, &name) });
        }
    }
    Ok(())
}
