//! The present in Statuspage's form, under the paths that its clients ask for.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::App;
use super::auth::{Access, Routes};
use super::cache;
use super::error::Fail;
use super::ready::JSON;
use crate::wire::statuspage::{self, Components, Document, Incidents, Maintenances, StatusOnly, Summary};

/// Who sees the page sees the same here; what Statuspage does not have is not here either.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get(Document::Summary.path(), Access::Page, summary)
        .get(Document::Status.path(), Access::Page, status)
        .get(Document::Components.path(), Access::Page, components)
        .get(Document::Incidents.path(), Access::Page, incidents)
        .get(Document::Unresolved.path(), Access::Page, unresolved)
        .get(Document::Maintenances.path(), Access::Page, maintenances)
        .get(Document::Upcoming.path(), Access::Page, upcoming)
        .get(Document::Active.path(), Access::Page, active)
        .get("/api/v2", Access::Page, nowhere)
        .get("/api/v2/{*rest}", Access::Page, nowhere)
}

async fn shown(app: &App, asked: &HeaderMap, document: Document) -> Result<Response, Fail> {
    let make = move |snapshot: &_| Ok(statuspage::document(snapshot, document)?);
    cache::once(app, asked, document.path().to_owned(), JSON, make).await
}

async fn nowhere() -> Fail {
    Fail::NotFound("document")
}

/// As Statuspage tells it: the roll-up, everything that is listed, open incidents, planned and running maintenances.
#[utoipa::path(get, path = "/api/v2/summary.json", tag = "statuspage",
    responses((status = 200, description = "the roll-up, everything that is listed, open incidents, planned and running maintenances", body = Summary)))]
pub(super) async fn summary(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    shown(&app, &asked, Document::Summary).await
}

/// As Statuspage tells it: the roll-up.
#[utoipa::path(get, path = "/api/v2/status.json", tag = "statuspage",
    responses((status = 200, description = "the roll-up", body = StatusOnly)))]
pub(super) async fn status(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    shown(&app, &asked, Document::Status).await
}

/// As Statuspage tells it: sources as groups of their parts, and services.
#[utoipa::path(get, path = "/api/v2/components.json", tag = "statuspage",
    responses((status = 200, description = "sources as groups of their parts, and services", body = Components)))]
pub(super) async fn components(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    shown(&app, &asked, Document::Components).await
}

/// As Statuspage tells it: the newest incidents, what goes on first among them.
#[utoipa::path(get, path = "/api/v2/incidents.json", tag = "statuspage",
    responses((status = 200, description = "the newest incidents, what goes on first among them", body = Incidents)))]
pub(super) async fn incidents(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    shown(&app, &asked, Document::Incidents).await
}

/// As Statuspage tells it: incidents that go on.
#[utoipa::path(get, path = "/api/v2/incidents/unresolved.json", tag = "statuspage",
    responses((status = 200, description = "incidents that go on", body = Incidents)))]
pub(super) async fn unresolved(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    shown(&app, &asked, Document::Unresolved).await
}

/// As Statuspage tells it: the newest maintenances, what is not over first among them.
#[utoipa::path(get, path = "/api/v2/scheduled-maintenances.json", tag = "statuspage",
    responses((status = 200, description = "the newest maintenances, what is not over first among them", body = Maintenances)))]
pub(super) async fn maintenances(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    shown(&app, &asked, Document::Maintenances).await
}

/// As Statuspage tells it: maintenances that are planned.
#[utoipa::path(get, path = "/api/v2/scheduled-maintenances/upcoming.json", tag = "statuspage",
    responses((status = 200, description = "maintenances that are planned", body = Maintenances)))]
pub(super) async fn upcoming(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    shown(&app, &asked, Document::Upcoming).await
}

/// As Statuspage tells it: maintenances that go on.
#[utoipa::path(get, path = "/api/v2/scheduled-maintenances/active.json", tag = "statuspage",
    responses((status = 200, description = "maintenances that go on", body = Maintenances)))]
pub(super) async fn active(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    shown(&app, &asked, Document::Active).await
}
