//! What pushes do to local incidents, beside what operators do to them.

use std::sync::Arc;
use std::time::Duration;

use allclear::limits;
use allclear::model::actor::{Actor, Means};
use allclear::model::command::{Command, Done, Edit, Effect, Opening, Order, Post, Taken};
use allclear::model::desk::Desk;
use allclear::model::event::{Cause, EventKind};
use allclear::model::hook::{Hook, Mode};
use allclear::model::id::{HookId, IncidentId, ServiceId};
use allclear::model::incident::{Incident, Phase};
use allclear::model::level::{Impact, State};
use allclear::model::local::Words;
use allclear::model::signal::{Course, Signal};
use allclear::model::source::Service;
use allclear::model::text::Text;
use allclear::rules::desk::{self, Scene};
use jiff::{SignedDuration, Timestamp};

use super::at;

/// A desk on which pushes and orders are carried out as the writer does.
struct Table {
    desk: Desk,
    services: Vec<Arc<Service>>,
    hook: Arc<Hook>,
    now: Timestamp,
    /// What is in the store alone.
    old: Vec<Incident>,
}

fn hook(mode: Mode) -> Hook {
    Hook {
        id: HookId::new("am"),
        name: "Prometheus".into(),
        kind: "alertmanager".into(),
        mode,
        hold: Duration::ZERO,
        reopen: Duration::from_secs(900),
        services: vec![ServiceId::new("checkout")],
        label: None,
        impact: Impact::Major,
        resolve: true,
        link: true,
    }
}

fn signal(course: Course, time: Timestamp) -> Signal {
    Signal {
        key: "7".into(),
        course,
        at: Some(time),
        standing: false,
        started_at: None,
        title: "API is down".into(),
        text: allclear::text::body("It does not answer."),
        impact: None,
        labels: Vec::new(),
        url: Some("https://monitor.acme.example/7".into()),
    }
}

impl Table {
    fn new(hook: Hook) -> Self {
        let service = Service {
            id: ServiceId::new("checkout"),
            name: "Checkout".into(),
            description: None,
            group: None,
            tags: Vec::new(),
            needs: Vec::new(),
        };
        let now = at("2026-01-02T03:00:00Z");
        Self { desk: Desk::default(), services: vec![Arc::new(service)], hook: Arc::new(hook), now, old: Vec::new() }
    }

    fn carry_out(&mut self, actor: Actor, command: Command) -> Effect {
        let scene = Scene {
            desk: &self.desk,
            old_incidents: &self.old,
            old_maintenance: None,
            services: &self.services,
            is_source: &|_| false,
            upstream: &|_| None,
            components: &|_| Vec::new(),
            now: self.now,
        };
        let effect = desk::apply(&scene, &Order { actor, command }).unwrap();
        self.desk = desk::after(&self.desk, &effect);
        effect
    }

    fn push(&mut self, signals: Vec<Signal>) -> Effect {
        let (actor, hook) = (Actor::hook(&self.hook, None), Arc::clone(&self.hook));
        self.carry_out(actor, Command::Take(hook, signals))
    }

    fn order(&mut self, command: Command) -> Effect {
        let actor = Actor { means: Means::Person, id: "robin".into(), name: "Robin".into(), address: None };
        self.carry_out(actor, command)
    }

    fn fires(&mut self) -> Effect {
        let signal = signal(Course::Firing, self.now);
        self.push(vec![signal])
    }

    fn ends(&mut self) -> Effect {
        let signal = signal(Course::Resolved, self.now);
        self.push(vec![signal])
    }

    fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    fn only(&self) -> &Incident {
        assert_eq!(self.desk.incidents.len(), 1, "{:?}", self.desk.incidents.keys());
        self.desk.incidents.values().next().unwrap()
    }

    fn resolves(&mut self) -> Effect {
        let id = self.only().id.clone();
        self.order(Command::Post(id, None, Post { phase: Some(Phase::Resolved), ..Post::default() }))
    }
}

fn kinds(effect: &Effect) -> Vec<EventKind> {
    effect.events.iter().map(|event| event.kind).collect()
}

fn told(effect: &Effect) -> &Taken {
    let Done::Taken(told) = &effect.done else { panic!("{:?}", effect.done) };
    told
}

#[test]
fn a_push_is_one_effect_with_its_incidents_their_alerts_and_one_row() {
    let mut table = Table::new(hook(Mode::Publish));
    let now = table.now;
    let alert = |key: &str| Signal { key: key.into(), ..signal(Course::Firing, now) };
    let effect = table.push(vec![alert("1"), alert("2")]);
    assert_eq!((effect.incidents.len(), effect.kept.len(), effect.unlogged), (2, 2, false));
    assert_eq!(kinds(&effect), [EventKind::IncidentOpened, EventKind::IncidentOpened, EventKind::ServiceState]);
    assert!(effect.events.iter().all(|event| event.cause == Cause::Push));
    assert_eq!((effect.audit.action, effect.audit.subject.as_deref()), ("hook.push", Some("am")));
    for incident in &effect.incidents {
        let local = incident.local.as_ref().unwrap();
        assert_eq!((local.author.as_str(), local.pushed.as_ref().unwrap().hook.as_str()), ("Prometheus", "am"));
        assert!(effect.audit.after.as_ref().unwrap().contains(incident.id.as_str()));
        assert_eq!(incident.url.as_deref(), Some("https://monitor.acme.example/7"));
        assert_eq!(incident.services[0].state, State::PARTIAL_OUTAGE);
        assert_eq!(incident.updates[0].body.plain, "It does not answer.");
    }
    let again = table.push(vec![alert("1"), alert("2")]);
    assert!(again.unlogged && again.kept.is_empty() && again.incidents.is_empty() && again.events.is_empty());
    table.wait(60);
    let end = Signal { key: "2".into(), ..signal(Course::Resolved, table.now - SignedDuration::from_secs(30)) };
    let effect = table.push(vec![end]);
    assert_eq!((effect.audit.action, kinds(&effect)), ("incident.resolve", vec![EventKind::IncidentResolved]));
    assert_eq!(effect.incidents[0].resolved_at, Some(table.now - SignedDuration::from_secs(30)), "the sender's time");
}

#[test]
fn a_clock_of_a_sender_that_is_wrong_loses_no_alert() {
    for time in ["2026-01-02T04:00:00Z", "1999-01-01T00:00:00Z"] {
        let mut table = Table::new(hook(Mode::Publish));
        table.push(vec![signal(Course::Firing, at(time))]);
        assert_eq!(table.only().started_at, Some(table.now), "{time}");
    }
}

#[test]
fn a_service_that_is_configured_no_more_is_noted_and_the_alert_counts() {
    let mut table =
        Table::new(Hook { services: vec![ServiceId::new("gone"), ServiceId::new("checkout")], ..hook(Mode::Publish) });
    let effect = table.fires();
    assert!(told(&effect).notes[0].contains("`gone`"), "{:?}", effect.done);
    assert_eq!(table.only().services.len(), 1);
}

#[test]
fn what_an_operator_closed_stays_closed_until_it_fires_anew() {
    let mut table = Table::new(hook(Mode::Publish));
    table.fires();
    table.wait(60);
    table.resolves();
    table.wait(60);
    let reminder = Signal { title: "API is still down".into(), ..signal(Course::Firing, table.now) };
    let effect = table.push(vec![reminder]);
    assert!(effect.incidents.is_empty() && !table.only().is_open());
    table.wait(60);
    assert!(table.ends().incidents.is_empty(), "it is over already");
    table.wait(60);
    assert_eq!(kinds(&table.fires())[0], EventKind::IncidentReopened);
    assert!(table.only().is_open());
    // Opened again by an operator, it goes on as the alert does.
    table.resolves();
    let id = table.only().id.clone();
    table.order(Command::Post(id, None, Post { phase: Some(Phase::Investigating), ..Post::default() }));
    table.wait(60);
    assert_eq!(kinds(&table.ends())[0], EventKind::IncidentResolved);
}

#[test]
fn what_an_operator_removed_comes_back_only_as_another() {
    let mut table = Table::new(hook(Mode::Suggest));
    table.fires();
    let first = table.only().id.clone();
    table.order(Command::Delete(first.clone(), None));
    table.wait(60);
    let reminder = Signal { title: "API is still down".into(), ..signal(Course::Firing, table.now) };
    table.push(vec![reminder]);
    assert!(table.desk.incidents.is_empty());
    table.wait(60);
    table.ends();
    table.wait(60);
    let effect = table.fires();
    let anew = table.only();
    assert!(anew.id != first && anew.is_open() && anew.local.as_ref().unwrap().suggested);
    assert!(effect.events.is_empty(), "nobody hears of a suggestion");
    table.wait(60);
    table.ends();
    assert!(!table.only().is_open(), "and it is this one that ends");
}

#[test]
fn a_suggestion_that_is_published_goes_on_as_its_alert_does() {
    let mut table = Table::new(hook(Mode::Suggest));
    assert!(table.fires().events.is_empty());
    let id = table.only().id.clone();
    table.order(Command::Publish(id, None));
    table.wait(60);
    assert_eq!(kinds(&table.ends()), [EventKind::IncidentResolved, EventKind::ServiceState]);
}

#[test]
fn what_operators_made_of_an_incident_stays_where_the_alert_says_nothing_else() {
    let mut table = Table::new(hook(Mode::Publish));
    table.fires();
    let id = table.only().id.clone();
    let edit = Edit { title: Some("Payments are slow".into()), impact: Some(Impact::Minor), ..Edit::default() };
    table.order(Command::Edit(id.clone(), None, Box::new(edit)));
    table.order(Command::Post(id, None, Post { phase: Some(Phase::Identified), ..Post::default() }));
    table.wait(60);
    let more = Signal { text: allclear::text::body("Still nothing."), ..signal(Course::Firing, table.now) };
    table.push(vec![more]);
    let incident = table.only();
    assert_eq!((incident.title.as_str(), incident.impact), ("Payments are slow", Some(Impact::Minor)));
    assert_eq!((incident.phase, incident.updates[0].body.plain.as_str()), (Some(Phase::Identified), "Still nothing."));
    table.wait(60);
    let worse =
        Signal { title: "API is gone".into(), impact: Some(Impact::Critical), ..signal(Course::Firing, table.now) };
    let effect = table.push(vec![worse]);
    let incident = table.only();
    assert_eq!((incident.title.as_str(), incident.impact), ("API is gone", Some(Impact::Critical)));
    assert_eq!(incident.services[0].state, State::MAJOR_OUTAGE);
    assert_eq!(effect.events[0].name, "API is gone");
}

#[test]
fn an_alert_that_flaps_for_ever_can_always_end() {
    let mut table = Table::new(hook(Mode::Publish));
    table.fires();
    let id = table.only().id.clone();
    let words =
        Words { markdown: "We know.".into(), text: Text { html: "<p>We know.</p>".into(), plain: "We know.".into() } };
    table.order(Command::Post(id, None, Post { words, ..Post::default() }));
    for _ in 0..limits::UPDATES {
        table.wait(60);
        table.ends();
        assert!(!table.only().is_open());
        table.wait(60);
        table.fires();
        assert!(table.only().is_open());
    }
    let updates = &table.only().updates;
    assert_eq!(updates.len(), limits::UPDATES);
    assert_eq!(updates.last().unwrap().body.plain, "It does not answer.", "how it began stays");
    assert!(updates.iter().any(|update| update.body.plain == "We know."), "an operator's words stay");
}

#[test]
fn where_too_many_incidents_are_open_an_alert_waits_and_is_not_lost() {
    let mut table = Table::new(hook(Mode::Publish));
    for number in 0..limits::LOCAL_OPEN {
        let opening = Opening {
            id: IncidentId::new(format!("i{number}")),
            title: "Trouble".into(),
            impact: Impact::Minor,
            phase: Phase::Investigating,
            services: Vec::new(),
            started_at: None,
            words: Words::default(),
            note: Words::default(),
            related: Vec::new(),
            pushed: None,
            suggested: false,
        };
        table.order(Command::Open(opening));
    }
    let effect = table.fires();
    assert!(told(&effect).notes[0].contains("waits") && effect.incidents.is_empty() && effect.unlogged);
    table.order(Command::Delete(IncidentId::new("i0"), None));
    table.wait(60);
    let held = table.desk.pushed_by(&table.hook.id).next().unwrap().alert.held_until;
    assert_eq!(held, Some(table.now));
    let (actor, hook) = (Actor::hook(&table.hook, None), Arc::clone(&table.hook));
    let effect = table.carry_out(actor, Command::Follow(hook, vec!["7".into(), "nobody".into()]));
    assert_eq!(kinds(&effect), [EventKind::IncidentOpened, EventKind::ServiceState]);
}

#[test]
fn a_hook_follows_so_many_alerts_and_says_what_it_leaves_out() {
    let mut table = Table::new(Hook { hold: Duration::from_secs(3600), ..hook(Mode::Publish) });
    let now = table.now;
    let alert = |number: usize, course| Signal { key: number.to_string(), ..signal(course, now) };
    let all: Vec<Signal> = (0..limits::HOOK_KEYS).map(|number| alert(number, Course::Firing)).collect();
    assert_eq!(told(&table.push(all)).left_out, 0);
    let (next, after) = (limits::HOOK_KEYS, limits::HOOK_KEYS + 1);
    let effect =
        table.push(vec![alert(next, Course::Firing), alert(after, Course::Resolved), alert(0, Course::Resolved)]);
    assert_eq!(told(&effect).left_out, 1, "an end that nobody waits for is no loss");
    // What is over makes room.
    assert_eq!(told(&table.push(vec![alert(next, Course::Firing)])).left_out, 0);
    let keys: Vec<&str> = table.desk.pushed_by(&table.hook.id).map(|held| held.alert.key.as_str()).collect();
    assert_eq!(keys.len(), limits::HOOK_KEYS);
    assert!(!keys.contains(&"0") && keys.contains(&next.to_string().as_str()));
}

#[test]
fn an_alert_that_was_forgotten_finds_its_incident_again() {
    for (standing, is_open) in [(false, false), (true, true)] {
        let mut table = Table::new(hook(Mode::Publish));
        let first = Signal { standing, ..signal(Course::Firing, table.now) };
        table.push(vec![first.clone()]);
        table.wait(60);
        table.ends();
        let incident = table.only().clone();
        let places: Vec<String> = table.desk.pushed.keys().cloned().collect();
        table.order(Command::Forget(places));
        assert!(table.desk.pushed.is_empty());
        // It is long over: only the store has it.
        table.desk.incidents.clear();
        table.old = vec![incident.clone()];
        table.wait(100_000);
        // An old push says nothing new; who tells how things stand says that it never ended.
        table.push(vec![first.clone()]);
        assert_eq!(table.desk.incidents.contains_key(&incident.id), is_open);
        assert!(
            table.desk.incidents.values().all(|one| one.id == incident.id && one.is_open() && one.updates.len() == 3)
        );
    }
}
