//! Maintenances in the console: the list with a month's calendar, the form to plan one, and everything about one.

use serde::Serialize;

use super::{Faults, Preview, Slip, Tick, ticks};
use crate::model::incident::Phase;
use crate::model::snapshot::{MaintenanceView, Snapshot};
use crate::render::view::admin::Choice;
use crate::render::view::{MaintenanceItem, Post, Shown, Time, posts, shown, time};

/// The list.
#[derive(Debug, Serialize)]
pub struct List {
    /// Ours that are planned or go on.
    pub open: Vec<MaintenanceItem>,
    /// Ours that are over.
    pub past: Vec<MaintenanceItem>,
    /// Those that come again.
    pub series: Vec<Again>,
    /// What is in the way of what.
    pub clashes: Vec<Clash>,
    /// One month, everybody's.
    pub month: Option<Month>,
}

/// One that comes again.
#[derive(Debug, Serialize)]
pub struct Again {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Its rule.
    pub rule: String,
    /// Where the rule begins, on the clocks of the zone.
    pub starts: String,
    /// Whose clocks it goes by.
    pub zone: String,
}

/// A warning.
#[derive(Debug, Serialize)]
pub struct Clash {
    /// In a sentence.
    pub sentence: String,
    /// Since when they meet.
    pub from: Option<Time>,
    /// Until when.
    pub until: Option<Time>,
}

/// One month.
#[derive(Debug, Serialize)]
pub struct Month {
    /// “November 2026”.
    pub name: String,
    /// Whose clocks it goes by.
    pub zone: String,
    /// The month before, as an address.
    pub before: String,
    /// The month after, as an address.
    pub after: String,
    /// Names of its weekdays.
    pub weekdays: Vec<&'static str>,
    /// Its weeks.
    pub weeks: Vec<Vec<Day>>,
}

/// One day.
#[derive(Debug, Serialize)]
pub struct Day {
    /// “Mon 2 November”.
    pub name: String,
    /// Its number.
    pub number: i8,
    /// It belongs to the month.
    pub inside: bool,
    /// It is today.
    pub today: bool,
    /// What is planned.
    pub marks: Vec<Mark>,
}

/// Something planned on a day.
#[derive(Debug, Serialize)]
pub struct Mark {
    /// Where everything about it is.
    pub href: String,
    /// What it is called.
    pub title: String,
    /// Whose it is; `None`: ours.
    pub vendor: Option<String>,
    /// When it begins, where it begins that day.
    pub at: Option<String>,
}

/// The form to plan one, or to move one.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// What it carries.
    pub slip: Slip,
    /// Where it is sent.
    pub action: String,
    /// It is there already: what is changed is its head.
    pub known: bool,
    /// What is filled in.
    pub title: String,
    /// Planned start, on the clocks of the zone.
    pub starts: String,
    /// Planned end, on the clocks of the zone.
    pub ends: String,
    /// Whose clocks these are.
    pub zone: String,
    /// The announcement.
    pub body: String,
    /// What it touches.
    pub services: Vec<Tick>,
    /// It begins by itself.
    pub auto_start: bool,
    /// It ends by itself.
    pub auto_end: bool,
    /// When it comes again: a rule; empty: once.
    pub repeat: String,
    /// Rules to choose from.
    pub repeats: Vec<Choice>,
    /// How long before its start readers are reminded.
    pub remind: String,
    /// To choose from.
    pub reminders: Vec<Choice>,
    /// What was wrong.
    pub faults: Faults,
    /// As readers will see it.
    pub preview: Option<Preview>,
    /// What it is in the way of.
    pub clashes: Vec<Clash>,
}

/// The rules that are offered.
pub fn repeats() -> Vec<Choice> {
    let all = [
        ("", "Once"),
        ("FREQ=DAILY", "Every day"),
        ("FREQ=WEEKLY", "Every week"),
        ("FREQ=WEEKLY;INTERVAL=2", "Every second week"),
        ("FREQ=MONTHLY", "Every month, on the same day"),
    ];
    all.map(|(value, label)| Choice { value, label }).into()
}

/// The reminders that are offered, in minutes. `kept`: it has others, which are left as they are.
pub fn reminders(kept: bool) -> Vec<Choice> {
    let keep = kept.then_some(Choice { value: "keep", label: "As they are" });
    let all = [("", "None"), ("60", "1 hour before"), ("1440", "1 day before"), ("1440 60", "1 day and 1 hour before")];
    keep.into_iter().chain(all.map(|(value, label)| Choice { value, label })).collect()
}

/// Everything about one of ours.
#[derive(Debug, Serialize)]
pub struct One {
    slip: Slip,
    id: String,
    title: String,
    state: Shown,
    phase: &'static str,
    scheduled: bool,
    running: bool,
    open: bool,
    starts: Option<Time>,
    ends: Option<Time>,
    author: String,
    auto_start: bool,
    auto_end: bool,
    series: bool,
    touched: Vec<String>,
    updates: Vec<Post>,
    clashes: Vec<Clash>,
    admin: bool,
}

/// Makes the page of one. `admin`: whoever looks may read the log of changes.
pub fn one(snapshot: &Snapshot, view: &MaintenanceView, slip: Slip, clashes: Vec<Clash>, admin: bool) -> One {
    let maintenance = &view.maintenance;
    let local = maintenance.local.as_deref();
    let touched = ticks(snapshot, |id| maintenance.services.iter().any(|service| service.as_str() == id));
    let state = match maintenance.is_running() {
        true => crate::model::level::State::UNDER_MAINTENANCE,
        false => crate::model::level::State::OPERATIONAL,
    };
    One {
        slip,
        id: maintenance.id.to_string(),
        title: maintenance.title.clone(),
        state: shown(state),
        phase: crate::render::view::phase(maintenance.phase),
        scheduled: maintenance.phase == Some(Phase::Scheduled),
        running: maintenance.is_running(),
        open: maintenance.is_open(),
        starts: maintenance.starts_at.map(time),
        ends: maintenance.ends_at.map(time),
        author: local.map(|local| local.author.clone()).unwrap_or_default(),
        auto_start: local.is_some_and(|local| local.plan.auto_start),
        auto_end: local.is_some_and(|local| local.plan.auto_end),
        series: local.is_some_and(|local| local.plan.series.is_some()),
        touched: touched.into_iter().filter(|tick| tick.checked).map(|tick| tick.label).collect(),
        updates: posts(&maintenance.updates, &crate::model::receipt::Evidence::default()),
        clashes,
        admin,
    }
}
