//! The API, version 1: reading.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::App;
use super::cache::{self, answer};
use super::error::Fail;
use super::find;
use super::lists::{self, Asked};
use super::past;
use super::ready::{Doc, JSON};
use super::wire::incident::{Incident, Maintenance};
use super::wire::source::{Service, Source, SourceDetail};
use super::wire::summary::Summary;
use super::wire::{List, Problem};
use crate::model::snapshot::Snapshot;

/// Answers with a document that is made for this request.
pub(super) async fn made(
    asked: &HeaderMap,
    snapshot: &Snapshot,
    kind: &'static str,
    bytes: Vec<u8>,
) -> Result<Response, Fail> {
    cache::made(asked, Doc::plain(kind, snapshot.generated_at, bytes.into())).await
}

/// The merged present in one document.
#[utoipa::path(get, path = "/api/v1/summary", tag = "present",
    params(("at" = Option<String>, Query, description = "as it stood then: RFC 3339, or `-2h`; when sources were read last is not kept")),
    responses((status = 200, description = "the present", body = Summary), (status = 304, description = "not changed"),
        (status = 400, description = "nothing is kept of that moment", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn summary(
    State(app): State<App>,
    asked: HeaderMap,
    Query(at): Query<past::At>,
) -> Result<Response, Fail> {
    match at.read(&app)? {
        Some(at) => past::summary(&app, &asked, at).await,
        None => Ok(answer(&asked, &app.0.ready.load().summary)),
    }
}

/// Sources, in the order of the configuration.
#[utoipa::path(get, path = "/api/v1/sources", tag = "present",
    params(("tag" = Option<String>, Query, description = "only those with this tag"),
        ("state" = Option<String>, Query, description = "only those in this state"),
        ("limit" = Option<u32>, Query, description = "1 to 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, description = "a part of the list", body = List<Source>),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn sources(
    State(app): State<App>,
    asked: HeaderMap,
    Query(query): Query<Asked>,
) -> Result<Response, Fail> {
    let wanted = query.read()?;
    let snapshot = app.0.ready.load().snapshot.clone();
    let fits = |view: &&std::sync::Arc<crate::model::snapshot::SourceView>| {
        wanted.tag.as_ref().is_none_or(|tag| view.source.tags.contains(tag))
            && wanted.state.is_none_or(|state| view.state == state)
            && wanted.source.as_ref().is_none_or(|id| view.source.id.as_str() == id)
    };
    let all = snapshot.sources.iter().filter(fits).cloned().collect();
    let (items, next) = lists::part(all, |view| view.source.id.as_str(), &wanted)?;
    let bytes = lists::bytes(items.iter().map(|view| Source::of(view)).collect(), next)?;
    made(&asked, &snapshot, JSON, bytes).await
}

/// One source.
#[utoipa::path(get, path = "/api/v1/sources/{id}", tag = "present", params(("id" = String, Path)),
    responses((status = 200, description = "the source", body = SourceDetail),
        (status = 404, description = "no such source", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn source(State(app): State<App>, asked: HeaderMap, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    made(&asked, &snapshot, JSON, serde_json::to_vec(&SourceDetail::of(view))?).await
}

/// Services, in the order of the configuration.
#[utoipa::path(get, path = "/api/v1/services", tag = "present",
    params(("tag" = Option<String>, Query, description = "only those with this tag"),
        ("state" = Option<String>, Query, description = "only those in this state"),
        ("limit" = Option<u32>, Query, description = "1 to 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, description = "a part of the list", body = List<Service>),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn services(
    State(app): State<App>,
    asked: HeaderMap,
    Query(query): Query<Asked>,
) -> Result<Response, Fail> {
    let wanted = query.read()?;
    let snapshot = app.0.ready.load().snapshot.clone();
    let fits = |view: &&crate::model::snapshot::ServiceView| {
        wanted.tag.as_ref().is_none_or(|tag| view.service.tags.contains(tag))
            && wanted.state.is_none_or(|state| view.state == state)
    };
    let all = snapshot.services.iter().filter(fits).cloned().collect();
    let (items, next) = lists::part(all, |view| view.service.id.as_str(), &wanted)?;
    let bytes = lists::bytes(items.iter().map(Service::of).collect(), next)?;
    made(&asked, &snapshot, JSON, bytes).await
}

/// One service.
#[utoipa::path(get, path = "/api/v1/services/{id}", tag = "present", params(("id" = String, Path)),
    responses((status = 200, description = "the service", body = Service),
        (status = 404, description = "no such service", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn service(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = snapshot.services.iter().find(|view| view.service.id.as_str() == id);
    let view = view.ok_or(Fail::NotFound("service"))?;
    made(&asked, &snapshot, JSON, serde_json::to_vec(&Service::of(view))?).await
}

/// Incidents, open and past; the newest first, open ones alone the worst first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "history",
    params(("source" = Option<String>, Query, description = "only of this source"),
        ("tag" = Option<String>, Query, description = "only of sources with this tag"),
        ("state" = Option<String>, Query, description = "only those that do this to what they touch"),
        ("status" = Option<String>, Query, description = "`open`, `closed`, or one status"),
        ("impact" = Option<String>, Query, description = "only of this impact"),
        ("origin" = Option<String>, Query, description = "`upstream` or `local`"),
        ("limit" = Option<u32>, Query, description = "1 to 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, description = "a part of the list; it may be empty and still have a next", body = List<Incident>),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn incidents(
    State(app): State<App>,
    asked: HeaderMap,
    Query(query): Query<Asked>,
) -> Result<Response, Fail> {
    let wanted = query.read()?;
    let snapshot = app.0.ready.load().snapshot.clone();
    let (items, next) = lists::incidents(&app, &snapshot, &wanted).await?;
    let bytes = lists::bytes(items.iter().map(|view| Incident::of(view)).collect(), next)?;
    made(&asked, &snapshot, JSON, bytes).await
}

/// One incident, however old.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "history", params(("id" = String, Path)),
    responses((status = 200, description = "the incident", body = Incident),
        (status = 404, description = "no such incident", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn incident(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = find::incident(&app, &snapshot, &id).await?;
    made(&asked, &snapshot, JSON, serde_json::to_vec(&Incident::of(&view))?).await
}

/// Maintenances, planned, running and past.
#[utoipa::path(get, path = "/api/v1/maintenances", tag = "history",
    params(("source" = Option<String>, Query, description = "only of this source"),
        ("tag" = Option<String>, Query, description = "only of sources with this tag"),
        ("status" = Option<String>, Query, description = "`open`, `closed`, or one status"),
        ("origin" = Option<String>, Query, description = "`upstream` or `local`"),
        ("limit" = Option<u32>, Query, description = "1 to 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, description = "a part of the list; it may be empty and still have a next", body = List<Maintenance>),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn maintenances(
    State(app): State<App>,
    asked: HeaderMap,
    Query(query): Query<Asked>,
) -> Result<Response, Fail> {
    let wanted = query.read()?;
    let snapshot = app.0.ready.load().snapshot.clone();
    let (items, next) = lists::maintenances(&app, &snapshot, &wanted).await?;
    let bytes = lists::bytes(items.iter().map(|view| Maintenance::of(view)).collect(), next)?;
    made(&asked, &snapshot, JSON, bytes).await
}

/// One maintenance, however old.
#[utoipa::path(get, path = "/api/v1/maintenances/{id}", tag = "history", params(("id" = String, Path)),
    responses((status = 200, description = "the maintenance", body = Maintenance),
        (status = 404, description = "no such maintenance", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn maintenance(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = find::maintenance(&app, &snapshot, &id).await?;
    made(&asked, &snapshot, JSON, serde_json::to_vec(&Maintenance::of(&view))?).await
}

/// This description.
pub(super) async fn openapi(State(app): State<App>, asked: HeaderMap) -> Response {
    answer(&asked, &app.0.openapi)
}
