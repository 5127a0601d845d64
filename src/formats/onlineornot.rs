//! OnlineOrNot status pages: the page itself, whose data is streamed into it as one list of values that point at each
//! other by their places.
//!
//! Facts: a public client with tests over a recorded page. An object is `{"_<place of the key>": <place of the value>}`,
//! a list holds places, a negative place is nothing, and `["D", …]` is a date. Maintenances were not seen.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup, present};
use super::words::{self, PHASES, STATES, look_up};
use super::{Clues, Format, ParseError, Sureness, json, text};
use crate::limits;
use crate::model::incident::{Phase, Update};
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "onlineornot",
    about: "OnlineOrNot status pages (the page itself)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let ours = sample.holds(&[STREAM]) && sample.holds(&["statusPage", "onlineornot"]);
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &[".onlineornot.com"], ..Clues::marks(&["onlineornot.com"]) },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("page", "")]),
    expected: "an OnlineOrNot page (HTML into which its data is streamed)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const STREAM: &str = "streamController.enqueue(";

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let Value::String(markup) = &doc.value else { return Err(doc.not_ours()) };
        let data = streamed(markup, doc)?;
        let mut found = false;
        for part in data["loaderData"].as_object().into_iter().flatten().map(|(_, part)| &part["result"]) {
            draft.page(json::string(&part["statusPage"], "name"), json::string(&part["statusPage"], "customDomain"));
            for row in doc.list_in(part, "components")? {
                found = true;
                component(row, draft);
            }
            // By days, or in one list.
            let days = part["incidents"].as_object().into_iter().flatten().map(|(_, rows)| rows);
            for rows in days.chain(part.get("incidents").filter(|rows| rows.is_array())) {
                for row in rows.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter(|row| row.is_object()) {
                    incident(row, doc, draft)?;
                }
            }
        }
        if !found {
            return Err(doc.broken("the page lists no component where these pages do"));
        }
    }
    Ok(())
}

/// The data of the page, its values put in their places.
fn streamed(markup: &str, doc: &Doc<'_>) -> Result<Value, ParseError> {
    let mut whole = String::new();
    for (at, start) in markup.match_indices(STREAM) {
        let rest = at.checked_add(start.len()).and_then(|at| markup.get(at..)).unwrap_or_default();
        if let Some(Value::String(piece)) = json::first(rest) {
            whole.push_str(&piece);
        }
    }
    let line = whole.lines().next().unwrap_or_default();
    let Some(Value::Array(values)) = json::first(line) else { return Err(doc.not_ours()) };
    let mut left = limits::STREAM_VALUES;
    resolve(&values, 0, 0, &mut left).ok_or_else(|| doc.broken("the data in the page points at itself without end"))
}

/// The value at a place; none where it nests deeper or holds more than a page does.
fn resolve(values: &[Value], place: usize, depth: usize, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if depth > limits::JSON_DEPTH {
        return None;
    }
    let mut follow = |place: &Value| match place.as_u64().and_then(|place| usize::try_from(place).ok()) {
        Some(place) => resolve(values, place, depth.saturating_add(1), left),
        None => Some(Value::Null),
    };
    Some(match values.get(place).unwrap_or(&Value::Null) {
        Value::Array(list) => match list.as_slice() {
            // A value of a kind that JSON does not have; of a date, its text counts.
            [Value::String(_), inner, ..] => match inner {
                Value::Number(_) => follow(inner)?,
                other => other.clone(),
            },
            places => Value::Array(places.iter().map(follow).collect::<Option<Vec<Value>>>()?),
        },
        Value::Object(pairs) => {
            let mut entries = Vec::with_capacity(pairs.len());
            for (key, value) in pairs {
                let name = key.strip_prefix('_').and_then(|place| place.parse::<usize>().ok());
                let Some(Value::String(name)) = name.and_then(|place| values.get(place)) else { continue };
                entries.push((name.as_str(), follow(value)?));
            }
            Value::object(entries)
        }
        plain => plain.clone(),
    })
}

fn component(row: &Value, draft: &mut Draft) {
    let name = json::string(row, "name").unwrap_or_default();
    let state = words::state(STATES, &name, json::string(row, "status").as_deref(), &mut draft.notes);
    let group = json::string(&row["group"], "name").or_else(|| json::string(row, "groupName"));
    draft.component(SeenComponent {
        group: draft::group(group),
        state,
        description: json::string(row, "description").map(|words| text::line(&words, limits::TITLE)),
        ..draft::component(&json::string(row, "id").unwrap_or_else(|| name.clone()), &name)
    });
}

fn incident(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let title = json::string(row, "title").unwrap_or_default();
    let (started_at, ended_at) = (draft.past(row, "started"), draft.past(row, "ended"));
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "createdAt");
        let phase = json::string(update, "status").and_then(|word| look_up(PHASES, &word));
        let words = ["description", "message", "content"].iter().find_map(|key| json::string(update, key));
        updates.push(draft.update(at, phase, &words.unwrap_or_default()));
    }
    let newest = updates.iter().max_by_key(|update| update.at).and_then(|update| update.phase);
    let open = newest.filter(|phase| phase.is_open()).unwrap_or(Phase::Investigating);
    draft.incident(SeenIncident {
        phase: Some(if ended_at.is_some() { Phase::Resolved } else { open }),
        started_at,
        resolved_at: ended_at,
        updates,
        ..draft::incident(&json::string(row, "id").unwrap_or_else(|| title.clone()), &title)
    });
    Ok(())
}
