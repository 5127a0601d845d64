//! The merged present: the one immutable value behind page, API, feeds and events.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::desk::{Affects, ByHand, Override, Verdict};
use super::id::{ComponentId, IncidentId, SourceId};
use super::incident::{Incident, Maintenance};
use super::level::State;
use super::observation::{Basis, Page};
use super::source::{Failure, PageSettings, Service, Source};

/// Everything that is shown, at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// When it was derived.
    pub generated_at: Timestamp,
    /// The last event that is in it.
    pub seq: u64,
    /// How the page presents itself.
    pub page: Arc<PageSettings>,
    /// The first line.
    pub headline: Headline,
    /// In the order of the configuration.
    pub sources: Vec<Arc<SourceView>>,
    /// In the order of the configuration.
    pub services: Vec<ServiceView>,
    /// Open ones, the worst first, then the newest. Those that touch nothing that counts come last.
    pub incidents: Vec<Arc<IncidentView>>,
    /// Running and planned ones, by planned start.
    pub maintenances: Vec<Arc<MaintenanceView>>,
    /// Over within the last 14 days, the newest first: for feeds and history.
    pub recent: Vec<Arc<IncidentView>>,
    /// Maintenances that were over within the last 14 days, the newest first.
    pub recent_maintenances: Vec<Arc<MaintenanceView>>,
    /// What is wrong with allclear itself, for people.
    pub notices: Vec<Notice>,
}

impl Snapshot {
    /// True where `next` differs in nothing but times.
    pub fn says_the_same(&self, next: &Self) -> bool {
        let sources = self.sources.len() == next.sources.len()
            && self.sources.iter().zip(&next.sources).all(|(a, b)| {
                a.source.id == b.source.id
                    && a.source.name == b.source.name
                    && a.source.tags == b.source.tags
                    && a.source.url == b.source.url
                    && a.state == b.state
                    && a.counted_state == b.counted_state
                    && a.set == b.set
                    && a.components == b.components
                    && a.freshness.stale == b.freshness.stale
                    && a.freshness.error == b.freshness.error
                    && a.warnings == b.warnings
            });
        let services = self.services.len() == next.services.len()
            && self.services.iter().zip(&next.services).all(|(a, b)| {
                a.service.id == b.service.id
                    && a.service.name == b.service.name
                    && a.state == b.state
                    && a.set == b.set
                    && a.at_risk == b.at_risk
            });
        sources
            && services
            && self.headline.state == next.headline.state
            && self.headline.counts == next.headline.counts
            && self.notices == next.notices
            && self.page.title == next.page.title
            && self.page.url == next.page.url
            && self.page.private == next.page.private
            && self.incidents == next.incidents
            && self.maintenances == next.maintenances
    }

    /// One source by id.
    pub fn source(&self, id: &str) -> Option<&Arc<SourceView>> {
        self.sources.iter().find(|view| view.source.id.as_str() == id)
    }
}

/// The first line of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// The worst that counts; unknown where nothing is worse and something is not known.
    pub state: State,
    /// A sentence: “2 vendors have problems”.
    pub text: String,
    /// How fresh it is: “38 of 38 checked in the last 2 minutes”.
    pub detail: String,
    /// Sources by state; states that no source is in are left out.
    pub counts: BTreeMap<&'static str, usize>,
}

/// What is wrong with allclear itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `configuration`, `disk`, `clock`, `cut_off`, `scheduler`.
    pub kind: &'static str,
    /// What it means and what to do.
    pub text: String,
}

impl Notice {
    /// What can be wrong.
    pub const KINDS: [&'static str; 5] = ["configuration", "disk", "clock", "cut_off", "scheduler"];
}

/// One source, derived.
#[derive(Debug, Clone)]
pub struct SourceView {
    /// As configured.
    pub source: Arc<Source>,
    /// How it is read: as configured, else as found out; `None` where that is not known yet.
    pub format: Option<String>,
    /// Its state now: as set by an operator, else as read.
    pub state: State,
    /// The same without what was judged not to affect the team: what headline and services go by.
    pub counted_state: State,
    /// What an operator set it to, over what was read.
    pub set: Option<Arc<Override>>,
    /// Its state as read, whatever an operator set.
    pub read: State,
    /// Since when it has been as read.
    pub since: Timestamp,
    /// The state last read, whatever its age; `None` where it was never read.
    pub last_known: Option<State>,
    /// What its silence means.
    pub basis: Basis,
    /// Whose page it says it is.
    pub page: Page,
    /// The upstream's own overall state, from the last good reading.
    pub indicator: Option<State>,
    /// How fresh that is.
    pub freshness: Freshness,
    /// In the upstream's order.
    pub components: Vec<ComponentView>,
    /// From the last good reading, and about the filter.
    pub warnings: Vec<String>,
    /// The worst state of each of the last 90 days, oldest first; `None`: not observed.
    pub days: Vec<Option<State>>,
}

/// How fresh what is known of a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// The last attempt.
    pub checked_at: Option<Timestamp>,
    /// The last good reading.
    pub ok_at: Option<Timestamp>,
    /// The last good reading is past the horizon, a later one is not believed, or there is none.
    pub stale: bool,
    /// Why the last attempt failed, or is not believed.
    pub error: Option<Failure>,
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// The next attempt.
    pub next_check_at: Option<Timestamp>,
    /// Where a permanent redirect points.
    pub moved_to: Option<String>,
}

/// One component, derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentView {
    /// The upstream's id.
    pub id: ComponentId,
    /// `Group/Name`.
    pub path: String,
    /// Its state now: unknown where the source is stale or no longer lists it.
    pub state: State,
    /// The state last read.
    pub last_known: State,
    /// Since when it has been in the state last read.
    pub since: Timestamp,
    /// The upstream's words about it, plain.
    pub description: Option<String>,
    /// Whether it counts for this team.
    pub counted: bool,
    /// The upstream hides it from people while it works.
    pub quiet: bool,
    /// The first good reading that no longer listed it.
    pub unlisted_since: Option<Timestamp>,
    /// An incident that was judged not to affect the team explains its state.
    pub dismissed: bool,
}

/// A service of the team, derived.
#[derive(Debug, Clone)]
pub struct ServiceView {
    /// As configured.
    pub service: Arc<Service>,
    /// The worst of its open local incidents, running maintenances and what was set by hand; operational without.
    pub state: State,
    /// What an operator set it to.
    pub set: Option<Arc<ByHand>>,
    /// What it needs and is not operational; worst first.
    pub at_risk: Vec<Risk>,
}

/// Something that a service needs and that is not operational.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// The source.
    pub source: SourceId,
    /// The component's path; `None`: the source as a whole.
    pub component: Option<String>,
    /// Its state.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// The open incident that tells of it.
    pub incident: Option<IncidentId>,
}

/// An incident with what the page needs beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentView {
    /// The incident.
    pub incident: Incident,
    /// The source's name; the page's title for local ones.
    pub source_name: String,
    /// What it does to what it touches.
    pub state: State,
    /// It touches something that counts for this team.
    pub counted: bool,
    /// The components that it names.
    pub affected: Vec<Affected>,
    /// The source cannot be read, or not be believed, now: this is the last that is known.
    pub stale: bool,
    /// What the team says of it.
    pub verdict: Option<Arc<Verdict>>,
    /// It looks as it did when it was judged, or better. Otherwise it waits to be judged again.
    pub stands: bool,
}

impl IncidentView {
    /// True where the team said that it does not affect it, and that still holds.
    pub fn is_dismissed(&self) -> bool {
        self.stands && self.verdict.as_ref().is_some_and(|verdict| verdict.affects == Affects::No)
    }
}

/// A maintenance with what the page needs beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct MaintenanceView {
    /// The maintenance.
    pub maintenance: Maintenance,
    /// The source's name; the page's title for local ones.
    pub source_name: String,
    /// It touches something that counts for this team.
    pub counted: bool,
    /// The components that it names.
    pub affected: Vec<Affected>,
    /// The source cannot be read, or not be believed, now: this is the last that is known.
    pub stale: bool,
}

/// A component that an incident or a maintenance names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// The upstream's id.
    pub id: ComponentId,
    /// `Group/Name`; the id where the source does not list it.
    pub path: String,
    /// Its state now.
    pub state: State,
    /// Whether it counts for this team.
    pub counted: bool,
}
