//! Uptime Kuma's notification “Webhook”: JSON, a form with the JSON in `data`, or everything in the query.
//!
//! Shapes as in `server/notification-providers/webhook.js`. Times are UTC, without saying so.

use super::document::inner;
use super::signal::{labels, signal};
use super::{Kind, Push, Refusal};
use crate::formats::json::{self, Value};
use crate::formats::notes::Notes;
use crate::formats::time::as_utc;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "uptimekuma",
    about: "Uptime Kuma, notification type “Webhook”",
    by_get: true,
    signs: |value| value.get("heartbeat").is_some() && value.get("monitor").is_some(),
    read,
};

const EXPECTED: &str = "Uptime Kuma's `heartbeat`, `monitor` and `msg`";

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    let (heartbeat, monitor) = (part(push, "heartbeat")?, part(push, "monitor")?);
    let msg = push.word(&["msg"]);
    let Some(heartbeat) = heartbeat.filter(|heartbeat| !heartbeat.is_null()) else {
        // In a query what is null is not there; a template without heartbeat says nothing, and must not seem to.
        let is_notice = push.value.get("heartbeat").is_some() || push.queried;
        return match msg {
            Some(msg) if is_notice => {
                notes.say(format!("a test or a notice, about no monitor's state: {}", text::line(&msg, 200)));
                Ok(Vec::new())
            }
            _ => Err(push.refuse(EXPECTED)),
        };
    };
    let monitor = monitor.unwrap_or_default();
    let key = json::string(&monitor, "id").or_else(|| json::string(&heartbeat, "monitorID"));
    let key = key.ok_or_else(|| push.refuse("`monitor.id` or `heartbeat.monitorID`"))?;
    let status = json::string(&heartbeat, "status").unwrap_or_default();
    let course = match status.as_str() {
        "0" => Course::Firing,
        "1" => Course::Resolved,
        "2" | "3" => {
            let word = if status == "2" { "pending" } else { "in maintenance" };
            notes.say(format!("monitor {} is {word}: that neither begins nor ends anything", text::line(&key, 60)));
            return Ok(Vec::new());
        }
        other => return Err(push.refuse_word("a `heartbeat.status` of 0, 1, 2 or 3", other)),
    };
    let name = json::string(&monitor, "name").unwrap_or_else(|| format!("Monitor {key}"));
    let body = json::string(&heartbeat, "msg").unwrap_or_default();
    let mut signal = signal(&key, course, &format!("{name} is down"), &body);
    signal.at = notes.past(json::word(&heartbeat, "time").map(|raw| as_utc(&raw)));
    signal.labels = tags(&monitor);
    signal.url = json::word(&monitor, "url").and_then(|url| text::link(&url));
    Ok(vec![signal])
}

/// A part of the document; in a query and in templates it is JSON as text.
fn part(push: &Push<'_>, key: &str) -> Result<Option<Value>, Refusal> {
    match push.value.get(key) {
        Some(Value::String(raw)) if raw.trim().is_empty() => Ok(Some(Value::Null)),
        Some(Value::String(raw)) => {
            inner(raw).map(Some).map_err(|found| push.refuse_for(&format!("JSON in `{key}`"), found))
        }
        other => Ok(other.cloned()),
    }
}

/// Tags of a monitor: name and value, or only a name.
fn tags(monitor: &Value) -> Vec<(String, String)> {
    let tags = monitor["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    labels(tags.iter().filter_map(|tag| {
        let name = json::string(tag, "name")?;
        Some(match json::string(tag, "value") {
            Some(value) => (name, value),
            None => ("tag".to_owned(), name),
        })
    }))
}
