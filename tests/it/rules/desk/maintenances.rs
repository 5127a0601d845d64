//! Orders about maintenances of the team's own, also those that come again.

use std::collections::BTreeMap;
use std::time::Duration;

use allclear::limits;
use allclear::model::command::{Planning, Replan, Wish};
use allclear::model::event::Cause;
use allclear::model::id::SeriesId;
use allclear::model::series::{Exception, Series};

use super::*;

const HOUR: i64 = 3600;

fn id() -> IncidentId {
    IncidentId::new("m1")
}

fn planning(team: &Team) -> Planning {
    let hours = jiff::SignedDuration::from_hours;
    Planning {
        id: id(),
        title: "New disks".into(),
        starts_at: team.now + hours(1),
        ends_at: team.now + hours(2),
        services: vec![ServiceId::new("checkout")],
        words: words("Short breaks."),
        wish: Wish::default(),
    }
}

fn planned() -> Team {
    let mut team = Team::new();
    team.order(Command::Plan(planning(&team)));
    team
}

#[test]
fn a_maintenance_is_announced_and_touches_its_services_only_while_it_runs() {
    let mut team = Team::new();
    let effect = team.order(Command::Plan(planning(&team)));
    assert_eq!((kinds(&effect), effect.audit.action), (vec![EventKind::MaintenanceAnnounced], "maintenance.plan"));
    assert_eq!(version(&effect.done), 1);
    assert_eq!(team.service("checkout"), State::OPERATIONAL);
    team.wait(HOUR);
    let rows = [
        (Phase::InProgress, EventKind::MaintenanceStarted, "maintenance.start", State::UNDER_MAINTENANCE),
        (Phase::Verifying, EventKind::MaintenanceUpdated, "maintenance.update", State::UNDER_MAINTENANCE),
        (Phase::Completed, EventKind::MaintenanceCompleted, "maintenance.complete", State::OPERATIONAL),
    ];
    for (seen, (phase, kind, action, state)) in (1..).zip(rows) {
        assert_eq!(
            team.refusal(Command::Work(id(), Some(seen + 1), turning(phase))),
            Refused::Outdated { current: seen }
        );
        let effect = team.order(Command::Work(id(), Some(seen), turning(phase)));
        assert_eq!((kinds(&effect)[0], effect.audit.action), (kind, action));
        assert_eq!(team.service("checkout"), state, "{phase:?}");
    }
    assert_eq!(team.maintenance("m1").ends_at, Some(team.now), "the end that was, not the one that was meant");
}

#[test]
fn what_is_over_stays_over() {
    for last in [Phase::Completed, Phase::Cancelled] {
        let mut team = planned();
        team.order(Command::Work(id(), None, turning(last)));
        for again in [Phase::Scheduled, Phase::InProgress, Phase::Verifying, Phase::Completed, Phase::Cancelled] {
            let asked = team.ask(Command::Work(id(), None, turning(again)));
            assert_eq!(asked.is_ok(), again == last, "{last:?} {again:?}");
        }
        team.order(Command::Work(id(), None, saying("Thank you.")));
        let later = Replan { ends_at: Some(team.now + Duration::from_secs(9 * 3600)), ..Replan::default() };
        assert!(matches!(team.refusal(Command::Replan(id(), None, Box::new(later))), Refused::Conflict(_)));
    }
}

#[test]
fn what_cannot_be_planned_is_refused_with_the_field() {
    let team = planned();
    let good = || Planning { id: IncidentId::new("m2"), ..planning(&team) };
    let far = team.now + limits::PLANNED_AHEAD + Duration::from_secs(1);
    let rows = [
        ("title", Planning { title: String::new(), ..good() }),
        ("services", Planning { services: vec![ServiceId::new("nowhere")], ..good() }),
        ("ends_at", Planning { ends_at: good().starts_at, ..good() }),
        ("ends_at", Planning { ends_at: far, ..good() }),
        ("starts_at", Planning { starts_at: at("1999-01-01T00:00:00Z"), ..good() }),
        (
            "reminders",
            Planning {
                wish: Wish { reminders: vec![Duration::from_secs(60); limits::REMINDERS + 1], ..Wish::default() },
                ..good()
            },
        ),
    ];
    for (name, planning) in rows {
        assert_eq!(field(&team.refusal(Command::Plan(planning))), name);
    }
    assert!(matches!(team.refusal(Command::Plan(planning(&team))), Refused::Conflict(_)), "the id is taken");
    assert_eq!(field(&team.refusal(Command::Work(id(), None, Post::default()))), "body");
    assert_eq!(field(&team.refusal(Command::Work(id(), None, turning(Phase::Resolved)))), "status");
}

#[test]
fn a_new_window_is_announced_as_moved_and_other_words_are_not() {
    let mut team = planned();
    let before = team.maintenance("m1").starts_at;
    let title = Replan { title: Some("Better disks".into()), ..Replan::default() };
    let effect = team.order(Command::Replan(id(), Some(1), Box::new(title)));
    assert_eq!((kinds(&effect), effect.audit.action), (vec![EventKind::MaintenanceUpdated], "maintenance.edit"));
    let later = team.now + jiff::SignedDuration::from_mins(90);
    let window = Replan { starts_at: Some(later), ..Replan::default() };
    let effect = team.order(Command::Replan(id(), Some(2), Box::new(window)));
    assert_eq!((kinds(&effect), effect.audit.action), (vec![EventKind::MaintenanceMoved], "maintenance.move"));
    assert_eq!(effect.events[0].from, before.map(|at| at.to_string()));
    assert_eq!(effect.events[0].to, Some(later.to_string()));
    assert!(team.maintenance("m1").updates[0].body.plain.starts_with("Moved:"));
    let wrong = Replan { ends_at: Some(later), ..Replan::default() };
    assert_eq!(field(&team.refusal(Command::Replan(id(), None, Box::new(wrong)))), "ends_at");
}

#[test]
fn a_deleted_maintenance_is_gone_and_the_log_keeps_its_words() {
    let mut team = planned();
    team.order(Command::Work(id(), None, turning(Phase::InProgress)));
    let effect = team.order(Command::DeleteMaintenance(id(), Some(2)));
    assert_eq!(kinds(&effect), [EventKind::MaintenanceRemoved, EventKind::ServiceState]);
    assert!(effect.audit.before.unwrap().contains("Short breaks."));
    assert!(team.desk.maintenances.is_empty());
    assert!(matches!(team.refusal(Command::DeleteMaintenance(id(), None)), Refused::NotFound(_)));
}

#[test]
fn a_reminder_is_told_once_and_by_the_program() {
    let mut team = planned();
    let order = Order { actor: Actor::program(), command: Command::Remind(id(), Duration::from_secs(600)) };
    let effect = team.hold(|scene| desk::apply(scene, &order)).unwrap();
    assert_eq!(kinds(&effect), [EventKind::MaintenanceSoon]);
    assert_eq!(effect.events[0].cause, Cause::Time);
    team.desk = desk::after(&team.desk, &effect);
    assert_eq!(team.maintenance("m1").local.as_ref().unwrap().plan.reminded, [Duration::from_secs(600)]);
}

fn series(team: &Team) -> Series {
    Series {
        id: SeriesId::new("patching"),
        title: "Patching".into(),
        markdown: "Short breaks.".into(),
        words: words("Short breaks.").text,
        services: vec![ServiceId::new("search")],
        rule: "FREQ=WEEKLY".into(),
        timezone: "Europe/Berlin".into(),
        starts: "2026-03-03T22:00".parse().unwrap(),
        duration: Duration::from_secs(3600),
        auto_start: true,
        auto_end: true,
        reminders: Vec::new(),
        exceptions: BTreeMap::new(),
        version: 0,
        author: String::new(),
        created_at: team.now,
        changed_at: team.now,
    }
}

#[test]
fn a_series_announces_what_is_near_and_keeps_what_was_moved_and_cancelled() {
    let mut team = Team::new();
    let effect = team.order(Command::PutSeries(Some(0), Box::new(series(&team))));
    assert_eq!((effect.audit.action, version(&effect.done)), ("series.put", 1));
    let ids: Vec<IncidentId> = team.desk.maintenances.keys().cloned().collect();
    assert_eq!(ids.len(), 5, "the next five weeks");
    assert_eq!(kinds(&effect), vec![EventKind::MaintenanceAnnounced; 5]);
    assert_eq!(team.refusal(Command::PutSeries(Some(0), Box::new(series(&team)))), Refused::Outdated { current: 1 });
    let wrong = Series { rule: "FREQ=SOMETIMES".into(), ..series(&team) };
    assert_eq!(field(&team.refusal(Command::PutSeries(None, Box::new(wrong)))), "rule");
    team.order(Command::DeleteMaintenance(ids[1].clone(), None));
    assert_eq!(
        team.desk.series[&SeriesId::new("patching")].exceptions.values().collect::<Vec<_>>(),
        [&Exception::Cancelled]
    );
    let id = SeriesId::new("patching");
    assert!(!team.hold(|scene| desk::is_behind(scene, &id)), "what was removed is not announced again");
    team.wait(7 * 24 * HOUR);
    assert!(team.hold(|scene| desk::is_behind(scene, &id)));
    let effect = team.order(Command::Unroll(id.clone()));
    assert_eq!(kinds(&effect), [EventKind::MaintenanceAnnounced]);
    let effect = team.order(Command::EndSeries(id.clone(), None));
    assert_eq!(effect.audit.action, "series.end");
    assert!(kinds(&effect).iter().all(|kind| *kind == EventKind::MaintenanceCancelled), "{:?}", kinds(&effect));
    assert!(team.desk.maintenances.values().all(|one| !one.is_open()) && team.desk.series.is_empty());
    assert!(matches!(team.refusal(Command::EndSeries(id, None)), Refused::NotFound(_)));
}
