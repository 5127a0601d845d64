//! States set by hand: of sources over what was read, of services without an incident.

use super::{Scene, effect, event, invalid, unchanged};
use crate::model::actor::Actor;
use crate::model::command::{Done, Effect, ManualState, Refused};
use crate::model::desk::{ByHand, Drawer, Kept, Override};
use crate::model::event::EventKind;
use crate::model::id::{ServiceId, SourceId};

pub(super) fn source(
    scene: &Scene<'_>,
    by: &Actor,
    source: &SourceId,
    version: Option<u64>,
    set: &ManualState,
) -> Result<Effect, Refused> {
    if !(scene.is_source)(source) {
        return Err(Refused::NotFound("source"));
    }
    good(scene, set)?;
    let before = scene.desk.overrides.get(source);
    unchanged(before.map_or(0, |set| set.version), version)?;
    let ManualState { state, reason, until } = set.clone();
    let next = before.map_or(0, |set| set.version).saturating_add(1);
    let author = by.name.clone();
    let one = Override { source: source.clone(), version: next, state, reason, until, at: scene.now, author };
    let mut effect = effect(scene, by, "source.override", source.as_str(), Done::Override(one.clone()));
    effect.audit.before = before.map(|set| words(set.state.as_str(), &set.reason));
    effect.audit.after = Some(words(one.state.as_str(), &one.reason));
    let mut event = event(scene, by, EventKind::SourceOverride, source.as_str(), source.as_str());
    event.source = Some(source.clone());
    event.from = before.map(|set| set.state.as_str().to_owned());
    event.to = Some(one.state.as_str().to_owned());
    event.note = Some(one.reason.clone());
    effect.events.push(event);
    effect.kept.push(Kept::Override(one));
    Ok(effect)
}

pub(super) fn end_source(
    scene: &Scene<'_>,
    by: &Actor,
    source: &SourceId,
    version: Option<u64>,
) -> Result<Effect, Refused> {
    let before = scene.desk.overrides.get(source).ok_or(Refused::NotFound("override"))?;
    unchanged(before.version, version)?;
    let mut effect = effect(scene, by, "source.override.end", source.as_str(), Done::Gone);
    effect.audit.before = Some(words(before.state.as_str(), &before.reason));
    let mut event = event(scene, by, EventKind::SourceOverride, source.as_str(), source.as_str());
    event.source = Some(source.clone());
    event.from = Some(before.state.as_str().to_owned());
    effect.events.push(event);
    effect.gone.push((Drawer::Override, source.as_str().to_owned()));
    Ok(effect)
}

pub(super) fn service(
    scene: &Scene<'_>,
    by: &Actor,
    service: &ServiceId,
    version: Option<u64>,
    set: &ManualState,
) -> Result<Effect, Refused> {
    if !scene.services.iter().any(|one| one.id == *service) {
        return Err(Refused::NotFound("service"));
    }
    good(scene, set)?;
    let before = scene.desk.by_hand.get(service);
    unchanged(before.map_or(0, |set| set.version), version)?;
    let ManualState { state, reason, until } = set.clone();
    let next = before.map_or(0, |set| set.version).saturating_add(1);
    let author = by.name.clone();
    let one = ByHand { service: service.clone(), version: next, state, reason, until, at: scene.now, author };
    let mut effect = effect(scene, by, "service.set", service.as_str(), Done::ByHand(one.clone()));
    effect.audit.before = before.map(|set| words(set.state.as_str(), &set.reason));
    effect.audit.after = Some(words(one.state.as_str(), &one.reason));
    effect.kept.push(Kept::ByHand(one));
    Ok(effect)
}

pub(super) fn end_service(
    scene: &Scene<'_>,
    by: &Actor,
    service: &ServiceId,
    version: Option<u64>,
) -> Result<Effect, Refused> {
    let before = scene.desk.by_hand.get(service).ok_or(Refused::NotFound("state set by hand"))?;
    unchanged(before.version, version)?;
    let mut effect = effect(scene, by, "service.end", service.as_str(), Done::Gone);
    effect.audit.before = Some(words(before.state.as_str(), &before.reason));
    effect.gone.push((Drawer::ByHand, service.as_str().to_owned()));
    Ok(effect)
}

fn good(scene: &Scene<'_>, set: &ManualState) -> Result<(), Refused> {
    if set.reason.is_empty() {
        return Err(invalid("reason", "is empty: say why, so that readers can judge"));
    }
    if set.until.is_some_and(|until| until <= scene.now) {
        return Err(invalid("until", "is over already"));
    }
    Ok(())
}

fn words(state: &str, reason: &str) -> String {
    format!("{state}: {reason}")
}
