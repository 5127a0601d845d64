//! The page for a claim against one vendor: what was promised, how it was kept, and what shows it. It prints well.

use serde::Serialize;

use super::Page;
use super::figures::{Promise, Windows};
use super::review::{Down, Said, down, here};
use crate::history::targets::Budget;
use crate::model::snapshot::{Snapshot, SourceView};
use crate::model::target::Target;

/// What the page is made of.
#[derive(Debug)]
pub struct Input<'a> {
    /// What was promised.
    pub target: &'a Target,
    /// How it stands.
    pub budget: &'a Budget,
    /// What was said and sent meanwhile.
    pub said: Said<'a>,
}

/// The page for a claim.
#[derive(Debug, Serialize)]
pub struct Claim {
    page: Page,
    id: String,
    name: String,
    url: String,
    here: String,
    windows: Windows,
    /// The share that was promised, in percent.
    share: Option<String>,
    promise: Option<Promise>,
    downtime: Vec<Down>,
}

/// Makes the page; without an input it asks what was promised.
pub fn page(snapshot: &Snapshot, view: &SourceView, windows: Windows, input: Option<&Input<'_>>) -> Claim {
    Claim {
        page: super::page(snapshot, false),
        id: view.source.id.to_string(),
        name: view.source.name.clone(),
        url: view.source.url.clone(),
        here: here(snapshot),
        windows,
        share: input.map(|input| input.target.uptime.to_string()),
        promise: input.map(|input| Promise::of(input.target, input.budget)),
        downtime: input.map_or_else(Vec::new, |input| {
            input.budget.outages.iter().map(|outage| down(outage, input.said)).collect()
        }),
    }
}
