//! The pages.

use axum::extract::{Path, Query, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::api::made;
use super::auth::Caller;
use super::cache::{self, answer};
use super::error::Fail;
use super::ready::{Doc, FOR_A_DAY, FOR_EVER, HTML};
use super::{App, decisions, figures, find, past, receipts};
use crate::limits;
use crate::model::actor::Role;
use crate::model::event::EventKind;
use crate::model::incident::{Incident, Maintenance};
use crate::model::news::Thread;
use crate::model::snapshot::Snapshot;
use crate::render;

/// Past incidents on a source's page.
const PAST: usize = 20;
/// A calm sign that needs no file from elsewhere.
const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><circle cx=\"16\" cy=\"16\" r=\"14\" fill=\"#1f6f4a\"/><path d=\"M9 17l5 5 9-11\" fill=\"none\" stroke=\"#fff\" stroke-width=\"3.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>";

pub(super) async fn status(
    State(app): State<App>,
    asked: HeaderMap,
    Query(at): Query<past::At>,
) -> Result<Response, Fail> {
    if let Some(at) = at.read(&app)? {
        return past::status(&app, &asked, at).await;
    }
    app.0.ready.load().page.as_ref().map(|page| answer(&asked, page)).ok_or(Fail::Internal)
}

pub(super) async fn source(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    let days = figures::source_bar(&app, &snapshot, view, query).await?;
    let events = find::events(&app, Some(view.source.id.clone()), None).await;
    let (past, past_maintenances) = over(&app, &snapshot, &id).await;
    let evidence = receipts::evidence(&app, &snapshot, Some(&view.source.id), &events, &[]).await;
    let past = render::Past { incidents: &past, maintenances: &past_maintenances, events: &events, days: &days };
    let html = app.0.pages.source(&snapshot, view, past, &evidence)?;
    made(&asked, &snapshot, HTML, html.into_bytes()).await
}

/// What is over: from the store, or from memory where the store cannot say.
async fn over(app: &App, snapshot: &Snapshot, id: &str) -> (Vec<Incident>, Vec<Maintenance>) {
    let source = crate::model::id::SourceId::new(id);
    let read = app.0.store.look(move |store| {
        Ok((
            store.incidents(Some(&source), None, limits::LIST_PAGE)?,
            store.maintenances(Some(&source), None, limits::LIST_PAGE)?,
        ))
    });
    match read.await {
        Ok((incidents, maintenances)) => (
            incidents.items.into_iter().filter(|incident| !incident.is_open()).take(PAST).collect(),
            maintenances.items.into_iter().filter(|maintenance| !maintenance.is_open()).take(PAST).collect(),
        ),
        Err(error) => {
            tracing::warn!(%error, "the history beside a page cannot be read");
            let ours = |source: Option<&crate::model::id::SourceId>| source.is_some_and(|source| source.as_str() == id);
            let incidents = snapshot.recent.iter().filter(|view| ours(view.incident.source.as_ref()));
            let maintenances = snapshot.recent_maintenances.iter();
            let maintenances = maintenances.filter(|view| ours(view.maintenance.source.as_ref()));
            (
                incidents.map(|view| view.incident.clone()).take(PAST).collect(),
                maintenances.map(|view| view.maintenance.clone()).take(PAST).collect(),
            )
        }
    }
}

pub(super) async fn service(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = snapshot.services.iter().find(|view| view.service.id.as_str() == id).ok_or(Fail::NotFound("service"))?;
    let days = figures::service_bar(&app, &snapshot, view, query).await?;
    let mut events = find::events(&app, None, Some(id)).await;
    // Components of that name are others' business.
    events.retain(|event| event.kind == EventKind::ServiceState);
    let past = render::Past { days: &days, events: &events, ..render::Past::default() };
    let html = app.0.pages.service(&snapshot, view, past)?;
    made(&asked, &snapshot, HTML, html.into_bytes()).await
}

/// Who was told of something, for people who may declare and judge; nothing where the store cannot say.
pub(super) async fn who_was_told(app: &App, caller: &Caller, thread: Thread) -> Option<render::Told> {
    caller.person().filter(|person| person.role >= Role::Operator && !person.must_enrol)?;
    let entries = decisions::log(app, vec![thread], 0).await.ok()?;
    let names = decisions::names(app);
    Some(render::told(&entries, &|receiver| decisions::name(&names, receiver)))
}

pub(super) async fn incident(
    State(app): State<App>,
    caller: Caller,
    asked: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = find::incident(&app, &snapshot, &id).await?;
    let events = find::events(&app, None, Some(id)).await;
    let told = &view.incident;
    let evidence = receipts::evidence(&app, &snapshot, told.source.as_ref(), &events, &told.updates).await;
    let log = who_was_told(&app, &caller, Thread::Incident(told.id.clone())).await;
    let html = app.0.pages.incident(&snapshot, &view, &events, &evidence, log)?;
    made(&asked, &snapshot, HTML, html.into_bytes()).await
}

pub(super) async fn maintenance(
    State(app): State<App>,
    caller: Caller,
    asked: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = find::maintenance(&app, &snapshot, &id).await?;
    let events = find::events(&app, None, Some(id)).await;
    let told = &view.maintenance;
    let evidence = receipts::evidence(&app, &snapshot, told.source.as_ref(), &events, &told.updates).await;
    let log = who_was_told(&app, &caller, Thread::Maintenance(told.id.clone())).await;
    let html = app.0.pages.maintenance(&snapshot, &view, &events, &evidence, log)?;
    made(&asked, &snapshot, HTML, html.into_bytes()).await
}

pub(super) async fn asset(
    State(app): State<App>,
    asked: HeaderMap,
    Path(name): Path<String>,
) -> Result<Response, Fail> {
    let asset = render::asset(&name).ok_or(Fail::NotFound("file"))?;
    fixed(&app, &asked, asset.content_type, asset.bytes, FOR_EVER).await
}

pub(super) async fn favicon(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    fixed(&app, &asked, "image/svg+xml", ICON.as_bytes(), FOR_A_DAY).await
}

pub(super) async fn robots(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    let text = b"User-agent: *\nDisallow: /api/\nDisallow: /events\n";
    fixed(&app, &asked, "text/plain; charset=utf-8", text, FOR_A_DAY).await
}

/// Answers with a file of this program.
async fn fixed(
    app: &App,
    asked: &HeaderMap,
    kind: &'static str,
    bytes: &'static [u8],
    caching: &'static str,
) -> Result<Response, Fail> {
    let mut doc = Doc::plain(kind, app.0.openapi.modified, bytes::Bytes::from_static(bytes));
    doc.caching = caching;
    cache::made(asked, doc).await
}

pub(super) async fn nowhere() -> Response {
    axum::http::StatusCode::NOT_FOUND.into_response()
}
