//! Incidents, maintenances and their updates as JSON.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, time};
use crate::model::id::ComponentId;
use crate::model::incident::{Listing, Update};
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView};
use crate::model::{desk, local};

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
    /// What operators say of it, for everybody, newest first.
    notes: Vec<Post<'a>>,
    /// What the team says of it; null where nobody has judged it.
    verdict: Option<Verdict<'a>>,
    /// Ids of upstream incidents that have to do with it: local ones only.
    related: Vec<&'a str>,
    /// What was learned: local ones only.
    postmortem: Option<Post<'a>>,
    /// Who declared it: local ones only.
    author: Option<&'a str>,
    /// Rises with every change: local ones only. `"v3"` in If-Match stands for 3.
    version: Option<u64>,
    /// Only suggested by another tool, until an operator publishes it.
    suggested: bool,
}

/// What the team says of a vendor's incident, beside the vendor's own words.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verdict<'a> {
    /// `yes`, `no` or `not_known`.
    affects: &'static str,
    /// False where the incident has become worse since it was judged, and waits to be judged again.
    stands: bool,
    /// Who looks after it here.
    owner: Option<&'a str>,
    /// What it means here.
    note: Option<Words<'a>>,
    /// What helps meanwhile.
    workaround: Option<Words<'a>>,
    /// When somebody said that they have seen it.
    acknowledged_at: Option<Time>,
    /// Who.
    acknowledged_by: Option<&'a str>,
    /// It makes no noise until then.
    muted_until: Option<Time>,
    /// It makes no noise until it becomes worse.
    muted_until_change: bool,
    /// When the verdict was last changed.
    at: Time,
    /// By whom.
    author: &'a str,
    /// Rises with every change.
    version: u64,
}

/// Words in both forms.
#[derive(Debug, Serialize, ToSchema)]
pub struct Words<'a> {
    /// Plain text.
    body: &'a str,
    /// The same as sanitised HTML.
    html: &'a str,
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
    /// Who announced it: local ones only.
    author: Option<&'a str>,
    /// Rises with every change: local ones only.
    version: Option<u64>,
    /// It begins by itself at its planned start: local ones only.
    auto_start: bool,
    /// It ends by itself at its planned end: local ones only.
    auto_end: bool,
    /// Minutes before its start at which people are reminded: local ones only.
    remind_minutes_before: Vec<u64>,
    /// The series that it is an occurrence of; null for what comes once.
    series: Option<&'a str>,
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
    /// Its number within a local incident or maintenance, from 1; null for a vendor's.
    number: Option<u32>,
    /// Who wrote it; null for a vendor's.
    author: Option<&'a str>,
    /// When it was last put right.
    corrected_at: Option<Time>,
    /// By whom.
    corrected_by: Option<&'a str>,
}

impl<'a> Incident<'a> {
    /// Shapes a view.
    pub fn of(view: &'a IncidentView) -> Self {
        let incident = &view.incident;
        let local = incident.local.as_deref();
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
            notes: view.verdict.iter().filter_map(|verdict| Post::noted(verdict)).collect(),
            verdict: view.verdict.as_deref().map(|verdict| Verdict::of(verdict, view.stands)),
            related: local.iter().flat_map(|local| &local.related).map(|id| id.as_str()).collect(),
            postmortem: local.and_then(|local| local.postmortem.as_ref()).map(Post::signed),
            author: local.map(|local| local.author.as_str()),
            version: local.map(|local| local.version),
            suggested: local.is_some_and(|local| local.suggested),
        }
    }
}

impl<'a> Maintenance<'a> {
    /// Shapes a view.
    pub fn of(view: &'a MaintenanceView) -> Self {
        let maintenance = &view.maintenance;
        let plan = maintenance.local.as_ref().map(|local| &local.plan);
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
            author: maintenance.local.as_ref().map(|local| local.author.as_str()),
            version: maintenance.local.as_ref().map(|local| local.version),
            auto_start: plan.is_some_and(|plan| plan.auto_start),
            auto_end: plan.is_some_and(|plan| plan.auto_end),
            remind_minutes_before: plan
                .iter()
                .flat_map(|plan| &plan.reminders)
                .map(|before| before.as_secs() / 60)
                .collect(),
            series: plan.and_then(|plan| plan.series.as_ref()).map(|of| of.series.as_str()),
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

impl<'a> Verdict<'a> {
    /// Shapes a verdict.
    pub fn of(verdict: &'a desk::Verdict, stands: bool) -> Self {
        let words = |words: &'a Option<local::Words>| {
            words.as_ref().map(|words| Words { body: &words.text.plain, html: &words.text.html })
        };
        Self {
            affects: verdict.affects.as_str(),
            stands,
            owner: verdict.owner.as_deref(),
            note: words(&verdict.note),
            workaround: words(&verdict.workaround),
            acknowledged_at: verdict.acknowledged.as_ref().map(|(at, _)| Time(*at)),
            acknowledged_by: verdict.acknowledged.as_ref().map(|(_, by)| by.as_str()),
            muted_until: match verdict.mute {
                desk::Mute::Until(at) => Some(Time(at)),
                desk::Mute::Off | desk::Mute::UntilChange => None,
            },
            muted_until_change: verdict.mute == desk::Mute::UntilChange,
            at: Time(verdict.at),
            author: &verdict.author,
            version: verdict.version,
        }
    }
}

impl<'a> Post<'a> {
    fn of(update: &'a Update) -> Self {
        let told = update.told.as_deref();
        let corrected = told.and_then(|told| told.corrected.as_ref());
        Self {
            at: time(update.at),
            status: update.phase.map(|phase| phase.as_str()),
            body: &update.body.plain,
            html: &update.body.html,
            number: told.map(|told| told.number),
            author: told.map(|told| told.author.as_str()),
            corrected_at: corrected.map(|(at, _)| Time(*at)),
            corrected_by: corrected.map(|(_, by)| by.as_str()),
        }
    }

    fn by(at: Timestamp, author: &'a str, words: &'a local::Words) -> Self {
        Self {
            at: Some(Time(at)),
            status: None,
            body: &words.text.plain,
            html: &words.text.html,
            number: None,
            author: Some(author),
            corrected_at: None,
            corrected_by: None,
        }
    }

    /// The note of a verdict.
    fn noted(verdict: &'a desk::Verdict) -> Option<Self> {
        verdict.note.as_ref().map(|words| Self::by(verdict.at, &verdict.author, words))
    }

    /// Words with who wrote them.
    fn signed(signed: &'a local::Signed) -> Self {
        Self::by(signed.at, &signed.author, &signed.words)
    }

    /// A remark that only signed-in people see.
    pub fn note(note: &'a local::Note) -> Self {
        Self::by(note.at, &note.author, &note.words)
    }
}
