//! The pages on which people sign in and see to accounts and tokens.

mod account;
mod audit;
mod factor;
mod join;
mod oidc;
pub(in crate::http) mod people;
mod set_up;
mod sign_in;
pub(in crate::http) mod tokens;

use super::{Access, Routes};
use crate::model::actor::Role;

const ADMIN: Access = Access::Person(Role::Admin);

/// All of them.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes
        .get("/admin/setup", Access::Door, set_up::show)
        .post("/admin/setup", Access::Door, set_up::make)
        .get("/admin/sign-in", Access::Door, sign_in::show)
        .post("/admin/sign-in", Access::Door, sign_in::password)
        .get("/admin/sign-in/code", Access::Door, sign_in::show_code)
        .post("/admin/sign-in/code", Access::Door, sign_in::code)
        .post("/admin/sign-out", Access::Own, sign_in::out)
        .get("/admin/oidc/start", Access::Door, oidc::start)
        .get("/admin/oidc/callback", Access::Door, oidc::callback)
        .get("/admin/join", Access::Door, join::show)
        .post("/admin/join", Access::Door, join::join)
        .get("/admin/account", Access::Own, account::show)
        .post("/admin/account/password", Access::Own, account::password)
        .post("/admin/account/sessions/end", Access::Own, account::end)
        .get("/admin/account/factor", Access::Own, factor::show)
        .post("/admin/account/factor", Access::Own, factor::enrol)
        .post("/admin/account/factor/remove", Access::Own, factor::remove)
        .post("/admin/account/recovery", Access::Own, factor::recovery)
        .get("/admin/people", ADMIN, people::show)
        .post("/admin/people", ADMIN, people::invite)
        .post("/admin/people/{id}", ADMIN, people::update)
        .post("/admin/people/{id}/invite", ADMIN, people::again)
        .post("/admin/people/{id}/sessions/end", ADMIN, people::end)
        .post("/admin/people/{id}/factor/remove", ADMIN, people::drop_factor)
        .get("/admin/tokens", ADMIN, tokens::show)
        .post("/admin/tokens", ADMIN, tokens::make)
        .post("/admin/tokens/{id}/revoke", ADMIN, tokens::revoke)
        .get("/admin/audit", ADMIN, audit::show)
        .get("/admin/audit.csv", ADMIN, audit::csv)
        .get("/admin/audit.json", ADMIN, audit::json)
}

/// What is wrong with a password that was chosen, typed twice; empty where nothing is.
fn faults(password: &str, again: &str, name: &str) -> (String, String) {
    let chosen = crate::auth::password::check(password, name);
    let chosen = chosen.err().map(|weak| weak.to_string()).unwrap_or_default();
    let again = if password == again { "" } else { "is not the same; type it again" };
    (chosen, again.to_owned())
}

/// A name to sign in with, as it is kept; `Err` says what is wrong with it.
pub(super) fn account_name(typed: &str) -> Result<String, &'static str> {
    let name = typed.trim().to_lowercase();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+');
    if name.is_empty() || !name.chars().all(good) {
        return Err("takes letters, digits and . - _ @ +");
    }
    if name.chars().count() > crate::limits::ACCOUNT_NAME {
        return Err("is too long");
    }
    Ok(name)
}
