//! ntfy: <https://docs.ntfy.sh/publish/#publish-as-json>.
//!
//! Facts: JSON goes to the server's root and names its topic; priorities are 1 to 5, 3 is usual; `click` is opened by a
//! tap; known tags become an emoji; a message of more than 4,096 bytes would become an attachment. A token goes as
//! bearer. The public server takes 60 at once and then one in five seconds.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::alarm::Urgency;
use super::{Channel, Kind, Markup, Message, Outgoing, SecretUrl, Sort, Spec, Wrong, compact, cut, json as call};

const TITLE: usize = 250;
const MESSAGE_BYTES: usize = 4_000;

/// ntfy.
pub const KIND: Kind = Kind {
    name: "ntfy",
    label: "ntfy",
    options: &[
        Spec {
            key: "url",
            sort: Sort::SecretUrl,
            needed: true,
            hint: "the topic's address, like https://ntfy.sh/your-topic; who knows it can read along",
        },
        Spec { key: "token", sort: Sort::Secret, needed: false, hint: "an access token, where the topic is protected" },
    ],
    markup: Markup::Plain,
    longest: 2_000,
    spacing: Duration::from_secs(5),
    make: |given| {
        let wrong = |message: &str| Wrong {
            key: "url",
            message: message.to_owned(),
            hint: "for example https://ntfy.sh/your-topic".to_owned(),
        };
        let mut root = given.url("url").ok_or_else(|| wrong("is missing"))?;
        let topic = root.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty()).map(str::to_owned));
        let topic = topic.ok_or_else(|| wrong("names no topic"))?;
        if let Ok(mut path) = root.path_segments_mut() {
            path.pop_if_empty().pop().push("");
        }
        root.set_query(None);
        Ok(Box::new(Ntfy { root: SecretUrl::new(root), topic: topic.into(), token: given.maybe_secret("token") }))
    },
};

#[derive(Debug)]
struct Ntfy {
    root: SecretUrl,
    topic: SecretString,
    token: Option<SecretString>,
}

impl Channel for Ntfy {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let over = !message.items.is_empty() && message.items.iter().all(|(item, _)| item.happening.is_end());
        let (priority, tag) = match Urgency::of_message(message) {
            Urgency::Critical => (5, "rotating_light"),
            Urgency::High => (4, "warning"),
            Urgency::Middle => (3, "warning"),
            Urgency::Low if over => (3, "white_check_mark"),
            Urgency::Low => (3, "information_source"),
        };
        let body = compact(json!({
            "topic": self.topic.expose_secret(),
            "title": cut::chars(&cut::line(&message.title), TITLE),
            "message": cut::bytes(&message.text, MESSAGE_BYTES),
            "priority": priority,
            "tags": [tag],
            "click": message.link,
        }));
        let bearer = self.token.as_ref().map(|token| format!("Bearer {}", token.expose_secret().trim()).into());
        let url: Url = self.root.reveal().clone();
        Ok(vec![call("POST", url, &body, bearer)])
    }

    fn secrets(&self) -> Vec<SecretString> {
        vec![self.topic.clone()]
    }
}
