//! Telegram, as a bot: replies in a thread of answers, and messages that are changed.
//!
//! <https://core.telegram.org/bots/api#sendmessage>, `editMessageText`, `html-style`. A message takes 4,096 characters;
//! a chat one message a second, a group twenty a minute.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::chat;
use super::{Channel, Given, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec, Wrong};

const MESSAGE: usize = 4_096;
/// What title and link leave of it.
const LONGEST: usize = 2_400;

pub(super) const KIND: Kind = Kind {
    name: "telegram",
    label: "Telegram",
    options: &[
        Spec { key: "token", sort: Sort::Secret, needed: true, hint: "the bot's token, from @BotFather" },
        Spec {
            key: "chat",
            sort: Sort::Text,
            needed: true,
            hint: "the chat's id, a number, or `@name` of a public channel; the bot has to be in it",
        },
        Spec { key: "topic", sort: Sort::Text, needed: false, hint: "the number of a topic, in a group that has them" },
        Spec { key: "api", sort: Sort::Url, needed: false, hint: "your own Bot API server, if you run one" },
    ],
    markup: Markup::ChatHtml,
    longest: LONGEST,
    spacing: Duration::from_secs(3),
    make,
};

#[derive(Debug)]
struct Telegram {
    api: Url,
    token: SecretString,
    chat: String,
    topic: Option<i64>,
}

fn make(given: &mut Given) -> Result<Box<dyn Channel>, Wrong> {
    let known = || Url::parse("https://api.telegram.org").ok();
    let api = given.url("api").or_else(known).ok_or_else(|| chat::wrong("api", "it is no address", "leave it out"))?;
    let chat = given.text("chat");
    if !chat.starts_with('@') && chat.parse::<i64>().is_err() {
        return Err(chat::wrong("chat", "it is neither a number nor a name", "give a number, or `@name`"));
    }
    let topic = match given.maybe_text("topic").map(|topic| topic.parse::<i64>()) {
        Some(Err(_)) => return Err(chat::wrong("topic", "it is no number", "give the number at the end of its link")),
        Some(Ok(topic)) => Some(topic),
        None => None,
    };
    Ok(Box::new(Telegram { api, token: given.secret("token"), chat, topic }))
}

impl Telegram {
    fn call(&self, method: &str, message: &Message<'_>, further: &[(&str, Value)]) -> Result<Outgoing, String> {
        let bot = format!("bot{}", self.token.expose_secret());
        let url = chat::below(&self.api, &[&bot, method])?;
        let mut body = json!({
            "chat_id": self.chat,
            "text": words(message),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true},
        });
        for (key, value) in further {
            body[*key] = value.clone();
        }
        Ok(Outgoing::Call(chat::post(url, &body)))
    }
}

impl Channel for Telegram {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let change = |id: i64| self.call("editMessageText", message, &[("message_id", json!(id))]);
        let number = |id: &str| id.parse::<i64>().ok();
        if let Some(id) = chat::edited(message).and_then(number) {
            return Ok(vec![change(id)?]);
        }
        let mut calls = Vec::new();
        if let Some(id) = chat::ended(message).and_then(number) {
            calls.push(change(id)?);
        }
        let mut further = Vec::new();
        if let Some(id) = message.before.and_then(number) {
            let answered = json!({"message_id": id, "allow_sending_without_reply": true});
            further.push(("reply_parameters", answered));
        }
        if let Some(topic) = self.topic {
            further.push(("message_thread_id", json!(topic)));
        }
        calls.push(self.call("sendMessage", message, &further)?);
        Ok(calls)
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        let answer = chat::json(reply);
        if answer.get("ok") == Some(&Value::Bool(false)) {
            return Err(self.refusal(reply).unwrap_or_else(|| super::by_status(reply.status, None)));
        }
        Ok(answer.pointer("/result/message_id").and_then(Value::as_i64).map(|id| id.to_string()))
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let answer = chat::json(reply);
        let says = chat::word(&answer, "/description");
        let later = |why: &str, wait| Some(Refusal::Later { why: format!("{why} (Telegram says: {says})"), wait });
        let has = |words: &str| says.to_ascii_lowercase().contains(words);
        if let Some(seconds) = answer.pointer("/parameters/retry_after").and_then(Value::as_u64) {
            return later("it is too much at once", Some(Duration::from_secs(seconds)));
        }
        if let Some(chat) = answer.pointer("/parameters/migrate_to_chat_id").and_then(Value::as_i64) {
            return later(&format!("the group became a supergroup: set `chat` to {chat}"), None);
        }
        match answer.get("error_code").and_then(Value::as_u64) {
            Some(401 | 404) => later("the token does not hold: ask @BotFather for a new one", None),
            Some(403) => later("the bot was blocked or removed: let it in again", None),
            Some(400) if has("message is not modified") => Some(Refusal::Had),
            Some(400) if has("message to edit not found") || has("message can't be edited") => {
                Some(Refusal::Adrift(format!("the message that began this is gone (Telegram says: {says})")))
            }
            Some(400) if has("chat not found") || has("thread not found") || has("not enough rights") => {
                later("the bot is not in this chat, or may not write there", None)
            }
            Some(400) => Some(Refusal::Never(format!("Telegram does not take it: {says}"))),
            _ => None,
        }
    }

    fn can_edit(&self) -> bool {
        true
    }
}

/// The whole is cut, so that a title full of entities takes no more than there is.
fn words(message: &Message<'_>) -> String {
    let markup = Markup::ChatHtml;
    markup.cut(&chat::whole(message, markup, &markup.cut(message.text.trim_end(), LONGEST)), MESSAGE)
}
