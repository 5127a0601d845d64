//! What would come of an order now, without giving it: for previews, and for mistakes to be told beside their fields.

use std::sync::Arc;

use crate::http::{App, find};
use crate::model::command::{Command, Effect, Order, Refused};
use crate::model::snapshot::Snapshot;
use crate::rules::desk::{self, Scene};

use crate::http::auth::Caller;

/// Holds an order against the present, and changes nothing.
///
/// # Errors
/// Why it would not be carried out.
pub(super) fn attempt(app: &App, snapshot: &Snapshot, by: &Caller, command: Command) -> Result<Effect, Refused> {
    let held = app.0.desk.borrow().clone();
    let services: Vec<_> = snapshot.services.iter().map(|view| Arc::clone(&view.service)).collect();
    let scene = Scene {
        desk: &held,
        old_incidents: &[],
        old_maintenance: None,
        services: &services,
        is_source: &|id| snapshot.source(id.as_str()).is_some(),
        upstream: &|id| find::present_incident(snapshot, id.as_str()),
        components: &|id| {
            let view = snapshot.source(id.as_str());
            let components = view.iter().flat_map(|view| &view.components);
            components.map(|component| (component.id.clone(), component.state)).collect()
        },
        now: app.0.clock.now().wall,
    };
    desk::apply(&scene, &Order { actor: by.actor(), command })
}
