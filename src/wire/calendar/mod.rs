//! Maintenances as an iCalendar document (RFC 5545, RFC 7986), for calendars that subscribe to it.
//!
//! A maintenance keeps its UID for ever. Its SEQUENCE is how often it changed since it was first seen, which is kept with
//! it ([`Maintenance::revised`]): it never falls, and a moved window or a cancellation raises it. All times of change are
//! when the change was noticed here, so that a document stays the same until something changes.

mod block;
mod recurring;
mod zone;

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::block::Block;
use super::scope::{Scope, escaped};
use super::{base, uuid};
use crate::limits;
use crate::model::id::IncidentId;
use crate::model::incident::{Listing, Maintenance, Phase};
use crate::model::series::Recurring;
use crate::model::snapshot::{MaintenanceView, Snapshot};

/// How often calendars are asked to look again.
const AGAIN: &str = "PT15M";

/// The calendar of what counts within `scope`: what goes on or is planned, and what was over within the last 14 days.
/// `series` are the maintenances that come again: each is one event with a rule, and its occurrences are exceptions
/// where they are not as planned. Those of any other series stand alone.
///
/// What has no start yet has no place in a calendar, and is left out.
pub(crate) fn document(snapshot: &Snapshot, scope: &Scope, series: &[Recurring]) -> Result<String, fmt::Error> {
    let base = base(snapshot);
    let title = format!("{}: maintenances", scope.title(snapshot));
    let mut calendar = Block::new("VCALENDAR");
    calendar.put("VERSION", "2.0");
    calendar.put("PRODID", "-//allclear//maintenances//EN");
    calendar.put("CALSCALE", "GREGORIAN");
    calendar.put("METHOD", "PUBLISH");
    calendar.text("NAME", &title);
    calendar.text("X-WR-CALNAME", &title);
    calendar.put_with("REFRESH-INTERVAL", &[("VALUE", "DURATION")], AGAIN);
    calendar.put("X-PUBLISHED-TTL", AGAIN);
    if let Some(base) = base {
        calendar.put("URL", format!("{base}{}", scope.home()));
        calendar.put_with("SOURCE", &[("VALUE", "URI")], format!("{base}{}/calendar.ics", scope.path()));
    }
    let views: Vec<&MaintenanceView> = counted(snapshot, scope).collect();
    let series: Vec<&Recurring> =
        series.iter().filter(|one| scope.has_services(snapshot, &one.series.services)).collect();
    let mut zones: BTreeMap<&str, (TimeZone, Timestamp)> = BTreeMap::new();
    let mut events = Vec::new();
    let mut within: HashSet<&IncidentId> = HashSet::new();
    for one in series {
        let Ok(zone) = TimeZone::get(&one.series.timezone) else { continue };
        let of_it: Vec<&MaintenanceView> = views.iter().copied().filter(|view| recurring::is_of(view, one)).collect();
        within.extend(of_it.iter().map(|view| &view.maintenance.id));
        events.extend(recurring::events(snapshot, one, &zone, &of_it));
        let first = recurring::moment(&zone, one.first);
        let known = zones.entry(one.series.timezone.as_str()).or_insert((zone, first));
        known.1 = known.1.min(first);
    }
    events.extend(views.iter().filter(|view| !within.contains(&view.maintenance.id)).filter_map(|view| {
        let maintenance = &view.maintenance;
        event(snapshot, view, &uuid(maintenance.id.as_str()), maintenance.revised())
    }));
    for (id, (zone, since)) in &zones {
        calendar.push(zone::block(id, zone, *since));
    }
    events.into_iter().for_each(|event| calendar.push(event));
    if calendar.is_empty() {
        // A calendar must hold something. The one fact that always holds is the time zone of the page.
        let id = &snapshot.page.timezone;
        let zone = TimeZone::get(id).unwrap_or(TimeZone::UTC);
        calendar.push(zone::block(id, &zone, Timestamp::UNIX_EPOCH.max(started(snapshot))));
    }
    let mut out = String::new();
    calendar.write(&mut out)?;
    Ok(out)
}

fn counted<'a>(snapshot: &'a Snapshot, scope: &'a Scope) -> impl Iterator<Item = &'a MaintenanceView> {
    let all = snapshot.maintenances.iter().chain(&snapshot.recent_maintenances).map(AsRef::as_ref);
    all.filter(|view| view.counted && scope.has_maintenance(snapshot, view))
}

/// The first day of this year: what is written of a time zone then changes once a year.
fn started(snapshot: &Snapshot) -> Timestamp {
    let year = snapshot.generated_at.to_zoned_datetime(TimeZone::UTC).first_of_year();
    year.ok().and_then(|day| day.start_of_day().ok()).map_or(snapshot.generated_at, |day| day.timestamp())
}

/// One maintenance at its own times; `None` where it has no start.
fn event(snapshot: &Snapshot, view: &MaintenanceView, uid: &str, revised: (u64, Timestamp)) -> Option<Block> {
    let maintenance = &view.maintenance;
    let starts = maintenance.starts_at?;
    let mut block = begin(uid, revised, maintenance.first_seen_at);
    block.put("DTSTART", utc(starts));
    // Without an end, or with one that is none, it is known to begin and no more.
    if let Some(ends) = maintenance.ends_at.filter(|ends| *ends > starts) {
        block.put("DTEND", utc(ends));
    }
    block.put("STATUS", status(maintenance));
    describe(&mut block, snapshot, view);
    Some(block)
}

/// The head of an event: which one, and how it came to be as it is.
fn begin(uid: &str, (sequence, changed): (u64, Timestamp), created: Timestamp) -> Block {
    let mut block = Block::new("VEVENT");
    block.put("UID", uid);
    block.put("DTSTAMP", utc(changed));
    block.put("CREATED", utc(created));
    block.put("LAST-MODIFIED", utc(changed));
    block.put("SEQUENCE", sequence.to_string());
    block
}

/// What an event is about, apart from its times.
fn describe(block: &mut Block, snapshot: &Snapshot, view: &MaintenanceView) {
    let maintenance = &view.maintenance;
    block.text("SUMMARY", &format!("{}: {}", view.source_name, maintenance.title));
    block.text("DESCRIPTION", &description(view));
    match (base(snapshot), &maintenance.url) {
        (Some(base), _) => {
            block.put("URL", format!("{base}/maintenances/{}", escaped(maintenance.id.as_str())));
        }
        (None, Some(theirs)) => block.put("URL", theirs.as_str()),
        (None, None) => {}
    }
    let source = maintenance.source.as_ref().and_then(|id| snapshot.source(id.as_str()));
    categories(block, source.iter().flat_map(|view| &view.source.tags));
}

fn categories<'a>(block: &mut Block, tags: impl Iterator<Item = &'a String>) {
    let words: Vec<String> = ["Maintenance".to_owned()].into_iter().chain(tags.cloned()).collect();
    block.words("CATEGORIES", &words);
    block.put("TRANSP", "TRANSPARENT");
}

/// Whether it takes place, as far as anybody has said.
fn status(maintenance: &Maintenance) -> &'static str {
    match (maintenance.phase, maintenance.listing) {
        (Some(Phase::Cancelled), _) => "CANCELLED",
        // Nobody said that it will not be, and nobody says any more that it will.
        (_, Listing::NoLongerListed { .. }) | (None, _) => "TENTATIVE",
        (Some(_), Listing::Listed | Listing::Missing { .. }) => "CONFIRMED",
    }
}

/// All that is known beside the times, in plain words: the newest first, as far as there is room.
fn description(view: &MaintenanceView) -> String {
    let maintenance = &view.maintenance;
    let mut lines = vec![maintenance.phase.map_or("Status not understood", Phase::label).to_owned()];
    match maintenance.listing {
        Listing::Missing { .. } => lines.push("The vendor’s page does not list it any more.".to_owned()),
        Listing::NoLongerListed { .. } => {
            lines.push("The vendor’s page stopped listing it; nobody said what became of it.".to_owned());
        }
        Listing::Listed if view.stale => {
            lines.push("The vendor’s page cannot be read now: this is the last that is known.".to_owned());
        }
        Listing::Listed => {}
    }
    if maintenance.ends_at.is_none() {
        lines.push("When it ends is not known.".to_owned());
    }
    let parts: Vec<&str> = view.affected.iter().filter(|part| part.counted).map(|part| part.path.as_str()).collect();
    if !parts.is_empty() {
        lines.push(format!("Touches: {}", parts.join(", ")));
    }
    for update in maintenance.updates.iter().filter(|update| !update.body.plain.trim().is_empty()) {
        let at = update.at.map(|at| format!(" {}", at.strftime("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
        let word = update.phase.map_or("Update", Phase::label);
        lines.push(format!("\n{word}{at}\n{}", update.body.plain.trim()));
    }
    lines.extend(maintenance.url.iter().map(|url| format!("\n{url}")));
    cut(&lines.join("\n"))
}

/// Words, as many as an event of a calendar takes.
fn cut(words: &str) -> String {
    if words.chars().count() <= limits::CALENDAR_WORDS {
        return words.to_owned();
    }
    words.chars().take(limits::CALENDAR_WORDS.saturating_sub(1)).chain(['…']).collect()
}

/// A moment as iCalendar writes it.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
