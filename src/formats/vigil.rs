//! Vigil (also Crisp Status): `/status/report`, or the page itself.
//!
//! Facts: the server's source and its output, run here. There are no ids, so names are the keys, and no incidents.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup, present};
use super::words::{self, Table};
use super::{Clues, Format, ParseError, Sureness, json, scrape};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "vigil",
    about: "Vigil (/status/report)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let page = sample.holds(&["badge-status-"])
            && sample.holds(&["status-healthy-background", "status-sick-background", "status-dead-background"]);
        if (value["health"].is_string() && value["probes"].is_array()) || page {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues::marks(&["status-healthy-background", "status-sick-background", "status-dead-background"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("report", "status/report")]),
    expected: "a Vigil report (JSON with `health` and `probes`), or the page itself",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const STATES: &Table<State> =
    &[("healthy", State::OPERATIONAL), ("sick", State::DEGRADED_PERFORMANCE), ("dead", State::MAJOR_OUTAGE)];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if let Value::String(markup) = &doc.value {
            page(markup, doc, draft)?;
            continue;
        }
        if !doc.value["probes"].is_array() {
            return Err(doc.not_ours());
        }
        draft.page(json::string(&doc.value["page"], "name"), json::string(&doc.value["page"], "url"));
        let overall = draft.state(STATES, "the page", &doc.value, "health");
        draft.indicator(overall);
        for probe in doc.list("probes")? {
            let group = json::string(probe, "name").unwrap_or_default();
            let nodes = doc.list_in(probe, "nodes")?;
            let alone = std::slice::from_ref(probe);
            for node in if nodes.is_empty() { alone } else { nodes } {
                let name = json::string(node, "name").unwrap_or_default();
                let state = draft.state(STATES, &name, node, "status");
                let inside = (!nodes.is_empty()).then(|| group.clone());
                draft.component(SeenComponent {
                    group: draft::group(inside),
                    state,
                    ..draft::component(&format!("{group}/{name}"), &name)
                });
            }
        }
    }
    Ok(())
}

fn page(markup: &str, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let html = scrape::page(markup, doc)?;
    draft.page(scrape::title(&html), None);
    let word = |element: scraper::ElementRef<'_>, head: &str| {
        let class = element.value().attr("class").unwrap_or_default();
        let rest = class.split_whitespace().find_map(|class| class.strip_prefix(head))?;
        Some(rest.split('-').next().unwrap_or(rest).to_owned())
    };
    let Some(overall) = scrape::all(&html, ".badge-large").first().and_then(|badge| word(*badge, "badge-status-"))
    else {
        return Err(doc.broken("the page shows no state where these pages do"));
    };
    let state = words::state(STATES, "the page", Some(&overall), &mut draft.notes);
    draft.indicator(state);
    for probe in scrape::all(&html, "section.probe") {
        let group = scrape::words_at(probe, "h3").unwrap_or_default();
        for node in scrape::inside(probe, "ul > li") {
            let name = scrape::words_at(node, "label").unwrap_or_default();
            let state = words::state(STATES, &name, word(node, "status-").as_deref(), &mut draft.notes);
            draft.component(SeenComponent {
                group: draft::group(Some(group.clone())),
                state,
                ..draft::component(&format!("{group}/{name}"), &name)
            });
        }
    }
    Ok(())
}
