//! Messages: what went out, what came back, and what was given up.

use axum::extract::Path;
use axum::response::Response;
use jiff::SignedDuration;
use serde::Serialize;

use crate::http::auth::Visit;
use crate::http::decisions;
use crate::http::error::Fail;
use crate::http::messages::{self, Asked};
use crate::model::delivery::{self, Attempt, Status};
use crate::model::ledger::Style;
use crate::model::news::{News, Thread};
use crate::render::{Time, time};
use crate::rules::told;

const LIST: &str = "admin/deliveries.html";
const ONE: &str = "admin/delivery.html";
const BACK: &str = "/admin/deliveries";
/// A message that is tried within this time is worth waiting for.
const SOON: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, Serialize)]
struct List {
    rows: Vec<Row>,
    statuses: Vec<Choice>,
    channels: Vec<Choice>,
    next: Option<String>,
    /// How many were given up, of all that are kept.
    dead: u64,
    sees_readers: bool,
    to: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    id: u64,
    who: String,
    title: String,
    more: usize,
    status: &'static str,
    word: &'static str,
    made: Time,
    tries: u32,
}

#[derive(Debug, Serialize)]
struct One {
    row: Row,
    key: String,
    sent: Option<Time>,
    next: Option<Time>,
    items: Vec<Item>,
    attempts: Vec<Tried>,
    waits: bool,
    /// Something comes of it in a moment.
    soon: bool,
    dead: bool,
}

#[derive(Debug, Serialize)]
struct Item {
    label: &'static str,
    title: String,
    href: Option<String>,
}

#[derive(Debug, Serialize)]
struct Tried {
    at: Time,
    took: u64,
    request: String,
    status: Option<u16>,
    answer: String,
    good: bool,
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Queued => "On its way",
        Status::Sent => "Sent",
        Status::Dead => "Given up",
        Status::Dropped => "Dropped: nobody was left to send it to",
    }
}

fn title_of(seq: u64, news: &[News]) -> String {
    let said = news.iter().find(|news| news.seq == seq);
    said.map_or_else(|| "an event that is no longer kept".to_owned(), |news| news.title.clone())
}

fn row(visit: &Visit, one: &delivery::Delivery, news: &[News]) -> Row {
    let items = &one.letter.items;
    let title = match (one.letter.style, items.first()) {
        (Style::Test, _) => "A test".to_owned(),
        (Style::Confirm, _) => "The question whether it was them who signed up".to_owned(),
        (_, Some(first)) => format!("{}: {}", first.happening.label(), title_of(first.seq, news)),
        (_, None) => "A summary of nothing".to_owned(),
    };
    Row {
        id: one.id,
        who: decisions::name(&decisions::names(&visit.app), &one.receiver),
        title,
        more: items.len().saturating_sub(1),
        status: one.status.as_str(),
        word: word(one.status),
        made: time(one.made_at),
        tries: one.tries,
    }
}

pub(super) async fn list(visit: Visit) -> Result<Response, Fail> {
    let given = |name| Some(visit.query(name).trim().to_owned()).filter(|text| !text.is_empty());
    let (status, channel, to) = (given("status"), given("channel"), given("to"));
    let sees_readers = messages::sees_readers(&visit.caller);
    // Readers number thousands: what the team was sent comes first.
    let to = to.or_else(|| Some("channels".to_owned()));
    let asked = Asked {
        status: status.clone(),
        channel: channel.clone(),
        to: to.clone(),
        limit: None,
        cursor: given("cursor"),
    };
    let (part, news) = messages::list(&visit.app, &visit.caller, asked).await?;
    let counts = visit.app.0.store.run(|store| store.delivery_counts()).await.map_err(|error| Fail::store(&error))?;
    let chosen = |wanted: &Option<String>, value: &str| wanted.as_deref().unwrap_or_default() == value;
    let choice = |value: &str, label: &str, wanted: &Option<String>| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: chosen(wanted, value),
    };
    let mut statuses = vec![choice("", "All", &status)];
    let labels = [
        (Status::Dead, "Given up"),
        (Status::Queued, "On its way"),
        (Status::Sent, "Sent"),
        (Status::Dropped, "Dropped"),
    ];
    statuses.extend(labels.map(|(one, label)| choice(one.as_str(), label, &status)));
    let mut channels = vec![choice("", "All", &channel)];
    channels.extend(decisions::names(&visit.app).iter().map(|(id, name)| choice(id.as_str(), name, &channel)));
    let next = part.next.map(|cursor| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("status", &status), ("channel", &channel), ("to", &to)] {
            query.append_pair(name, value.as_deref().unwrap_or_default());
        }
        format!("{BACK}?{}", query.append_pair("cursor", &cursor).finish())
    });
    let view = List {
        rows: part.items.iter().map(|one| row(&visit, one, &news)).collect(),
        statuses,
        channels,
        next,
        dead: counts.1,
        sees_readers,
        to: to.unwrap_or_default(),
    };
    visit.show(LIST, &view)
}

/// Where a thread is shown.
fn href(thread: &Thread) -> Option<String> {
    match thread {
        Thread::Incident(id) => Some(format!("/incidents/{id}")),
        Thread::Maintenance(id) => Some(format!("/maintenances/{id}")),
        Thread::Source(id) | Thread::Reading(id) => Some(format!("/sources/{id}")),
        Thread::Service(id) => Some(format!("/services/{id}")),
        Thread::Here(_) => None,
    }
}

async fn one(visit: &Visit, id: &str) -> Result<One, Fail> {
    let (one, news) = messages::find(&visit.app, &visit.caller, id).await?;
    let items = one.letter.items.iter().map(|item| Item {
        label: item.happening.label(),
        title: title_of(item.seq, &news),
        href: href(&item.thread),
    });
    let tried = |attempt: &Attempt| Tried {
        at: time(attempt.at),
        took: attempt.took_ms,
        request: attempt.request.clone(),
        status: attempt.status,
        answer: attempt.answer.clone(),
        good: attempt.good,
    };
    let waits = one.status == Status::Queued;
    Ok(One {
        row: row(visit, &one, &news),
        key: one.key.clone(),
        sent: told::sent_at(&one).map(time),
        next: waits.then(|| time(one.next_at)),
        items: items.collect(),
        attempts: one.attempts.iter().map(tried).collect(),
        waits,
        soon: waits && one.next_at.duration_since(visit.app.0.clock.now().wall) < SOON,
        dead: one.status == Status::Dead,
    })
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let view = one(&visit, &id).await?;
    visit.show(ONE, &view)
}

/// Sends what was given up again, and shows how it goes.
pub(super) async fn resend(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    match messages::send_again(&visit.app, &visit.caller, &id).await {
        Ok(id) => Ok(visit.go(&format!("{BACK}/{id}"))),
        Err(fail @ (Fail::Unsent(_) | Fail::Refused(_))) => {
            let view = one(&visit, &id).await?;
            visit.wrong(ONE, &format!("It is not sent again: {fail}."), &view)
        }
        Err(fail) => Err(fail),
    }
}
