//! Maintenances that come again: what is announced, moved, cancelled and never announced twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use allclear::limits;
use allclear::model::actor::{Actor, Means};
use allclear::model::command::{Command, Effect, Order, Post, Refused, Replan};
use allclear::model::desk::Desk;
use allclear::model::event::EventKind;
use allclear::model::id::{IncidentId, SeriesId, ServiceId};
use allclear::model::incident::{Maintenance, Phase};
use allclear::model::series::{Exception, Series};
use allclear::model::source::Service;
use allclear::model::text::Text;
use allclear::rules::desk::{self, Scene};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::at;

/// A desk on which orders are carried out as the writer does.
struct Table {
    desk: Desk,
    services: Vec<Arc<Service>>,
    now: Timestamp,
}

impl Table {
    fn new(now: &str) -> Self {
        let service = Service {
            id: ServiceId::new("checkout"),
            name: "Checkout".into(),
            description: None,
            group: None,
            tags: Vec::new(),
            needs: Vec::new(),
        };
        Self { desk: Desk::default(), services: vec![Arc::new(service)], now: at(now) }
    }

    fn scene<T>(&self, work: impl FnOnce(&Scene<'_>) -> T) -> T {
        work(&Scene {
            desk: &self.desk,
            old_incidents: &[],
            old_maintenance: None,
            services: &self.services,
            is_source: &|_| false,
            upstream: &|_| None,
            components: &|_| Vec::new(),
            now: self.now,
        })
    }

    fn order(&mut self, command: Command) -> Result<Effect, Refused> {
        let actor = Actor { means: Means::Person, id: "robin".into(), name: "Robin".into(), address: None };
        let effect = self.scene(|scene| desk::apply(scene, &Order { actor, command }))?;
        self.desk = desk::after(&self.desk, &effect);
        Ok(effect)
    }

    /// What is planned, by start.
    fn planned(&self) -> Vec<&Maintenance> {
        let mut open: Vec<&Maintenance> =
            self.desk.maintenances.values().map(AsRef::as_ref).filter(|one| one.is_open()).collect();
        open.sort_by_key(|one| one.starts_at);
        open
    }

    fn hours(&self, zone: &str) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let local = |one: &&Maintenance| {
            one.starts_at.unwrap().to_zoned_datetime(zone.clone()).strftime("%m-%d %H:%M").to_string()
        };
        self.planned().iter().map(local).collect()
    }
}

fn series(rule: &str) -> Series {
    Series {
        id: SeriesId::new("patching"),
        title: "Patch night".into(),
        markdown: "*Reboots*".into(),
        words: Text { html: "<p><em>Reboots</em></p>".into(), plain: "Reboots".into() },
        services: vec![ServiceId::new("checkout")],
        rule: rule.into(),
        timezone: "Europe/Berlin".into(),
        starts: date(2026, 10, 13).at(22, 0, 0, 0),
        duration: Duration::from_secs(5400),
        auto_start: true,
        auto_end: true,
        reminders: vec![Duration::from_secs(3600)],
        exceptions: BTreeMap::new(),
        version: 0,
        author: String::new(),
        created_at: Timestamp::UNIX_EPOCH,
        changed_at: Timestamp::UNIX_EPOCH,
    }
}

fn kinds(effect: &Effect) -> Vec<EventKind> {
    effect.events.iter().map(|event| event.kind).collect()
}

fn occurrence(day: &str) -> IncidentId {
    IncidentId::new(format!("patching-{day}t220000"))
}

#[test]
fn the_local_hour_stays_over_the_change_of_the_clocks_and_each_is_announced_once() {
    let mut table = Table::new("2026-10-10T12:00:00Z");
    let effect = table.order(Command::PutSeries(Some(0), Box::new(series("FREQ=WEEKLY;BYDAY=TU")))).unwrap();
    assert_eq!(kinds(&effect), vec![EventKind::MaintenanceAnnounced; 5]);
    assert_eq!(
        table.hours("Europe/Berlin"),
        ["10-13 22:00", "10-20 22:00", "10-27 22:00", "11-03 22:00", "11-10 22:00"]
    );
    // The clocks went back on 25 October.
    assert_eq!(table.planned()[1].starts_at, Some(at("2026-10-20T20:00:00Z")));
    assert_eq!(table.planned()[2].starts_at, Some(at("2026-10-27T21:00:00Z")));
    assert_eq!(table.planned()[2].ends_at, Some(at("2026-10-27T22:30:00Z")));
    assert_eq!(table.planned()[0].updates[0].body.plain, "Reboots");
    assert!(!table.scene(|scene| desk::is_behind(scene, &SeriesId::new("patching"))), "all is announced");
    table.now = at("2026-10-17T12:00:00Z");
    assert!(table.scene(|scene| desk::is_behind(scene, &SeriesId::new("patching"))), "a week on, one more is near");
    let effect = table.order(Command::Unroll(SeriesId::new("patching"))).unwrap();
    assert_eq!(kinds(&effect), [EventKind::MaintenanceAnnounced]);
    assert_eq!(effect.maintenances[0].id, occurrence("20261117"));
    let again = table.order(Command::Unroll(SeriesId::new("patching"))).unwrap();
    assert!(again.maintenances.is_empty() && again.events.is_empty());
}

#[test]
fn what_was_moved_or_cancelled_stays_so_while_the_rule_goes_on() {
    let mut table = Table::new("2026-10-10T12:00:00Z");
    table.order(Command::PutSeries(Some(0), Box::new(series("FREQ=WEEKLY;BYDAY=TU")))).unwrap();
    let (starts_at, ends_at) = (at("2026-10-22T08:00:00Z"), at("2026-10-22T09:00:00Z"));
    let change = Replan { starts_at: Some(starts_at), ends_at: Some(ends_at), ..Replan::default() };
    let moved = table.order(Command::Replan(occurrence("20261020"), None, Box::new(change))).unwrap();
    assert_eq!(kinds(&moved), [EventKind::MaintenanceMoved]);
    let post = Post { phase: Some(Phase::Cancelled), ..Post::default() };
    let cancelled = table.order(Command::Work(occurrence("20261027"), None, post)).unwrap();
    assert_eq!(kinds(&cancelled), [EventKind::MaintenanceCancelled]);
    let deleted = table.order(Command::DeleteMaintenance(occurrence("20261103"), None)).unwrap();
    assert_eq!(kinds(&deleted), [EventKind::MaintenanceRemoved]);
    let held = &table.desk.series[&SeriesId::new("patching")];
    assert_eq!(held.exceptions[&date(2026, 10, 20).at(22, 0, 0, 0)], Exception::Moved { starts_at, ends_at });
    assert_eq!(held.version, 4, "every exception is a change of the series");
    assert!(!table.scene(|scene| desk::is_behind(scene, &SeriesId::new("patching"))));
    assert_eq!(table.hours("Europe/Berlin"), ["10-13 22:00", "10-22 10:00", "11-10 22:00"]);
    // Another title goes to all that is planned, the moved one included.
    let renamed = Series { title: "Reboots".into(), ..series("FREQ=WEEKLY;BYDAY=TU") };
    let effect = table.order(Command::PutSeries(Some(4), Box::new(renamed))).unwrap();
    assert_eq!(kinds(&effect), vec![EventKind::MaintenanceUpdated; 3]);
    assert_eq!(table.hours("Europe/Berlin"), ["10-13 22:00", "10-22 10:00", "11-10 22:00"]);
    assert!(table.planned().iter().all(|one| one.title == "Reboots"));
}

#[test]
fn another_rule_cancels_what_it_does_not_have_and_the_end_cancels_all() {
    let mut table = Table::new("2026-10-10T12:00:00Z");
    table.order(Command::PutSeries(Some(0), Box::new(series("FREQ=WEEKLY;BYDAY=TU")))).unwrap();
    let post = Post { phase: Some(Phase::InProgress), ..Post::default() };
    table.order(Command::Work(occurrence("20261013"), None, post)).unwrap();
    assert_eq!(table.hours("Europe/Berlin")[0], "10-10 14:00", "begun early, it began then");
    let outdated = table.order(Command::PutSeries(Some(0), Box::new(series("FREQ=WEEKLY"))));
    assert_eq!(outdated.unwrap_err(), Refused::Outdated { current: 1 });
    let fortnightly = series("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU");
    let effect = table.order(Command::PutSeries(Some(1), Box::new(fortnightly))).unwrap();
    assert_eq!(kinds(&effect), vec![EventKind::MaintenanceCancelled; 2]);
    assert_eq!(table.hours("Europe/Berlin"), ["10-10 14:00", "10-27 22:00", "11-10 22:00"]);
    let ended = table.order(Command::EndSeries(SeriesId::new("patching"), None)).unwrap();
    assert_eq!(kinds(&ended), vec![EventKind::MaintenanceCancelled; 2], "what runs goes on to its end");
    assert_eq!(table.hours("Europe/Berlin"), ["10-10 14:00"]);
    assert!(table.desk.series.is_empty());
}

#[test]
fn a_series_that_cannot_be_is_refused_with_the_field_that_is_wrong() {
    let good = || series("FREQ=WEEKLY;BYDAY=TU");
    for (field, bad) in [
        ("rule", series("FREQ=HOURLY")),
        ("rule", series("FREQ=WEEKLY;BYDAY=XX")),
        ("rule", series("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
        ("timezone", Series { timezone: "Mars/Olympus".into(), ..good() }),
        ("title", Series { title: String::new(), ..good() }),
        ("duration", Series { duration: Duration::ZERO, ..good() }),
        ("services", Series { services: vec![ServiceId::new("nobody")], ..good() }),
        ("reminders", Series { reminders: vec![Duration::from_secs(60); limits::REMINDERS + 1], ..good() }),
    ] {
        let mut table = Table::new("2026-10-10T12:00:00Z");
        match table.order(Command::PutSeries(Some(0), Box::new(bad))) {
            Err(Refused::Invalid { field: found, .. }) => assert_eq!(found, field),
            other => panic!("{field}: {other:?}"),
        }
        assert!(table.desk.series.is_empty() && table.desk.maintenances.is_empty());
    }
}
