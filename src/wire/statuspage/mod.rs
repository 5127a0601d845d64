//! The present in the form of Statuspage's public API, version 2, so that whatever reads that reads this.
//!
//! Facts: the API's own documentation and recorded answers. Names, types and words are theirs; what that form cannot
//! say stands under `allclear`, a key of the documents' own which nobody else looks at (`marks`).

mod component;
mod marks;
mod scene;
mod thread;
mod updates;
mod words;

use serde::Serialize;
use utoipa::ToSchema;

use crate::limits;
use crate::model::snapshot::Snapshot;
use component::Component;
use marks::Marks;
use scene::Scene;
use thread::{Incident, Maintenance};

/// One of the API's documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Document {
    /// Everything of now.
    Summary,
    /// The roll-up.
    Status,
    /// Sources and services, and their parts.
    Components,
    /// The newest, whatever their state.
    Incidents,
    /// Those that go on.
    Unresolved,
    /// The newest, whatever their state.
    Maintenances,
    /// Those that are planned.
    Upcoming,
    /// Those that go on.
    Active,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Summary,
        Self::Status,
        Self::Components,
        Self::Incidents,
        Self::Unresolved,
        Self::Maintenances,
        Self::Upcoming,
        Self::Active,
    ];

    /// Where it is.
    pub fn path(self) -> &'static str {
        match self {
            Self::Summary => "/api/v2/summary.json",
            Self::Status => "/api/v2/status.json",
            Self::Components => "/api/v2/components.json",
            Self::Incidents => "/api/v2/incidents.json",
            Self::Unresolved => "/api/v2/incidents/unresolved.json",
            Self::Maintenances => "/api/v2/scheduled-maintenances.json",
            Self::Upcoming => "/api/v2/scheduled-maintenances/upcoming.json",
            Self::Active => "/api/v2/scheduled-maintenances/active.json",
        }
    }
}

/// The roll-up, everything that is listed, what goes on and what is planned.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageSummary)]
pub struct Summary<'a> {
    page: Page<'a>,
    components: Vec<Component<'a>>,
    /// Open ones.
    incidents: Vec<Incident<'a>>,
    /// Planned and running ones.
    scheduled_maintenances: Vec<Maintenance<'a>>,
    status: Status<'a>,
    /// What Statuspage's form cannot say, where there is something to say.
    allclear: Marks,
}

/// The roll-up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageStatus)]
pub struct StatusOnly<'a> {
    page: Page<'a>,
    status: Status<'a>,
}

/// Everything that is listed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageComponents)]
pub struct Components<'a> {
    page: Page<'a>,
    components: Vec<Component<'a>>,
    /// What Statuspage's form cannot say, where there is something to say.
    allclear: Marks,
}

/// Incidents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageIncidents)]
pub struct Incidents<'a> {
    page: Page<'a>,
    incidents: Vec<Incident<'a>>,
    /// What Statuspage's form cannot say, where there is something to say.
    allclear: Marks,
}

/// Maintenances.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageMaintenances)]
pub struct Maintenances<'a> {
    page: Page<'a>,
    scheduled_maintenances: Vec<Maintenance<'a>>,
    /// What Statuspage's form cannot say, where there is something to say.
    allclear: Marks,
}

/// Whose page it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspagePage)]
pub struct Page<'a> {
    /// The same as long as the page's address is.
    id: String,
    name: &'a str,
    /// `/` where the page's address is not configured.
    url: &'a str,
    time_zone: &'a str,
    /// When this present was derived.
    updated_at: String,
}

/// The roll-up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageRollUp)]
pub struct Status<'a> {
    /// `none`, `maintenance`, `minor`, `major`, `critical`.
    indicator: &'static str,
    /// For people.
    description: &'a str,
}

/// A document as bytes.
///
/// # Errors
/// Where it cannot be written as JSON: a fault of this program.
pub fn document(snapshot: &Snapshot, document: Document) -> Result<Vec<u8>, serde_json::Error> {
    let mut scene = Scene::of(snapshot);
    let page = page(&scene);
    match document {
        Document::Summary => {
            let (incidents, scheduled_maintenances) = (open(&mut scene), planned(&mut scene, |_| true));
            let components = component::all(&mut scene);
            let status = status(snapshot);
            serde_json::to_vec(&Summary {
                page,
                components,
                incidents,
                scheduled_maintenances,
                status,
                allclear: scene.marks,
            })
        }
        Document::Status => serde_json::to_vec(&StatusOnly { page, status: status(snapshot) }),
        Document::Components => {
            let components = component::all(&mut scene);
            serde_json::to_vec(&Components { page, components, allclear: scene.marks })
        }
        Document::Incidents => {
            let incidents = newest(open(&mut scene), past(&mut scene), Incident::created);
            serde_json::to_vec(&Incidents { page, incidents, allclear: scene.marks })
        }
        Document::Unresolved => {
            let incidents = open(&mut scene);
            serde_json::to_vec(&Incidents { page, incidents, allclear: scene.marks })
        }
        Document::Maintenances => {
            let scheduled_maintenances =
                newest(planned(&mut scene, |_| true), worked(&mut scene), Maintenance::created);
            serde_json::to_vec(&Maintenances { page, scheduled_maintenances, allclear: scene.marks })
        }
        Document::Upcoming | Document::Active => {
            let upcoming = document == Document::Upcoming;
            let scheduled_maintenances = planned(&mut scene, |one| one.is_upcoming() == upcoming);
            serde_json::to_vec(&Maintenances { page, scheduled_maintenances, allclear: scene.marks })
        }
    }
}

fn page<'a>(scene: &Scene<'a>) -> Page<'a> {
    let settings = &scene.snapshot.page;
    Page {
        id: scene.page_id.clone(),
        name: &settings.title,
        url: settings.url.as_deref().unwrap_or("/"),
        time_zone: if settings.timezone == "UTC" { "Etc/UTC" } else { &settings.timezone },
        updated_at: scene.time(scene.snapshot.generated_at),
    }
}

fn status(snapshot: &Snapshot) -> Status<'_> {
    let headline = &snapshot.headline;
    Status {
        indicator: words::indicator(headline.state),
        description: words::description(headline.state).unwrap_or(&headline.text),
    }
}

/// Incidents that go on and concern the team.
fn open<'a>(scene: &mut Scene<'a>) -> Vec<Incident<'a>> {
    let snapshot = scene.snapshot;
    let shown = snapshot.incidents.iter().filter(|view| view.counted || view.is_dismissed());
    shown.map(|view| Incident::of(view, scene)).collect()
}

/// Incidents that are over.
fn past<'a>(scene: &mut Scene<'a>) -> Vec<Incident<'a>> {
    let snapshot = scene.snapshot;
    let shown = snapshot.recent.iter().filter(|view| view.counted || view.is_dismissed());
    shown.take(limits::STATUSPAGE_LIST).map(|view| Incident::of(view, scene)).collect()
}

/// Maintenances that are planned or go on, concern the team, and are wanted.
fn planned<'a>(scene: &mut Scene<'a>, wanted: impl Fn(&Maintenance<'a>) -> bool) -> Vec<Maintenance<'a>> {
    let snapshot = scene.snapshot;
    let shown = snapshot.maintenances.iter().filter(|view| view.counted);
    shown.map(|view| Maintenance::of(view, scene)).filter(wanted).collect()
}

/// Maintenances that are over.
fn worked<'a>(scene: &mut Scene<'a>) -> Vec<Maintenance<'a>> {
    let snapshot = scene.snapshot;
    let shown = snapshot.recent_maintenances.iter().filter(|view| view.counted);
    shown.take(limits::STATUSPAGE_LIST).map(|view| Maintenance::of(view, scene)).collect()
}

/// As many as the original lists: what goes on before what is over, and then the newest first.
fn newest<T>(open: Vec<T>, over: Vec<T>, created: impl Fn(&T) -> jiff::Timestamp) -> Vec<T> {
    let mut all: Vec<T> = open.into_iter().chain(over).take(limits::STATUSPAGE_LIST).collect();
    all.sort_by_key(|one| std::cmp::Reverse(created(one)));
    all
}
