//! Mattermost, by an incoming webhook or as a bot, whose messages have threads and can be changed.
//!
//! <https://developers.mattermost.com/integrate/webhooks/incoming>,
//! <https://developers.mattermost.com/integrate/reference/message-attachments>,
//! <https://developers.mattermost.com/api-documentation/#/operations/CreatePost>. A post takes 16,383 characters; a
//! server lets one client do ten things a second unless it says otherwise.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::chat::{self, Address};
use super::{Call, Channel, Given, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec, Wrong};

const LONGEST: usize = 12_000;

pub(super) const KIND: Kind = Kind {
    name: "mattermost",
    label: "Mattermost",
    options: &[
        Spec {
            key: "url",
            sort: Sort::SecretUrl,
            needed: false,
            hint: "the webhook's address: Integrations, Incoming Webhooks",
        },
        Spec { key: "server", sort: Sort::Url, needed: false, hint: "where people open Mattermost, for a bot" },
        Spec { key: "token", sort: Sort::Secret, needed: false, hint: "the bot's token: Integrations, Bot Accounts" },
        Spec {
            key: "channel",
            sort: Sort::Text,
            needed: false,
            hint: "the channel's id: the channel's menu, View Info, at the bottom",
        },
    ],
    markup: Markup::Mattermost,
    longest: LONGEST,
    spacing: Duration::from_millis(200),
    make,
};

#[derive(Debug)]
enum Mattermost {
    Webhook(Address),
    Bot { server: Url, token: SecretString, channel: String },
}

fn make(given: &mut Given) -> Result<Box<dyn Channel>, Wrong> {
    let (url, server) = (given.url("url"), given.url("server"));
    let (token, channel) = (given.maybe_secret("token"), given.maybe_text("channel"));
    match (url, server, token, channel) {
        (Some(url), None, None, None) => Ok(Box::new(Mattermost::Webhook(Address(url)))),
        (None, Some(server), Some(token), Some(channel)) => Ok(Box::new(Mattermost::Bot { server, token, channel })),
        (Some(_), ..) => Err(chat::wrong(
            "url",
            "a webhook has its channel in it",
            "give either `url`, or `server`, \
            `token` and `channel`",
        )),
        (None, None, None, None) => Err(chat::wrong(
            "url",
            "it is missing",
            "give `url` for a webhook, or `server`, \
            `token` and `channel` for a bot",
        )),
        (None, None, ..) => Err(chat::wrong("server", "a bot needs it", "give the address of your Mattermost")),
        (None, _, None, _) => Err(chat::wrong("token", "a bot needs it", "give the bot's token")),
        (None, _, _, None) => Err(chat::wrong("channel", "a bot needs it", "give the channel's id")),
    }
}

impl Channel for Mattermost {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let attachment = attachment(message);
        let (server, token, channel) = match self {
            Self::Webhook(url) => {
                let body = json!({"text": "", "attachments": [attachment]});
                return Ok(vec![Outgoing::Call(chat::post(url.0.clone(), &body))]);
            }
            Self::Bot { server, token, channel } => (server, token, channel),
        };
        let bearer = || Some(SecretString::from(format!("Bearer {}", token.expose_secret())));
        let call = |method, parts: &[&str], body: &Value| -> Result<Outgoing, String> {
            let url = chat::below(server, parts)?;
            Ok(Outgoing::Call(Call { method, authorization: bearer(), ..chat::post(url, body) }))
        };
        let words = json!({"message": "", "props": {"attachments": [attachment]}});
        let change = |id: &str| call("PUT", &["api", "v4", "posts", id, "patch"], &words);
        if let Some(id) = chat::edited(message) {
            return Ok(vec![change(id)?]);
        }
        let mut calls = Vec::new();
        if let Some(id) = chat::ended(message) {
            calls.push(change(id)?);
        }
        let mut body = words.clone();
        body["channel_id"] = json!(channel);
        if let Some(id) = message.before {
            body["root_id"] = json!(id);
        }
        calls.push(call("POST", &["api", "v4", "posts"], &body)?);
        Ok(calls)
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        Ok(Some(chat::word(&chat::json(reply), "/id").to_owned()).filter(|id| !id.is_empty()))
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let answer = chat::json(reply);
        let says = chat::word(&answer, "/message");
        let later = |why: &str| Some(Refusal::Later { why: format!("{why} (Mattermost says: {says})"), wait: None });
        match chat::word(&answer, "/id") {
            "web.incoming_webhook.disabled.app_error" => later("incoming webhooks are turned off"),
            "web.incoming_webhook.invalid.app_error" | "store.sql_webhooks.get_incoming.app_error" => {
                later("the webhook is gone: make a new one")
            }
            "web.incoming_webhook.channel.app_error" | "web.incoming_webhook.permissions.app_error" => {
                later("the webhook may not write to its channel")
            }
            "api.context.session_expired.app_error" | "api.context.invalid_token.error" => {
                later("the token does not hold any more: give a new one")
            }
            "api.context.permissions.app_error" => later("the bot may not write there: add it to the channel"),
            "api.post.create_post.root_id.app_error"
            | "api.post.create_post.channel_root_id.app_error"
            | "app.post.get.app_error"
            | "store.sql_post.get.app_error" => {
                Some(Refusal::Adrift(format!("the message that began this is gone (Mattermost says: {says})")))
            }
            _ => None,
        }
    }

    fn can_edit(&self) -> bool {
        matches!(self, Self::Bot { .. })
    }
}

fn attachment(message: &Message<'_>) -> Value {
    let markup = Markup::Mattermost;
    let text = markup.cut(message.text.trim_end(), LONGEST);
    json!({
        "fallback": markup.neutralise(&chat::heading(message, crate::limits::LETTER_TITLE)),
        "color": chat::tone(message).hex(),
        "text": chat::whole(message, markup, &text),
        "footer": super::cut(message.page, 200),
    })
}
