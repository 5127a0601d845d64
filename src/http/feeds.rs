//! Feeds: incidents and maintenances for feed readers, merged and of one source, service or tag.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::auth::{Access, Routes};
use super::error::Fail;
use super::lists::word;
use super::ready::{ATOM, FEED, RSS};
use super::{App, cache};
use crate::wire::feed::{self, Form, Per};
use crate::wire::scope::Scope;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/feed.atom", Access::Page, all_atom)
        .get("/feed.rss", Access::Page, all_rss)
        .get("/feed.json", Access::Page, all_json)
        .get("/sources/{id}/feed.atom", Access::Page, source_atom)
        .get("/sources/{id}/feed.rss", Access::Page, source_rss)
        .get("/sources/{id}/feed.json", Access::Page, source_json)
        .get("/services/{id}/feed.atom", Access::Page, service_atom)
        .get("/services/{id}/feed.rss", Access::Page, service_rss)
        .get("/services/{id}/feed.json", Access::Page, service_json)
        .get("/tags/{tag}/feed.atom", Access::Page, tag_atom)
        .get("/tags/{tag}/feed.rss", Access::Page, tag_rss)
        .get("/tags/{tag}/feed.json", Access::Page, tag_json)
}

/// The parameters, as text so that a bad one can be named.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    per: Option<String>,
}

async fn answer(app: &App, headers: &HeaderMap, asked: Asked, scope: Scope, form: Form) -> Result<Response, Fail> {
    let per = word("per", asked.per, Per::from_word, || "incident, update".to_owned())?.unwrap_or_default();
    if let Some(missing) = scope.missing(&app.0.ready.load().snapshot) {
        return Err(Fail::NotFound(missing));
    }
    let name = format!("{}/{}{}", scope.path(), form.name(), per.query());
    let media = match form {
        Form::Atom => ATOM,
        Form::Rss => RSS,
        Form::Json => FEED,
    };
    cache::once(app, headers, name, media, move |snapshot| {
        feed::document(snapshot, &scope, per, form).map_err(|error| {
            tracing::error!(%error, form = form.name(), "a feed could not be made");
            Fail::Internal
        })
    })
    .await
}

/// Makes the handlers of all feeds: each has a path and a description of its own.
macro_rules! feeds {
    ($(#[doc = $said:literal] $name:ident: $path:literal, $media:literal, $body:ty, $form:ident, $scope:expr $(, $part:ident as $key:literal)?;)*) => {$(
        #[doc = $said]
        #[utoipa::path(get, path = $path, tag = "feeds",
            params($(($key = String, Path),)? ("per" = Option<String>, Query,
                description = "`incident`: an entry for each incident and maintenance, rewritten with every update; `update`: one for each update, for those who post what is new")),
            responses((status = 200, description = "what goes on or is planned, and what was over within the last 14 days", body = $body, content_type = $media)))]
        pub(super) async fn $name(
            State(app): State<App>,
            headers: HeaderMap,
            $(Path($part): Path<String>,)?
            Query(asked): Query<Asked>,
        ) -> Result<Response, Fail> {
            answer(&app, &headers, asked, $scope, Form::$form).await
        }
    )*};
}

feeds! {
    /// Incidents and maintenances as Atom.
    all_atom: "/feed.atom", "application/atom+xml", String, Atom, Scope::All;
    /// Incidents and maintenances as RSS 2.0.
    all_rss: "/feed.rss", "application/rss+xml", String, Rss, Scope::All;
    /// Incidents and maintenances as JSON Feed 1.1.
    all_json: "/feed.json", "application/feed+json", serde_json::Value, Json, Scope::All;
    /// Those of one source as Atom.
    source_atom: "/sources/{id}/feed.atom", "application/atom+xml", String, Atom, Scope::Source(id), id as "id";
    /// Those of one source as RSS 2.0.
    source_rss: "/sources/{id}/feed.rss", "application/rss+xml", String, Rss, Scope::Source(id), id as "id";
    /// Those of one source as JSON Feed 1.1.
    source_json: "/sources/{id}/feed.json", "application/feed+json", serde_json::Value, Json, Scope::Source(id), id as "id";
    /// Those that touch one service, or what it needs, as Atom.
    service_atom: "/services/{id}/feed.atom", "application/atom+xml", String, Atom, Scope::Service(id), id as "id";
    /// Those that touch one service, or what it needs, as RSS 2.0.
    service_rss: "/services/{id}/feed.rss", "application/rss+xml", String, Rss, Scope::Service(id), id as "id";
    /// Those that touch one service, or what it needs, as JSON Feed 1.1.
    service_json: "/services/{id}/feed.json", "application/feed+json", serde_json::Value, Json, Scope::Service(id), id as "id";
    /// Those of the sources and services with one tag as Atom.
    tag_atom: "/tags/{tag}/feed.atom", "application/atom+xml", String, Atom, Scope::Tag(tag), tag as "tag";
    /// Those of the sources and services with one tag as RSS 2.0.
    tag_rss: "/tags/{tag}/feed.rss", "application/rss+xml", String, Rss, Scope::Tag(tag), tag as "tag";
    /// Those of the sources and services with one tag as JSON Feed 1.1.
    tag_json: "/tags/{tag}/feed.json", "application/feed+json", serde_json::Value, Json, Scope::Tag(tag), tag as "tag";
}
