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

/// A receipt that is kept, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The document's name within its format.
    pub document: String,
    /// Where it came from, without secrets.
    pub url: String,
    /// When it was read.
    pub read_at: Timestamp,
    /// SHA-256 of the body, in hexadecimal digits.
    pub hash: String,
    /// Bytes of the body.
    pub size: u64,
}
