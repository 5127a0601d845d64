//! States set by hand: of the team's services, and of sources over what is read.

use serde::Serialize;

use super::{Slip, states};
use crate::model::level::State;
use crate::model::snapshot::{ServiceView, Snapshot, SourceView};
use crate::render::view::admin::Choice;
use crate::render::view::verdict::{ByHand, by_hand};
use crate::render::view::{Shown, shown};

/// All of them.
#[derive(Debug, Serialize)]
pub struct List {
    services: Vec<Row>,
    sources: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    href: String,
    name: String,
    about: Option<String>,
    state: Shown,
    by_hand: bool,
    at_risk: Vec<String>,
}

/// Makes the list.
pub fn list(snapshot: &Snapshot) -> List {
    let service = |view: &ServiceView| Row {
        href: format!("/admin/services/{}", view.service.id),
        name: view.service.name.clone(),
        about: view.service.description.clone(),
        state: shown(view.state),
        by_hand: view.set.is_some(),
        at_risk: view
            .at_risk
            .iter()
            .map(|risk| risk.component.clone().unwrap_or_else(|| risk.source.to_string()))
            .collect(),
    };
    let source = |view: &SourceView| Row {
        href: format!("/admin/sources/{}/override", view.source.id),
        name: view.source.name.clone(),
        about: None,
        state: shown(view.state),
        by_hand: view.set.is_some(),
        at_risk: Vec::new(),
    };
    List {
        services: snapshot.services.iter().map(service).collect(),
        sources: snapshot.sources.iter().map(|view| source(view)).collect(),
    }
}

/// One state set by hand, or to be set.
#[derive(Debug, Serialize)]
pub struct Manual {
    slip: Slip,
    /// “service”.
    kind: &'static str,
    name: String,
    action: String,
    page: String,
    state: Shown,
    set: Option<ByHand>,
    chosen: &'static str,
    reason: String,
    /// When it ends, on the clocks of the zone.
    until: String,
    zone: String,
    states: Vec<Choice>,
}

/// What the form is filled with.
#[derive(Debug)]
pub struct Filled {
    /// What it carries.
    pub slip: Slip,
    /// When what is set ends, on the clocks of the zone; empty: when somebody ends it.
    pub until: String,
    /// Whose clocks these are.
    pub zone: String,
}

/// The form for a service.
pub fn service(view: &ServiceView, filled: Filled) -> Manual {
    let set = view.set.as_deref();
    let id = &view.service.id;
    Manual {
        kind: "service",
        name: view.service.name.clone(),
        action: format!("/admin/services/{id}"),
        page: format!("/services/{id}"),
        state: shown(view.state),
        set: set.map(|set| by_hand(&set.reason, &set.author, set.at, set.until, None)),
        chosen: set.map_or(State::DEGRADED_PERFORMANCE, |set| set.state).as_str(),
        reason: set.map(|set| set.reason.clone()).unwrap_or_default(),
        slip: filled.slip,
        until: filled.until,
        zone: filled.zone,
        states: states(""),
    }
}

/// The form for a source.
pub fn source(view: &SourceView, filled: Filled) -> Manual {
    let set = view.set.as_deref();
    let id = &view.source.id;
    Manual {
        kind: "source",
        name: view.source.name.clone(),
        action: format!("/admin/sources/{id}/override"),
        page: format!("/sources/{id}"),
        state: shown(view.state),
        set: set.map(|set| by_hand(&set.reason, &set.author, set.at, set.until, Some(view.read))),
        chosen: set.map_or(view.read, |set| set.state).as_str(),
        reason: set.map(|set| set.reason.clone()).unwrap_or_default(),
        slip: filled.slip,
        until: filled.until,
        zone: filled.zone,
        states: states(""),
    }
}
