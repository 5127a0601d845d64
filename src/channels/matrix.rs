//! Matrix: any homeserver, as a user with an access token. A transaction's id makes the same message one message,
//! however often it is sent.
//!
//! <https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid>, `m.thread`,
//! `m.replace`, `m.mentions`. An event takes 65,536 bytes. `m.mentions` with nothing in it calls nobody, and turns off
//! the older search for names in the body.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::chat;
use super::{Call, Channel, Given, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec, Wrong, bare};

const LONGEST: usize = 12_000;
const BYTES: usize = 50_000;

pub(super) const KIND: Kind = Kind {
    name: "matrix",
    label: "Matrix",
    options: &[
        Spec { key: "server", sort: Sort::Url, needed: true, hint: "the homeserver, as in https://matrix.example.org" },
        Spec {
            key: "token",
            sort: Sort::Secret,
            needed: true,
            hint: "an access token of the user who writes: in Element, All settings, Help & About",
        },
        Spec {
            key: "room",
            sort: Sort::Text,
            needed: true,
            hint: "the room's internal id, `!…:…`: in Element, Room settings, Advanced",
        },
    ],
    markup: Markup::ChatHtml,
    longest: LONGEST,
    spacing: Duration::from_secs(1),
    make,
};

#[derive(Debug)]
struct Matrix {
    server: Url,
    token: SecretString,
    room: String,
}

fn make(given: &mut Given) -> Result<Box<dyn Channel>, Wrong> {
    let missing = || chat::wrong("server", "it is missing", "give the homeserver's address");
    let server = given.url("server").ok_or_else(missing)?;
    let room = given.text("room");
    if !room.starts_with('!') {
        return Err(chat::wrong("room", "a room is named by its internal id", "give `!…`, not the alias `#…`"));
    }
    Ok(Box::new(Matrix { server, token: given.secret("token"), room }))
}

impl Matrix {
    fn put(&self, transaction: &str, content: &Value) -> Result<Outgoing, String> {
        let parts = ["_matrix", "client", "v3", "rooms", &self.room, "send", "m.room.message", transaction];
        let url = chat::below(&self.server, &parts)?;
        let authorization = Some(SecretString::from(format!("Bearer {}", self.token.expose_secret())));
        Ok(Outgoing::Call(Call { method: "PUT", authorization, ..chat::post(url, content) }))
    }
}

impl Channel for Matrix {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let content = chat::fitting(Markup::ChatHtml, message, LONGEST, BYTES / 2, |text| content(message, text));
        if let Some(event) = chat::edited(message) {
            return Ok(vec![self.put(message.key, &instead(&content, event))?]);
        }
        let mut calls = Vec::new();
        if let Some(event) = chat::ended(message) {
            calls.push(self.put(&format!("{}.root", message.key), &instead(&content, event))?);
        }
        let mut content = content;
        if let Some(event) = message.before {
            content["m.relates_to"] = json!({
                "rel_type": "m.thread",
                "event_id": event,
                "is_falling_back": true,
                "m.in_reply_to": {"event_id": event},
            });
        }
        calls.push(self.put(message.key, &content)?);
        Ok(calls)
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        Ok(Some(chat::word(&chat::json(reply), "/event_id").to_owned()).filter(|event| !event.is_empty()))
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let answer = chat::json(reply);
        let says = chat::word(&answer, "/error");
        let later =
            |why: &str, wait| Some(Refusal::Later { why: format!("{why} (the homeserver says: {says})"), wait });
        match chat::word(&answer, "/errcode") {
            "M_LIMIT_EXCEEDED" => {
                let wait = answer.get("retry_after_ms").and_then(Value::as_u64).map(Duration::from_millis);
                later("it is too much at once", wait)
            }
            "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN" | "M_USER_DEACTIVATED" => {
                later("the token does not hold any more: give a new one", None)
            }
            "M_FORBIDDEN" => later("the user may not write there: invite it, and let it join", None),
            "M_NOT_FOUND" | "M_UNRECOGNIZED" => later("this is no homeserver, or the room is gone", None),
            "M_TOO_LARGE" | "M_BAD_JSON" | "M_NOT_JSON" => {
                Some(Refusal::Never(format!("the homeserver does not take it: {says}")))
            }
            "M_UNKNOWN" | "M_INVALID_PARAM" if says.contains("relation") || says.contains("thread") => {
                Some(Refusal::Adrift(format!("the message that began this is gone (the homeserver says: {says})")))
            }
            _ => None,
        }
    }

    fn can_edit(&self) -> bool {
        true
    }
}

fn content(message: &Message<'_>, text: &str) -> Value {
    let html = chat::whole(message, Markup::ChatHtml, text);
    let plain = match &message.link {
        // The address stands behind a word in HTML.
        Some(link) => format!("{}: {link}", bare(&html)),
        None => bare(&html),
    };
    json!({
        "msgtype": "m.text",
        "body": plain,
        "format": "org.matrix.custom.html",
        "formatted_body": html.replace('\n', "<br>"),
        "m.mentions": {},
    })
}

/// A message that takes the place of another; who cannot show that sees it as a new one with a star.
fn instead(content: &Value, event: &str) -> Value {
    let mut whole = content.clone();
    whole["body"] = json!(format!("* {}", chat::word(content, "/body")));
    whole["m.new_content"] = content.clone();
    whole["m.relates_to"] = json!({"rel_type": "m.replace", "event_id": event});
    whole
}
