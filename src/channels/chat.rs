//! What the chats have in common.

use std::fmt;

use serde_json::Value;
use url::Url;

use super::{Call, Markup, Message, Reply, Style, Tone, Wrong};

/// What stands on a link to our page.
pub const OPEN: &str = "Open the status page";

/// An address that is a secret: it is never printed.
#[derive(Clone)]
pub struct Address(pub Url);

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// A JSON body, posted.
pub fn post(url: Url, body: &Value) -> Call {
    Call {
        method: "POST",
        url,
        kind: "application/json; charset=utf-8",
        body: body.to_string(),
        headers: Vec::new(),
        authorization: None,
    }
}

/// The worst of what a message tells.
pub fn tone(message: &Message<'_>) -> Tone {
    message.items.iter().map(|(item, news)| Tone::of(item.happening, news.state)).max().unwrap_or(Tone::Calm)
}

/// The title with its mark, plain, at most so many characters.
pub fn heading(message: &Message<'_>, longest: usize) -> String {
    super::cut(&format!("{} {}", tone(message).mark(), message.title), longest)
}

/// What stands there already under this name and is to be changed; `None`: a new message is to be written.
pub fn edited<'a>(message: &Message<'a>) -> Option<&'a str> {
    let wanted = message.style == Style::Single && message.items.iter().any(|(item, _)| item.edit);
    message.before.filter(|_| wanted)
}

/// The message that began the thread, where this one ends it: it is changed first, so that whoever scrolls by sees
/// that it is over.
pub fn ended<'a>(message: &Message<'a>) -> Option<&'a str> {
    let over = message.style == Style::Single && message.items.iter().any(|(item, _)| item.happening.is_end());
    message.before.filter(|_| over && edited(message).is_none())
}

/// Title, text and link one below the other, for a chat that has nothing but text.
pub fn whole(message: &Message<'_>, markup: Markup, text: &str) -> String {
    let mut whole = format!("{} {}", tone(message).mark(), markup.strong(&message.title));
    if !text.is_empty() {
        whole.push_str("\n\n");
        whole.push_str(text);
    }
    if let Some(link) = &message.link {
        whole.push_str("\n\n");
        whole.push_str(&markup.link(link, OPEN));
    }
    whole
}

/// A body of no more than so many bytes: its text is cut until it fits.
pub fn fitting(
    markup: Markup,
    message: &Message<'_>,
    longest: usize,
    bytes: usize,
    build: impl Fn(&str) -> Value,
) -> Value {
    let mut room = longest;
    loop {
        let body = build(&markup.cut(message.text.trim_end(), room));
        if body.to_string().len() <= bytes || room < 50 {
            return body;
        }
        room /= 2;
    }
}

/// An answer as JSON; `Null` where it is none.
pub fn json(reply: &Reply<'_>) -> Value {
    serde_json::from_slice(reply.body).unwrap_or(Value::Null)
}

/// A text in an answer; empty where it is not there.
pub fn word<'a>(answer: &'a Value, pointer: &str) -> &'a str {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// What is wrong with an option.
pub fn wrong(key: &'static str, message: &str, hint: &str) -> Wrong {
    Wrong { key, message: message.to_owned(), hint: hint.to_owned() }
}

/// An address with further parts of its path.
pub fn below(url: &Url, parts: &[&str]) -> Result<Url, String> {
    let mut url = url.clone();
    url.path_segments_mut().map_err(|()| "the address has no path".to_owned())?.pop_if_empty().extend(parts);
    Ok(url)
}
