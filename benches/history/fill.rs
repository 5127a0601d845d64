//! A database as a hundred vendors leave it in a year: a thousand incidents each, ten events an incident, and what the
//! page showed at each of them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allclear::model::desk::Desk;
use allclear::model::event::{Cause, Event, EventKind};
use allclear::model::filter::Filter;
use allclear::model::id::{ComponentId, IncidentId, SourceId};
use allclear::model::incident::{Incident, Listing, Origin, Phase, Update};
use allclear::model::level::{Impact, State};
use allclear::model::news::Tier;
use allclear::model::source::{PageSettings, Source};
use allclear::model::state::{Component, Held, Now, SourceState, Transport};
use allclear::model::text::Text;
use allclear::rules::derive::{self, Derived};
use allclear::rules::headline;
use allclear::store::{Batch, SourceChange, Store};
use jiff::{SignedDuration, Timestamp};

/// Vendors.
pub const SOURCES: usize = 100;
/// Components of each.
const COMPONENTS: usize = 20;
/// Pages that are written at once: only to be done sooner, since one write is as large as the other.
const AT_ONCE: usize = 500;
/// What happens in an incident, minutes after its beginning.
const STEPS: [i64; 5] = [0, 2, 9, 21, 38];

/// The words of posts, so that no two are the same and none packs to nothing.
const WORDS: [&str; 24] = [
    "elevated",
    "errors",
    "requests",
    "region",
    "latency",
    "customers",
    "dashboard",
    "API",
    "investigating",
    "cause",
    "identified",
    "fix",
    "rolled",
    "out",
    "monitoring",
    "recovery",
    "database",
    "network",
    "some",
    "may",
    "queue",
    "delayed",
    "webhooks",
    "login",
];

struct World {
    sources: Vec<Held>,
    derived: Vec<Derived>,
    batch: Batch,
    seq: u64,
    chance: u64,
}

/// Names a source of the configuration.
pub fn name(number: usize) -> String {
    format!("vendor-{number}")
}

/// Lays out the sources, and nothing of the past.
pub fn lay_out(folder: &Path, at: Timestamp) {
    let store = Store::open(folder).unwrap();
    let changes = World::new(at).sources.into_iter().map(|held| change(&held)).collect();
    store.commit(&Batch { sources: changes, ..Batch::default() }).unwrap();
}

/// Fills a database with `incidents` for each source, over the year that ends at `end`. Returns how many events it has.
pub fn fill(folder: &Path, end: Timestamp, incidents: usize) -> u64 {
    let store = Store::open(folder).unwrap();
    let start = end - SignedDuration::from_hours(24 * 365);
    let pace = i64::try_from(365 * 24 * 60 / incidents).unwrap();
    let mut plan: Vec<(Timestamp, usize, usize, usize)> = Vec::with_capacity(incidents * SOURCES * STEPS.len());
    for incident in 0..incidents {
        for source in 0..SOURCES {
            let (n, place) = (i64::try_from(incident).unwrap(), i64::try_from(source).unwrap());
            let began = start + SignedDuration::from_secs(60 * pace * n + 60 * pace * place / 100);
            for (step, minutes) in STEPS.iter().enumerate() {
                plan.push((began + SignedDuration::from_mins(*minutes), source, incident, step));
            }
        }
    }
    plan.sort_unstable();
    let mut world = World::new(start);
    for (count, (at, source, incident, step)) in plan.into_iter().enumerate() {
        world.happens(at, source, incident, step);
        if count % AT_ONCE == AT_ONCE - 1 {
            store.commit(&std::mem::take(&mut world.batch)).unwrap();
        }
    }
    let last = world.sources.iter().map(change);
    world.batch.sources.extend(last.collect::<Vec<_>>());
    store.commit(&world.batch).unwrap();
    store.compact().unwrap();
    world.seq
}

fn change(held: &Held) -> SourceChange {
    SourceChange {
        id: held.source.id.clone(),
        state: Some(held.state.clone()),
        touched: Vec::new(),
        past_incidents: Vec::new(),
        past_maintenances: Vec::new(),
        transport: held.transport.clone(),
        receipts: Vec::new(),
        detected: None,
    }
}

fn now(wall: Timestamp) -> Now {
    Now { wall, mono: Duration::from_secs(u64::try_from(wall.as_second()).unwrap()) }
}

impl World {
    fn new(at: Timestamp) -> Self {
        let sources: Vec<Held> = (0..SOURCES).map(|number| held(number, at)).collect();
        let derived = sources.iter().map(|held| derive::source(held, now(at))).collect();
        Self { sources, derived, batch: Batch::default(), seq: 0, chance: 7 }
    }

    fn below(&mut self, end: usize) -> usize {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.chance >> 33).unwrap() % end
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    /// One step of one incident: what a reading saw, as the writer commits it.
    fn happens(&mut self, at: Timestamp, source: usize, incident: usize, step: usize) {
        let part = incident % COMPONENTS;
        let words = self.words(18);
        let title = self.words(4);
        let held = &mut self.sources[source];
        held.transport.ok_at = Some(at);
        held.transport.ok_mono = Some(now(at).mono);
        held.transport.checked_at = Some(at);
        let id = upstream_id(source, incident);
        let mut events: Vec<(EventKind, State, State)> = Vec::new();
        let (bad, good) = (State::PARTIAL_OUTAGE, State::OPERATIONAL);
        match step {
            0 => {
                turn(held, part, bad, at);
                events.extend([(EventKind::ComponentState, good, bad), (EventKind::SourceState, good, bad)]);
            }
            1 => {
                held.state.incidents.push(open(&held.source.id, &id, &title, part, at));
                post(held, Phase::Investigating, &words, at);
                events.push((EventKind::IncidentOpened, good, bad));
            }
            2 | 3 => {
                post(held, if step == 2 { Phase::Identified } else { Phase::Monitoring }, &words, at);
                turn(held, (part + step) % COMPONENTS, if step == 2 { bad } else { good }, at);
                events.extend([(EventKind::IncidentUpdated, bad, bad), (EventKind::ComponentState, good, bad)]);
            }
            _ => {
                post(held, Phase::Resolved, &words, at);
                turn(held, part, good, at);
                turn(held, (part + 2) % COMPONENTS, good, at);
                events.extend([
                    (EventKind::IncidentResolved, bad, good),
                    (EventKind::ComponentState, bad, good),
                    (EventKind::SourceState, bad, good),
                ]);
            }
        }
        self.note(source, part, &id, at, &events);
        if step == 4 {
            let over = self.sources[source].state.incidents.pop().unwrap();
            let mut past = change(&self.sources[source]);
            past.state = None;
            past.past_incidents.push(over);
            self.batch.sources.push(past);
        }
        self.show(source, at);
    }

    fn note(&mut self, source: usize, part: usize, id: &str, at: Timestamp, events: &[(EventKind, State, State)]) {
        let held = &mut self.sources[source];
        let incident = IncidentId::upstream(&held.source.id, id);
        for (kind, from, to) in events {
            self.seq += 1;
            let (subject, name) = match kind {
                EventKind::ComponentState => (Some(component(part)), format!("Europe/Part {part}")),
                EventKind::SourceState => (None, held.source.name.clone()),
                _ => (Some(incident.to_string()), "elevated errors in some region".to_owned()),
            };
            if *kind == EventKind::SourceState {
                held.state.told = *to;
                held.state.told_since = at;
            }
            let said = matches!(kind, EventKind::IncidentOpened | EventKind::IncidentUpdated);
            self.batch.events.push(Event {
                seq: self.seq,
                at,
                since: None,
                kind: *kind,
                source: Some(held.source.id.clone()),
                subject,
                name,
                from: Some(from.as_str().to_owned()),
                to: Some(to.as_str().to_owned()),
                cause: Cause::Reading,
                note: said.then(|| "We are looking into elevated errors in some region.".to_owned()),
                baseline: false,
            });
        }
    }

    fn show(&mut self, source: usize, at: Timestamp) {
        self.derived[source] = derive::source(&self.sources[source], now(at));
        let parts = headline::Parts {
            page: &Arc::new(PageSettings::default()),
            services: &[],
            sources: self.derived.iter().collect(),
            desk: &Desk::default(),
            local: &[],
            local_maintenances: &[],
            notices: Vec::new(),
            cut_off: false,
            seq: self.seq,
        };
        self.batch.shown.push((at, Arc::new(headline::snapshot(parts, now(at)))));
    }
}

/// Twelve characters in no order, as most vendors have them.
fn upstream_id(source: usize, incident: usize) -> String {
    let number = u64::try_from(source * 1_000_003 + incident).unwrap();
    format!("{:012x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16)
}

fn component(number: usize) -> String {
    format!("{:012x}", number * 7_777_777_777 + 91)
}

fn held(number: usize, at: Timestamp) -> Held {
    let source = Source {
        id: SourceId::new(name(number)),
        name: format!("Vendor {number}"),
        url: format!("https://status-{number}.example"),
        tags: vec![format!("tag-{}", number % 9)],
        tier: Tier::Normal,
        format: Some("statuspage".into()),
        filter: Filter::default(),
        interval: Duration::from_secs(120),
        target: None,
    };
    let mut state = SourceState::never_read(at);
    state.first_read_at = Some(at);
    state.told = State::OPERATIONAL;
    let part = |n: usize| Component {
        id: ComponentId::new(component(n)),
        name: format!("Part {n}"),
        path: format!("Europe/Part {n}"),
        state: State::OPERATIONAL,
        since: at,
        description: None,
        quiet: false,
        unlisted_since: None,
    };
    state.components = (0..COMPONENTS).map(part).collect();
    let transport = Transport {
        ok_at: Some(at),
        ok_mono: Some(now(at).mono),
        checked_at: Some(at),
        format: Some("statuspage".into()),
        ..Transport::default()
    };
    Held { source: Arc::new(source), state, transport }
}

fn turn(held: &mut Held, part: usize, state: State, at: Timestamp) {
    let part = &mut held.state.components[part];
    (part.state, part.since) = (state, at);
}

fn open(source: &SourceId, id: &str, title: &str, part: usize, at: Timestamp) -> Incident {
    Incident {
        id: IncidentId::upstream(source, id),
        origin: Origin::Upstream,
        source: Some(source.clone()),
        upstream_ids: vec![id.to_owned()],
        title: title.to_owned(),
        phase: Some(Phase::Investigating),
        impact: Some(Impact::Major),
        started_at: Some(at),
        updated_at: Some(at),
        resolved_at: None,
        url: Some(format!("https://status.example/incidents/{id}")),
        components: vec![ComponentId::new(component(part))],
        services: Vec::new(),
        updates: Vec::new(),
        first_seen_at: at,
        listing: Listing::Listed,
        local: None,
    }
}

fn post(held: &mut Held, phase: Phase, words: &str, at: Timestamp) {
    let Some(incident) = held.state.incidents.last_mut() else { return };
    incident.phase = Some(phase);
    incident.updated_at = Some(at);
    incident.resolved_at = (phase == Phase::Resolved).then_some(at);
    let body = Text { html: format!("<p>{words}</p>"), plain: words.to_owned() };
    incident.updates.insert(0, Update { at: Some(at), phase: Some(phase), body, noticed_at: Some(at), told: None });
}
