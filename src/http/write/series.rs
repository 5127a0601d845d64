//! Maintenances that come again: reading and writing. Their occurrences are maintenances of their own.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;

use super::maintenances::minutes;
use super::{Asked, carry_out, new_id, read, words};
use crate::http::App;
use crate::http::api::made;
use crate::http::auth::Caller;
use crate::http::error::Fail;
use crate::http::ready::JSON;
use crate::http::wire::series::Series as Shape;
use crate::http::wire::write::NewSeries;
use crate::http::wire::{List, Problem};
use crate::model::command::Command;
use crate::model::id::{SeriesId, ServiceId};
use crate::model::series::Series;

/// Maintenances that come again.
#[utoipa::path(get, path = "/api/v1/series", tag = "operators",
    responses((status = 200, description = "all of them", body = List<Shape>)))]
pub(in crate::http) async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fail> {
    let desk = app.0.desk.borrow().clone();
    let list = List { items: desk.series.values().map(Shape::of).collect(), next: None };
    let snapshot = app.0.ready.load().snapshot.clone();
    made(&headers, &snapshot, JSON, serde_json::to_vec(&list)?).await
}

/// Announces a maintenance that comes again. What it plans for the next weeks stands among the maintenances at once.
#[utoipa::path(post, path = "/api/v1/series", tag = "operators", request_body = NewSeries,
    params(("Idempotency-Key" = Option<String>, Header, description = "sent again within a day, the first answer comes again")),
    responses((status = 201, description = "the series, on the disk", body = Shape),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "not allowed", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "nothing can be stored now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn open(State(app): State<App>, caller: Caller, asked: Asked) -> Result<Response, Fail> {
    asked.check_key()?;
    // An occurrence's id is its series' with its start, and is as long as any.
    let series = shaped(&app, SeriesId::new(new_id()?.as_str()), asked.json()?);
    carry_out(&app, &caller, &asked, Command::PutSeries(Some(0), Box::new(series))).await
}

/// Changes a maintenance that comes again. What is planned is moved, changed or cancelled with it.
#[utoipa::path(put, path = "/api/v1/series/{id}", tag = "operators", request_body = NewSeries,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "`\"v3\"` for version 3")),
    responses((status = 200, description = "the series as it is now", body = Shape),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such series", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    let id = SeriesId::new(id);
    if !app.0.desk.borrow().series.contains_key(&id) {
        return Err(Fail::NotFound("series"));
    }
    let series = shaped(&app, id, asked.json()?);
    carry_out(&app, &caller, &asked, Command::PutSeries(version, Box::new(series))).await
}

/// Lets a maintenance come no more; what is still planned of it is cancelled.
#[utoipa::path(delete, path = "/api/v1/series/{id}", tag = "operators", params(("id" = String, Path)),
    responses((status = 204, description = "it comes no more"),
        (status = 404, description = "no such series", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    carry_out(&app, &caller, &asked, Command::EndSeries(SeriesId::new(id), version)).await
}

fn shaped(app: &App, id: SeriesId, shape: NewSeries) -> Series {
    let said = words(&shape.body);
    let timezone = shape.timezone.unwrap_or_else(|| app.0.ready.load().snapshot.page.timezone.clone());
    Series {
        id,
        title: read::title(&shape.title),
        markdown: said.markdown,
        words: said.text,
        services: shape.services.iter().map(ServiceId::new).collect(),
        rule: shape.rule.trim().to_owned(),
        timezone,
        starts: shape.starts,
        duration: Duration::from_secs(u64::from(shape.duration_minutes).saturating_mul(60)),
        auto_start: shape.auto_start,
        auto_end: shape.auto_end,
        reminders: minutes(&shape.remind_minutes_before),
        exceptions: std::collections::BTreeMap::new(),
        version: 0,
        author: String::new(),
        created_at: Timestamp::UNIX_EPOCH,
        changed_at: Timestamp::UNIX_EPOCH,
    }
}
