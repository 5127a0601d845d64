//! States set by hand: of the team's services, and of sources over what is read.

use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;

use super::again::{self, Deed};
use super::order::{carry_out, slip, version};
use super::when::{self, Side};
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::write::read;
use crate::model::command::{Command, ManualState, Refused};
use crate::model::id::{ServiceId, SourceId};
use crate::model::level::State;
use crate::model::snapshot::Snapshot;
use crate::render::console::states::{self, Filled};

const LIST: &str = "admin/states.html";
const PAGE: &str = "admin/manual.html";

pub(super) async fn list(visit: Visit) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    visit.show(LIST, &states::list(&snapshot))
}

fn filled(snapshot: &Snapshot, version: u64, until: Option<Timestamp>) -> Result<Filled, Fail> {
    let (zone, name) = when::zone(snapshot);
    Ok(Filled { slip: slip(version)?, until: until.map(|at| when::show(at, &zone)).unwrap_or_default(), zone: name })
}

pub(super) async fn service(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let view = snapshot.services.iter().find(|view| view.service.id.as_str() == id);
    let view = view.ok_or(Fail::NotFound("service"))?;
    let set = view.set.as_deref();
    let filled = filled(&snapshot, set.map_or(0, |set| set.version), set.and_then(|set| set.until))?;
    visit.show(PAGE, &states::service(view, filled))
}

pub(super) async fn source(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    let set = view.set.as_deref();
    let filled = filled(&snapshot, set.map_or(0, |set| set.version), set.and_then(|set| set.until))?;
    visit.show(PAGE, &states::source(view, filled))
}

fn service_deed(id: &str, what: &'static str, said: &str) -> Deed {
    let to = format!("/admin/services?said={said}");
    Deed { what, subject: (id.to_owned(), "service."), to, back: format!("/admin/services/{id}") }
}

fn source_deed(id: &str, what: &'static str, said: &str) -> Deed {
    let to = format!("/admin/services?said={said}");
    Deed { what, subject: (id.to_owned(), "source.override"), to, back: format!("/admin/sources/{id}/override") }
}

fn manual(visit: &Visit, fields: &Fields) -> Result<ManualState, Refused> {
    let invalid = |field, problem: String| Refused::Invalid { field, problem };
    let zone = when::zone(&visit.app.0.ready.load().snapshot.clone()).0;
    let until = when::read(fields.get("until"), &zone, Side::End).map_err(|problem| invalid("until", problem))?;
    let state = State::from_word(fields.get("state")).ok_or_else(|| invalid("state", "is none".to_owned()))?;
    Ok(ManualState { state, reason: read::title(fields.get("reason")), until })
}

pub(super) async fn set_service(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let deed = service_deed(&id, "Set the state", "set");
    match manual(&visit, &fields) {
        Ok(set) => {
            carry_out(&visit, &fields, Command::SetService(ServiceId::new(&id), version(&fields), set), deed).await
        }
        Err(refused) => again::show(&visit, &fields, deed, refused).await,
    }
}

pub(super) async fn end_service(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let command = Command::EndService(ServiceId::new(&id), version(&fields));
    carry_out(&visit, &fields, command, service_deed(&id, "End it", "ended")).await
}

pub(super) async fn set_source(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let deed = source_deed(&id, "Set the state", "set");
    match manual(&visit, &fields) {
        Ok(set) => carry_out(&visit, &fields, Command::Override(SourceId::new(&id), version(&fields), set), deed).await,
        Err(refused) => again::show(&visit, &fields, deed, refused).await,
    }
}

pub(super) async fn end_source(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let command = Command::EndOverride(SourceId::new(&id), version(&fields));
    carry_out(&visit, &fields, command, source_deed(&id, "End it", "ended")).await
}
