//! Which part of the present a feed or a calendar is about.

use crate::model::id::{ServiceId, SourceId};
use crate::model::incident::{Incident, Maintenance};
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView, ServiceView, Snapshot};

/// All of it, or what has to do with one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything that counts.
    All,
    /// What one source says.
    Source(String),
    /// What touches one service: the team's own, and of vendors what touches something that it needs.
    Service(String),
    /// What has to do with the sources and services of one tag.
    Tag(String),
}

impl Scope {
    /// The path before `/feed.atom` and its likes.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Source(id) => format!("/sources/{}", escaped(id)),
            Self::Service(id) => format!("/services/{}", escaped(id)),
            Self::Tag(tag) => format!("/tags/{}", escaped(tag)),
        }
    }

    /// The path of the page about the same.
    pub(crate) fn home(&self) -> String {
        match self {
            Self::All => "/".to_owned(),
            Self::Source(_) | Self::Service(_) => self.path(),
            Self::Tag(tag) => format!("/?tag={}", escaped(tag)),
        }
    }

    /// What is missing where there is nothing of this name.
    pub(crate) fn missing(&self, snapshot: &Snapshot) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Source(id) => snapshot.source(id).is_none().then_some("source"),
            Self::Service(id) => service(snapshot, id).is_none().then_some("service"),
            Self::Tag(tag) => {
                let of_source = snapshot.sources.iter().any(|view| view.source.tags.contains(tag));
                let of_service = snapshot.services.iter().any(|view| view.service.tags.contains(tag));
                (!of_source && !of_service).then_some("tag")
            }
        }
    }

    /// The page's title, and what of it this is.
    pub(crate) fn title(&self, snapshot: &Snapshot) -> String {
        let page = &snapshot.page.title;
        match self {
            Self::All => page.clone(),
            Self::Source(id) => {
                format!("{page}: {}", snapshot.source(id).map_or(id.as_str(), |view| &view.source.name))
            }
            Self::Service(id) => {
                format!("{page}: {}", service(snapshot, id).map_or(id.as_str(), |view| &view.service.name))
            }
            Self::Tag(tag) => format!("{page}: {tag}"),
        }
    }

    /// True for an incident that has to do with this.
    pub(crate) fn has_incident(&self, snapshot: &Snapshot, view: &IncidentView) -> bool {
        let Incident { source, services, .. } = &view.incident;
        let services: Vec<&ServiceId> = services.iter().map(|hit| &hit.service).collect();
        self.has(snapshot, source.as_ref(), &view.affected, &services)
    }

    /// True for a maintenance that has to do with this.
    pub(crate) fn has_maintenance(&self, snapshot: &Snapshot, view: &MaintenanceView) -> bool {
        let Maintenance { source, services, .. } = &view.maintenance;
        let services: Vec<&ServiceId> = services.iter().collect();
        self.has(snapshot, source.as_ref(), &view.affected, &services)
    }

    /// True for something of the team's own that touches these services.
    pub(crate) fn has_services(&self, snapshot: &Snapshot, services: &[ServiceId]) -> bool {
        self.has(snapshot, None, &[], &services.iter().collect::<Vec<_>>())
    }

    fn has(
        &self,
        snapshot: &Snapshot,
        source: Option<&SourceId>,
        affected: &[Affected],
        services: &[&ServiceId],
    ) -> bool {
        match self {
            Self::All => true,
            Self::Source(id) => source.is_some_and(|source| source.as_str() == id),
            Self::Service(id) => match source {
                None => services.iter().any(|service| service.as_str() == id),
                Some(source) => service(snapshot, id).is_some_and(|view| {
                    let paths = || affected.iter().map(|part| part.path.as_str());
                    view.service.needs.iter().any(|need| need.is_touched(source, paths()))
                }),
            },
            Self::Tag(tag) => match source {
                None => services
                    .iter()
                    .filter_map(|id| service(snapshot, id.as_str()))
                    .any(|view| view.service.tags.contains(tag)),
                Some(source) => snapshot.source(source.as_str()).is_some_and(|view| view.source.tags.contains(tag)),
            },
        }
    }
}

fn service<'a>(snapshot: &'a Snapshot, id: &str) -> Option<&'a ServiceView> {
    snapshot.services.iter().find(|view| view.service.id.as_str() == id)
}

/// One part of a path, with what may not stand there escaped.
pub(super) fn escaped(part: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    part.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_stand_in_a_path_is_escaped() {
        assert_eq!(escaped("a b/ü"), "a%20b%2F%C3%BC");
        assert_eq!(Scope::Tag("a b".into()).path(), "/tags/a%20b");
        assert_eq!(Scope::Tag("a&b".into()).home(), "/?tag=a%26b");
    }
}
