//! Freshness, filters, the state of a source, the headline.

use std::collections::BTreeMap;
use std::sync::Arc;

use allclear::model::filter::Filter;
use allclear::model::id::{ComponentId, ServiceId, SourceId};
use allclear::model::incident::Phase;
use allclear::model::level::State;
use allclear::model::observation::{Basis, Observation};
use allclear::model::source::{FailureKind, Need, PageSettings, Service};
use allclear::rules::{cascade, derive, headline};

use super::*;

/// R1, R14: the last good reading holds until the horizon, then nothing is claimed.
#[test]
fn past_the_horizon_a_source_is_unknown_since_its_last_good_reading() {
    for kind in FailureKind::ALL {
        let mut play = Play::new(Filter::default());
        play.read(&page(vec![component("api", State::OPERATIONAL)], vec![]));
        let read_at = play.now().wall;
        play.wait(120);
        assert_eq!(play.fail(kind), []);
        assert_eq!(play.state(), State::OPERATIONAL, "{kind:?}: still within the horizon");
        let view = derive::source(&play.held, play.now()).view;
        assert_eq!(view.freshness.error.as_ref().map(|failure| failure.kind), Some(kind), "said at once");
        let told = play.wait(241);
        assert_eq!(kinds(&told), [EventKind::SourceUnreadable, EventKind::SourceState], "{kind:?}");
        let view = derive::source(&play.held, play.now()).view;
        assert_eq!((view.state, view.since, view.last_known), (State::Unknown, read_at, Some(State::OPERATIONAL)));
        assert_eq!(view.components[0].state, State::Unknown);
        assert_eq!(play.wait(3600), [], "told once");
        let back = play.read(&page(vec![component("api", State::OPERATIONAL)], vec![]));
        assert_eq!(kinds(&back), [EventKind::SourceReadable, EventKind::SourceState]);
    }
}

#[test]
fn a_source_that_was_never_read_is_unknown_from_the_start() {
    let mut play = Play::new(Filter::default());
    assert_eq!(play.state(), State::Unknown);
    for _ in 0..5 {
        play.fail(FailureKind::Timeout);
        play.wait(60);
    }
    assert_eq!(play.state(), State::Unknown);
    assert_eq!(derive::source(&play.held, play.now()).view.last_known, None);
}

#[test]
fn open_incidents_of_an_unreadable_source_stay_open() {
    let mut play = Play::new(Filter::default());
    play.read(&page(vec![], vec![incident("a", Phase::Investigating)]));
    play.fail(FailureKind::Timeout);
    play.wait(3600);
    let derived = derive::source(&play.held, play.now());
    assert_eq!((derived.view.state, derived.incidents.len()), (State::Unknown, 1));
    assert!(derived.incidents[0].stale);
}

/// R42
#[test]
fn a_wall_clock_that_jumps_makes_nothing_stale() {
    for to in ["2026-01-02T04:00:00Z", "2026-01-03T03:00:00Z", "2016-01-02T03:00:00Z", "2026-01-02T02:00:00Z"] {
        let mut play = Play::new(Filter::default());
        play.read(&page(vec![component("api", State::OPERATIONAL)], vec![]));
        play.clock.jump_to(at(to));
        assert_eq!(play.wait(1), [], "{to}");
        assert_eq!(play.state(), State::OPERATIONAL, "{to}");
    }
}

#[test]
fn the_worst_that_counts_decides() {
    let api = |state| vec![component("api", state), component("web", State::OPERATIONAL)];
    let narrow = || Filter::new(&["WEB"], &[]).unwrap();
    let touching = |id: &str| {
        let mut seen = incident("a", Phase::Investigating);
        seen.components = vec![ComponentId::new(id)];
        seen
    };
    let rows: Vec<(&str, Filter, Observation, State)> = vec![
        ("all is well", Filter::default(), page(api(State::OPERATIONAL), vec![]), State::OPERATIONAL),
        ("a component is down", Filter::default(), page(api(State::MAJOR_OUTAGE), vec![]), State::MAJOR_OUTAGE),
        ("what does not count is down", narrow(), page(api(State::MAJOR_OUTAGE), vec![]), State::OPERATIONAL),
        ("an unknown word", Filter::default(), page(api(State::Unknown), vec![]), State::Unknown),
        (
            "an unknown word beside an outage",
            Filter::default(),
            page(vec![component("a", State::Unknown), component("b", State::PARTIAL_OUTAGE)], vec![]),
            State::PARTIAL_OUTAGE,
        ),
        (
            "an incident while all components are up",
            Filter::default(),
            page(api(State::OPERATIONAL), vec![incident("a", Phase::Investigating)]),
            State::PARTIAL_OUTAGE,
        ),
        (
            "one that touches what counts",
            narrow(),
            page(api(State::OPERATIONAL), vec![touching("web")]),
            State::PARTIAL_OUTAGE,
        ),
        (
            "one that touches what does not count",
            narrow(),
            page(api(State::OPERATIONAL), vec![touching("api")]),
            State::OPERATIONAL,
        ),
        (
            "one that names nothing counts for all",
            narrow(),
            page(api(State::OPERATIONAL), vec![incident("a", Phase::Investigating)]),
            State::PARTIAL_OUTAGE,
        ),
        (
            "a resolved one",
            Filter::default(),
            page(api(State::OPERATIONAL), vec![incident("a", Phase::Resolved)]),
            State::OPERATIONAL,
        ),
        (
            "the overall state is worse than its parts",
            Filter::default(),
            Observation { indicator: Some(State::MAJOR_OUTAGE), ..page(api(State::OPERATIONAL), vec![]) },
            State::MAJOR_OUTAGE,
        ),
        (
            "the overall state is bad because of what does not count",
            narrow(),
            Observation { indicator: Some(State::MAJOR_OUTAGE), ..page(api(State::MAJOR_OUTAGE), vec![]) },
            State::OPERATIONAL,
        ),
        (
            "a filter that matches nothing",
            Filter::new(&["nothing"], &[]).unwrap(),
            page(api(State::OPERATIONAL), vec![]),
            State::Unknown,
        ),
        ("a document that says nothing", Filter::default(), Observation::default(), State::Unknown),
        (
            "a quiet feed",
            Filter::default(),
            Observation { basis: Basis::Announcements, ..Observation::default() },
            State::OPERATIONAL,
        ),
        (
            "an incident with a word that is not understood",
            Filter::default(),
            page(
                vec![],
                vec![allclear::model::observation::SeenIncident {
                    phase: None,
                    impact: None,
                    ..incident("a", Phase::Investigating)
                }],
            ),
            State::Unknown,
        ),
    ];
    for (what, filter, seen, state) in rows {
        let mut play = Play::new(filter);
        play.read(&seen);
        assert_eq!(play.state(), state, "{what}");
    }
}

/// R6
#[test]
fn an_open_incident_is_shown_whatever_the_components_say() {
    let mut play = Play::new(Filter::default());
    let mut quiet = incident("a", Phase::Investigating);
    quiet.impact = Some(allclear::model::level::Impact::None);
    play.read(&page(vec![component("api", State::OPERATIONAL)], vec![quiet]));
    assert_eq!(derive::source(&play.held, play.now()).incidents[0].incident.title, "Trouble a");
}

/// R3: a scraped page that lost rows is believed when a second reading agrees.
#[test]
fn a_scraped_page_with_fewer_rows_is_unknown_until_a_second_reading_agrees() {
    let scraped = Arc::new(allclear::model::source::Source {
        format: Some("html".into()),
        ..(*source(Filter::default())).clone()
    });
    let mut play = Play::of(scraped);
    let seen = |ids: &[&str]| Observation {
        components: ids.iter().map(|id| component(id, State::OPERATIONAL)).collect(),
        ..Observation::default()
    };
    play.read(&seen(&["a", "b"]));
    play.wait(60);
    play.read(&seen(&["a"]));
    assert_eq!(play.state(), State::Unknown);
    play.wait(60);
    play.read(&seen(&["a"]));
    assert_eq!(play.state(), State::OPERATIONAL);
}

#[test]
fn a_slow_pace_has_a_horizon_that_holds_from_one_reading_to_the_next() {
    for (interval, horizon) in [(30, 300), (120, 360), (240, 720), (600, 900), (3600, 5400)] {
        let mut slow = (*source(Filter::default())).clone();
        slow.interval = Duration::from_secs(interval);
        assert_eq!(derive::horizon(&slow), Duration::from_secs(horizon), "{interval}");
    }
}

fn held(name: &str, url: &str, failure: Option<FailureKind>) -> Held {
    let mut play = Play::new(Filter::default());
    let mut named = (*play.held.source).clone();
    named.id = SourceId::new(name);
    named.name = name.to_owned();
    named.url = url.to_owned();
    play.held.source = Arc::new(named);
    match failure {
        Some(kind) => drop(play.fail(kind)),
        None => drop(play.read(&page(vec![component("api", State::OPERATIONAL)], vec![]))),
    }
    play.held
}

/// R13
#[test]
fn it_is_us_only_when_half_of_all_and_enough_hosts_cannot_be_reached() {
    let world = |total: usize, unreachable: usize, hosts: usize, kind| -> Vec<Held> {
        (0..total)
            .map(|n| {
                held(&format!("s{n}"), &format!("https://h{}.example", n % hosts), (n < unreachable).then_some(kind))
            })
            .collect()
    };
    for (total, unreachable, hosts, kind, cut_off) in [
        (10, 5, 10, FailureKind::Unreachable, true),
        (10, 4, 10, FailureKind::Unreachable, false),
        (11, 5, 11, FailureKind::Unreachable, false),
        (10, 10, 2, FailureKind::Unreachable, false),
        (10, 10, 10, FailureKind::Broken, false),
        (4, 4, 4, FailureKind::Unreachable, false),
    ] {
        let all = world(total, unreachable, hosts, kind);
        assert_eq!(cascade::is_cut_off(&all), cut_off, "{unreachable} of {total} on {hosts}, {kind:?}");
    }
}

fn snapshot(all: &[Held], services: &[Arc<Service>]) -> allclear::model::snapshot::Snapshot {
    let now = Clock::set_to(at("2026-01-02T03:00:30Z")).now();
    let derived: Vec<_> = all.iter().map(|held| derive::source(held, now)).collect();
    let parts = headline::Parts {
        page: &Arc::new(PageSettings::default()),
        services,
        sources: derived.iter().collect(),
        desk: &allclear::model::desk::Desk::default(),
        local: &[],
        local_maintenances: &[],
        notices: Vec::new(),
        cut_off: false,
        seq: 0,
    };
    headline::snapshot(parts, now)
}

#[test]
fn the_headline_says_what_is_wrong_and_what_is_not_known() {
    let good = || held("good", "https://good.example", None);
    let unread = || held("unread", "https://unread.example", Some(FailureKind::Timeout));
    let mut down = good();
    down.state.components[0].state = State::MAJOR_OUTAGE;
    let mut works = good();
    works.state.components[0].state = State::UNDER_MAINTENANCE;
    for (all, text, state) in [
        (vec![], "Nothing is watched yet: add sources to sources.yaml", State::Unknown),
        (vec![good(), good()], "All clear", State::OPERATIONAL),
        (vec![good(), down.clone()], "1 vendor has problems", State::MAJOR_OUTAGE),
        (vec![down.clone(), down.clone(), unread()], "2 vendors have problems, 1 unknown", State::MAJOR_OUTAGE),
        (vec![good(), unread()], "1 vendor is unknown, no problems seen elsewhere", State::Unknown),
        (vec![good(), works], "All clear, 1 vendor under maintenance", State::UNDER_MAINTENANCE),
    ] {
        let shown = snapshot(&all, &[]);
        assert_eq!((shown.headline.text.as_str(), shown.headline.state), (text, state));
        let counted: usize = shown.headline.counts.values().sum();
        assert_eq!(counted, all.len());
    }
    let shown = snapshot(&[good(), unread()], &[]);
    assert_eq!(shown.headline.detail, "1 of 2 checked in the last minute");
    assert_eq!(shown.headline.counts, BTreeMap::from([("operational", 1), ("unknown", 1)]));
}

#[test]
fn a_service_is_at_risk_by_what_it_needs_and_by_what_is_not_known() {
    let mut down = held("cdn", "https://cdn.example", None);
    down.state.components[0].state = State::PARTIAL_OUTAGE;
    let unread = held("mail", "https://mail.example", Some(FailureKind::Timeout));
    let need = |source: &str, only: &[&str]| Need {
        source: SourceId::new(source),
        components: Filter::new(only, &[]).unwrap(),
    };
    let service = |needs| {
        Arc::new(Service {
            id: ServiceId::new("checkout"),
            name: "Checkout".into(),
            description: None,
            group: None,
            tags: Vec::new(),
            needs,
        })
    };
    for (needs, risks) in [
        (vec![need("cdn", &[])], vec![(None, State::PARTIAL_OUTAGE)]),
        (vec![need("cdn", &["API"])], vec![(Some("API"), State::PARTIAL_OUTAGE)]),
        (vec![need("cdn", &["nothing like it"])], vec![(None, State::Unknown)]),
        (vec![need("mail", &["API"]), need("cdn", &[])], vec![(None, State::PARTIAL_OUTAGE), (None, State::Unknown)]),
    ] {
        let shown = snapshot(&[down.clone(), unread.clone()], &[service(needs)]);
        let found: Vec<_> = shown.services[0].at_risk.iter().map(|r| (r.component.as_deref(), r.state)).collect();
        assert_eq!(found, risks);
        assert_eq!(shown.services[0].state, State::OPERATIONAL);
    }
}
