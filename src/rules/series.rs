//! Which maintenances a series has: its occurrences, but for those that were cancelled or moved.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::limits;
use crate::model::id::{IncidentId, SeriesId, ServiceId};
use crate::model::series::{Exception, OccurrenceOf, Plan, Recurring, Series};
use crate::model::text::Text;

use super::recurrence::{self, Occurrence, Rule};

/// A maintenance that a series should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The same for the same occurrence, however often it is moved.
    pub id: IncidentId,
    /// Plain text, safe to show.
    pub title: String,
    /// What it is about: Markdown.
    pub markdown: String,
    /// The same, made safe.
    pub words: Text,
    /// Services of the team that it touches.
    pub services: Vec<ServiceId>,
    /// Planned start.
    pub starts_at: Timestamp,
    /// Planned end.
    pub ends_at: Timestamp,
    /// What time does to it. Nothing of it was told yet: whoever holds the same start keeps its `reminded`.
    pub plan: Plan,
    /// It does not take place; whoever has not announced it says nothing.
    pub cancelled: bool,
}

/// Something that is wrong with a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Which part of it.
    pub field: &'static str,
    /// What is wrong with it, and what is expected.
    pub text: String,
}

/// The maintenances of a series that should stand now: those that are not over and start within `horizon`, at least
/// the next one that takes place, at most `limits::OCCURRENCES`. By planned start.
///
/// A scheduled maintenance of the series that is not among them is no longer in its rule, or further ahead.
///
/// # Errors
/// Why its rule or its time zone cannot be read: then nothing is known of what it plans.
pub fn occurrences(series: &Series, now: Timestamp, horizon: Duration) -> Result<Vec<Planned>, String> {
    let rule = Rule::parse(&series.rule)?;
    let zone = recurrence::zone(&series.timezone)?;
    let until = now.checked_add(horizon).unwrap_or(Timestamp::MAX);
    let since = now.checked_sub(series.duration).unwrap_or(Timestamp::MIN);
    let mut found = rule.occurrences(series.starts, &zone, since..until, limits::OCCURRENCES);
    let regular = found.clone();
    // What was moved may be announced, or come, while its start by the rule is far from now.
    let moved = series
        .exceptions
        .iter()
        .filter(|(_, exception)| matches!(exception, Exception::Moved { ends_at, .. } if *ends_at > now));
    let others = moved.filter_map(|(starts, _)| one(&rule, series, &zone, *starts));
    found.extend(others.filter(|occurrence| !regular.contains(occurrence)));
    let mut planned: Vec<Planned> = found
        .into_iter()
        .map(|occurrence| (occurrence.at < until, planned(series, occurrence)))
        .filter(|(announced, planned)| planned.ends_at > now && (*announced || planned.starts_at < until))
        .map(|(_, planned)| planned)
        .collect();
    if !planned.iter().any(|planned| !planned.cancelled && planned.starts_at > now) {
        planned.extend(next(&rule, series, &zone, now));
    }
    planned.sort_by(|a, b| (a.starts_at, &a.id).cmp(&(b.starts_at, &b.id)));
    planned.truncate(limits::OCCURRENCES);
    Ok(planned)
}

/// The next occurrence that takes place, however far ahead it is.
fn next(rule: &Rule, series: &Series, zone: &TimeZone, now: Timestamp) -> Option<Planned> {
    let until = now.checked_add(limits::RULE_SEARCH).unwrap_or(Timestamp::MAX);
    let most = series.exceptions.len().saturating_add(1);
    let coming = rule.occurrences(series.starts, zone, now..until, most).into_iter();
    let all = coming.map(|occurrence| planned(series, occurrence));
    all.filter(|planned| !planned.cancelled && planned.starts_at > now).min_by_key(|planned| planned.starts_at)
}

/// The occurrence that starts so by the rule; `None` where the rule has none there any more.
fn one(rule: &Rule, series: &Series, zone: &TimeZone, starts: DateTime) -> Option<Occurrence> {
    let at = zone.to_ambiguous_timestamp(starts).compatible().ok()?;
    let window = at..at.checked_add(Duration::from_secs(1)).ok()?;
    rule.occurrences(series.starts, zone, window, 1).into_iter().find(|occurrence| occurrence.starts == starts)
}

fn planned(series: &Series, occurrence: Occurrence) -> Planned {
    let regular_end = occurrence.at.checked_add(series.duration).unwrap_or(Timestamp::MAX);
    let exception = series.exceptions.get(&occurrence.starts);
    let (starts_at, ends_at) = match exception {
        Some(Exception::Moved { starts_at, ends_at }) => (*starts_at, *ends_at),
        Some(Exception::Cancelled) | None => (occurrence.at, regular_end),
    };
    Planned {
        id: id(&series.id, occurrence.starts),
        title: series.title.clone(),
        markdown: series.markdown.clone(),
        words: series.words.clone(),
        services: series.services.clone(),
        starts_at,
        ends_at,
        plan: Plan {
            auto_start: series.auto_start,
            auto_end: series.auto_end,
            reminders: series.reminders.clone(),
            reminded: Vec::new(),
            series: Some(OccurrenceOf { series: series.id.clone(), starts: occurrence.starts }),
        },
        cancelled: exception == Some(&Exception::Cancelled),
    }
}

/// A series as one entry of a calendar: what it plans since it was made, and which of `held`, the starts of
/// occurrences that are maintenances, its rule still names. `None` where it has come for the last time.
///
/// # Errors
/// Why its rule or its time zone cannot be read.
pub fn recurring(series: &Series, held: &[DateTime]) -> Result<Option<Recurring>, String> {
    let rule = Rule::parse(&series.rule)?;
    let zone = recurrence::zone(&series.timezone)?;
    // What went on when it was made is one of them; what a rule says of the time before never took place.
    let since = series.created_at.checked_sub(series.duration).unwrap_or(Timestamp::MIN);
    let Some((first, onward)) = rule.from(series.starts, &zone, since) else { return Ok(None) };
    let named = held.iter().filter(|starts| **starts >= first.starts && one(&rule, series, &zone, **starts).is_some());
    let named = named.copied().collect();
    Ok(Some(Recurring { series: series.clone(), first: first.starts, rule: onward, named }))
}

/// The id of the maintenance that is the occurrence of this start by the rule: the same on every machine, and without
/// a dot, as that of no vendor is.
pub fn id(series: &SeriesId, starts: DateTime) -> IncidentId {
    IncidentId::new(format!("{series}-{}", starts.strftime("%Y%m%dt%H%M%S")))
}

/// Everything that is wrong with a series; empty where it may be kept.
pub fn mistakes(series: &Series, now: Timestamp) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut note = |field, text: String| found.push(Mistake { field, text });
    if series.title.trim().is_empty() {
        note("title", "a title is missing".to_owned());
    }
    if series.starts.second() != 0 || series.starts.subsec_nanosecond() != 0 {
        note("starts", format!("`{}` is no whole minute", series.starts));
    }
    if series.duration.is_zero() || series.duration > limits::SERIES_LENGTH {
        let most = limits::SERIES_LENGTH.as_secs() / 86_400;
        note("duration", format!("it has to take some time, and at most {most} days"));
    }
    let longest = series.reminders.iter().max().copied().unwrap_or_default();
    if series.reminders.len() > limits::REMINDERS || longest > limits::REMINDER_AHEAD {
        let (most, days) = (limits::REMINDERS, limits::REMINDER_AHEAD.as_secs() / 86_400);
        note("reminders", format!("there are at most {most}, each at most {days} days before the start"));
    }
    if series.exceptions.len() > limits::SERIES_EXCEPTIONS {
        note(
            "exceptions",
            format!("there are at most {}: end this series and begin a new one", limits::SERIES_EXCEPTIONS),
        );
    }
    let inverted =
        |exception: &Exception| matches!(exception, Exception::Moved { starts_at, ends_at } if ends_at <= starts_at);
    if series.exceptions.values().any(inverted) {
        note("exceptions", "a moved occurrence has to end after it starts".to_owned());
    }
    let (zone, rule) = (recurrence::zone(&series.timezone), Rule::parse(&series.rule));
    match (zone, rule) {
        (Ok(zone), Ok(rule)) => match begins(&rule, series, &zone, now) {
            Ok(()) => {}
            Err((field, text)) => note(field, text),
        },
        (zone, rule) => {
            zone.err().into_iter().for_each(|text| note("timezone", text));
            rule.err().into_iter().for_each(|text| note("rule", text));
        }
    }
    found
}

/// Whether a series begins at a sensible time, and has an occurrence at all.
fn begins(rule: &Rule, series: &Series, zone: &TimeZone, now: Timestamp) -> Result<(), (&'static str, String)> {
    let latest = now.checked_add(limits::PLANNED_AHEAD).unwrap_or(Timestamp::MAX);
    let starts_at = zone.to_ambiguous_timestamp(series.starts).compatible().ok();
    let Some(at) = starts_at.filter(|at| at.as_second() >= limits::OLDEST_TIME && *at <= latest) else {
        return Err(("starts", format!("`{}` is too long ago or too far ahead", series.starts)));
    };
    let until = at.checked_add(limits::RULE_SEARCH).unwrap_or(Timestamp::MAX);
    if rule.occurrences(series.starts, zone, at..until, 1).is_empty() {
        return Err(("rule", format!("`{}` never comes in the ten years after its start", rule.as_str())));
    }
    Ok(())
}
