//! Grafana's own alerting, contact point “webhook”: Alertmanager's form with more around it.

use super::{Kind, Push, Refusal, alertmanager};
use crate::formats::notes::Notes;
use crate::model::signal::Signal;

pub(super) const KIND: Kind = Kind {
    name: "grafana",
    about: "Grafana Alerting, contact point “webhook”",
    by_get: false,
    signs: |value| value["alerts"].is_array() && !value["orgId"].is_null(),
    read,
};

const EXPECTED: &str = "Grafana's `orgId` and `alerts`";

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    if push.value["orgId"].is_null() {
        return Err(push.refuse(EXPECTED));
    }
    let mut signals = alertmanager::alerts(push, EXPECTED, notes)?;
    let all = signals.len();
    signals.retain(|signal| !is_test(signal));
    if signals.len() < all {
        notes.say("a test: it makes nothing".to_owned());
    }
    Ok(signals)
}

/// The button “Test” of a contact point sends one alert of this name.
fn is_test(signal: &Signal) -> bool {
    signal.labels.iter().any(|(name, value)| name == "alertname" && value == "TestAlert")
}
