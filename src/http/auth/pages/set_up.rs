//! The first account of all, made with the code from the log.

use axum::response::Response;
use serde::Serialize;

use super::super::super::error::Fail;
use super::super::{Fields, Visit, hashing, setup, start};
use crate::auth::random;
use crate::model::actor::{Actor, Means, Role};
use crate::model::people::{Account, PeopleChange, Stage};

const PAGE: &str = "admin/set-up.html";

#[derive(Debug, Default, Serialize)]
struct View {
    code: String,
    name: String,
    name_error: String,
    password_error: String,
    again_error: String,
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    let code = visit.query("code").to_owned();
    if !setup::is_good(&visit.app, &code) {
        return Err(Fail::NotFound("page"));
    }
    visit.show(PAGE, &View { code, ..View::default() })
}

pub(super) async fn make(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let code = fields.get("code");
    if !setup::is_good(&visit.app, code) {
        return Err(Fail::NotFound("page"));
    }
    let name = super::account_name(fields.get("name"));
    let typed = name.clone().unwrap_or_else(|_| fields.get("name").to_owned());
    let (password_error, again_error) = super::faults(fields.get("password"), fields.get("again"), &typed);
    let name_error = name.as_ref().err().copied().unwrap_or_default().to_owned();
    let Ok(name) =
        name.and_then(|name| if password_error.is_empty() && again_error.is_empty() { Ok(name) } else { Err("") })
    else {
        let view = View { code: code.to_owned(), name: typed, name_error, password_error, again_error };
        return visit.wrong(PAGE, "Nothing was made yet: see below.", &view);
    };
    let hash = hashing::hash(&visit.app, fields.get("password").to_owned()).await?;
    let id = random::id().map_err(start::no_random)?;
    let address = visit.caller.address();
    let account = Account {
        id: id.clone(),
        version: 1,
        name: name.clone(),
        role: Role::Admin,
        password: Some(hash),
        factor: None,
        factor_required: false,
        disabled: false,
        invitation: None,
        delegated: None,
        places: Vec::new(),
        created_at: visit.app.0.clock.now().wall,
    };
    let (session, secret) = start::session(&visit.app, &id, Stage::Whole, &visit.headers, address)?;
    let actor = Actor { means: Means::Person, id, name, address };
    let change = PeopleChange::SetUp(Box::new(account), Box::new(session));
    visit.app.change(actor, change).await.map_err(|refused| visit.app.refused(refused))?;
    setup::spend(&visit.app);
    Ok(visit.enter("/admin/account", &secret))
}
