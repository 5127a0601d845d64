//! What figures about one vendor rest on, as JSON: incidents on a clock, outages, the vendor's words and documents.

use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{Figure, Promise, Scorecard, Span};
use super::{Time, time};
use crate::history::incidents::Course;
use crate::history::uptime::Outage;
use crate::model::incident::Maintenance;
use crate::model::level::State;
use crate::model::receipt::{Evidence, Kept};

/// A document as its vendor sent it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportReceipt)]
pub struct Receipt {
    /// Its name within its format.
    document: String,
    /// Where it came from.
    url: String,
    /// When it was read.
    read_at: Time,
    /// SHA-256 of what is at `href`.
    hash: String,
    /// Where it is, as sent.
    href: String,
}

impl Receipt {
    /// The documents behind a moment, once each.
    pub fn of(evidence: &Evidence, documents: &[Kept]) -> Vec<Self> {
        let Some(source) = &evidence.source else { return Vec::new() };
        let one = |kept: &Kept| Self {
            document: kept.document.clone(),
            url: kept.url.clone(),
            read_at: Time(kept.read_at),
            hash: kept.hash.clone(),
            href: format!("/sources/{source}/receipts/{}", kept.hash),
        };
        documents.iter().map(one).collect()
    }
}

/// A stretch of time that it was down, as it was read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Outage)]
pub struct Down {
    /// The first moment at which it was seen.
    from: Time,
    /// The last, or up to now.
    to: Time,
    /// In between.
    seconds: u64,
    /// The worst of it.
    state: &'static str,
    /// Its beginning was seen; else it may have begun earlier.
    start_seen: bool,
    /// Its end was seen; else it goes on, or may have gone on longer.
    end_seen: bool,
    /// The vendor's incidents of that time.
    incidents: Vec<Said>,
    /// What was read at its beginning and at its end.
    receipts: Vec<Receipt>,
}

/// A vendor's incident in the vendor's words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutageIncident)]
pub struct Said {
    /// Ours; see `/api/v1/incidents/{id}`.
    id: String,
    /// The vendor's.
    title: String,
    /// The vendor's own page about it.
    url: Option<String>,
    /// Oldest first.
    posts: Vec<Post>,
}

/// What a vendor said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VendorPost)]
pub struct Post {
    /// When, by the vendor.
    at: Option<Time>,
    /// The status that it announced.
    status: Option<&'static str>,
    /// Plain text.
    text: String,
}

impl Down {
    /// Shapes an outage with what the vendor said meanwhile.
    pub fn of(outage: &Outage, courses: &[&Course<'_>], evidence: &Evidence) -> Self {
        let (from, to) = (outage.window.from(), outage.window.to());
        let receipts = [from, to].into_iter().flat_map(|at| Receipt::of(evidence, evidence.at(Some(at))));
        Self {
            from: Time(from),
            to: Time(to),
            seconds: outage.window.length().as_secs(),
            state: State::Known(outage.worst).as_str(),
            start_seen: outage.start_seen,
            end_seen: outage.end_seen,
            incidents: courses.iter().map(|course| Said::of(course)).collect(),
            receipts: receipts.collect(),
        }
    }
}

impl Said {
    fn of(course: &Course<'_>) -> Self {
        let incident = course.incident;
        let post = |update: &crate::model::incident::Update| Post {
            at: time(update.at),
            status: update.phase.map(|phase| phase.as_str()),
            text: update.body.plain.clone(),
        };
        Self {
            id: incident.id.to_string(),
            title: incident.title.clone(),
            url: incident.url.clone(),
            posts: incident.updates.iter().rev().map(post).collect(),
        }
    }
}

/// An incident on a clock.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentCourse)]
pub struct Clocked {
    /// See `/api/v1/incidents/{id}`.
    id: String,
    /// The vendor's.
    title: String,
    /// `none`, `minor`, `major`, `critical`; null: the vendor does not say.
    impact: Option<&'static str>,
    /// As the vendor states it, else its first post.
    began_at: Option<Time>,
    /// The vendor's first post.
    posted_at: Option<Time>,
    /// As the vendor states it.
    resolved_at: Option<Time>,
    /// What we noticed before the vendor spoke; null where the vendor was first.
    noticed: Option<Noticed>,
    /// From our notice to the vendor's first post.
    acknowledge_seconds: Option<u64>,
    /// From its beginning to its end.
    resolve_seconds: Option<u64>,
    /// What was read when it was first seen here.
    receipts: Vec<Receipt>,
}

/// How we knew.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FirstNotice)]
pub struct Noticed {
    /// When.
    at: Time,
    /// `alert`, `declared`, `state` or `mention`.
    sign: &'static str,
    /// The incident that shows it.
    incident: Option<String>,
}

impl Clocked {
    /// Shapes an incident on a clock.
    pub fn of(course: &Course<'_>, evidence: &Evidence) -> Self {
        let incident = course.incident;
        let first = incident.updates.iter().filter_map(|update| update.noticed_at).min();
        Self {
            id: incident.id.to_string(),
            title: incident.title.clone(),
            impact: incident.impact.map(|impact| impact.as_str()),
            began_at: time(course.began),
            posted_at: time(course.posted),
            resolved_at: time(incident.resolved_at),
            noticed: course.notice.map(|notice| Noticed {
                at: Time(notice.at),
                sign: notice.sign.as_str(),
                incident: notice.incident.clone(),
            }),
            acknowledge_seconds: course.acknowledged.map(|length| length.as_secs()),
            resolve_seconds: course.resolved.map(|length| length.as_secs()),
            receipts: Receipt::of(evidence, evidence.at(first)),
        }
    }
}

/// Everything about one vendor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VendorReview)]
pub struct Review {
    /// What it is of.
    pub window: Span,
    /// As beside others.
    #[serde(flatten)]
    pub card: Scorecard,
    /// Each component that was observed.
    pub components: Vec<Component>,
    /// The incidents that began in the window, in order.
    pub timeline: Vec<Clocked>,
    /// Each stretch of time that it was down, with what the vendor said and sent.
    pub downtime: Vec<Down>,
    /// Planned work that touches the window, in order.
    pub planned: Vec<Planned>,
}

/// Planned work of a vendor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlannedWork)]
pub struct Planned {
    /// See `/api/v1/maintenances/{id}`.
    id: String,
    /// The vendor's.
    title: String,
    /// `scheduled`, `in_progress`, `verifying`, `completed` or `cancelled`; null: the vendor's word is not understood.
    status: Option<&'static str>,
    /// The vendor's first post, else when it was first seen here.
    announced_at: Time,
    /// As planned.
    starts_at: Option<Time>,
    /// As planned.
    ends_at: Option<Time>,
}

impl Planned {
    /// Shapes planned work.
    pub fn of(work: &Maintenance) -> Self {
        Self {
            id: work.id.to_string(),
            title: work.title.clone(),
            status: work.phase.map(|phase| phase.as_str()),
            announced_at: Time(work.announced_at()),
            starts_at: time(work.starts_at),
            ends_at: time(work.ends_at),
        }
    }
}

/// One component's share.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComponentFigure)]
pub struct Component {
    /// The upstream's id.
    pub id: String,
    /// `Group/Name`.
    pub path: String,
    /// Whether it counts for this team.
    pub counted: bool,
    /// How long in which state.
    #[serde(flatten)]
    pub figure: Figure,
}

/// What a claim for a credit rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Claim {
    /// The source.
    pub id: String,
    /// For people.
    pub name: String,
    /// The vendor's page.
    pub url: String,
    /// What was promised, and how it stands.
    pub target: Promise,
    /// Each stretch of time that counts as down, with what the vendor said and sent.
    pub outages: Vec<Down>,
}
