//! AWS: `https://health.aws.amazon.com/public/currentevents`, UTF-16 with a byte order mark.
//!
//! Facts: a recorded answer, and the older `data.json` of the page before it. Codes are read as severities: 1
//! informational, 2 degraded, 3 disrupted. Components are services by region (`EC2/us-east-1`), and only those that an
//! event names are listed; a service without a region is global. There are no maintenances. The older feeds of single
//! services are read by `awsfeed`.

use url::Url;

use super::awsname::component;
use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, json_or_markup};
use super::words::{Table, impact_of};
use super::{Clues, Document, Format, ParseError, Role, Sureness, awsfeed, itself, json};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "aws",
    about: "AWS's public health events (https://health.aws.amazon.com/public/currentevents)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let event = |row: &Value| {
            row["service_name"].is_string() && (row.get("event_log").is_some() || row.get("arn").is_some())
        };
        let old = value["archive"].is_array() && value["current"].is_array();
        // Nothing goes on: an empty list, in an encoding that nobody else uses.
        let quiet = value.as_array().is_some_and(Vec::is_empty) && sample.body.bytes.starts_with(&[0xfe, 0xff]);
        let feed = sample.holds(&["<rss"]) && sample.holds(&["//status.aws.amazon.com"]);
        if event(&value[0]) || old || quiet || feed { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["health.aws.amazon.com", "status.aws.amazon.com"],
        marks: &["AWS Health Dashboard"],
        leads: |markup, page| {
            let is_feed = page.path().ends_with(".rss");
            let is_old = page.host_str() == Some("status.aws.amazon.com") && !is_feed;
            // The older host sends everything but its feeds to a page.
            let current = Url::parse("https://health.aws.amazon.com/").ok().filter(|_| is_old);
            current.map_or_else(|| itself(markup, page), |url| vec![url])
        },
    },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "AWS's public events (a JSON list with `service` and `event_log`), or one of its feeds",
    basis: Basis::Announcements,
    load: json_or_markup,
    read,
};

const SEVERITIES: &Table<State> = &[
    ("0", State::OPERATIONAL),
    ("1", State::OPERATIONAL),
    ("2", State::DEGRADED_PERFORMANCE),
    ("3", State::MAJOR_OUTAGE),
];

/// The events of all services, or the feed of one where the address is its own.
fn documents(base: &Url) -> Vec<Document> {
    let mut url = base.clone();
    let is_feed = base.path().ends_with(".rss");
    if !is_feed && !base.path().ends_with("/public/currentevents") {
        url.set_path(&format!("{}/public/currentevents", base.path().trim_end_matches('/')));
        url.set_query(None);
    }
    let accept = if is_feed { "application/rss+xml, application/xml" } else { "application/json" };
    vec![Document { name: "events", url, role: Role::Present, accept }]
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        draft.page(Some("AWS".to_owned()), Some("https://health.aws.amazon.com/health/status".to_owned()));
        match &doc.value {
            Value::Array(_) => {
                for row in doc.items()? {
                    event(row, doc, draft)?;
                }
            }
            value if value["current"].is_array() => {
                for (key, over) in [("current", false), ("archive", true)] {
                    for row in doc.list(key)? {
                        old(row, over, draft);
                    }
                }
            }
            Value::String(_) => awsfeed::read(doc.body, draft)?,
            _ => return Err(doc.not_ours()),
        }
    }
    Ok(())
}

fn event(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let title = json::string(row, "summary").unwrap_or_default();
    let service = json::string(row, "service").unwrap_or_default();
    let id = json::string(row, "arn")
        .unwrap_or_else(|| format!("{service} {}", json::string(row, "date").unwrap_or_default()));
    let started_at = draft.past(row, "date");
    let ended_at = draft.past(row, "end_time");
    let state = draft.state(SEVERITIES, &title, row, "status");
    let over = ended_at.is_some() || row["status"] == "0" || row["status"] == 0;
    let mut components: Vec<ComponentId> = Vec::new();
    for (key, part) in row["impacted_services"].as_object().into_iter().flatten() {
        let name = json::string(part, "service_name").unwrap_or_else(|| key.to_owned());
        let now = draft.state(SEVERITIES, &name, part, "current");
        draft.component(component(key, &name, now));
        components.push(draft::id(key));
    }
    if components.is_empty() && !over {
        let name = json::string(row, "service_name").unwrap_or_default();
        draft.component(component(&service, &name, state));
        components.push(draft::id(&service));
    }
    let mut updates: Vec<Update> = Vec::new();
    for entry in doc.list_in(row, "event_log")? {
        let at = draft.past(entry, "timestamp");
        updates.push(draft.update(at, None, &json::string(entry, "message").unwrap_or_default()));
    }
    let place = json::string(row, "region_name").map(|place| format!("{title} ({place})"));
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
        impact: match state {
            State::OPERATIONAL => Some(Impact::Minor),
            State::MAJOR_OUTAGE => Some(Impact::Major),
            other => impact_of(other),
        },
        started_at,
        resolved_at: ended_at.filter(|_| over),
        components,
        updates,
        ..draft::incident(&id, &place.unwrap_or(title))
    });
    Ok(())
}

/// An entry of the page's older document; its text tells when each line was written, by the clock only.
fn old(row: &Value, over: bool, draft: &mut Draft) {
    let service = json::string(row, "service").unwrap_or_default();
    let title = json::string(row, "summary").unwrap_or_default();
    let at = draft.past(row, "date");
    let state = draft.state(SEVERITIES, &title, row, "status");
    if !over {
        draft.component(component(&service, &json::string(row, "service_name").unwrap_or_default(), state));
    }
    let update = draft.update(at, None, &json::string(row, "description").unwrap_or_default());
    draft.incident(SeenIncident {
        phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
        impact: impact_of(state),
        started_at: at,
        components: vec![draft::id(&service)],
        updates: vec![update],
        ..draft::incident(&format!("{service} {}", json::string(row, "date").unwrap_or_default()), &title)
    });
}
