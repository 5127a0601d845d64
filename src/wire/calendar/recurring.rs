//! A maintenance that comes again as one event with a rule, in its own time zone, and what is otherwise than the rule.
//!
//! Its SEQUENCE is how often the series changed, which every moved and cancelled occurrence does; that of an occurrence
//! which stands apart is this and how often it changed itself. Neither falls while it stands in the calendar.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::block::Block;
use super::zone::local;
use super::{begin, categories, cut, describe, status, utc};
use crate::model::incident::{Maintenance, Phase};
use crate::model::series::{Exception, OccurrenceOf, Recurring, Series};
use crate::model::snapshot::{MaintenanceView, Snapshot};
use crate::wire::{base, uuid};

/// True for an occurrence that the rule still names.
pub(super) fn is_of(view: &MaintenanceView, one: &Recurring) -> bool {
    of(&view.maintenance).is_some_and(|of| of.series == one.series.id && one.named.contains(&of.starts))
}

/// The event with its rule, and one for each of `held`, its occurrences, that is not as planned.
pub(super) fn events(snapshot: &Snapshot, one: &Recurring, zone: &TimeZone, held: &[&MaintenanceView]) -> Vec<Block> {
    let apart = held.iter().filter(|view| !is_as_planned(&view.maintenance, &one.series, zone));
    let apart: Vec<(&MaintenanceView, DateTime)> =
        apart.filter_map(|view| Some((*view, of(&view.maintenance)?.starts))).collect();
    let mut events = vec![master(snapshot, one, held)];
    events.extend(apart.iter().filter_map(|(view, starts)| occurrence(snapshot, one, zone, view, *starts)));
    events
}

fn master(snapshot: &Snapshot, one: &Recurring, held: &[&MaintenanceView]) -> Block {
    let series = &one.series;
    let in_zone = [("TZID", series.timezone.as_str())];
    let mut block = begin(&uid(series), (sequence(series), series.changed_at), series.created_at);
    block.put_with("DTSTART", &in_zone, local(one.first));
    block.put("DURATION", format!("PT{}M", series.duration.as_secs() / 60));
    block.put("RRULE", one.rule.as_str());
    let gone: Vec<String> = series
        .exceptions
        .iter()
        .filter(|(starts, exception)| **starts >= one.first && is_gone(**starts, exception, held))
        .map(|(starts, _)| local(*starts))
        .collect();
    if !gone.is_empty() {
        block.put_with("EXDATE", &in_zone, gone.join(","));
    }
    block.put("STATUS", "CONFIRMED");
    block.text("SUMMARY", &format!("{}: {}", snapshot.page.title, series.title));
    let names = series.services.iter().filter_map(|id| {
        snapshot.services.iter().find(|view| view.service.id == *id).map(|view| view.service.name.as_str())
    });
    let touches = names.collect::<Vec<_>>().join(", ");
    let touches = if touches.is_empty() { String::new() } else { format!("Touches: {touches}\n\n") };
    let words = cut(format!("{touches}{}", series.words.plain.trim()).trim());
    if !words.is_empty() {
        block.text("DESCRIPTION", &words);
    }
    if let Some(base) = base(snapshot) {
        block.put("URL", format!("{base}/"));
    }
    categories(&mut block, std::iter::empty());
    block
}

/// True where the rule names an occurrence that does not take place then: it is cancelled, or was moved and is so long
/// over that it has left the calendar.
fn is_gone(starts: DateTime, exception: &Exception, held: &[&MaintenanceView]) -> bool {
    match exception {
        Exception::Cancelled => true,
        Exception::Moved { .. } => !held.iter().any(|view| of(&view.maintenance).is_some_and(|of| of.starts == starts)),
    }
}

/// An occurrence that is not as the rule has it; `None` for one that is cancelled, which the rule leaves out.
fn occurrence(
    snapshot: &Snapshot,
    one: &Recurring,
    zone: &TimeZone,
    view: &MaintenanceView,
    starts: DateTime,
) -> Option<Block> {
    let (maintenance, series) = (&view.maintenance, &one.series);
    if series.exceptions.get(&starts) == Some(&Exception::Cancelled) {
        return None;
    }
    let (changes, changed) = maintenance.revised();
    let revised = (sequence(series).saturating_add(changes), changed.max(series.changed_at));
    let mut block = begin(&uid(series), revised, maintenance.first_seen_at);
    block.put_with("RECURRENCE-ID", &[("TZID", series.timezone.as_str())], local(starts));
    let begins = maintenance.starts_at.unwrap_or_else(|| moment(zone, starts));
    block.put("DTSTART", utc(begins));
    if let Some(ends) = maintenance.ends_at.filter(|ends| *ends > begins) {
        block.put("DTEND", utc(ends));
    }
    block.put("STATUS", status(maintenance));
    describe(&mut block, snapshot, view);
    Some(block)
}

/// True where nothing but its announcement was said of an occurrence, and it is planned for when the rule has it.
fn is_as_planned(maintenance: &Maintenance, series: &Series, zone: &TimeZone) -> bool {
    let Some(of) = of(maintenance) else { return false };
    let starts = moment(zone, of.starts);
    let announced = usize::from(!series.words.is_empty());
    maintenance.phase == Some(Phase::Scheduled)
        && maintenance.starts_at == Some(starts)
        && maintenance.ends_at == starts.checked_add(series.duration).ok()
        && maintenance.title == series.title
        && maintenance.updates.len() <= announced
}

/// The same for ever, and another one for a series that is made anew under an old name.
fn uid(series: &Series) -> String {
    uuid(&format!("series {} {}", series.id, series.created_at))
}

fn sequence(series: &Series) -> u64 {
    series.version.saturating_sub(1)
}

fn of(maintenance: &Maintenance) -> Option<&OccurrenceOf> {
    maintenance.local.as_ref().and_then(|local| local.plan.series.as_ref())
}

/// The moment of a local time: of one that the clocks skip what comes after it, of one that comes twice the first.
pub(super) fn moment(zone: &TimeZone, starts: DateTime) -> Timestamp {
    zone.to_ambiguous_timestamp(starts).compatible().unwrap_or(Timestamp::MAX)
}
