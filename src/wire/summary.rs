//! The merged present in one document.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;
use super::incident::{Incident, Maintenance};
use super::source::{Service, Source};
use crate::model::snapshot::Snapshot;

/// The merged present.
#[derive(Debug, Serialize, ToSchema)]
pub struct Summary<'a> {
    /// When it was derived.
    generated_at: Time,
    /// The last event that is in it.
    seq: u64,
    /// The page's title.
    title: &'a str,
    /// Where people reach the page; null where that is not configured.
    url: Option<&'a str>,
    /// The first line.
    headline: Headline<'a>,
    /// In the order of the configuration.
    sources: Vec<Source<'a>>,
    /// In the order of the configuration.
    services: Vec<Service<'a>>,
    /// Open ones, the worst first.
    incidents: Vec<Incident<'a>>,
    /// Running and planned ones, by planned start.
    maintenances: Vec<Maintenance<'a>>,
    /// What is wrong with allclear itself.
    notices: Vec<Notice<'a>>,
}

/// The first line.
#[derive(Debug, Serialize, ToSchema)]
pub struct Headline<'a> {
    /// The worst that counts.
    state: &'static str,
    /// A sentence.
    text: &'a str,
    /// How fresh it is.
    detail: &'a str,
    /// Sources by state; states that no source is in are left out.
    counts: &'a BTreeMap<&'static str, usize>,
}

/// What is wrong with allclear itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice<'a> {
    /// `configuration`, `disk`, `clock`, `cut_off`, `scheduler`.
    kind: &'static str,
    /// What it means and what to do.
    text: &'a str,
}

impl<'a> Summary<'a> {
    /// Shapes a snapshot.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self {
            generated_at: Time(snapshot.generated_at),
            seq: snapshot.seq,
            title: &snapshot.page.title,
            url: snapshot.page.url.as_deref(),
            headline: Headline {
                state: snapshot.headline.state.as_str(),
                text: &snapshot.headline.text,
                detail: &snapshot.headline.detail,
                counts: &snapshot.headline.counts,
            },
            sources: snapshot.sources.iter().map(|view| Source::of(view)).collect(),
            services: snapshot.services.iter().map(Service::of).collect(),
            incidents: snapshot.incidents.iter().map(|view| Incident::of(view)).collect(),
            maintenances: snapshot.maintenances.iter().map(|view| Maintenance::of(view)).collect(),
            notices: snapshot.notices.iter().map(|notice| Notice { kind: notice.kind, text: &notice.text }).collect(),
        }
    }
}
