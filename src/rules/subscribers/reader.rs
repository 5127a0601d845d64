//! What readers do themselves: sign up, say that it was them, change their mind, leave.

use std::sync::Arc;

use super::{BOUNCE, COMPLAINT, Purpose, Scene, asked, asked_lately, changed, holder, mailbox, question};
use crate::limits;
use crate::model::command::{Done, Effect, Refused};
use crate::model::desk::{Drawer, Kept};
use crate::model::subscriber::{Interest, Subscriber};

/// Whoever asks learns nothing of who is signed up: known or not, all are looked through, one record is written, and
/// the answer is the same.
pub(super) fn ask(scene: Scene<'_>, new: &Subscriber) -> Result<Effect, Refused> {
    let Some(address) = new.address() else {
        return Err(Refused::Invalid { field: "address", problem: "is none".to_owned() });
    };
    let ours = mailbox(address);
    let (mut known, mut lately, mut silent) = (None, 0_usize, None::<&Arc<Subscriber>>);
    for one in scene.all.values() {
        let theirs = one.address().unwrap_or_default();
        if theirs == address {
            known = Some(one);
        }
        if mailbox(theirs) == ours {
            lately = lately.saturating_add(asked_lately(one, scene.now));
        }
        if one.confirmed_at.is_none() && silent.is_none_or(|silent| asked(one) < asked(silent)) {
            silent = Some(one);
        }
    }
    let often = lately >= limits::ASKED_PER_HOUR;
    match known {
        // The disk does the same work all the same.
        Some(known) if often || known.suspended.is_some() => Ok(quiet(scene, Some(known))),
        Some(known) => Ok(asks(scene, Some(known), again(known, new, scene))),
        None if often => Ok(quiet(scene, None)),
        None if scene.all.len() < limits::SUBSCRIBERS => Ok(asks(scene, None, first(new, scene))),
        // Who waits longest for an answer makes room.
        None => Ok(silent.map_or_else(
            || quiet(scene, None),
            |silent| {
                let mut effect = asks(scene, None, first(new, scene));
                effect.gone.push((Drawer::Subscriber, silent.id.clone()));
                effect
            },
        )),
    }
}

fn first(new: &Subscriber, scene: Scene<'_>) -> Subscriber {
    let mut one = new.clone();
    (one.confirmed_at, one.suspended, one.proposed) = (None, None, None);
    one.asked_at = vec![scene.now];
    one
}

/// What is asked for in the name of somebody who is told already waits for their word.
fn again(known: &Subscriber, new: &Subscriber, scene: Scene<'_>) -> Subscriber {
    let mut one = changed(known);
    match one.confirmed_at {
        Some(_) => one.proposed = Some(new.interest()),
        None => (one.wants, one.digest) = (new.wants.clone(), new.digest),
    }
    question(&mut one, scene.now);
    one
}

fn asks(scene: Scene<'_>, before: Option<&Arc<Subscriber>>, one: Subscriber) -> Effect {
    let mut effect = scene.put("subscriber.ask", before.map(AsRef::as_ref), one);
    effect.questions = effect.audit.subject.iter().cloned().collect();
    effect.done = Done::Gone;
    effect
}

fn quiet(scene: Scene<'_>, known: Option<&Arc<Subscriber>>) -> Effect {
    let mut effect = scene.effect("subscriber.ask", None, Done::Gone);
    effect.kept.extend(known.cloned().map(Kept::Subscriber));
    effect.unlogged = true;
    effect
}

/// A link that counts no more, never did, or is for something else: all are answered the same.
const NO_LINK: Refused = Refused::NotFound("link");

pub(super) fn confirm(scene: Scene<'_>, token: &str) -> Result<Effect, Refused> {
    let known = holder(scene.all, token, Purpose::Confirm, scene.now).ok_or(NO_LINK)?;
    if known.confirmed_at.is_some() && known.proposed.is_none() {
        // Twice pressed.
        let mut effect = scene.effect("subscriber.confirm", Some(&known.id), Done::Subscriber(Arc::clone(known)));
        effect.unlogged = true;
        return Ok(effect);
    }
    let mut one = changed(known);
    if let Some(Interest { wants, digest }) = one.proposed.take() {
        (one.wants, one.digest) = (wants, digest);
    }
    one.confirmed_at = one.confirmed_at.or(Some(scene.now));
    Ok(scene.put("subscriber.confirm", Some(known), one))
}

pub(super) fn change(scene: Scene<'_>, token: &str, interest: &Interest) -> Result<Effect, Refused> {
    let known = holder(scene.all, token, Purpose::Manage, scene.now).ok_or(NO_LINK)?;
    let mut one = changed(known);
    (one.wants, one.digest) = (interest.wants.clone(), interest.digest);
    one.proposed = None;
    Ok(scene.put("subscriber.change", Some(known), one))
}

pub(super) fn restart(scene: Scene<'_>, token: &str) -> Result<Effect, Refused> {
    let known = holder(scene.all, token, Purpose::Manage, scene.now).ok_or(NO_LINK)?;
    let theirs = |why: &str| matches!(why, BOUNCE | COMPLAINT);
    if known.suspended.as_ref().is_some_and(|(_, why)| !theirs(why)) {
        return Err(Refused::Conflict("an admin stopped these messages, and only an admin starts them".to_owned()));
    }
    let mut one = changed(known);
    one.suspended = None;
    Ok(scene.put("subscriber.resume", Some(known), one))
}

pub(super) fn leave(scene: Scene<'_>, token: &str) -> Result<Effect, Refused> {
    let by = |purpose| holder(scene.all, token, purpose, scene.now);
    let known = by(Purpose::Leave).or_else(|| by(Purpose::Manage)).ok_or(NO_LINK)?;
    Ok(scene.take("subscriber.leave", known))
}
