//! The stored shape of a source's outline, and of the doubt about its last reading.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, is_false};
use crate::model::level::State;
use crate::model::outline::{DocumentKind, DocumentShape, Doubt, ListShape, Outline, Shape};

/// An outline.
#[derive(Serialize, Deserialize)]
pub struct OutlineShape {
    reader: String,
    readings: u32,
    bytes: u64,
    documents: Vec<Document>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    name: String,
    kind: Word<DocumentKind>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lists: Vec<(String, u32)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    nulls: Vec<String>,
}

/// A doubt.
#[derive(Serialize, Deserialize)]
pub struct DoubtShape {
    what: String,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    good: Option<Timestamp>,
    same_since: Timestamp,
    readings: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    slight: bool,
    worst: Word<State>,
}

/// To be stored.
pub fn outline_shape(from: &Outline) -> OutlineShape {
    OutlineShape {
        reader: from.least.reader.clone(),
        readings: from.readings,
        bytes: from.least.bytes,
        documents: from.least.documents.iter().map(document_shape).collect(),
    }
}

/// As it was.
pub fn outline(shape: OutlineShape) -> Outline {
    let documents = shape.documents.into_iter().map(document).collect();
    Outline { readings: shape.readings, least: Shape { reader: shape.reader, documents, bytes: shape.bytes } }
}

fn document_shape(from: &DocumentShape) -> Document {
    Document {
        name: from.name.clone(),
        kind: Word(from.kind),
        lists: from.lists.iter().map(|list| (list.path.clone(), list.items)).collect(),
        nulls: from.nulls.clone(),
    }
}

fn document(shape: Document) -> DocumentShape {
    DocumentShape {
        name: shape.name,
        kind: shape.kind.0,
        lists: shape.lists.into_iter().map(|(path, items)| ListShape { path, items }).collect(),
        nulls: shape.nulls,
    }
}

/// To be stored.
pub fn doubt_shape(from: &Doubt) -> DoubtShape {
    DoubtShape {
        what: from.what.clone(),
        since: from.since,
        good: from.good_at,
        same_since: from.same_since,
        readings: from.readings,
        slight: from.slight,
        worst: Word(from.worst),
    }
}

/// As it was.
pub fn doubt(shape: DoubtShape) -> Doubt {
    Doubt {
        what: shape.what,
        since: shape.since,
        good_at: shape.good,
        same_since: shape.same_since,
        readings: shape.readings,
        slight: shape.slight,
        worst: shape.worst.0,
    }
}
