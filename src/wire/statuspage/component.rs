//! Sources as groups of their parts, services as one more group.

use serde::Serialize;
use utoipa::ToSchema;

use super::marks::ComponentMark;
use super::scene::{self, Scene};
use super::words;
use crate::model::level::State;
use crate::model::snapshot::{ComponentView, ServiceView, SourceView};

/// The heading of the services.
const SERVICES: &str = "Services";

/// A component, or a group of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StatuspageComponent)]
pub struct Component<'a> {
    id: String,
    name: &'a str,
    /// `operational`, `under_maintenance`, `degraded_performance`, `partial_outage`, `major_outage`.
    status: &'static str,
    /// When it came into its state: nothing older is kept of it.
    created_at: String,
    /// The same.
    updated_at: String,
    /// From 1 within its group.
    position: usize,
    description: Option<&'a str>,
    showcase: bool,
    #[schema(value_type = Option<String>)]
    start_date: Option<&'static str>,
    group_id: Option<String>,
    page_id: String,
    group: bool,
    only_show_if_degraded: bool,
    /// Ids of what is in it: groups only.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<String>>,
}

/// Everything that is listed, each group before its members.
pub fn all<'a>(scene: &mut Scene<'a>) -> Vec<Component<'a>> {
    let snapshot = scene.snapshot;
    let mut rows = Vec::new();
    for (at, view) in snapshot.sources.iter().enumerate() {
        let row = of_source(view, at, scene);
        rows.push(row);
        for (at, part) in scene::parts(view).enumerate() {
            let row = of_part(view, part, at, scene);
            rows.push(row);
        }
    }
    if let Some(state) = State::worst(snapshot.services.iter().map(|view| view.state)) {
        let members = snapshot.services.iter().map(|view| scene::service(&view.service.id)).collect();
        let now = scene.time(snapshot.generated_at);
        let group = plain(scene::services(), SERVICES, state, &now, snapshot.sources.len(), scene);
        rows.push(group.with(members));
        for (at, view) in snapshot.services.iter().enumerate() {
            let row = of_service(view, at, scene);
            rows.push(row);
        }
    }
    rows
}

/// A source: a group of its parts, or a component of its own where none of them counts.
pub fn of_source<'a>(view: &'a SourceView, at: usize, scene: &mut Scene<'a>) -> Component<'a> {
    let id = scene::source(&view.source.id);
    let members: Vec<String> = scene::parts(view).map(|part| scene::part(&view.source.id, &part.id)).collect();
    let mark = ComponentMark::of(view.state, scene::is_relayed(view));
    scene.marks.component(&id, ComponentMark { source: !members.is_empty(), ..mark });
    let row = plain(id, &view.source.name, view.state, &scene.time(view.since), at, scene);
    if members.is_empty() { row } else { row.with(members) }
}

/// A part of a source.
pub fn of_part<'a>(view: &SourceView, part: &'a ComponentView, at: usize, scene: &mut Scene<'a>) -> Component<'a> {
    let id = scene::part(&view.source.id, &part.id);
    scene.marks.component(&id, ComponentMark::of(part.state, scene::is_relayed(view)));
    let row = plain(id, &part.path, part.state, &scene.time(part.since), at, scene);
    Component {
        description: part.description.as_deref(),
        group_id: Some(scene::source(&view.source.id)),
        only_show_if_degraded: part.quiet,
        ..row
    }
}

/// A service.
pub fn of_service<'a>(view: &'a ServiceView, at: usize, scene: &mut Scene<'a>) -> Component<'a> {
    let id = scene::service(&view.service.id);
    scene.marks.component(&id, ComponentMark::of(view.state, false));
    let since = view.set.as_ref().map_or(scene.snapshot.generated_at, |set| set.at);
    let row = plain(id, &view.service.name, view.state, &scene.time(since), at, scene);
    Component { description: view.service.description.as_deref(), group_id: Some(scene::services()), ..row }
}

fn plain<'a>(id: String, name: &'a str, state: State, since: &str, at: usize, scene: &Scene<'a>) -> Component<'a> {
    Component {
        id,
        name,
        status: words::status(state),
        created_at: since.to_owned(),
        updated_at: since.to_owned(),
        position: at.saturating_add(1),
        description: None,
        showcase: true,
        start_date: None,
        group_id: None,
        page_id: scene.page_id.clone(),
        group: false,
        only_show_if_degraded: false,
        components: None,
    }
}

impl Component<'_> {
    /// The same as a group of these.
    fn with(self, members: Vec<String>) -> Self {
        Self { group: true, showcase: false, components: Some(members), ..self }
    }
}
