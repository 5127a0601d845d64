//! Somebody who was invited chooses a password.

use axum::response::Response;
use serde::Serialize;

use super::super::super::error::Fail;
use super::super::{Fields, Visit, hashing, start};
use crate::auth::{random, valid};
use crate::model::actor::{Actor, Means};
use crate::model::people::{Account, PeopleChange, Stage};

const PAGE: &str = "admin/join.html";

#[derive(Debug, Default, Serialize)]
struct View {
    code: String,
    name: String,
    password_error: String,
    again_error: String,
}

fn invited(visit: &Visit, code: &str) -> Result<Account, Fail> {
    let now = visit.app.0.clock.now().wall;
    let passwords = visit.app.sign_on().passwords;
    let people = visit.app.people();
    let account = valid::invited(&people, code, now).filter(|_| passwords);
    account.cloned().ok_or(Fail::NotFound("invitation; ask for a new link, it"))
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    let code = visit.query("code").to_owned();
    let name = invited(&visit, &code)?.name;
    visit.show(PAGE, &View { code, name, ..View::default() })
}

pub(super) async fn join(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let code = fields.get("code");
    let account = invited(&visit, code)?;
    let (password_error, again_error) = super::faults(fields.get("password"), fields.get("again"), &account.name);
    if !(password_error.is_empty() && again_error.is_empty()) {
        let view = View { code: code.to_owned(), name: account.name, password_error, again_error };
        return visit.wrong(PAGE, "You have not joined yet: see below.", &view);
    }
    let hash = hashing::hash(&visit.app, fields.get("password").to_owned()).await?;
    let address = visit.caller.address();
    let (session, secret) = start::session(&visit.app, &account.id, Stage::Whole, &visit.headers, address)?;
    let actor = Actor { means: Means::Person, id: account.id.clone(), name: account.name, address };
    let change = PeopleChange::Join(account.id, random::digest(code), hash, Box::new(session));
    visit.app.change(actor, change).await.map_err(|refused| visit.app.refused(refused))?;
    Ok(visit.enter("/admin/account", &secret))
}
