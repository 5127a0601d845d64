//! Alibaba Cloud: `/api/status/listEventInProgress`, with `/api/status/listHistoryEvent` as the past.
//!
//! Facts: two public clients, one with tests over recorded answers. An event's lifecycle is the word in the brackets
//! before its title. Products and regions may be texts or objects and are often left out.

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, history, present};
use super::{Clues, Format, ParseError, Sureness, json};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "alibaba",
    about: "Alibaba Cloud's own status (https://status.alibabacloud.com/api/status/listEventInProgress)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let row = &value["data"][0];
        let quiet = value["success"] == true && value["data"].as_array().is_some_and(Vec::is_empty);
        if value["success"].is_boolean() && row["eventType"].is_string() && row.get("startTime").is_some() {
            Sureness::Certain
        } else if quiet && value.get("code").is_some() {
            Sureness::Maybe
        } else {
            Sureness::No
        }
    },
    clues: Clues {
        hosts: &["status.alibabacloud.com", "status.aliyun.com"],
        ..Clues::marks(&["<title>Alibaba Cloud Status", "<title>Alibaba Cloud Health Status"])
    },
};

static READER: Plain = Plain {
    documents: Where::Below(&[
        present("events", "api/status/listEventInProgress"),
        history("history", "api/status/listHistoryEvent"),
    ]),
    expected: "Alibaba Cloud's events (JSON with `success` and a list `data`)",
    basis: Basis::Announcements,
    load: json::read,
    read,
};

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        if doc.value["success"] != true || !doc.value["data"].is_array() {
            return Err(doc.not_ours());
        }
        draft.page(Some("Alibaba Cloud".to_owned()), None);
        for row in doc.list("data")? {
            event(row, doc, draft)?;
        }
    }
    Ok(())
}

/// The title, and what the brackets before it say.
fn split(title: &str) -> (&str, String) {
    let bracketed = title.trim().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    bracketed.map_or((title, String::new()), |(inside, rest)| (rest.trim(), inside.to_lowercase()))
}

/// Names in a list of texts, or of objects with a name in them.
fn names(row: &Value, key: &str, inner: &[&str]) -> Vec<String> {
    let items = row[key].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |item: &Value| {
        let own = item.as_str().map(str::to_owned);
        own.or_else(|| inner.iter().find_map(|key| json::string(item, key)))
    };
    items.iter().filter_map(name).collect()
}

fn event(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let whole = json::string(row, "title").unwrap_or_default();
    let (title, said) = split(&whole);
    let id = json::string(row, "id").unwrap_or_else(|| whole.clone());
    let (started_at, ended_at) = (draft.past(row, "startTime"), draft.past(row, "endTime"));
    let updated_at = draft.past(row, "lastUpdateTime");
    let over = ended_at.is_some() || ["recovered", "resolved", "completed"].iter().any(|word| said.contains(word));
    let is_notice = row["eventType"] != "ALARM";
    let state = if is_notice { State::DEGRADED_PERFORMANCE } else { State::PARTIAL_OUTAGE };
    let products = names(row, "products", &["productName", "name", "productCode"]);
    let regions = names(row, "regions", &["regionId", "regionName", "name"]);
    let mut components: Vec<ComponentId> = Vec::new();
    for product in &products {
        // Without regions a product is touched everywhere.
        let places: Vec<Option<&String>> =
            if regions.is_empty() { vec![None] } else { regions.iter().map(Some).collect() };
        for region in places {
            let key = region.map_or_else(|| product.clone(), |region| format!("{product}/{region}"));
            let group = draft::group(region.map(|_| product.clone()));
            if !over {
                let name = region.unwrap_or(product);
                draft.component(SeenComponent { group, state, ..draft::component(&key, name) });
            }
            components.push(draft::id(&key));
        }
    }
    let mut updates: Vec<Update> = Vec::new();
    for update in doc.list_in(row, "eventUpdates")? {
        let at = draft.past(update, "publishTime");
        updates.push(draft.update(at, None, &json::string(update, "content").unwrap_or_default()));
    }
    let open = if said.contains("monitor") { Phase::Monitoring } else { Phase::Investigating };
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { open }),
        impact: Some(if is_notice { Impact::Minor } else { Impact::Major }),
        started_at,
        updated_at,
        resolved_at: ended_at.or(updated_at).filter(|_| over),
        components,
        updates,
        ..draft::incident(&id, title)
    });
    Ok(())
}
