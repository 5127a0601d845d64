//! Figures on pages: all vendors, some side by side, one for its review, and the bar of a source's own page.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;

use super::asked::{Query, When, answer};
use super::reports::lines;
use super::{Reviewed, chosen, load, promise, reviewed, told};
use crate::history::report::{Past, report};
use crate::history::targets::Budget;
use crate::history::uptime::days;
use crate::history::{Part, Span, Window};
use crate::http::App;
use crate::http::error::Fail;
use crate::http::lists::{bad, word};
use crate::http::ready::HTML;
use crate::model::snapshot::{ServiceView, Snapshot, SourceView};
use crate::model::target::Target;
use crate::render::{self, Compared, Sort, Windows};
use crate::store::{Store, StoreError};

/// How many days a source's bar may have; the first is the usual one.
const BARS: [u16; 3] = [90, 30, 365];

/// What was promised, and how it stands.
type Promised = Option<(Target, Budget)>;

/// The choice of windows, with the one that is shown; what is to come of it is left out.
fn windows(snapshot: &Snapshot, when: &When) -> Windows {
    render::windows(when.window.until(snapshot.generated_at), &when.zone_name, &when.given)
}

/// The figures of all vendors.
pub(super) async fn all(State(app): State<App>, asked: HeaderMap, RawQuery(raw): RawQuery) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    let zone = &snapshot.page.timezone;
    let when = When::read(&query, &snapshot, zone)?;
    let words = || Sort::ALL.map(Sort::as_str).join(", ");
    let sort = word("sort", query.get("sort")?, Sort::from_word, words)?.unwrap_or(Sort::Uptime);
    let name = when.name(&format!("/reports/{}", sort.as_str()), zone);
    answer(&app, &asked, name, HTML, move |app, snapshot| {
        let lines = lines(app, snapshot, &when)?;
        Ok(app.0.pages.reports(snapshot, windows(snapshot, &when), lines, sort)?.into_bytes())
    })
    .await
}

/// Some vendors side by side.
pub(super) async fn compare(
    State(app): State<App>,
    asked: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    let when = When::read(&query, &snapshot, &snapshot.page.timezone)?;
    answer(&app, &asked, None, HTML, move |app, snapshot| {
        let mut known: Vec<(&SourceView, Past, Promised)> = Vec::new();
        for view in chosen(snapshot, &query.all("source")) {
            let read = app.0.store.here(|store| {
                let past = load::past(store, snapshot, view, when.window.until(load::known_until(snapshot, view)))?;
                Ok((past, promise(store, snapshot, view, view.source.target.as_ref(), &when)?))
            });
            let (past, promise) = read.map_err(|error| Fail::store(&error))?;
            known.push((view, past, promise));
        }
        let reports: Vec<_> = known
            .iter()
            .map(|(view, past, _)| report(past, when.window.until(load::known_until(snapshot, view)), &when.zone))
            .collect();
        let columns: Vec<Compared<'_>> = known
            .iter()
            .zip(&reports)
            .map(|((view, past, promise), report)| Compared {
                id: view.source.id.as_str(),
                name: &view.source.name,
                report,
                promise: promise.as_ref(),
                cut: past.cut,
            })
            .collect();
        Ok(app.0.pages.compare(snapshot, windows(snapshot, &when), &columns)?.into_bytes())
    })
    .await
}

/// One vendor for its review.
pub(super) async fn review(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    let zone = &snapshot.page.timezone;
    let when = When::read(&query, &snapshot, zone)?;
    let name = when.name(&format!("/reports/sources/{id}"), zone);
    answer(&app, &asked, name, HTML, move |app, snapshot| {
        let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
        let window = when.window.until(load::known_until(snapshot, view));
        let store = &app.0.store;
        let past =
            store.here(|store| load::past(store, snapshot, view, window)).map_err(|error| Fail::store(&error))?;
        let made = store.here(|store| reviewed(store, snapshot, view, &past, &when));
        let Reviewed { report, promise, evidence } = made.map_err(|error| Fail::store(&error))?;
        let courses = told(&past);
        let input = render::Reviewed {
            report: &report,
            said: render::Said { courses: &courses, evidence: &evidence },
            promise: promise.as_ref(),
            planned: &past.planned,
            cut: past.cut,
        };
        let shown = render::windows(window, &when.zone_name, &when.given);
        Ok(app.0.pages.review(snapshot, view, shown, &input)?.into_bytes())
    })
    .await
}

/// The days of a source's own bar, by the calendar of the page; none where the store cannot say.
///
/// # Errors
/// Where another number of days is asked for than there is.
pub(in crate::http) async fn source_bar(
    app: &App,
    snapshot: &Snapshot,
    view: &SourceView,
    raw: Option<String>,
) -> Result<Vec<Part>, Fail> {
    let id = view.source.id.clone();
    let until = load::known_until(snapshot, view);
    bar(app, snapshot, until, raw, move |store, window| load::source(store, &id, window)).await
}

/// The same of a service.
///
/// # Errors
/// Where another number of days is asked for than there is.
pub(in crate::http) async fn service_bar(
    app: &App,
    snapshot: &Snapshot,
    view: &ServiceView,
    raw: Option<String>,
) -> Result<Vec<Part>, Fail> {
    let id = view.service.id.clone();
    bar(app, snapshot, snapshot.generated_at, raw, move |store, window| load::service(store, &id, window)).await
}

async fn bar(
    app: &App,
    snapshot: &Snapshot,
    until: Timestamp,
    raw: Option<String>,
    load: impl FnOnce(&Store, Window) -> Result<Vec<Span>, StoreError> + Send + 'static,
) -> Result<Vec<Part>, Fail> {
    let query = Query::read(raw);
    let count = match query.get("days")?.map(|text| text.parse()) {
        None => BARS[0],
        Some(Ok(count)) if BARS.contains(&count) => count,
        Some(_) => return Err(bad("days", "must be one of: 30, 90, 365".to_owned())),
    };
    let zone = render::zone(&snapshot.page.timezone);
    // The bar ends today, also where the last good reading was yesterday.
    let window = Window::last_days(count, snapshot.generated_at, &zone);
    let read = app.0.store.look(move |store| -> Result<Vec<Part>, StoreError> {
        let spans = load(store, window.until(until))?;
        Ok(days(&spans, window, &zone))
    });
    Ok(read.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the bar of a page cannot be made");
        Vec::new()
    }))
}
