//! What went on, day by day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::{IncidentItem, MaintenanceItem, Page, Time, incident_item, maintenance_item, time};
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot};

/// What is shown, and what it was asked by.
#[derive(Debug)]
pub struct Days<'a> {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// Whose days these are.
    pub zone: TimeZone,
    /// What went on, the newest first.
    pub incidents: Vec<IncidentView>,
    /// What was planned, the newest first.
    pub maintenances: Vec<MaintenanceView>,
    /// There is more than is shown.
    pub cut: bool,
    /// The filters as they stand in the address, but for the days.
    pub filters: Vec<(&'static str, &'a str)>,
    /// The day of now.
    pub today: Date,
}

/// The page.
#[derive(Debug, Serialize)]
pub struct History {
    page: Page,
    days: Vec<Day>,
    first: String,
    last: String,
    zone: String,
    older: String,
    newer: Option<String>,
    cut: bool,
    sources: Vec<Choice>,
    tags: Vec<Choice>,
    impacts: Vec<Choice>,
    origins: Vec<Choice>,
    filtered: bool,
}

#[derive(Debug, Serialize)]
struct Day {
    name: String,
    at: String,
    incidents: Vec<Item<IncidentItem>>,
    maintenances: Vec<Item<MaintenanceItem>>,
}

/// Something on its day, and until when it went on.
#[derive(Debug, Serialize)]
struct Item<T> {
    item: T,
    until: Option<Time>,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// What began on one day.
type Begun = (Vec<Item<IncidentItem>>, Vec<Item<MaintenanceItem>>);

/// Makes the page: each day with what began on it; what began earlier stands on the first.
pub fn page(snapshot: &Snapshot, asked: &Days<'_>) -> History {
    let day_of = |at: Timestamp| at.to_zoned_datetime(asked.zone.clone()).date().clamp(asked.first, asked.last);
    let mut by_day: BTreeMap<Date, Begun> = BTreeMap::new();
    for view in &asked.incidents {
        let until = view.incident.resolved_at.map(time);
        let day = by_day.entry(day_of(view.incident.began_at())).or_default();
        day.0.push(Item { item: incident_item(view), until });
    }
    for view in &asked.maintenances {
        let starts = view.maintenance.starts_at.unwrap_or(view.maintenance.first_seen_at);
        let day = by_day.entry(day_of(starts)).or_default();
        day.1.push(Item { item: maintenance_item(view), until: view.maintenance.ends_at.map(time) });
    }
    let mut days = Vec::new();
    let mut day = asked.last;
    while day >= asked.first {
        let (incidents, maintenances) = by_day.remove(&day).unwrap_or_default();
        let noon = asked.zone.to_ambiguous_timestamp(day.at(12, 0, 0, 0)).compatible();
        let at = noon.map(|noon| format!("/?at={noon}")).unwrap_or_default();
        days.push(Day { name: day.strftime("%A, %-d %B %Y").to_string(), at, incidents, maintenances });
        let Ok(before) = day.yesterday() else { break };
        day = before;
    }
    let chosen = |name: &str| asked.filters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let choice = |name: &str, value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: chosen(name) == Some(value),
    };
    let mut tags: Vec<&String> = snapshot.sources.iter().flat_map(|view| &view.source.tags).collect();
    tags.sort();
    tags.dedup();
    let span = i64::from((asked.last - asked.first).get_days()).saturating_add(1);
    let moved = |days: i64| asked.last.saturating_add(days.days());
    let newer = moved(span).min(asked.today);
    History {
        page: super::page(snapshot, false),
        days,
        first: asked.first.to_string(),
        last: asked.last.to_string(),
        zone: asked.zone.iana_name().unwrap_or("UTC").to_owned(),
        older: address(asked, moved(-span)),
        newer: (asked.last < asked.today).then(|| address(asked, newer)),
        cut: asked.cut,
        sources: snapshot
            .sources
            .iter()
            .map(|view| choice("source", view.source.id.as_str(), &view.source.name))
            .collect(),
        tags: tags.into_iter().map(|tag| choice("tag", tag, tag)).collect(),
        impacts: ["none", "minor", "major", "critical", "maintenance"].map(|one| choice("impact", one, one)).into(),
        origins: [("upstream", "vendors"), ("local", "ours")].map(|(one, label)| choice("origin", one, label)).into(),
        filtered: !asked.filters.is_empty(),
    }
}

fn address(asked: &Days<'_>, until: Date) -> String {
    let mut query = url_form(&[("until", &until.to_string())]);
    for pair in &asked.filters {
        query.push('&');
        query.push_str(&url_form(&[*pair]));
    }
    format!("/history?{query}")
}

fn url_form(pairs: &[(&str, &str)]) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let escaped = |text: &str| -> String {
        text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    pairs.iter().map(|(key, value)| format!("{key}={}", escaped(value))).collect::<Vec<_>>().join("&")
}
