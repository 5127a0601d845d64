//! Slack, by an incoming webhook or as a bot, whose messages have threads and can be changed.
//!
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>,
//! <https://docs.slack.dev/reference/methods/chat.postMessage>, `chat.update`, <https://docs.slack.dev/reference/block-kit>.
//! A header takes 150 characters, the text of a section 3,000; one message a second and channel. The answer of a method
//! is 200 also where it says `"ok": false`.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::chat::{self, Address};
use super::{Call, Channel, Given, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec, Wrong};
use crate::model::news::Happening;

const HEADER: usize = 150;
const SECTION: usize = 3_000;

pub(super) const KIND: Kind = Kind {
    name: "slack",
    label: "Slack",
    options: &[
        Spec {
            key: "url",
            sort: Sort::SecretUrl,
            needed: false,
            hint: "the webhook's address: api.slack.com/apps, your app, Incoming Webhooks",
        },
        Spec {
            key: "token",
            sort: Sort::Secret,
            needed: false,
            hint: "the bot's token, `xoxb-…`, with the scope `chat:write`: api.slack.com/apps, your app, OAuth",
        },
        Spec {
            key: "channel",
            sort: Sort::Text,
            needed: false,
            hint: "the channel's id, `C…`: at the end of what “View channel details” shows",
        },
        Spec {
            key: "api",
            sort: Sort::Url,
            needed: false,
            hint: "where the methods are, if not https://slack.com/api/",
        },
    ],
    markup: Markup::Slack,
    longest: SECTION,
    spacing: Duration::from_secs(1),
    make,
};

#[derive(Debug)]
enum Slack {
    Webhook(Address),
    Bot { api: Url, token: SecretString, channel: String },
}

fn make(given: &mut Given) -> Result<Box<dyn Channel>, Wrong> {
    let url = given.url("url");
    let token = given.maybe_secret("token");
    let channel = given.maybe_text("channel");
    let api = given.url("api");
    match (url, token, channel) {
        (Some(url), None, None) => Ok(Box::new(Slack::Webhook(Address(url)))),
        (None, Some(token), Some(channel)) => {
            let known = || Url::parse("https://slack.com/api/").ok();
            let api = api.or_else(known).ok_or_else(|| chat::wrong("api", "it is no address", "leave it out"))?;
            Ok(Box::new(Slack::Bot { api, token, channel }))
        }
        (None, Some(_), None) => Err(chat::wrong("channel", "a bot needs a channel", "give the channel's id, `C…`")),
        (None, None, Some(_)) => Err(chat::wrong("token", "a channel needs a bot's token", "give `token`, `xoxb-…`")),
        (Some(_), _, _) => Err(chat::wrong(
            "url",
            "a webhook has its token and channel in it",
            "give either `url`, or \
            `token` and `channel`",
        )),
        (None, None, None) => {
            Err(chat::wrong("url", "it is missing", "give `url` for a webhook, or `token` and `channel` for a bot"))
        }
    }
}

impl Slack {
    /// One request; a webhook has one method only.
    fn call(&self, method: &str, body: &Value) -> Result<Outgoing, String> {
        Ok(Outgoing::Call(match self {
            Self::Webhook(url) => chat::post(url.0.clone(), body),
            Self::Bot { api, token, .. } => Call {
                authorization: Some(SecretString::from(format!("Bearer {}", token.expose_secret()))),
                ..chat::post(chat::below(api, &[method])?, body)
            },
        }))
    }
}

impl Channel for Slack {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let Self::Bot { channel, .. } = self else { return Ok(vec![self.call("", &words(message))?]) };
        let with = |further: &[(&str, Value)]| {
            let mut body = words(message);
            body["channel"] = json!(channel);
            for (key, value) in further {
                body[*key] = value.clone();
            }
            body
        };
        if let Some(ts) = chat::edited(message) {
            return Ok(vec![self.call("chat.update", &with(&[("ts", json!(ts))]))?]);
        }
        let mut calls = Vec::new();
        if let Some(ts) = chat::ended(message) {
            calls.push(self.call("chat.update", &with(&[("ts", json!(ts))]))?);
        }
        let key = json!({"event_type": "allclear_message", "event_payload": {"key": message.key}});
        let mut further = vec![("metadata", key)];
        if let Some(ts) = message.before {
            further.push(("thread_ts", json!(ts)));
            // What became worse must not be hidden in a thread.
            let worse = message.items.iter().any(|(item, _)| item.happening == Happening::Worsened);
            further.push(("reply_broadcast", json!(worse)));
        }
        calls.push(self.call("chat.postMessage", &with(&further))?);
        Ok(calls)
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        if matches!(self, Self::Webhook(_)) {
            return Ok(None);
        }
        let answer = chat::json(reply);
        if answer.get("ok") == Some(&Value::Bool(true)) {
            return Ok(answer.get("ts").and_then(Value::as_str).map(str::to_owned));
        }
        Err(said(chat::word(&answer, "/error")))
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let answer = chat::json(reply);
        match (self, std::str::from_utf8(reply.body)) {
            // Its `Retry-After` says more.
            _ if reply.status == 429 => None,
            (Self::Webhook(_), Ok(word)) => webhook_said(word.trim()),
            (Self::Bot { .. }, _) => Some(chat::word(&answer, "/error")).filter(|word| !word.is_empty()).map(said),
            _ => None,
        }
    }

    fn can_edit(&self) -> bool {
        matches!(self, Self::Bot { .. })
    }
}

/// What is said, in blocks; `text` is what a notification shows. A link is a link and no button, as Slack warns people
/// who press a button of an app that does not listen.
fn words(message: &Message<'_>) -> Value {
    let mut blocks = vec![json!({
        "type": "header",
        "text": {"type": "plain_text", "text": chat::heading(message, HEADER), "emoji": false},
    })];
    let text = Markup::Slack.cut(message.text.trim_end(), SECTION);
    if !text.is_empty() {
        let text = json!({"type": "mrkdwn", "text": text, "verbatim": true});
        blocks.push(json!({"type": "section", "text": text}));
    }
    let page = Markup::Slack.neutralise(message.page);
    let foot = match &message.link {
        Some(link) => format!("{} · {page}", Markup::Slack.link(link, chat::OPEN)),
        None => page,
    };
    let foot = json!({"type": "mrkdwn", "text": Markup::Slack.cut(&foot, SECTION), "verbatim": true});
    blocks.push(json!({"type": "context", "elements": [foot]}));
    json!({
        "text": Markup::Slack.neutralise(&chat::heading(message, SECTION)),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// What a method answered.
fn said(error: &str) -> Refusal {
    let later = |why: &str| Refusal::Later { why: format!("{why} (Slack says {error})"), wait: None };
    match error {
        "channel_not_found" => later("Slack knows no such channel, or the bot may not see it"),
        "not_in_channel" => later("the bot is not in the channel: invite it"),
        "is_archived" => later("the channel is archived"),
        "account_inactive" | "token_revoked" | "token_expired" | "invalid_auth" | "not_authed" => {
            later("the token does not hold any more: give a new one")
        }
        "missing_scope" | "no_permission" | "restricted_action" => later("the bot may not write there"),
        "message_not_found"
        | "cant_update_message"
        | "edit_window_closed"
        | "thread_not_found"
        | "invalid_ts"
        | "invalid_thread_ts" => Refusal::Adrift(format!("the message that began this is gone (Slack says {error})")),
        "msg_too_long"
        | "msg_blocks_too_long"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "no_text"
        | "invalid_arguments"
        | "invalid_json" => Refusal::Never(format!("Slack does not take it ({error})")),
        "" => Refusal::Later { why: "the answer is not Slack's".into(), wait: None },
        _ => later("Slack did not take it"),
    }
}

/// What a webhook answered.
fn webhook_said(word: &str) -> Option<Refusal> {
    let later = |why: &str| Some(Refusal::Later { why: format!("{why} (Slack says {word})"), wait: None });
    match word {
        "no_service" | "no_service_id" | "no_active_hooks" | "no_team" | "invalid_token" => {
            later("the webhook is gone or turned off: make a new one")
        }
        "action_prohibited" | "posting_to_general_channel_denied" => later("an admin does not allow it"),
        "channel_not_found" => later("the channel is gone"),
        "channel_is_archived" => Some(Refusal::Gone(format!("the channel is archived (Slack says {word})"))),
        "invalid_payload" | "invalid_blocks" | "no_text" | "user_not_found" => {
            Some(Refusal::Never(format!("Slack does not take it ({word})")))
        }
        _ => None,
    }
}
