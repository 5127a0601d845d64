//! What admins do with the list: add, import, change, suspend, erase.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{ADMIN, BOUNCE, COMPLAINT, Scene, address, asked_lately, changed, mailbox, question};
use crate::limits;
use crate::model::command::{Done, Effect, Imported, Refused};
use crate::model::desk::{Drawer, Kept};
use crate::model::subscriber::{Interest, Reach, Subscriber};

/// Somebody new, with the first word about them: they are told at once, or are asked first. A tool is never asked.
fn new(scene: Scene<'_>, from: &Subscriber, vouched: bool) -> Subscriber {
    let mut one = from.clone();
    (one.confirmed_at, one.suspended, one.proposed) = (None, None, None);
    one.asked_at.clear();
    if vouched || one.address().is_none() {
        one.confirmed_at = Some(scene.now);
    } else {
        question(&mut one, scene.now);
    }
    one
}

pub(super) fn add(scene: Scene<'_>, from: &Subscriber, vouched: bool) -> Result<Effect, Refused> {
    let same = |one: &Arc<Subscriber>| match (&one.reach, &from.reach) {
        (Reach::Mail(a), Reach::Mail(b)) => a == b,
        (Reach::Webhook { url: a, .. }, Reach::Webhook { url: b, .. }) => a == b,
        _ => false,
    };
    if let Some(known) = scene.all.values().find(|one| same(one)) {
        return Err(Refused::Conflict(format!("it is subscribed already, as {}: change or erase that one", known.id)));
    }
    if scene.all.len() >= limits::SUBSCRIBERS {
        return Err(Refused::Conflict(format!("there are {} subscribers, and no more may be", limits::SUBSCRIBERS)));
    }
    let one = new(scene, from, vouched);
    let mut effect = scene.put("subscriber.add", one);
    if let (Done::Subscriber(one), Some(address)) = (&effect.done, from.address())
        && one.confirmed_at.is_none()
    {
        if lately(scene).get(&mailbox(address)).is_some_and(|asked| *asked >= limits::ASKED_PER_HOUR) {
            return Err(Refused::Conflict(format!(
                "this mailbox was asked {} times within the hour: try again later",
                limits::ASKED_PER_HOUR
            )));
        }
        effect.questions.push(one.id.clone());
    }
    Ok(effect)
}

/// How often each mailbox was asked within the last hour.
fn lately(scene: Scene<'_>) -> HashMap<String, usize> {
    let mut lately = HashMap::new();
    for one in scene.all.values() {
        let asked = asked_lately(one, scene.now);
        if let Some(address) = one.address().filter(|_| asked > 0) {
            let sum = lately.entry(mailbox(address)).or_insert(0_usize);
            *sum = sum.saturating_add(asked);
        }
    }
    lately
}

pub(super) fn import(scene: Scene<'_>, list: &[Subscriber], vouched: bool) -> Effect {
    let mut known: HashSet<&str> = scene.all.values().filter_map(|one| one.address()).collect();
    let mut lately = lately(scene);
    let mut effect = scene.effect("subscriber.import", None, Done::Gone);
    let mut told = Imported::default();
    for from in list {
        let Some(address) = from.address() else { continue };
        if known.contains(address) {
            told.known = told.known.saturating_add(1);
            continue;
        }
        let asked = lately.entry(mailbox(address)).or_insert(0);
        let often = !vouched && *asked >= limits::ASKED_PER_HOUR;
        if often || scene.all.len().saturating_add(told.added) >= limits::SUBSCRIBERS {
            told.left_out = told.left_out.saturating_add(1);
            continue;
        }
        known.insert(address);
        let one = new(scene, from, vouched);
        if !vouched {
            *asked = asked.saturating_add(1);
            effect.questions.push(one.id.clone());
        }
        told.added = told.added.saturating_add(1);
        effect.kept.push(Kept::Subscriber(Arc::new(one)));
    }
    let Imported { added, known, left_out } = told;
    let how = if vouched { "told at once" } else { "asked first" };
    effect.audit.after = Some(format!("{added} added, {how}; {known} known already; {left_out} left out"));
    effect.done = Done::Imported(told);
    effect
}

pub(super) fn update(scene: Scene<'_>, id: &str, version: Option<u64>, interest: &Interest) -> Result<Effect, Refused> {
    let known = find(scene, id)?;
    if version.is_some_and(|version| version != known.version) {
        return Err(Refused::Outdated { current: known.version });
    }
    let mut one = changed(known);
    (one.wants, one.digest) = (interest.wants.clone(), interest.digest);
    one.proposed = None;
    Ok(scene.put("subscriber.change", one))
}

fn find<'a>(scene: Scene<'a>, id: &str) -> Result<&'a Arc<Subscriber>, Refused> {
    scene.all.get(id).ok_or(Refused::NotFound("subscriber"))
}

/// Those of this id or this address. What a mail server says of an address may be in other letters.
fn named<'a>(scene: Scene<'a>, who: &str) -> Result<Vec<&'a Arc<Subscriber>>, Refused> {
    if let Some(one) = scene.all.get(who) {
        return Ok(vec![one]);
    }
    let who = address(who).map_err(|_| Refused::NotFound("subscriber"))?;
    let same = |one: &&Arc<Subscriber>| one.address().is_some_and(|address| address.eq_ignore_ascii_case(&who));
    let found: Vec<_> = scene.all.values().filter(same).collect();
    if found.is_empty() { Err(Refused::NotFound("subscriber")) } else { Ok(found) }
}

pub(super) fn suspend(scene: Scene<'_>, who: &str, why: &str) -> Result<Effect, Refused> {
    if !matches!(why, BOUNCE | COMPLAINT | ADMIN) {
        let problem = format!("is one of {BOUNCE}, {COMPLAINT}, {ADMIN}");
        return Err(Refused::Invalid { field: "reason", problem });
    }
    let found = named(scene, who)?;
    // Why it was first, stays: but that somebody complained outweighs that messages came back.
    let stays = |old: &str| old == why || why == BOUNCE;
    let suspended = |one: &Arc<Subscriber>| match &one.suspended {
        Some((_, old)) if stays(old) => one.as_ref().clone(),
        _ => Subscriber { suspended: Some((scene.now, why.to_owned())), ..changed(one) },
    };
    Ok(put_all(scene, "subscriber.suspend", found, suspended, Some(why)))
}

pub(super) fn resume(scene: Scene<'_>, who: &str) -> Result<Effect, Refused> {
    let found = named(scene, who)?;
    let resumed = |one: &Arc<Subscriber>| Subscriber { suspended: None, ..changed(one) };
    Ok(put_all(scene, "subscriber.resume", found, resumed, None))
}

/// Changes all of these; there is one at least.
fn put_all(
    scene: Scene<'_>,
    action: &'static str,
    found: Vec<&Arc<Subscriber>>,
    change: impl Fn(&Arc<Subscriber>) -> Subscriber,
    after: Option<&str>,
) -> Effect {
    let mut effect = scene.effect(action, None, Done::Gone);
    let mut ids = Vec::with_capacity(found.len());
    for one in found.into_iter().map(|one| Arc::new(change(one))) {
        ids.push(one.id.clone());
        effect.done = Done::Subscriber(Arc::clone(&one));
        effect.kept.push(Kept::Subscriber(one));
    }
    effect.audit.subject = Some(ids.join(" "));
    effect.audit.after = after.map(str::to_owned);
    effect
}

pub(super) fn erase(scene: Scene<'_>, id: &str) -> Result<Effect, Refused> {
    Ok(scene.take("subscriber.erase", &find(scene, id)?.id))
}

pub(super) fn forget(scene: Scene<'_>, ids: &[String]) -> Effect {
    // Whoever said meanwhile that it was them stays.
    let silent = ids.iter().filter(|id| scene.all.get(*id).is_some_and(|one| one.confirmed_at.is_none()));
    let gone: Vec<_> = silent.map(|id| (Drawer::Subscriber, id.clone())).collect();
    let mut effect = scene.effect("subscriber.forget", None, Done::Gone);
    effect.unlogged = gone.is_empty();
    effect.audit.after = Some(format!("{} who never said that it was them", gone.len()));
    effect.gone = gone;
    effect
}
