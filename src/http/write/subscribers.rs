//! Those who are told: for admins, and for programs with the scope `subscribers:write`. Webhooks are made here and
//! nowhere else: what anybody could have us send anywhere would be a weapon.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Asked, read};
use crate::auth::random;
use crate::http::App;
use crate::http::auth::Caller;
use crate::http::auth::rows::csv_cell;
use crate::http::error::Fail;
use crate::http::pushes::whole;
use crate::http::subscribe::{self, reader};
use crate::http::wire::subscriber::{
    Bounced, ImportedSubscribers, MadeSubscriber, NewReader, NewSubscriber, NewSubscribers, RefusedReader, Subscriber,
    SubscriberUpdate, Suspension, Whole, state,
};
use crate::http::wire::{List, Problem};
use crate::inbound::bounces::{self, Said};
use crate::limits;
use crate::model::command::{Done, Imported, Refused};
use crate::model::people::Hidden;
use crate::model::snapshot::Snapshot;
use crate::model::subscriber as model;
use crate::model::subscriber::{Interest, Reach, SubscriberChange};
use crate::rules::subscribers::{self, Subject};
use crate::text;

/// Those that could not be used and are named.
const NAMED: usize = 100;

/// Which of them are wanted.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct Wanted {
    /// A part of the address, or the id.
    pub(in crate::http) q: Option<String>,
    /// `asked`, `active` or `suspended`.
    pub(in crate::http) state: Option<String>,
    pub(in crate::http) limit: Option<usize>,
    /// The id of the last one given.
    pub(in crate::http) cursor: Option<String>,
}

/// Those that are wanted, newest first.
pub(in crate::http) fn found(app: &App, wanted: &Wanted) -> Vec<Arc<model::Subscriber>> {
    let all = Arc::clone(&app.0.desk.borrow().subscribers);
    let given = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_lowercase();
    let (q, wanted_state) = (given(&wanted.q), given(&wanted.state));
    let fits = |one: &&Arc<model::Subscriber>| {
        let named = match &one.reach {
            Reach::Mail(address) => address.to_lowercase().contains(&q),
            Reach::Webhook { url, .. } => url.contains(&q),
        };
        (named || one.id == q) && (wanted_state.is_empty() || state(one) == wanted_state)
    };
    let mut found: Vec<_> = all.values().filter(fits).cloned().collect();
    found.sort_by(|a, b| b.made_at.cmp(&a.made_at).then_with(|| a.id.cmp(&b.id)));
    found
}

/// A part of them, from the cursor on, and the cursor of the next.
pub(in crate::http) fn part(
    all: Vec<Arc<model::Subscriber>>,
    wanted: &Wanted,
) -> Result<(Vec<Arc<model::Subscriber>>, Option<String>), Fail> {
    let limit = wanted.limit.unwrap_or(limits::LIST_PAGE);
    if !(1..=limits::LIST_PAGE).contains(&limit) {
        return Err(Fail::Parameter { name: "limit", problem: format!("is 1 to {}", limits::LIST_PAGE) });
    }
    let from = match wanted.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => {
            all.iter().position(|one| one.id == cursor).map(|at| at.saturating_add(1)).ok_or_else(|| {
                let problem = "is not of this list any more: start again without it".to_owned();
                Fail::Parameter { name: "cursor", problem }
            })?
        }
    };
    let items: Vec<_> = all.iter().skip(from).take(limit).cloned().collect();
    let more = from.saturating_add(items.len()) < all.len();
    let next = items.last().filter(|_| more).map(|one| one.id.clone());
    Ok((items, next))
}

fn find(app: &App, id: &str) -> Result<Arc<model::Subscriber>, Fail> {
    app.0.desk.borrow().subscribers.get(id).cloned().ok_or(Fail::NotFound("subscriber"))
}

/// Those who are told, newest first.
#[utoipa::path(get, path = "/api/v1/subscribers", tag = "subscribers",
    params(("q" = Option<String>, Query, description = "a part of the address, or the id"),
        ("state" = Option<String>, Query, description = "`asked`, `active` or `suspended`"),
        ("limit" = Option<u32>, Query, description = "1 to 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, description = "a part of them", body = List<Subscriber>),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the scope `subscribers:write` is missing", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<List<Subscriber>>, Fail> {
    let (items, next) = part(found(&app, &wanted), &wanted)?;
    Ok(Json(List { items: items.iter().map(|one| Subscriber::of(one)).collect(), next }))
}

/// Adds a reader, or a tool's webhook.
#[utoipa::path(post, path = "/api/v1/subscribers", tag = "subscribers", request_body = NewSubscriber,
    responses((status = 201, description = "added; the secret of a webhook is in this answer and nowhere else", body = MadeSubscriber),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "it is subscribed already", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "it cannot be stored", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn add(State(app): State<App>, caller: Caller, asked: Asked) -> Result<Response, Fail> {
    let new: NewSubscriber = asked.json()?;
    let reach = match (&new.address, &new.url) {
        (Some(address), None) => Reach::Mail(address_of(address)?),
        (None, Some(url)) => webhook(url)?,
        _ => return Err(wrong("address", "or `url` has to be given, and not both")),
    };
    let interest = interest(&app, &new.scope, &new.of, &new.impact, &new.digest)?;
    let one = reader(&app, reach, interest)?;
    let done = app.subscriber(caller.actor(), SubscriberChange::Add(Box::new(one), new.confirmed)).await;
    let Done::Subscriber(one) = done.map_err(|refused| app.refused(refused))? else { return Err(Fail::Internal) };
    let location = HeaderValue::from_str(&format!("/api/v1/subscribers/{}", one.id)).map_err(|_| Fail::Internal)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(MadeSubscriber::of(&one))).into_response())
}

fn wrong(name: &'static str, problem: &str) -> Fail {
    Fail::Parameter { name, problem: problem.to_owned() }
}

fn address_of(typed: &str) -> Result<String, Fail> {
    subscribers::address(typed).map_err(|problem| wrong("address", problem))
}

fn webhook(url: &str) -> Result<Reach, Fail> {
    let url = text::link(url).ok_or_else(|| wrong("url", "has to be an http or https address without a user in it"))?;
    let secret = random::webhook_secret().map_err(|error| {
        tracing::error!(%error, "the system gives no random bytes");
        Fail::Internal
    })?;
    Ok(Reach::Webhook { url, secret: Hidden::new(secret) })
}

/// Of what somebody is to be told, from the words of the API.
fn interest(
    app: &App,
    scope: &Option<String>,
    of: &Option<String>,
    impact: &Option<String>,
    digest: &Option<String>,
) -> Result<Interest, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let subject = subject(&snapshot, scope.as_deref(), of.as_deref())?;
    let impact = impact.as_deref().filter(|word| !word.is_empty()).map(read::impact).transpose()?;
    let digest = digest.as_deref().filter(|word| !word.is_empty()).unwrap_or("none");
    let digest = subscribers::digest(digest).ok_or_else(|| wrong("digest", "is one of none, daily, weekly"))?;
    Ok(Interest { wants: subject.wants(impact), digest })
}

fn subject(snapshot: &Snapshot, scope: Option<&str>, of: Option<&str>) -> Result<Subject, Fail> {
    let scope = scope.filter(|scope| !scope.is_empty()).unwrap_or("all");
    if !Subject::KINDS.contains(&scope) {
        return Err(Fail::Parameter { name: "scope", problem: format!("is one of {}", Subject::KINDS.join(", ")) });
    }
    subscribe::what(snapshot, scope, of.unwrap_or_default())
        .ok_or_else(|| Fail::Parameter { name: "of", problem: format!("names no {scope} that there is now") })
}

/// One of them.
#[utoipa::path(get, path = "/api/v1/subscribers/{id}", tag = "subscribers", params(("id" = String, Path)),
    responses((status = 200, description = "as it stands now", body = Subscriber),
        (status = 404, description = "no such subscriber", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn one(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Subscriber>, Fail> {
    Ok(Json(Subscriber::of(find(&app, &id)?.as_ref())))
}

/// Everything that is kept of one, for whoever asks what is known of them.
#[utoipa::path(get, path = "/api/v1/subscribers/{id}/export", tag = "subscribers", params(("id" = String, Path)),
    responses((status = 200, description = "all of it but its keys", body = Whole),
        (status = 404, description = "no such subscriber", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn export_one(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Whole>, Fail> {
    Ok(Json(Whole::of(find(&app, &id)?.as_ref())))
}

/// Changes of what one is told.
#[utoipa::path(patch, path = "/api/v1/subscribers/{id}", tag = "subscribers", params(("id" = String, Path)),
    request_body = SubscriberUpdate,
    responses((status = 200, description = "as it stands now", body = Subscriber),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such subscriber", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Json<Subscriber>, Fail> {
    let version = asked.version(|| None)?;
    let change: SubscriberUpdate = asked.json()?;
    let before = find(&app, &id)?;
    let mut interest = before.interest();
    if change.scope.is_some() || change.of.is_some() {
        let snapshot = app.0.ready.load().snapshot.clone();
        let was = Subject::of_wants(&interest.wants);
        let scope = change.scope.as_deref().or(was.as_ref().map(Subject::kind));
        interest.wants = subject(&snapshot, scope, change.of.as_deref())?.wants(interest.wants.impact);
    }
    if let Some(impact) = &change.impact {
        interest.wants.impact = Some(impact.as_str()).filter(|word| !word.is_empty()).map(read::impact).transpose()?;
    }
    if let Some(digest) = &change.digest {
        let problem = || wrong("digest", "is one of none, daily, weekly");
        interest.digest = subscribers::digest(digest).ok_or_else(problem)?;
    }
    let done = app.subscriber(caller.actor(), SubscriberChange::Update(id, version, interest)).await;
    shown(done.map_err(|refused| app.refused(refused))?)
}

fn shown(done: Done) -> Result<Json<Subscriber>, Fail> {
    match done {
        Done::Subscriber(one) => Ok(Json(Subscriber::of(&one))),
        _ => Err(Fail::Internal),
    }
}

/// Erases one, and everything that is kept of it.
#[utoipa::path(delete, path = "/api/v1/subscribers/{id}", tag = "subscribers", params(("id" = String, Path)),
    responses((status = 204, description = "nothing is kept of it"),
        (status = 404, description = "no such subscriber", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn erase(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Fail> {
    let done = app.subscriber(caller.actor(), SubscriberChange::Erase(id)).await;
    done.map_err(|refused| app.refused(refused))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds many readers. Those who are there already stay as they are.
#[utoipa::path(post, path = "/api/v1/subscribers/import", tag = "subscribers", request_body = NewSubscribers,
    responses((status = 200, description = "what came of it", body = ImportedSubscribers),
        (status = 400, description = "too many at once, or of another shape", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "it cannot be stored", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn import(
    State(app): State<App>,
    caller: Caller,
    asked: Asked,
) -> Result<Json<ImportedSubscribers>, Fail> {
    let NewSubscribers { subscribers, confirmed } = asked.json()?;
    let rows = subscribers.into_iter().map(Ok).collect();
    take(&app, &caller, rows, confirmed).await.map(Json)
}

/// Adds those that can be used; a row may be refused before it is looked at.
pub(in crate::http) async fn take(
    app: &App,
    caller: &Caller,
    rows: Vec<Result<NewReader, String>>,
    confirmed: bool,
) -> Result<ImportedSubscribers, Fail> {
    if rows.len() > limits::IMPORTED {
        let problem = format!("are {}: send at most {} at once", rows.len(), limits::IMPORTED);
        return Err(Fail::Parameter { name: "subscribers", problem });
    }
    let (mut new, mut refused) = (Vec::new(), Vec::new());
    for (at, row) in rows.into_iter().enumerate() {
        match row.and_then(|row| usable(app, &row).map_err(|fail| fail.to_string())) {
            Ok(one) => new.push(one),
            Err(problem) if refused.len() < NAMED => {
                refused.push(RefusedReader { row: at.saturating_add(1), problem });
            }
            Err(_) => {}
        }
    }
    let told = if new.is_empty() {
        Imported::default()
    } else {
        let done = app.subscriber(caller.actor(), SubscriberChange::Import(new, confirmed)).await;
        match done.map_err(|refused| app.refused(refused))? {
            Done::Imported(told) => told,
            _ => return Err(Fail::Internal),
        }
    };
    Ok(ImportedSubscribers { added: told.added, known: told.known, left_out: told.left_out, refused })
}

fn usable(app: &App, row: &NewReader) -> Result<model::Subscriber, Fail> {
    let address = address_of(&row.address)?;
    reader(app, Reach::Mail(address), interest(app, &row.scope, &row.of, &row.impact, &row.digest)?)
}

/// In which form all of them are wanted.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct Form {
    format: Option<String>,
}

/// All readers as a table, or everybody as JSON.
#[utoipa::path(get, path = "/api/v1/subscribers/export", tag = "subscribers",
    params(("format" = Option<String>, Query, description = "`json` (the default) or `csv`: readers only")),
    responses((status = 200, description = "all of them", body = Vec<Whole>),
        (status = 400, description = "the form is none", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn export(State(app): State<App>, Query(form): Query<Form>) -> Result<Response, Fail> {
    match form.format.as_deref().unwrap_or("json") {
        "json" => json(&app),
        "csv" => Ok(csv(&app)),
        _ => Err(wrong("format", "is json or csv")),
    }
}

fn json(app: &App) -> Result<Response, Fail> {
    let all: Vec<Whole> = found(app, &Wanted::default()).iter().map(|one| Whole::of(one)).collect();
    Ok(file("application/json", "attachment; filename=\"subscribers.json\"", serde_json::to_string(&all)?))
}

/// A table that can be imported again.
pub(in crate::http) fn csv(app: &App) -> Response {
    let mut out = String::from("address,scope,of,impact,digest,state,created_at,confirmed_at\r\n");
    for one in found(app, &Wanted::default()) {
        let Subscriber { address: Some(address), told_of, state, .. } = Subscriber::of(&one) else { continue };
        let cells = [
            address,
            told_of.scope.to_owned(),
            told_of.of,
            told_of.impact.unwrap_or_default().to_owned(),
            told_of.digest.to_owned(),
            state.to_owned(),
            one.made_at.to_string(),
            one.confirmed_at.map(|at| at.to_string()).unwrap_or_default(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    file("text/csv; charset=utf-8", "attachment; filename=\"subscribers.csv\"", out)
}

fn file(kind: &'static str, name: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

/// Sends nothing to an address or a subscriber any more: its mail comes back, its reader complained, or you say so.
#[utoipa::path(post, path = "/api/v1/subscribers/suspend", tag = "subscribers", request_body = Suspension,
    responses((status = 200, description = "as it stands now", body = Subscriber),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "nobody of this address or id", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn suspend(
    State(app): State<App>,
    caller: Caller,
    asked: Asked,
) -> Result<Json<Subscriber>, Fail> {
    let suspension: Suspension = asked.json()?;
    let why = suspension.reason.clone().unwrap_or_else(|| subscribers::ADMIN.to_owned());
    let change = SubscriberChange::Suspend(who(suspension)?, why);
    let done = app.subscriber(caller.actor(), change).await;
    shown(done.map_err(|refused| app.refused(refused))?)
}

/// Sends to it again.
#[utoipa::path(post, path = "/api/v1/subscribers/resume", tag = "subscribers", request_body = Suspension,
    responses((status = 200, description = "as it stands now", body = Subscriber),
        (status = 404, description = "nobody of this address or id", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn resume(
    State(app): State<App>,
    caller: Caller,
    asked: Asked,
) -> Result<Json<Subscriber>, Fail> {
    let change = SubscriberChange::Resume(who(asked.json()?)?);
    let done = app.subscriber(caller.actor(), change).await;
    shown(done.map_err(|refused| app.refused(refused))?)
}

fn who(suspension: Suspension) -> Result<String, Fail> {
    match (suspension.id, suspension.address) {
        (Some(id), None) => Ok(id),
        (None, Some(address)) => Ok(address),
        _ => Err(wrong("id", "or `address` has to be given, and not both")),
    }
}

/// Takes what a mail provider says of messages that came back for good, and of readers who complained: Amazon SES over
/// SNS, Postmark, Mailgun, SendGrid. Where it can set no header, the token is the password of a basic authentication.
#[utoipa::path(post, path = "/api/v1/subscribers/bounces", tag = "subscribers",
    request_body(content = Object, description = "at most 256 KiB, as the provider sends it"),
    responses((status = 200, description = "how many are sent nothing any more", body = Bounced),
        (status = 400, description = "no report of a provider that is known", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the scope `subscribers:write` is missing", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn bounces(State(app): State<App>, caller: Caller, request: Request) -> Response {
    match whole(request).await {
        Ok(body) => bounced(&app, &caller, &body).await.map(Json).into_response(),
        Err(status) => status.into_response(),
    }
}

async fn bounced(app: &App, caller: &Caller, body: &[u8]) -> Result<Bounced, Fail> {
    let reports = match bounces::read(body).map_err(Fail::Push)? {
        Said::Reports(reports) => reports,
        Said::Open(url) => {
            tracing::warn!(target: crate::telemetry::trace::PRIVATE, %url, "Amazon SNS asks for a confirmation: open this address once");
            Vec::new()
        }
    };
    let mut told = Bounced { suspended: 0, unknown: 0 };
    for report in reports {
        let why = if report.complaint { subscribers::COMPLAINT } else { subscribers::BOUNCE };
        let change = SubscriberChange::Suspend(report.address, why.to_owned());
        match app.subscriber(caller.actor(), change).await {
            Ok(_) => told.suspended = told.suspended.saturating_add(1),
            // Mail of others may go through the same provider.
            Err(Refused::NotFound(_)) => told.unknown = told.unknown.saturating_add(1),
            Err(refused) => return Err(app.refused(refused)),
        }
    }
    Ok(told)
}
