//! Google Chat, by a space's webhook: a card, in a thread that is found by its key.
//!
//! <https://developers.google.com/workspace/chat/quickstart/webhooks>,
//! <https://developers.google.com/workspace/chat/format-messages>. A message takes 32,000 bytes, a space one message a
//! second. A card is written in HTML and calls nobody: `<users/all>` works in a message's `text` only, which is not used.

use std::time::Duration;

use serde_json::{Value, json};

use super::chat::{self, Address};
use super::{Channel, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec, Style};

const LONGEST: usize = 8_000;
const BYTES: usize = 31_000;

pub(super) const KIND: Kind = Kind {
    name: "google_chat",
    label: "Google Chat",
    options: &[Spec {
        key: "url",
        sort: Sort::SecretUrl,
        needed: true,
        hint: "the webhook's address: the space's menu, Apps & integrations, Webhooks",
    }],
    markup: Markup::ChatHtml,
    longest: LONGEST,
    spacing: Duration::from_secs(1),
    make: |given| {
        let url = given.url("url").ok_or_else(|| chat::wrong("url", "it is missing", "give the webhook's address"))?;
        Ok(Box::new(GoogleChat(Address(url))))
    },
};

#[derive(Debug)]
struct GoogleChat(Address);

impl Channel for GoogleChat {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let mut body = chat::fitting(Markup::ChatHtml, message, LONGEST, BYTES, |text| body(message, text));
        let mut url = self.0.0.clone();
        if let (Style::Single, [(item, _)]) = (message.style, message.items.as_slice()) {
            url.query_pairs_mut().append_pair("messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
            body["thread"] = json!({"threadKey": item.thread.to_string()});
        }
        Ok(vec![Outgoing::Call(chat::post(url, &body))])
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        Ok(Some(chat::word(&chat::json(reply), "/name").to_owned()).filter(|name| !name.is_empty()))
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let answer = chat::json(reply);
        let says = chat::word(&answer, "/error/message");
        let later = |why: &str| Some(Refusal::Later { why: format!("{why} (Google says: {says})"), wait: None });
        match chat::word(&answer, "/error/status") {
            "PERMISSION_DENIED" | "UNAUTHENTICATED" => later("the webhook may not write there, or was deleted"),
            "NOT_FOUND" => later("the space or the webhook is gone: make a new one"),
            "INVALID_ARGUMENT" if says.contains("API key") || says.contains("token") => {
                later("the address is not the whole one that Google shows")
            }
            "INVALID_ARGUMENT" => Some(Refusal::Never(format!("Google Chat does not take it: {says}"))),
            _ => None,
        }
    }
}

fn body(message: &Message<'_>, text: &str) -> Value {
    let title = unbracketed(&chat::heading(message, crate::limits::LETTER_TITLE));
    let mut widgets = Vec::new();
    if !text.is_empty() {
        widgets.push(json!({"textParagraph": {"text": text.replace('\n', "<br>")}}));
    }
    if let Some(link) = &message.link {
        let button = json!({"text": chat::OPEN, "onClick": {"openLink": {"url": link}}});
        widgets.push(json!({"buttonList": {"buttons": [button]}}));
    }
    let sections = if widgets.is_empty() { json!([]) } else { json!([{"widgets": widgets}]) };
    json!({
        "fallbackText": title,
        "cardsV2": [{
            "cardId": "allclear",
            "card": {"header": {"title": title, "subtitle": unbracketed(message.page)}, "sections": sections},
        }],
    })
}

/// What is documented as plain text is kept free of what would mean something in a message or in a card.
fn unbracketed(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}
