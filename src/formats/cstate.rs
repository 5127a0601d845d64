//! cState: `/index.json`, with `/issues/index.json` as the past.
//!
//! Facts: the project's templates and its output, run here. The documents are written by a template that does not
//! escape quotation marks. Issues have no id: their address is it. There are no maintenances.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, history, json_or_markup, present};
use super::words::{Table, impact_of, look_up};
use super::{Clues, Format, ParseError, Sureness, json, scrape, text, words};
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "cstate",
    about: "cState (/index.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let is = |word: &str| value["is"] == word;
        if ((is("index") && value.get("cStateVersion").is_some()) || is("issue") || is("issues"))
            || (sample.markup().contains("<html")
                && sample.holds(&["cstate/cstate", "cState"])
                && sample.holds(&["data-status="]))
        {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues::marks(&["cState", "cstate/cstate"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("index", "index.json"), history("issues", "issues/index.json")]),
    expected: "a cState document (JSON with `is` and `systems`, or issues)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const STATES: &Table<State> = &[
    ("ok", State::OPERATIONAL),
    ("notice", State::DEGRADED_PERFORMANCE),
    ("disrupted", State::PARTIAL_OUTAGE),
    ("down", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        match doc.value["is"].as_str() {
            Some("index") => {
                draft.page(json::string(&doc.value, "title"), json::string(&doc.value, "baseURL"));
                let overall = draft.state(STATES, "the page", &doc.value, "summaryStatus");
                draft.indicator(overall);
                for row in doc.list("systems")? {
                    let name = json::string(row, "name").unwrap_or_default();
                    let state = draft.state(STATES, &name, row, "status");
                    let group = draft::group(json::string(row, "category"));
                    let id = group.as_ref().map_or_else(|| name.clone(), |group| format!("{group}/{name}"));
                    draft.component(SeenComponent { group, state, ..draft::component(&id, &name) });
                }
                for row in doc.list("systems")? {
                    doc.list_in(row, "unresolvedIssues")?.iter().for_each(|issue_row| issue(issue_row, draft));
                }
                doc.list("pinnedIssues")?.iter().for_each(|row| issue(row, draft));
            }
            Some("issues") => doc.list("pages")?.iter().for_each(|row| issue(row, draft)),
            Some("issue") => issue(&doc.value, draft),
            _ => match &doc.value {
                Value::String(markup) => page(markup, doc, draft)?,
                _ => return Err(doc.not_ours()),
            },
        }
    }
    Ok(())
}

fn issue(row: &Value, draft: &mut Draft) {
    let time = |key: &str| {
        json::string(row, key)
            .filter(|text| text != "<no value>")
            .map(|text| text.replacen(" UTC", "", 1).replacen(" +0000", "Z", 1))
    };
    let zoned = |raw: String| super::time::as_utc(&raw);
    let started_at = draft.notes.past(time("createdAt").map(zoned));
    let resolved_at = draft.notes.past(time("resolvedAt").map(zoned));
    let updated_at = draft.notes.past(time("lastMod").map(zoned));
    let url = json::string(row, "permalink").and_then(|url| text::link(&url));
    let title = json::string(row, "title").unwrap_or_default();
    if row["informational"] == true {
        draft.notes.say(format!("a notice: {title}"));
    }
    let severity = json::string(row, "severity").and_then(|word| look_up(STATES, &word));
    let affected = row["affected"].as_array().map(Vec::as_slice).unwrap_or_default();
    let components = affected.iter().filter_map(Value::as_str).map(|name| draft.named(name)).collect();
    let updates = match json::string(row, "body") {
        Some(body) => vec![draft.update(started_at, None, &body)],
        None => Vec::new(),
    };
    draft.incident(SeenIncident {
        phase: Some(if row["resolved"] == true { Phase::Resolved } else { Phase::Investigating }),
        impact: severity
            .and_then(impact_of)
            .filter(|_| row["informational"] != true)
            .or(Some(crate::model::level::Impact::None)),
        started_at,
        updated_at,
        resolved_at,
        components,
        updates,
        ..draft::incident(url.as_deref().unwrap_or(&title), &title)
    });
    if let Some(last) = draft.seen.incidents.last_mut() {
        last.url = last.url.take().or(url);
    }
}

/// The page for people: components with their states; issues are in the JSON documents.
fn page(markup: &str, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let html = scrape::page(markup, doc)?;
    draft.page(scrape::title(&html), None);
    for row in scrape::all(&html, ".component[data-status]") {
        let name = scrape::first(row, ".component__name, a, h3, summary").map(scrape::words);
        let own: String =
            row.children().filter_map(|child| child.value().as_text().map(|text| text.trim().to_owned())).collect();
        let name = name.filter(|name| !name.is_empty()).unwrap_or(own);
        let state = words::state(STATES, &name, row.value().attr("data-status"), &mut draft.notes);
        draft.component(SeenComponent { state, ..draft::component(&name, &name) });
    }
    let class = scrape::all(&html, "body").first().and_then(|body| body.value().attr("class")).unwrap_or_default();
    let word = class.split_whitespace().filter_map(|class| class.strip_prefix("status-"));
    match word.filter_map(|word| look_up(STATES, word)).next() {
        Some(state) => draft.indicator(state),
        None if draft.seen.components.is_empty() => {
            return Err(doc.broken("the page shows neither a component nor a state where these pages do"));
        }
        None => {}
    }
    Ok(())
}
