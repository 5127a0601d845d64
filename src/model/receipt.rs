//! The raw words behind a state, so that "did they really say that?" has an answer.

use bytes::Bytes;
use jiff::Timestamp;

/// One document as the upstream sent it, decompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The document's name within its format.
    pub document: String,
    /// Where it came from, without secrets.
    pub url: String,
    /// As sent.
    pub content_type: Option<String>,
    /// When it was read.
    pub read_at: Timestamp,
    /// As sent, after decompression.
    pub body: Bytes,
}
