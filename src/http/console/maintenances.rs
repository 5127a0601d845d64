//! Maintenances of our own: the list with a month's calendar, and the form to plan one.

use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::again::{self, Deed};
use super::order::{carry_out, kept, order, slip, version};
use super::scene::attempt;
use super::when::{self, Side};
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::find;
use crate::http::write::{new_id, read, words};
use crate::model::command::{Command, Done, Planning, Refused, Wish};
use crate::model::id::{IncidentId, SeriesId, ServiceId};
use crate::model::incident::Maintenance;
use crate::model::series::Series;
use crate::model::snapshot::{MaintenanceView, Snapshot};
use crate::render::console::home::maintenance as item;
use crate::render::console::incident::Sure;
use crate::render::console::maintenance::{Again, Clash, Day, List, Mark, Month, Plan, reminders, repeats};
use crate::render::console::{Faults, ticks};
use crate::render::time;
use crate::rules::calendar::{self, Span};
use crate::rules::clash::{self, Whose, Window};

const LIST: &str = "admin/maintenances.html";
const PAGE: &str = "admin/plan.html";
const SURE: &str = "admin/sure.html";
const WEEK: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(super) async fn list(visit: Visit) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let all = ours(&visit, &snapshot);
    let (mut open, mut past): (Vec<_>, Vec<_>) = all.iter().partition(|view| view.maintenance.is_open());
    open.sort_by_key(|view| view.maintenance.starts_at);
    past.sort_by_key(|view| std::cmp::Reverse(view.maintenance.starts_at));
    let (zone, name) = when::zone(&snapshot);
    let now = visit.app.0.clock.now().wall;
    let asked: Option<Date> = format!("{}-01", visit.query("month")).parse().ok();
    let date = asked.unwrap_or_else(|| zone.to_datetime(now).date());
    let again = |one: &Series| Again {
        id: one.id.to_string(),
        title: one.title.clone(),
        rule: one.rule.clone(),
        starts: one.starts.strftime("%Y-%m-%d, %H:%M").to_string(),
        zone: one.timezone.clone(),
    };
    let list = List {
        open: open.into_iter().map(item).collect(),
        past: past.into_iter().map(item).collect(),
        series: visit.app.0.desk.borrow().series.values().map(again).collect(),
        clashes: clashes(&snapshot, &all, None),
        month: month(&snapshot, &all, date, &zone, name, now),
    };
    visit.show(LIST, &list)
}

/// All of ours that are held: planned, going on and lately over.
pub(super) fn ours(visit: &Visit, snapshot: &Snapshot) -> Vec<MaintenanceView> {
    let desk = visit.app.0.desk.borrow().clone();
    desk.maintenances.values().map(|one| find::view_maintenance(snapshot, one.as_ref().clone())).collect()
}

/// Vendors' that count here.
fn vendors(snapshot: &Snapshot) -> impl Iterator<Item = &MaintenanceView> {
    let all = snapshot.maintenances.iter().chain(&snapshot.recent_maintenances);
    all.map(|view| view.as_ref()).filter(|view| view.maintenance.source.is_some() && view.counted)
}

fn window(view: &MaintenanceView) -> Window {
    let one = &view.maintenance;
    let whose = match &one.source {
        None => Whose::Ours { services: one.services.clone() },
        Some(source) => Whose::Vendors {
            source: source.clone(),
            name: view.source_name.clone(),
            paths: view.affected.iter().map(|part| part.path.clone()).collect(),
        },
    };
    let (starts_at, ends_at) = (one.starts_at, one.ends_at);
    Window { id: one.id.clone(), title: one.title.clone(), whose, phase: one.phase, starts_at, ends_at }
}

/// What is in the way of what; `only`: of this one.
pub(super) fn clashes(snapshot: &Snapshot, ours: &[MaintenanceView], only: Option<&IncidentId>) -> Vec<Clash> {
    let windows: Vec<Window> = ours.iter().chain(vendors(snapshot)).map(window).collect();
    let services: Vec<_> = snapshot.services.iter().map(|view| std::sync::Arc::clone(&view.service)).collect();
    let all = clash::clashes(&windows, &services).into_iter();
    let wanted = all.filter(|clash| only.is_none_or(|id| clash.ours == *id || clash.other == *id));
    wanted
        .map(|clash| Clash { sentence: clash.sentence, from: clash.from.map(time), until: clash.until.map(time) })
        .collect()
}

fn month(
    snapshot: &Snapshot,
    ours: &[MaintenanceView],
    date: Date,
    zone: &TimeZone,
    name: String,
    now: Timestamp,
) -> Option<Month> {
    let all: Vec<&MaintenanceView> = ours.iter().chain(vendors(snapshot)).collect();
    let span = |view: &&MaintenanceView| {
        let one = &view.maintenance;
        Span { id: one.id.clone(), phase: one.phase, starts_at: one.starts_at, ends_at: one.ends_at }
    };
    let spans: Vec<Span> = all.iter().map(span).collect();
    let month = calendar::month(date, Weekday::Monday, zone, &spans, now)?;
    let mark = |mark: &calendar::Mark| {
        let view = all.iter().find(|view| view.maintenance.id == mark.id)?;
        let one = &view.maintenance;
        let (place, vendor) = match one.source {
            None => ("/admin/maintenances", None),
            Some(_) => ("/maintenances", Some(view.source_name.clone())),
        };
        let at = one.starts_at.filter(|_| mark.begins).map(|at| zone.to_datetime(at).strftime("%H:%M").to_string());
        Some(Mark { href: format!("{place}/{}", one.id), title: one.title.clone(), vendor, at })
    };
    let day = |day: &calendar::Day| Day {
        name: day.date.strftime("%a %-d %B").to_string(),
        number: day.date.day(),
        inside: day.inside,
        today: day.today,
        marks: day.marks.iter().filter_map(mark).collect(),
    };
    let other = |months: i32| {
        let first = month.first.checked_add(months.months()).unwrap_or(month.first);
        format!("/admin/maintenances?month={}", first.strftime("%Y-%m"))
    };
    Some(Month {
        name: month.first.strftime("%B %Y").to_string(),
        zone: name,
        before: other(-1),
        after: other(1),
        weekdays: WEEK.to_vec(),
        weeks: month.weeks.iter().map(|week| week.iter().map(day).collect()).collect(),
    })
}

fn empty(slip: crate::render::console::Slip, zone: String) -> Plan {
    Plan {
        slip,
        action: "/admin/maintenances/new".to_owned(),
        known: false,
        title: String::new(),
        starts: String::new(),
        ends: String::new(),
        zone,
        body: String::new(),
        services: Vec::new(),
        auto_start: true,
        auto_end: false,
        repeat: String::new(),
        repeats: repeats(),
        remind: String::new(),
        reminders: reminders(false),
        faults: Faults::new(),
        preview: None,
        clashes: Vec::new(),
    }
}

pub(super) async fn new(visit: Visit) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let form = Plan { services: ticks(&snapshot, |_| false), ..empty(slip(0)?, when::zone(&snapshot).1) };
    visit.show(PAGE, &form)
}

/// The form as it was sent.
pub(super) fn filled(fields: &Fields, snapshot: &Snapshot, faults: Faults) -> Result<Plan, Fail> {
    let text = |name: &str| fields.get(name).to_owned();
    Ok(Plan {
        title: text("title"),
        starts: text("starts"),
        ends: text("ends"),
        body: text("body"),
        services: ticks(snapshot, |id| fields.all("service").any(|ticked| ticked == id)),
        auto_start: fields.is_set("auto_start"),
        auto_end: fields.is_set("auto_end"),
        repeat: text("repeat"),
        remind: text("remind"),
        reminders: reminders(fields.get("remind") == "keep"),
        faults,
        ..empty(kept(fields)?, when::zone(snapshot).1)
    })
}

/// The planned start and end of a form; what cannot be read is a fault.
pub(super) fn window_of(fields: &Fields, zone: &TimeZone, faults: &mut Faults) -> Option<(Timestamp, Timestamp)> {
    let mut read = |name: &'static str, side| {
        let at = when::read(fields.get(name), zone, side).and_then(|at| at.ok_or_else(|| "is missing".to_owned()));
        at.map_err(|problem| faults.insert(name, problem)).ok()
    };
    let (starts, ends) = (read("starts", Side::Start), read("ends", Side::End));
    Some((starts?, ends?))
}

/// What time is to do, as ticked. `before`: the reminders that it has.
pub(super) fn wish(fields: &Fields, before: &[Duration]) -> Wish {
    let reminders = match fields.get("remind") {
        "keep" => before.to_vec(),
        minutes => {
            let minutes = minutes.split_whitespace().filter_map(|minutes| minutes.parse::<u64>().ok());
            minutes.map(|minutes| Duration::from_secs(minutes.saturating_mul(60))).collect()
        }
    };
    Wish { auto_start: fields.is_set("auto_start"), auto_end: fields.is_set("auto_end"), reminders }
}

fn planning(fields: &Fields, starts_at: Timestamp, ends_at: Timestamp) -> Result<Planning, Fail> {
    Ok(Planning {
        id: new_id()?,
        title: read::title(fields.get("title")),
        starts_at,
        ends_at,
        services: fields.all("service").map(ServiceId::new).collect(),
        words: words(fields.get("body")),
        wish: wish(fields, &[]),
    })
}

/// The same by a rule, from the first one on.
fn series(planning: Planning, rule: &str, zone: &TimeZone, name: String) -> Command {
    let length = planning.ends_at.duration_since(planning.starts_at);
    let series = Series {
        id: SeriesId::new(planning.id.as_str()),
        title: planning.title,
        markdown: planning.words.markdown,
        words: planning.words.text,
        services: planning.services,
        rule: rule.trim().to_owned(),
        timezone: name,
        starts: zone.to_datetime(planning.starts_at),
        duration: length.try_into().unwrap_or_default(),
        auto_start: planning.wish.auto_start,
        auto_end: planning.wish.auto_end,
        reminders: planning.wish.reminders,
        exceptions: std::collections::BTreeMap::new(),
        version: 0,
        author: String::new(),
        created_at: Timestamp::UNIX_EPOCH,
        changed_at: Timestamp::UNIX_EPOCH,
    };
    Command::PutSeries(Some(0), Box::new(series))
}

pub(super) async fn plan(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let (zone, name) = when::zone(&snapshot);
    let mut faults = Faults::new();
    let Some((starts, ends)) = window_of(&fields, &zone, &mut faults) else {
        return wrong(&visit, &fields, &snapshot, faults, "Nothing is announced yet: see below.");
    };
    let planning = planning(&fields, starts, ends)?;
    let command = match fields.get("repeat") {
        "" => Command::Plan(planning),
        rule => series(planning, rule, &zone, name),
    };
    if fields.get("do") == "preview" {
        return match attempt(&visit.app, &snapshot, &visit.caller, command) {
            Ok(effect) => preview(&visit, &fields, &snapshot, effect.maintenances),
            Err(refused) => {
                fault(&mut faults, &refused);
                wrong(&visit, &fields, &snapshot, faults, &again::said(&refused))
            }
        };
    }
    let lead = |done: &Done| match done {
        Done::Maintenance(one) => format!("/admin/maintenances/{}?said=planned", one.id),
        _ => "/admin/maintenances?said=planned".to_owned(),
    };
    match order(&visit, &fields, command, lead).await {
        Ok(to) => Ok(visit.go(&to)),
        Err(refused) => {
            fault(&mut faults, &refused);
            wrong(&visit, &fields, &snapshot, faults, &again::said(&refused))
        }
    }
}

/// The form with what readers will see, and with what it is in the way of. Of one that comes again, the next.
fn preview(visit: &Visit, fields: &Fields, snapshot: &Snapshot, made: Vec<Maintenance>) -> Result<Response, Fail> {
    let mut form = filled(fields, snapshot, Faults::new())?;
    let mut all = ours(visit, snapshot);
    let new: Vec<MaintenanceView> = made.into_iter().map(|one| find::view_maintenance(snapshot, one)).collect();
    all.extend(new.iter().cloned());
    for view in &new {
        form.clashes.extend(clashes(snapshot, &all, Some(&view.maintenance.id)));
    }
    let next = new.iter().min_by_key(|view| view.maintenance.starts_at);
    form.preview = next.map(|view| visit.app.0.pages.preview_maintenance(snapshot, view)).transpose()?;
    visit.show(PAGE, &form)
}

pub(super) fn fault(faults: &mut Faults, refused: &Refused) {
    if let Refused::Invalid { field, problem } = refused {
        let field = match *field {
            "starts_at" => "starts",
            "ends_at" | "duration_minutes" => "ends",
            "rule" => "repeat",
            other => other,
        };
        faults.insert(field, problem.clone());
    }
}

fn wrong(visit: &Visit, fields: &Fields, snapshot: &Snapshot, faults: Faults, said: &str) -> Result<Response, Fail> {
    let mut form = filled(fields, snapshot, faults)?;
    form.slip = slip(0)?;
    visit.wrong(PAGE, said, &form)
}

pub(super) async fn sure(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let one = visit.app.0.desk.borrow().series.get(&SeriesId::new(&id)).cloned().ok_or(Fail::NotFound("series"))?;
    let sure = Sure {
        slip: slip(one.version)?,
        kind: "series",
        title: one.title,
        text: "It comes no more, and what is still planned of it is cancelled; readers are told.",
        action: format!("/admin/series/{id}/end"),
        back: "/admin/maintenances".to_owned(),
    };
    visit.show(SURE, &sure)
}

pub(super) async fn end(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let deed = Deed {
        what: "End the series",
        subject: (id.clone(), "series."),
        to: "/admin/maintenances?said=changed".to_owned(),
        back: "/admin/maintenances".to_owned(),
    };
    carry_out(&visit, &fields, Command::EndSeries(SeriesId::new(&id), version(&fields)), deed).await
}
