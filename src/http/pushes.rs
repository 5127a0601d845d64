//! What other tools push: let in by its secret or signature, read, carried out, and answered when it is on the disk.
//!
//! # Invariants
//! * Nothing of a push is read before it is known who sends it; without a signature not even its body.
//! * Whoever is not let in is always answered the same, and neither answers nor log lines hold a secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::App;
use super::auth::{Access, Caller, Routes};
use super::error::Fail;
use super::hooks::only_pushed;
use super::ready::JSON;
use super::wire::Problem;
use crate::inbound::verify::{self, Signature};
use crate::inbound::{Asked, Gate, Heard};
use crate::ingest::operate::{Answer, Once};
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Command, Done, Order, Taken};

/// The hooks, as configured now.
pub type Gates = Arc<Vec<Arc<Gate>>>;

/// What taking pushes needs.
pub(super) struct Pushes {
    gates: watch::Receiver<Gates>,
    /// When it was last said that somebody was not let in, in seconds from the start.
    denied: AtomicU64,
}

impl Pushes {
    pub(super) fn new(gates: watch::Receiver<Gates>) -> Self {
        Self { gates, denied: AtomicU64::new(0) }
    }

    fn gate(&self, id: &str) -> Option<Arc<Gate>> {
        self.gates.borrow().iter().find(|gate| gate.hook.id.as_str() == id).cloned()
    }
}

/// Where other tools push, by whatever method they do.
pub(super) fn routes(routes: Routes) -> Routes {
    let [bare, by_address] = ["/hooks/{hook}", "/hooks/{hook}/{secret}"];
    let within = || DefaultBodyLimit::max(limits::HOOK_BODY);
    routes
        .add(Method::POST, bare, Access::Public, post(push).fallback(only_pushed).layer(within()))
        .add(Method::PUT, bare, Access::Public, put(push).layer(within()))
        .add(Method::GET, bare, Access::Public, get(push))
        .add(Method::POST, by_address, Access::Public, post(push_by_address).fallback(only_pushed).layer(within()))
        .add(Method::PUT, by_address, Access::Public, put(push_by_address).layer(within()))
        .add(Method::GET, by_address, Access::Public, get(push_by_address))
}

/// What came of a push.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Received {
    /// So many alerts were in it.
    signals: usize,
    /// What had to be assumed or passed over, and why there is no alert in it.
    notes: Vec<String>,
}

/// Takes what a tool pushes that is configured under `hooks`. Its alerts open, change and resolve local incidents; see
/// docs/hooks.md. Answered when that is stored. PUT is the same; so is GET, with a query in place of the body, for the
/// kinds `uptimekuma`, `uptimerobot` and `healthchecks`.
#[utoipa::path(post, path = "/hooks/{hook}", tag = "hooks",
    params(("hook" = String, Path, description = "the hook's id in sources.yaml"),
        ("Authorization" = Option<String>, Header,
            description = "`Bearer` with the secret, or basic authentication with it as the password; `X-Hook-Secret`, `X-Api-Key` and `X-Auth-Token` are the same. With a `signature` the sender's own headers instead")),
    request_body(content = Object, description = "at most 256 KiB, as the hook's kind of sender sends it: JSON or a form"),
    responses((status = 202, description = "taken, and stored", body = Received),
        (status = 400, description = "not understood; what was expected and what was found", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "the secret or the signature is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such hook", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "not all of it could be stored: send it again", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn push(
    State(app): State<App>,
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Fail> {
    let Path(hook) = path.map_err(|_| Fail::NotFound("hook"))?;
    taken(&app, &caller, &hook, None, request).await
}

/// The same, for senders that can set no header.
#[utoipa::path(post, path = "/hooks/{hook}/{secret}", tag = "hooks",
    params(("hook" = String, Path, description = "the hook's id in sources.yaml"),
        ("secret" = String, Path, description = "its `secret`")),
    request_body(content = Object, description = "at most 256 KiB, as the hook's kind of sender sends it: JSON or a form"),
    responses((status = 202, description = "taken, and stored", body = Received),
        (status = 400, description = "not understood; what was expected and what was found", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "the secret or the signature is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such hook", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "not all of it could be stored: send it again", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn push_by_address(
    State(app): State<App>,
    caller: Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Fail> {
    let Path((hook, secret)) = path.map_err(|_| Fail::NotFound("hook"))?;
    taken(&app, &caller, &hook, Some(&secret), request).await
}

/// Reads a body whole, in time and no larger than the route allows.
pub(super) async fn whole(request: Request) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(limits::REQUEST_BODY, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(refusal)) => Err(refusal.into_response().status()),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

async fn taken(
    app: &App,
    caller: &Caller,
    hook: &str,
    given: Option<&str>,
    request: Request,
) -> Result<Response, Fail> {
    let gate = app.0.pushes.gate(hook).ok_or(Fail::NotFound("hook"))?;
    let (parts, body) = request.into_parts();
    let plain = gate.key.signature() == Signature::None;
    if plain {
        ask(&parts, &[], |asked| let_in(app, &gate, asked, given))?;
    }
    let body = match whole(Request::from_parts(parts.clone(), body)).await {
        Ok(body) => body,
        Err(status) => return Ok(status.into_response()),
    };
    let (once, heard) = ask(&parts, &body, |asked| {
        let once = if plain { None } else { let_in(app, &gate, asked, None)? };
        allowed(&gate, &parts.method)?;
        Ok::<_, Fail>((once, read(app, &gate, asked)?))
    })?;
    let (signals, notes) = (heard.signals.len(), heard.notes);
    let told = notes.clone();
    let once = once.map(|once| Once {
        key: format!("hook {} {}", gate.hook.id, once.0),
        // What is signed counts once by its id alone.
        request: String::new(),
        put_down: Box::new(move |done| received(done, signals, &told).ok()),
    });
    let actor = Actor::hook(&gate.hook, caller.address());
    let order = Order { actor, command: Command::Take(Arc::clone(&gate.hook), heard.signals) };
    let body = match app.0.door.order(order, once).await? {
        Answer::Done(done, _) => received(&done, signals, &notes)?,
        Answer::Again(said) => said,
    };
    tracing::debug!(hook = %gate.hook.id, signals, "a push was taken");
    Ok((StatusCode::ACCEPTED, [(header::CONTENT_TYPE, JSON), (header::CACHE_CONTROL, "no-store")], body)
        .into_response())
}

/// A request, as whoever lets it in and reads it wants it.
fn ask<T>(parts: &Parts, body: &[u8], take: impl FnOnce(&Asked<'_>) -> T) -> T {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let query = parts.uri.query().unwrap_or_default();
    take(&Asked { method: parts.method.as_str(), query, header: &header, body })
}

/// Lets a push in, or says no more than that it is not let in.
fn let_in(app: &App, gate: &Gate, asked: &Asked<'_>, given: Option<&str>) -> Result<Option<verify::Once>, Fail> {
    let now = app.0.clock.now();
    gate.key.check(asked, given, now.wall).map_err(|denied| {
        let (second, last) = (now.mono.as_secs().max(1), app.0.pushes.denied.load(Ordering::Relaxed));
        if last == 0 || second.saturating_sub(last) >= limits::HOOK_DENIED.as_secs() {
            app.0.pushes.denied.store(second, Ordering::Relaxed);
            tracing::warn!(hook = %gate.hook.id, reason = %denied, "a push was not let in; this is said once a minute");
        }
        Fail::Stranger
    })
}

fn read(app: &App, gate: &Gate, asked: &Asked<'_>) -> Result<Heard, Fail> {
    gate.reader.read(asked, app.0.clock.now().wall).map_err(|refusal| {
        tracing::warn!(hook = %gate.hook.id, problem = %refusal, "a push was not understood");
        Fail::Push(refusal.to_string())
    })
}

/// Refuses GET where the sender's kind does not push so: a link that somebody follows is no alert.
fn allowed(gate: &Gate, method: &Method) -> Result<(), Fail> {
    match *method {
        Method::POST | Method::PUT => Ok(()),
        Method::GET if gate.reader.kind.by_get => Ok(()),
        _ if gate.reader.kind.by_get => Err(Fail::OnlyPushed("GET, POST, PUT")),
        _ => Err(Fail::OnlyPushed("POST, PUT")),
    }
}

/// The answer to a push, as it is kept to be given again.
///
/// # Errors
/// Where some of it has to come again.
fn received(done: &Done, signals: usize, notes: &[String]) -> Result<String, Fail> {
    let none = Taken::default();
    let told = if let Done::Taken(told) = done { told } else { &none };
    if told.left_out > 0 {
        return Err(Fail::Crowded(told.left_out));
    }
    let notes = notes.iter().chain(&told.notes).cloned().collect();
    Ok(serde_json::to_string(&Received { signals, notes })?)
}
