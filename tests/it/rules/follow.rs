//! Incidents, maintenances and components over several readings.

use allclear::model::event::EventKind;
use allclear::model::filter::Filter;
use allclear::model::incident::{Listing, Phase};
use allclear::model::level::{Impact, State};
use allclear::model::observation::Observation;
use allclear::model::outline::Shape;

use super::*;

#[test]
fn the_first_reading_is_a_baseline_and_announces_nothing() {
    let mut play = Play::new(Filter::default());
    let many = (0..30).map(|n| incident(&format!("i{n}"), Phase::Investigating)).collect();
    assert_eq!(play.read(&page(vec![component("api", State::MAJOR_OUTAGE)], many)), []);
    assert_eq!(play.held.state.incidents.len(), 30);
    assert!(play.events.iter().all(|event| event.baseline));
}

#[test]
fn an_outage_is_told_from_its_opening_to_its_end() {
    let mut play = Play::new(Filter::default());
    play.read(&page(vec![component("api", State::OPERATIONAL)], vec![]));
    play.wait(30);
    let seen = page(vec![component("api", State::PARTIAL_OUTAGE)], vec![incident("a", Phase::Investigating)]);
    assert_eq!(
        kinds(&play.read(&seen)),
        [EventKind::ComponentState, EventKind::IncidentOpened, EventKind::SourceState]
    );
    assert_eq!(play.read(&seen), [], "seeing the same page twice changes nothing");
    let mut later = incident("a", Phase::Monitoring);
    later.updates.insert(0, update(Phase::Monitoring, "A fix is in"));
    assert_eq!(
        kinds(&play.read(&page(vec![component("api", State::PARTIAL_OUTAGE)], vec![later.clone()]))),
        [EventKind::IncidentUpdated]
    );
    let mut over = later;
    over.phase = Some(Phase::Resolved);
    over.resolved_at = Some(play.now().wall);
    assert_eq!(
        kinds(&play.read(&page(vec![component("api", State::OPERATIONAL)], vec![over]))),
        [EventKind::ComponentState, EventKind::IncidentResolved, EventKind::SourceState]
    );
    assert_eq!(play.state(), State::OPERATIONAL);
}

/// R8: it stays open and marked for three more good readings and ten minutes, then closes without an end.
#[test]
fn an_incident_that_vanishes_stays_open_for_a_while_and_is_then_no_longer_listed() {
    let mut play = Play::new(Filter::default());
    play.read(&page(vec![], vec![]));
    play.read(&page(vec![], vec![incident("a", Phase::Investigating)]));
    for reading in 1..=3 {
        play.wait(30);
        assert_eq!(play.read(&page(vec![], vec![])), [], "reading {reading}");
        assert!(play.held.state.incidents[0].is_open());
    }
    play.wait(30);
    assert_eq!(play.read(&page(vec![], vec![])), [], "four readings, but not ten minutes");
    play.wait(600);
    let told = play.unchanged();
    assert_eq!(kinds(&told), [EventKind::IncidentUnlisted, EventKind::SourceState]);
    let closed = &play.held.state.incidents[0];
    assert!(!closed.is_open() && closed.resolved_at.is_none());
    assert!(matches!(closed.listing, Listing::NoLongerListed { .. }));

    play.wait(30);
    let back = play.read(&page(vec![], vec![incident("a", Phase::Investigating)]));
    assert_eq!(kinds(&back), [EventKind::IncidentReopened, EventKind::SourceState]);
    assert_eq!(play.held.state.incidents.len(), 1, "the same incident");
}

#[test]
fn one_that_comes_back_in_time_is_told_of_by_nobody() {
    let mut play = Play::new(Filter::default());
    play.read(&page(vec![], vec![]));
    play.read(&page(vec![], vec![incident("a", Phase::Investigating)]));
    for _ in 0..5 {
        play.wait(30);
        assert_eq!(play.read(&page(vec![], vec![])), []);
        play.wait(30);
        assert_eq!(play.read(&page(vec![], vec![incident("a", Phase::Investigating)])), []);
    }
    assert_eq!(play.held.state.incidents[0].listing, Listing::Listed);
}

/// R9
#[test]
fn a_new_id_on_every_reading_is_one_incident() {
    let mut play = Play::new(Filter::default());
    play.read(&page(vec![], vec![]));
    let mut told = Vec::new();
    for reading in 0..20 {
        play.wait(30);
        let mut seen = incident("same", Phase::Investigating);
        seen.id = format!("changed-{reading}");
        seen.started_at = Some(at(if reading % 2 == 0 { "2026-01-02T02:00:00Z" } else { "2026-01-02T02:01:00Z" }));
        told.extend(kinds(&play.read(&page(vec![], vec![seen]))));
    }
    assert_eq!(told, [EventKind::IncidentOpened, EventKind::SourceState]);
    assert_eq!(play.held.state.incidents.len(), 1);
    assert_eq!(play.held.state.incidents[0].id.as_str(), "acme.changed-0");
}

#[test]
fn two_incidents_of_one_title_and_start_in_one_reading_stay_two() {
    let mut play = Play::new(Filter::default());
    play.read(&page(vec![], vec![]));
    let (one, mut two) = (incident("a", Phase::Investigating), incident("b", Phase::Investigating));
    two.title.clone_from(&one.title);
    play.read(&page(vec![], vec![one.clone(), two.clone()]));
    play.read(&page(vec![], vec![two, one]));
    assert_eq!(play.held.state.incidents.len(), 2);
}

/// R10
#[test]
fn order_white_space_and_times_alone_are_no_news() {
    let mut play = Play::new(Filter::default());
    let first = incident("a", Phase::Investigating);
    let second = incident("b", Phase::Identified);
    play.read(&page(vec![component("x", State::OPERATIONAL), component("y", State::OPERATIONAL)], vec![]));
    play.read(&page(
        vec![component("x", State::OPERATIONAL), component("y", State::OPERATIONAL)],
        vec![first.clone(), second.clone()],
    ));
    for reading in 0..100_i64 {
        play.wait(30);
        let mut list = vec![first.clone(), second.clone()];
        let mut components = vec![component("x", State::OPERATIONAL), component("y", State::OPERATIONAL)];
        for (at, item) in list.iter_mut().enumerate() {
            item.updated_at = Some(at_second(reading));
            item.updates[0].body.plain = format!("We   look{}into it ", if at == 0 { "\n" } else { "  " });
            item.updates[0].at = Some(at_second(reading));
        }
        if reading % 2 == 0 {
            list.reverse();
        }
        if reading % 3 == 0 {
            components.reverse();
        }
        assert_eq!(play.read(&page(components, list)), [], "reading {reading}");
    }
}

fn at_second(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_767_322_000 + second).unwrap()
}

/// R7
#[test]
fn a_component_that_leaves_the_list_while_down_is_never_good_news() {
    let mut play = Play::new(Filter::default());
    let up = component("web", State::OPERATIONAL);
    play.read(&page(vec![up.clone(), component("api", State::MAJOR_OUTAGE)], vec![]));
    play.wait(30);
    assert_eq!(
        kinds(&play.read(&page(vec![up.clone()], vec![]))),
        [EventKind::ComponentUnlisted, EventKind::SourceState]
    );
    for day in 0..6 {
        assert_eq!(play.state(), State::Unknown, "day {day}");
        play.wait(24 * 3600);
        play.read(&page(vec![up.clone()], vec![]));
    }
    play.wait(25 * 3600);
    play.read(&page(vec![up], vec![]));
    assert_eq!(play.held.state.components.len(), 1, "forgotten after a week");
}

#[test]
fn a_component_that_leaves_while_well_makes_no_noise_and_comes_back() {
    let mut play = Play::new(Filter::default());
    let (web, api) = (component("web", State::OPERATIONAL), component("api", State::OPERATIONAL));
    play.read(&page(vec![web.clone(), api.clone()], vec![]));
    assert_eq!(kinds(&play.read(&page(vec![web.clone()], vec![]))), [EventKind::ComponentUnlisted]);
    assert_eq!(play.state(), State::OPERATIONAL);
    assert_eq!(kinds(&play.read(&page(vec![web, api], vec![]))), [EventKind::ComponentListed]);
}

/// R5
#[test]
fn one_component_listed_twice_is_as_bad_as_the_worse() {
    for order in [[State::OPERATIONAL, State::MAJOR_OUTAGE], [State::MAJOR_OUTAGE, State::OPERATIONAL]] {
        let mut play = Play::new(Filter::default());
        play.read(&page(order.map(|state| component("api", state)).to_vec(), vec![]));
        assert_eq!(play.state(), State::MAJOR_OUTAGE);
        assert_eq!(play.held.state.components.len(), 1);
    }
}

#[test]
fn a_maintenance_is_announced_moved_started_and_completed() {
    let mut play = Play::new(Filter::default());
    play.read(&page(vec![], vec![]));
    let steps = [
        (Phase::Scheduled, "2026-01-03T01:00:00Z", vec![EventKind::MaintenanceAnnounced]),
        (Phase::Scheduled, "2026-01-03T05:00:00Z", vec![EventKind::MaintenanceMoved]),
        (Phase::InProgress, "2026-01-03T05:00:00Z", vec![EventKind::MaintenanceStarted, EventKind::SourceState]),
        (Phase::Verifying, "2026-01-03T05:00:00Z", vec![EventKind::MaintenanceUpdated]),
        (Phase::Completed, "2026-01-03T05:00:00Z", vec![EventKind::MaintenanceCompleted, EventKind::SourceState]),
    ];
    for (phase, starts, told) in steps {
        play.wait(60);
        let seen = Observation { maintenances: vec![maintenance("m", phase, starts)], ..page(vec![], vec![]) };
        assert_eq!(kinds(&play.read(&seen)), told, "{phase:?}");
    }
}

#[test]
fn an_incident_that_came_and_went_between_two_readings_is_told_whole_and_an_old_one_is_not() {
    let mut play = Play::new(Filter::default());
    play.read(&page(vec![], vec![]));
    play.wait(7200);
    let quick = incident("quick", Phase::Resolved);
    let mut old = incident("old", Phase::Resolved);
    old.resolved_at = Some(at("2025-12-01T00:00:00Z"));
    old.started_at = old.resolved_at;
    let mut told = play.read(&page(vec![], vec![quick, old]));
    told.retain(|event| event.subject.is_some());
    assert_eq!(kinds(&told), [EventKind::IncidentOpened, EventKind::IncidentResolved]);
}

#[test]
fn a_worse_impact_is_an_update_and_reaches_the_state() {
    let mut play = Play::new(Filter::default());
    let mut seen = incident("a", Phase::Investigating);
    seen.impact = Some(Impact::Minor);
    play.read(&page(vec![], vec![]));
    play.read(&page(vec![], vec![seen.clone()]));
    assert_eq!(play.state(), State::DEGRADED_PERFORMANCE);
    seen.impact = Some(Impact::Critical);
    assert_eq!(kinds(&play.read(&page(vec![], vec![seen]))), [EventKind::IncidentUpdated, EventKind::SourceState]);
    assert_eq!(play.state(), State::MAJOR_OUTAGE);
}

/// Another platform lists the same parts under other ids; its past and its present are no news.
#[test]
fn on_another_platform_parts_go_on_by_name_and_nothing_is_news() {
    let named = |id: &str, name: &str, state| SeenComponent { name: name.into(), ..component(id, state) };
    let mut play = Play::new(Filter::default());
    let parts = vec![
        named("a1", "API", State::MAJOR_OUTAGE),
        named("a2", "Web", State::OPERATIONAL),
        named("a3", "Fax", State::PARTIAL_OUTAGE),
        named("a4", "Pager", State::OPERATIONAL),
    ];
    play.read(&page(parts, vec![incident("old", Phase::Investigating)]));
    let since = play.held.state.components[0].since;
    play.wait(300);
    let mut past = incident("b-past", Phase::Resolved);
    past.resolved_at = Some(play.now().wall - jiff::SignedDuration::from_mins(1));
    past.title = "Over before anybody looked".into();
    let mut same = incident("b-old", Phase::Monitoring);
    same.title = "Trouble old".into();
    let parts = vec![named("b1", "API", State::MAJOR_OUTAGE), named("b2", "Web", State::DEGRADED_PERFORMANCE)];
    let seen = page(parts, vec![same, past, incident("b-new", Phase::Investigating)]);
    let before = play.held.state.clone();
    let source = source(Filter::default());
    let shape = Shape::default();
    let reading =
        merge::Reading { source: &source, with_history: true, shape: &shape, good_at: None, now: play.now().wall };
    let merged = merge::anew(&before, &seen, reading);
    assert!(merged.changed && merged.events.iter().all(|event| event.baseline), "{:?}", merged.events);
    let state = merged.state;
    let parts: Vec<_> = state.components.iter().map(|c| (c.id.as_str(), c.name.as_str(), c.state)).collect();
    assert_eq!(
        parts,
        [
            ("b1", "API", State::MAJOR_OUTAGE),
            ("b2", "Web", State::DEGRADED_PERFORMANCE),
            ("a3", "Fax", State::PARTIAL_OUTAGE),
        ],
        "one that was down and has no heir is kept, and is no good news"
    );
    assert_eq!(state.components[0].since, since, "its outage goes on");
    assert!(state.components[2].unlisted_since.is_some());
    let mut incidents: Vec<_> = state.incidents.iter().map(|i| (i.title.as_str(), i.id.as_str())).collect();
    incidents.sort_unstable();
    assert_eq!(incidents, [("Trouble b-new", "acme.b-new"), ("Trouble old", "acme.old")]);
    assert_eq!(state.first_read_at, before.first_read_at);
    assert_eq!(merged.past_incidents, [], "the past was told by the other platform");
}
