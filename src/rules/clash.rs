//! Planned work that meets other planned work: a vendor's that we need meanwhile, or another of our own.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::id::{IncidentId, ServiceId, SourceId};
use crate::model::incident::Phase;
use crate::model::source::Service;

/// A maintenance, as far as it can be in the way of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Which one.
    pub id: IncidentId,
    /// For people.
    pub title: String,
    /// Whose work it is, and what it touches.
    pub whose: Whose,
    /// `None`: not understood. It counts as open.
    pub phase: Option<Phase>,
    /// Planned start. Without one, only work that is going on has a place in time.
    pub starts_at: Option<Timestamp>,
    /// Planned end; `None`: until further notice, as also for work that goes on past it.
    pub ends_at: Option<Timestamp>,
}

/// Whose work it is, and what it touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Ours.
    Ours {
        /// The services that it touches.
        services: Vec<ServiceId>,
    },
    /// A vendor's. One that counts for nobody here is not passed.
    Vendors {
        /// The source that tells of it.
        source: SourceId,
        /// Its name.
        name: String,
        /// Paths of the components that it names; none named means all of the source.
        paths: Vec<String>,
    },
}

/// A maintenance of ours that meets another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Ours; of two of ours, the one that starts first.
    pub ours: IncidentId,
    /// The other.
    pub other: IncidentId,
    /// The vendor whose the other is; `None`: it is ours as well.
    pub vendor: Option<SourceId>,
    /// Our services that both touch, or that need what the vendor works on.
    pub services: Vec<ServiceId>,
    /// Since when they meet; `None`: already.
    pub from: Option<Timestamp>,
    /// Until when; `None`: neither has a planned end.
    pub until: Option<Timestamp>,
    /// The warning, for people, without times: readers have their own clocks.
    pub sentence: String,
}

/// Every pair that meets, by the time from which it does. Two that only touch do not meet; what is over or cancelled
/// meets nothing.
pub fn clashes(windows: &[Window], services: &[Arc<Service>]) -> Vec<Clash> {
    let open: Vec<&Window> = windows.iter().filter(|window| is_placed(window)).collect();
    let mut found = Vec::new();
    for ours in &open {
        let Whose::Ours { services: touched } = &ours.whose else { continue };
        for other in open.iter().filter(|other| is_first(ours, other)) {
            let Some((from, until)) = meeting(ours, other) else { continue };
            let Some((vendor, hit)) = reason(touched, other, services) else { continue };
            let sentence = sentence(ours, other, &hit, services);
            let (ours, other) = (ours.id.clone(), other.id.clone());
            found.push(Clash { ours, other, vendor, services: hit, from, until, sentence });
        }
    }
    found.sort_by(|a, b| (a.from, &a.ours, &a.other).cmp(&(b.from, &b.ours, &b.other)));
    found
}

/// Open, and with a place in time.
fn is_placed(window: &Window) -> bool {
    window.phase.is_none_or(Phase::is_open)
        && (window.starts_at.is_some() || window.phase.is_some_and(Phase::is_running))
}

fn starts(window: &Window) -> Timestamp {
    window.starts_at.unwrap_or(Timestamp::MIN)
}

/// An end before the start is none: it counts as ending at once.
fn ends(window: &Window) -> Option<Timestamp> {
    window.ends_at.map(|end| end.max(starts(window)))
}

/// Ours come before vendors', and of two of ours one, so that each pair is said once.
fn is_first(ours: &Window, other: &Window) -> bool {
    match other.whose {
        Whose::Ours { .. } => (starts(ours), &ours.id) < (starts(other), &other.id),
        Whose::Vendors { .. } => true,
    }
}

/// The time that two have in common.
fn meeting(a: &Window, b: &Window) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
    let until = |window| ends(window).unwrap_or(Timestamp::MAX);
    let meets = starts(a) < until(b) && starts(b) < until(a);
    meets.then(|| (a.starts_at.max(b.starts_at), [ends(a), ends(b)].into_iter().flatten().min()))
}

/// The services through which a maintenance of ours, touching `touched`, minds another.
fn reason(
    touched: &[ServiceId],
    other: &Window,
    services: &[Arc<Service>],
) -> Option<(Option<SourceId>, Vec<ServiceId>)> {
    let (vendor, hit): (_, Vec<ServiceId>) = match &other.whose {
        Whose::Ours { services: others } => (None, touched.iter().filter(|id| others.contains(id)).cloned().collect()),
        Whose::Vendors { source, paths, .. } => {
            let needing = services.iter().filter(|service| {
                touched.contains(&service.id)
                    && service.needs.iter().any(|need| need.is_touched(source, paths.iter().map(String::as_str)))
            });
            (Some(source.clone()), needing.map(|service| service.id.clone()).collect())
        }
    };
    (!hit.is_empty()).then_some((vendor, hit))
}

fn sentence(ours: &Window, other: &Window, hit: &[ServiceId], services: &[Arc<Service>]) -> String {
    let name = |id: &ServiceId| {
        let service = services.iter().find(|service| service.id == *id);
        service.map_or_else(|| id.to_string(), |service| service.name.clone())
    };
    let names: Vec<String> = hit.iter().map(name).collect();
    let (names, many) = match names.as_slice() {
        [names @ .., last] if !names.is_empty() => (format!("{} and {last}", names.join(", ")), true),
        _ => (names.concat(), false),
    };
    match &other.whose {
        Whose::Ours { .. } => format!("“{}” and “{}” overlap, and both touch {names}", ours.title, other.title),
        Whose::Vendors { name, .. } => {
            let (need, open) = (
                if many { "need" } else { "needs" },
                if other.ends_at.is_none() { ", with no planned end" } else { "" },
            );
            format!("{name} works on “{}”, which {names} {need}, during “{}”{open}", other.title, ours.title)
        }
    }
}
