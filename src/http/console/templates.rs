//! Words kept ready for incidents.

use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;

use super::again::Deed;
use super::order::{carry_out, kept, order, slip, version};
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::write::read;
use crate::limits;
use crate::model::command::{Command, Refused};
use crate::model::desk::Template;
use crate::model::id::{ServiceId, kebab};
use crate::model::level::Impact;
use crate::render::console::incident::Sure;
use crate::render::console::template::{self, Form, choices};
use crate::render::console::{Faults, ticks};
use crate::render::fill;

const LIST: &str = "admin/templates.html";
const PAGE: &str = "admin/template.html";
const SURE: &str = "admin/sure.html";
const KEPT: &str = "/admin/templates?said=kept";

pub(super) async fn list(visit: Visit) -> Result<Response, Fail> {
    let desk = visit.app.0.desk.borrow().clone();
    visit.show(LIST, &template::list(desk.templates.values()))
}

fn find(visit: &Visit, id: &str) -> Result<Template, Fail> {
    visit.app.0.desk.borrow().templates.get(id).cloned().ok_or(Fail::NotFound("template"))
}

pub(super) async fn new(visit: Visit) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let form = Form {
        slip: slip(0)?,
        id: None,
        name: String::new(),
        title: String::new(),
        body: String::new(),
        impact: String::new(),
        services: ticks(&snapshot, |_| false),
        impacts: choices(),
        faults: Faults::new(),
    };
    visit.show(PAGE, &form)
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let one = find(&visit, &id)?;
    let form = Form {
        slip: slip(one.version)?,
        id: Some(id),
        name: one.name,
        title: one.title,
        body: one.body,
        impact: one.impact.map(|impact| impact.as_str().to_owned()).unwrap_or_default(),
        services: ticks(&snapshot, |id| one.services.iter().any(|service| service.as_str() == id)),
        impacts: choices(),
        faults: Faults::new(),
    };
    visit.show(PAGE, &form)
}

/// What was filled in, under this id, and what is wrong with it.
fn filled(fields: &Fields, id: String) -> (Template, Faults) {
    let mut faults = Faults::new();
    let one = Template {
        id,
        version: 0,
        name: read::title(fields.get("name")),
        title: read::title(fields.get("title")),
        body: fields.get("body").trim().chars().take(limits::BODY).collect(),
        impact: Impact::from_word(fields.get("impact")),
        services: fields.all("service").map(ServiceId::new).collect(),
        at: Timestamp::UNIX_EPOCH,
        author: String::new(),
    };
    if one.name.is_empty() {
        faults.insert("name", "is empty".to_owned());
    }
    if one.title.is_empty() {
        faults.insert("title", "is empty".to_owned());
    }
    for (field, text) in [("title", one.title.as_str()), ("body", one.body.as_str())] {
        if let Err(problem) = fill::variables([text]) {
            faults.insert(field, problem.to_string());
        }
    }
    if fill::variables([one.title.as_str(), one.body.as_str()]).is_ok_and(|all| all.len() > limits::TEMPLATE_VARIABLES)
    {
        faults.insert("body", format!("has more than {} names to fill in", limits::TEMPLATE_VARIABLES));
    }
    (one, faults)
}

pub(super) async fn make(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let id: String = kebab(fields.get("name")).chars().take(limits::TITLE).collect();
    let is_taken = visit.app.0.desk.borrow().templates.contains_key(&id);
    let (one, mut faults) = filled(&fields, id);
    if !faults.is_empty() {
        return wrong(&visit, &fields, None, faults, "Nothing is kept yet: see below.");
    }
    match order(&visit, &fields, Command::PutTemplate(Some(0), Box::new(one)), |_| KEPT.to_owned()).await {
        Ok(to) => Ok(visit.go(&to)),
        Err(refused) => {
            if is_taken || matches!(refused, Refused::Outdated { .. }) {
                faults.insert("name", "is that of another template".to_owned());
            }
            wrong(&visit, &fields, None, faults, "Nothing is kept yet: see below.")
        }
    }
}

pub(super) async fn change(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    find(&visit, &id)?;
    let (one, faults) = filled(&fields, id.clone());
    if !faults.is_empty() {
        return wrong(&visit, &fields, Some(id), faults, "Nothing was changed: see below.");
    }
    let deed = Deed {
        what: "Change the template",
        subject: (id.clone(), "template."),
        to: KEPT.to_owned(),
        back: format!("/admin/templates/{id}"),
    };
    let command = Command::PutTemplate(version(&fields), Box::new(one));
    carry_out(&visit, &fields, command, deed).await
}

fn wrong(visit: &Visit, fields: &Fields, id: Option<String>, faults: Faults, said: &str) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let text = |name: &str| fields.get(name).to_owned();
    let form = Form {
        slip: kept(fields)?,
        id,
        name: text("name"),
        title: text("title"),
        body: text("body"),
        impact: text("impact"),
        services: ticks(&snapshot, |id| fields.all("service").any(|ticked| ticked == id)),
        impacts: choices(),
        faults,
    };
    visit.wrong(PAGE, said, &form)
}

pub(super) async fn sure(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let one = find(&visit, &id)?;
    let sure = Sure {
        slip: slip(one.version)?,
        kind: "template",
        title: one.name,
        text: "Incidents that were declared with it stay as they are.",
        action: format!("/admin/templates/{id}/remove"),
        back: format!("/admin/templates/{id}"),
    };
    visit.show(SURE, &sure)
}

pub(super) async fn remove(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let deed = Deed {
        what: "Remove the template",
        subject: (id.clone(), "template."),
        to: "/admin/templates?said=removed".to_owned(),
        back: format!("/admin/templates/{id}"),
    };
    carry_out(&visit, &fields, Command::RemoveTemplate(id, version(&fields)), deed).await
}
