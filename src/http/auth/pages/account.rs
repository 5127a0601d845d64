//! One's own account: password, second factor, sessions.

use axum::response::Response;
use serde::Serialize;

use super::super::super::error::Fail;
use super::super::{Fields, Visit, hashing, start};
use crate::auth::valid;
use crate::model::people::{Account, Ending, PeopleChange, Stage};
use crate::render::{Time, time};

const PAGE: &str = "admin/account.html";

#[derive(Debug, Default, Serialize)]
pub(super) struct View {
    own: bool,
    has_password: bool,
    factor: bool,
    factor_required: bool,
    recovery_left: usize,
    sessions: Vec<Row>,
    pub(super) current_error: String,
    pub(super) password_error: String,
    pub(super) again_error: String,
    pub(super) confirm_error: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    agent: String,
    address: String,
    since: Time,
    seen: Time,
    here: bool,
}

/// The account of whoever comes; those whom a proxy names have none here.
pub(super) fn own(visit: &Visit) -> Result<Account, Fail> {
    let person = visit.person()?;
    let account = person.session.as_ref().and_then(|_| visit.app.people().accounts.get(&person.id).cloned());
    account.ok_or(Fail::NotFound("account"))
}

pub(super) fn view(visit: &Visit) -> Result<View, Fail> {
    let Ok(account) = own(visit) else { return Ok(View::default()) };
    let here = visit.person()?.session.clone();
    let (people, now) = (visit.app.people(), visit.app.0.clock.now().wall);
    let alive = |session: &&crate::model::people::Session| {
        session.account == account.id && session.stage == Stage::Whole && valid::is_alive(session, now)
    };
    let mut sessions: Vec<_> = people.sessions.values().filter(alive).collect();
    sessions.sort_by_key(|session| std::cmp::Reverse(session.seen_at));
    let rows = sessions.into_iter().map(|session| Row {
        id: session.id.clone(),
        agent: if session.agent.is_empty() { "unknown".to_owned() } else { session.agent.clone() },
        address: session.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string()),
        since: time(session.created_at),
        seen: time(session.seen_at),
        here: here.as_ref() == Some(&session.id),
    });
    Ok(View {
        own: true,
        has_password: account.password.is_some(),
        factor: account.factor.is_some(),
        factor_required: account.factor_required || visit.app.sign_on().second_factor,
        recovery_left: account.factor.as_ref().map_or(0, |factor| factor.recovery.len()),
        sessions: rows.collect(),
        ..View::default()
    })
}

/// Whether the password is right that is asked for once more before something grave; throttled like signing in.
pub(super) async fn confirmed(visit: &Visit, account: &Account, password: &str) -> Result<bool, Fail> {
    let address = visit.caller.address();
    let keys = start::attempt(&visit.app, &account.name, Some(account), address).await?;
    let right = hashing::verify(&visit.app, password.to_owned(), account.password.clone()).await?;
    if right {
        visit.app.clear(keys).await;
    } else {
        start::failed(&visit.app, Some(account), address, "the password to confirm with is wrong").await?;
    }
    Ok(right)
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    let view = view(&visit)?;
    visit.show(PAGE, &view)
}

pub(super) async fn password(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let account = own(&visit)?;
    if account.password.is_none() {
        return Err(Fail::NotFound("password"));
    }
    let (password_error, again_error) = super::faults(fields.get("password"), fields.get("again"), &account.name);
    let mut view = View { password_error, again_error, ..view(&visit)? };
    if view.password_error.is_empty() && view.again_error.is_empty() {
        if confirmed(&visit, &account, fields.get("current")).await? {
            let hash = hashing::hash(&visit.app, fields.get("password").to_owned()).await?;
            let address = visit.caller.address();
            let (session, secret) = start::session(&visit.app, &account.id, Stage::Whole, &visit.headers, address)?;
            let change = PeopleChange::Password(account.id, hash, Box::new(session));
            visit.change(change).await?;
            return Ok(visit.enter("/admin/account?said=password", &secret));
        }
        view.current_error = "is wrong".to_owned();
    }
    visit.wrong(PAGE, "The password is as it was: see below.", &view)
}

pub(super) async fn end(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let account = own(&visit)?;
    let here = visit.person()?.session.clone().unwrap_or_default();
    let ending = match fields.get("session") {
        "others" => Ending::Others(here),
        one => Ending::One(one.to_owned()),
    };
    visit.change(PeopleChange::End(account.id, ending)).await?;
    Ok(visit.go("/admin/account?said=sessions-ended"))
}
