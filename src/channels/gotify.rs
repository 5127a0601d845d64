//! Gotify: <https://gotify.net/docs/pushmsg> and <https://gotify.net/docs/msgextras>.
//!
//! Facts: `POST /message` with an application's token, which goes as bearer; priorities are 0 to 10, and from 8 on a
//! telephone rings; `extras` say what a tap opens.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::alarm::Urgency;
use super::{Channel, Kind, Markup, Message, Outgoing, SecretUrl, Sort, Spec, Wrong, cut, json as call};

const TITLE: usize = 250;

/// Gotify.
pub const KIND: Kind = Kind {
    name: "gotify",
    label: "Gotify",
    options: &[
        Spec { key: "url", sort: Sort::Url, needed: true, hint: "the server's address, without `/message`" },
        Spec { key: "token", sort: Sort::Secret, needed: true, hint: "the token of an application, under Apps" },
    ],
    markup: Markup::Plain,
    longest: 4_000,
    spacing: Duration::from_secs(1),
    make: |given| {
        let missing = || Wrong { key: "url", message: "is missing".to_owned(), hint: String::new() };
        let base = SecretUrl::new(given.url("url").ok_or_else(missing)?);
        Ok(Box::new(Gotify { url: base.with(&["message"]), token: given.secret("token") }))
    },
};

#[derive(Debug)]
struct Gotify {
    url: Url,
    token: SecretString,
}

impl Channel for Gotify {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let priority = match Urgency::of_message(message) {
            Urgency::Critical => 8,
            Urgency::High => 7,
            Urgency::Middle => 5,
            Urgency::Low => 4,
        };
        let mut body = json!({
            "title": cut::chars(&cut::line(&message.title), TITLE),
            "message": message.text,
            "priority": priority,
            "extras": { "client::display": { "contentType": "text/plain" } },
        });
        if let Some(link) = &message.link {
            body["extras"]["client::notification"] = json!({ "click": { "url": link } });
        }
        let bearer = format!("Bearer {}", self.token.expose_secret().trim());
        Ok(vec![call("POST", self.url.clone(), &body, Some(bearer.into()))])
    }
}
