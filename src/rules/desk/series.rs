//! Orders about maintenances that come again. What is planned of them are maintenances of their own.

use std::collections::HashSet;

use super::maintenance::{said, with_wish};
use super::{Scene, add_update, describe, effect, event, invalid, known, unchanged};
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Done, Effect, Refused, Wish};
use crate::model::desk::{Drawer, Kept};
use crate::model::event::EventKind;
use crate::model::id::SeriesId;
use crate::model::incident::{Listing, Maintenance, Origin, Phase, Revision};
use crate::model::local::{Local, Words};
use crate::model::series::{Plan, Series};
use crate::rules::series::{Planned, mistakes, occurrences};

pub(super) fn put(scene: &Scene<'_>, by: &Actor, version: Option<u64>, new: &Series) -> Result<Effect, Refused> {
    let before = scene.desk.series.get(&new.id);
    if before.is_none() && scene.desk.series.len() >= limits::SERIES {
        return Err(Refused::Conflict(format!("there are {} of them, and no more are kept", limits::SERIES)));
    }
    unchanged(before.map_or(0, |series| series.version), version)?;
    known(scene, &new.services)?;
    let mut series = new.clone();
    if let Some(mistake) = mistakes(&series, scene.now).into_iter().next() {
        return Err(invalid(mistake.field, mistake.text));
    }
    series.version = before.map_or(0, |series| series.version).saturating_add(1);
    series.author = before.map_or_else(|| by.name.clone(), |series| series.author.clone());
    series.created_at = before.map_or(scene.now, |series| series.created_at);
    series.changed_at = before.map_or(scene.now, |series| series.changed_at.max(scene.now));
    // Starts by the old rule are none of the new one.
    let same_rule =
        before.filter(|old| (&old.rule, &old.timezone, old.starts) == (&series.rule, &series.timezone, series.starts));
    series.exceptions = same_rule.map(|old| old.exceptions.clone()).unwrap_or_default();
    let done = Done::Series(Box::new(series.clone()));
    let mut effect = effect(scene, by, "series.put", series.id.as_str(), done);
    effect.audit.before = before.map(describe::series);
    effect.audit.after = Some(describe::series(&series));
    unroll_into(scene, by, &series, &mut effect)?;
    effect.kept.push(Kept::Series(Box::new(series)));
    Ok(effect)
}

pub(super) fn end(scene: &Scene<'_>, by: &Actor, id: &SeriesId, version: Option<u64>) -> Result<Effect, Refused> {
    let before = scene.desk.series.get(id).ok_or(Refused::NotFound("series"))?;
    unchanged(before.version, version)?;
    let mut effect = effect(scene, by, "series.end", id.as_str(), Done::Gone);
    effect.audit.before = Some(describe::series(before));
    for planned in scheduled(scene, id) {
        cancel(scene, by, planned, &mut effect)?;
    }
    effect.gone.push((Drawer::Series, id.as_str().to_owned()));
    Ok(effect)
}

pub(super) fn unroll(scene: &Scene<'_>, by: &Actor, id: &SeriesId) -> Result<Effect, Refused> {
    let series = scene.desk.series.get(id).ok_or(Refused::NotFound("series"))?;
    let mut effect = effect(scene, by, "series.unroll", id.as_str(), Done::Gone);
    unroll_into(scene, by, series, &mut effect)?;
    let ids: Vec<&str> = effect.maintenances.iter().map(|one| one.id.as_str()).collect();
    effect.audit.after = Some(format!("announced or changed: {}", ids.join(", ")));
    Ok(effect)
}

/// True where time has brought something near that is not announced yet.
pub fn is_behind(scene: &Scene<'_>, id: &SeriesId) -> bool {
    unroll(scene, &Actor::program(), id).is_ok_and(|effect| !effect.maintenances.is_empty())
}

/// Brings the announced maintenances of a series in line with its rule.
fn unroll_into(scene: &Scene<'_>, by: &Actor, series: &Series, effect: &mut Effect) -> Result<(), Refused> {
    let planned = occurrences(series, scene.now, limits::SERIES_AHEAD).map_err(|problem| invalid("rule", problem))?;
    let ids: HashSet<&str> = planned.iter().map(|one| one.id.as_str()).collect();
    for one in &planned {
        match scene.desk.maintenances.get(&one.id) {
            None if one.cancelled => {}
            None => announce(scene, by, series, one, effect)?,
            Some(held) if held.phase != Some(Phase::Scheduled) => {}
            Some(held) if one.cancelled => cancel(scene, by, held, effect)?,
            Some(held) => bring_in_line(scene, by, held, one, effect),
        }
    }
    let until = scene.now.checked_add(limits::SERIES_AHEAD).unwrap_or(jiff::Timestamp::MAX);
    for held in scheduled(scene, &series.id).filter(|held| !ids.contains(held.id.as_str())) {
        // What lies further ahead is only not looked at yet, and what should have begun is a matter for operators.
        if held.starts_at.is_some_and(|at| at > scene.now && at < until) {
            cancel(scene, by, held, effect)?;
        }
    }
    Ok(())
}

fn scheduled<'a>(scene: &Scene<'a>, id: &SeriesId) -> impl Iterator<Item = &'a Maintenance> {
    let of_series = |one: &&Maintenance| {
        let of = one.local.as_ref().and_then(|local| local.plan.series.as_ref());
        one.phase == Some(Phase::Scheduled) && of.is_some_and(|of| of.series == *id)
    };
    scene.desk.maintenances.values().map(AsRef::as_ref).filter(of_series)
}

fn plan_of(one: &Planned, scene: &Scene<'_>) -> Plan {
    let Plan { auto_start, auto_end, reminders, .. } = one.plan.clone();
    with_wish(&one.plan, &Wish { auto_start, auto_end, reminders }, one.starts_at, scene.now)
}

fn announce(scene: &Scene<'_>, by: &Actor, series: &Series, one: &Planned, effect: &mut Effect) -> Result<(), Refused> {
    let local = Local { version: 1, author: series.author.clone(), plan: plan_of(one, scene), ..Local::default() };
    let mut maintenance = Maintenance {
        id: one.id.clone(),
        origin: Origin::Local,
        source: None,
        upstream_ids: Vec::new(),
        title: one.title.clone(),
        phase: Some(Phase::Scheduled),
        starts_at: Some(one.starts_at),
        ends_at: Some(one.ends_at),
        updated_at: Some(scene.now),
        url: None,
        components: Vec::new(),
        services: one.services.clone(),
        updates: Vec::new(),
        first_seen_at: scene.now,
        listing: Listing::Listed,
        revision: Revision::default(),
        local: Some(Box::new(local)),
    };
    if !one.words.is_empty() {
        let words = Words { markdown: one.markdown.clone(), text: one.words.clone() };
        let author = Actor { name: series.author.clone(), ..by.clone() };
        add_update(&mut maintenance.updates, &author, scene.now, Some(Phase::Scheduled), &words)?;
    }
    let mut event = said(scene, by, EventKind::MaintenanceAnnounced, &maintenance);
    event.to = Some(one.starts_at.to_string());
    effect.events.push(event);
    effect.maintenances.push(maintenance);
    Ok(())
}

fn bring_in_line(scene: &Scene<'_>, by: &Actor, held: &Maintenance, one: &Planned, effect: &mut Effect) {
    let mut changed = held.clone();
    changed.title.clone_from(&one.title);
    changed.services.clone_from(&one.services);
    (changed.starts_at, changed.ends_at) = (Some(one.starts_at), Some(one.ends_at));
    let moved = (changed.starts_at, changed.ends_at) != (held.starts_at, held.ends_at);
    let local = changed.local.get_or_insert_default();
    let wished = |plan: &Plan| (plan.auto_start, plan.auto_end, plan.reminders.clone());
    if moved || wished(&local.plan) != wished(&one.plan) {
        local.plan = plan_of(one, scene);
    }
    if changed == *held {
        return;
    }
    if let Some(local) = changed.local.as_mut() {
        local.version = local.version.saturating_add(1);
    }
    changed.updated_at = Some(scene.now);
    let kind = if moved { EventKind::MaintenanceMoved } else { EventKind::MaintenanceUpdated };
    let mut event = event(scene, by, kind, changed.id.as_str(), &changed.title);
    if moved {
        event.from = held.starts_at.map(|at| at.to_string());
        event.to = changed.starts_at.map(|at| at.to_string());
    }
    effect.events.push(event);
    effect.maintenances.push(changed);
}

fn cancel(scene: &Scene<'_>, by: &Actor, held: &Maintenance, effect: &mut Effect) -> Result<(), Refused> {
    let mut changed = held.clone();
    changed.phase = Some(Phase::Cancelled);
    changed.updated_at = Some(scene.now);
    add_update(&mut changed.updates, by, scene.now, Some(Phase::Cancelled), &Words::default())?;
    if let Some(local) = changed.local.as_mut() {
        local.version = local.version.saturating_add(1);
    }
    effect.events.push(said(scene, by, EventKind::MaintenanceCancelled, &changed));
    effect.maintenances.push(changed);
    Ok(())
}
