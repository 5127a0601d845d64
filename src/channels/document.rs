//! A message as a document for tools: what webhooks carry and commands read. docs/channels.md describes it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Message;
use crate::model::ledger::{Item, Style};
use crate::model::news::{News, Thread};

/// The message, with the names of the API; the same at every attempt.
pub fn document(message: &Message<'_>) -> Value {
    let items: Vec<Value> = message.items.iter().map(|(item, news)| told(item, news)).collect();
    json!({
        "type": kind(message),
        "timestamp": Timestamp::from_second(message.made_at).ok().map(time),
        "data": {
            "page": message.page,
            "url": message.link,
            "title": message.title,
            "text": message.text,
            "items": items,
            "unsubscribe_url": message.unsubscribe,
        },
    })
}

/// What it is, in a word with a dot in it where it tells one thing.
fn kind(message: &Message<'_>) -> String {
    match (message.style, message.items.first()) {
        (Style::Single, Some((item, _))) => event(item),
        (style, _) => style.as_str().to_owned(),
    }
}

fn event(item: &Item) -> String {
    let about = match item.thread {
        Thread::Incident(_) => "incident",
        Thread::Maintenance(_) => "maintenance",
        Thread::Source(_) | Thread::Reading(_) => "source",
        Thread::Service(_) => "service",
        Thread::Here(_) => "here",
    };
    format!("{about}.{}", item.happening.as_str())
}

fn told(item: &Item, news: &News) -> Value {
    let id = match &item.thread {
        Thread::Incident(id) | Thread::Maintenance(id) => id.as_str(),
        Thread::Source(id) | Thread::Reading(id) => id.as_str(),
        Thread::Service(id) => id.as_str(),
        Thread::Here(what) => what,
    };
    json!({
        "event": event(item),
        "thread": item.thread.to_string(),
        "id": id,
        "origin": if news.local { "local" } else { "upstream" },
        "source": news.source.as_ref().map(|id| id.as_str()),
        "source_name": news.source_name,
        "title": news.title,
        "status": news.phase.map(|phase| phase.as_str()),
        "impact": news.impact.map(|impact| impact.as_str()),
        "state": news.state.as_str(),
        "open": !item.happening.is_end(),
        "text": news.text,
        "url": news.url,
        "components": news.components,
        "services": news.services.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        "tags": news.tags,
        "starts_at": news.starts_at.map(time),
        "ends_at": news.ends_at.map(time),
        "at": time(news.at),
        "seq": news.seq,
    })
}

/// As everywhere in the API: whole seconds, UTC.
fn time(at: Timestamp) -> String {
    format!("{at:.0}")
}
