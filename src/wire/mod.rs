//! What other tools read: the shapes of the JSON API, feeds and calendars, apart from the model so that neither bends the
//! other. Pure: a snapshot in, bytes out.

pub(crate) mod calendar;
pub mod event;
pub(crate) mod feed;
pub mod incident;
pub mod past;
pub mod published;
pub(crate) mod scope;
pub mod source;
pub mod statuspage;
pub mod summary;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::model::snapshot::Snapshot;

/// A moment: RFC 3339 in UTC, whole seconds.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-02T03:04:05Z")]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&format_args!("{:.0}", self.0))
    }
}

/// The same for a time that may not be known.
pub fn time(at: Option<Timestamp>) -> Option<Time> {
    at.map(Time)
}

/// A UUID that stays the same on every machine: of version 8, from a digest of what it names.
fn uuid(name: &str) -> String {
    let digest = Sha256::digest(format!("allclear {name}").as_bytes());
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    let value = u128::from_be_bytes(bytes);
    let value = (value & !(0xf << 76) & !(0x3 << 62)) | (0x8 << 76) | (0x2 << 62);
    let hex = format!("{value:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// Where people reach the page, without a slash at its end; `None` where that is not configured.
fn base(snapshot: &Snapshot) -> Option<&str> {
    snapshot.page.url.as_deref().map(|url| url.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_uuids_that_stay() {
        let name = uuid("acme.x1");
        assert_eq!(name, uuid("acme.x1"));
        assert_ne!(name, uuid("acme.x2"));
        assert_eq!((name.len(), name.as_bytes()[14], name.matches('-').count()), (36, b'8', 4));
        // Whoever changes this has every reader of feeds and calendars see everything anew.
        assert_eq!(name, "53997986-e5c9-8bf3-b898-1d9f2442ac44");
    }
}
