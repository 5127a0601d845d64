//! Signing in by name and password, then by a second factor where there is one; and out.

use axum::response::Response;
use serde::Serialize;

use super::super::super::error::Fail;
use super::super::{Fields, Visit, hashing, start};
use crate::auth::{code, password, place, valid};
use crate::model::actor::{Actor, Means};
use crate::model::command::Refused;
use crate::model::people::{Account, Hidden, PeopleChange, Proof, Session, SignIn, Stage};

const PAGE: &str = "admin/sign-in.html";
const CODE: &str = "admin/code.html";
/// Where people are led who came from nowhere.
const HOME: &str = "/admin";
/// Whether the account is not there, has no password, is disabled, or the password is wrong: nobody learns which.
const WRONG: &str = "Name or password is wrong.";

#[derive(Debug, Default, Serialize)]
struct View {
    to: String,
    name: String,
    passwords: bool,
    provider: Option<String>,
}

fn view(visit: &Visit, to: &str, name: &str) -> View {
    let sign_on = visit.app.sign_on();
    View {
        to: place::local(to).unwrap_or_default().to_owned(),
        name: name.to_owned(),
        passwords: sign_on.passwords,
        provider: sign_on.oidc.as_ref().map(|oidc| oidc.name.clone()),
    }
}

fn home(to: &str) -> &str {
    place::local(to).unwrap_or(HOME)
}

/// The page once more, with what went wrong elsewhere.
pub(super) fn told(visit: &Visit, wrong: &str) -> Result<Response, Fail> {
    visit.wrong(PAGE, wrong, &view(visit, visit.query("to"), ""))
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    if visit.caller.person().is_some() {
        return Ok(visit.go(home(visit.query("to"))));
    }
    visit.show(PAGE, &view(&visit, visit.query("to"), ""))
}

pub(super) async fn password(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let app = &visit.app;
    if !app.sign_on().passwords {
        return Err(Fail::NotFound("page"));
    }
    let typed = fields.get("name").trim().to_lowercase();
    let address = visit.caller.address();
    let account = app.people().named(&typed).cloned();
    let keys = start::attempt(app, &typed, account.as_ref(), address).await?;
    let able = account.as_ref().filter(|account| !account.disabled);
    let hash = able.and_then(|account| account.password.clone());
    let right = hashing::verify(app, fields.get("password").to_owned(), hash.clone()).await?;
    let (Some(account), Some(hash), true) = (able, hash, right) else {
        start::failed(app, account.as_ref(), address, "name or password is wrong").await?;
        return visit.wrong(PAGE, WRONG, &view(&visit, fields.get("to"), fields.get("name")));
    };
    if account.factor.is_some() {
        let (session, secret) = start::session(app, &account.id, Stage::Half, &visit.headers, address)?;
        let change = PeopleChange::Half(Box::new(session), hash);
        app.change(actor(account, &visit), change).await.map_err(|refused| app.refused(refused))?;
        let to: String = url::form_urlencoded::byte_serialize(fields.get("to").as_bytes()).collect();
        return Ok(visit.enter(&format!("/admin/sign-in/code?to={to}"), &secret));
    }
    let rehashed = match password::is_outdated(hash.reveal()) {
        true => Some(hashing::hash(app, fields.get("password").to_owned()).await?),
        false => None,
    };
    let (session, secret) = start::session(app, &account.id, Stage::Whole, &visit.headers, address)?;
    let proof = (Some(hash), Proof::None);
    enter(&visit, account, Entering { session, half: None, proof, rehashed, cleared: keys }, &secret, fields.get("to"))
        .await
}

struct Entering {
    session: Session,
    half: Option<String>,
    proof: (Option<Hidden>, Proof),
    rehashed: Option<Hidden>,
    cleared: Vec<String>,
}

async fn enter(visit: &Visit, account: &Account, by: Entering, secret: &str, to: &str) -> Result<Response, Fail> {
    let Entering { session, half, proof: (against, proof), rehashed, cleared } = by;
    let sign_in = SignIn { account: account.id.clone(), session, half, against, proof, rehashed, cleared };
    match visit.app.change(actor(account, visit), PeopleChange::SignIn(Box::new(sign_in))).await {
        Ok(_) => Ok(visit.enter(home(to), secret)),
        // The account or its factor changed in between.
        Err(Refused::NotFound(_) | Refused::Conflict(_)) => {
            start::failed(&visit.app, Some(account), visit.caller.address(), "changed meanwhile, or a used code")
                .await?;
            visit.wrong(PAGE, WRONG, &view(visit, to, ""))
        }
        Err(refused) => Err(visit.app.refused(refused)),
    }
}

fn actor(account: &Account, visit: &Visit) -> Actor {
    let address = visit.caller.address();
    Actor { means: Means::Person, id: account.id.clone(), name: account.name.clone(), address }
}

#[derive(Debug, Serialize)]
struct CodeView {
    to: String,
}

/// Whoever has come half way.
fn half(visit: &Visit) -> Option<(Session, Account)> {
    let people = visit.app.people();
    let now = visit.app.0.clock.now().wall;
    let cookie = visit.session_cookie()?;
    let (session, account) = valid::session(&people, &cookie, now)?;
    (session.stage == Stage::Half).then(|| (session.clone(), account.clone()))
}

pub(super) async fn show_code(visit: Visit) -> Result<Response, Fail> {
    if half(&visit).is_none() {
        return Ok(visit.go("/admin/sign-in"));
    }
    let to = place::local(visit.query("to")).unwrap_or_default().to_owned();
    visit.show(CODE, &CodeView { to })
}

pub(super) async fn code(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let Some((half, account)) = half(&visit) else { return Ok(visit.go("/admin/sign-in")) };
    let (app, address) = (&visit.app, visit.caller.address());
    let keys = start::attempt(app, &account.name, Some(&account), address).await?;
    let proof = account.factor.as_ref().and_then(|factor| {
        let typed = fields.get("code");
        let step = code::step(factor.secret.reveal(), typed, app.0.clock.now().wall, factor.used_step);
        let digest = code::recovery_digest(typed);
        step.map(Proof::Code).or_else(|| factor.recovery.contains(&digest).then_some(Proof::Recovery(digest)))
    });
    let Some(proof) = proof else {
        start::failed(app, Some(&account), address, "the code is wrong or was used").await?;
        let to = place::local(fields.get("to")).unwrap_or_default().to_owned();
        return visit.wrong(CODE, "The code is wrong, or was used already. Wait for the next one.", &CodeView { to });
    };
    let (session, secret) = start::session(app, &account.id, Stage::Whole, &visit.headers, address)?;
    let by = Entering { session, half: Some(half.id), proof: (None, proof), rehashed: None, cleared: keys };
    enter(&visit, &account, by, &secret, fields.get("to")).await
}

#[derive(Debug, Serialize)]
struct SignedOut {
    provider: String,
    href: String,
}

pub(super) async fn out(visit: Visit) -> Result<Response, Fail> {
    let delegated = visit.app.people().accounts.get(&visit.person()?.id).is_some_and(|one| one.delegated.is_some());
    if let Some(session) = visit.person()?.session.clone() {
        let change = PeopleChange::SignOut(session);
        visit.change(change).await?;
    }
    let here = visit.here("/admin/sign-in?said=signed-out");
    let sign_on = visit.app.sign_on();
    let provider = sign_on.oidc.as_ref().filter(|_| delegated);
    let there = provider.and_then(|oidc| Some((oidc, visit.app.0.auth.provider.end_session(oidc, &here)?)));
    Ok(match there {
        // A form may lead to no other site: the way there is a link.
        Some((oidc, url)) => {
            let view = SignedOut { provider: oidc.name.clone(), href: url.into() };
            visit.leave(visit.show_to_nobody("admin/signed-out.html", &view)?)
        }
        None => visit.leave(visit.go("/admin/sign-in?said=signed-out")),
    })
}
