//! The stored shapes of incidents and maintenances.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, decode, encode, is_false, local};
use crate::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use crate::model::incident::{Incident, Listing, Maintenance, Origin, Phase, Update};
use crate::model::level::Impact;
use crate::model::text::Text;

#[derive(Serialize, Deserialize)]
struct UpdateShape {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phase: Option<Word<Phase>>,
    html: String,
    plain: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noticed: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<local::Told>,
}

#[derive(Serialize, Deserialize, Default)]
enum ListingShape {
    #[default]
    Listed,
    Missing {
        since: Timestamp,
        readings: u32,
    },
    Gone {
        since: Timestamp,
    },
}

/// Both kinds in one shape: what a kind has not is left out.
#[derive(Serialize, Deserialize)]
pub struct IncidentShape {
    id: String,
    #[serde(default, skip_serializing_if = "is_false")]
    local: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    upstream_ids: Vec<String>,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phase: Option<Word<Phase>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    impact: Option<Word<Impact>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    components: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    services: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    updates: Vec<UpdateShape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hits: Vec<local::Hit>,
    seen: Timestamp,
    #[serde(default)]
    listing: ListingShape,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of_ours: Option<local::Local>,
}

/// The record of an incident.
pub fn write(from: &Incident) -> Result<Vec<u8>, String> {
    encode(&incident_shape(from))
}

/// What is kept of an incident.
pub fn incident_shape(from: &Incident) -> IncidentShape {
    IncidentShape {
        id: from.id.as_str().to_owned(),
        local: from.origin == Origin::Local,
        source: from.source.as_ref().map(|id| id.as_str().to_owned()),
        upstream_ids: from.upstream_ids.clone(),
        title: from.title.clone(),
        phase: from.phase.map(Word),
        impact: from.impact.map(Word),
        starts: from.started_at,
        ends: from.resolved_at,
        updated: from.updated_at,
        url: from.url.clone(),
        components: from.components.iter().map(|id| id.as_str().to_owned()).collect(),
        services: Vec::new(),
        hits: from.services.iter().map(local::hit).collect(),
        updates: from.updates.iter().map(update_shape).collect(),
        seen: from.first_seen_at,
        listing: listing_shape(from.listing),
        of_ours: from.local.as_deref().map(local::shape),
    }
}

/// The incident of a record.
pub fn read(bytes: &[u8]) -> Result<Incident, String> {
    decode::<IncidentShape>(bytes).map(IncidentShape::incident)
}

/// The record of a maintenance.
pub fn write_maintenance(from: &Maintenance) -> Result<Vec<u8>, String> {
    encode(&maintenance_shape(from))
}

/// What is kept of a maintenance.
pub fn maintenance_shape(from: &Maintenance) -> IncidentShape {
    IncidentShape {
        id: from.id.as_str().to_owned(),
        local: from.origin == Origin::Local,
        source: from.source.as_ref().map(|id| id.as_str().to_owned()),
        upstream_ids: from.upstream_ids.clone(),
        title: from.title.clone(),
        phase: from.phase.map(Word),
        impact: None,
        starts: from.starts_at,
        ends: from.ends_at,
        updated: from.updated_at,
        url: from.url.clone(),
        components: from.components.iter().map(|id| id.as_str().to_owned()).collect(),
        services: from.services.iter().map(|id| id.as_str().to_owned()).collect(),
        hits: Vec::new(),
        updates: from.updates.iter().map(update_shape).collect(),
        seen: from.first_seen_at,
        listing: listing_shape(from.listing),
        of_ours: from.local.as_deref().map(local::shape),
    }
}

/// The maintenance of a record.
pub fn read_maintenance(bytes: &[u8]) -> Result<Maintenance, String> {
    decode::<IncidentShape>(bytes).map(IncidentShape::maintenance)
}

impl IncidentShape {
    /// The incident of this shape.
    pub fn incident(self) -> Incident {
        let shape = self;
        Incident {
            id: IncidentId::new(shape.id),
            origin: origin(shape.local),
            source: shape.source.map(SourceId::new),
            upstream_ids: shape.upstream_ids,
            title: shape.title,
            phase: shape.phase.map(|word| word.0),
            impact: shape.impact.map(|word| word.0),
            started_at: shape.starts,
            updated_at: shape.updated,
            resolved_at: shape.ends,
            url: shape.url,
            components: shape.components.into_iter().map(ComponentId::new).collect(),
            services: shape.hits.into_iter().map(local::hit_back).collect(),
            updates: shape.updates.into_iter().map(update).collect(),
            first_seen_at: shape.seen,
            listing: listing(&shape.listing),
            local: shape.of_ours.map(local::back).map(Box::new),
        }
    }

    /// The maintenance of this shape.
    pub fn maintenance(self) -> Maintenance {
        let shape = self;
        Maintenance {
            id: IncidentId::new(shape.id),
            origin: origin(shape.local),
            source: shape.source.map(SourceId::new),
            upstream_ids: shape.upstream_ids,
            title: shape.title,
            phase: shape.phase.map(|word| word.0),
            starts_at: shape.starts,
            ends_at: shape.ends,
            updated_at: shape.updated,
            url: shape.url,
            components: shape.components.into_iter().map(ComponentId::new).collect(),
            services: shape.services.into_iter().map(ServiceId::new).collect(),
            updates: shape.updates.into_iter().map(update).collect(),
            first_seen_at: shape.seen,
            listing: listing(&shape.listing),
            local: shape.of_ours.map(local::back).map(Box::new),
        }
    }
}

fn origin(local: bool) -> Origin {
    if local { Origin::Local } else { Origin::Upstream }
}

fn update_shape(from: &Update) -> UpdateShape {
    UpdateShape {
        at: from.at,
        phase: from.phase.map(Word),
        html: from.body.html.clone(),
        plain: from.body.plain.clone(),
        noticed: from.noticed_at,
        told: from.told.as_deref().map(local::told),
    }
}

fn update(shape: UpdateShape) -> Update {
    Update {
        at: shape.at,
        phase: shape.phase.map(|word| word.0),
        body: Text { html: shape.html, plain: shape.plain },
        noticed_at: shape.noticed,
        told: shape.told.map(local::told_back).map(Box::new),
    }
}

fn listing_shape(from: Listing) -> ListingShape {
    match from {
        Listing::Listed => ListingShape::Listed,
        Listing::Missing { since, readings } => ListingShape::Missing { since, readings },
        Listing::NoLongerListed { since } => ListingShape::Gone { since },
    }
}

fn listing(shape: &ListingShape) -> Listing {
    match *shape {
        ListingShape::Listed => Listing::Listed,
        ListingShape::Missing { since, readings } => Listing::Missing { since, readings },
        ListingShape::Gone { since } => Listing::NoLongerListed { since },
    }
}
