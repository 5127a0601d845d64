//! The stored shape of what is known of a receipt; its body is kept apart.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{decode, encode};
use crate::model::receipt::{Gist, Part, Reading};

/// What is known of a receipt without its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptMeta {
    /// The document's name within its format.
    pub document: String,
    /// Where it came from, without secrets.
    pub url: String,
    /// As sent.
    pub content_type: Option<String>,
    /// When it was read.
    pub read_at: Timestamp,
    /// SHA-256 of the body, in hexadecimal digits: what `Store::receipt` asks for.
    pub hash: String,
    /// Bytes of the body.
    pub size: u64,
    /// Bytes that it takes in the store.
    pub packed: u64,
    /// Its place among the documents that were read together, from 0.
    #[serde(default)]
    pub place: usize,
    /// It speaks of the past.
    #[serde(default)]
    pub history: bool,
    /// The reading that it is part of; `None` in records from before readings were kept with it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "shape")]
    pub reading: Option<Reading>,
}

/// The record.
pub fn write(meta: &ReceiptMeta) -> Result<Vec<u8>, String> {
    encode(meta)
}

/// Back again.
pub fn read(bytes: &[u8]) -> Result<ReceiptMeta, String> {
    decode(bytes)
}

#[derive(Serialize, Deserialize)]
struct ReadingShape {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noticed: Option<Timestamp>,
    documents: usize,
    format: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    options: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gist: Option<GistShape>,
}

/// Counts and digests of page, components, incidents and maintenances.
#[derive(Serialize, Deserialize)]
struct GistShape {
    scheme: u32,
    parts: [(usize, String); 4],
}

mod shape {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Gist, GistShape, Part, Reading, ReadingShape};

    #[expect(clippy::ref_option, reason = "serde asks for a reference")]
    pub fn serialize<S: Serializer>(from: &Option<Reading>, out: S) -> Result<S::Ok, S::Error> {
        let pair = |part: &Part| (part.count, part.digest.clone());
        let shape = from.as_ref().map(|reading| ReadingShape {
            noticed: reading.noticed_at,
            documents: reading.documents,
            format: reading.format.clone(),
            options: reading.options.clone(),
            gist: reading.gist.as_ref().map(|gist| GistShape {
                scheme: gist.scheme,
                parts: [&gist.page, &gist.components, &gist.incidents, &gist.maintenances].map(pair),
            }),
        });
        shape.serialize(out)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Reading>, D::Error> {
        let shape: Option<ReadingShape> = Option::deserialize(input)?;
        Ok(shape.map(|shape| Reading {
            noticed_at: shape.noticed,
            documents: shape.documents,
            format: shape.format,
            options: shape.options,
            gist: shape.gist.map(|gist| {
                let [page, components, incidents, maintenances] =
                    gist.parts.map(|(count, digest)| Part { count, digest });
                Gist { scheme: gist.scheme, page, components, incidents, maintenances }
            }),
        }))
    }
}
