//! Templates of incidents: reading and writing.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;

use super::{Asked, carry_out, read};
use crate::http::App;
use crate::http::api::made;
use crate::http::auth::Caller;
use crate::http::error::Fail;
use crate::http::ready::JSON;
use crate::http::wire::write::NewTemplate;
use crate::http::wire::{List, Problem, Template as Shape};
use crate::limits;
use crate::model::command::Command;
use crate::model::desk::Template;
use crate::model::id::{ServiceId, kebab};

/// Words kept ready for incidents.
#[utoipa::path(get, path = "/api/v1/templates", tag = "operators",
    responses((status = 200, description = "all of them", body = List<Shape>)))]
pub(in crate::http) async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fail> {
    let desk = app.0.desk.borrow().clone();
    let list = List { items: desk.templates.values().map(Shape::of).collect(), next: None };
    let snapshot = app.0.ready.load().snapshot.clone();
    made(&headers, &snapshot, JSON, serde_json::to_vec(&list)?).await
}

/// Keeps words ready, in the place of those with this id.
#[utoipa::path(put, path = "/api/v1/templates/{id}", tag = "operators", request_body = NewTemplate,
    params(("id" = String, Path, description = "kebab-case")),
    responses((status = 200, description = "the template as it is now", body = Shape),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    let shape: NewTemplate = asked.json()?;
    if id.is_empty() || id != kebab(&id) || id.chars().count() > limits::TITLE {
        let problem = "has to be small letters, digits and single dashes".to_owned();
        return Err(Fail::Parameter { name: "id", problem });
    }
    let name = read::title(&shape.name);
    let template = Template {
        id,
        version: 0,
        name,
        title: read::title(&shape.title),
        body: shape.body.trim().chars().take(limits::BODY).collect(),
        impact: shape.impact.as_deref().map(read::impact).transpose()?,
        services: shape.services.iter().map(ServiceId::new).collect(),
        at: Timestamp::UNIX_EPOCH,
        author: String::new(),
    };
    carry_out(&app, &caller, &asked, Command::PutTemplate(version, Box::new(template))).await
}

/// Removes words kept ready.
#[utoipa::path(delete, path = "/api/v1/templates/{id}", tag = "operators", params(("id" = String, Path)),
    responses((status = 204, description = "they are gone"),
        (status = 404, description = "no such template", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    carry_out(&app, &caller, &asked, Command::RemoveTemplate(id, version)).await
}
