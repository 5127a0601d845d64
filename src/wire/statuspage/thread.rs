//! Incidents and maintenances, which Statuspage shapes alike.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::component::{self, Component};
use super::marks::ThreadMark;
use super::scene::{self, Scene};
use super::updates::{self, Post};
use super::words;
use crate::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use crate::model::incident::{Listing, Phase, Update};
use crate::model::level::Impact;
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView};
use crate::wire::feed::escaped;

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageIncident)]
pub struct Incident<'a> {
    #[serde(flatten)]
    thread: Thread<'a>,
    /// Nobody is reminded by the clock.
    #[schema(value_type = Option<String>)]
    reminder_intervals: Option<&'static str>,
}

/// A maintenance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageMaintenance)]
pub struct Maintenance<'a> {
    #[serde(flatten)]
    thread: Thread<'a>,
    /// Where the vendor does not say, when work began or was announced.
    scheduled_for: String,
    /// Where the vendor does not say, the start.
    scheduled_until: String,
}

/// What both have.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageThread)]
pub struct Thread<'a> {
    id: String,
    /// With the source's name before it, where it is a vendor's.
    name: String,
    /// `investigating`, `identified`, `monitoring`, `resolved`, `postmortem`; `scheduled`, `in_progress`, `verifying`,
    /// `completed`.
    status: &'static str,
    created_at: String,
    updated_at: String,
    /// When a fix was in, or the work done, and being watched.
    monitoring_at: Option<String>,
    resolved_at: Option<String>,
    /// `none`, `maintenance`, `minor`, `major`, `critical`.
    impact: &'static str,
    /// Its page here.
    shortlink: String,
    started_at: String,
    page_id: String,
    /// Newest first.
    incident_updates: Vec<Post>,
    /// What it touches, as that is now.
    components: Vec<Component<'a>>,
    #[serde(skip)]
    created: Timestamp,
}

/// What is told of an incident or a maintenance, wherever it comes from.
pub struct Told<'v> {
    id: &'v IncidentId,
    path: &'static str,
    source: Option<&'v SourceId>,
    source_name: &'v str,
    title: &'v str,
    first_seen_at: Timestamp,
    listing: Listing,
    pub updates: &'v [Update],
    /// In Statuspage's words.
    pub status: &'static str,
    /// The phase that says that it is over.
    pub over: Phase,
    /// The one before that.
    watched: Phase,
    impact: Impact,
    started_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
}

impl<'a> Incident<'a> {
    /// Shapes a view.
    pub fn of(view: &'a IncidentView, scene: &mut Scene<'a>) -> Self {
        let one = &view.incident;
        let report = one.local.as_ref().and_then(|local| local.postmortem.as_ref());
        let told = Told {
            id: &one.id,
            path: "incidents",
            source: one.source.as_ref(),
            source_name: &view.source_name,
            title: &one.title,
            first_seen_at: one.first_seen_at,
            listing: one.listing,
            updates: &one.updates,
            status: match (one.is_open(), report) {
                (true, _) => words::phase(one.phase),
                (false, Some(_)) => updates::POSTMORTEM,
                (false, None) => Phase::Resolved.as_str(),
            },
            over: Phase::Resolved,
            watched: Phase::Monitoring,
            // As little as an open incident means here, where nobody says.
            impact: one.impact.unwrap_or(Impact::Minor),
            started_at: one.started_at,
            updated_at: one.updated_at,
            resolved_at: one.resolved_at,
        };
        let mark = ThreadMark::of(one.phase, false).with_impact(one.impact);
        let mut posts = updates::of(&told, scene);
        posts.extend(view.verdict.iter().filter_map(|verdict| updates::note(verdict, &told, scene)));
        posts.extend(report.map(|report| updates::report(report, &told, scene)));
        let services: Vec<&ServiceId> = one.services.iter().map(|hit| &hit.service).collect();
        Self { thread: Thread::of(&told, &view.affected, &services, posts, mark, scene), reminder_intervals: None }
    }

    /// When it came up.
    pub fn created(&self) -> Timestamp {
        self.thread.created
    }
}

impl<'a> Maintenance<'a> {
    /// Shapes a view.
    pub fn of(view: &'a MaintenanceView, scene: &mut Scene<'a>) -> Self {
        let one = &view.maintenance;
        let begun = one.starts_at.is_some_and(|at| at <= scene.snapshot.generated_at);
        let told = Told {
            id: &one.id,
            path: "maintenances",
            source: one.source.as_ref(),
            source_name: &view.source_name,
            title: &one.title,
            first_seen_at: one.first_seen_at,
            listing: one.listing,
            updates: &one.updates,
            status: match (one.is_open(), one.phase) {
                (false, _) => Phase::Completed.as_str(),
                (true, None) if begun => Phase::InProgress.as_str(),
                (true, None) => Phase::Scheduled.as_str(),
                (true, phase) => words::phase(phase),
            },
            over: Phase::Completed,
            watched: Phase::Verifying,
            impact: Impact::Maintenance,
            started_at: None,
            updated_at: one.updated_at,
            resolved_at: None,
        };
        let mark = ThreadMark::of(one.phase, false).with_window(one.starts_at, one.ends_at);
        let from = one.starts_at.or_else(|| told.first(Phase::InProgress)).unwrap_or_else(|| told.created_at());
        let posts = updates::of(&told, scene);
        let services: Vec<&ServiceId> = one.services.iter().collect();
        Self {
            thread: Thread::of(&told, &view.affected, &services, posts, mark, scene),
            scheduled_for: scene.time(from),
            scheduled_until: scene.time(one.ends_at.unwrap_or(from)),
        }
    }

    /// When it was announced.
    pub fn created(&self) -> Timestamp {
        self.thread.created
    }

    /// True while work has not begun.
    pub fn is_upcoming(&self) -> bool {
        self.thread.status == Phase::Scheduled.as_str()
    }
}

impl<'a> Thread<'a> {
    fn of(
        told: &Told<'_>,
        affected: &[Affected],
        services: &[&ServiceId],
        mut posts: Vec<Post>,
        mark: ThreadMark,
        scene: &mut Scene<'a>,
    ) -> Self {
        let id = told.thread_id();
        let (components, group) = touched(told.source, affected, services, scene);
        let relayed = told.source.and_then(|id| scene.find(id)).is_some_and(|(_, view)| scene::is_relayed(view));
        scene.marks.thread(&id, ThreadMark { group, relayed, ..mark });
        posts.sort_by_key(|post| std::cmp::Reverse(post.at));
        let moment = |at: Option<Timestamp>| at.map(|at| scene.time(at));
        let created = told.created_at();
        Self {
            id,
            name: told.name(),
            status: told.status,
            created_at: scene.time(created),
            updated_at: scene.time(posts.iter().map(|post| post.at).max().max(told.updated_at).unwrap_or(created)),
            monitoring_at: moment(told.first(told.watched)),
            resolved_at: moment(told.ended_at()),
            impact: told.impact.as_str(),
            shortlink: scene.link(&format!("/{}/{}", told.path, escaped(told.id.as_str()))),
            started_at: scene.time(told.started_at.unwrap_or(told.first_seen_at)),
            page_id: scene.page_id.clone(),
            incident_updates: posts,
            components,
            created,
        }
    }
}

impl Told<'_> {
    /// Its id in Statuspage's form.
    pub fn thread_id(&self) -> String {
        scene::id("incident", &[self.id.as_str()])
    }

    /// When it came up, as far back as anything tells.
    pub fn created_at(&self) -> Timestamp {
        self.updates.iter().filter_map(|update| update.at).fold(self.first_seen_at, Timestamp::min)
    }

    /// When it was closed because the upstream no longer lists it.
    pub fn unlisted_at(&self) -> Option<Timestamp> {
        match self.listing {
            Listing::NoLongerListed { since } => Some(since),
            Listing::Listed | Listing::Missing { .. } => None,
        }
    }

    /// The source's name.
    pub fn source_name(&self) -> &str {
        self.source_name
    }

    fn name(&self) -> String {
        match self.source {
            Some(_) => format!("{}: {}", self.source_name, self.title),
            None => self.title.to_owned(),
        }
    }

    /// When it was first said to be so.
    fn first(&self, phase: Phase) -> Option<Timestamp> {
        self.updates.iter().filter(|update| update.phase == Some(phase)).filter_map(|update| update.at).min()
    }

    fn ended_at(&self) -> Option<Timestamp> {
        let over = self.status == self.over.as_str() || self.status == updates::POSTMORTEM;
        let said = self.resolved_at.or_else(|| self.first(self.over)).or_else(|| self.unlisted_at());
        over.then(|| said.or(self.updated_at).unwrap_or(self.first_seen_at))
    }
}

/// The components that something touches; where it touches all of a group, that group's id instead.
fn touched<'a>(
    source: Option<&SourceId>,
    affected: &[Affected],
    services: &[&ServiceId],
    scene: &mut Scene<'a>,
) -> (Vec<Component<'a>>, Option<String>) {
    let snapshot = scene.snapshot;
    let Some((at, view)) = source.and_then(|id| scene.find(id)) else {
        let hit = snapshot.services.iter().enumerate().filter(|(_, view)| services.contains(&&view.service.id));
        return (hit.map(|(at, view)| component::of_service(view, at, scene)).collect(), None);
    };
    let named: HashSet<&ComponentId> = affected.iter().map(|part| &part.id).collect();
    let parts = scene::parts(view).enumerate().filter(|(_, part)| named.contains(&part.id));
    let rows: Vec<Component<'_>> = parts.map(|(at, part)| component::of_part(view, part, at, scene)).collect();
    if !rows.is_empty() {
        return (rows, None);
    }
    match scene::parts(view).next() {
        Some(_) => (rows, Some(scene::source(&view.source.id))),
        None => (vec![component::of_source(view, at, scene)], None),
    }
}
