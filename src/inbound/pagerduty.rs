//! PagerDuty's webhooks, version 3: one event about one incident, with its own time.

use super::signal::{labels, severity, signal};
use super::{Kind, Push, Refusal};
use crate::formats::json::{self, Value};
use crate::formats::notes::Notes;
use crate::model::level::Impact;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "pagerduty",
    about: "PagerDuty, webhook subscriptions (version 3)",
    by_get: false,
    signs: |value| !value["event"]["event_type"].is_null(),
    read,
};

const EXPECTED: &str = "PagerDuty's `event` with `event_type` and `data`";

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    let event = &push.value["event"];
    let kind = json::string(event, "event_type").ok_or_else(|| push.refuse(EXPECTED))?;
    if kind == "pagey.ping" {
        notes.say("a test: it makes nothing".to_owned());
        return Ok(Vec::new());
    }
    let incident = &event["data"];
    // Notes, responders, services and the like are about something else, or about an incident and not how it goes.
    if incident["type"] != "incident" {
        notes.say(format!("`{}` says nothing of how an incident goes", text::line(&kind, 60)));
        return Ok(Vec::new());
    }
    let course = course(push, &kind, incident)?;
    let key = json::string(incident, "id").ok_or_else(|| push.refuse("`event.data.id`"))?;
    let title = json::string(incident, "title").unwrap_or_default();
    let mut signal = signal(&key, course, &title, "");
    signal.at = notes.past(json::word(event, "occurred_at"));
    signal.started_at = notes.past(json::word(incident, "created_at"));
    signal.impact = impact(incident);
    signal.labels = labels(json::string(&incident["service"], "summary").map(|service| ("service", service)));
    signal.url = json::word(incident, "html_url").and_then(|url| text::link(&url));
    Ok(vec![signal])
}

/// What happened; of events that only touch an incident, how it stands.
fn course(push: &Push<'_>, kind: &str, incident: &Value) -> Result<Course, Refusal> {
    Ok(match kind {
        "incident.triggered" | "incident.reopened" | "incident.unacknowledged" => Course::Firing,
        "incident.acknowledged" => Course::Acknowledged,
        "incident.resolved" => Course::Resolved,
        _ => match json::string(incident, "status").unwrap_or_default().as_str() {
            "triggered" => Course::Firing,
            "acknowledged" => Course::Acknowledged,
            "resolved" => Course::Resolved,
            other => {
                return Err(push.refuse_word("an incident that is triggered, acknowledged or resolved", other));
            }
        },
    })
}

/// The priority, else the urgency.
fn impact(incident: &Value) -> Option<Impact> {
    let priority = json::word(&incident["priority"], "summary").and_then(|word| severity(&word));
    priority.or_else(|| match &*json::word(incident, "urgency")? {
        "high" => Some(Impact::Major),
        "low" => Some(Impact::Minor),
        _ => None,
    })
}
