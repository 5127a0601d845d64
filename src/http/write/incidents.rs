//! Writing incidents.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::{Asked, carry_out, new_id, read, words};
use crate::http::App;
use crate::http::api::made;
use crate::http::auth::Caller;
use crate::http::error::Fail;
use crate::http::find;
use crate::http::ready::{Doc, JSON};
use crate::http::wire::incident::{Incident, Post as PostShape};
use crate::http::wire::write::{IncidentChange, NewIncident, NewUpdate, NewWords};
use crate::http::wire::{List, Problem};
use crate::model::command::{Command, Edit, Opening, Post};
use crate::model::id::IncidentId;
use crate::model::incident::Phase;
use crate::model::level::Impact;

/// Declares an incident of our own.
#[utoipa::path(post, path = "/api/v1/incidents", tag = "operators", request_body = NewIncident,
    params(("Idempotency-Key" = Option<String>, Header, description = "sent again within a day, the first answer comes again")),
    responses((status = 201, description = "the incident, on the disk", body = Incident),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "not allowed", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "it cannot be done as things are", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "nothing can be stored now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn open(State(app): State<App>, caller: Caller, asked: Asked) -> Result<Response, Fail> {
    asked.check_key()?;
    let shape: NewIncident = asked.json()?;
    let impact = shape.impact.as_deref().map_or(Ok(Impact::Minor), read::impact)?;
    let opening = Opening {
        id: new_id()?,
        title: read::title(&shape.title),
        impact,
        phase: shape.status.as_deref().map_or(Ok(Phase::Investigating), read::phase)?,
        services: read::hits(&shape.services, impact)?,
        started_at: shape.started_at,
        words: words(&shape.body),
        note: words(&shape.note),
        related: read::related(&shape.related),
        pushed: None,
        suggested: false,
    };
    carry_out(&app, &caller, &asked, Command::Open(opening)).await
}

/// Changes what an incident of our own says of itself.
#[utoipa::path(patch, path = "/api/v1/incidents/{id}", tag = "operators", request_body = IncidentChange,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "the tag of what the asker has seen")),
    responses((status = 200, description = "the incident as it is now", body = Incident),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such local incident", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn edit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let (version, impact) = seen(&app, &id, &asked).await?;
    let shape: IncidentChange = asked.json()?;
    let changed = shape.impact.as_deref().map(read::impact).transpose()?;
    let edit = Edit {
        title: shape.title.as_deref().map(read::title),
        impact: changed,
        started_at: shape.started_at,
        services: shape.services.map(|hits| read::hits(&hits, changed.unwrap_or(impact))).transpose()?,
        related: shape.related.as_deref().map(read::related),
    };
    carry_out(&app, &caller, &asked, Command::Edit(IncidentId::new(id), version, Box::new(edit))).await
}

/// Adds an update; its status may resolve or reopen the incident.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/updates", tag = "operators", request_body = NewUpdate,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "the tag of what the asker has seen"),
        ("Idempotency-Key" = Option<String>, Header, description = "sent again within a day, the first answer comes again")),
    responses((status = 200, description = "the incident as it is now", body = Incident),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such local incident", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn post(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let (version, impact) = seen(&app, &id, &asked).await?;
    let shape: NewUpdate = asked.json()?;
    let changed = shape.impact.as_deref().map(read::impact).transpose()?;
    let post = Post {
        phase: shape.status.as_deref().map(read::phase).transpose()?,
        impact: changed,
        services: shape.services.map(|hits| read::hits(&hits, changed.unwrap_or(impact))).transpose()?,
        words: words(&shape.body),
    };
    carry_out(&app, &caller, &asked, Command::Post(IncidentId::new(id), version, post)).await
}

/// Puts an update right; the timeline shows that it was.
#[utoipa::path(patch, path = "/api/v1/incidents/{id}/updates/{number}", tag = "operators", request_body = NewWords,
    params(("id" = String, Path), ("number" = u32, Path)),
    responses((status = 200, description = "the incident as it is now", body = Incident),
        (status = 404, description = "no such update", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn correct(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, Fail> {
    let number: u32 = number.parse().map_err(|_| Fail::NotFound("update"))?;
    let (version, _) = seen(&app, &id, &asked).await?;
    let shape: NewWords = asked.json()?;
    let command = Command::Correct(IncidentId::new(id), version, number, words(&shape.body));
    carry_out(&app, &caller, &asked, command).await
}

/// Adds a remark that only signed-in people see.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/notes", tag = "operators", request_body = NewWords,
    params(("id" = String, Path)),
    responses((status = 200, description = "the incident as it is now", body = Incident),
        (status = 404, description = "no such local incident", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn note(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    asked.check_key()?;
    let shape: NewWords = asked.json()?;
    carry_out(&app, &caller, &asked, Command::Note(IncidentId::new(id), words(&shape.body))).await
}

/// The remarks that only signed-in people see, newest first.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/notes", tag = "operators", params(("id" = String, Path)),
    responses((status = 200, description = "the remarks", body = List<PostShape>),
        (status = 404, description = "no such local incident", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn notes(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = find::ours(&app, &snapshot, &id).await?.ok_or(Fail::NotFound("local incident"))?;
    let notes = view.incident.local.iter().flat_map(|local| &local.notes).map(PostShape::note);
    let list = List { items: notes.collect(), next: None };
    let mut response = made(&headers, &snapshot, JSON, serde_json::to_vec(&list)?).await?;
    let unkept = axum::http::HeaderValue::from_static("no-store");
    response.headers_mut().insert(axum::http::header::CACHE_CONTROL, unkept);
    Ok(response)
}

/// Writes down what was learned; an empty text takes it away.
#[utoipa::path(put, path = "/api/v1/incidents/{id}/postmortem", tag = "operators", request_body = NewWords,
    params(("id" = String, Path)),
    responses((status = 200, description = "the incident as it is now", body = Incident),
        (status = 404, description = "no such local incident", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "it is not over", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn postmortem(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let (version, _) = seen(&app, &id, &asked).await?;
    let shape: NewWords = asked.json()?;
    let command = Command::Postmortem(IncidentId::new(id), version, words(&shape.body));
    carry_out(&app, &caller, &asked, command).await
}

/// Shows an incident to everybody that another tool has only suggested.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/publish", tag = "operators", params(("id" = String, Path)),
    responses((status = 200, description = "the incident as it is now", body = Incident),
        (status = 404, description = "no such local incident", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "it is public already", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn publish(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let (version, _) = seen(&app, &id, &asked).await?;
    carry_out(&app, &caller, &asked, Command::Publish(IncidentId::new(id), version)).await
}

/// Removes an incident of our own; the audit log keeps what it said.
#[utoipa::path(delete, path = "/api/v1/incidents/{id}", tag = "operators", params(("id" = String, Path)),
    responses((status = 204, description = "it is gone"),
        (status = 404, description = "no such local incident", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let (version, _) = seen(&app, &id, &asked).await?;
    carry_out(&app, &caller, &asked, Command::Delete(IncidentId::new(id), version)).await
}

/// The version that the asker has seen, and the impact in force.
async fn seen(app: &App, id: &str, asked: &Asked) -> Result<(Option<u64>, Impact), Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = find::ours(app, &snapshot, id).await?;
    let impact = view.as_ref().and_then(|view| view.incident.impact).unwrap_or(Impact::Minor);
    let version = asked.version(|| {
        let view = view?;
        let version = view.incident.local.as_ref().map(|local| local.version)?;
        let bytes = serde_json::to_vec(&Incident::of(&view)).ok()?;
        Some((version, Doc::plain(JSON, snapshot.generated_at, bytes.into())))
    })?;
    Ok((version, impact))
}
