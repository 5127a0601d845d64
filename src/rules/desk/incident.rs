//! Orders about local incidents.

use jiff::Timestamp;

use super::{Scene, add_update, describe, effect, event, invalid, is_suggested, known, titled, unchanged};
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Done, Edit, Effect, Opening, Post, Refused};
use crate::model::event::{Event, EventKind};
use crate::model::id::IncidentId;
use crate::model::incident::{Incident, Listing, Origin, Phase};
use crate::model::level::{Impact, State};
use crate::model::local::{Local, Note, Signed, Words};

pub(super) fn open(scene: &Scene<'_>, by: &Actor, opening: &Opening) -> Result<Effect, Refused> {
    titled(&opening.title)?;
    known(scene, opening.services.iter().map(|hit| &hit.service))?;
    if opening.phase.is_maintenance() {
        return Err(invalid(
            "status",
            "is a maintenance's: an incident is investigating, identified, monitoring or resolved",
        ));
    }
    if scene.desk.incidents.contains_key(&opening.id) || scene.old(&opening.id).is_some() {
        return Err(Refused::Conflict(format!("there is an incident {} already", opening.id)));
    }
    if scene.desk.incidents.values().filter(|one| one.is_open()).count() >= limits::LOCAL_OPEN {
        return Err(Refused::Conflict(format!("{} local incidents are open: resolve some first", limits::LOCAL_OPEN)));
    }
    started(scene, opening.started_at)?;
    let now = scene.now;
    let mut local = Local {
        version: 1,
        author: by.name.clone(),
        related: opening.related.clone(),
        pushed: opening.pushed.clone(),
        suggested: opening.suggested,
        ..Local::default()
    };
    if !opening.note.text.is_empty() {
        local.notes.push(Note { at: now, author: by.name.clone(), words: opening.note.clone() });
    }
    let mut incident = Incident {
        id: opening.id.clone(),
        origin: Origin::Local,
        source: None,
        upstream_ids: Vec::new(),
        title: opening.title.clone(),
        phase: Some(opening.phase),
        impact: Some(opening.impact),
        started_at: Some(opening.started_at.unwrap_or(now)),
        updated_at: Some(now),
        resolved_at: (!opening.phase.is_open()).then_some(now),
        url: None,
        components: Vec::new(),
        services: opening.services.clone(),
        updates: Vec::new(),
        first_seen_at: now,
        listing: Listing::Listed,
        local: Some(Box::new(local)),
    };
    add_update(&mut incident.updates, by, now, Some(opening.phase), &opening.words)?;
    let events = vec![said(scene, by, EventKind::IncidentOpened, &incident, None)];
    let mut effect = settled(scene, by, "incident.open", None, incident, events);
    effect.audit.after = Some(describe_with(&effect, &opening.words));
    Ok(effect)
}

pub(super) fn edit(
    scene: &Scene<'_>,
    by: &Actor,
    id: &IncidentId,
    version: Option<u64>,
    edit: &Edit,
) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    let mut incident = before.clone();
    if let Some(title) = &edit.title {
        titled(title)?;
        incident.title.clone_from(title);
    }
    if let Some(services) = &edit.services {
        known(scene, services.iter().map(|hit| &hit.service))?;
        incident.services.clone_from(services);
    }
    if let Some(impact) = edit.impact {
        worsen(&mut incident, impact, edit.services.is_some());
    }
    if let Some(at) = edit.started_at {
        started(scene, Some(at))?;
        if before.resolved_at.is_some_and(|end| at > end) {
            return Err(invalid("started_at", "is after the end of the incident"));
        }
        incident.started_at = Some(at);
    }
    if let (Some(related), Some(local)) = (&edit.related, incident.local.as_mut()) {
        local.related.clone_from(related);
    }
    let events = vec![said(scene, by, EventKind::IncidentUpdated, &incident, before.phase)];
    Ok(settled(scene, by, "incident.edit", Some(&before), incident, events))
}

pub(super) fn post(
    scene: &Scene<'_>,
    by: &Actor,
    id: &IncidentId,
    version: Option<u64>,
    post: &Post,
) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    let says_nothing =
        post.words.text.is_empty() && post.phase.is_none() && post.impact.is_none() && post.services.is_none();
    if says_nothing {
        return Err(invalid("body", "is empty, and nothing else is changed"));
    }
    if post.phase.is_some_and(Phase::is_maintenance) {
        return Err(invalid("status", "is a maintenance's: use investigating, identified, monitoring or resolved"));
    }
    let mut incident = before.clone();
    if let Some(services) = &post.services {
        known(scene, services.iter().map(|hit| &hit.service))?;
        incident.services.clone_from(services);
    }
    if let Some(impact) = post.impact {
        worsen(&mut incident, impact, post.services.is_some());
    }
    let phase = post.phase.or(before.phase);
    incident.phase = phase;
    let (was_open, is_open) = (before.is_open(), incident.is_open());
    incident.resolved_at = if is_open { None } else { before.resolved_at.or(Some(scene.now)) };
    add_update(&mut incident.updates, by, scene.now, phase, &post.words)?;
    let kind = match (was_open, is_open) {
        (true, false) => EventKind::IncidentResolved,
        (false, true) => EventKind::IncidentReopened,
        _ => EventKind::IncidentUpdated,
    };
    let action = match kind {
        EventKind::IncidentResolved => "incident.resolve",
        EventKind::IncidentReopened => "incident.reopen",
        _ => "incident.update",
    };
    let events = vec![said(scene, by, kind, &incident, before.phase)];
    let mut effect = settled(scene, by, action, Some(&before), incident, events);
    effect.audit.after = Some(describe_with(&effect, &post.words));
    Ok(effect)
}

pub(super) fn correct(
    scene: &Scene<'_>,
    by: &Actor,
    id: &IncidentId,
    version: Option<u64>,
    number: u32,
    words: &Words,
) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    if words.text.is_empty() {
        return Err(invalid("body", "is empty: say what it should read"));
    }
    let mut incident = before.clone();
    let numbered = incident.updates.iter_mut().find(|one| one.told.as_ref().is_some_and(|told| told.number == number));
    let update = numbered.ok_or(Refused::NotFound("update"))?;
    update.body = words.text.clone();
    let mut was = String::new();
    if let Some(told) = update.told.as_mut() {
        was = std::mem::replace(&mut told.markdown, words.markdown.clone());
        told.corrected = Some((scene.now, by.name.clone()));
    }
    let events = vec![said(scene, by, EventKind::IncidentUpdated, &incident, before.phase)];
    let mut effect = settled(scene, by, "incident.correct", None, incident, events);
    (effect.audit.before, effect.audit.after) = (Some(was), Some(words.markdown.clone()));
    Ok(effect)
}

pub(super) fn note(scene: &Scene<'_>, by: &Actor, id: &IncidentId, words: &Words) -> Result<Effect, Refused> {
    let mut incident = find(scene, id, None)?;
    if words.text.is_empty() {
        return Err(invalid("body", "is empty"));
    }
    let local = incident.local.get_or_insert_default();
    if local.notes.len() >= limits::UPDATES {
        return Err(Refused::Conflict(format!("it has {} notes, and no more are kept", limits::UPDATES)));
    }
    local.notes.insert(0, Note { at: scene.now, author: by.name.clone(), words: words.clone() });
    // Nobody outside is to learn that there is one.
    let mut effect = settled(scene, by, "incident.note", None, incident, Vec::new());
    effect.audit.after = Some(words.markdown.clone());
    Ok(effect)
}

pub(super) fn postmortem(
    scene: &Scene<'_>,
    by: &Actor,
    id: &IncidentId,
    version: Option<u64>,
    words: &Words,
) -> Result<Effect, Refused> {
    let mut incident = find(scene, id, version)?;
    let phase = incident.phase;
    if incident.is_open() {
        return Err(Refused::Conflict("what was learned is written when it is over: resolve it first".into()));
    }
    let signed = Signed { at: scene.now, author: by.name.clone(), words: words.clone() };
    let local = incident.local.get_or_insert_default();
    let was = std::mem::replace(&mut local.postmortem, (!words.text.is_empty()).then_some(signed));
    let events = vec![said(scene, by, EventKind::IncidentUpdated, &incident, phase)];
    let mut effect = settled(scene, by, "incident.postmortem", None, incident, events);
    effect.audit.before = was.map(|signed| signed.words.markdown);
    effect.audit.after = (!words.text.is_empty()).then(|| words.markdown.clone());
    Ok(effect)
}

pub(super) fn publish(scene: &Scene<'_>, by: &Actor, id: &IncidentId, version: Option<u64>) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    if !is_suggested(&before) {
        return Err(Refused::Conflict("it is public already".into()));
    }
    let mut incident = before.clone();
    incident.local.get_or_insert_default().suggested = false;
    let events = vec![said(scene, by, EventKind::IncidentOpened, &incident, None)];
    Ok(settled(scene, by, "incident.publish", Some(&before), incident, events))
}

pub(super) fn delete(scene: &Scene<'_>, by: &Actor, id: &IncidentId, version: Option<u64>) -> Result<Effect, Refused> {
    let before = find(scene, id, version)?;
    let mut effect = effect(scene, by, "incident.delete", id.as_str(), Done::Gone);
    effect.removed.push(id.clone());
    effect.audit.before = Some(describe::whole_incident(&before));
    if !is_suggested(&before) {
        effect.events.push(said(scene, by, EventKind::IncidentRemoved, &before, before.phase));
    }
    Ok(effect)
}

/// A local incident of the version that the asker has seen.
fn find(scene: &Scene<'_>, id: &IncidentId, version: Option<u64>) -> Result<Incident, Refused> {
    let held = scene.desk.incidents.get(id).map(|held| held.as_ref()).or_else(|| scene.old(id));
    let incident = held.ok_or(Refused::NotFound("local incident"))?;
    unchanged(incident.local.as_ref().map_or(0, |local| local.version), version)?;
    Ok(incident.clone())
}

/// Takes up another impact. States that followed the old one follow it still.
fn worsen(incident: &mut Incident, impact: Impact, states_given: bool) {
    let old = incident.impact.replace(impact);
    let (Some(old), false) = (old, states_given) else { return };
    let (from, to): (State, State) = (old.level().into(), impact.level().into());
    for hit in incident.services.iter_mut().filter(|hit| hit.state == from) {
        hit.state = to;
    }
}

fn started(scene: &Scene<'_>, at: Option<Timestamp>) -> Result<(), Refused> {
    let latest = scene.now.checked_add(limits::AHEAD).unwrap_or(Timestamp::MAX);
    match at {
        Some(at) if at > latest => {
            Err(invalid("started_at", "lies in the future: for what is planned, announce a maintenance"))
        }
        Some(at) if at.as_second() < limits::OLDEST_TIME => Err(invalid("started_at", "lies before the year 2000")),
        _ => Ok(()),
    }
}

fn said(scene: &Scene<'_>, by: &Actor, kind: EventKind, one: &Incident, from: Option<Phase>) -> Event {
    let mut event = event(scene, by, kind, one.id.as_str(), &one.title);
    event.from = from.map(|phase| phase.as_str().to_owned());
    event.to = one.phase.map(|phase| phase.as_str().to_owned());
    let said = one.updates.first().map(|update| update.body.plain.as_str()).filter(|plain| !plain.is_empty());
    event.note = said.map(|plain| plain.chars().take(limits::TITLE).collect());
    event
}

/// The effect of a changed incident, with its version raised. Nobody hears of one that is only suggested.
fn settled(
    scene: &Scene<'_>,
    by: &Actor,
    action: &'static str,
    before: Option<&Incident>,
    mut incident: Incident,
    events: Vec<Event>,
) -> Effect {
    if action != "incident.note" {
        incident.updated_at = Some(scene.now);
    }
    let hidden = is_suggested(&incident);
    if let (Some(local), false) = (incident.local.as_mut(), action == "incident.open") {
        local.version = local.version.saturating_add(1);
    }
    let mut effect = effect(scene, by, action, incident.id.as_str(), Done::Incident(Box::new(incident.clone())));
    effect.audit.before = before.map(describe::incident);
    effect.audit.after = Some(describe::incident(&incident));
    effect.events = if hidden { Vec::new() } else { events };
    effect.incidents.push(incident);
    effect
}

fn describe_with(effect: &Effect, words: &Words) -> String {
    let mut out = effect.audit.after.clone().unwrap_or_default();
    if !words.markdown.is_empty() {
        out.push_str("\nsaid: ");
        out.push_str(&words.markdown);
    }
    out
}
