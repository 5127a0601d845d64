//! Badges, as SVG and in the form that Shields reads.
//!
//! They are answered with `no-cache` and an ETag: who shows them may keep them, and has to ask before showing them
//! again. A proxy of images that keeps them for a while all the same is told so by nothing else.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::App;
use super::super::cache;
use super::super::error::{Fail, Said as Dressed};
use super::super::ready::{Doc, JSON};
use super::super::wire::Problem;
use super::{Asked, Present};
use crate::limits;
use crate::model::level::State as Word;
use crate::render::badge::{Badge, Style};
use crate::render::subject::Subject;
use crate::text;

const SVG: &str = "image/svg+xml";
/// The id under which the whole page has its badge.
const ALL: &str = "all";

/// What a badge can be asked for.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct Wanted {
    style: Option<String>,
    label: Option<String>,
    component: Option<String>,
    source: Option<String>,
    service: Option<String>,
    tag: Option<String>,
}

/// A badge in the form of an endpoint of Shields.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Endpoint {
    /// The version of this form: 1.
    schema_version: u8,
    /// The left half.
    label: String,
    /// The right half.
    message: String,
    /// As on our own badges.
    color: &'static str,
    /// True where the state is not known: nobody can then ask for another colour.
    is_error: bool,
}

/// A badge.
#[utoipa::path(get, path = "/badge/{id}.svg", tag = "glance",
    params(("id" = String, Path, description = "a source, a service, or `all` for the page"),
        ("style" = Option<String>, Query, description = "`flat`, `flat-square`, `plastic`, `for-the-badge` or `social`"),
        ("label" = Option<String>, Query, description = "the left half; empty: none"),
        ("component" = Option<String>, Query, description = "one component of the source, by its path `Group/Name`"),
        ("tag" = Option<String>, Query, description = "with `all`: sources and services with this tag"),
        ("source" = Option<String>, Query, description = "with `all`: this source"),
        ("service" = Option<String>, Query, description = "with `all`: this service")),
    responses((status = 200, description = "the badge", body = String, content_type = "image/svg+xml"),
        (status = 404, description = "a badge that says that there is no such thing", body = String, content_type = "image/svg+xml")))]
pub(in crate::http) async fn badge(
    State(app): State<App>,
    asked: HeaderMap,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Fail> {
    let (id, json) = match name.rsplit_once('.') {
        Some((id, "svg")) => (id, false),
        Some((id, "json")) => (id, true),
        _ => return Err(Fail::NotFound("badge")),
    };
    let style = wanted.style()?;
    let present = Present::of(&app);
    let said = wanted.subject(&present, id).and_then(|subject| present.say(&subject));
    let badge = match said {
        Ok(said) => Badge { label: wanted.label(&said.name), message: said.word, state: said.state },
        // Who shows a badge shows nothing else of the answer.
        Err(Fail::NotFound(what)) if !json => {
            let badge = Badge { label: what.to_owned(), message: "not found".into(), state: Word::Unknown };
            let kind = [(axum::http::header::CONTENT_TYPE, SVG), (axum::http::header::CACHE_CONTROL, "no-store")];
            let mut response = (StatusCode::NOT_FOUND, kind, app.0.pages.badge(&badge, style)?).into_response();
            response.extensions_mut().insert(Dressed);
            return Ok(response);
        }
        Err(fail) => return Err(fail),
    };
    // It is made for each who asks: that costs less than a label of each asker's own would take in memory.
    let (kind, bytes) = match json {
        true => (JSON, serde_json::to_vec(&Endpoint::of(badge))?),
        false => (SVG, app.0.pages.badge(&badge, style)?.into_bytes()),
    };
    cache::made(&asked, Doc::plain(kind, present.modified(), bytes.into())).await
}

/// The same in the form of an endpoint of Shields, for its badges.
#[utoipa::path(get, path = "/badge/{id}.json", tag = "glance",
    params(("id" = String, Path, description = "a source, a service, or `all` for the page"),
        ("label" = Option<String>, Query, description = "the left half"),
        ("component" = Option<String>, Query, description = "one component of the source, by its path `Group/Name`"),
        ("tag" = Option<String>, Query, description = "with `all`: sources and services with this tag")),
    responses((status = 200, description = "the badge", body = Endpoint),
        (status = 404, description = "no such thing", body = Problem, content_type = "application/problem+json")))]
#[expect(dead_code, reason = "one handler answers for both; this is how the second is described")]
pub(in crate::http) fn endpoint() {}

impl Wanted {
    fn style(&self) -> Result<Style, Fail> {
        let Some(word) = self.style.as_deref() else { return Ok(Style::default()) };
        Style::from_word(word).ok_or_else(|| {
            let known: Vec<&str> = Style::ALL.into_iter().map(Style::as_str).collect();
            Fail::Parameter { name: "style", problem: format!("is one of {}", known.join(", ")) }
        })
    }

    /// The id's own thing; a source goes before a service of the same id, which `all.svg?service=` tells apart.
    fn subject(&self, present: &Present, id: &str) -> Result<Subject, Fail> {
        if id == ALL {
            let asked = Asked {
                source: self.source.clone(),
                service: self.service.clone(),
                tag: self.tag.clone(),
                theme: None,
            };
            return match (asked.subject()?, &self.component) {
                (Subject::Source(id), Some(path)) => Ok(Subject::Component(id, path.clone())),
                (_, Some(_)) => Err(no_component()),
                (subject, None) => Ok(subject),
            };
        }
        let source = present.ready.snapshot.source(id).is_some();
        match &self.component {
            Some(path) if source => Ok(Subject::Component(id.to_owned(), path.clone())),
            Some(_) => Err(no_component()),
            None if source => Ok(Subject::Source(id.to_owned())),
            None => Ok(Subject::Service(id.to_owned())),
        }
    }

    fn label(&self, name: &str) -> String {
        text::line(self.label.as_deref().unwrap_or(name), limits::BADGE_TEXT)
    }
}

fn no_component() -> Fail {
    Fail::Parameter { name: "component", problem: "is a component of a source; give the id of a source".to_owned() }
}

impl Endpoint {
    fn of(badge: Badge) -> Self {
        Self {
            schema_version: 1,
            color: badge.colour(),
            is_error: badge.state == Word::Unknown,
            label: badge.label,
            message: badge.message,
        }
    }
}
