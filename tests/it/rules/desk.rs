//! Orders of operators: what each changes, and which are refused.

mod incidents;
mod maintenances;
mod manual;
mod random;
mod verdicts;

use std::sync::Arc;

use allclear::model::actor::{Actor, Means};
use allclear::model::command::{Command, Done, Effect, Opening, Order, Post, Refused};
use allclear::model::desk::Desk;
use allclear::model::event::EventKind;
use allclear::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use allclear::model::incident::{Incident, Maintenance, Phase};
use allclear::model::level::{Impact, State};
use allclear::model::local::{Hit, Words};
use allclear::model::snapshot::IncidentView;
use allclear::model::source::Service;
use allclear::model::text::Text;
use allclear::rules::desk::{self, Scene};
use jiff::Timestamp;

use super::at;

/// A team with two services and one source, at a desk.
pub struct Team {
    pub desk: Desk,
    pub services: Vec<Arc<Service>>,
    pub upstream: Vec<Arc<IncidentView>>,
    pub parts: Vec<(ComponentId, State)>,
    pub old: Option<Incident>,
    pub now: Timestamp,
}

impl Team {
    pub fn new() -> Self {
        let service = |id: &str| {
            Arc::new(Service {
                id: ServiceId::new(id),
                name: id.to_uppercase(),
                description: None,
                group: None,
                tags: Vec::new(),
                needs: Vec::new(),
            })
        };
        Self {
            desk: Desk::default(),
            services: vec![service("checkout"), service("search")],
            upstream: Vec::new(),
            parts: Vec::new(),
            old: None,
            now: at("2026-03-01T12:00:00Z"),
        }
    }

    fn hold<T>(&self, work: impl FnOnce(&Scene<'_>) -> T) -> T {
        work(&Scene {
            desk: &self.desk,
            old_incidents: self.old.as_slice(),
            old_maintenance: None,
            services: &self.services,
            is_source: &|id: &SourceId| id.as_str() == "acme",
            upstream: &|id: &IncidentId| self.upstream.iter().find(|view| view.incident.id == *id).cloned(),
            components: &|_: &SourceId| self.parts.clone(),
            now: self.now,
        })
    }

    /// Tries an order of `ada`; nothing is changed by it.
    pub fn ask(&self, command: Command) -> Result<Effect, Refused> {
        let order = Order { actor: ada(), command };
        self.hold(|scene| desk::apply(scene, &order))
    }

    /// Has an order carried out.
    pub fn order(&mut self, command: Command) -> Effect {
        let effect = self.ask(command).unwrap();
        self.desk = desk::after(&self.desk, &effect);
        effect
    }

    pub fn refusal(&self, command: Command) -> Refused {
        self.ask(command).map(|effect| effect.audit.action).expect_err("it is refused")
    }

    pub fn wait(&mut self, seconds: i64) {
        self.now += jiff::SignedDuration::from_secs(seconds);
    }

    pub fn incident(&self, id: &str) -> &Incident {
        &self.desk.incidents[&IncidentId::new(id)]
    }

    pub fn maintenance(&self, id: &str) -> &Maintenance {
        &self.desk.maintenances[&IncidentId::new(id)]
    }

    pub fn service(&self, id: &str) -> State {
        desk::service_state(&self.desk, &ServiceId::new(id))
    }
}

pub fn ada() -> Actor {
    Actor { means: Means::Token, id: "t1".into(), name: "ada".into(), address: None }
}

pub fn words(text: &str) -> Words {
    Words { markdown: text.into(), text: Text { html: format!("<p>{text}</p>"), plain: text.into() } }
}

pub fn hit(service: &str, state: State) -> Hit {
    Hit { service: ServiceId::new(service), state }
}

/// A plain incident that makes checkout slow.
pub fn opening(id: &str) -> Opening {
    Opening {
        id: IncidentId::new(id),
        title: format!("Trouble {id}"),
        impact: Impact::Minor,
        phase: Phase::Investigating,
        services: vec![hit("checkout", State::DEGRADED_PERFORMANCE)],
        started_at: None,
        words: words("We are looking."),
        note: Words::default(),
        related: Vec::new(),
        pushed: None,
        suggested: false,
    }
}

/// An update that only says something.
pub fn saying(text: &str) -> Post {
    Post { words: words(text), ..Post::default() }
}

/// An update that moves it on.
pub fn turning(phase: Phase) -> Post {
    Post { phase: Some(phase), words: words("So it is."), ..Post::default() }
}

pub fn kinds(effect: &Effect) -> Vec<EventKind> {
    effect.events.iter().map(|event| event.kind).collect()
}

pub fn version(done: &Done) -> u64 {
    match done {
        Done::Incident(one) => one.local.as_ref().unwrap().version,
        Done::Maintenance(one) => one.local.as_ref().unwrap().version,
        Done::Verdict(one) => one.version,
        Done::Override(one) => one.version,
        Done::ByHand(one) => one.version,
        Done::Template(one) => one.version,
        Done::Series(one) => one.version,
        other => panic!("{other:?} has no version"),
    }
}

/// Which value was refused.
pub fn field(refused: &Refused) -> &'static str {
    match refused {
        Refused::Invalid { field, .. } => field,
        other => panic!("{other:?}"),
    }
}
