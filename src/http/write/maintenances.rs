//! Writing maintenances.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;

use super::{Asked, carry_out, new_id, read, words};
use crate::http::App;
use crate::http::auth::Caller;
use crate::http::error::Fail;
use crate::http::find;
use crate::http::ready::{Doc, JSON};
use crate::http::wire::Problem;
use crate::http::wire::incident::Maintenance;
use crate::http::wire::write::{MaintenanceChange, NewMaintenance, NewUpdate};
use crate::model::command::{Command, Planning, Post, Replan, Wish};
use crate::model::id::{IncidentId, ServiceId};
use crate::model::series::Plan;

/// Announces a maintenance of our own.
#[utoipa::path(post, path = "/api/v1/maintenances", tag = "operators", request_body = NewMaintenance,
    params(("Idempotency-Key" = Option<String>, Header, description = "sent again within a day, the first answer comes again")),
    responses((status = 201, description = "the maintenance, on the disk", body = Maintenance),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "not allowed", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "nothing can be stored now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn plan(State(app): State<App>, caller: Caller, asked: Asked) -> Result<Response, Fail> {
    asked.check_key()?;
    let shape: NewMaintenance = asked.json()?;
    let planning = Planning {
        id: new_id()?,
        title: read::title(&shape.title),
        starts_at: shape.starts_at,
        ends_at: shape.ends_at,
        services: shape.services.iter().map(ServiceId::new).collect(),
        words: words(&shape.body),
        wish: Wish {
            auto_start: shape.auto_start,
            auto_end: shape.auto_end,
            reminders: minutes(&shape.remind_minutes_before),
        },
    };
    carry_out(&app, &caller, &asked, Command::Plan(planning)).await
}

/// Changes what a maintenance of our own says of itself; a new window is announced as moved.
#[utoipa::path(patch, path = "/api/v1/maintenances/{id}", tag = "operators", request_body = MaintenanceChange,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "the tag of what the asker has seen")),
    responses((status = 200, description = "the maintenance as it is now", body = Maintenance),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such local maintenance", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn replan(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let (version, plan) = seen(&app, &id, &asked).await?;
    let shape: MaintenanceChange = asked.json()?;
    let wished = shape.auto_start.is_some() || shape.auto_end.is_some() || shape.remind_minutes_before.is_some();
    let wish = Wish {
        auto_start: shape.auto_start.unwrap_or(plan.auto_start),
        auto_end: shape.auto_end.unwrap_or(plan.auto_end),
        reminders: shape.remind_minutes_before.as_deref().map_or(plan.reminders, minutes),
    };
    let change = Replan {
        title: shape.title.as_deref().map(read::title),
        starts_at: shape.starts_at,
        ends_at: shape.ends_at,
        services: shape.services.map(|ids| ids.iter().map(ServiceId::new).collect()),
        wish: wished.then_some(wish),
    };
    carry_out(&app, &caller, &asked, Command::Replan(IncidentId::new(id), version, Box::new(change))).await
}

/// Adds an update; its status may start, end or cancel the maintenance.
#[utoipa::path(post, path = "/api/v1/maintenances/{id}/updates", tag = "operators", request_body = NewUpdate,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "the tag of what the asker has seen"),
        ("Idempotency-Key" = Option<String>, Header, description = "sent again within a day, the first answer comes again")),
    responses((status = 200, description = "the maintenance as it is now", body = Maintenance),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such local maintenance", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "it is over", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn post(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let (version, _) = seen(&app, &id, &asked).await?;
    let shape: NewUpdate = asked.json()?;
    if shape.impact.is_some() || shape.services.is_some() {
        return Err(Fail::Body("names `impact` or `services`, which only an incident's update has"));
    }
    let phase = shape.status.as_deref().map(read::phase).transpose()?;
    let post = Post { phase, words: words(&shape.body), ..Post::default() };
    carry_out(&app, &caller, &asked, Command::Work(IncidentId::new(id), version, post)).await
}

/// Removes a maintenance of our own; the audit log keeps what it said.
#[utoipa::path(delete, path = "/api/v1/maintenances/{id}", tag = "operators", params(("id" = String, Path)),
    responses((status = 204, description = "it is gone"),
        (status = 404, description = "no such local maintenance", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let (version, _) = seen(&app, &id, &asked).await?;
    carry_out(&app, &caller, &asked, Command::DeleteMaintenance(IncidentId::new(id), version)).await
}

/// Minutes as durations.
pub(super) fn minutes(all: &[u32]) -> Vec<Duration> {
    all.iter().map(|minutes| Duration::from_secs(u64::from(*minutes).saturating_mul(60))).collect()
}

/// The version that the asker has seen, and what time does to it now.
async fn seen(app: &App, id: &str, asked: &Asked) -> Result<(Option<u64>, Plan), Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = find::our_maintenance(app, &snapshot, id).await?;
    let local = view.as_ref().and_then(|view| view.maintenance.local.as_ref());
    let plan = local.map(|local| local.plan.clone()).unwrap_or_default();
    let version = asked.version(|| {
        let view = view?;
        let version = view.maintenance.local.as_ref().map(|local| local.version)?;
        let bytes = serde_json::to_vec(&Maintenance::of(&view)).ok()?;
        Some((version, Doc::plain(JSON, snapshot.generated_at, bytes.into())))
    })?;
    Ok((version, plan))
}
