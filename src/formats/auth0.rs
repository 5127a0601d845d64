//! Auth0: the page itself, whose data (`script#__NEXT_DATA__`) holds the open incidents of every region.
//!
//! Facts: a public client of the same data under `/_next/data/<build>/index.json`, whose address changes with every
//! release of the page; no answer was recorded. A region without incidents works. How one tenant is, its own feed says:
//! `https://status.auth0.com/api/rss?domain=<tenant>`.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup, present};
use super::words::{self, IMPACTS, PHASES, STATES, look_up};
use super::{Clues, Format, ParseError, Sureness, embedded, json};
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "auth0",
    about: "Auth0's own status (the page https://status.auth0.com/)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let row = |value: &Value| {
            let row = &value["pageProps"]["activeIncidents"][0];
            row["region"].is_string() && row["response"].is_object()
        };
        let in_page = || {
            sample.holds(&["activeIncidents"])
                && embedded::script(sample.markup(), "__NEXT_DATA__").is_some_and(|data| row(&data["props"]))
        };
        if row(sample.json()) || in_page() { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &["status.auth0.com"], ..Clues::marks(&["<title>Auth0 Status"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("page", "")]),
    expected: "Auth0's page, or its data (JSON with `pageProps.activeIncidents`)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let inside = match &doc.value {
            Value::String(markup) => {
                let data = embedded::script(markup, "__NEXT_DATA__").ok_or_else(|| doc.not_ours())?;
                Some(data["props"].clone())
            }
            _ => None,
        };
        let props = &inside.as_ref().unwrap_or(&doc.value)["pageProps"];
        let regions = doc.list_in(props, "activeIncidents")?;
        if regions.is_empty() {
            return Err(doc.not_ours());
        }
        draft.page(Some("Auth0".to_owned()), Some("https://status.auth0.com/".to_owned()));
        for row in regions {
            region(row, doc, draft)?;
        }
    }
    Ok(())
}

fn region(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let name = json::string(row, "region").unwrap_or_default();
    let environment = json::string(row, "environment");
    let key = environment.as_ref().map_or_else(|| name.clone(), |environment| format!("{environment}/{name}"));
    // A region of which nothing is told is not known to work.
    let told = row["response"]["incidents"].is_array();
    let mut state = if told { State::OPERATIONAL } else { State::Unknown };
    if !told {
        draft.notes.count("regions told nothing of their incidents");
    }
    for incident in doc.list_in(&row["response"], "incidents")? {
        let word = json::string(incident, "status");
        let said = word.as_deref().and_then(|word| look_up(STATES, word));
        let is_open = word.as_deref().and_then(|word| look_up(PHASES, word)).is_none_or(Phase::is_open);
        let own = match said {
            Some(state) => state,
            // Words of a lifecycle say that something goes on, not how bad it is.
            None if word.as_deref().is_some_and(|word| look_up(PHASES, word).is_some()) => State::DEGRADED_PERFORMANCE,
            None => words::state(STATES, &name, word.as_deref(), &mut draft.notes),
        };
        if is_open && said != Some(State::OPERATIONAL) {
            state = state.worse(own);
        }
        thread(incident, &key, is_open && said != Some(State::OPERATIONAL), doc, draft)?;
    }
    draft.component(SeenComponent { group: draft::group(environment), state, ..draft::component(&key, &name) });
    Ok(())
}

fn thread(row: &Value, region: &str, is_open: bool, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "incident_updates")?.iter().chain(doc.list_in(row, "updates")?) {
        let at = ["created_at", "updated_at", "date"].iter().find_map(|key| draft.past(update, key));
        let phase = json::string(update, "status").and_then(|word| look_up(PHASES, &word));
        let text = ["body", "message"].iter().find_map(|key| json::string(update, key));
        updates.push(draft.update(at, phase, &text.unwrap_or_default()));
    }
    let said = json::string(row, "status").and_then(|word| look_up(PHASES, &word)).filter(|phase| phase.is_open());
    let (started_at, updated_at) = (draft.past(row, "created_at"), draft.past(row, "updated_at"));
    let title = json::string(row, "name").unwrap_or_default();
    draft.incident(SeenIncident {
        phase: Some(if is_open { said.unwrap_or(Phase::Investigating) } else { Phase::Resolved }),
        impact: json::string(row, "impact").and_then(|word| look_up(IMPACTS, &word)),
        started_at,
        updated_at,
        components: vec![draft::id(region)],
        updates,
        ..draft::incident(&json::string(row, "id").unwrap_or_else(|| title.clone()), &title)
    });
    Ok(())
}
