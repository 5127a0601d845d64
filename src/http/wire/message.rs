//! Channels and messages, as the API shows them. Secrets were cut before anything of it was stored.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, time};
use crate::channels::Line;
use crate::model::delivery::{self, Status};
use crate::model::id::ReceiverId;
use crate::model::news::News;
use crate::rules::{hears, told};
use crate::telemetry;

/// A channel on which the team is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Channel {
    /// As in `sources.yaml`.
    pub id: String,
    /// For people.
    pub name: String,
    /// `slack`, `email`, …
    pub kind: &'static str,
    /// The kind, for people.
    pub label: &'static str,
    /// Set while it takes no messages.
    pub failing: Option<Failing>,
    /// What it hears, and when, in words.
    pub hears: Vec<String>,
    /// When it last took a message, among the newest hundred to channels.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_sent_at: Option<Time>,
}

/// What is wrong with a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Failing {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Time,
    /// What it answered last, or why it did not.
    pub problem: String,
}

impl Channel {
    /// Shapes a channel.
    pub fn of(line: &Line, failing: Option<&telemetry::Failing>, last_sent_at: Option<jiff::Timestamp>) -> Self {
        Self {
            id: line.id.to_string(),
            name: line.name.clone(),
            kind: line.kind.name,
            label: line.kind.label,
            failing: failing.map(|one| Failing { since: Time(one.since), problem: one.problem.clone() }),
            hears: hears::in_words(&line.policy),
            last_sent_at: time(last_sent_at),
        }
    }
}

/// A message to one receiver.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Its number.
    pub id: u64,
    /// `channel/ID` or `subscriber/ID`.
    pub receiver: String,
    /// `single`, `several`, `digest`, `test` or `confirm`.
    pub style: &'static str,
    /// `queued`, `sent`, `dead` (given up; it can be sent again) or `dropped` (nobody was left to send it to).
    pub status: &'static str,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Time,
    /// When the receiver had it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Time>,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next, while it is queued.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Time>,
    /// The same at every attempt: a receiver tells repeats by it.
    pub key: String,
    /// What it tells.
    pub items: Vec<Item>,
}

/// One thing that a message tells.
#[derive(Debug, Serialize, ToSchema)]
pub struct Item {
    /// `incident/ID`, `maintenance/ID`, `source/ID`, …
    pub thread: String,
    /// `opened`, `worsened`, `resolved`, …
    pub happening: &'static str,
    /// The event that it tells.
    pub seq: u64,
    /// Earlier events that it covers.
    pub covers: Vec<u64>,
    /// Its title; null where the event is no longer kept.
    pub title: Option<String>,
    /// How bad it was.
    pub state: Option<&'static str>,
}

/// A message with all attempts that are kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryDetail {
    /// The message.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// The last attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// One attempt. Secrets are cut.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attempt {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// How long it took.
    pub took_ms: u64,
    /// What was asked of whom.
    pub request: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// What it said, or why there was none.
    pub answer: String,
    /// It counts as received.
    pub received: bool,
}

/// A message that was queued.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueuedDelivery {
    /// Its number.
    pub delivery: u64,
}

impl Delivery {
    /// Shapes a message, with the news that it tells as far as that is kept.
    pub fn of(one: &delivery::Delivery, news: &[News]) -> Self {
        let item = |item: &crate::model::ledger::Item| {
            let said = news.iter().find(|news| news.seq == item.seq);
            Item {
                thread: item.thread.to_string(),
                happening: item.happening.as_str(),
                seq: item.seq,
                covers: item.covers.clone(),
                title: said.map(|news| news.title.clone()),
                state: said.map(|news| news.state.as_str()),
            }
        };
        Self {
            id: one.id,
            receiver: one.receiver.to_string(),
            style: one.letter.style.as_str(),
            status: one.status.as_str(),
            made_at: Time(one.made_at),
            sent_at: time(told::sent_at(one)),
            tries: one.tries,
            next_at: (one.status == Status::Queued).then_some(Time(one.next_at)),
            key: one.key.clone(),
            items: one.letter.items.iter().map(item).collect(),
        }
    }
}

impl DeliveryDetail {
    /// Shapes a message with its attempts.
    pub fn of(one: &delivery::Delivery, news: &[News]) -> Self {
        let attempt = |one: &delivery::Attempt| Attempt {
            at: Time(one.at),
            took_ms: one.took_ms,
            request: one.request.clone(),
            status: one.status,
            answer: one.answer.clone(),
            received: one.good,
        };
        Self { delivery: Delivery::of(one, news), attempts: one.attempts.iter().map(attempt).collect() }
    }
}

/// True for a reader who subscribed, or a tool that did.
pub fn is_reader(receiver: &ReceiverId) -> bool {
    receiver.as_subscriber().is_some()
}
