//! WhatsApp, by Meta's Cloud API: <https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates>.
//!
//! Facts: `POST /{version}/{phone number id}/messages` with a bearer token; outside a conversation that the reader began
//! nothing but a template goes that Meta approved. Its body's parameters hold no line breaks, no tabs and no more than
//! three spaces in a row, and the whole body 1,024 characters. 200 with `messages[0].id` for what was taken; error codes 4,
//! 80007, 130429, 131048 and 131056 where it is too much at a time.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::{Channel, Given, Kind, Markup, Message, Outgoing, Refusal, Reply, SecretUrl, Sort, Spec, Wrong, cut};

const URL: &str = "https://graph.facebook.com/v24.0";
const TITLE: usize = 150;
const TEXT: usize = 700;
/// Codes of Meta's for too much at a time.
const TOO_MUCH: &[i64] = &[4, 80_007, 130_429, 131_048, 131_056];

/// WhatsApp.
pub const KIND: Kind = Kind {
    name: "whatsapp",
    label: "WhatsApp",
    options: &[
        Spec {
            key: "phone_number_id",
            sort: Sort::Text,
            needed: true,
            hint: "the id of the sending number, under WhatsApp → API Setup; not the number itself",
        },
        Spec {
            key: "token",
            sort: Sort::Secret,
            needed: true,
            hint: "a system user's token with whatsapp_business_messaging",
        },
        Spec { key: "to", sort: Sort::Text, needed: true, hint: "one number, like +15550101" },
        Spec {
            key: "message_template",
            sort: Sort::Text,
            needed: true,
            hint: "the name of an approved template whose body has {{1}}, the title, and {{2}}, the text",
        },
        Spec { key: "language", sort: Sort::Text, needed: false, hint: "the template's language; `en` unless set" },
        Spec {
            key: "url",
            sort: Sort::Url,
            needed: false,
            hint: "another version or server, like https://graph.facebook.com/v25.0",
        },
    ],
    markup: Markup::Plain,
    longest: TEXT,
    // One reader takes no more than one message in six seconds.
    spacing: Duration::from_secs(6),
    make,
};

fn make(given: &mut Given) -> Result<Box<dyn Channel>, Wrong> {
    let wrong = |key, message: &str, hint: &str| Wrong { key, message: message.to_owned(), hint: hint.to_owned() };
    let id = given.text("phone_number_id");
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("phone_number_id", "is no id", "it is made of digits alone, and is not the number"));
    }
    let to = given.text("to");
    if !super::twilio::is_number(&to) {
        return Err(wrong(
            "to",
            "is no telephone number",
            "write it with its country, like +15550101; one per channel",
        ));
    }
    let url = SecretUrl::new(super::address(given, URL)?).with(&[&id, "messages"]);
    let language = given.maybe_text("language").unwrap_or_else(|| "en".to_owned());
    let (template, token) = (given.text("message_template"), given.secret("token"));
    Ok(Box::new(WhatsApp { url, token, to: to.trim_start_matches('+').to_owned(), template, language }))
}

#[derive(Debug)]
struct WhatsApp {
    url: Url,
    token: SecretString,
    to: String,
    template: String,
    language: String,
}

impl Channel for WhatsApp {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let mut text = message.text.clone();
        if let Some(link) = message.link.as_deref().filter(|link| !text.contains(*link)) {
            text = format!("{} {link}", cut::chars(&text, TEXT.saturating_sub(link.chars().count())));
        }
        let parameters = [parameter(&message.title, TITLE), parameter(&text, TEXT + 1)];
        let parameters: Vec<_> = parameters.iter().map(|text| json!({ "type": "text", "text": text })).collect();
        let body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": self.to,
            "type": "template",
            "template": {
                "name": self.template,
                "language": { "code": self.language },
                "components": [{ "type": "body", "parameters": parameters }],
            },
        });
        let bearer = format!("Bearer {}", self.token.expose_secret().trim());
        Ok(vec![super::json("POST", self.url.clone(), &body, Some(bearer.into()))])
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        let said: serde_json::Value = serde_json::from_slice(reply.body).unwrap_or_default();
        Ok(said["messages"][0]["id"].as_str().map(str::to_owned))
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let said: serde_json::Value = serde_json::from_slice(reply.body).ok()?;
        let code = said["error"]["code"].as_i64()?;
        TOO_MUCH.contains(&code).then(|| Refusal::Later { why: "too much at a time, says Meta".to_owned(), wait: None })
    }
}

/// What a template takes: one line, and never nothing.
fn parameter(text: &str, most: usize) -> String {
    let line = cut::chars(&cut::line(text), most);
    if line.is_empty() { "-".to_owned() } else { line }
}
