//! Signing in and out: attempts, throttles, sessions.

use jiff::Timestamp;

use super::{Scene, changed, effect, keep, words};
use crate::auth::throttle;
use crate::limits;
use crate::model::command::{Done, Effect, Refused};
use crate::model::desk::{Drawer, Kept};
use crate::model::people::{Account, Ending, Hidden, Proof, Session, SignIn, Stage};

pub(super) fn set_up(scene: Scene<'_>, account: &Account, session: &Session) -> Result<Effect, Refused> {
    if !scene.people.accounts.is_empty() {
        return Err(Refused::NotFound("page"));
    }
    let mut account = account.clone();
    account.places = session.address.into_iter().collect();
    let row = scene.row("account.set_up", Some(&account.id), None, Some(words(&account)));
    Ok(effect(keep(account, session), Vec::new(), row, Done::Session(Box::new(session.clone()))))
}

/// Counted before it is heard, so that a thousand at once are no more than five.
pub(super) fn attempt(scene: Scene<'_>, keys: &[String]) -> Result<Effect, Refused> {
    let throttles = &scene.people.throttles;
    if let Some(until) = throttle::held_until(scene.people, keys, scene.now) {
        return Err(Refused::Held { until });
    }
    let counted = keys.iter().map(|key| Kept::Throttle(throttle::failed(throttles.get(key), key, scene.now))).collect();
    let mut others: Vec<_> = throttles.values().filter(|one| !keys.contains(&one.key)).collect();
    others.sort_by_key(|one| std::cmp::Reverse(one.at));
    let room = limits::THROTTLES.saturating_sub(keys.len());
    let old = others.iter().enumerate().filter(|(at, one)| *at >= room || throttle::is_forgotten(one, scene.now));
    let gone = old.map(|(_, one)| (Drawer::Throttle, one.key.clone())).collect();
    Ok(scene.unlogged(counted, gone, Done::Gone))
}

pub(super) fn failed(scene: Scene<'_>, account: Option<&str>, why: &str) -> Effect {
    let row = scene.row("sign_in.failed", account, None, Some(why.to_owned()));
    effect(Vec::new(), Vec::new(), row, Done::Gone)
}

pub(super) fn half(scene: Scene<'_>, session: &Session, against: &Hidden) -> Result<Effect, Refused> {
    let account = scene.account(&session.account)?;
    if account.disabled || account.password.as_ref() != Some(against) {
        return Err(Refused::NotFound("account"));
    }
    let kept = vec![Kept::Session(Box::new(session.clone()))];
    Ok(scene.unlogged(kept, scene.ended().collect(), Done::Session(Box::new(session.clone()))))
}

pub(super) fn sign_in(scene: Scene<'_>, sign_in: &SignIn) -> Result<Effect, Refused> {
    let before = scene.account(&sign_in.account)?;
    let half = sign_in.half.as_ref().and_then(|id| scene.people.sessions.get(id));
    let half_way = half.is_some_and(|one| one.account == before.id && one.stage == Stage::Half);
    let right = match &sign_in.against {
        Some(against) => before.password.as_ref() == Some(against),
        None => half_way,
    };
    if before.disabled || !right {
        return Err(Refused::NotFound("account"));
    }
    let mut account = changed(before);
    match (&mut account.factor, &sign_in.proof) {
        (None, Proof::None) => {}
        (Some(factor), Proof::Code(step)) if *step > factor.used_step => factor.used_step = *step,
        (Some(factor), Proof::Recovery(digest)) if factor.recovery.contains(digest) => {
            factor.recovery.retain(|left| left != digest);
        }
        _ => return Err(Refused::Conflict("this code was used already".to_owned())),
    }
    if let Some(hash) = &sign_in.rehashed {
        account.password = Some(hash.clone());
    }
    let how = match sign_in.proof {
        Proof::None => "by password",
        Proof::Code(_) => "by password and code",
        Proof::Recovery(_) => "by password and recovery code",
    };
    let row = scene.row("sign_in", Some(&account.id), None, Some(how.to_owned()));
    let cleared = sign_in.cleared.iter().map(|key| (Drawer::Throttle, key.clone()));
    let gone = sign_in.half.iter().map(|id| (Drawer::Session, id.clone())).chain(cleared);
    let gone = gone.chain(scene.ended()).chain(surplus(scene, &account.id)).collect();
    at_home(&mut account, &sign_in.session);
    let done = Done::Session(Box::new(sign_in.session.clone()));
    Ok(effect(keep(account, &sign_in.session), gone, row, done))
}

/// The oldest sessions of an account that has too many.
fn surplus(scene: Scene<'_>, account: &str) -> Vec<(Drawer, String)> {
    let mut ours: Vec<_> = scene.people.sessions.values().filter(|one| one.account == account).collect();
    ours.sort_by_key(|one| std::cmp::Reverse(one.seen_at));
    let old = ours.into_iter().skip(limits::SESSIONS.saturating_sub(1));
    old.map(|one| (Drawer::Session, one.id.clone())).collect()
}

fn at_home(account: &mut Account, session: &Session) {
    let Some(address) = session.address else { return };
    account.places.retain(|place| *place != address);
    account.places.insert(0, address);
    account.places.truncate(limits::PLACES);
}

/// The account of somebody whom the identity provider vouches for: made anew, or with the role that it gives now.
pub(super) fn delegate(scene: Scene<'_>, said: &Account, session: &Session) -> Result<Effect, Refused> {
    let known = scene.people.accounts.values().find(|one| one.delegated.is_some() && one.delegated == said.delegated);
    let other = scene.people.named(&said.name).filter(|one| known.is_none_or(|known| known.id != one.id));
    if other.is_some() {
        return Err(Refused::Conflict("another account has this name".to_owned()));
    }
    let mut account = match known {
        Some(known) if known.disabled => return Err(Refused::NotFound("account")),
        Some(known) => changed(known),
        None if scene.people.accounts.len() >= limits::ACCOUNTS => {
            return Err(Refused::Conflict("there are as many accounts as there may be".to_owned()));
        }
        None => said.clone(),
    };
    (account.name, account.role) = (said.name.clone(), said.role);
    at_home(&mut account, session);
    let mut session = session.clone();
    session.account = account.id.clone();
    let before = known.map(words);
    let row = scene.row("sign_in", Some(&account.id), before, Some(format!("{}, by the provider", words(&account))));
    let gone = scene.ended().chain(surplus(scene, &account.id)).collect();
    let kept = keep(account, &session);
    Ok(effect(kept, gone, row, Done::Session(Box::new(session))))
}

pub(super) fn sign_out(scene: Scene<'_>, session: &str) -> Result<Effect, Refused> {
    let session = scene.people.sessions.get(session).ok_or(Refused::NotFound("session"))?;
    let row = scene.row("sign_out", Some(&session.account), None, None);
    Ok(effect(Vec::new(), vec![(Drawer::Session, session.id.clone())], row, Done::Gone))
}

pub(super) fn touch(scene: Scene<'_>, at: Timestamp, sessions: &[String], tokens: &[String]) -> Effect {
    let sessions = sessions.iter().filter_map(|id| scene.people.sessions.get(id)).map(|one| {
        let mut one = one.clone();
        one.seen_at = one.seen_at.max(at);
        Kept::Session(Box::new(one))
    });
    let tokens = tokens.iter().filter_map(|id| scene.people.tokens.get(id)).map(|one| {
        let mut one = one.clone();
        one.used_at = one.used_at.max(Some(at));
        Kept::Token(Box::new(one))
    });
    scene.unlogged(sessions.chain(tokens).collect(), Vec::new(), Done::Gone)
}

pub(super) fn end(scene: Scene<'_>, account: &str, ending: &Ending) -> Result<Effect, Refused> {
    let account = scene.account(account)?;
    let gone = match ending {
        Ending::All => scene.sessions_but(&account.id, None),
        Ending::Others(but) => scene.sessions_but(&account.id, Some(but)),
        Ending::One(id) => {
            let one = scene.people.sessions.get(id).filter(|one| one.account == account.id);
            vec![(Drawer::Session, one.ok_or(Refused::NotFound("session"))?.id.clone())]
        }
    };
    let after = format!("{} ended", gone.len());
    let row = scene.row("session.end", Some(&account.id), None, Some(after));
    Ok(effect(Vec::new(), gone, row, Done::Gone))
}
