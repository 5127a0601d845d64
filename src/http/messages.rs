//! Channels and messages over the API: how they do, what went out and what came back, and sending again.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::App;
use super::auth::{Access, Caller, Routes};
use super::error::Fail;
use super::lists::{bad, short, size, word};
use super::wire::message::{Channel, Delivery, DeliveryDetail, QueuedDelivery, is_reader};
use super::wire::{List, Problem};
use crate::limits;
use crate::model::actor::Role;
use crate::model::command::{Command, Order, Refused, Wished};
use crate::model::delivery::{self, Status};
use crate::model::id::{ChannelId, ReceiverId};
use crate::model::news::News;
use crate::model::people::Scope;
use crate::rules::told;
use crate::store::Part;

/// Who may: those who may declare and judge, and programs with a scope of their own. What readers are sent is their own,
/// and shown to no one who may not see them.
pub(super) fn routes(routes: Routes) -> Routes {
    let access = Access::Api(Role::Operator, Scope::Messages);
    routes
        .get("/api/v1/channels", access, channels)
        .post("/api/v1/channels/{id}/test", access, test)
        .get("/api/v1/deliveries", access, deliveries)
        .get("/api/v1/deliveries/{id}", access, delivery)
        .post("/api/v1/deliveries/{id}/resend", access, resend)
}

/// True for those who may see who subscribed.
pub(super) fn sees_readers(caller: &Caller) -> bool {
    match caller {
        Caller::Nobody(_) => false,
        Caller::Person(person) => person.role >= Role::Admin,
        Caller::Token(token) => token.may(Scope::Subscribers),
    }
}

/// The channels as configured, in the order of the file.
pub(super) async fn lines(app: &App) -> Result<Vec<Channel>, Fail> {
    let read = app.0.store.run(|store| {
        let to_channels = |receiver: &ReceiverId| !is_reader(receiver);
        store.deliveries(Some(Status::Sent), &to_channels, None, limits::LIST_PAGE)
    });
    let sent = read.await.map_err(|error| Fail::store(&error))?;
    let mut last: BTreeMap<&ReceiverId, Timestamp> = BTreeMap::new();
    for (receiver, at) in sent.items.iter().filter_map(|one| Some((&one.receiver, told::sent_at(one)?))) {
        let known = last.entry(receiver).or_insert(at);
        *known = at.max(*known);
    }
    let failing = app.0.pulse.channels();
    let plan = app.0.plan.borrow().clone();
    let shape = |line: &std::sync::Arc<crate::channels::Line>| {
        Channel::of(line, failing.get(line.id.as_str()), last.get(&line.receiver()).copied())
    };
    Ok(plan.lines.iter().map(shape).collect())
}

/// Queues a test message to a channel; its number.
pub(super) async fn try_out(app: &App, caller: &Caller, id: &str) -> Result<u64, Fail> {
    let id = ChannelId::new(id);
    if !app.0.plan.borrow().lines.iter().any(|line| line.id == id) {
        return Err(Fail::NotFound("channel"));
    }
    let delivery = app.0.post.test(id.clone()).await.map_err(Fail::Unsent)?;
    note(app, caller, Wished::Test(id, delivery)).await;
    Ok(delivery)
}

/// Has the audit log say who wished for a message. It is on its way by now, whatever becomes of the row.
async fn note(app: &App, caller: &Caller, wished: Wished) {
    let order = Order { actor: caller.actor(), command: Command::Wished(wished) };
    if let Err(refused) = app.0.door.order(order, None).await {
        tracing::error!(%refused, "the audit log does not have who wished for a message");
    }
}

/// Queues what was given up again.
pub(super) async fn send_again(app: &App, caller: &Caller, id: &str) -> Result<u64, Fail> {
    let (one, _) = find(app, caller, id).await?;
    if one.status != Status::Dead {
        let status = one.status.as_str();
        let why = format!("message {id} is {status}: only what was given up can be sent again");
        return Err(Refused::Conflict(why).into());
    }
    let delivery = app.0.post.resend(one.id).await.map_err(Fail::Unsent)?;
    note(app, caller, Wished::Resend(delivery)).await;
    Ok(delivery)
}

/// One message with the news that it tells, for somebody who may see it.
pub(super) async fn find(app: &App, caller: &Caller, id: &str) -> Result<(delivery::Delivery, Vec<News>), Fail> {
    let number: u64 = id.parse().map_err(|_| Fail::NotFound("message"))?;
    let read = app.0.store.run(move |store| {
        let Some(one) = store.delivery(number)? else { return Ok(None) };
        let news = store.news(&seqs(std::slice::from_ref(&one)))?;
        Ok(Some((one, news)))
    });
    let found = read.await.map_err(|error| Fail::store(&error))?;
    found.filter(|(one, _)| !is_reader(&one.receiver) || sees_readers(caller)).ok_or(Fail::NotFound("message"))
}

fn seqs(deliveries: &[delivery::Delivery]) -> Vec<u64> {
    let items = deliveries.iter().flat_map(|one| &one.letter.items);
    let mut seqs: Vec<u64> = items.map(|item| item.seq).collect();
    seqs.sort_unstable();
    seqs.dedup();
    seqs
}

/// Which messages are wanted, as text so that a bad word can be named.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    pub(super) status: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) to: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) cursor: Option<String>,
}

/// The messages that are wanted and may be seen, newest first, with the news that they tell.
pub(super) async fn list(
    app: &App,
    caller: &Caller,
    asked: Asked,
) -> Result<(Part<delivery::Delivery>, Vec<News>), Fail> {
    let status = word("status", asked.status, Status::from_word, || Status::ALL.map(Status::as_str).join(", "))?;
    let channel = short("channel", asked.channel)?.map(|id| ReceiverId::channel(&ChannelId::new(id)));
    let readers = |word: &str| match word {
        "channels" => Some(Some(false)),
        "readers" => Some(Some(true)),
        "all" => Some(None),
        _ => None,
    };
    let to = word("to", asked.to, readers, || "channels, readers, all".to_owned())?.unwrap_or(Some(false));
    if to != Some(false) && !sees_readers(caller) {
        return Err(Fail::Forbidden);
    }
    let limit = size(asked.limit)?;
    let cursor = short("cursor", asked.cursor)?;
    if cursor.as_ref().is_some_and(|cursor| cursor.parse::<u64>().is_err()) {
        return Err(bad("cursor", "is not of this list: start again without it".to_owned()));
    }
    let read = app.0.store.run(move |store| {
        let wanted = |receiver: &ReceiverId| {
            channel.as_ref().is_none_or(|channel| channel == receiver) && to.is_none_or(|to| to == is_reader(receiver))
        };
        let part = store.deliveries(status, &wanted, cursor.as_deref(), limit)?;
        let news = store.news(&seqs(&part.items))?;
        Ok((part, news))
    });
    read.await.map_err(|error| Fail::store(&error))
}

/// The channels on which the team is told, what each hears, and how it does.
#[utoipa::path(get, path = "/api/v1/channels", tag = "messages",
    responses((status = 200, description = "all of them, in the order of the configuration", body = List<Channel>)))]
pub(super) async fn channels(State(app): State<App>) -> Result<Json<List<Channel>>, Fail> {
    Ok(Json(List { items: lines(&app).await?, next: None }))
}

/// Sends a test message to a channel. How it went, the delivery says.
#[utoipa::path(post, path = "/api/v1/channels/{id}/test", tag = "messages", params(("id" = String, Path)),
    responses((status = 202, description = "it is queued", body = QueuedDelivery),
        (status = 404, description = "no such channel", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "nothing can be sent now", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn test(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, Fail> {
    Ok(queued(try_out(&app, &caller, &id).await?))
}

fn queued(delivery: u64) -> Response {
    let at = [(header::LOCATION, format!("/api/v1/deliveries/{delivery}"))];
    (StatusCode::ACCEPTED, at, Json(QueuedDelivery { delivery })).into_response()
}

/// Messages, newest first. Those to readers are for admins, and to programs with the scope `subscribers:write`.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "messages",
    params(("status" = Option<String>, Query, description = "`queued`, `sent`, `dead` or `dropped`"),
        ("channel" = Option<String>, Query, description = "only to this channel"),
        ("to" = Option<String>, Query, description = "`channels` (what is given where this is missing), `readers` or `all`"),
        ("limit" = Option<u32>, Query, description = "1 to 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, description = "a part of the list; it may be empty and still have a next", body = List<Delivery>),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn deliveries(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<List<Delivery>>, Fail> {
    let (part, news) = list(&app, &caller, asked).await?;
    Ok(Json(List { items: part.items.iter().map(|one| Delivery::of(one, &news)).collect(), next: part.next }))
}

/// One message with its last attempts: what was asked of whom and what was answered, secrets cut.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}", tag = "messages", params(("id" = u64, Path)),
    responses((status = 200, description = "the message", body = DeliveryDetail),
        (status = 404, description = "no such message", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn delivery(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeliveryDetail>, Fail> {
    let (one, news) = find(&app, &caller, &id).await?;
    Ok(Json(DeliveryDetail::of(&one, &news)))
}

/// Sends again what was given up, under the key that it had.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/resend", tag = "messages", params(("id" = u64, Path)),
    responses((status = 202, description = "it is queued", body = QueuedDelivery),
        (status = 404, description = "no such message", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "it was not given up", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "nothing can be sent now", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn resend(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, Fail> {
    Ok(queued(send_again(&app, &caller, &id).await?))
}
