//! Opsgenie, by its Alert API v2: <https://docs.opsgenie.com/docs/alert-api>.
//!
//! Facts: `POST /v2/alerts` creates an alert, or counts one up that has the same alias and is open;
//! `POST /v2/alerts/{alias}/close?identifierType=alias` closes it; both answer 202 and work later. The key of an API
//! integration goes as `GenieKey`. `message` takes 130 characters, `alias` 512, `description` 15,000, a tag 50.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::alarm::{Alarm, Urgency, alarms};
use super::{Channel, Kind, Markup, Message, Outgoing, SecretUrl, Sort, Spec, cut, json as call};

const URL: &str = "https://api.opsgenie.com/v2/alerts";
const URL_EU: &str = "https://api.eu.opsgenie.com/v2/alerts";
const MESSAGE: usize = 130;
const DESCRIPTION: usize = 15_000;
const NAME: usize = 100;
const TAG: usize = 50;
const TAGS: usize = 20;

/// Opsgenie.
pub const KIND: Kind = Kind {
    name: "opsgenie",
    label: "Opsgenie",
    options: &[
        Spec { key: "key", sort: Sort::Secret, needed: true, hint: "the key of an API integration of a team" },
        Spec { key: "eu", sort: Sort::Flag, needed: false, hint: "true where the account is in the EU" },
        Spec { key: "url", sort: Sort::Url, needed: false, hint: "another address of the alerts, up to `/v2/alerts`" },
    ],
    markup: Markup::Plain,
    longest: 10_000,
    spacing: Duration::from_millis(250),
    make: |given| {
        let usual = if given.flag("eu") { URL_EU } else { URL };
        let url = super::address(given, usual)?;
        Ok(Box::new(Alerts::new(url, given.secret("key"))))
    },
};

/// A server with Opsgenie's alerts.
#[derive(Debug)]
pub struct Alerts {
    base: SecretUrl,
    key: SecretString,
}

impl Alerts {
    /// One whose alerts are at this address.
    pub fn new(base: Url, key: SecretString) -> Self {
        Self { base: SecretUrl::new(base), key }
    }

    fn authorization(&self) -> Option<SecretString> {
        Some(format!("GenieKey {}", self.key.expose_secret().trim()).into())
    }

    fn ring(&self, message: &Message<'_>, alarm: &Alarm<'_>) -> Outgoing {
        let news = alarm.news;
        let tags = news.into_iter().flat_map(|news| &news.tags).take(TAGS).map(|tag| cut::chars(tag, TAG));
        let mut details = serde_json::Map::new();
        let mut detail = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                details.insert(name.to_owned(), value.into());
            }
        };
        detail("page", message.link.clone());
        detail("state", news.map(|news| news.state.as_str().to_owned()));
        detail("vendor_page", news.and_then(|news| news.url.clone()));
        let services = news.map(|news| news.services.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>());
        detail("services", services.map(|names| names.join(", ")));
        let body = json!({
            "message": cut::chars(&alarm.title, MESSAGE),
            "alias": alarm.key,
            "description": cut::chars(&alarm.text, DESCRIPTION),
            "tags": tags.collect::<Vec<_>>(),
            "details": details,
            "entity": cut::chars(news.map_or(message.page, |news| &news.source_name), NAME),
            "source": cut::chars(message.page, NAME),
            "priority": priority(alarm.urgency),
        });
        call("POST", self.base.reveal().clone(), &body, self.authorization())
    }

    fn about(&self, alarm: &Alarm<'_>, what: &str) -> Url {
        let mut url = self.base.with(&[&alarm.key, what]);
        url.query_pairs_mut().append_pair("identifierType", "alias");
        url
    }
}

impl Channel for Alerts {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let mut out = Vec::new();
        for alarm in alarms(message) {
            if alarm.over {
                let body =
                    json!({ "source": cut::chars(message.page, NAME), "note": cut::chars(&alarm.text, DESCRIPTION) });
                out.push(call("POST", self.about(&alarm, "close"), &body, self.authorization()));
                continue;
            }
            out.push(self.ring(message, &alarm));
            // One that is open already keeps the urgency that it began with.
            if alarm.news.is_some() {
                let body = json!({ "priority": priority(alarm.urgency) });
                out.push(call("PUT", self.about(&alarm, "priority"), &body, self.authorization()));
            }
        }
        Ok(out)
    }
}

fn priority(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Critical => "P1",
        Urgency::High => "P2",
        Urgency::Middle => "P3",
        Urgency::Low => "P5",
    }
}
