//! How an event becomes news.

use std::sync::Arc;

use allclear::model::desk::{Affects, Desk, Mute, Seen, Verdict};
use allclear::model::event::{Event, EventKind};
use allclear::model::filter::Filter;
use allclear::model::id::{ComponentId, ServiceId};
use allclear::model::incident::{Incident, Phase};
use allclear::model::level::Impact;
use allclear::model::local::{Hit, Local};
use allclear::model::observation::Observation;
use allclear::model::snapshot::Snapshot;
use allclear::model::source::{FailureKind, Need, PageSettings, Service};
use allclear::rules::{derive, headline, judged};

use super::super::{Play, component, incident as seen, maintenance, page, source};
use super::*;

/// A vendor, our services, and what operators hold.
struct World {
    play: Play,
    desk: Desk,
    /// What came of the last reading.
    events: Vec<Event>,
}

impl World {
    fn new(filter: Filter) -> Self {
        let mut vendor = (*source(filter)).clone();
        (vendor.tier, vendor.tags) = (Tier::Background, vec!["cdn".to_owned()]);
        let mut world = Self { play: Play::of(Arc::new(vendor)), desk: Desk::default(), events: Vec::new() };
        world.read(&well());
        world
    }

    fn read(&mut self, seen: &Observation) -> &[Event] {
        self.play.wait(60);
        self.events = self.play.read(seen);
        &self.events
    }

    fn snapshot(&self) -> Snapshot {
        let service = |id: &str, parts: &[&str]| {
            let need = Need { source: SourceId::new("acme"), components: Filter::new(parts, &[]).unwrap() };
            Arc::new(Service {
                id: ServiceId::new(id),
                name: id.to_uppercase(),
                description: None,
                group: None,
                tags: vec![format!("{id}-team")],
                needs: vec![need],
            })
        };
        let derived = judged::source(
            derive::source(&self.play.held, self.play.now()),
            &self.play.held,
            &self.desk,
            self.play.now(),
        );
        let parts = headline::Parts {
            page: &Arc::new(PageSettings::default()),
            services: &[service("shop", &["API"]), service("search", &["WEB"])],
            sources: vec![&derived],
            desk: &self.desk,
            local: &self.local(),
            local_maintenances: &[],
            notices: Vec::new(),
            cut_off: false,
            seq: 1,
        };
        headline::snapshot(parts, self.play.now())
    }

    fn local(&self) -> Vec<Arc<allclear::model::snapshot::IncidentView>> {
        let view = |incident: &Arc<Incident>| {
            Arc::new(allclear::model::snapshot::IncidentView {
                source_name: "Ours".into(),
                state: incident.state(),
                counted: true,
                affected: Vec::new(),
                stale: false,
                verdict: None,
                stands: false,
                incident: incident.as_ref().clone(),
            })
        };
        self.desk.incidents.values().map(view).collect()
    }

    fn news(&self, kind: EventKind) -> Option<News> {
        let event = self.events.iter().find(|event| event.kind == kind).unwrap_or_else(|| panic!("{:?}", self.events));
        announce::news(event, &self.snapshot())
    }

    fn judge(&mut self, affects: Affects, mute: Mute) {
        let verdict = Verdict {
            incident: IncidentId::new("acme.a"),
            version: 1,
            affects,
            owner: None,
            note: None,
            workaround: None,
            acknowledged: Some((self.play.now().wall, "ada".into())),
            mute,
            seen: Seen {
                impact: Some(Impact::Major),
                components: [(ComponentId::new("api"), State::PARTIAL_OUTAGE)].into(),
            },
            at: self.play.now().wall,
            author: "ada".into(),
        };
        self.desk.verdicts.insert(verdict.incident.clone(), verdict);
    }
}

fn well() -> Observation {
    page(vec![component("api", State::OPERATIONAL), component("web", State::OPERATIONAL)], vec![])
}

fn down() -> Observation {
    page(vec![component("api", State::PARTIAL_OUTAGE), component("web", State::OPERATIONAL)], vec![])
}

fn about(phase: Phase, parts: &[&str]) -> allclear::model::observation::SeenIncident {
    let mut incident = seen("a", phase);
    incident.components = parts.iter().map(ComponentId::new).collect();
    incident
}

#[test]
fn an_incident_is_told_with_what_it_touches_and_who_needs_that() {
    let mut world = World::new(Filter::default());
    world.read(&Observation { incidents: vec![about(Phase::Identified, &["api"])], ..down() });
    let news = world.news(EventKind::IncidentOpened).unwrap();
    assert_eq!((news.kind, &news.thread), (NewsKind::Trouble, &incident("acme.a")));
    assert_eq!(
        (news.state, news.impact, news.phase),
        (State::PARTIAL_OUTAGE, Some(Impact::Major), Some(Phase::Identified))
    );
    assert_eq!((news.title.as_str(), news.text.as_deref()), ("Trouble a", Some("We look into it")));
    assert_eq!(
        (news.components, news.services),
        (vec!["API".to_owned()], vec![(ServiceId::new("shop"), "SHOP".to_owned())])
    );
    assert_eq!((news.tier, news.tags, news.source_name.as_str()), (Tier::Background, vec!["cdn".to_owned()], "Acme"));
    assert_eq!((news.local, news.quiet, news.pace), (false, Quiet::default(), limits::INTERVAL_IN_TROUBLE));
    // The page shows the same, and the incident tells of it.
    let news = world.news(EventKind::SourceState).unwrap();
    assert_eq!((news.kind, news.state), (NewsKind::Trouble, State::PARTIAL_OUTAGE));
    assert_eq!(news.quiet.told_by, Some(IncidentId::new("acme.a")));
    world.read(&Observation { incidents: vec![about(Phase::Resolved, &["api"])], ..well() });
    let news = world.news(EventKind::IncidentResolved).unwrap();
    assert_eq!((news.kind, news.state, news.phase), (NewsKind::Over, State::OPERATIONAL, Some(Phase::Resolved)));
    assert_eq!(world.news(EventKind::ComponentState).unwrap().kind, NewsKind::Over);
}

/// R38: what is told late has the facts of its event and leaves the end to the event that brings it.
#[test]
fn what_is_over_by_now_is_trouble_until_the_event_comes_that_ends_it() {
    let mut world = World::new(Filter::default());
    world.read(&Observation { incidents: vec![about(Phase::Investigating, &["api"])], ..down() });
    let opened = world.events.iter().find(|event| event.kind == EventKind::IncidentOpened).unwrap().clone();
    world.read(&Observation { incidents: vec![about(Phase::Resolved, &["api"])], ..well() });
    let news = announce::news(&opened, &world.snapshot()).unwrap();
    assert_eq!((news.kind, news.phase), (NewsKind::Trouble, Some(Phase::Investigating)));
    // And one that is forgotten by now.
    let gone = Event { subject: Some("acme.gone".into()), ..opened };
    let news = announce::news(&gone, &world.snapshot()).unwrap();
    assert_eq!((news.kind, news.title.as_str(), news.source_name.as_str()), (NewsKind::Trouble, "Trouble a", "Acme"));
}

#[test]
fn what_the_team_says_of_an_incident_quiets_it_and_the_page() {
    let mut world = World::new(Filter::default());
    let seen = Observation { incidents: vec![about(Phase::Investigating, &["api"])], ..down() };
    world.read(&seen);
    let soon = later(world.play.now().wall, 1800);
    for (mute, until) in [(Mute::Until(soon), Some(soon)), (Mute::UntilChange, Some(Timestamp::MAX)), (Mute::Off, None)]
    {
        world.judge(Affects::Yes, mute);
        for kind in [EventKind::IncidentOpened, EventKind::SourceState, EventKind::ComponentState] {
            let quiet = world.news(kind).unwrap().quiet;
            assert_eq!((quiet.muted_until, quiet.acknowledged, quiet.dismissed), (until, true, false), "{kind:?}");
        }
    }
    world.judge(Affects::No, Mute::Off);
    for kind in [EventKind::IncidentOpened, EventKind::SourceState, EventKind::ComponentState] {
        let news = world.news(kind).unwrap();
        assert!(news.quiet.dismissed && !news.quiet.uncounted, "{kind:?}: {:?}", news.quiet);
        assert_eq!(news.kind, NewsKind::Trouble, "{kind:?}: it goes on, whoever is affected");
    }
    let judged = Event { kind: EventKind::IncidentJudged, ..world.events[0].clone() };
    let judged = Event { subject: Some("acme.a".into()), ..judged };
    assert_eq!(announce::news(&judged, &world.snapshot()).unwrap().kind, NewsKind::Judged);
    assert!(announce::is_news(&judged, false));
}

#[test]
fn an_incident_explains_only_what_it_names() {
    let mut world = World::new(Filter::default());
    world.read(&Observation { incidents: vec![about(Phase::Investigating, &["web"])], ..down() });
    let news = world.news(EventKind::ComponentState).unwrap();
    assert_eq!((news.quiet.told_by, news.components), (None, vec!["API".to_owned()]));
    let mut world = World::new(Filter::default());
    world.read(&Observation { incidents: vec![about(Phase::Investigating, &[])], ..down() });
    let news = world.news(EventKind::ComponentState).unwrap();
    assert_eq!(news.quiet.told_by, Some(IncidentId::new("acme.a")), "one that names nothing is about all of it");
}

#[test]
fn planned_work_that_runs_explains_what_it_names() {
    for (parts, explained) in [(vec![], true), (vec!["api"], true), (vec!["web"], false)] {
        let mut world = World::new(Filter::default());
        let mut works = maintenance("m", Phase::InProgress, "2026-01-02T03:00:00Z");
        works.components = parts.iter().map(ComponentId::new).collect();
        world.read(&Observation { maintenances: vec![works.clone()], ..down() });
        assert_eq!(world.news(EventKind::ComponentState).unwrap().quiet.under_maintenance, explained, "{parts:?}");
        let news = world.news(EventKind::MaintenanceStarted).unwrap();
        assert_eq!((news.kind, news.state), (NewsKind::Started, State::UNDER_MAINTENANCE));
        assert_eq!(news.starts_at, works.starts_at);
        works.phase = Some(Phase::Completed);
        world.read(&Observation { maintenances: vec![works], ..well() });
        assert_eq!(world.news(EventKind::MaintenanceCompleted).unwrap().kind, NewsKind::Ended);
    }
}

#[test]
fn a_part_that_does_not_count_is_nobodys_news() {
    let mut world = World::new(Filter::new(&["WEB"], &[]).unwrap());
    world.read(&Observation { incidents: vec![about(Phase::Investigating, &["api"])], ..down() });
    assert!(world.news(EventKind::ComponentState).unwrap().quiet.uncounted);
    assert!(world.news(EventKind::IncidentOpened).unwrap().quiet.uncounted);
}

/// No news is not good news: a page that cannot be read says neither trouble nor its end.
#[test]
fn what_is_not_known_is_neither_trouble_nor_over() {
    let mut world = World::new(Filter::default());
    world.read(&down());
    world.play.fail(FailureKind::Timeout);
    world.events = world.play.wait(3600);
    assert_eq!(world.news(EventKind::SourceState), None);
    let news = world.news(EventKind::SourceUnreadable).unwrap();
    assert_eq!(
        (news.kind, news.state, news.text.as_deref()),
        (NewsKind::Unreadable, State::Unknown, Some("it failed"))
    );
    assert_eq!(news.services.len(), 2, "all that need it");
    world.read(&down());
    assert_eq!(world.news(EventKind::SourceState).unwrap().kind, NewsKind::Trouble);
    assert_eq!(world.news(EventKind::SourceReadable).unwrap().kind, NewsKind::Readable);
}

/// What could be read before this machine was cut off is told when it can be read again.
#[test]
fn only_silence_is_not_told_while_this_machine_is_cut_off() {
    let mut world = World::new(Filter::default());
    world.play.fail(FailureKind::Unreachable);
    let events = world.play.wait(3600);
    let is_news = |kind| announce::is_news(events.iter().find(|event| event.kind == kind).unwrap(), true);
    assert!(!is_news(EventKind::SourceUnreadable));
    let events = world.read(&well()).to_vec();
    assert!(events.iter().all(|event| announce::is_news(event, true)), "{events:?}");
    let event = Event { kind: EventKind::CutOff, source: None, ..events[0].clone() };
    let news = announce::news(&event, &world.snapshot()).unwrap();
    assert_eq!((news.thread, news.kind, news.tier), (Thread::Here("network".into()), NewsKind::Trouble, Tier::Vital));
    assert!(news.local);
}

#[test]
fn ours_is_vital_and_what_is_only_suggested_is_not_public() {
    let mut world = World::new(Filter::default());
    world.read(&down());
    let mut ours: Incident = world.play.held.state.incidents.first().cloned().unwrap_or_else(|| {
        world.read(&Observation { incidents: vec![about(Phase::Investigating, &[])], ..down() });
        world.play.held.state.incidents[0].clone()
    });
    (ours.id, ours.source, ours.local) = (IncidentId::new("ours"), None, Some(Box::default()));
    ours.services = vec![Hit { service: ServiceId::new("shop"), state: State::PARTIAL_OUTAGE }];
    world.desk.incidents.insert(ours.id.clone(), Arc::new(ours.clone()));
    let template = world.events[0].clone();
    let event = |kind, subject: &str| Event {
        kind,
        source: None,
        subject: Some(subject.into()),
        cause: Cause::Operator,
        ..template.clone()
    };
    let news = announce::news(&event(EventKind::IncidentOpened, "ours"), &world.snapshot()).unwrap();
    assert_eq!((news.tier, news.local, news.source_name.as_str()), (Tier::Vital, true, "allclear"));
    assert_eq!(
        (news.services, news.tags),
        (vec![(ServiceId::new("shop"), "SHOP".to_owned())], vec!["shop-team".to_owned()])
    );
    let mut changed = event(EventKind::ServiceState, "shop");
    changed.to = Some("partial_outage".into());
    let news = announce::news(&changed, &world.snapshot()).unwrap();
    assert_eq!((news.kind, news.quiet.told_by), (NewsKind::Trouble, Some(IncidentId::new("ours"))));
    let removed = announce::news(&event(EventKind::IncidentRemoved, "nowhere"), &world.snapshot()).unwrap();
    assert_eq!(removed.kind, NewsKind::Over, "whoever heard of it hears that it is gone");
    ours.local = Some(Box::new(Local { suggested: true, ..Local::default() }));
    world.desk.incidents.insert(ours.id.clone(), Arc::new(ours));
    assert_eq!(announce::news(&event(EventKind::IncidentOpened, "ours"), &world.snapshot()), None);
}
