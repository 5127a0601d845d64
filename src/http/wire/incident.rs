//! Incidents, maintenances and their updates as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, time};
use crate::model::id::ComponentId;
use crate::model::incident::{Listing, Update};
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView};

/// Something that goes wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Incident<'a> {
    /// Stable over restarts and re-readings.
    id: &'a str,
    /// `upstream` or `local`.
    origin: &'static str,
    /// The source's id; null for local ones.
    source: Option<&'a str>,
    /// The source's name.
    source_name: &'a str,
    /// Plain text.
    title: &'a str,
    /// `investigating`, `identified`, `monitoring`, `resolved`; null where the upstream's word is not understood.
    status: Option<&'static str>,
    /// `none`, `maintenance`, `minor`, `major`, `critical`; null where the upstream does not say.
    impact: Option<&'static str>,
    /// What it does to what it touches.
    state: &'static str,
    /// True while it goes on, as far as anybody has said.
    open: bool,
    /// It touches something that counts for this team.
    counted: bool,
    /// The source cannot be read, or not be believed, now: this is the last that is known.
    stale: bool,
    /// Closed because the upstream no longer lists it; nobody said that it was resolved.
    no_longer_listed: bool,
    /// When it began; null where the upstream does not say.
    started_at: Option<Time>,
    /// When the upstream last changed it.
    updated_at: Option<Time>,
    /// When it ended.
    resolved_at: Option<Time>,
    /// When this allclear first saw it.
    first_seen_at: Time,
    /// The publisher's own page about it.
    url: Option<&'a str>,
    /// Ids of the components that it names; none means all of the source.
    components: Vec<&'a str>,
    /// The same with their paths and states.
    affected: Vec<Touched<'a>>,
    /// Ids of the services that it touches: local ones only.
    services: Vec<&'a str>,
    /// Newest first.
    updates: Vec<Post<'a>>,
    /// Notes of operators, newest first.
    notes: Vec<Post<'a>>,
}

/// Planned work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Maintenance<'a> {
    /// Stable over restarts and re-readings.
    id: &'a str,
    /// `upstream` or `local`.
    origin: &'static str,
    /// The source's id; null for local ones.
    source: Option<&'a str>,
    /// The source's name.
    source_name: &'a str,
    /// Plain text.
    title: &'a str,
    /// `scheduled`, `in_progress`, `verifying`, `completed`, `cancelled`; null where it is not understood.
    status: Option<&'static str>,
    /// True while it is planned or going on.
    open: bool,
    /// It touches something that counts for this team.
    counted: bool,
    /// The source cannot be read, or not be believed, now: this is the last that is known.
    stale: bool,
    /// Closed because the upstream no longer lists it.
    no_longer_listed: bool,
    /// Planned start.
    starts_at: Option<Time>,
    /// Planned end.
    ends_at: Option<Time>,
    /// When the upstream last changed it.
    updated_at: Option<Time>,
    /// When this allclear first saw it.
    first_seen_at: Time,
    /// The publisher's own page about it.
    url: Option<&'a str>,
    /// Ids of the components that it names; none means all of the source.
    components: Vec<&'a str>,
    /// The same with their paths and states.
    affected: Vec<Touched<'a>>,
    /// Ids of the services that it touches: local ones only.
    services: Vec<&'a str>,
    /// Newest first.
    updates: Vec<Post<'a>>,
}

/// A component that an incident or a maintenance names.
#[derive(Debug, Serialize, ToSchema)]
pub struct Touched<'a> {
    /// The upstream's id.
    id: &'a str,
    /// `Group/Name`.
    path: &'a str,
    /// Its state now.
    state: &'static str,
    /// Whether it counts for this team.
    counted: bool,
}

/// One post about an incident or a maintenance.
#[derive(Debug, Serialize, ToSchema)]
pub struct Post<'a> {
    /// When it was posted; null where the upstream does not say.
    at: Option<Time>,
    /// The status that it announced.
    status: Option<&'static str>,
    /// Plain text.
    body: &'a str,
    /// The same as sanitised HTML.
    html: &'a str,
}

impl<'a> Incident<'a> {
    /// Shapes a view.
    pub fn of(view: &'a IncidentView) -> Self {
        let incident = &view.incident;
        Self {
            id: incident.id.as_str(),
            origin: incident.origin.as_str(),
            source: incident.source.as_ref().map(|id| id.as_str()),
            source_name: &view.source_name,
            title: &incident.title,
            status: incident.phase.map(|phase| phase.as_str()),
            impact: incident.impact.map(|impact| impact.as_str()),
            state: view.state.as_str(),
            open: incident.is_open(),
            counted: view.counted,
            stale: view.stale,
            no_longer_listed: matches!(incident.listing, Listing::NoLongerListed { .. }),
            started_at: time(incident.started_at),
            updated_at: time(incident.updated_at),
            resolved_at: time(incident.resolved_at),
            first_seen_at: Time(incident.first_seen_at),
            url: incident.url.as_deref(),
            components: incident.components.iter().map(ComponentId::as_str).collect(),
            affected: view.affected.iter().map(Touched::of).collect(),
            services: incident.services.iter().map(|hit| hit.service.as_str()).collect(),
            updates: incident.updates.iter().map(Post::of).collect(),
            notes: Vec::new(),
        }
    }
}

impl<'a> Maintenance<'a> {
    /// Shapes a view.
    pub fn of(view: &'a MaintenanceView) -> Self {
        let maintenance = &view.maintenance;
        Self {
            id: maintenance.id.as_str(),
            origin: maintenance.origin.as_str(),
            source: maintenance.source.as_ref().map(|id| id.as_str()),
            source_name: &view.source_name,
            title: &maintenance.title,
            status: maintenance.phase.map(|phase| phase.as_str()),
            open: maintenance.is_open(),
            counted: view.counted,
            stale: view.stale,
            no_longer_listed: matches!(maintenance.listing, Listing::NoLongerListed { .. }),
            starts_at: time(maintenance.starts_at),
            ends_at: time(maintenance.ends_at),
            updated_at: time(maintenance.updated_at),
            first_seen_at: Time(maintenance.first_seen_at),
            url: maintenance.url.as_deref(),
            components: maintenance.components.iter().map(ComponentId::as_str).collect(),
            affected: view.affected.iter().map(Touched::of).collect(),
            services: maintenance.services.iter().map(|id| id.as_str()).collect(),
            updates: maintenance.updates.iter().map(Post::of).collect(),
        }
    }
}

impl<'a> Touched<'a> {
    fn of(affected: &'a Affected) -> Self {
        Self {
            id: affected.id.as_str(),
            path: &affected.path,
            state: affected.state.as_str(),
            counted: affected.counted,
        }
    }
}

impl<'a> Post<'a> {
    fn of(update: &'a Update) -> Self {
        Self {
            at: time(update.at),
            status: update.phase.map(|phase| phase.as_str()),
            body: &update.body.plain,
            html: &update.body.html,
        }
    }
}
