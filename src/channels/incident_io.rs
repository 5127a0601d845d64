//! incident.io, by an HTTP alert source: <https://api-docs.incident.io/tag/Alert-Events-V2>.
//!
//! Facts: `POST /v2/alert_events/http/{alert source's id}` with the source's token as bearer; `title` and `status`
//! (`firing`, `resolved`) are required, events with one `deduplication_key` are one alert; 202 for what was taken.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::alarm::{Alarm, Urgency, alarms};
use super::{Channel, Kind, Markup, Message, Outgoing, SecretUrl, Sort, Spec, Wrong, compact, cut, json as call};

const URL: &str = "https://api.incident.io/v2/alert_events/http";
const TITLE: usize = 500;

/// incident.io.
pub const KIND: Kind = Kind {
    name: "incident_io",
    label: "incident.io",
    options: &[
        Spec {
            key: "alert_source",
            sort: Sort::Text,
            needed: true,
            hint: "the id at the end of the address that an HTTP alert source shows",
        },
        Spec { key: "token", sort: Sort::Secret, needed: true, hint: "the token that the alert source shows" },
        Spec { key: "url", sort: Sort::Url, needed: false, hint: "another address, up to `/v2/alert_events/http`" },
    ],
    markup: Markup::Plain,
    longest: 10_000,
    spacing: Duration::from_millis(250),
    make: |given| {
        let base = SecretUrl::new(super::address(given, URL)?);
        let source = given.text("alert_source");
        if source.is_empty() || !source.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err(Wrong {
                key: "alert_source",
                message: "is no id of an alert source".to_owned(),
                hint: "it is the last part of the address, like 01GW2G3V0S59R238FAHPDS1R66".to_owned(),
            });
        }
        Ok(Box::new(IncidentIo { url: base.with(&[&source]), token: given.secret("token") }))
    },
};

#[derive(Debug)]
struct IncidentIo {
    url: Url,
    token: SecretString,
}

impl Channel for IncidentIo {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let event = |alarm: Alarm<'_>| {
            let news = alarm.news;
            let mut body = json!({
                "title": cut::chars(&alarm.title, TITLE),
                "description": alarm.text,
                "deduplication_key": alarm.key,
                "status": if alarm.over { "resolved" } else { "firing" },
                "metadata": {
                    "page": message.page,
                    "urgency": urgency(alarm.urgency),
                    "source": news.map(|news| news.source_name.as_str()),
                    "state": news.map(|news| news.state.as_str()),
                    "services": news.map(|news| news.services.iter().map(|(_, name)| name).collect::<Vec<_>>()),
                    "components": news.map(|news| &news.components),
                    "tags": news.map(|news| &news.tags),
                    "vendor_page": news.and_then(|news| news.url.as_deref()),
                },
            });
            if let Some(link) = &message.link {
                body["source_url"] = json!(link);
            }
            let bearer = format!("Bearer {}", self.token.expose_secret().trim());
            call("POST", self.url.clone(), &compact(body), Some(bearer.into()))
        };
        Ok(alarms(message).into_iter().map(event).collect())
    }
}

/// For routes there: as other senders name it.
fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Critical => "critical",
        Urgency::High => "high",
        Urgency::Middle => "medium",
        Urgency::Low => "low",
    }
}
