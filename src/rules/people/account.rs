//! Accounts and tokens: made, changed, taken away.

use super::{Scene, changed, effect, keep, words};
use crate::auth::random;
use crate::limits;
use crate::model::actor::Role;
use crate::model::command::{Done, Effect, Refused};
use crate::model::desk::{Drawer, Kept};
use crate::model::people::{Account, AccountEdit, Factor, Hidden, Invitation, Session, Token};

pub(super) fn password(scene: Scene<'_>, id: &str, hash: &Hidden, session: &Session) -> Result<Effect, Refused> {
    let mut account = changed(scene.account(id)?);
    account.password = Some(hash.clone());
    let row = scene.row("password.change", Some(id), None, Some("all other sessions ended".to_owned()));
    let gone = scene.sessions_but(id, None);
    Ok(effect(keep(account, session), gone, row, Done::Session(Box::new(session.clone()))))
}

pub(super) fn reset(scene: Scene<'_>, id: &str, hash: &Hidden) -> Result<Effect, Refused> {
    let before = scene.account(id)?;
    let mut account = changed(before);
    (account.password, account.factor, account.invitation) = (Some(hash.clone()), None, None);
    account.disabled = false;
    let mut effect = put(scene, "password.reset", Some(before), account);
    effect.gone = scene.sessions_but(id, None);
    Ok(effect)
}

pub(super) fn enrol(scene: Scene<'_>, id: &str, factor: &Factor) -> Result<Effect, Refused> {
    let before = scene.account(id)?;
    if before.factor.is_some() {
        return Err(Refused::Conflict("there is a second factor already; remove it first".to_owned()));
    }
    let mut account = changed(before);
    account.factor = Some(factor.clone());
    Ok(put(scene, "factor.enrol", Some(before), account))
}

pub(super) fn drop_factor(scene: Scene<'_>, id: &str) -> Result<Effect, Refused> {
    let before = scene.account(id)?;
    if before.factor.is_none() {
        return Err(Refused::Conflict("there is no second factor".to_owned()));
    }
    let mut account = changed(before);
    account.factor = None;
    Ok(put(scene, "factor.remove", Some(before), account))
}

pub(super) fn recovery(scene: Scene<'_>, id: &str, digests: &[String]) -> Result<Effect, Refused> {
    let before = scene.account(id)?;
    let mut account = changed(before);
    match &mut account.factor {
        Some(factor) => factor.recovery = digests.to_vec(),
        None => return Err(Refused::Conflict("there is no second factor".to_owned())),
    }
    Ok(put(scene, "factor.recovery", Some(before), account))
}

pub(super) fn invite(scene: Scene<'_>, account: &Account) -> Result<Effect, Refused> {
    if scene.people.named(&account.name).is_some() {
        return Err(Refused::Invalid { field: "name", problem: "is taken; choose another".to_owned() });
    }
    if scene.people.accounts.len() >= limits::ACCOUNTS {
        return Err(Refused::Conflict("there are as many accounts as there may be".to_owned()));
    }
    Ok(put(scene, "account.invite", None, account.clone()))
}

pub(super) fn reinvite(scene: Scene<'_>, id: &str, invitation: &Invitation) -> Result<Effect, Refused> {
    let before = scene.account(id)?;
    let mut account = changed(before);
    account.invitation = Some(invitation.clone());
    Ok(put(scene, "account.invite", Some(before), account))
}

pub(super) fn join(
    scene: Scene<'_>,
    id: &str,
    code: &str,
    hash: &Hidden,
    session: &Session,
) -> Result<Effect, Refused> {
    let before = scene.account(id)?;
    let good = |one: &Invitation| scene.now < one.until && random::same(&one.digest, code);
    if before.disabled || !before.invitation.as_ref().is_some_and(good) {
        return Err(Refused::NotFound("invitation"));
    }
    let mut account = changed(before);
    (account.invitation, account.password) = (None, Some(hash.clone()));
    account.places.extend(session.address);
    let row = scene.row("account.join", Some(id), None, Some(words(&account)));
    let gone = scene.sessions_but(id, None);
    Ok(effect(keep(account, session), gone, row, Done::Session(Box::new(session.clone()))))
}

pub(super) fn update(scene: Scene<'_>, id: &str, version: Option<u64>, edit: &AccountEdit) -> Result<Effect, Refused> {
    let before = scene.account(id)?;
    if version.is_some_and(|version| version != before.version) {
        return Err(Refused::Outdated { current: before.version });
    }
    let mut account = changed(before);
    account.role = edit.role.unwrap_or(account.role);
    account.disabled = edit.disabled.unwrap_or(account.disabled);
    account.factor_required = edit.factor_required.unwrap_or(account.factor_required);
    let others = scene.people.accounts.values().filter(|one| one.id != id);
    if is_admin(before) && !is_admin(&account) && !others.into_iter().any(is_admin) {
        return Err(Refused::Conflict(
            "nobody would be left who may admit people; make somebody else admin first".into(),
        ));
    }
    let disabled = account.disabled;
    let mut effect = put(scene, "account.change", Some(before), account);
    if disabled {
        effect.gone = scene.sessions_but(id, None);
    }
    Ok(effect)
}

/// True for somebody who can admit people now.
fn is_admin(account: &Account) -> bool {
    let can_sign_in = account.password.is_some() || account.delegated.is_some();
    account.role == Role::Admin && !account.disabled && can_sign_in
}

pub(super) fn add_token(scene: Scene<'_>, token: &Token) -> Result<Effect, Refused> {
    if scene.people.tokens.len() >= limits::TOKENS {
        return Err(Refused::Conflict("there are as many tokens as there may be; revoke some".to_owned()));
    }
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let after = format!("{} ({}…): {}", token.name, token.prefix, scopes.join(" "));
    let row = scene.row("token.create", Some(&token.id), None, Some(after));
    let token = Box::new(token.clone());
    Ok(effect(vec![Kept::Token(token.clone())], Vec::new(), row, Done::Token(token)))
}

pub(super) fn revoke_token(scene: Scene<'_>, id: &str) -> Result<Effect, Refused> {
    let token = scene.people.tokens.get(id).ok_or(Refused::NotFound("token"))?;
    let before = format!("{} ({}…)", token.name, token.prefix);
    let row = scene.row("token.revoke", Some(id), Some(before), None);
    Ok(effect(Vec::new(), vec![(Drawer::Token, id.to_owned())], row, Done::Gone))
}

fn put(scene: Scene<'_>, action: &'static str, before: Option<&Account>, account: Account) -> Effect {
    let row = scene.row(action, Some(&account.id), before.map(words), Some(words(&account)));
    let account = Box::new(account);
    effect(vec![Kept::Account(account.clone())], Vec::new(), row, Done::Account(account))
}
