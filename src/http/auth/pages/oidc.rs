//! Signing in through an identity provider.

use axum::response::Response;

use super::super::super::error::Fail;
use super::super::{Visit, start};
use super::sign_in;
use crate::auth::{place, random};
use crate::model::actor::{Actor, Means};
use crate::model::command::{Done, Refused};
use crate::model::people::{Account, PeopleChange, Stage};
use crate::model::signon::Oidc;
use crate::oidc::Identity;

const CALLBACK: &str = "/admin/oidc/callback";

fn configured(visit: &Visit) -> Result<Oidc, Fail> {
    visit.app.sign_on().oidc.clone().ok_or(Fail::NotFound("page"))
}

/// Sends somebody to the provider.
pub(super) async fn start(visit: Visit) -> Result<Response, Fail> {
    let oidc = configured(&visit)?;
    let to = place::local(visit.query("to")).unwrap_or_default();
    let back = visit.here(CALLBACK);
    match visit.app.0.auth.provider.start(&oidc, visit.browser(), &back, to).await {
        Ok(url) => Ok(visit.go_marked(url.as_str())),
        Err(error) => {
            tracing::warn!(%error, "nobody can be sent to the identity provider");
            sign_in::told(&visit, "The identity provider cannot be reached. Try again soon.")
        }
    }
}

/// Takes in somebody who comes back.
pub(super) async fn callback(visit: Visit) -> Result<Response, Fail> {
    let oidc = configured(&visit)?;
    let (state, code) = (visit.query("state"), visit.query("code"));
    if code.is_empty() {
        return refuse(&visit, "the provider did not sign them in").await;
    }
    let back = visit.here(CALLBACK);
    let (who, to) = match visit.app.0.auth.provider.finish(&oidc, visit.browser(), &back, state, code).await {
        Ok(proven) => proven,
        Err(error) => {
            tracing::warn!(target: crate::telemetry::trace::PRIVATE, %error, "somebody came back from the identity provider and is not signed in");
            return refuse(&visit, "the provider’s word is not proven").await;
        }
    };
    let Some(role) = oidc.roles.of(who.groups.iter().map(String::as_str)) else {
        return refuse(&visit, &format!("{} is in no group that may sign in", who.name)).await;
    };
    let address = visit.caller.address();
    let account = account(&visit, who, role)?;
    let (session, secret) = start::session(&visit.app, &account.id, Stage::Whole, &visit.headers, address)?;
    let actor = Actor { means: Means::Person, id: account.id.clone(), name: account.name.clone(), address };
    let change = PeopleChange::Delegate(Box::new(account), Box::new(session));
    match visit.app.change(actor, change).await {
        Ok(Done::Session(_)) => Ok(visit.enter(place::local(&to).unwrap_or("/admin"), &secret)),
        Ok(_) => Err(Fail::Internal),
        Err(Refused::Conflict(why)) => refuse(&visit, &why).await,
        Err(Refused::NotFound(_)) => refuse(&visit, "the account is disabled").await,
        Err(refused) => Err(visit.app.refused(refused)),
    }
}

/// The account of somebody, or a new one for whoever comes the first time.
fn account(visit: &Visit, who: Identity, role: crate::model::actor::Role) -> Result<Account, Fail> {
    let people = visit.app.people();
    let known = people.accounts.values().find(|account| account.delegated.as_deref() == Some(&who.subject));
    if let Some(known) = known {
        return Ok(Account { name: who.name, role, ..known.clone() });
    }
    Ok(Account {
        id: random::id().map_err(start::no_random)?,
        version: 1,
        name: who.name,
        role,
        password: None,
        factor: None,
        factor_required: false,
        disabled: false,
        invitation: None,
        delegated: Some(who.subject),
        places: Vec::new(),
        created_at: visit.app.0.clock.now().wall,
    })
}

async fn refuse(visit: &Visit, why: &str) -> Result<Response, Fail> {
    start::failed(&visit.app, None, visit.caller.address(), why).await?;
    sign_in::told(visit, &format!("You are not signed in: {why}."))
}
