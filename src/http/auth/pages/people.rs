//! Who may sign in: invited, given a role, shut out.

use axum::extract::Path;
use axum::response::Response;
use jiff::SignedDuration;
use serde::Serialize;

use super::super::super::App;
use super::super::super::error::Fail;
use super::super::{Caller, Fields, Visit, start};
use super::factor::Once;
use crate::auth::{random, valid};
use crate::limits;
use crate::model::actor::Role;
use crate::model::command::Refused;
use crate::model::people::{Account, AccountEdit, Ending, Invitation, PeopleChange, Stage};
use crate::render::{Choice, Time, time};

const PAGE: &str = "admin/people.html";
const ONCE: &str = "admin/once.html";

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Row>,
    roles: Vec<Choice>,
    passwords: bool,
    name: String,
    name_error: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    version: u64,
    name: String,
    role: &'static str,
    disabled: bool,
    factor: bool,
    factor_required: bool,
    invited: bool,
    delegated: bool,
    me: bool,
    sessions: usize,
    since: Time,
}

fn roles() -> Vec<Choice> {
    let label = |role| match role {
        Role::Viewer => "Viewer: reads what is private",
        Role::Operator => "Operator: declares and judges as well",
        Role::Admin => "Admin: people, tokens and settings as well",
    };
    Role::ALL.into_iter().map(|role| Choice { value: role.as_str(), label: label(role) }).collect()
}

fn view(visit: &Visit) -> View {
    let (people, now) = (visit.app.people(), visit.app.0.clock.now().wall);
    let me = visit.caller.person().map(|person| person.id.clone()).unwrap_or_default();
    let mut accounts: Vec<&Account> = people.accounts.values().collect();
    accounts.sort_by(|a, b| a.name.cmp(&b.name));
    let sessions = |id: &str| {
        let whole = people.sessions.values().filter(|one| one.account == id && one.stage == Stage::Whole);
        whole.filter(|one| valid::is_alive(one, now)).count()
    };
    let rows = accounts.into_iter().map(|account| Row {
        id: account.id.clone(),
        version: account.version,
        name: account.name.clone(),
        role: account.role.as_str(),
        disabled: account.disabled,
        factor: account.factor.is_some(),
        factor_required: account.factor_required,
        invited: account.invitation.as_ref().is_some_and(|one| now < one.until),
        delegated: account.delegated.is_some(),
        me: account.id == me,
        sessions: sessions(&account.id),
        since: time(account.created_at),
    });
    let passwords = visit.app.sign_on().passwords;
    View { rows: rows.collect(), roles: roles(), passwords, name: String::new(), name_error: String::new() }
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    visit.show(PAGE, &view(&visit))
}

pub(super) async fn invite(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let made = match (super::account_name(fields.get("name")), Role::from_word(fields.get("role"))) {
        (Ok(name), Some(role)) => make(&visit.app, &visit.caller, name, role, fields.is_set("factor_required")).await,
        (Err(problem), _) => Err(Fail::Parameter { name: "name", problem: problem.to_owned() }),
        (_, None) => Err(Fail::Parameter { name: "role", problem: "is none".to_owned() }),
    };
    match made {
        Ok((name, code)) => link(&visit, &name, &code),
        Err(Fail::Parameter { name: "name", problem } | Fail::Refused(Refused::Invalid { problem, .. })) => {
            let view = View { name: fields.get("name").to_owned(), name_error: problem, ..view(&visit) };
            visit.wrong(PAGE, "Nobody was invited: see below.", &view)
        }
        Err(fail) => Err(fail),
    }
}

/// Makes the account of somebody who is invited, and the code that they join by.
pub(in crate::http) async fn make(
    app: &App,
    caller: &Caller,
    name: String,
    role: Role,
    factor_required: bool,
) -> Result<(String, String), Fail> {
    let (invitation, code) = invitation(app)?;
    let account = Account {
        id: random::id().map_err(start::no_random)?,
        version: 1,
        name: name.clone(),
        role,
        password: None,
        factor: None,
        factor_required,
        disabled: false,
        invitation: Some(invitation),
        delegated: None,
        places: Vec::new(),
        created_at: app.0.clock.now().wall,
    };
    let change = PeopleChange::Invite(Box::new(account));
    app.change(caller.actor(), change).await.map_err(|refused| app.refused(refused))?;
    Ok((name, code))
}

fn invitation(app: &App) -> Result<(Invitation, String), Fail> {
    if !app.sign_on().passwords {
        return Err(Refused::Conflict("nobody signs in by password here: the provider says who may".to_owned()).into());
    }
    let code = start::secret()?;
    let now = app.0.clock.now().wall;
    let good_for = SignedDuration::try_from(limits::INVITATION).unwrap_or_default();
    let until = now.saturating_add(good_for).unwrap_or(now);
    Ok((Invitation { digest: random::digest(&code), until }, code))
}

fn link(visit: &Visit, name: &str, code: &str) -> Result<Response, Fail> {
    let text = format!(
        "Give this link to {name} on a way that nobody else reads. It works once, within {} hours, and is not shown again.",
        limits::INVITATION.as_secs() / 3_600
    );
    let lines = vec![visit.here(&format!("/admin/join?code={code}"))];
    visit.show(ONCE, &Once { title: "The link to join by", text, lines, back: "/admin/people" })
}

pub(super) async fn again(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let name = visit.app.people().accounts.get(&id).map(|account| account.name.clone());
    let name = name.ok_or(Fail::NotFound("account"))?;
    let (invitation, code) = invitation(&visit.app)?;
    visit.change(PeopleChange::Reinvite(id, invitation)).await?;
    link(&visit, &name, &code)
}

pub(super) async fn update(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let edit = AccountEdit {
        role: Role::from_word(fields.get("role")),
        disabled: Some(fields.is_set("disabled")),
        factor_required: Some(fields.is_set("factor_required")),
    };
    let version = fields.get("version").parse().ok();
    match visit.change(PeopleChange::Update(id, version, edit)).await {
        Err(Fail::Refused(Refused::Conflict(problem))) => {
            visit.wrong(PAGE, &format!("Nothing was changed: {problem}."), &view(&visit))
        }
        other => other.map(|_| visit.go("/admin/people?said=changed")),
    }
}

pub(super) async fn end(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    visit.change(PeopleChange::End(id, Ending::All)).await?;
    Ok(visit.go("/admin/people?said=sessions-ended"))
}

pub(super) async fn drop_factor(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    visit.change(PeopleChange::DropFactor(id)).await?;
    Ok(visit.go("/admin/people?said=factor-removed"))
}
