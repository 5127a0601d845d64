//! Calendars: maintenances for calendars that subscribe, merged and of one source, service or tag.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::DateTime;

use super::auth::{Access, Routes};
use super::error::Fail;
use super::ready::CALENDAR;
use super::{App, cache};
use crate::model::desk::Desk;
use crate::model::id::SeriesId;
use crate::model::series::Recurring;
use crate::model::snapshot::Snapshot;
use crate::rules::series;
use crate::wire::calendar;
use crate::wire::scope::Scope;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/calendar.ics", Access::Page, all)
        .get("/sources/{id}/calendar.ics", Access::Page, source)
        .get("/services/{id}/calendar.ics", Access::Page, service)
        .get("/tags/{tag}/calendar.ics", Access::Page, tag)
}

/// Maintenances as iCalendar: planned and running ones, and those that were over, or cancelled, within the last 14 days.
#[utoipa::path(get, path = "/calendar.ics", tag = "feeds",
    responses((status = 200, description = "a calendar; a maintenance that was moved keeps its UID, and its SEQUENCE rises", body = String, content_type = "text/calendar")))]
pub(super) async fn all(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fail> {
    ics(&app, &headers, Scope::All).await
}

/// Those of one source as iCalendar.
#[utoipa::path(get, path = "/sources/{id}/calendar.ics", tag = "feeds", params(("id" = String, Path)),
    responses((status = 200, description = "a calendar", body = String, content_type = "text/calendar")))]
pub(super) async fn source(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    ics(&app, &headers, Scope::Source(id)).await
}

/// Those that touch one service, or what it needs, as iCalendar.
#[utoipa::path(get, path = "/services/{id}/calendar.ics", tag = "feeds", params(("id" = String, Path)),
    responses((status = 200, description = "a calendar", body = String, content_type = "text/calendar")))]
pub(super) async fn service(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    ics(&app, &headers, Scope::Service(id)).await
}

/// Those of the sources and services with one tag as iCalendar.
#[utoipa::path(get, path = "/tags/{tag}/calendar.ics", tag = "feeds", params(("tag" = String, Path)),
    responses((status = 200, description = "a calendar", body = String, content_type = "text/calendar")))]
pub(super) async fn tag(State(app): State<App>, headers: HeaderMap, Path(tag): Path<String>) -> Result<Response, Fail> {
    ics(&app, &headers, Scope::Tag(tag)).await
}

async fn ics(app: &App, headers: &HeaderMap, scope: Scope) -> Result<Response, Fail> {
    if let Some(missing) = scope.missing(&app.0.ready.load().snapshot) {
        return Err(Fail::NotFound(missing));
    }
    // Whoever changes what operators hold hands this on before the snapshot that shows it.
    let desk = app.0.desk.clone();
    cache::once(app, headers, format!("{}/calendar.ics", scope.path()), CALENDAR, move |snapshot| {
        let desk = desk.borrow().clone();
        calendar::document(snapshot, &scope, &recurring(&desk, snapshot)).map(String::into_bytes).map_err(|error| {
            tracing::error!(%error, "a calendar could not be made");
            Fail::Internal
        })
    })
    .await
}

/// What comes again, as a calendar says it. Of a series whose rule cannot be read the occurrences stand alone.
fn recurring(desk: &Desk, snapshot: &Snapshot) -> Vec<Recurring> {
    let mut held: HashMap<&SeriesId, Vec<DateTime>> = HashMap::new();
    for view in snapshot.maintenances.iter().chain(&snapshot.recent_maintenances) {
        if let Some(of) = view.maintenance.local.as_ref().and_then(|local| local.plan.series.as_ref()) {
            held.entry(&of.series).or_default().push(of.starts);
        }
    }
    let said = desk.series.values().filter_map(|one| {
        let held = held.get(&one.id).map(Vec::as_slice).unwrap_or_default();
        series::recurring(one, held).unwrap_or_else(|problem| {
            tracing::warn!(series = %one.id, problem, "a series cannot be put into a calendar");
            None
        })
    });
    said.collect()
}
