//! Rocket.Chat, by an incoming webhook.
//!
//! <https://docs.rocket.chat/docs/integrations>, <https://developer.rocket.chat/apidocs/post-message>. A message takes
//! 5,000 characters unless the server says otherwise.

use std::time::Duration;

use serde_json::{Value, json};

use super::chat::{self, Address};
use super::{Channel, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec};

const LONGEST: usize = 4_000;

pub(super) const KIND: Kind = Kind {
    name: "rocketchat",
    label: "Rocket.Chat",
    options: &[Spec {
        key: "url",
        sort: Sort::SecretUrl,
        needed: true,
        hint: "the webhook's address: Administration, Workspace, Integrations, Incoming",
    }],
    markup: Markup::RocketChat,
    longest: LONGEST,
    spacing: Duration::from_secs(1),
    make: |given| {
        let url = given.url("url").ok_or_else(|| chat::wrong("url", "it is missing", "give the webhook's address"))?;
        Ok(Box::new(RocketChat(Address(url))))
    },
};

#[derive(Debug)]
struct RocketChat(Address);

impl Channel for RocketChat {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let markup = Markup::RocketChat;
        let mut text = markup.cut(message.text.trim_end(), LONGEST);
        if let Some(link) = &message.link {
            text.push_str("\n\n");
            text.push_str(&markup.link(link, chat::OPEN));
        }
        let title = format!("{} {}", chat::tone(message).mark(), markup.strong(&message.title));
        let attachment = json!({"color": chat::tone(message).hex(), "text": text.trim_start()});
        let body = json!({"text": title, "attachments": [attachment], "parseUrls": false});
        Ok(vec![Outgoing::Call(chat::post(self.0.0.clone(), &body))])
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        let answer = chat::json(reply);
        if answer.get("success") == Some(&Value::Bool(false)) {
            return Err(said(chat::word(&answer, "/error")));
        }
        Ok(None)
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let answer = chat::json(reply);
        Some(chat::word(&answer, "/error")).filter(|error| !error.is_empty() && reply.status != 429).map(said)
    }
}

fn said(error: &str) -> Refusal {
    let later = |why: &str| Refusal::Later { why: format!("{why} (Rocket.Chat says {error})"), wait: None };
    match error {
        "Invalid integration id or token provided." | "integration-not-found" => {
            later("the webhook is gone: make a new one")
        }
        "invalid-channel" | "error-room-not-found" | "room-not-found" => later("the channel is gone"),
        "error-not-allowed" | "unauthorized" | "user-not-found" | "error-room-archived" => {
            later("the webhook's user may not write there")
        }
        "error-message-size-exceeded" => Refusal::Never("Rocket.Chat says that it is too long".into()),
        _ => later("Rocket.Chat did not take it"),
    }
}
