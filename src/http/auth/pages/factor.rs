//! The second factor: set up, given recovery codes, removed.

use axum::response::Response;
use serde::Serialize;

use super::super::super::error::Fail;
use super::super::{Fields, Visit, start};
use super::account::{confirmed, own, view};
use crate::auth::code;
use crate::model::command::Refused;
use crate::model::people::{Factor, Hidden, PeopleChange};

const PAGE: &str = "admin/factor.html";
const ACCOUNT: &str = "admin/account.html";
const ONCE: &str = "admin/once.html";
/// The quiet zone that readers of QR codes need on each side.
const QUIET: usize = 4;

#[derive(Debug, Default, Serialize)]
struct View {
    must: bool,
    secret: String,
    spaced: String,
    uri: String,
    picture: Option<String>,
    size: usize,
    code_error: String,
}

/// Something that is shown once and then never again.
#[derive(Debug, Serialize)]
pub(super) struct Once {
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) lines: Vec<String>,
    pub(super) back: &'static str,
}

fn page(visit: &Visit, secret: String, name: &str) -> View {
    let site = visit.app.0.ready.load().snapshot.page.title.clone();
    let uri = code::uri(&secret, name, &site);
    let (width, picture) = code::picture(&uri).unzip();
    let letters: Vec<char> = secret.chars().collect();
    View {
        must: visit.caller.person().is_some_and(|person| person.must_enrol),
        spaced: letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" "),
        secret,
        uri,
        picture,
        size: width.unwrap_or_default().saturating_add(QUIET.saturating_mul(2)),
        code_error: String::new(),
    }
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    let account = own(&visit)?;
    if account.factor.is_some() || account.password.is_none() {
        return Ok(visit.go("/admin/account"));
    }
    let secret = code::secret().map_err(start::no_random)?;
    visit.show(PAGE, &page(&visit, secret, &account.name))
}

pub(super) async fn enrol(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let account = own(&visit)?;
    let secret = fields.get("secret").to_owned();
    if !code::is_secret(&secret) || account.password.is_none() {
        return Ok(visit.go("/admin/account/factor"));
    }
    let Some(step) = code::step(&secret, fields.get("code"), visit.app.0.clock.now().wall, 0) else {
        let view = page(&visit, secret, &account.name);
        let view = View { code_error: "is wrong; check the clock of your phone".to_owned(), ..view };
        return visit.wrong(PAGE, "There is no second factor yet: see below.", &view);
    };
    let (lines, recovery) = code::recovery().map_err(start::no_random)?.into_iter().unzip();
    let factor = Factor { secret: Hidden::new(secret), used_step: step, recovery };
    let change = PeopleChange::Enrol(account.id, Box::new(factor));
    visit.change(change).await?;
    visit.show(ONCE, &codes(lines))
}

fn codes(lines: Vec<String>) -> Once {
    Once {
        title: "Your recovery codes",
        text: "Each of them stands in for your phone once. They are not shown again: print them or put them into your \
               password manager."
            .to_owned(),
        lines,
        back: "/admin/account",
    }
}

pub(super) async fn recovery(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let account = own(&visit)?;
    if !confirmed(&visit, &account, fields.get("confirm")).await? {
        return wrong(&visit);
    }
    let (lines, digests) = code::recovery().map_err(start::no_random)?.into_iter().unzip();
    let change = PeopleChange::Recovery(account.id, digests);
    visit.change(change).await?;
    visit.show(ONCE, &codes(lines))
}

pub(super) async fn remove(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let account = own(&visit)?;
    if account.factor_required || visit.app.sign_on().second_factor {
        return Err(Refused::Conflict("a second factor is required here".to_owned()).into());
    }
    if !confirmed(&visit, &account, fields.get("confirm")).await? {
        return wrong(&visit);
    }
    let change = PeopleChange::DropFactor(account.id);
    visit.change(change).await?;
    Ok(visit.go("/admin/account?said=factor-removed"))
}

fn wrong(visit: &Visit) -> Result<Response, Fail> {
    let mut view = view(visit)?;
    view.confirm_error = "is wrong".to_owned();
    visit.wrong(ACCOUNT, "Nothing was changed: see below.", &view)
}
