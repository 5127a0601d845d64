//! The stored shape of what a source says, without its incidents and maintenances.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::outline::{self, DoubtShape, OutlineShape};
use super::{Word, decode, encode, is_false};
use crate::model::days::Days;
use crate::model::id::ComponentId;
use crate::model::level::State;
use crate::model::observation::{Basis, Page};
use crate::model::state::{Component, SourceState};

#[derive(Serialize, Deserialize)]
struct ComponentShape {
    id: String,
    name: String,
    path: String,
    state: Word<State>,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    quiet: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unlisted: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Shape {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_updated: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_false")]
    page_relays: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    indicator: Option<Word<State>>,
    #[serde(default, skip_serializing_if = "is_false")]
    announces: bool,
    components: Vec<ComponentShape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_read: Option<Timestamp>,
    told: Word<State>,
    told_since: Timestamp,
    #[serde(default, skip_serializing_if = "is_false")]
    told_unreadable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<Date>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    days: Vec<Option<Word<State>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dated: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outline: Option<OutlineShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doubt: Option<DoubtShape>,
}

/// The record of a source's state; its incidents and maintenances have records of their own.
pub fn write(from: &SourceState) -> Result<Vec<u8>, String> {
    let (day, cells) = from.days.parts();
    encode(&Shape {
        page_name: from.page.name.clone(),
        page_url: from.page.url.clone(),
        page_updated: from.page.updated_at,
        page_relays: from.page.relays,
        indicator: from.indicator.map(Word),
        announces: from.basis == Basis::Announcements,
        components: from.components.iter().map(component_shape).collect(),
        warnings: from.warnings.clone(),
        first_read: from.first_read_at,
        told: Word(from.told),
        told_since: from.told_since,
        told_unreadable: from.told_unreadable,
        day,
        days: cells.iter().map(|cell| cell.map(Word)).collect(),
        dated: from.dated,
        outline: from.outline.as_ref().map(outline::outline_shape),
        doubt: from.doubt.as_ref().map(outline::doubt_shape),
    })
}

/// The state of a record, without incidents and maintenances.
pub fn read(bytes: &[u8]) -> Result<SourceState, String> {
    let shape: Shape = decode(bytes)?;
    let cells = shape.days.into_iter().map(|cell| cell.map(|word| word.0)).collect();
    Ok(SourceState {
        page: Page {
            name: shape.page_name,
            url: shape.page_url,
            updated_at: shape.page_updated,
            relays: shape.page_relays,
        },
        indicator: shape.indicator.map(|word| word.0),
        basis: if shape.announces { Basis::Announcements } else { Basis::States },
        components: shape.components.into_iter().map(component).collect(),
        incidents: Vec::new(),
        maintenances: Vec::new(),
        warnings: shape.warnings,
        first_read_at: shape.first_read,
        told: shape.told.0,
        told_since: shape.told_since,
        told_unreadable: shape.told_unreadable,
        days: Days::from_parts(shape.day, cells),
        dated: shape.dated,
        outline: shape.outline.map(outline::outline),
        doubt: shape.doubt.map(outline::doubt),
    })
}

fn component_shape(from: &Component) -> ComponentShape {
    ComponentShape {
        id: from.id.as_str().to_owned(),
        name: from.name.clone(),
        path: from.path.clone(),
        state: Word(from.state),
        since: from.since,
        description: from.description.clone(),
        quiet: from.quiet,
        unlisted: from.unlisted_since,
    }
}

fn component(shape: ComponentShape) -> Component {
    Component {
        id: ComponentId::new(shape.id),
        name: shape.name,
        path: shape.path,
        state: shape.state.0,
        since: shape.since,
        description: shape.description,
        quiet: shape.quiet,
        unlisted_since: shape.unlisted,
    }
}
