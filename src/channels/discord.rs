//! Discord, by a webhook: an embed in the colour of the news, which is changed where there is more to say.
//!
//! <https://docs.discord.com/developers/resources/webhook#execute-webhook>,
//! <https://docs.discord.com/developers/resources/message#embed-object>. A title takes 256 characters, a description
//! 4,096; five messages in two seconds and webhook. `allowed_mentions` with nothing in it calls nobody.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::chat::{self, Address};
use super::{Call, Channel, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec};

const TITLE: usize = 256;
const DESCRIPTION: usize = 4_096;
const FOOTER: usize = 200;

pub(super) const KIND: Kind = Kind {
    name: "discord",
    label: "Discord",
    options: &[Spec {
        key: "url",
        sort: Sort::SecretUrl,
        needed: true,
        hint: "the webhook's address: the channel's settings, Integrations, Webhooks",
    }],
    markup: Markup::Discord,
    longest: DESCRIPTION,
    spacing: Duration::from_millis(400),
    make: |given| {
        let url = given.url("url").ok_or_else(|| chat::wrong("url", "it is missing", "give the webhook's address"))?;
        Ok(Box::new(Discord(Address(url))))
    },
};

#[derive(Debug)]
struct Discord(Address);

impl Discord {
    /// Without `wait`, Discord does not say what became of it.
    fn posted(&self, body: &Value) -> Outgoing {
        let mut url = self.0.0.clone();
        url.query_pairs_mut().append_pair("wait", "true");
        Outgoing::Call(chat::post(url, body))
    }

    fn changed(&self, id: &str, body: &Value) -> Result<Outgoing, String> {
        let url: Url = chat::below(&self.0.0, &["messages", id])?;
        Ok(Outgoing::Call(Call { method: "PATCH", ..chat::post(url, body) }))
    }
}

impl Channel for Discord {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let body = body(message);
        if let Some(id) = chat::edited(message) {
            return Ok(vec![self.changed(id, &body)?]);
        }
        let mut calls = Vec::new();
        if let Some(id) = chat::ended(message) {
            calls.push(self.changed(id, &body)?);
        }
        calls.push(self.posted(&body));
        Ok(calls)
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        Ok(Some(chat::word(&chat::json(reply), "/id").to_owned()).filter(|id| !id.is_empty()))
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let answer = chat::json(reply);
        let says = chat::word(&answer, "/message");
        if reply.status == 429 {
            let wait = answer.get("retry_after").and_then(Value::as_f64);
            let wait = wait.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            return Some(Refusal::Later { why: "Discord says that it is too much at once".into(), wait });
        }
        let later = |why: &str| Some(Refusal::Later { why: format!("{why} (Discord says: {says})"), wait: None });
        match answer.get("code").and_then(Value::as_u64) {
            Some(10_015 | 50_027) => Some(Refusal::Gone(format!("the webhook was deleted (Discord says: {says})"))),
            Some(10_008) => Some(Refusal::Adrift(format!("the message was deleted (Discord says: {says})"))),
            Some(10_003) => later("the channel is gone"),
            Some(50_013 | 50_001) => later("the webhook may not write there"),
            Some(50_035 | 50_006) => Some(Refusal::Never(format!("Discord does not take it: {says}"))),
            _ => None,
        }
    }

    fn can_edit(&self) -> bool {
        true
    }
}

fn body(message: &Message<'_>) -> Value {
    let markup = Markup::Discord;
    let mut embed = json!({
        "title": markup.cut(&markup.neutralise(&chat::heading(message, TITLE)), TITLE),
        "description": markup.cut(message.text.trim_end(), DESCRIPTION),
        "color": chat::tone(message).colour(),
        "footer": {"text": super::cut(message.page, FOOTER)},
    });
    if let Ok(at) = jiff::Timestamp::from_second(message.made_at) {
        embed["timestamp"] = json!(at.to_string());
    }
    if let Some(link) = &message.link {
        embed["url"] = json!(link);
    }
    json!({"embeds": [embed], "allowed_mentions": {"parse": []}})
}
