//! The stored shapes of what stood on the page. JSON without a first byte: versions are kept as differences of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::desk::{SetShape, VerdictShape};
use super::incident::{IncidentShape, incident_shape, maintenance_shape};
use super::{Word, desk, is_false};
use crate::model::filter::Filter;
use crate::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use crate::model::incident::{Incident, Maintenance};
use crate::model::level::State;
use crate::model::news::Tier;
use crate::model::observation::{Basis, Page};
use crate::model::snapshot::{
    ComponentView, Freshness, Headline, IncidentView, MaintenanceView, Notice, Risk, ServiceView, Snapshot, SourceView,
};
use crate::model::source::{Failure, FailureKind, Service, Source};

/// What holds all others together: the first line, and what stood there in which order.
#[derive(Serialize, Deserialize)]
pub struct SceneShape {
    pub title: String,
    state: Word<State>,
    text: String,
    counts: BTreeMap<String, usize>,
    pub sources: Vec<String>,
    pub services: Vec<ServiceShape>,
    pub incidents: Vec<String>,
    pub maintenances: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notices: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
pub struct ServiceShape {
    id: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    state: Word<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set: Option<SetShape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    at_risk: Vec<RiskShape>,
}

#[derive(Serialize, Deserialize)]
struct RiskShape {
    source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    state: Word<State>,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    incident: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct SourceShape {
    name: String,
    url: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    state: Word<State>,
    counted: Word<State>,
    read: Word<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set: Option<SetShape>,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Word<State>>,
    #[serde(default, skip_serializing_if = "is_false")]
    announces: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_url: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    relays: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    indicator: Option<Word<State>>,
    #[serde(default, skip_serializing_if = "is_false")]
    stale: bool,
    /// Of a stale source only: else it changes with every reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ok_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<(Word<FailureKind>, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved_to: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    components: Vec<ComponentShape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    /// What names none of the components that count is not for this team.
    #[serde(default, skip_serializing_if = "is_false")]
    pub narrow: bool,
}

#[derive(Serialize, Deserialize)]
struct ComponentShape {
    id: String,
    path: String,
    state: Word<State>,
    /// Where it is not the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Word<State>>,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    aside: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    quiet: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unlisted: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_false")]
    dismissed: bool,
}

/// An incident or a maintenance; what it touches stands in the source.
#[derive(Serialize, Deserialize)]
pub struct ItemShape {
    item: IncidentShape,
    #[serde(default, skip_serializing_if = "is_false")]
    pub aside: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictShape>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub stands: bool,
}

impl SceneShape {
    /// What holds a snapshot together.
    pub fn of(snapshot: &Snapshot) -> Self {
        let Headline { state, text, counts, .. } = &snapshot.headline;
        Self {
            title: snapshot.page.title.clone(),
            state: Word(*state),
            text: text.clone(),
            counts: counts.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect(),
            sources: snapshot.sources.iter().map(|view| view.source.id.to_string()).collect(),
            services: snapshot.services.iter().map(service).collect(),
            incidents: snapshot.incidents.iter().map(|view| view.incident.id.to_string()).collect(),
            maintenances: snapshot.maintenances.iter().map(|view| view.maintenance.id.to_string()).collect(),
            notices: snapshot.notices.iter().map(|one| (one.kind.to_owned(), one.text.clone())).collect(),
        }
    }

    /// The first line; how fresh it was is for the caller to say.
    pub fn headline(&self) -> Headline {
        let count = |(word, count): (&String, &usize)| Some((State::from_word(word)?.as_str(), *count));
        Headline {
            state: self.state.0,
            text: self.text.clone(),
            detail: String::new(),
            counts: self.counts.iter().filter_map(count).collect(),
        }
    }

    /// What was wrong with allclear itself.
    pub fn notices(&self) -> Vec<Notice> {
        let kind = |word: &str| Notice::KINDS.into_iter().find(|kind| *kind == word);
        let notice = |(word, text): &(String, String)| Some(Notice { kind: kind(word)?, text: text.clone() });
        self.notices.iter().filter_map(notice).collect()
    }
}

fn service(view: &ServiceView) -> ServiceShape {
    let Service { id, name, description, group, tags, .. } = view.service.as_ref();
    ServiceShape {
        id: id.to_string(),
        name: name.clone(),
        description: description.clone(),
        group: group.clone(),
        tags: tags.clone(),
        state: Word(view.state),
        set: view.set.as_deref().map(desk::by_hand),
        at_risk: view.at_risk.iter().map(risk).collect(),
    }
}

fn risk(from: &Risk) -> RiskShape {
    RiskShape {
        source: from.source.to_string(),
        component: from.component.clone(),
        state: Word(from.state),
        since: from.since,
        incident: from.incident.as_ref().map(ToString::to_string),
    }
}

/// The service of a shape. What it needs is not kept.
pub fn service_back(shape: ServiceShape) -> ServiceView {
    let ServiceShape { id, name, description, group, tags, .. } = shape;
    let id = ServiceId::new(id);
    let risk = |from: RiskShape| Risk {
        source: SourceId::new(from.source),
        component: from.component,
        state: from.state.0,
        since: from.since,
        incident: from.incident.map(IncidentId::new),
    };
    ServiceView {
        state: shape.state.0,
        set: shape.set.map(|set| Arc::new(desk::by_hand_back(id.clone(), set))),
        at_risk: shape.at_risk.into_iter().map(risk).collect(),
        service: Arc::new(Service { id, name, description, group, tags, needs: Vec::new() }),
    }
}

impl SourceShape {
    /// What is kept of a source.
    pub fn of(view: &SourceView) -> Self {
        let Freshness { stale, error, failing_since, moved_to, ok_at, .. } = &view.freshness;
        Self {
            name: view.source.name.clone(),
            url: view.source.url.clone(),
            tags: view.source.tags.clone(),
            format: view.format.clone(),
            state: Word(view.state),
            counted: Word(view.counted_state),
            read: Word(view.read),
            set: view.set.as_deref().map(desk::set_over),
            since: view.since,
            last: view.last_known.map(Word),
            announces: view.basis == Basis::Announcements,
            page_name: view.page.name.clone(),
            page_url: view.page.url.clone(),
            relays: view.page.relays,
            indicator: view.indicator.map(Word),
            stale: *stale,
            ok_at: ok_at.filter(|_| *stale),
            error: error.as_ref().map(|failure| (Word(failure.kind), failure.message.clone())),
            failing: *failing_since,
            moved_to: moved_to.clone(),
            components: view.components.iter().map(component).collect(),
            warnings: view.warnings.clone(),
            narrow: view.source.filter.is_narrow(),
        }
    }

    /// The source, without its 90 days.
    pub fn back(self, id: &str) -> SourceView {
        let id = SourceId::new(id);
        let source = Source {
            id: id.clone(),
            name: self.name,
            url: self.url,
            tags: self.tags,
            tier: Tier::default(),
            format: None,
            filter: Filter::default(),
            interval: Duration::ZERO,
            target: None,
        };
        SourceView {
            source: Arc::new(source),
            format: self.format,
            state: self.state.0,
            counted_state: self.counted.0,
            set: self.set.map(|set| Arc::new(desk::set_over_back(id, set))),
            read: self.read.0,
            since: self.since,
            last_known: self.last.map(|word| word.0),
            basis: if self.announces { Basis::Announcements } else { Basis::States },
            page: Page { name: self.page_name, url: self.page_url, updated_at: None, relays: self.relays },
            indicator: self.indicator.map(|word| word.0),
            freshness: Freshness {
                checked_at: None,
                ok_at: self.ok_at,
                stale: self.stale,
                error: self.error.map(|(kind, message)| Failure { kind: kind.0, message }),
                failing_since: self.failing,
                next_check_at: None,
                moved_to: self.moved_to,
            },
            components: self.components.into_iter().map(component_back).collect(),
            warnings: self.warnings,
            days: Vec::new(),
        }
    }
}

fn component(from: &ComponentView) -> ComponentShape {
    ComponentShape {
        id: from.id.to_string(),
        path: from.path.clone(),
        state: Word(from.state),
        last: Some(Word(from.last_known)).filter(|last| last.0 != from.state),
        since: from.since,
        description: from.description.clone(),
        aside: !from.counted,
        quiet: from.quiet,
        unlisted: from.unlisted_since,
        dismissed: from.dismissed,
    }
}

fn component_back(shape: ComponentShape) -> ComponentView {
    ComponentView {
        id: ComponentId::new(shape.id),
        path: shape.path,
        state: shape.state.0,
        last_known: shape.last.unwrap_or(shape.state).0,
        since: shape.since,
        description: shape.description,
        counted: !shape.aside,
        quiet: shape.quiet,
        unlisted_since: shape.unlisted,
        dismissed: shape.dismissed,
    }
}

impl ItemShape {
    /// What is kept of an incident.
    pub fn incident(view: &IncidentView) -> Self {
        Self {
            item: incident_shape(&view.incident),
            aside: !view.counted,
            verdict: view.verdict.as_deref().map(desk::verdict),
            stands: view.stands,
        }
    }

    /// What is kept of a maintenance.
    pub fn maintenance(view: &MaintenanceView) -> Self {
        Self { item: maintenance_shape(&view.maintenance), aside: !view.counted, verdict: None, stands: false }
    }

    /// The incident, and what the team said of it.
    pub fn incident_back(self) -> (Incident, Option<Arc<crate::model::desk::Verdict>>) {
        let incident = self.item.incident();
        let verdict = self.verdict.map(|shape| Arc::new(desk::verdict_back(incident.id.as_str(), shape)));
        (incident, verdict)
    }

    /// The maintenance.
    pub fn maintenance_back(self) -> Maintenance {
        self.item.maintenance()
    }
}
