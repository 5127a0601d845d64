//! Writing states by hand: of sources over what was read, of services without an incident.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{Asked, carry_out, read};
use crate::http::App;
use crate::http::auth::Caller;
use crate::http::error::Fail;
use crate::http::wire::Problem;
use crate::http::wire::source::ByHand;
use crate::http::wire::write::NewState;
use crate::model::command::{Command, ManualState};
use crate::model::id::{ServiceId, SourceId};

/// Sets a source's state over what is read; the page shows both.
#[utoipa::path(put, path = "/api/v1/sources/{id}/override", tag = "operators", request_body = NewState,
    params(("id" = String, Path)),
    responses((status = 200, description = "what is set", body = ByHand),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such source", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn source(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    let set = manual(&asked)?;
    carry_out(&app, &caller, &asked, Command::Override(SourceId::new(id), version, set)).await
}

/// Lets a source's state be what is read again.
#[utoipa::path(delete, path = "/api/v1/sources/{id}/override", tag = "operators", params(("id" = String, Path)),
    responses((status = 204, description = "it is what is read again"),
        (status = 404, description = "nobody had set it", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn end_source(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    carry_out(&app, &caller, &asked, Command::EndOverride(SourceId::new(id), version)).await
}

/// Sets a service's state without an incident.
#[utoipa::path(put, path = "/api/v1/services/{id}/state", tag = "operators", request_body = NewState,
    params(("id" = String, Path)),
    responses((status = 200, description = "what is set", body = ByHand),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such service", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn service(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    let set = manual(&asked)?;
    carry_out(&app, &caller, &asked, Command::SetService(ServiceId::new(id), version, set)).await
}

/// Lets a service's state be what its incidents say again.
#[utoipa::path(delete, path = "/api/v1/services/{id}/state", tag = "operators", params(("id" = String, Path)),
    responses((status = 204, description = "it is what its incidents say again"),
        (status = 404, description = "nobody had set it", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn end_service(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    carry_out(&app, &caller, &asked, Command::EndService(ServiceId::new(id), version)).await
}

fn manual(asked: &Asked) -> Result<ManualState, Fail> {
    let shape: NewState = asked.json()?;
    Ok(ManualState { state: read::state(&shape.state)?, reason: read::title(&shape.reason), until: shape.until })
}
