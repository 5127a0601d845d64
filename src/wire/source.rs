//! Sources, components and services as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, time};
use crate::model::observation::Basis;
use crate::model::snapshot::{ComponentView, Freshness, Risk, ServiceView, SourceView};

/// One source.
#[derive(Debug, Serialize, ToSchema)]
pub struct Source<'a> {
    /// Kebab-case, stable.
    id: &'a str,
    /// For people.
    name: &'a str,
    /// The status page's address for people.
    url: &'a str,
    /// For grouping and filtering.
    tags: &'a [String],
    /// How the upstream publishes, configured or found out; null while it is not known yet.
    format: Option<&'a str>,
    /// It is another allclear: what it shows may have come from here.
    relays: bool,
    /// Its state now: as set by an operator, else as read.
    state: &'static str,
    /// The same without what was judged not to affect the team: what the headline goes by.
    counted_state: &'static str,
    /// Its state as read, whatever an operator set.
    read_state: &'static str,
    /// What an operator set it to; null where nobody did.
    set: Option<ByHand<'a>>,
    /// Since when.
    state_since: Time,
    /// The state last read, whatever its age; null where it was never read.
    last_known: Option<&'static str>,
    /// The upstream's own overall state.
    indicator: Option<&'static str>,
    /// What its silence means: `states` or `announcements`.
    basis: &'static str,
    /// How fresh that is.
    freshness: Fresh<'a>,
    /// In the upstream's order.
    components: Vec<Component<'a>>,
    /// What was not understood, cut or guessed; and that nothing has changed for so long that it may be abandoned.
    warnings: &'a [String],
}

/// How fresh what is known of a source is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fresh<'a> {
    /// The last attempt.
    checked_at: Option<Time>,
    /// The last good reading.
    ok_at: Option<Time>,
    /// The last good reading is past the horizon, a later one is not believed, or there is none.
    stale: bool,
    /// Why the last attempt failed, or is not believed.
    error: Option<ReadError<'a>>,
    /// Since when every attempt has failed, or was not believed.
    failing_since: Option<Time>,
    /// The next attempt.
    next_check_at: Option<Time>,
    /// Where a permanent redirect points.
    moved_to: Option<&'a str>,
}

/// Why a reading failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadError<'a> {
    /// `refused`, `rate_limited`, `moved`, `gone`, `broken`, `unreachable`, `timeout`, `too_large`, `blocked`,
    /// `unreadable`, `changed` (it was read, and lost what it always had) or `internal`.
    kind: &'static str,
    /// What happened.
    message: &'a str,
    /// What an operator can do about it.
    advice: &'static str,
}

/// A part that a source reports on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Component<'a> {
    /// The upstream's id.
    id: &'a str,
    /// The last part of its path.
    name: &'a str,
    /// `Group/Name`.
    path: &'a str,
    /// Its state now.
    state: &'static str,
    /// The state last read.
    last_known: &'static str,
    /// Since when it has been in the state last read.
    since: Time,
    /// The upstream's words about it.
    description: Option<&'a str>,
    /// Whether it counts for this team.
    counted: bool,
    /// The first good reading that no longer listed it.
    unlisted_since: Option<Time>,
    /// An incident that was judged not to affect the team explains its state.
    dismissed: bool,
}

/// A state set by an operator.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByHand<'a> {
    /// What it is said to be.
    pub state: &'static str,
    /// Why.
    pub reason: &'a str,
    /// When that ends by itself; null: when an operator ends it.
    pub until: Option<Time>,
    /// Since when.
    pub at: Time,
    /// By whom.
    pub author: &'a str,
    /// Rises with every change.
    pub version: u64,
}

/// Something of the team's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Service<'a> {
    /// Kebab-case, stable.
    id: &'a str,
    /// For people.
    name: &'a str,
    /// For people.
    description: Option<&'a str>,
    /// The heading under which it stands.
    group: Option<&'a str>,
    /// For grouping and filtering.
    tags: &'a [String],
    /// The worst of its open local incidents, running maintenances and what an operator set.
    state: &'static str,
    /// What an operator set it to; null where nobody did.
    set: Option<ByHand<'a>>,
    /// What it needs and is not operational; worst first.
    at_risk: Vec<AtRisk<'a>>,
}

/// Something that a service needs and that is not operational.
#[derive(Debug, Serialize, ToSchema)]
pub struct AtRisk<'a> {
    /// The source's id.
    source: &'a str,
    /// The component's path; null: the source as a whole.
    component: Option<&'a str>,
    /// Its state.
    state: &'static str,
    /// Since when.
    since: Time,
    /// The open incident that tells of it.
    incident: Option<&'a str>,
}

/// A source with its last ninety days.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceDetail<'a> {
    /// The source.
    #[serde(flatten)]
    pub source: Source<'a>,
    /// The worst state of each of the last 90 days, oldest first; null: not observed.
    pub days: Vec<Option<&'static str>>,
}

impl<'a> SourceDetail<'a> {
    /// Shapes a view.
    pub fn of(view: &'a SourceView) -> Self {
        Self { source: Source::of(view), days: view.days.iter().map(|day| day.map(|state| state.as_str())).collect() }
    }
}

impl<'a> Source<'a> {
    /// Shapes a view.
    pub fn of(view: &'a SourceView) -> Self {
        Self { components: view.components.iter().map(Component::of).collect(), ..Self::alone(view) }
    }

    /// The same without its components.
    pub fn alone(view: &'a SourceView) -> Self {
        Self {
            id: view.source.id.as_str(),
            name: &view.source.name,
            url: &view.source.url,
            tags: &view.source.tags,
            format: view.format.as_deref(),
            relays: view.page.relays,
            state: view.state.as_str(),
            counted_state: view.counted_state.as_str(),
            read_state: view.read.as_str(),
            set: view.set.as_deref().map(|set| ByHand {
                state: set.state.as_str(),
                reason: &set.reason,
                until: time(set.until),
                at: Time(set.at),
                author: &set.author,
                version: set.version,
            }),
            state_since: Time(view.since),
            last_known: view.last_known.map(|state| state.as_str()),
            indicator: view.indicator.map(|state| state.as_str()),
            basis: match view.basis {
                Basis::States => "states",
                Basis::Announcements => "announcements",
            },
            freshness: Fresh::of(&view.freshness),
            components: Vec::new(),
            warnings: &view.warnings,
        }
    }
}

impl<'a> Fresh<'a> {
    fn of(fresh: &'a Freshness) -> Self {
        Self {
            checked_at: time(fresh.checked_at),
            ok_at: time(fresh.ok_at),
            stale: fresh.stale,
            error: fresh.error.as_ref().map(|failure| ReadError {
                kind: failure.kind.as_str(),
                message: &failure.message,
                advice: failure.kind.advice(),
            }),
            failing_since: time(fresh.failing_since),
            next_check_at: time(fresh.next_check_at),
            moved_to: fresh.moved_to.as_deref(),
        }
    }
}

impl<'a> Component<'a> {
    fn of(view: &'a ComponentView) -> Self {
        Self {
            id: view.id.as_str(),
            name: view.path.split_once('/').map_or(view.path.as_str(), |(_, name)| name),
            path: &view.path,
            state: view.state.as_str(),
            last_known: view.last_known.as_str(),
            since: Time(view.since),
            description: view.description.as_deref(),
            counted: view.counted,
            unlisted_since: time(view.unlisted_since),
            dismissed: view.dismissed,
        }
    }
}

impl<'a> Service<'a> {
    /// Shapes a view.
    pub fn of(view: &'a ServiceView) -> Self {
        Self {
            id: view.service.id.as_str(),
            name: &view.service.name,
            description: view.service.description.as_deref(),
            group: view.service.group.as_deref(),
            tags: &view.service.tags,
            state: view.state.as_str(),
            set: view.set.as_deref().map(|set| ByHand {
                state: set.state.as_str(),
                reason: &set.reason,
                until: time(set.until),
                at: Time(set.at),
                author: &set.author,
                version: set.version,
            }),
            at_risk: view.at_risk.iter().map(AtRisk::of).collect(),
        }
    }
}

impl<'a> AtRisk<'a> {
    fn of(risk: &'a Risk) -> Self {
        Self {
            source: risk.source.as_str(),
            component: risk.component.as_deref(),
            state: risk.state.as_str(),
            since: Time(risk.since),
            incident: risk.incident.as_ref().map(|id| id.as_str()),
        }
    }
}
