//! The stored shape of what is known of a receipt; its body is kept apart.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{decode, encode};

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
}

/// The record.
pub fn write(meta: &ReceiptMeta) -> Result<Vec<u8>, String> {
    encode(meta)
}

/// Back again.
pub fn read(bytes: &[u8]) -> Result<ReceiptMeta, String> {
    decode(bytes)
}
