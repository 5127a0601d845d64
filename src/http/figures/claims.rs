//! What a claim for a credit rests on: for programs, and on a page that prints well.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::asked::{self, Form, Query, When, answer, formed};
use super::reports::downs;
use super::table::{Table, moment, seconds};
use super::{evidence, held, load, told};
use crate::history::incidents::{Course, during};
use crate::history::report::Past;
use crate::history::targets::Budget;
use crate::history::{Outage, Range, Window};
use crate::http::App;
use crate::http::error::Fail;
use crate::http::lists::bad;
use crate::http::ready::HTML;
use crate::http::wire::Problem;
use crate::http::wire::evidence::Claim;
use crate::http::wire::figures::Promise;
use crate::model::level::State as Level;
use crate::model::receipt::Evidence;
use crate::model::snapshot::{Snapshot, SourceView};
use crate::model::target::{Period, Target};
use crate::render;

/// A promise and its period.
struct Claimed {
    target: Target,
    when: When,
}

impl Claimed {
    /// What the address asks for; `None` where neither it nor the configuration names a promise.
    fn read(query: &Query, snapshot: &Snapshot, view: &SourceView) -> Result<Option<Self>, Fail> {
        // A contract goes by the calendar of those who made it.
        let mut when = When::read(query, snapshot, &snapshot.page.timezone)?;
        let Some(mut target) = asked::target(query, view.source.target.as_ref())? else { return Ok(None) };
        if !is_given(query) {
            when.window = Window::of(target.period, snapshot.generated_at, &when.zone);
            when.given = target.period.to_string();
        } else if let Some(range) = Range::read(&when.given, snapshot.generated_at, &when.zone) {
            target.period = range.period();
        }
        Ok(Some(Self { target, when }))
    }
}

fn is_given(query: &Query) -> bool {
    ["window", "days", "from"].iter().any(|name| !query.all(name).is_empty())
}

/// How a promise was kept, and what shows it.
struct Shown {
    past: Past,
    budget: Budget,
    evidence: Evidence,
}

fn shown(app: &App, snapshot: &Snapshot, view: &SourceView, claimed: &Claimed) -> Result<Shown, Fail> {
    let until = load::known_until(snapshot, view);
    let period = claimed.when.window;
    let read = app.0.store.here(|store| {
        let past = load::past(store, snapshot, view, period.until(until))?;
        let budget = held(store, view, &claimed.target, period, until)?;
        let evidence = evidence(store, &view.source.id, &budget.outages, &[])?;
        Ok(Shown { past, budget, evidence })
    });
    read.map_err(|error| Fail::store(&error))
}

/// What a claim for a credit rests on: a promise, how it was kept in one period, and every outage with what the vendor
/// said and sent.
#[utoipa::path(get, path = "/api/v1/reports/sources/{id}/claim", tag = "history",
    params(("id" = String, Path),
        ("target" = Option<String>, Query, description = "the uptime that was promised, as `99.9`; that of the configuration where it is missing"),
        ("window" = Option<String>, Query, description = "as of `/api/v1/reports/uptime`; the target's present period where it is missing"),
        ("from" = Option<String>, Query, description = "a day or a moment; outweighs the others"),
        ("to" = Option<String>, Query, description = "a day, which is in, or a moment, which is not"),
        ("timezone" = Option<String>, Query, description = "`page` (the default), `UTC`, or an IANA name"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; outweighs `Accept`")),
    responses((status = 200, description = "the claim; as CSV its outages, a row each", content((Claim = "application/json"), (String = "text/csv"))),
        (status = 400, description = "a parameter is wrong, or nothing was promised", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such source", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn claim(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    let claimed = Claimed::read(&query, &snapshot, view)?.ok_or_else(|| {
        bad(
            "target",
            "is missing: nothing was promised in `sources.yaml` either; write for example target=99.9".to_owned(),
        )
    })?;
    let form = Form::read(&query, &asked)?;
    let file = format!("claim-{id}");
    let made = answer(&app, &asked, None, form.kind(), move |app, snapshot| {
        let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
        let Shown { past, budget, evidence } = shown(app, snapshot, view, &claimed)?;
        let courses = told(&past);
        if form == Form::Csv {
            return Ok(outage_rows(&budget.outages, &courses, &evidence));
        }
        let document = Claim {
            id: view.source.id.to_string(),
            name: view.source.name.clone(),
            url: view.source.url.clone(),
            target: Promise::of(&claimed.target, &budget),
            outages: downs(&budget.outages, &courses, &evidence),
        };
        Ok(serde_json::to_vec(&document)?)
    });
    Ok(formed(made.await?, form, &file))
}

/// The same to be read, printed and sent; where nothing is promised, it asks what was.
pub(super) async fn page(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    let claimed = Claimed::read(&query, &snapshot, view)?;
    let mut when = When::read(&query, &snapshot, &snapshot.page.timezone)?;
    if !is_given(&query) {
        // What contracts are mostly about.
        when.given = Period::Month.to_string();
    }
    answer(&app, &asked, None, HTML, move |app, snapshot| {
        let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
        let windows = |when: &When| render::windows(when.window, &when.zone_name, &when.given);
        let Some(claimed) = claimed else {
            return Ok(app.0.pages.claim(snapshot, view, windows(&when), None)?.into_bytes());
        };
        let Shown { past, budget, evidence } = shown(app, snapshot, view, &claimed)?;
        let courses = told(&past);
        let input = render::Claimed {
            target: &claimed.target,
            budget: &budget,
            said: render::Said { courses: &courses, evidence: &evidence },
        };
        Ok(app.0.pages.claim(snapshot, view, windows(&claimed.when), Some(&input))?.into_bytes())
    })
    .await
}

fn outage_rows(outages: &[Outage], courses: &[Course<'_>], evidence: &Evidence) -> Vec<u8> {
    let mut table =
        Table::new(&["from", "to", "seconds", "state", "start_seen", "end_seen", "incidents", "titles", "receipts"]);
    for outage in outages {
        let said = during(courses, outage.window);
        let listed =
            |of: &dyn Fn(&Course<'_>) -> String| said.iter().map(|course| of(course)).collect::<Vec<_>>().join("; ");
        let ends = [outage.window.from(), outage.window.to()];
        let hashes = ends.into_iter().flat_map(|at| evidence.at(Some(at)).iter().map(|kept| kept.hash.as_str()));
        table.row([
            moment(Some(outage.window.from())),
            moment(Some(outage.window.to())),
            seconds(Some(outage.window.length())),
            Level::Known(outage.worst).as_str().to_owned(),
            outage.start_seen.to_string(),
            outage.end_seen.to_string(),
            listed(&|course| course.incident.id.to_string()),
            listed(&|course| course.incident.title.clone()),
            hashes.collect::<Vec<_>>().join("; "),
        ]);
    }
    table.bytes()
}
