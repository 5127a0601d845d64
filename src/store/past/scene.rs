//! Puts the page of a moment together again.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable};
use serde::de::DeserializeOwned;

use super::pack::Unpacker;
use super::{SCENE, incident_leaf, maintenance_leaf, rows, source_leaf};
use crate::model::id::{ComponentId, ServiceId, SourceId};
use crate::model::incident::Incident;
use crate::model::level::State;
use crate::model::past::{Past, Shown};
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView, ServiceView, Snapshot, SourceView};
use crate::model::source::PageSettings;
use crate::store::commit::time_of;
use crate::store::error::Fault;
use crate::store::read;
use crate::store::record::past::{ItemShape, SceneShape, SourceShape, service_back};
use crate::store::tables::{META, PAST, micros};

/// The page as it was shown at a moment. `page`: how it presents itself now.
pub fn at(txn: &ReadTransaction, moment: Timestamp, page: &PageSettings) -> Result<Past, Fault> {
    let rows = txn.open_table(PAST)?;
    let at = micros(moment);
    let next = rows::next(&rows, SCENE, at)?.and_then(time_of);
    let mut unpacker = Unpacker::default();
    let Some((since, stood)) = rows::at(&rows, &mut unpacker, SCENE, at)? else {
        return Ok(Past::Before { first: next });
    };
    let since = time_of(since).unwrap_or(moment);
    let Some(version) = stood else {
        return Ok(Past::Asleep { since, until: next });
    };
    let alive = txn.open_table(META)?.get("newest")?.and_then(|newest| time_of(newest.value()));
    let mut scene: SceneShape = shape(&version)?;
    let mut parts = Parts {
        rows: &rows,
        unpacker,
        at,
        lost: 0,
        title: scene.title.clone(),
        sources: HashMap::new(),
        services: Vec::new(),
    };
    parts.services = std::mem::take(&mut scene.services).into_iter().map(service_back).collect();
    let mut sources = Vec::with_capacity(scene.sources.len());
    for id in &scene.sources {
        sources.extend(parts.source(id)?);
    }
    let mut incidents = Vec::with_capacity(scene.incidents.len());
    for id in &scene.incidents {
        incidents.extend(parts.incident(id)?);
    }
    let mut maintenances = Vec::with_capacity(scene.maintenances.len());
    for id in &scene.maintenances {
        maintenances.extend(parts.maintenance(id)?);
    }
    let mut headline = scene.headline();
    let fresh = sources.iter().filter(|view| !view.freshness.stale).count();
    headline.detail = format!("{fresh} of {} could be read", sources.len());
    let snapshot = Snapshot {
        generated_at: moment.min(alive.unwrap_or(moment)),
        seq: read::seq_at(txn, moment)?,
        page: Arc::new(PageSettings { title: scene.title.clone(), ..page.clone() }),
        headline,
        sources,
        services: parts.services,
        incidents,
        maintenances,
        recent: Vec::new(),
        recent_maintenances: Vec::new(),
        notices: scene.notices(),
    };
    Ok(Past::Shown(Box::new(Shown { snapshot, since, until: next, lost: parts.lost })))
}

fn shape<T: DeserializeOwned>(version: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(version).map_err(|error| Fault::Record(format!("what the page showed: {error}")))
}

struct Parts<'a, T> {
    rows: &'a T,
    unpacker: Unpacker,
    at: i64,
    lost: usize,
    title: String,
    sources: HashMap<SourceId, Listed>,
    services: Vec<ServiceView>,
}

/// A source as it was, and whether only some of its components counted.
struct Listed {
    view: Arc<SourceView>,
    narrow: bool,
}

impl<T: ReadableTable<(&'static str, i64), &'static [u8]>> Parts<'_, T> {
    fn leaf<S: DeserializeOwned>(&mut self, leaf: &str) -> Result<Option<S>, Fault> {
        match rows::at(self.rows, &mut self.unpacker, leaf, self.at)? {
            Some((_, Some(version))) => shape(&version).map(Some),
            Some((_, None)) | None => {
                self.lost = self.lost.saturating_add(1);
                Ok(None)
            }
        }
    }

    fn source(&mut self, id: &str) -> Result<Option<Arc<SourceView>>, Fault> {
        let Some(shape) = self.leaf::<SourceShape>(&source_leaf(id))? else { return Ok(None) };
        let narrow = shape.narrow;
        let view = Arc::new(shape.back(id));
        self.sources.insert(view.source.id.clone(), Listed { view: Arc::clone(&view), narrow });
        Ok(Some(view))
    }

    fn incident(&mut self, id: &str) -> Result<Option<Arc<IncidentView>>, Fault> {
        let Some(shape) = self.leaf::<ItemShape>(&incident_leaf(id))? else { return Ok(None) };
        let (counted, stands) = (!shape.aside, shape.stands);
        let (incident, verdict) = shape.incident_back();
        let affected = self.touched_by(&incident);
        let (source_name, stale) = self.of(incident.source.as_ref());
        let state = incident.state();
        Ok(Some(Arc::new(IncidentView { incident, source_name, state, counted, affected, stale, verdict, stands })))
    }

    fn maintenance(&mut self, id: &str) -> Result<Option<Arc<MaintenanceView>>, Fault> {
        let Some(shape) = self.leaf::<ItemShape>(&maintenance_leaf(id))? else { return Ok(None) };
        let counted = !shape.aside;
        let maintenance = shape.maintenance_back();
        let affected = match &maintenance.source {
            Some(source) => self.components(source, &maintenance.components),
            None => maintenance.services.iter().map(|id| self.service(id, State::UNDER_MAINTENANCE)).collect(),
        };
        let (source_name, stale) = self.of(maintenance.source.as_ref());
        Ok(Some(Arc::new(MaintenanceView { maintenance, source_name, counted, affected, stale })))
    }

    /// A source's name, and whether it could not be read; the page's own for what is ours.
    fn of(&self, source: Option<&SourceId>) -> (String, bool) {
        match source {
            None => (self.title.clone(), false),
            Some(id) => self.sources.get(id).map_or_else(
                || (id.to_string(), true),
                |listed| (listed.view.source.name.clone(), listed.view.freshness.stale),
            ),
        }
    }

    fn touched_by(&self, incident: &Incident) -> Vec<Affected> {
        match &incident.source {
            Some(source) => self.components(source, &incident.components),
            None => incident.services.iter().map(|hit| self.service(&hit.service, hit.state)).collect(),
        }
    }

    fn components(&self, source: &SourceId, ids: &[ComponentId]) -> Vec<Affected> {
        let listed = self.sources.get(source);
        let one = |id: &ComponentId| {
            let component = listed.and_then(|listed| listed.view.components.iter().find(|one| one.id == *id));
            match component {
                Some(one) => {
                    Affected { id: id.clone(), path: one.path.clone(), state: one.state, counted: one.counted }
                }
                None => Affected {
                    id: id.clone(),
                    path: id.to_string(),
                    state: State::Unknown,
                    counted: !listed.is_some_and(|listed| listed.narrow),
                },
            }
        };
        ids.iter().map(one).collect()
    }

    fn service(&self, id: &ServiceId, state: State) -> Affected {
        let known = self.services.iter().find(|view| view.service.id == *id);
        let path = known.map_or_else(|| id.to_string(), |view| view.service.name.clone());
        Affected { id: ComponentId::new(id.as_str()), path, state, counted: true }
    }
}
