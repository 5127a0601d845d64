//! The decision log over HTTP: who was told of something, who was not, and why.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::App;
use super::auth::{Access, Caller, Routes};
use super::error::Fail;
use super::find;
use super::messages::sees_readers;
use super::wire::decision::Decided;
use super::wire::{List, Problem};
use crate::limits;
use crate::model::actor::Role;
use crate::model::id::{ChannelId, IncidentId, ReceiverId, SourceId};
use crate::model::news::Thread;
use crate::model::people::Scope;
use crate::model::told::Entry;
use crate::rules::told;

/// Who may read it: whoever may declare and judge, and programs with a scope of their own.
pub(super) fn routes(routes: Routes) -> Routes {
    let access = Access::Api(Role::Operator, Scope::Messages);
    routes
        .get("/api/v1/incidents/{id}/decisions", access, incident)
        .get("/api/v1/maintenances/{id}/decisions", access, maintenance)
        .get("/api/v1/sources/{id}/decisions", access, source)
}

/// The events of these threads, oldest first. Of readers, the first `each` are listed and the others counted.
pub(super) async fn log(app: &App, threads: Vec<Thread>, each: usize) -> Result<Vec<Entry>, Fail> {
    let read = app.0.store.look(move |store| Ok(told::entries(&store.told(&threads)?, each)));
    read.await.map_err(|error| Fail::store(&error))
}

/// What people call channels.
pub(super) fn names(app: &App) -> BTreeMap<ChannelId, String> {
    app.0.plan.borrow().lines.iter().map(|line| (line.id.clone(), line.name.clone())).collect()
}

/// What people call a receiver; one that is not configured any more keeps its id.
pub(super) fn name(names: &BTreeMap<ChannelId, String>, receiver: &ReceiverId) -> String {
    match receiver.as_channel() {
        Some(id) => names.get(&id).cloned().unwrap_or_else(|| format!("{id} (no longer configured)")),
        None => receiver.as_subscriber().map_or_else(|| receiver.to_string(), |id| format!("reader {id}")),
    }
}

/// How readers are shown.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    readers: Option<String>,
}

impl Asked {
    fn each(&self, caller: &Caller) -> Result<usize, Fail> {
        match self.readers.as_deref() {
            None | Some("counted") => Ok(0),
            Some("each") if sees_readers(caller) => Ok(limits::DECISIONS_EACH),
            Some("each") => Err(Fail::Forbidden),
            Some(_) => Err(Fail::Parameter { name: "readers", problem: "must be one of: counted, each".to_owned() }),
        }
    }
}

async fn decided(app: &App, caller: &Caller, asked: &Asked, threads: Vec<Thread>) -> Result<Vec<Decided>, Fail> {
    let entries = log(app, threads, asked.each(caller)?).await?;
    let names = names(app);
    Ok(entries.iter().map(|entry| Decided::of(entry, &|receiver| name(&names, receiver))).collect())
}

fn all(items: Vec<Decided>) -> Json<List<Decided>> {
    Json(List { items, next: None })
}

/// Who was told of an incident, who was not, and why: each event, oldest first.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/decisions", tag = "messages",
    params(("id" = String, Path), ("readers" = Option<String>, Query, description = "`counted`; or `each`, for admins and programs with the scope `subscribers:write`")),
    responses((status = 200, description = "what was decided, of as much as is kept", body = List<Decided>),
        (status = 404, description = "no such incident", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn incident(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<List<Decided>>, Fail> {
    let items = decided(&app, &caller, &asked, vec![Thread::Incident(IncidentId::new(&id))]).await?;
    if items.is_empty() {
        let snapshot = app.0.ready.load().snapshot.clone();
        find::incident(&app, &snapshot, &id).await?;
    }
    Ok(all(items))
}

/// Who was told of a maintenance, who was not, and why: each event, oldest first.
#[utoipa::path(get, path = "/api/v1/maintenances/{id}/decisions", tag = "messages",
    params(("id" = String, Path), ("readers" = Option<String>, Query, description = "`counted`; or `each`, for admins and programs with the scope `subscribers:write`")),
    responses((status = 200, description = "what was decided, of as much as is kept", body = List<Decided>),
        (status = 404, description = "no such maintenance", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn maintenance(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<List<Decided>>, Fail> {
    let items = decided(&app, &caller, &asked, vec![Thread::Maintenance(IncidentId::new(&id))]).await?;
    if items.is_empty() {
        let snapshot = app.0.ready.load().snapshot.clone();
        find::maintenance(&app, &snapshot, &id).await?;
    }
    Ok(all(items))
}

/// Who was told of a source's own state and of its readings, who was not, and why: each event, oldest first. What its
/// incidents say is with them.
#[utoipa::path(get, path = "/api/v1/sources/{id}/decisions", tag = "messages",
    params(("id" = String, Path), ("readers" = Option<String>, Query, description = "`counted`; or `each`, for admins and programs with the scope `subscribers:write`")),
    responses((status = 200, description = "what was decided, of as much as is kept", body = List<Decided>),
        (status = 404, description = "no such source", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn source(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<List<Decided>>, Fail> {
    let of = SourceId::new(&id);
    let items = decided(&app, &caller, &asked, vec![Thread::Source(of.clone()), Thread::Reading(of)]).await?;
    if items.is_empty() && app.0.ready.load().snapshot.source(&id).is_none() {
        return Err(Fail::NotFound("source"));
    }
    Ok(all(items))
}
