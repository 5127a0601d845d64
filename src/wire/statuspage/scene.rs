//! What the parts of one document have in common: the page, its clock, and the ids under which things are listed.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::marks::Marks;
use crate::model::id::{ComponentId, ServiceId, SourceId};
use crate::model::snapshot::{ComponentView, Snapshot, SourceView};

/// The id of the group that holds the services.
const SERVICES: &str = "services";

/// One document while it is made.
#[derive(Debug)]
pub struct Scene<'a> {
    /// What it shows.
    pub snapshot: &'a Snapshot,
    /// The id of the page.
    pub page_id: String,
    /// What is said besides.
    pub marks: Marks,
    zone: TimeZone,
    sources: HashMap<&'a str, usize>,
}

impl<'a> Scene<'a> {
    /// Nothing is said yet.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let settings = &snapshot.page;
        Self {
            snapshot,
            page_id: id("page", &[settings.url.as_deref().unwrap_or(&settings.title)]),
            marks: Marks::default(),
            // A zone that was good when the configuration was read and is gone since.
            zone: TimeZone::get(&settings.timezone).unwrap_or(TimeZone::UTC),
            sources: snapshot.sources.iter().enumerate().map(|(at, view)| (view.source.id.as_str(), at)).collect(),
        }
    }

    /// A source with its place among all.
    pub fn find(&self, id: &SourceId) -> Option<(usize, &'a Arc<SourceView>)> {
        let at = *self.sources.get(id.as_str())?;
        Some((at, self.snapshot.sources.get(at)?))
    }

    /// A moment on the page's clock, to the millisecond.
    pub fn time(&self, at: Timestamp) -> String {
        if matches!(self.snapshot.page.timezone.as_str(), "UTC" | "Etc/UTC") {
            return format!("{}Z", at.strftime("%Y-%m-%dT%H:%M:%S.%3f"));
        }
        at.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string()
    }

    /// The page of something here; from the root where the page's own address is not configured.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.snapshot.page.url.as_deref().unwrap_or_default().trim_end_matches('/'))
    }
}

/// True where what a source shows may have come from here.
pub fn is_relayed(view: &SourceView) -> bool {
    view.page.relays
}

/// The parts of a source that are listed: those that count.
pub fn parts(view: &SourceView) -> impl Iterator<Item = &ComponentView> {
    view.components.iter().filter(|part| part.counted)
}

/// The id of a source.
pub fn source(source: &SourceId) -> String {
    id("source", &[source.as_str()])
}

/// The id of a part of a source.
pub fn part(source: &SourceId, part: &ComponentId) -> String {
    id("component", &[source.as_str(), part.as_str()])
}

/// The id of a service.
pub fn service(service: &ServiceId) -> String {
    id("service", &[service.as_str()])
}

/// The id of the group of all services.
pub fn services() -> String {
    id("group", &[SERVICES])
}

/// An id in Statuspage's form, twelve letters and digits: the same on every machine and after every restart.
pub fn id(kind: &str, parts: &[&str]) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let digest = Sha256::digest(format!("allclear {kind}\n{}", parts.join("\n")).as_bytes());
    let mut rest = digest.iter().take(16).fold(0_u128, |value, byte| (value << 8) | u128::from(*byte));
    let digit = |_| {
        let digit = usize::try_from(rest % 36).ok().and_then(|at| DIGITS.get(at)).copied().unwrap_or(b'0');
        rest /= 36;
        char::from(digit)
    };
    (0..12).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_in_statuspage_s_form_and_stay_what_they_are() {
        assert_eq!(source(&SourceId::new("github")), "3bs5v96i03rv");
        let ids: HashSet<String> = (0..10_000).map(|n| id("incident", &[&n.to_string()])).collect();
        assert_eq!(ids.len(), 10_000);
        let fits = |id: &String| id.len() == 12 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        assert!(ids.iter().all(fits));
        assert_ne!(id("source", &["a"]), id("service", &["a"]));
    }
}
