//! Pushover: <https://pushover.net/api>.
//!
//! Facts: a form to `POST /1/messages.json`; `message` takes 1,024 characters, `title` 250, `url` 512, `url_title` 100;
//! priorities are -2 to 2, and 2 repeats every `retry` seconds (30 at least) until `expire` (10,800 at most) or until
//! somebody has seen it. 200 with `status: 1` for what was taken; 4xx with `errors` for what never will be; 429 where the
//! month's messages are used up.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::alarm::Urgency;
use super::{Channel, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec, cut};
use crate::model::news::Happening;

const URL: &str = "https://api.pushover.net/1/messages.json";
const TITLE: usize = 250;
const MESSAGE: usize = 1_024;
const LINK: usize = 512;

/// Pushover.
pub const KIND: Kind = Kind {
    name: "pushover",
    label: "Pushover",
    options: &[
        Spec { key: "token", sort: Sort::Secret, needed: true, hint: "the API token of an application" },
        Spec { key: "user", sort: Sort::Secret, needed: true, hint: "the key of a user or of a group" },
        Spec { key: "device", sort: Sort::Text, needed: false, hint: "one device of the user's in the place of all" },
        Spec {
            key: "emergency",
            sort: Sort::Flag,
            needed: false,
            hint: "true: a new major outage repeats every minute for half an hour, until somebody has seen it",
        },
        Spec { key: "url", sort: Sort::Url, needed: false, hint: "another address, up to `/1/messages.json`" },
    ],
    markup: Markup::Plain,
    longest: MESSAGE,
    spacing: Duration::from_secs(1),
    make: |given| {
        Ok(Box::new(Pushover {
            url: super::address(given, URL)?,
            token: given.secret("token"),
            user: given.secret("user"),
            device: given.maybe_text("device"),
            emergency: given.flag("emergency"),
        }))
    },
};

#[derive(Debug)]
struct Pushover {
    url: Url,
    token: SecretString,
    user: SecretString,
    device: Option<String>,
    emergency: bool,
}

impl Channel for Pushover {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let begins = |happening| matches!(happening, Happening::Opened | Happening::Worsened);
        let news = message.items.iter().any(|(item, _)| begins(item.happening));
        let priority = match Urgency::of_message(message) {
            Urgency::Critical if self.emergency && news => "2",
            Urgency::Critical | Urgency::High => "1",
            Urgency::Middle | Urgency::Low => "0",
        };
        let title = cut::chars(&cut::line(&message.title), TITLE);
        // Without a text nothing is taken.
        let text = if message.text.trim().is_empty() { &title } else { &message.text };
        let text = cut::chars(text, MESSAGE);
        let at = message.made_at.to_string();
        let mut fields = vec![
            ("token", self.token.expose_secret().trim()),
            ("user", self.user.expose_secret().trim()),
            ("title", title.as_str()),
            ("message", text.as_str()),
            ("priority", priority),
            ("timestamp", at.as_str()),
        ];
        if priority == "2" {
            fields.extend([("retry", "60"), ("expire", "1800")]);
        }
        if let Some(device) = &self.device {
            fields.push(("device", device));
        }
        if let Some(link) = message.link.as_deref().filter(|link| link.len() <= LINK) {
            fields.extend([("url", link), ("url_title", "Open the status page")]);
        }
        Ok(vec![super::form(self.url.clone(), &fields, None)])
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let said: serde_json::Value = serde_json::from_slice(reply.body).ok()?;
        // A token or a key that is wrong can be put right, and the message is not lost until then.
        let whose = ["token", "user"].into_iter().find(|name| said[*name] == "invalid")?;
        (reply.status == 400).then(|| Refusal::Later { why: format!("`{whose}` is not known there"), wait: None })
    }

    fn secrets(&self) -> Vec<SecretString> {
        vec![self.token.clone(), self.user.clone()]
    }
}
