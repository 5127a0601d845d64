//! Orders about local maintenances.

use std::time::Duration;

use jiff::Timestamp;

use super::{Scene, add_update, describe, effect, event, invalid, known, titled, unchanged};
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Done, Effect, Planning, Post, Refused, Replan, Wish};
use crate::model::desk::Kept;
use crate::model::event::{Event, EventKind};
use crate::model::id::IncidentId;
use crate::model::incident::{Listing, Maintenance, Origin, Phase, Revision};
use crate::model::local::{Local, Words};
use crate::model::series::{Exception, Plan};
use crate::rules::upkeep;

pub(super) fn plan(scene: &Scene<'_>, by: &Actor, planning: &Planning) -> Result<Effect, Refused> {
    titled(&planning.title)?;
    known(scene, &planning.services)?;
    window(scene, planning.starts_at, planning.ends_at)?;
    if scene.desk.maintenances.contains_key(&planning.id) || scene.old_maintenance.is_some() {
        return Err(Refused::Conflict(format!("there is a maintenance {} already", planning.id)));
    }
    if scene.desk.maintenances.values().filter(|one| one.is_open()).count() >= limits::LOCAL_OPEN {
        return Err(Refused::Conflict(format!(
            "{} local maintenances are planned: end some first",
            limits::LOCAL_OPEN
        )));
    }
    reminders(&planning.wish.reminders)?;
    let plan = with_wish(&Plan::default(), &planning.wish, planning.starts_at, scene.now);
    let mut maintenance = Maintenance {
        id: planning.id.clone(),
        origin: Origin::Local,
        source: None,
        upstream_ids: Vec::new(),
        title: planning.title.clone(),
        phase: Some(Phase::Scheduled),
        starts_at: Some(planning.starts_at),
        ends_at: Some(planning.ends_at),
        updated_at: Some(scene.now),
        url: None,
        components: Vec::new(),
        services: planning.services.clone(),
        updates: Vec::new(),
        first_seen_at: scene.now,
        listing: Listing::Listed,
        revision: Revision::default(),
        local: Some(Box::new(Local { author: by.name.clone(), plan, ..Local::default() })),
    };
    if !planning.words.text.is_empty() {
        add_update(&mut maintenance.updates, by, scene.now, Some(Phase::Scheduled), &planning.words)?;
    }
    let mut event = said(scene, by, EventKind::MaintenanceAnnounced, &maintenance);
    event.to = Some(planning.starts_at.to_string());
    Ok(settled(scene, by, "maintenance.plan", None, maintenance, vec![event]))
}

pub(super) fn replan(
    scene: &Scene<'_>,
    by: &Actor,
    id: &IncidentId,
    version: Option<u64>,
    change: &Replan,
) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    let mut maintenance = before.clone();
    if let Some(title) = &change.title {
        titled(title)?;
        maintenance.title.clone_from(title);
    }
    if let Some(services) = &change.services {
        known(scene, services)?;
        maintenance.services.clone_from(services);
    }
    maintenance.starts_at = change.starts_at.or(before.starts_at);
    maintenance.ends_at = change.ends_at.or(before.ends_at);
    let moved = (maintenance.starts_at, maintenance.ends_at) != (before.starts_at, before.ends_at);
    if let Some(starts_at) = maintenance.starts_at
        && (moved || change.wish.is_some())
    {
        let plan = maintenance.local.get_or_insert_default().plan.clone();
        let wish = change.wish.clone().unwrap_or_else(|| wish_of(&plan));
        reminders(&wish.reminders)?;
        maintenance.local.get_or_insert_default().plan = with_wish(&plan, &wish, starts_at, scene.now);
    }
    if moved {
        if !before.is_open() {
            return Err(Refused::Conflict("it is over: announce a new one".into()));
        }
        if let (Some(starts), Some(ends)) = (maintenance.starts_at, maintenance.ends_at) {
            window(scene, starts, ends)?;
        }
        let words = moved_words(&maintenance);
        add_update(&mut maintenance.updates, by, scene.now, before.phase, &words)?;
    }
    let kind = if moved { EventKind::MaintenanceMoved } else { EventKind::MaintenanceUpdated };
    let mut event = said(scene, by, kind, &maintenance);
    if moved {
        event.from = before.starts_at.map(|at| at.to_string());
        event.to = maintenance.starts_at.map(|at| at.to_string());
    }
    let action = if moved { "maintenance.move" } else { "maintenance.edit" };
    let instead = match (moved, maintenance.starts_at, maintenance.ends_at) {
        (true, Some(starts_at), Some(ends_at)) => Some(Exception::Moved { starts_at, ends_at }),
        _ => None,
    };
    let mut effect = settled(scene, by, action, Some(&before), maintenance, vec![event]);
    except(scene, &before, instead, &mut effect);
    Ok(effect)
}

pub(super) fn post(
    scene: &Scene<'_>,
    by: &Actor,
    id: &IncidentId,
    version: Option<u64>,
    post: &Post,
) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    if post.words.text.is_empty() && post.phase.is_none() {
        return Err(invalid("body", "is empty, and the status is not changed"));
    }
    if post.phase.is_some_and(|phase| !phase.is_maintenance()) {
        return Err(invalid(
            "status",
            "is an incident's: use scheduled, in_progress, verifying, completed or cancelled",
        ));
    }
    let mut maintenance = before.clone();
    let phase = post.phase.or(before.phase);
    if !before.is_open() && phase != before.phase {
        return Err(Refused::Conflict("it is over: announce a new one".into()));
    }
    maintenance.phase = phase;
    if phase.is_some_and(Phase::is_running) && !before.is_running() && before.starts_at.is_some_and(|at| at > scene.now)
    {
        // Begun early: the start that was, rather than the one that was meant.
        maintenance.starts_at = Some(scene.now);
    }
    if post.phase == Some(Phase::Completed) && before.is_open() {
        // The end that was, rather than the one that was meant.
        maintenance.ends_at = Some(scene.now.max(before.starts_at.unwrap_or(scene.now)));
    }
    add_update(&mut maintenance.updates, by, scene.now, phase, &post.words)?;
    let (kind, action) = match phase {
        _ if phase == before.phase => (EventKind::MaintenanceUpdated, "maintenance.update"),
        Some(Phase::InProgress) => (EventKind::MaintenanceStarted, "maintenance.start"),
        Some(Phase::Completed) => (EventKind::MaintenanceCompleted, "maintenance.complete"),
        Some(Phase::Cancelled) => (EventKind::MaintenanceCancelled, "maintenance.cancel"),
        _ => (EventKind::MaintenanceUpdated, "maintenance.update"),
    };
    let event = said(scene, by, kind, &maintenance);
    let instead = (phase == Some(Phase::Cancelled)).then_some(Exception::Cancelled);
    let mut effect = settled(scene, by, action, Some(&before), maintenance, vec![event]);
    except(scene, &before, instead, &mut effect);
    Ok(effect)
}

pub(super) fn remind(scene: &Scene<'_>, by: &Actor, id: &IncidentId, before: Duration) -> Result<Effect, Refused> {
    let mut maintenance = find(scene, id, None)?;
    maintenance.local.get_or_insert_default().plan.reminded.push(before);
    let mut event = said(scene, by, EventKind::MaintenanceSoon, &maintenance);
    event.to = maintenance.starts_at.map(|at| at.to_string());
    Ok(settled(scene, by, "maintenance.remind", None, maintenance, vec![event]))
}

pub(super) fn delete(scene: &Scene<'_>, by: &Actor, id: &IncidentId, version: Option<u64>) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    let mut effect = effect(scene, by, "maintenance.delete", id.as_str(), Done::Gone);
    effect.removed.push(id.clone());
    effect.audit.before = Some(describe::whole_maintenance(&before));
    effect.events.push(said(scene, by, EventKind::MaintenanceRemoved, &before));
    // Otherwise its series would announce it again.
    except(scene, &before, Some(Exception::Cancelled), &mut effect);
    Ok(effect)
}

/// Remembers of an occurrence, in its series, that it does not go by the rule.
fn except(scene: &Scene<'_>, one: &Maintenance, instead: Option<Exception>, effect: &mut Effect) {
    let of = one.local.as_ref().and_then(|local| local.plan.series.as_ref());
    let (Some(of), Some(instead)) = (of, instead) else { return };
    let Some(series) = scene.desk.series.get(&of.series) else { return };
    let mut series = series.clone();
    series.exceptions.insert(of.starts, instead);
    series.version = series.version.saturating_add(1);
    series.changed_at = series.changed_at.max(scene.now);
    effect.kept.push(Kept::Series(Box::new(series)));
}

/// What time does to a maintenance that starts then. People hear of it now: what they would have been reminded of by
/// now is no news.
pub(super) fn with_wish(plan: &Plan, wish: &Wish, starts_at: Timestamp, now: Timestamp) -> Plan {
    Plan {
        auto_start: wish.auto_start,
        auto_end: wish.auto_end,
        reminded: upkeep::passed(&wish.reminders, starts_at, now),
        reminders: wish.reminders.clone(),
        series: plan.series.clone(),
    }
}

fn wish_of(plan: &Plan) -> Wish {
    Wish { auto_start: plan.auto_start, auto_end: plan.auto_end, reminders: plan.reminders.clone() }
}

fn reminders(all: &[Duration]) -> Result<(), Refused> {
    if all.len() > limits::REMINDERS || all.iter().any(|before| *before > limits::REMINDER_AHEAD) {
        let (most, days) = (limits::REMINDERS, limits::REMINDER_AHEAD.as_secs() / 86_400);
        return Err(invalid("reminders", format!("can be {most}, each at most {days} days before the start")));
    }
    Ok(())
}

fn find(scene: &Scene<'_>, id: &IncidentId, version: Option<u64>) -> Result<Maintenance, Refused> {
    let held = scene.desk.maintenances.get(id).map(|held| held.as_ref()).or(scene.old_maintenance);
    let maintenance = held.ok_or(Refused::NotFound("local maintenance"))?;
    unchanged(maintenance.local.as_ref().map_or(0, |local| local.version), version)?;
    Ok(maintenance.clone())
}

fn window(scene: &Scene<'_>, starts: Timestamp, ends: Timestamp) -> Result<(), Refused> {
    if ends <= starts {
        return Err(invalid("ends_at", "is not after `starts_at`"));
    }
    let latest = scene.now.checked_add(limits::PLANNED_AHEAD).unwrap_or(Timestamp::MAX);
    if ends > latest {
        return Err(invalid("ends_at", "lies more than two years ahead"));
    }
    if starts.as_second() < limits::OLDEST_TIME {
        return Err(invalid("starts_at", "lies before the year 2000"));
    }
    Ok(())
}

/// What the timeline says of a new window. Readers see both times in their own zone beside it.
fn moved_words(maintenance: &Maintenance) -> Words {
    let (Some(starts), Some(ends)) = (maintenance.starts_at, maintenance.ends_at) else { return Words::default() };
    let plain = format!("Moved: it is planned from {starts} to {ends} now.");
    let text = crate::model::text::Text { html: format!("<p>{plain}</p>"), plain: plain.clone() };
    Words { markdown: plain, text }
}

pub(super) fn said(scene: &Scene<'_>, by: &Actor, kind: EventKind, one: &Maintenance) -> Event {
    let mut event = event(scene, by, kind, one.id.as_str(), &one.title);
    event.to = one.phase.map(|phase| phase.as_str().to_owned());
    let said = one.updates.first().map(|update| update.body.plain.as_str()).filter(|plain| !plain.is_empty());
    event.note = said.map(|plain| plain.chars().take(limits::TITLE).collect());
    event
}

fn settled(
    scene: &Scene<'_>,
    by: &Actor,
    action: &'static str,
    before: Option<&Maintenance>,
    mut maintenance: Maintenance,
    events: Vec<Event>,
) -> Effect {
    maintenance.updated_at = Some(scene.now);
    if let Some(local) = maintenance.local.as_mut() {
        local.version = local.version.saturating_add(1);
    }
    let done = Done::Maintenance(Box::new(maintenance.clone()));
    let mut effect = effect(scene, by, action, maintenance.id.as_str(), done);
    effect.audit.before = before.map(describe::maintenance);
    effect.audit.after = Some(describe::maintenance(&maintenance));
    effect.events = events;
    effect.maintenances.push(maintenance);
    effect
}
