//! Everything about one incident of our own: updates, corrections, notes, what was learned.

use axum::extract::Path;
use axum::response::Response;

use super::again::Deed;
use super::order::{carry_out, slip, version};
use super::when::{self, Side};
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::find;
use crate::http::page::who_was_told;
use crate::http::write::{read, words};
use crate::model::actor::Role;
use crate::model::command::{Command, Edit, Post, Refused};
use crate::model::id::{IncidentId, ServiceId};
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::local::Hit;
use crate::model::news::Thread;
use crate::model::snapshot::{IncidentView, Snapshot};
use crate::render::console::incident::{self, Head, Sure, relations};
use crate::render::console::{impacts, picks, states};

const PAGE: &str = "admin/incident.html";
const EDIT: &str = "admin/incident-edit.html";
const SURE: &str = "admin/sure.html";
/// Before the id of a service in the name of the field with its state.
const STATE: &str = "state.";

/// One of ours.
async fn find(visit: &Visit, snapshot: &Snapshot, id: &str) -> Result<IncidentView, Fail> {
    find::ours(&visit.app, snapshot, id).await?.ok_or(Fail::NotFound("incident"))
}

fn version_of(view: &IncidentView) -> u64 {
    view.incident.local.as_ref().map_or(0, |local| local.version)
}

fn deed(what: &'static str, id: &str, said: &str) -> Deed {
    let back = format!("/admin/incidents/{id}");
    Deed { what, subject: (id.to_owned(), "incident."), to: format!("{back}?said={said}"), back }
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    if id.contains('.') {
        // A vendor's.
        return Ok(visit.go(&format!("/admin/incidents/{id}/verdict")));
    }
    let view = find(&visit, &snapshot, &id).await?;
    let admin = visit.person()?.role >= Role::Admin;
    let told = who_was_told(&visit.app, &visit.caller, Thread::Incident(view.incident.id.clone())).await;
    visit.show(PAGE, &incident::one(&snapshot, &view, slip(version_of(&view))?, admin, told))
}

/// The services with a state in a form; `None` where it has none of them, or they are as they were.
fn hits(fields: &Fields, before: &[Hit]) -> Option<Vec<Hit>> {
    let given = fields.iter().filter_map(|(name, value)| Some((name.strip_prefix(STATE)?, value)));
    let given: Vec<(&str, &str)> = given.collect();
    if given.is_empty() {
        return None;
    }
    let chosen = given
        .iter()
        .filter_map(|(id, word)| State::from_word(word).map(|state| Hit { service: ServiceId::new(id), state }));
    let chosen: Vec<Hit> = chosen.collect();
    let same = chosen.len() == before.len() && chosen.iter().all(|hit| before.contains(hit));
    (!same).then_some(chosen)
}

pub(super) async fn update(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let before = find(&visit, &snapshot, &id).await?.incident;
    let phase = Phase::from_word(fields.get("status"));
    let post = Post {
        phase: phase.filter(|phase| Some(*phase) != before.phase),
        impact: Impact::from_word(fields.get("impact")).filter(|impact| Some(*impact) != before.impact),
        services: hits(&fields, &before.services),
        words: words(fields.get("body")),
    };
    let command = Command::Post(IncidentId::new(&id), version(&fields), post);
    carry_out(&visit, &fields, command, deed("Update", &id, "said")).await
}

pub(super) async fn head(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let view = find(&visit, &snapshot, &id).await?;
    let (zone, name) = when::zone(&snapshot);
    let related: Vec<String> =
        view.incident.local.iter().flat_map(|local| &local.related).map(ToString::to_string).collect();
    let form = Head {
        slip: slip(version_of(&view))?,
        title: view.incident.title.clone(),
        impact: view.incident.impact.map_or("minor", Impact::as_str),
        started: when::show(view.incident.began_at(), &zone),
        zone: name,
        services: picks(&snapshot, &view.incident.services),
        related: relations(&snapshot, &related),
        impacts: impacts(),
        states: states("not touched"),
        id,
    };
    visit.show(EDIT, &form)
}

pub(super) async fn edit(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let before = find(&visit, &snapshot, &id).await?.incident;
    let deed = deed("Edit", &id, "changed");
    let zone = when::zone(&snapshot).0;
    let started_at = match when::read(fields.get("started"), &zone, Side::Start) {
        Ok(at) => at,
        Err(problem) => {
            let refused = Refused::Invalid { field: "started", problem };
            return super::again::show(&visit, &fields, deed, refused).await;
        }
    };
    let related: Vec<String> = fields.all("related").map(str::to_owned).collect();
    let edit = Edit {
        title: Some(read::title(fields.get("title"))),
        impact: Impact::from_word(fields.get("impact")).filter(|impact| Some(*impact) != before.impact),
        // A field knows no seconds: the same minute is the same start.
        started_at: started_at.filter(|_| fields.get("started") != when::show(before.began_at(), &zone)),
        services: hits(&fields, &before.services),
        related: Some(read::related(&related)),
    };
    carry_out(&visit, &fields, Command::Edit(IncidentId::new(&id), version(&fields), Box::new(edit)), deed).await
}

pub(super) async fn correct(
    visit: Visit,
    Path((id, number)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, Fail> {
    let number: u32 = number.parse().map_err(|_| Fail::NotFound("update"))?;
    let words = words(fields.get("correction"));
    let command = Command::Correct(IncidentId::new(&id), version(&fields), number, words);
    carry_out(&visit, &fields, command, deed("Correction", &id, "said")).await
}

pub(super) async fn note(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let command = Command::Note(IncidentId::new(&id), words(fields.get("note")));
    carry_out(&visit, &fields, command, deed("Note", &id, "noted")).await
}

pub(super) async fn postmortem(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let words = words(fields.get("postmortem"));
    let command = Command::Postmortem(IncidentId::new(&id), version(&fields), words);
    carry_out(&visit, &fields, command, deed("What was learned", &id, "learned")).await
}

pub(super) async fn publish(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let command = Command::Publish(IncidentId::new(&id), version(&fields));
    carry_out(&visit, &fields, command, deed("Publish", &id, "published")).await
}

pub(super) async fn sure(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let view = find(&visit, &snapshot, &id).await?;
    let sure = Sure {
        slip: slip(version_of(&view))?,
        kind: "incident",
        title: view.incident.title,
        text: "Readers no longer find it, nor anything that was said about it. The audit log keeps it all. Where it is \
               merely over, resolve it instead.",
        action: format!("/admin/incidents/{id}/delete"),
        back: format!("/admin/incidents/{id}"),
    };
    visit.show(SURE, &sure)
}

pub(super) async fn delete(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let command = Command::Delete(IncidentId::new(&id), version(&fields));
    let deed = Deed { to: "/admin/incidents?said=removed".to_owned(), ..deed("Delete", &id, "removed") };
    carry_out(&visit, &fields, command, deed).await
}
