//! What an order of an operator changes: all of it or nothing. Pure; the writer makes it last.

mod added;
mod describe;
mod incident;
mod maintenance;
mod manual;
mod pushed;
mod series;
mod template;
mod verdict;
mod wished;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::limits;
use crate::model::actor::{Actor, Means};
use crate::model::audit::Entry;
use crate::model::command::{Command, Done, Effect, Order, Refused};
use crate::model::desk::Desk;
use crate::model::event::{Cause, Event, EventKind};
use crate::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use crate::model::incident::{Incident, Maintenance, Phase, Update};
use crate::model::level::State;
use crate::model::local::{Told, Words};
use crate::model::snapshot::IncidentView;
use crate::model::source::Service;
use crate::rules::{people, subscribers};

pub use pushed::named;
pub use series::is_behind;
pub use verdict::stands;

/// What an order is held against.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What operators hold.
    pub desk: &'a Desk,
    /// Local incidents that are too old to be held in memory, as far as the order names them.
    pub old_incidents: &'a [Incident],
    /// The same for a maintenance.
    pub old_maintenance: Option<&'a Maintenance>,
    /// The team's services.
    pub services: &'a [Arc<Service>],
    /// True for a source that is watched.
    pub is_source: &'a dyn Fn(&SourceId) -> bool,
    /// A vendor's incident by id.
    pub upstream: &'a dyn Fn(&IncidentId) -> Option<Arc<IncidentView>>,
    /// The components of a source with their states.
    pub components: &'a dyn Fn(&SourceId) -> Vec<(ComponentId, State)>,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Scene<'a> {
    /// A local incident that is too old to be held in memory.
    fn old(&self, id: &IncidentId) -> Option<&'a Incident> {
        self.old_incidents.iter().find(|incident| incident.id == *id)
    }
}

/// Carries out an order on the scene, without changing it.
///
/// # Errors
/// Why not; nothing is to be changed then.
pub fn apply(scene: &Scene<'_>, order: &Order) -> Result<Effect, Refused> {
    let mut effect = one(scene, order)?;
    if order.actor.means != Means::Hook {
        effect.kept.extend(pushed::follow_up(scene, &effect));
    }
    let after = after(scene.desk, &effect);
    let changed = service_events(scene, &after, &order.actor);
    effect.events.extend(changed);
    Ok(effect)
}

fn one(scene: &Scene<'_>, order: &Order) -> Result<Effect, Refused> {
    let by = &order.actor;
    match &order.command {
        Command::Open(opening) => incident::open(scene, by, opening),
        Command::Edit(id, version, edit) => incident::edit(scene, by, id, *version, edit),
        Command::Post(id, version, post) => incident::post(scene, by, id, *version, post),
        Command::Correct(id, version, number, words) => incident::correct(scene, by, id, *version, *number, words),
        Command::Note(id, words) => incident::note(scene, by, id, words),
        Command::Postmortem(id, version, words) => incident::postmortem(scene, by, id, *version, words),
        Command::Publish(id, version) => incident::publish(scene, by, id, *version),
        Command::Delete(id, version) => incident::delete(scene, by, id, *version),
        Command::Plan(planning) => maintenance::plan(scene, by, planning),
        Command::Replan(id, version, change) => maintenance::replan(scene, by, id, *version, change),
        Command::Work(id, version, post) => maintenance::post(scene, by, id, *version, post),
        Command::DeleteMaintenance(id, version) => maintenance::delete(scene, by, id, *version),
        Command::Remind(id, before) => maintenance::remind(scene, by, id, *before),
        Command::PutSeries(version, new) => series::put(scene, by, *version, new),
        Command::EndSeries(id, version) => series::end(scene, by, id, *version),
        Command::Unroll(id) => series::unroll(scene, by, id),
        Command::Judge(id, version, judgement) => verdict::judge(scene, by, id, *version, judgement),
        Command::Acknowledge(id) => verdict::acknowledge(scene, by, id),
        Command::Override(source, version, set) => manual::source(scene, by, source, *version, set),
        Command::EndOverride(source, version) => manual::end_source(scene, by, source, *version),
        Command::SetService(service, version, set) => manual::service(scene, by, service, *version, set),
        Command::EndService(service, version) => manual::end_service(scene, by, service, *version),
        Command::PutTemplate(version, template) => template::put(scene, by, *version, template),
        Command::AddSource(entry) => added::add(scene, by, entry),
        Command::RemoveSource(id, version) => added::remove(scene, by, id, *version),
        Command::RemoveTemplate(id, version) => template::remove(scene, by, id, *version),
        Command::Take(hook, signals) => Ok(pushed::take(scene, by, hook, signals)),
        Command::Follow(hook, keys) => Ok(pushed::follow(scene, by, hook, keys)),
        Command::Forget(places) => Ok(pushed::forget(scene, by, places)),
        Command::Wished(wished) => Ok(wished::note(scene, by, wished)),
        Command::People(change) => people::apply(&scene.desk.people, by, change, scene.now),
        Command::Subscriber(change) => subscribers::apply(&scene.desk.subscribers, by, change, scene.now),
    }
}

/// The desk with an effect on it.
pub fn after(desk: &Desk, effect: &Effect) -> Desk {
    let mut after = desk.clone();
    for id in &effect.removed {
        after.incidents.remove(id);
        after.maintenances.remove(id);
    }
    for incident in &effect.incidents {
        after.incidents.insert(incident.id.clone(), Arc::new(incident.clone()));
    }
    for maintenance in &effect.maintenances {
        after.maintenances.insert(maintenance.id.clone(), Arc::new(maintenance.clone()));
    }
    for (drawer, key) in &effect.gone {
        after.remove(*drawer, key);
    }
    for kept in &effect.kept {
        after.put(kept.clone());
    }
    after
}

/// A service's own state: the worst of its open incidents, its running maintenances and what was set by hand.
pub fn service_state(desk: &Desk, service: &ServiceId) -> State {
    let open = desk.incidents.values().filter(|one| one.is_open() && !is_suggested(one));
    let hits = open.flat_map(|one| &one.services).filter(|hit| hit.service == *service).map(|hit| hit.state);
    let running = desk.maintenances.values().filter(|one| one.is_running());
    let works = running.filter(|one| one.services.contains(service)).map(|_| State::UNDER_MAINTENANCE);
    let by_hand = desk.by_hand.get(service).map(|set| set.state);
    State::worst(hits.chain(works).chain(by_hand)).unwrap_or(State::OPERATIONAL)
}

/// True for an incident that an operator has still to publish.
pub fn is_suggested(incident: &Incident) -> bool {
    incident.local.as_ref().is_some_and(|local| local.suggested)
}

fn service_events(scene: &Scene<'_>, after: &Desk, by: &Actor) -> Vec<Event> {
    let mut events = Vec::new();
    for service in scene.services {
        let (from, to) = (service_state(scene.desk, &service.id), service_state(after, &service.id));
        if from != to {
            let mut event = event(scene, by, EventKind::ServiceState, service.id.as_str(), &service.name);
            (event.from, event.to) = (Some(from.as_str().to_owned()), Some(to.as_str().to_owned()));
            events.push(event);
        }
    }
    events
}

/// An event about something of ours, without its number yet.
fn event(scene: &Scene<'_>, by: &Actor, kind: EventKind, subject: &str, name: &str) -> Event {
    Event {
        seq: 0,
        at: scene.now,
        since: None,
        kind,
        source: None,
        subject: Some(subject.to_owned()),
        name: name.to_owned(),
        from: None,
        to: None,
        cause: match by.means {
            Means::Program => Cause::Time,
            Means::Hook => Cause::Push,
            Means::Person | Means::Token | Means::Bot => Cause::Operator,
        },
        note: None,
        baseline: false,
    }
}

/// An effect that changes nothing yet, with its row in the log.
fn effect(scene: &Scene<'_>, by: &Actor, action: &'static str, subject: &str, done: Done) -> Effect {
    Effect {
        incidents: Vec::new(),
        maintenances: Vec::new(),
        removed: Vec::new(),
        kept: Vec::new(),
        gone: Vec::new(),
        events: Vec::new(),
        questions: Vec::new(),
        audit: Entry {
            at: scene.now,
            actor: by.clone(),
            action,
            subject: Some(subject.to_owned()),
            before: None,
            after: None,
        },
        unlogged: false,
        done,
    }
}

/// Refuses who has seen another version than the one in force.
fn unchanged(current: u64, seen: Option<u64>) -> Result<(), Refused> {
    match seen {
        Some(seen) if seen != current => Err(Refused::Outdated { current }),
        _ => Ok(()),
    }
}

fn invalid(field: &'static str, problem: impl Into<String>) -> Refused {
    Refused::Invalid { field, problem: problem.into() }
}

fn titled(title: &str) -> Result<(), Refused> {
    if title.is_empty() { Err(invalid("title", "is empty: say in a few words what is wrong")) } else { Ok(()) }
}

fn known<'a>(scene: &Scene<'_>, services: impl IntoIterator<Item = &'a ServiceId>) -> Result<(), Refused> {
    let mut seen: BTreeMap<&ServiceId, ()> = BTreeMap::new();
    for id in services {
        if !scene.services.iter().any(|service| service.id == *id) {
            return Err(invalid("services", format!("names `{id}`, which is no service in sources.yaml")));
        }
        if seen.insert(id, ()).is_some() {
            return Err(invalid("services", format!("names `{id}` twice")));
        }
    }
    Ok(())
}

/// Adds an update with the next number, in front of the others.
fn add_update(
    updates: &mut Vec<Update>,
    by: &Actor,
    now: Timestamp,
    phase: Option<Phase>,
    words: &Words,
) -> Result<(), Refused> {
    if updates.len() >= limits::UPDATES {
        return Err(Refused::Conflict(format!(
            "it has {} updates, and no more are kept: declare a new one",
            limits::UPDATES
        )));
    }
    let number = updates.iter().filter_map(|update| update.told.as_ref()).map(|told| told.number).max().unwrap_or(0);
    let told = Told {
        number: number.saturating_add(1),
        author: by.name.clone(),
        markdown: words.markdown.clone(),
        corrected: None,
    };
    let update =
        Update { at: Some(now), phase, body: words.text.clone(), noticed_at: Some(now), told: Some(Box::new(told)) };
    updates.insert(0, update);
    Ok(())
}
