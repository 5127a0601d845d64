//! PagerDuty, by its Events API v2: <https://developer.pagerduty.com/docs/send-alert-event>.
//!
//! Facts: `POST /v2/enqueue` with a routing key in the body; `event_action` is `trigger`, `acknowledge` or `resolve`;
//! events with one `dedup_key` are one alert; 202 for what was taken, 400 for what is malformed, 429 for too much.
//! `summary` takes 1,024 characters, `dedup_key` 255.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::alarm::{Alarm, Urgency, alarms};
use super::{Channel, Kind, Markup, Message, Outgoing, Sort, Spec, Wrong, compact, cut, json as call};

const URL: &str = "https://events.pagerduty.com/v2/enqueue";
const SUMMARY: usize = 1_024;
const DETAILS: usize = 10_000;

/// PagerDuty.
pub const KIND: Kind = Kind {
    name: "pagerduty",
    label: "PagerDuty",
    options: &[
        Spec {
            key: "routing_key",
            sort: Sort::Secret,
            needed: true,
            hint: "the integration key of an “Events API v2” integration, in a service's Integrations tab",
        },
        Spec {
            key: "url",
            sort: Sort::Url,
            needed: false,
            hint: "https://events.eu.pagerduty.com/v2/enqueue in the EU",
        },
    ],
    markup: Markup::Plain,
    longest: 4_000,
    spacing: Duration::from_millis(500),
    make: |given| {
        let url = super::address(given, URL)?;
        let routing_key = given.secret("routing_key");
        if routing_key.expose_secret().trim().is_empty() {
            return Err(Wrong { key: "routing_key", message: "is empty".to_owned(), hint: String::new() });
        }
        Ok(Box::new(PagerDuty { url, routing_key }))
    },
};

#[derive(Debug)]
struct PagerDuty {
    url: Url,
    routing_key: SecretString,
}

impl Channel for PagerDuty {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let events = alarms(message).into_iter();
        Ok(events.map(|alarm| call("POST", self.url.clone(), &compact(self.event(message, &alarm)), None)).collect())
    }

    fn secrets(&self) -> Vec<SecretString> {
        vec![self.routing_key.clone()]
    }
}

impl PagerDuty {
    fn event(&self, message: &Message<'_>, alarm: &Alarm<'_>) -> Value {
        let mut event = json!({
            "routing_key": self.routing_key.expose_secret().trim(),
            "event_action": if alarm.over { "resolve" } else { "trigger" },
            "dedup_key": alarm.key,
        });
        if alarm.over {
            return event;
        }
        let severity = match alarm.urgency {
            Urgency::Critical => "critical",
            Urgency::High => "error",
            Urgency::Middle => "warning",
            Urgency::Low => "info",
        };
        let news = alarm.news;
        event["client"] = json!(message.page);
        event["payload"] = json!({
            "summary": cut::chars(&alarm.title, SUMMARY),
            "source": news.map_or(message.page, |news| news.source_name.as_str()),
            "severity": severity,
            "timestamp": news.map(|news| format!("{:.0}", news.at)),
            "component": news.and_then(|news| news.components.first()),
            "custom_details": {
                "text": cut::chars(&alarm.text, DETAILS),
                "state": news.map(|news| news.state.as_str()),
                "services": news.map(|news| news.services.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>()),
                "components": news.map(|news| &news.components),
            },
        });
        if let Some(link) = &message.link {
            event["client_url"] = json!(link);
        }
        if let Some(url) = news.and_then(|news| news.url.as_deref()) {
            event["links"] = json!([{ "href": url, "text": "The vendor's own page" }]);
        }
        event
    }
}
