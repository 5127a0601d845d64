//! What incidents and maintenances have in common, so that both are followed by one rule.

use jiff::Timestamp;

use crate::limits;
use crate::model::event::EventKind;
use crate::model::id::{ComponentId, IncidentId, SourceId};
use crate::model::incident::{Incident, Listing, Maintenance, Origin, Phase, Revision, Update};
use crate::model::observation::{SeenIncident, SeenMaintenance};

/// What incidents and maintenances have in common for following them.
pub trait Thread: Clone {
    /// As one reading lists it.
    type Seen;

    /// The upstream's id in the reading.
    fn seen_id(seen: &Self::Seen) -> &str;
    /// True where the reading lists it as not over.
    fn seen_open(seen: &Self::Seen) -> bool;
    /// The title and the start in the reading, to know a thing again whose id has changed.
    fn seen_as(seen: &Self::Seen) -> (&str, Option<Timestamp>);
    /// What is made of one that was never held.
    fn begin(seen: &Self::Seen, id: IncidentId, source: &SourceId, now: Timestamp) -> Self;
    /// What is made of one that was held; `id` and `first_seen_at` stay.
    fn carry_on(&self, seen: &Self::Seen, now: Timestamp) -> Self;
    /// True where the two mean the same to a reader.
    fn means_the_same(&self, other: &Self) -> bool;
    /// The kinds of events that lead from one to the other; `None` before it was held.
    fn kinds(before: Option<&Self>, after: &Self) -> Vec<EventKind>;
    /// The kind of the event that closes one that vanished.
    const UNLISTED: EventKind;
    /// Its id.
    fn id(&self) -> &IncidentId;
    /// Its title and start.
    fn known_as(&self) -> (&str, Option<Timestamp>);
    /// Every id under which the upstream listed it.
    fn upstream_ids(&mut self) -> &mut Vec<String>;
    /// True where the upstream listed it under this id.
    fn had_id(&self, upstream: &str) -> bool;
    /// Whether the upstream still lists it.
    fn listing(&mut self) -> &mut Listing;
    /// How far it has come, as last said.
    fn phase(&self) -> Option<Phase>;
    /// When this allclear first saw it.
    fn first_seen_at(&self) -> Timestamp;
    /// True while it is not over.
    fn open(&self) -> bool;
    /// When it was over, as well as that is known.
    fn over_at(&self) -> Option<Timestamp>;
    /// The words before and after, for an event of this kind.
    fn words(kind: EventKind, before: Option<&Self>, after: &Self) -> (Option<String>, Option<String>);
    /// Notes that it changed for its readers, where that is counted.
    fn revise(&mut self, _now: Timestamp) {}
    /// The newest update in a line.
    fn last_words(&self) -> Option<String>;
}

/// What a reading says, with the reading that first said just so: this one, unless it is held from an earlier one.
fn noticed(held: &[Update], seen: &[Update], now: Timestamp) -> Vec<Update> {
    let said_before = |update: &Update| {
        let mut same = held.iter().filter(|known| known.at == update.at && known.phase == update.phase);
        same.find(|known| known.body == update.body).map(|known| known.noticed_at)
    };
    let noticed = |update: &Update| Update { noticed_at: said_before(update).unwrap_or(Some(now)), ..update.clone() };
    seen.iter().map(noticed).collect()
}

/// The updates of two readings together, newest first: an edited one replaces itself, none is lost.
fn join_updates(held: &[Update], seen: &[Update], now: Timestamp) -> Vec<Update> {
    let mut joined = noticed(held, seen, now);
    if seen.len() >= held.len() {
        return joined;
    }
    for update in held {
        let known = seen.iter().any(|other| match (other.at, update.at) {
            (Some(a), Some(b)) => a == b,
            _ => other.body.plain == update.body.plain,
        });
        if !known {
            joined.push(update.clone());
        }
    }
    joined.sort_by_key(|update| std::cmp::Reverse(update.at));
    joined.truncate(limits::UPDATES);
    joined
}

/// What updates say, without order, white space and times.
fn said(updates: &[Update]) -> Vec<(Option<&'static str>, String)> {
    let mut said: Vec<_> = updates
        .iter()
        .map(|update| {
            let words: Vec<&str> = update.body.plain.split_whitespace().collect();
            (update.phase.map(Phase::as_str), words.join(" "))
        })
        .collect();
    said.sort();
    said
}

fn sorted(components: &[ComponentId]) -> Vec<&ComponentId> {
    let mut sorted: Vec<_> = components.iter().collect();
    sorted.sort();
    sorted
}

fn last_words(updates: &[Update]) -> Option<String> {
    let first = updates.first()?.body.plain.lines().find(|line| !line.trim().is_empty())?;
    Some(first.chars().take(limits::TITLE).collect())
}

fn word(phase: Option<Phase>) -> Option<String> {
    Some(phase.map_or("unknown", Phase::as_str).to_owned())
}

impl Thread for Incident {
    type Seen = SeenIncident;
    const UNLISTED: EventKind = EventKind::IncidentUnlisted;

    fn seen_id(seen: &SeenIncident) -> &str {
        &seen.id
    }

    fn seen_open(seen: &SeenIncident) -> bool {
        seen.is_open()
    }

    fn seen_as(seen: &SeenIncident) -> (&str, Option<Timestamp>) {
        (&seen.title, seen.started_at)
    }

    fn begin(seen: &SeenIncident, id: IncidentId, source: &SourceId, now: Timestamp) -> Self {
        Self {
            id,
            origin: Origin::Upstream,
            source: Some(source.clone()),
            upstream_ids: vec![seen.id.clone()],
            title: seen.title.clone(),
            phase: seen.phase,
            impact: seen.impact,
            started_at: seen.started_at,
            updated_at: seen.updated_at,
            resolved_at: seen.resolved_at,
            url: seen.url.clone(),
            components: seen.components.clone(),
            services: Vec::new(),
            updates: noticed(&[], &seen.updates, now),
            first_seen_at: now,
            listing: Listing::Listed,
            local: None,
        }
    }

    fn carry_on(&self, seen: &SeenIncident, now: Timestamp) -> Self {
        Self {
            title: seen.title.clone(),
            phase: seen.phase,
            impact: seen.impact.or(self.impact),
            started_at: seen.started_at.or(self.started_at),
            updated_at: seen.updated_at,
            resolved_at: seen.resolved_at,
            url: seen.url.clone().or_else(|| self.url.clone()),
            components: if seen.components.is_empty() { self.components.clone() } else { seen.components.clone() },
            updates: join_updates(&self.updates, &seen.updates, now),
            ..self.clone()
        }
    }

    fn means_the_same(&self, other: &Self) -> bool {
        self.title == other.title
            && self.phase == other.phase
            && self.impact == other.impact
            && self.resolved_at == other.resolved_at
            && self.url == other.url
            && sorted(&self.components) == sorted(&other.components)
            && said(&self.updates) == said(&other.updates)
    }

    fn kinds(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        match before {
            None if after.is_open() => vec![EventKind::IncidentOpened],
            None => vec![EventKind::IncidentOpened, EventKind::IncidentResolved],
            Some(before) => match (before.is_open(), after.is_open()) {
                (true, false) => vec![EventKind::IncidentResolved],
                (false, true) => vec![EventKind::IncidentReopened],
                _ => vec![EventKind::IncidentUpdated],
            },
        }
    }

    fn id(&self) -> &IncidentId {
        &self.id
    }

    fn known_as(&self) -> (&str, Option<Timestamp>) {
        (&self.title, self.started_at)
    }

    fn upstream_ids(&mut self) -> &mut Vec<String> {
        &mut self.upstream_ids
    }

    fn had_id(&self, upstream: &str) -> bool {
        self.upstream_ids.iter().any(|id| id == upstream)
    }

    fn listing(&mut self) -> &mut Listing {
        &mut self.listing
    }

    fn phase(&self) -> Option<Phase> {
        self.phase
    }

    fn first_seen_at(&self) -> Timestamp {
        self.first_seen_at
    }

    fn open(&self) -> bool {
        self.is_open()
    }

    fn over_at(&self) -> Option<Timestamp> {
        match self.listing {
            Listing::NoLongerListed { since } => Some(since),
            _ => self.resolved_at.or(self.updated_at).or(self.started_at),
        }
    }

    fn words(kind: EventKind, before: Option<&Self>, after: &Self) -> (Option<String>, Option<String>) {
        match (kind, before) {
            (EventKind::IncidentUnlisted, _) => (word(after.phase), None),
            (_, Some(before)) => (word(before.phase), word(after.phase)),
            (_, None) => (None, word(after.phase)),
        }
    }

    fn last_words(&self) -> Option<String> {
        last_words(&self.updates)
    }
}

impl Thread for Maintenance {
    type Seen = SeenMaintenance;
    const UNLISTED: EventKind = EventKind::MaintenanceUnlisted;

    fn seen_id(seen: &SeenMaintenance) -> &str {
        &seen.id
    }

    fn seen_open(seen: &SeenMaintenance) -> bool {
        seen.phase.is_none_or(Phase::is_open)
    }

    fn seen_as(seen: &SeenMaintenance) -> (&str, Option<Timestamp>) {
        (&seen.title, seen.starts_at)
    }

    fn begin(seen: &SeenMaintenance, id: IncidentId, source: &SourceId, now: Timestamp) -> Self {
        Self {
            id,
            origin: Origin::Upstream,
            source: Some(source.clone()),
            upstream_ids: vec![seen.id.clone()],
            title: seen.title.clone(),
            phase: seen.phase,
            starts_at: seen.starts_at,
            ends_at: seen.ends_at,
            updated_at: seen.updated_at,
            url: seen.url.clone(),
            components: seen.components.clone(),
            services: Vec::new(),
            updates: noticed(&[], &seen.updates, now),
            first_seen_at: now,
            listing: Listing::Listed,
            revision: Revision::default(),
            local: None,
        }
    }

    fn carry_on(&self, seen: &SeenMaintenance, now: Timestamp) -> Self {
        Self {
            title: seen.title.clone(),
            phase: seen.phase,
            starts_at: seen.starts_at.or(self.starts_at),
            ends_at: seen.ends_at.or(self.ends_at),
            updated_at: seen.updated_at,
            url: seen.url.clone().or_else(|| self.url.clone()),
            components: if seen.components.is_empty() { self.components.clone() } else { seen.components.clone() },
            updates: join_updates(&self.updates, &seen.updates, now),
            ..self.clone()
        }
    }

    fn means_the_same(&self, other: &Self) -> bool {
        self.title == other.title
            && self.phase == other.phase
            && self.starts_at == other.starts_at
            && self.ends_at == other.ends_at
            && self.url == other.url
            && sorted(&self.components) == sorted(&other.components)
            && said(&self.updates) == said(&other.updates)
    }

    fn kinds(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let over = match after.phase {
            Some(Phase::Cancelled) => EventKind::MaintenanceCancelled,
            _ => EventKind::MaintenanceCompleted,
        };
        let Some(before) = before else {
            return match (after.is_open(), after.is_running()) {
                (true, false) => vec![EventKind::MaintenanceAnnounced],
                (true, true) => vec![EventKind::MaintenanceAnnounced, EventKind::MaintenanceStarted],
                (false, _) => vec![EventKind::MaintenanceAnnounced, over],
            };
        };
        match (before.is_open(), after.is_open()) {
            (true, false) => return vec![over],
            (false, true) => return vec![EventKind::MaintenanceAnnounced],
            _ => {}
        }
        let mut kinds = Vec::new();
        if before.starts_at != after.starts_at || before.ends_at != after.ends_at {
            kinds.push(EventKind::MaintenanceMoved);
        }
        if !before.is_running() && after.is_running() {
            kinds.push(EventKind::MaintenanceStarted);
        }
        if kinds.is_empty() {
            kinds.push(EventKind::MaintenanceUpdated);
        }
        kinds
    }

    fn id(&self) -> &IncidentId {
        &self.id
    }

    fn known_as(&self) -> (&str, Option<Timestamp>) {
        (&self.title, self.starts_at)
    }

    fn upstream_ids(&mut self) -> &mut Vec<String> {
        &mut self.upstream_ids
    }

    fn had_id(&self, upstream: &str) -> bool {
        self.upstream_ids.iter().any(|id| id == upstream)
    }

    fn listing(&mut self) -> &mut Listing {
        &mut self.listing
    }

    fn phase(&self) -> Option<Phase> {
        self.phase
    }

    fn first_seen_at(&self) -> Timestamp {
        self.first_seen_at
    }

    fn open(&self) -> bool {
        self.is_open()
    }

    fn revise(&mut self, now: Timestamp) {
        self.revision =
            Revision { number: self.revision.number.saturating_add(1), at: self.revision.at.max(Some(now)) };
    }

    fn over_at(&self) -> Option<Timestamp> {
        match self.listing {
            Listing::NoLongerListed { since } => Some(since),
            _ => self.ends_at.or(self.updated_at).or(self.starts_at),
        }
    }

    fn words(kind: EventKind, before: Option<&Self>, after: &Self) -> (Option<String>, Option<String>) {
        if kind == EventKind::MaintenanceMoved {
            let start = |m: &Self| m.starts_at.map(|at| at.to_string());
            return (before.and_then(start), start(after));
        }
        match (kind, before) {
            (EventKind::MaintenanceUnlisted, _) => (word(after.phase), None),
            (_, Some(before)) => (word(before.phase), word(after.phase)),
            (_, None) => (None, word(after.phase)),
        }
    }

    fn last_words(&self) -> Option<String> {
        last_words(&self.updates)
    }
}
