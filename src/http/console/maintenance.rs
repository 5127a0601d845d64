//! Everything about one maintenance of our own: updates, its start and end, another time.

use axum::extract::Path;
use axum::response::Response;

use super::again::{self, Deed};
use super::maintenances::{clashes, fault, filled, ours, window_of, wish};
use super::order::{carry_out, slip, version};
use super::when;
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::find;
use crate::http::write::{read, words};
use crate::model::actor::Role;
use crate::model::command::{Command, Post, Refused, Replan};
use crate::model::id::{IncidentId, ServiceId};
use crate::model::incident::Phase;
use crate::model::snapshot::{MaintenanceView, Snapshot};
use crate::render::console::incident::Sure;
use crate::render::console::maintenance::{self, Plan, reminders};
use crate::render::console::{Faults, ticks};

const PAGE: &str = "admin/maintenance.html";
const EDIT: &str = "admin/plan.html";
const SURE: &str = "admin/sure.html";

async fn find(visit: &Visit, snapshot: &Snapshot, id: &str) -> Result<MaintenanceView, Fail> {
    find::our_maintenance(&visit.app, snapshot, id).await?.ok_or(Fail::NotFound("maintenance"))
}

fn version_of(view: &MaintenanceView) -> u64 {
    view.maintenance.local.as_ref().map_or(0, |local| local.version)
}

fn deed(what: &'static str, id: &str, said: &str) -> Deed {
    let back = format!("/admin/maintenances/{id}");
    Deed { what, subject: (id.to_owned(), "maintenance."), to: format!("{back}?said={said}"), back }
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let view = find(&visit, &snapshot, &id).await?;
    let met = clashes(&snapshot, &ours(&visit, &snapshot), Some(&view.maintenance.id));
    let admin = visit.person()?.role >= Role::Admin;
    visit.show(PAGE, &maintenance::one(&snapshot, &view, slip(version_of(&view))?, met, admin))
}

pub(super) async fn update(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let post =
        Post { phase: Phase::from_word(fields.get("status")), words: words(fields.get("body")), ..Post::default() };
    let mut deed = deed("Update", &id, "said");
    if fields.get("from") == "home" {
        deed.to = "/admin?said=said".to_owned();
    }
    carry_out(&visit, &fields, Command::Work(IncidentId::new(&id), version(&fields), post), deed).await
}

pub(super) async fn head(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let view = find(&visit, &snapshot, &id).await?;
    let (zone, _) = when::zone(&snapshot);
    let one = &view.maintenance;
    let show = |at: Option<jiff::Timestamp>| at.map(|at| when::show(at, &zone)).unwrap_or_default();
    let plan = one.local.as_ref().map(|local| local.plan.clone()).unwrap_or_default();
    let reminded = !plan.reminders.is_empty();
    let form = Plan {
        slip: slip(version_of(&view))?,
        action: format!("/admin/maintenances/{id}/edit"),
        known: true,
        title: one.title.clone(),
        starts: show(one.starts_at),
        ends: show(one.ends_at),
        services: ticks(&snapshot, |id| one.services.iter().any(|service| service.as_str() == id)),
        auto_start: plan.auto_start,
        auto_end: plan.auto_end,
        remind: if reminded { "keep".to_owned() } else { String::new() },
        reminders: reminders(reminded),
        ..filled(&Fields::default(), &snapshot, Faults::new())?
    };
    visit.show(EDIT, &form)
}

pub(super) async fn edit(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let before = find(&visit, &snapshot, &id).await?.maintenance;
    let (zone, _) = when::zone(&snapshot);
    let mut faults = Faults::new();
    let Some((starts, ends)) = window_of(&fields, &zone, &mut faults) else {
        let first = faults.into_iter().next().unwrap_or(("starts", String::new()));
        let refused = Refused::Invalid { field: first.0, problem: first.1 };
        return again::show(&visit, &fields, deed("Edit", &id, "changed"), refused).await;
    };
    // A field knows no seconds: the same minute is the same moment.
    let moved = |name: &str, at: Option<jiff::Timestamp>| at.is_none_or(|at| fields.get(name) != when::show(at, &zone));
    let reminders = before.local.as_ref().map(|local| local.plan.reminders.clone()).unwrap_or_default();
    let change = Replan {
        title: Some(read::title(fields.get("title"))),
        starts_at: Some(starts).filter(|_| moved("starts", before.starts_at)),
        ends_at: Some(ends).filter(|_| moved("ends", before.ends_at)),
        services: Some(fields.all("service").map(ServiceId::new).collect()),
        wish: Some(wish(&fields, &reminders)),
    };
    if fields.get("do") == "preview" {
        return preview(&visit, &fields, &snapshot, &id, change);
    }
    let command = Command::Replan(IncidentId::new(&id), version(&fields), Box::new(change));
    carry_out(&visit, &fields, command, deed("Edit", &id, "changed")).await
}

/// The form with what readers will see, and with what it will be in the way of.
fn preview(visit: &Visit, fields: &Fields, snapshot: &Snapshot, id: &str, change: Replan) -> Result<Response, Fail> {
    let mut faults = Faults::new();
    let command = Command::Replan(IncidentId::new(id), version(fields), Box::new(change));
    let attempted = super::scene::attempt(&visit.app, snapshot, &visit.caller, command);
    let (made, refused) = match attempted {
        Ok(effect) => (effect.maintenances.into_iter().next(), None),
        Err(refused) => {
            fault(&mut faults, &refused);
            (None, Some(refused))
        }
    };
    let mut form = filled(fields, snapshot, faults)?;
    (form.known, form.action) = (true, format!("/admin/maintenances/{id}/edit"));
    if let Some(refused) = refused {
        return visit.wrong(EDIT, &again::said(&refused), &form);
    }
    if let Some(one) = made {
        let view = find::view_maintenance(snapshot, one);
        let mut all = ours(visit, snapshot);
        all.retain(|other| other.maintenance.id != view.maintenance.id);
        all.push(view.clone());
        form.clashes = clashes(snapshot, &all, Some(&view.maintenance.id));
        form.preview = Some(visit.app.0.pages.preview_maintenance(snapshot, &view)?);
    }
    visit.show(EDIT, &form)
}

pub(super) async fn sure(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let view = find(&visit, &snapshot, &id).await?;
    let sure = Sure {
        slip: slip(version_of(&view))?,
        kind: "maintenance",
        title: view.maintenance.title,
        text: "Readers no longer find it. The audit log keeps it. Where it merely does not take place, cancel it \
               instead: then readers are told.",
        action: format!("/admin/maintenances/{id}/delete"),
        back: format!("/admin/maintenances/{id}"),
    };
    visit.show(SURE, &sure)
}

pub(super) async fn delete(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let command = Command::DeleteMaintenance(IncidentId::new(&id), version(&fields));
    let deed = Deed { to: "/admin/maintenances?said=removed".to_owned(), ..deed("Delete", &id, "removed") };
    carry_out(&visit, &fields, command, deed).await
}
