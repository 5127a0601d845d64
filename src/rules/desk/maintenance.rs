//! Orders about local maintenances.

use jiff::Timestamp;

use super::{Scene, add_update, describe, effect, event, invalid, known, titled, unchanged};
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Done, Effect, Planning, Post, Refused, Replan};
use crate::model::event::{Event, EventKind};
use crate::model::id::IncidentId;
use crate::model::incident::{Listing, Maintenance, Origin, Phase};
use crate::model::local::{Local, Words};

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
        local: Some(Box::new(Local { author: by.name.clone(), ..Local::default() })),
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
    Ok(settled(scene, by, action, Some(&before), maintenance, vec![event]))
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
    if !before.is_open() && phase.is_some_and(Phase::is_open) {
        return Err(Refused::Conflict("it is over: announce a new one".into()));
    }
    maintenance.phase = phase;
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
    Ok(settled(scene, by, action, Some(&before), maintenance, vec![event]))
}

pub(super) fn delete(scene: &Scene<'_>, by: &Actor, id: &IncidentId, version: Option<u64>) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    let mut effect = effect(scene, by, "maintenance.delete", id.as_str(), Done::Gone);
    effect.removed.push(id.clone());
    effect.audit.before = Some(describe::whole_maintenance(&before));
    effect.events.push(said(scene, by, EventKind::MaintenanceRemoved, &before));
    Ok(effect)
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

fn said(scene: &Scene<'_>, by: &Actor, kind: EventKind, one: &Maintenance) -> Event {
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
