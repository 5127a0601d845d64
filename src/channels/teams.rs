//! Microsoft Teams, by a workflow that posts what its webhook is sent: an Adaptive Card.
//!
//! <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook>,
//! <https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features>. A message takes 28 KB, a webhook four
//! messages a second; the workflow answers 202. A `TextRun`, unlike a `TextBlock`, has no Markdown: no words are ever
//! formatting or a link in it.

use std::time::Duration;

use serde_json::{Value, json};

use super::chat::{self, Address};
use super::{Channel, Kind, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec, Tone};

const LONGEST: usize = 5_000;
const BYTES: usize = 27_000;
/// Lines of a card; each is a block of its own.
const LINES: usize = 100;

pub(super) const KIND: Kind = Kind {
    name: "teams",
    label: "Microsoft Teams",
    options: &[Spec {
        key: "url",
        sort: Sort::SecretUrl,
        needed: true,
        hint: "the workflow's address: the channel's menu, Workflows, “Send webhook alerts to a channel”",
    }],
    markup: Markup::AdaptiveCard,
    longest: LONGEST,
    spacing: Duration::from_millis(250),
    make: |given| {
        let url = given.url("url").ok_or_else(|| chat::wrong("url", "it is missing", "give the workflow's address"))?;
        Ok(Box::new(Teams(Address(url))))
    },
};

#[derive(Debug)]
struct Teams(Address);

impl Channel for Teams {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let body = chat::fitting(Markup::AdaptiveCard, message, LONGEST, BYTES, |text| card(message, text));
        Ok(vec![Outgoing::Call(chat::post(self.0.0.clone(), &body))])
    }

    /// Where the webhook was taken but the channel was not reached, the words of the answer say so.
    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        let words = String::from_utf8_lossy(reply.body);
        if words.contains("HTTP error 429") {
            return Err(Refusal::Later { why: "Teams says that it is too much at once".into(), wait: None });
        }
        if words.contains("delivery failed") {
            return Err(Refusal::Later { why: "Teams could not deliver it".into(), wait: None });
        }
        Ok(None)
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let answer = chat::json(reply);
        let code = chat::word(&answer, "/error/code");
        let later = |why: &str| Some(Refusal::Later { why: format!("{why} (Teams says {code})"), wait: None });
        match code {
            "WorkflowTriggerIsNotEnabled" | "TriggerNotEnabled" | "WorkflowNotEnabled" => {
                later("the workflow is turned off")
            }
            "WorkflowNotFound" | "WorkflowTriggerNotFound" => later("the workflow is gone: make a new one"),
            "DirectApiAuthorizationRequired" | "DirectApiInvalidAuthorizationScheme" | "AuthorizationFailed" => {
                later("the address is not the whole one that the workflow shows")
            }
            _ => None,
        }
    }
}

fn card(message: &Message<'_>, text: &str) -> Value {
    let safe = |words: &str| Markup::AdaptiveCard.neutralise(words);
    let title = safe(&chat::heading(message, crate::limits::LETTER_TITLE));
    let run = json!({"type": "TextRun", "text": title, "size": "Large", "weight": "Bolder", "color": colour(message)});
    let mut body = vec![json!({"type": "RichTextBlock", "inlines": [run]})];
    let mut apart = true;
    for line in text.lines().take(LINES) {
        if line.trim().is_empty() {
            apart = true;
            continue;
        }
        let spacing = if apart { "Medium" } else { "None" };
        let run = json!({"type": "TextRun", "text": line});
        body.push(json!({"type": "RichTextBlock", "spacing": spacing, "inlines": [run]}));
        apart = false;
    }
    let run = json!({"type": "TextRun", "text": safe(message.page), "size": "Small", "isSubtle": true});
    body.push(json!({"type": "RichTextBlock", "spacing": "Medium", "inlines": [run]}));
    let actions: Vec<Value> =
        message.link.iter().map(|link| json!({"type": "Action.OpenUrl", "title": chat::OPEN, "url": link})).collect();
    json!({
        "type": "message",
        "summary": title,
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "fallbackText": title,
                "body": body,
                "actions": actions,
            },
        }],
    })
}

fn colour(message: &Message<'_>) -> &'static str {
    match chat::tone(message) {
        Tone::Good => "Good",
        Tone::Calm => "Accent",
        Tone::Unknown => "Default",
        Tone::Degraded | Tone::Partial => "Warning",
        Tone::Major => "Attention",
    }
}
