//! The API, version 1: writing. Every write becomes an order to the writer and is answered when it is on the disk.

pub(super) mod incidents;
pub(super) mod maintenances;
pub(super) mod read;
pub(super) mod series;
pub(super) mod sources;
pub(super) mod states;
pub(super) mod subscribers;
pub(super) mod templates;
pub(super) mod verdicts;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::{Deserialize, Serialize};

use super::App;
use super::auth::{Access, Caller, Routes};
use super::error::Fail;
use super::find;
use super::ready::JSON;
use super::wire::incident::{Incident, Maintenance, Verdict};
use super::wire::intake::Added;
use super::wire::series::Series;
use super::wire::source::ByHand;
use super::wire::{Template, time};
use crate::ingest::operate::{Answer, Once};
use crate::limits;
use crate::model::actor::Role;
use crate::model::command::{Command, Done, Order};
use crate::model::id::{IncidentId, SourceId};
use crate::model::people::Scope;

pub(super) use read::{Asked, title, words};

/// For so long an answer waits until what was written stands on the page, too.
const SHOWN: Duration = Duration::from_secs(2);
/// Marks an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// An answer as it is kept to be given again.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    body: String,
}

/// What operators write, and who may.
pub(super) fn routes(routes: Routes) -> Routes {
    let incidents = Access::Api(Role::Operator, Scope::Incidents);
    let maintenances = Access::Api(Role::Operator, Scope::Maintenances);
    let verdicts = Access::Api(Role::Operator, Scope::Verdicts);
    let people = Access::Api(Role::Admin, Scope::Subscribers);
    let reports = DefaultBodyLimit::max(limits::BOUNCES_BODY);
    let routes = routes
        .get("/api/v1/subscribers", people, subscribers::list)
        .post("/api/v1/subscribers", people, subscribers::add)
        .get("/api/v1/subscribers/export", people, subscribers::export)
        .post("/api/v1/subscribers/import", people, subscribers::import)
        .post("/api/v1/subscribers/suspend", people, subscribers::suspend)
        .post("/api/v1/subscribers/resume", people, subscribers::resume)
        .add(Method::POST, "/api/v1/subscribers/bounces", people, post(subscribers::bounces).layer(reports))
        .get("/api/v1/subscribers/{id}", people, subscribers::one)
        .patch("/api/v1/subscribers/{id}", people, subscribers::update)
        .delete("/api/v1/subscribers/{id}", people, subscribers::erase)
        .get("/api/v1/subscribers/{id}/export", people, subscribers::export_one);
    routes
        .post("/api/v1/incidents", incidents, incidents::open)
        .patch("/api/v1/incidents/{id}", incidents, incidents::edit)
        .delete("/api/v1/incidents/{id}", incidents, incidents::delete)
        .post("/api/v1/incidents/{id}/updates", incidents, incidents::post)
        .patch("/api/v1/incidents/{id}/updates/{number}", incidents, incidents::correct)
        .get("/api/v1/incidents/{id}/notes", Access::Api(Role::Viewer, Scope::Incidents), incidents::notes)
        .post("/api/v1/incidents/{id}/notes", incidents, incidents::note)
        .put("/api/v1/incidents/{id}/postmortem", incidents, incidents::postmortem)
        .post("/api/v1/incidents/{id}/publish", incidents, incidents::publish)
        .put("/api/v1/incidents/{id}/verdict", verdicts, verdicts::judge)
        .post("/api/v1/incidents/{id}/acknowledge", verdicts, verdicts::acknowledge)
        .post("/api/v1/maintenances", maintenances, maintenances::plan)
        .patch("/api/v1/maintenances/{id}", maintenances, maintenances::replan)
        .delete("/api/v1/maintenances/{id}", maintenances, maintenances::delete)
        .post("/api/v1/maintenances/{id}/updates", maintenances, maintenances::post)
        .get("/api/v1/series", Access::Api(Role::Operator, Scope::Maintenances), series::list)
        .post("/api/v1/series", maintenances, series::open)
        .put("/api/v1/series/{id}", maintenances, series::put)
        .delete("/api/v1/series/{id}", maintenances, series::end)
        .get("/api/v1/look", Access::Api(Role::Admin, Scope::Sources), sources::look)
        .get("/api/v1/added-sources", Access::Api(Role::Admin, Scope::Sources), sources::list)
        .post("/api/v1/sources", Access::Api(Role::Admin, Scope::Sources), sources::add)
        .delete("/api/v1/sources/{id}", Access::Api(Role::Admin, Scope::Sources), sources::remove)
        .put("/api/v1/sources/{id}/override", verdicts, states::source)
        .delete("/api/v1/sources/{id}/override", verdicts, states::end_source)
        .put("/api/v1/services/{id}/state", verdicts, states::service)
        .delete("/api/v1/services/{id}/state", verdicts, states::end_service)
        .get("/api/v1/templates", Access::Api(Role::Operator, Scope::Incidents), templates::list)
        .put("/api/v1/templates/{id}", incidents, templates::put)
        .delete("/api/v1/templates/{id}", incidents, templates::remove)
}

/// Has an order carried out and answers with what came of it.
pub(super) async fn carry_out(app: &App, caller: &Caller, asked: &Asked, command: Command) -> Result<Response, Fail> {
    let created =
        matches!(command, Command::Open(_) | Command::Plan(_) | Command::PutSeries(Some(0), _) | Command::AddSource(_));
    let (for_later, for_now) = (app.clone(), app.clone());
    // What is stored is what is said now, to the letter.
    let said = Arc::new(OnceLock::new());
    let kept = Arc::clone(&said);
    let once = asked.once(caller).map(|(key, request)| Once {
        key,
        request,
        put_down: Box::new(move |done| Some(kept.get_or_init(|| put_down(&for_later, done, created)).clone())),
    });
    let order = Order { actor: caller.actor(), command };
    match app.0.door.order(order, once).await? {
        Answer::Done(done, seq) => {
            shown(app, seq).await;
            Ok(response(said.get_or_init(|| put_down(&for_now, &done, created)), false))
        }
        Answer::Again(said) => Ok(response(&said, true)),
    }
}

/// Waits until the ready bytes have this event in them, so that who writes can read what was written.
pub(super) async fn shown(app: &App, seq: u64) {
    let mut newest = app.0.shown.subscribe();
    // A page that cannot be made is told elsewhere; what was written is on the disk all the same.
    let _ = tokio::time::timeout(SHOWN, newest.wait_for(|shown| *shown >= seq)).await;
}

/// Waits until the page shows that a source is watched, or that it is not: the configuration is put in force beside the
/// writer.
pub(super) async fn in_force(app: &App, id: &SourceId, watched: bool) {
    let mut newest = app.0.shown.subscribe();
    let settled = async {
        while app.0.ready.load().snapshot.source(id.as_str()).is_some() != watched {
            if newest.changed().await.is_err() {
                return;
            }
        }
    };
    // What was written is on the disk all the same.
    let _ = tokio::time::timeout(SHOWN, settled).await;
}

fn put_down(app: &App, done: &Done, created: bool) -> String {
    let kept = match done {
        Done::Gone => Ok(Kept { status: 204, location: None, etag: None, body: String::new() }),
        done => json(app, done).map(|body| Kept {
            status: if created { 201 } else { 200 },
            location: location(done).filter(|_| created),
            etag: version(done).map(|version| format!("\"v{version}\"")),
            body,
        }),
    };
    kept.and_then(|kept| serde_json::to_string(&kept)).unwrap_or_default()
}

fn response(kept: &str, again: bool) -> Response {
    let Ok(Kept { status, location, etag, body }) = serde_json::from_str(kept) else {
        return Fail::Internal.into_response();
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    if status != 204 {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in [(header::LOCATION, location), (header::ETAG, etag)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    if again {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

fn json(app: &App, done: &Done) -> Result<String, serde_json::Error> {
    let snapshot = app.0.ready.load().snapshot.clone();
    match done {
        Done::Incident(incident) => {
            serde_json::to_string(&Incident::of(&find::view_incident(app, &snapshot, incident.as_ref().clone())))
        }
        Done::Maintenance(one) => {
            serde_json::to_string(&Maintenance::of(&find::view_maintenance(&snapshot, one.as_ref().clone())))
        }
        Done::Verdict(verdict) => serde_json::to_string(&Verdict::of(verdict, true)),
        Done::Override(set) => serde_json::to_string(&ByHand {
            state: set.state.as_str(),
            reason: &set.reason,
            until: time(set.until),
            at: super::wire::Time(set.at),
            author: &set.author,
            version: set.version,
        }),
        Done::ByHand(set) => serde_json::to_string(&ByHand {
            state: set.state.as_str(),
            reason: &set.reason,
            until: time(set.until),
            at: super::wire::Time(set.at),
            author: &set.author,
            version: set.version,
        }),
        Done::Template(template) => serde_json::to_string(&Template::of(template)),
        Done::Series(one) => serde_json::to_string(&Series::of(one)),
        Done::Added(one) => serde_json::to_string(&Added::of(one)),
        // People, tokens and subscribers have shapes of their own, made elsewhere: what is kept here must hold no
        // secret, and nothing of a reader.
        Done::Account(_)
        | Done::Session(_)
        | Done::Token(_)
        | Done::Subscriber(_)
        | Done::Imported(_)
        | Done::Taken(_)
        | Done::Gone => Ok(String::new()),
    }
}

fn location(done: &Done) -> Option<String> {
    match done {
        Done::Incident(incident) => Some(format!("/api/v1/incidents/{}", incident.id)),
        Done::Maintenance(one) => Some(format!("/api/v1/maintenances/{}", one.id)),
        Done::Series(one) => Some(format!("/api/v1/series/{}", one.id)),
        Done::Added(one) => Some(format!("/api/v1/sources/{}", one.id)),
        _ => None,
    }
}

fn version(done: &Done) -> Option<u64> {
    match done {
        Done::Incident(incident) => incident.local.as_ref().map(|local| local.version),
        Done::Maintenance(one) => one.local.as_ref().map(|local| local.version),
        Done::Verdict(verdict) => Some(verdict.version),
        Done::Override(set) => Some(set.version),
        Done::ByHand(set) => Some(set.version),
        Done::Template(template) => Some(template.version),
        Done::Series(one) => Some(one.version),
        Done::Added(one) => Some(one.version),
        Done::Account(_)
        | Done::Session(_)
        | Done::Token(_)
        | Done::Subscriber(_)
        | Done::Imported(_)
        | Done::Taken(_)
        | Done::Gone => None,
    }
}

/// An id that nothing else has.
pub(super) fn new_id() -> Result<IncidentId, Fail> {
    const LETTERS: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0_u8; 13];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no random bytes from the system");
        Fail::Internal
    })?;
    let letter = |byte: &u8| LETTERS.get(usize::from(byte & 31)).map_or('0', |letter| char::from(*letter));
    // No dot: ids of what vendors tell have one.
    Ok(IncidentId::new(std::iter::once('i').chain(bytes.iter().map(letter)).collect::<String>()))
}
