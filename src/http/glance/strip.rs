//! `/embed`: a strip that other sites frame.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::super::App;
use super::super::error::Fail;
use super::super::ready::HTML;
use super::{Asked, Present, said};
use crate::render::Glance;

/// A status strip to frame in another page; it refreshes itself and needs no script.
#[utoipa::path(get, path = "/embed", tag = "glance",
    params(("source" = Option<String>, Query, description = "only this source"),
        ("service" = Option<String>, Query, description = "only this service"),
        ("tag" = Option<String>, Query, description = "only sources and services with this tag"),
        ("theme" = Option<String>, Query, description = "`light` or `dark`; else as the reader has it")),
    responses((status = 200, description = "a small page", body = String, content_type = "text/html")))]
pub(in crate::http) async fn embed(
    State(app): State<App>,
    asked: HeaderMap,
    Query(query): Query<Asked>,
) -> Result<Response, Fail> {
    let (subject, theme) = (query.subject()?, query.theme()?);
    let present = Present::of(&app);
    present.say(&subject)?;
    let (old, pages) = (present.old, app.clone());
    let name = format!("/embed {subject:?} {theme:?}");
    present
        .once(&asked, &name, HTML, move |snapshot| {
            let said = said(snapshot, &subject, old).ok_or(Fail::Internal)?;
            let glance = Glance { subject: &subject, said, theme, old };
            Ok(pages.0.pages.embed(snapshot, glance)?.into_bytes())
        })
        .await
}
