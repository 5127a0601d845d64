//! The documents of a site that other tools read. One line for each.

use super::site::SiteError;
use crate::limits;
use crate::model::snapshot::Snapshot;
use crate::wire::feed::{Items, Scope, atom, json};
use crate::wire::summary::Summary;
use crate::wire::{Time, published::Beat};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// A document that is the same for everybody.
pub(super) struct Document {
    /// Its file. The ending is what a plain web server takes the type from.
    pub(super) file: &'static str,
    /// The path of the live page that leads here; empty: none does.
    pub(super) path: &'static str,
    /// For `Content-Type`.
    pub(super) kind: &'static str,
    /// Makes it.
    pub(super) make: fn(&Snapshot) -> Result<Vec<u8>, SiteError>,
}

/// Every document. A new one is a line here.
pub(super) const DOCUMENTS: &[Document] = &[
    Document { file: "api/v1/summary.json", path: "/api/v1/summary", kind: JSON, make: summary },
    // Where the live page has it, for tools that know only that; its type is right where the place keeps types.
    Document { file: "api/v1/summary", path: "", kind: JSON, make: summary },
    Document { file: "feed.atom", path: "/feed.atom", kind: "application/atom+xml; charset=utf-8", make: feed_atom },
    Document { file: "feed.json", path: "/feed.json", kind: "application/feed+json; charset=utf-8", make: feed_json },
    Document { file: "robots.txt", path: "", kind: TEXT, make: robots },
    Document { file: super::site::BEAT, path: "/status.json", kind: JSON, make: beat },
];

fn summary(snapshot: &Snapshot) -> Result<Vec<u8>, SiteError> {
    Ok(serde_json::to_vec(&Summary::of(snapshot))?)
}

fn feed_atom(snapshot: &Snapshot) -> Result<Vec<u8>, SiteError> {
    Ok(atom::document(snapshot, &Items::of(snapshot, &Scope::All))?)
}

fn feed_json(snapshot: &Snapshot) -> Result<Vec<u8>, SiteError> {
    Ok(json::document(snapshot, &Items::of(snapshot, &Scope::All))?)
}

fn robots(snapshot: &Snapshot) -> Result<Vec<u8>, SiteError> {
    let allowed = if snapshot.page.private { "Disallow: /" } else { "Disallow:" };
    Ok(format!("User-agent: *\n{allowed}\n").into_bytes())
}

/// The sign of life: small, since every open page asks for it again and again.
fn beat(snapshot: &Snapshot) -> Result<Vec<u8>, SiteError> {
    Ok(serde_json::to_vec(&Beat {
        generated_at: Time(snapshot.generated_at),
        old_after_seconds: limits::PUBLISHED_OLD.as_secs(),
        state: snapshot.headline.state.as_str(),
        text: &snapshot.headline.text,
    })?)
}
