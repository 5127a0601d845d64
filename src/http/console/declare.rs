//! Declaring an incident: the form, its preview, and words kept ready to begin from.

use std::collections::BTreeMap;

use axum::response::Response;

use super::again;
use super::order::{kept, order, slip};
use super::scene::attempt;
use super::when::{self, Side};
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::find;
use crate::http::write::{new_id, read, words};
use crate::limits;
use crate::model::command::{Command, Done, Opening, Refused};
use crate::model::desk::Template;
use crate::model::id::ServiceId;
use crate::model::incident::Phase;
use crate::model::level::Impact;
use crate::model::local::Hit;
use crate::model::snapshot::Snapshot;
use crate::render::console::incident::{Declare, Fill, Variable, offers, relations};
use crate::render::console::{Faults, Preview, ticks};
use crate::render::fill;

const PAGE: &str = "admin/declare.html";

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let desk = visit.app.0.desk.borrow().clone();
    let mut form = Declare::new(slip(0)?, when::zone(&snapshot).1);
    form.templates = offers(desk.templates.values());
    let mut services: Vec<ServiceId> = Vec::new();
    if let Some(template) = desk.templates.get(visit.query("template")) {
        services.clone_from(&template.services);
        begin_from(&mut form, template, |name| visit.query(&format!("v.{name}")).to_owned());
    }
    let related = Some(visit.query("related").to_owned()).filter(|id| !id.is_empty());
    if let Some(view) = related.as_ref().and_then(|id| find::present_incident(&snapshot, id)) {
        begin_upstream(&mut form, &view.source_name, &view.incident.title, view.incident.impact);
        services.extend(needing(&snapshot, view.incident.id.as_str()));
    }
    form.services = ticks(&snapshot, |id| services.iter().any(|service| service.as_str() == id));
    form.related = relations(&snapshot, related.as_slice());
    visit.show(PAGE, &form)
}

/// Takes over what a template says, once everything is filled in.
fn begin_from(form: &mut Declare, template: &Template, given: impl Fn(&str) -> String) {
    let texts = [template.title.as_str(), template.body.as_str()];
    let (names, mut fault) = match fill::variables(texts) {
        Ok(names) => (names, String::new()),
        Err(problem) => (Vec::new(), problem.to_string()),
    };
    let cut = |name: &String| given(name).chars().take(limits::TITLE).collect::<String>();
    let variables: Vec<Variable> = names.iter().map(|name| Variable { name: name.clone(), value: cut(name) }).collect();
    let values: BTreeMap<String, String> = variables.iter().map(|one| (one.name.clone(), one.value.clone())).collect();
    let is_begun = values.values().any(|value| !value.is_empty());
    match (fill::fill(texts[0], &values), fill::fill(texts[1], &values)) {
        (Ok(title), Ok(body)) => (form.title, form.body) = (title, body),
        (Err(problem), _) | (_, Err(problem)) if fault.is_empty() && is_begun => fault = problem.to_string(),
        _ => {}
    }
    if let Some(impact) = template.impact {
        form.impact = impact.as_str().to_owned();
    }
    form.chosen = Some(Fill { id: template.id.clone(), name: template.name.clone(), variables, fault });
}

/// Takes over what a vendor says: ours is a consequence of it.
fn begin_upstream(form: &mut Declare, source: &str, title: &str, impact: Option<Impact>) {
    if form.title.is_empty() {
        form.title = read::title(&format!("{source}: {title}"));
    }
    if let Some(impact) = impact.filter(|impact| *impact != Impact::Maintenance) {
        form.impact = impact.as_str().to_owned();
    }
}

/// Services that are at risk because of a vendor's incident.
fn needing(snapshot: &Snapshot, incident: &str) -> Vec<ServiceId> {
    let at_risk = snapshot.services.iter().filter(|view| {
        view.at_risk.iter().any(|risk| risk.incident.as_ref().is_some_and(|id| id.as_str() == incident))
    });
    at_risk.map(|view| view.service.id.clone()).collect()
}

/// What the form asks for, and which of its fields cannot be understood.
fn opening(fields: &Fields, snapshot: &Snapshot) -> Result<(Opening, Faults), Fail> {
    let mut faults = Faults::new();
    let impact = Impact::from_word(fields.get("impact")).unwrap_or(Impact::Minor);
    let started = when::read(fields.get("started"), &when::zone(snapshot).0, Side::Start);
    let started_at = started.unwrap_or_else(|problem| {
        faults.insert("started", problem);
        None
    });
    let hit = |id: &str| Hit { service: ServiceId::new(id), state: impact.level().into() };
    let related: Vec<String> = fields.all("related").map(str::to_owned).collect();
    let opening = Opening {
        id: new_id()?,
        title: read::title(fields.get("title")),
        impact,
        phase: Phase::from_word(fields.get("status")).unwrap_or(Phase::Investigating),
        services: fields.all("service").map(hit).collect(),
        started_at,
        words: words(fields.get("body")),
        note: words(fields.get("note")),
        related: read::related(&related),
        pushed: None,
        suggested: false,
    };
    Ok((opening, faults))
}

pub(super) async fn send(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let (opening, mut faults) = opening(&fields, &snapshot)?;
    let is_preview = fields.get("do") == "preview";
    if is_preview || !faults.is_empty() {
        let preview = match attempt(&visit.app, &snapshot, &visit.caller, Command::Open(opening)) {
            Ok(effect) => preview(&visit, &snapshot, effect.incidents.into_iter().next())?,
            Err(refused) => {
                fault(&mut faults, &refused);
                None
            }
        };
        if faults.is_empty() {
            return visit.show(PAGE, &filled(&visit, &fields, &snapshot, faults, preview)?);
        }
        return wrong(&visit, &fields, &snapshot, faults, "Nothing is declared yet: see below.");
    }
    let lead = |done: &Done| match done {
        Done::Incident(incident) => format!("/admin/incidents/{}?said=declared", incident.id),
        _ => "/admin".to_owned(),
    };
    match order(&visit, &fields, Command::Open(opening), lead).await {
        Ok(to) => Ok(visit.go(&to)),
        Err(refused) => {
            fault(&mut faults, &refused);
            wrong(&visit, &fields, &snapshot, faults, &again::said(&refused))
        }
    }
}

fn preview(
    visit: &Visit,
    snapshot: &Snapshot,
    incident: Option<crate::model::incident::Incident>,
) -> Result<Option<Preview>, Fail> {
    let Some(incident) = incident else { return Ok(None) };
    let view = find::view_incident(&visit.app, snapshot, incident);
    Ok(Some(visit.app.0.pages.preview_incident(snapshot, &view)?))
}

fn fault(faults: &mut Faults, refused: &Refused) {
    if let Refused::Invalid { field, problem } = refused {
        let field = if *field == "started_at" { "started" } else { field };
        faults.insert(field, problem.clone());
    }
}

fn wrong(visit: &Visit, fields: &Fields, snapshot: &Snapshot, faults: Faults, said: &str) -> Result<Response, Fail> {
    let mut form = filled(visit, fields, snapshot, faults, None)?;
    // What was refused is sent anew, and differs.
    form.slip = slip(0)?;
    visit.wrong(PAGE, said, &form)
}

/// The form as it was sent.
fn filled(
    visit: &Visit,
    fields: &Fields,
    snapshot: &Snapshot,
    faults: Faults,
    preview: Option<Preview>,
) -> Result<Declare, Fail> {
    let related: Vec<String> = fields.all("related").map(str::to_owned).collect();
    let text = |name: &str| fields.get(name).to_owned();
    Ok(Declare {
        title: text("title"),
        impact: text("impact"),
        status: text("status"),
        started: text("started"),
        body: text("body"),
        note: text("note"),
        services: ticks(snapshot, |id| fields.all("service").any(|ticked| ticked == id)),
        related: relations(snapshot, &related),
        faults,
        preview,
        templates: offers(visit.app.0.desk.borrow().templates.values()),
        ..Declare::new(kept(fields)?, when::zone(snapshot).1)
    })
}
