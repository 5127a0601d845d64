//! The rules: merging, following, deriving. Pure, so tables and properties say it all.

mod announce;
mod calendar;
mod clash;
mod desk;
mod follow;
mod hooked;
mod outline;
mod planned;
mod present;
mod properties;
mod pushed;
mod recurrence;
mod replay;
mod series;
mod subscribers;
mod upkeep;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use allclear::clock::Clock;
use allclear::model::event::Cause;
use allclear::model::event::{Event, EventKind};
use allclear::model::filter::Filter;
use allclear::model::id::{ComponentId, SourceId};
use allclear::model::incident::{Phase, Update};
use allclear::model::level::{Impact, State};
use allclear::model::observation::{Observation, SeenComponent, SeenIncident, SeenMaintenance};
use allclear::model::outline::Shape;
use allclear::model::source::{Failure, FailureKind, Source};
use allclear::model::state::{Held, Now, SourceState, Transport};
use allclear::model::text::Text;
use allclear::rules::merge::{self, Merged};
use allclear::rules::{derive, tell};
use jiff::Timestamp;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn source(filter: Filter) -> Arc<Source> {
    Arc::new(Source {
        id: SourceId::new("acme"),
        name: "Acme".into(),
        url: "https://status.acme.example".into(),
        tags: Vec::new(),
        tier: allclear::model::news::Tier::Normal,
        format: Some("statuspage".into()),
        filter,
        interval: Duration::from_secs(120),
        target: None,
    })
}

pub fn component(id: &str, state: State) -> SeenComponent {
    SeenComponent {
        id: ComponentId::new(id),
        name: id.to_uppercase(),
        group: None,
        state,
        description: None,
        updated_at: None,
        quiet: false,
    }
}

pub fn incident(id: &str, phase: Phase) -> SeenIncident {
    SeenIncident {
        id: id.into(),
        title: format!("Trouble {id}"),
        phase: Some(phase),
        impact: Some(Impact::Major),
        started_at: Some(at("2026-01-02T02:00:00Z")),
        updated_at: Some(at("2026-01-02T02:30:00Z")),
        resolved_at: (phase == Phase::Resolved).then(|| at("2026-01-02T03:30:00Z")),
        url: None,
        components: Vec::new(),
        updates: vec![update(phase, "We look into it")],
    }
}

pub fn maintenance(id: &str, phase: Phase, starts: &str) -> SeenMaintenance {
    SeenMaintenance {
        id: id.into(),
        title: format!("Works {id}"),
        phase: Some(phase),
        starts_at: Some(at(starts)),
        ends_at: None,
        updated_at: None,
        url: None,
        components: Vec::new(),
        updates: Vec::new(),
    }
}

pub fn update(phase: Phase, words: &str) -> Update {
    Update {
        at: Some(at("2026-01-02T02:30:00Z")),
        phase: Some(phase),
        body: Text { html: format!("<p>{words}</p>"), plain: words.into() },
        noticed_at: None,
        told: None,
    }
}

pub fn page(components: Vec<SeenComponent>, incidents: Vec<SeenIncident>) -> Observation {
    Observation { indicator: Some(State::OPERATIONAL), components, incidents, ..Observation::default() }
}

/// One source whose readings a test plays, on a clock that it moves.
pub struct Play {
    pub held: Held,
    pub clock: Clock,
    pub events: Vec<Event>,
    /// What the documents of the next readings look like.
    pub shape: Shape,
}

impl Play {
    pub fn new(filter: Filter) -> Self {
        Self::of(source(filter))
    }

    pub fn of(source: Arc<Source>) -> Self {
        let clock = Clock::set_to(at("2026-01-02T03:00:00Z"));
        let state = SourceState::never_read(clock.now().wall);
        let held = Held { source, state, transport: Transport::default() };
        Self { held, clock, events: Vec::new(), shape: Shape::default() }
    }

    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// A good reading; returns the events that are no baseline.
    pub fn read(&mut self, seen: &Observation) -> Vec<Event> {
        let now = self.now();
        let source = Arc::clone(&self.held.source);
        let (shape, good_at) = (self.shape.clone(), self.held.transport.ok_at);
        let reading = merge::Reading { source: &source, with_history: false, shape: &shape, good_at, now: now.wall };
        let baseline = self.held.state.first_read_at.is_none();
        self.good(now);
        let merged = merge::merge(&self.held.state, seen, reading);
        self.settle(merged, now, baseline)
    }

    /// A good reading of unchanged documents.
    pub fn unchanged(&mut self) -> Vec<Event> {
        let now = self.now();
        let source = Arc::clone(&self.held.source);
        self.good(now);
        let merged = merge::unchanged(&self.held.state, &source, now.wall);
        self.settle(merged, now, false)
    }

    /// A failed reading.
    pub fn fail(&mut self, kind: FailureKind) -> Vec<Event> {
        let now = self.now();
        self.held.transport.failures += 1;
        self.held.transport.failure = Some(Failure { kind, message: "it failed".into() });
        self.held.transport.checked_at = Some(now.wall);
        let told = tell::source(&mut self.held, now, Cause::Reading, false);
        self.keep(told.events)
    }

    /// Time passes.
    pub fn wait(&mut self, seconds: u64) -> Vec<Event> {
        self.clock.advance(Duration::from_secs(seconds));
        let now = self.now();
        let told = tell::source(&mut self.held, now, Cause::Time, false);
        self.keep(told.events)
    }

    pub fn state(&self) -> State {
        derive::state_now(&self.held, self.now())
    }

    fn good(&mut self, now: Now) {
        let transport = &mut self.held.transport;
        transport.ok_at = Some(now.wall);
        transport.ok_mono = Some(now.mono);
        transport.checked_at = Some(now.wall);
        transport.failure = None;
        transport.failures = 0;
    }

    fn settle(&mut self, merged: Merged, now: Now, baseline: bool) -> Vec<Event> {
        self.held.state = merged.state;
        let told = tell::source(&mut self.held, now, Cause::Reading, baseline);
        let mut events = merged.events;
        events.extend(told.events);
        self.keep(events)
    }

    fn keep(&mut self, events: Vec<Event>) -> Vec<Event> {
        self.events.extend(events.iter().cloned());
        events.into_iter().filter(|event| !event.baseline).collect()
    }
}

pub fn kinds(events: &[Event]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}
