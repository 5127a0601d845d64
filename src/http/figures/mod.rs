//! Figures about the past: uptime, reports, scorecards and what a claim rests on, for programs and on pages.
//!
//! Every answer ends with the last good reading, and says how much of its window was observed.

mod asked;
pub(super) mod claims;
pub(super) mod load;
mod pages;
pub(super) mod reports;
mod table;
pub(super) mod uptime;

use super::auth::{Access, Routes};
use crate::history::incidents::{Course, courses};
use crate::history::report::{Past, Report};
use crate::history::targets::{Budget, budget};
use crate::history::{Outage, Window};
use crate::limits;
use crate::model::id::SourceId;
use crate::model::receipt::Evidence;
use crate::model::snapshot::{Snapshot, SourceView};
use crate::model::target::Target;
use crate::store::{Store, StoreError};
use asked::When;

pub(super) use pages::{service_bar, source_bar};

/// All of it.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/reports", Access::Page, pages::all)
        .get("/reports/compare", Access::Page, pages::compare)
        .get("/reports/sources/{id}", Access::Page, pages::review)
        .get("/reports/sources/{id}/claim", Access::Page, claims::page)
        .get("/api/v1/sources/{id}/uptime", Access::Page, uptime::source)
        .get("/api/v1/services/{id}/uptime", Access::Page, uptime::service)
        .get("/api/v1/reports/uptime", Access::Page, reports::all)
        .get("/api/v1/reports/scorecard", Access::Page, reports::scorecard)
        .get("/api/v1/reports/sources/{id}", Access::Page, reports::review)
        .get("/api/v1/reports/sources/{id}/claim", Access::Page, claims::claim)
}

/// How a promise stands in the period in which the snapshot lies; `None` where nothing was promised.
fn promise(
    store: &Store,
    snapshot: &Snapshot,
    view: &SourceView,
    target: Option<&Target>,
    when: &When,
) -> Result<Option<(Target, Budget)>, StoreError> {
    let Some(target) = target else { return Ok(None) };
    let until = load::known_until(snapshot, view);
    let period = Window::of(target.period, snapshot.generated_at, &when.zone);
    held(store, view, target, period, until).map(|budget| Some((target.clone(), budget)))
}

/// A promise against one period.
fn held(
    store: &Store,
    view: &SourceView,
    target: &Target,
    period: Window,
    until: jiff::Timestamp,
) -> Result<Budget, StoreError> {
    let spans = load::source(store, &view.source.id, period.until(until))?;
    Ok(budget(target, &spans, period, until))
}

/// The sources that stand side by side: those named, else as many as fit.
fn chosen<'a>(snapshot: &'a Snapshot, named: &[&str]) -> Vec<&'a SourceView> {
    if named.is_empty() {
        return snapshot.sources.iter().take(limits::COMPARED).map(AsRef::as_ref).collect();
    }
    let mut found: Vec<&SourceView> = Vec::new();
    for id in named {
        if let Some(view) = snapshot.source(id).filter(|view| !found.iter().any(|one| one.source.id == view.source.id))
        {
            found.push(view);
        }
    }
    found.truncate(limits::COMPARED);
    found
}

/// All courses of a past, also of incidents that began before its window.
fn told(past: &Past) -> Vec<Course<'_>> {
    courses(&past.incidents, &past.notices)
}

/// The documents behind outages and behind the first sight of incidents.
fn evidence(
    store: &Store,
    source: &SourceId,
    outages: &[Outage],
    courses: &[Course<'_>],
) -> Result<Evidence, StoreError> {
    let ends = outages.iter().take(limits::CLAIM_OUTAGES).flat_map(|one| [one.window.from(), one.window.to()]);
    let firsts =
        courses.iter().filter_map(|course| course.incident.updates.iter().filter_map(|update| update.noticed_at).min());
    let mut moments: Vec<jiff::Timestamp> = ends.chain(firsts).collect();
    moments.sort_unstable();
    moments.dedup();
    super::receipts::behind(store, source, &moments)
}

/// What a page or a document about one vendor is made of.
struct Reviewed<'a> {
    report: Report<'a>,
    promise: Option<(Target, Budget)>,
    evidence: Evidence,
}

/// Makes all figures of one vendor.
fn reviewed<'a>(
    store: &Store,
    snapshot: &Snapshot,
    view: &SourceView,
    past: &'a Past,
    when: &When,
) -> Result<Reviewed<'a>, StoreError> {
    let window = when.window.until(load::known_until(snapshot, view));
    let report = crate::history::report::report(past, window, &when.zone);
    let promise = promise(store, snapshot, view, view.source.target.as_ref(), when)?;
    let evidence = evidence(store, &view.source.id, &report.outages, &report.courses)?;
    Ok(Reviewed { report, promise, evidence })
}
