//! The raw words behind a state, so that "did they really say that?" has an answer.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;

use super::event::{Cause, Event};
use super::id::SourceId;

/// One document as the upstream sent it, decompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The document's name within its format.
    pub document: String,
    /// Where it came from, without secrets.
    pub url: String,
    /// As sent.
    pub content_type: Option<String>,
    /// When it was read: the moment that its adapter was given.
    pub read_at: Timestamp,
    /// As sent, after decompression.
    pub body: Bytes,
    /// Its place among the documents that were read together, from 0: adapters were given them in this order.
    pub place: usize,
    /// It speaks of the past.
    pub history: bool,
    /// The reading that it is part of.
    pub reading: Reading,
}

/// What the documents of one reading have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// When its changes were noticed, exactly as their events say; `None` where nobody has noticed any yet.
    pub noticed_at: Option<Timestamp>,
    /// Documents that were read together.
    pub documents: usize,
    /// The format that they were read as.
    pub format: String,
    /// Digest of the format's options; empty where there were none.
    pub options: String,
    /// What was read in them then.
    pub gist: Option<Gist>,
}

/// What one reading said, short enough to be kept with every reading and exact enough to tell another one from it.
///
/// Warnings are not part of it: they are this program's words, not the upstream's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gist {
    /// How it was made. Only those made in the same way can be compared.
    pub scheme: u32,
    /// The page: its name, its own overall state, what its silence means.
    pub page: Part,
    /// Its components.
    pub components: Part,
    /// Its incidents; those that were open are counted.
    pub incidents: Part,
    /// Its maintenances; those that were not over are counted.
    pub maintenances: Part,
}

/// One part of a gist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// How many there were.
    pub count: usize,
    /// Digest of all that was said of them.
    pub digest: String,
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

/// The documents behind what a page tells of one source, as far as they are kept.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Whose; `None` where nobody has sent anything.
    pub source: Option<SourceId>,
    /// All documents of a reading by the moment at which its changes were noticed.
    pub readings: HashMap<Timestamp, Vec<Kept>>,
    /// Those behind the present state.
    pub newest: Vec<Kept>,
}

impl Evidence {
    /// The documents whose changes were noticed at this moment.
    pub fn at(&self, moment: Option<Timestamp>) -> &[Kept] {
        moment.and_then(|moment| self.readings.get(&moment)).map_or(&[], Vec::as_slice)
    }

    /// The documents that made an event happen; none where something else did.
    pub fn of_event(&self, event: &Event) -> &[Kept] {
        if event.cause == Cause::Reading && event.source == self.source { self.at(Some(event.at)) } else { &[] }
    }
}
