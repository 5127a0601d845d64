//! Tencent Cloud: `/v1/api/status/DescribeHappening?BelongSite=1`, the banner of the whole site, or
//! `DescribeProductEventForRegionInPeriod?…&RegionId=<region>`, the products of one region.
//!
//! Facts: three public clients, one with tests over a recorded answer of a region. A region that does not exist answers
//! an empty list, so an empty list is no statement. The banner says nothing of products and regions.

use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile};
use super::words::{self, Table};
use super::{Clues, Document, Format, ParseError, Role, Sureness, json};
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "tencent",
    about: "Tencent Cloud's own status (https://status.tencentcloud.com/v1/api/status/DescribeHappening?BelongSite=1)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let data = &sample.json()["Response"]["Data"];
        let banner = data["Status"].is_string() && data.get("IsShow").is_some();
        if banner || data["CategoryList"].is_array() { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["status.tencentcloud.com", "status.cloud.tencent.com"],
        ..Clues::marks(&["<title>Tencent Cloud Status", "<title>Tencent Cloud Health"])
    },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "Tencent Cloud's status (JSON with `Response.Data`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> =
    &[("NORMAL", State::OPERATIONAL), ("NOTIFY", State::DEGRADED_PERFORMANCE), ("ABNORMAL", State::PARTIAL_OUTAGE)];

/// The address itself where it is one of the documents; else the banner.
fn documents(base: &Url) -> Vec<Document> {
    let mut url = base.clone();
    if !base.path().contains("/api/status/") {
        url.set_path("/v1/api/status/DescribeHappening");
        url.set_query(Some("BelongSite=1"));
    }
    vec![Document { name: "status", url, role: Role::Present, accept: "application/json" }]
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let data = &doc.value["Response"]["Data"];
        if !data.is_object() {
            return Err(doc.not_ours());
        }
        draft.page(Some("Tencent Cloud".to_owned()), None);
        if data["CategoryList"].is_array() {
            products(data, doc, draft)?;
        } else {
            banner(data, draft);
        }
    }
    Ok(())
}

/// What stands above the whole site; what is not shown is over.
fn banner(data: &Value, draft: &mut Draft) {
    let state = draft.state(STATES, "the site", data, "Status");
    let shown = data["IsShow"] == true;
    match (shown, state) {
        (false, State::Unknown) | (true, _) => draft.indicator(state),
        (false, _) => draft.indicator(State::OPERATIONAL),
    }
    let title = json::string(data, "Desc").unwrap_or_default();
    if shown && state != State::OPERATIONAL && !title.is_empty() {
        let id = json::string(data, "Id").unwrap_or_else(|| title.clone());
        draft.incident(incident(&id, &title, state));
    }
}

fn incident(id: &str, title: &str, state: State) -> SeenIncident {
    let impact = match state {
        State::DEGRADED_PERFORMANCE => Some(Impact::Minor),
        State::PARTIAL_OUTAGE => Some(Impact::Major),
        _ => None,
    };
    SeenIncident { phase: Some(Phase::Investigating), impact, ..draft::incident(id, title) }
}

fn products(data: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    for category in doc.list_in(data, "CategoryList")? {
        let group = draft::group(json::string(category, "CategoryName"));
        for row in doc.list_in(category, "ProductList")? {
            let id = json::string(row, "ProductId").unwrap_or_default();
            let name = json::string(row, "ProductName").unwrap_or_else(|| id.clone());
            let state = words::state(STATES, &name, json::string(row, "CurrentStatus").as_deref(), &mut draft.notes);
            draft.component(SeenComponent { group: group.clone(), state, ..draft::component(&id, &name) });
            let title = json::string(row, "ProductEventTitle").filter(|title| !title.is_empty());
            if let Some(title) = title.filter(|_| state != State::OPERATIONAL) {
                draft.incident(SeenIncident {
                    components: vec![draft::id(&id)],
                    ..incident(&format!("{id}/{title}"), &title, state)
                });
            }
        }
    }
    if draft.seen.components.is_empty() {
        return Err(doc.broken("the list of products is empty: the region may not exist"));
    }
    Ok(())
}
