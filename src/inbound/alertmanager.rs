//! Prometheus Alertmanager's webhook, version 4: a group of alerts, each firing or over.
//!
//! Field names and the zero time are those of its `template` package. Nothing in a push says when it was sent: a
//! firing alert carries its start, so reminders are ordered as they arrive.

use super::signal::{digest, labels_of, severity, signal};
use super::{Kind, Push, Refusal};
use crate::formats::json::{self, Value};
use crate::formats::notes::Notes;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "alertmanager",
    about: "Prometheus Alertmanager, `webhook_configs`",
    by_get: false,
    signs: |value| value["alerts"].is_array() && value["orgId"].is_null(),
    read,
};

const EXPECTED: &str = "Alertmanager's `alerts`, a list";

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    if !push.value["orgId"].is_null() {
        return Err(push.refuse(EXPECTED));
    }
    alerts(push, EXPECTED, notes)
}

/// The alerts of a group; Grafana sends them in the same form.
pub(super) fn alerts(push: &Push<'_>, expected: &str, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    let alerts = push.value["alerts"].as_array().ok_or_else(|| push.refuse(expected))?;
    if let Some(left_out) = push.value["truncatedAlerts"].as_u64().filter(|count| *count > 0) {
        notes.say(format!("the sender left out {left_out} alerts: raise its `max_alerts`"));
    }
    alerts.iter().map(|value| alert(push, value, notes)).collect()
}

fn alert(push: &Push<'_>, value: &Value, notes: &mut Notes) -> Result<Signal, Refusal> {
    const PARTS: &str = "alerts with `status` and `labels`";
    let status = json::word(value, "status").filter(|_| value["labels"].is_object());
    let status = status.ok_or_else(|| push.refuse_for(PARTS, json::shape(value)))?;
    let course = match &*status {
        "firing" => Course::Firing,
        "resolved" => Course::Resolved,
        other => {
            notes.say(format!("the status “{}” is not known and counts as firing", text::line(other, 60)));
            Course::Firing
        }
    };
    let started_at = time(value, "startsAt", notes);
    let (labels, annotations) = (&value["labels"], &value["annotations"]);
    let title = first(annotations, &["summary", "title"]).unwrap_or_else(|| name(labels));
    // Annotations are written for the alert: they are no word about its end.
    let body = first(annotations, &["description", "message"]).filter(|_| course == Course::Firing).unwrap_or_default();
    let mut signal = signal(&key(value), course, &title, &body);
    signal.at = if course == Course::Resolved { time(value, "endsAt", notes) } else { started_at };
    signal.standing = true;
    signal.started_at = started_at;
    signal.impact = json::word(labels, "severity").and_then(|word| severity(&word));
    signal.labels = labels_of(labels);
    signal.url = first(annotations, &["url", "link"])
        .or_else(|| first(value, &["panelURL", "dashboardURL", "generatorURL"]))
        .and_then(|url| text::link(&url));
    Ok(signal)
}

/// The fingerprint; old senders have none, and an alert is then what it is about and when it began.
fn key(value: &Value) -> String {
    json::string(value, "fingerprint").unwrap_or_else(|| {
        let mut labels: Vec<String> =
            labels_of(&value["labels"]).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        labels.sort_unstable();
        digest(&format!("{}\n{}", labels.join("\n"), json::string(value, "startsAt").unwrap_or_default()))
    })
}

/// What an alert without words of its own is called.
fn name(labels: &Value) -> String {
    let name = first(labels, &["rulename", "alertname"]).unwrap_or_default();
    match json::string(labels, "instance") {
        Some(instance) => format!("{name}: {instance}"),
        None => name,
    }
}

fn first(value: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| json::string(value, key))
}

/// A time; the year 1 stands for none.
fn time(value: &Value, key: &str, notes: &mut Notes) -> Option<jiff::Timestamp> {
    notes.past(json::word(value, key).filter(|raw| !raw.starts_with("0001-")))
}
