//! The API, described for people.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::api::made;
use super::error::Fail;
use super::ready::HTML;
use super::{App, openapi};

/// The page that shows what `/openapi.json` says.
pub(super) async fn page(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let html = app.0.pages.docs(&snapshot.page.title, &openapi::value()?)?;
    made(&asked, &snapshot, HTML, html.into_bytes()).await
}
