//! One incident or maintenance by id, from the present or, where it is older, from the store.

use std::sync::Arc;

use super::App;
use super::error::Fail;
use crate::model::event::Event;
use crate::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use crate::model::incident::{Incident, Maintenance};
use crate::model::level::State;
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView, Snapshot};

/// Events shown beside one thing.
const EVENTS: usize = 50;

pub(super) fn present_incident(snapshot: &Snapshot, id: &str) -> Option<Arc<IncidentView>> {
    let mut all = snapshot.incidents.iter().chain(&snapshot.recent);
    all.find(|view| view.incident.id.as_str() == id).cloned()
}

pub(super) fn present_maintenance(snapshot: &Snapshot, id: &str) -> Option<Arc<MaintenanceView>> {
    let mut all = snapshot.maintenances.iter().chain(&snapshot.recent_maintenances);
    all.find(|view| view.maintenance.id.as_str() == id).cloned()
}

pub(super) async fn incident(app: &App, snapshot: &Snapshot, id: &str) -> Result<Arc<IncidentView>, Fail> {
    if let Some(view) = present_incident(snapshot, id) {
        return Ok(view);
    }
    let id = IncidentId::new(id);
    let found = app.0.store.run(move |store| store.incident(&id)).await.map_err(|error| Fail::store(&error))?;
    // What is only suggested is nobody's business yet.
    let public = found.filter(|incident| incident.local.as_ref().is_none_or(|local| !local.suggested));
    public.map(|incident| Arc::new(view_incident(app, snapshot, incident))).ok_or(Fail::NotFound("incident"))
}

/// A local incident, however old, and also one that is only suggested: for who may write.
pub(super) async fn ours(app: &App, snapshot: &Snapshot, id: &str) -> Result<Option<IncidentView>, Fail> {
    let id = IncidentId::new(id);
    let held = app.0.desk.borrow().incidents.get(&id).cloned();
    let found = match held {
        Some(incident) => Some(incident.as_ref().clone()),
        None => app.0.store.run(move |store| store.incident(&id)).await.map_err(|error| Fail::store(&error))?,
    };
    Ok(found.filter(|one| one.source.is_none()).map(|incident| view_incident(app, snapshot, incident)))
}

/// A local maintenance, however old.
pub(super) async fn our_maintenance(app: &App, snapshot: &Snapshot, id: &str) -> Result<Option<MaintenanceView>, Fail> {
    let id = IncidentId::new(id);
    let held = app.0.desk.borrow().maintenances.get(&id).cloned();
    let found = match held {
        Some(maintenance) => Some(maintenance.as_ref().clone()),
        None => app.0.store.run(move |store| store.maintenance(&id)).await.map_err(|error| Fail::store(&error))?,
    };
    Ok(found.filter(|one| one.source.is_none()).map(|maintenance| view_maintenance(snapshot, maintenance)))
}

pub(super) async fn maintenance(app: &App, snapshot: &Snapshot, id: &str) -> Result<Arc<MaintenanceView>, Fail> {
    if let Some(view) = present_maintenance(snapshot, id) {
        return Ok(view);
    }
    let id = IncidentId::new(id);
    let found = app.0.store.run(move |store| store.maintenance(&id)).await.map_err(|error| Fail::store(&error))?;
    found.map(|maintenance| Arc::new(view_maintenance(snapshot, maintenance))).ok_or(Fail::NotFound("maintenance"))
}

/// The last events about a source or about one thing, newest first; none where the store cannot say.
pub(super) async fn events(app: &App, source: Option<SourceId>, subject: Option<String>) -> Vec<Event> {
    let read = app.0.store.look(move |store| store.events_of(source.as_ref(), subject.as_deref(), None, EVENTS)).await;
    match read {
        Ok(part) => part.items,
        Err(error) => {
            tracing::warn!(%error, "the events beside a page cannot be read");
            Vec::new()
        }
    }
}

/// What the present adds to an incident from the store.
pub(super) fn view_incident(app: &App, snapshot: &Snapshot, incident: Incident) -> IncidentView {
    let affected = match &incident.source {
        Some(_) => affected(snapshot, incident.source.as_ref(), &incident.components),
        None => incident.services.iter().map(|hit| service(snapshot, &hit.service, hit.state)).collect(),
    };
    let verdict = app.0.desk.borrow().verdicts.get(&incident.id).map(|verdict| Arc::new(verdict.clone()));
    IncidentView {
        source_name: source_name(snapshot, incident.source.as_ref()),
        state: incident.state(),
        counted: affected.is_empty() || affected.iter().any(|touched| touched.counted),
        stale: incident.is_open() && is_stale(snapshot, incident.source.as_ref()),
        affected,
        // What is over does not change any more.
        stands: verdict.is_some(),
        verdict,
        incident,
    }
}

/// What the present adds to a maintenance from the store.
pub(super) fn view_maintenance(snapshot: &Snapshot, maintenance: Maintenance) -> MaintenanceView {
    let affected = match &maintenance.source {
        Some(_) => affected(snapshot, maintenance.source.as_ref(), &maintenance.components),
        None => maintenance.services.iter().map(|id| service(snapshot, id, State::UNDER_MAINTENANCE)).collect(),
    };
    MaintenanceView {
        source_name: source_name(snapshot, maintenance.source.as_ref()),
        counted: affected.is_empty() || affected.iter().any(|touched| touched.counted),
        stale: maintenance.is_open() && is_stale(snapshot, maintenance.source.as_ref()),
        affected,
        maintenance,
    }
}

/// A service as something touched, by its name.
fn service(snapshot: &Snapshot, id: &ServiceId, state: State) -> Affected {
    let known = snapshot.services.iter().find(|view| view.service.id == *id);
    let path = known.map_or_else(|| id.as_str().to_owned(), |view| view.service.name.clone());
    Affected { id: ComponentId::new(id.as_str()), path, state, counted: true }
}

fn source_name(snapshot: &Snapshot, source: Option<&SourceId>) -> String {
    match source {
        None => snapshot.page.title.clone(),
        Some(id) => snapshot.source(id.as_str()).map_or_else(|| id.to_string(), |view| view.source.name.clone()),
    }
}

fn is_stale(snapshot: &Snapshot, source: Option<&SourceId>) -> bool {
    source.is_some_and(|id| snapshot.source(id.as_str()).is_none_or(|view| view.freshness.stale))
}

fn affected(snapshot: &Snapshot, source: Option<&SourceId>, components: &[ComponentId]) -> Vec<Affected> {
    let view = source.and_then(|id| snapshot.source(id.as_str()));
    let touched = components.iter().map(|id| {
        let listed = view.and_then(|view| view.components.iter().find(|component| component.id == *id));
        match listed {
            Some(component) => Affected {
                id: id.clone(),
                path: component.path.clone(),
                state: component.state,
                counted: component.counted,
            },
            None => Affected { id: id.clone(), path: id.as_str().to_owned(), state: State::Unknown, counted: false },
        }
    });
    touched.collect()
}
