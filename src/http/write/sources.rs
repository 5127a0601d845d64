//! Sources that are added here rather than in the configuration file.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::{Asked, carry_out, in_force, read};
use crate::http::App;
use crate::http::api::made;
use crate::http::auth::Caller;
use crate::http::error::Fail;
use crate::http::ready::JSON;
use crate::http::wire::intake::{Added, Sighting};
use crate::http::wire::write::NewSource;
use crate::http::wire::{List, Problem};
use crate::model::command::Command;
use crate::model::id::SourceId;
use crate::model::intake::Draft;

/// Which page to look at.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct Page {
    #[serde(default)]
    page: String,
}

/// Looks at a page: how it would be read, and what it says now.
#[utoipa::path(get, path = "/api/v1/look", tag = "operators",
    params(("page" = String, Query, description = "an address, or a name from the catalogue")),
    responses((status = 200, description = "what was seen", body = Sighting),
        (status = 422, description = "it cannot be read; why", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn look(
    State(app): State<App>,
    headers: HeaderMap,
    Query(Page { page }): Query<Page>,
) -> Result<Response, Fail> {
    let sighting = app.0.asks.look(page).await.map_err(Fail::Unread)?;
    let snapshot = app.0.ready.load().snapshot.clone();
    made(&headers, &snapshot, JSON, serde_json::to_vec(&Sighting::of(&sighting))?).await
}

/// Sources that were added here, with their entries for `sources.yaml`.
#[utoipa::path(get, path = "/api/v1/added-sources", tag = "operators",
    responses((status = 200, description = "all of them", body = List<Added>)))]
pub(in crate::http) async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fail> {
    let desk = app.0.desk.borrow().clone();
    let list = List { items: desk.added.values().map(Added::of).collect(), next: None };
    let snapshot = app.0.ready.load().snapshot.clone();
    made(&headers, &snapshot, JSON, serde_json::to_vec(&list)?).await
}

/// Adds a source. Its page is looked at first, unless `unread` is given.
#[utoipa::path(post, path = "/api/v1/sources", tag = "operators", request_body = NewSource,
    params(("Idempotency-Key" = Option<String>, Header, description = "sent again within a day, the first answer comes again")),
    responses((status = 201, description = "it is watched", body = Added),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "there is one of this id", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "its page cannot be read; why", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn add(State(app): State<App>, caller: Caller, asked: Asked) -> Result<Response, Fail> {
    asked.check_key()?;
    let shape: NewSource = asked.json()?;
    let draft = Draft {
        page: shape.page,
        name: read::title(&shape.name),
        tags: shape.tags,
        components: shape.components,
        ignore: shape.ignore,
        interval: shape.interval_seconds,
        unread: shape.unread,
    };
    let entry = app.0.asks.compose(draft).await.map_err(Fail::Unread)?;
    let id = entry.id.clone();
    let response = carry_out(&app, &caller, &asked, Command::AddSource(entry)).await?;
    in_force(&app, &id, true).await;
    Ok(response)
}

/// Watches a source no more that was added here. One of the configuration file is removed there.
#[utoipa::path(delete, path = "/api/v1/sources/{id}", tag = "operators", params(("id" = String, Path)),
    responses((status = 204, description = "it is watched no more"),
        (status = 404, description = "it was not added here", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    let id = SourceId::new(id);
    let response = carry_out(&app, &caller, &asked, Command::RemoveSource(id.clone(), version)).await?;
    in_force(&app, &id, false).await;
    Ok(response)
}
