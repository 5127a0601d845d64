//! Reports for programs: all sources, some side by side, one whole, and what a claim for a credit rests on.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::asked::{Form, Query, When, answer, formed};
use super::table::{Table, moment, seconds};
use super::uptime::{TALLY, cells};
use super::{Reviewed, chosen, load, promise, reviewed, told};
use crate::history::incidents::{Course, during};
use crate::history::report::{Line, Past, report};
use crate::history::targets::Budget;
use crate::history::{Outage, Tally, outages};
use crate::http::App;
use crate::http::error::Fail;
use crate::http::lists::bad;
use crate::http::wire::Problem;
use crate::http::wire::evidence::{Clocked, Component, Down, Planned, Review};
use crate::http::wire::figures::{All, Figure, Promise, Row, Scorecard, Scorecards, Span};
use crate::model::receipt::Evidence;
use crate::model::snapshot::{Snapshot, SourceView};
use crate::model::target::Target;
use crate::store::StoreError;

/// The calendar where none is named.
const ZONE: &str = "UTC";

/// Reads what a list says of every source: marks of the whole, and the index of incidents.
pub(super) fn lines(app: &App, snapshot: &Snapshot, when: &When) -> Result<Vec<Line>, Fail> {
    let line = |view: &SourceView| -> Result<Line, StoreError> {
        app.0.store.here(|store| {
            let window = when.window.until(load::known_until(snapshot, view));
            let spans = load::source(store, &view.source.id, window)?;
            let tally = Tally::of(&spans);
            let count = store.incident_count(&view.source.id, window.from(), window.to())?;
            Ok(Line {
                id: view.source.id.to_string(),
                name: view.source.name.clone(),
                outages: outages(&spans, &Target::DOWN),
                incidents: (count > 0 || tally.unobserved < window.length()).then_some(count),
                promise: promise(store, snapshot, view, view.source.target.as_ref(), when)?,
                tally,
            })
        })
    };
    snapshot.sources.iter().map(|view| line(view).map_err(|error| Fail::store(&error))).collect()
}

/// Uptime of all sources over one window.
#[utoipa::path(get, path = "/api/v1/reports/uptime", tag = "history",
    params(("window" = Option<String>, Query, description = "`30d`, `90d` (the default), `365d`, `month`, `last-month`, `quarter`, `last-quarter`, `2026-10`, `2026-Q3`"),
        ("days" = Option<u16>, Query, description = "the last so many days, today included"),
        ("from" = Option<String>, Query, description = "a day or a moment; outweighs the others"),
        ("to" = Option<String>, Query, description = "a day, which is in, or a moment, which is not"),
        ("timezone" = Option<String>, Query, description = "`UTC` (the default), `page`, or an IANA name"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; outweighs `Accept`")),
    responses((status = 200, description = "every source; as CSV a row each", content((All = "application/json"), (String = "text/csv"))),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn all(
    State(app): State<App>,
    asked: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    let (when, form) = (When::read(&query, &snapshot, ZONE)?, Form::read(&query, &asked)?);
    let name = when.name(&format!("/api/v1/reports/uptime/{form:?}"), ZONE);
    let made = answer(&app, &asked, name, form.kind(), move |app, snapshot| {
        let lines = lines(app, snapshot, &when)?;
        if form == Form::Csv {
            return Ok(all_rows(&lines));
        }
        let row = |line: &Line| Row {
            id: line.id.clone(),
            name: line.name.clone(),
            figure: Figure::of(&line.tally),
            outages: line.outages.len(),
            incidents: line.incidents,
            target: line.promise.as_ref().map(|(target, budget)| Promise::of(target, budget)),
        };
        let window = Span::of(when.window.until(snapshot.generated_at), &when.zone_name);
        Ok(serde_json::to_vec(&All { window, items: lines.iter().map(row).collect() })?)
    });
    Ok(formed(made.await?, form, "uptime"))
}

fn all_rows(lines: &[Line]) -> Vec<u8> {
    let head: Vec<&str> =
        ["id", "name"].into_iter().chain(TALLY).chain(["outages", "incidents", "target", "target_standing"]).collect();
    let mut table = Table::new(&head);
    for line in lines {
        let (target, standing) = match &line.promise {
            Some((target, budget)) => (target.uptime.to_string(), budget.standing.as_str().to_owned()),
            None => (String::new(), String::new()),
        };
        let count = line.incidents.map(|count| count.to_string()).unwrap_or_default();
        let tail = [line.outages.len().to_string(), count, target, standing];
        table.row([line.id.clone(), line.name.clone()].into_iter().chain(cells(&line.tally)).chain(tail));
    }
    table.bytes()
}

/// Several vendors side by side: how much they were up, and how they handled their incidents.
#[utoipa::path(get, path = "/api/v1/reports/scorecard", tag = "history",
    params(("source" = Option<Vec<String>>, Query, description = "a source; give it several times, at most six"),
        ("window" = Option<String>, Query, description = "as of `/api/v1/reports/uptime`"),
        ("days" = Option<u16>, Query, description = "the last so many days, today included"),
        ("from" = Option<String>, Query, description = "a day or a moment; outweighs the others"),
        ("to" = Option<String>, Query, description = "a day, which is in, or a moment, which is not"),
        ("timezone" = Option<String>, Query, description = "`UTC` (the default), `page`, or an IANA name"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; outweighs `Accept`")),
    responses((status = 200, description = "the vendors; as CSV a row for each month of each", content((Scorecards = "application/json"), (String = "text/csv"))),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn scorecard(
    State(app): State<App>,
    asked: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    let (when, form) = (When::read(&query, &snapshot, ZONE)?, Form::read(&query, &asked)?);
    if let Some(unknown) = query.all("source").into_iter().find(|id| snapshot.source(id).is_none()) {
        return Err(bad(
            "source",
            format!("names `{}`, which is no source", unknown.chars().take(80).collect::<String>()),
        ));
    }
    let made = answer(&app, &asked, None, form.kind(), move |app, snapshot| {
        let mut cards = Vec::new();
        let head = ["id", "name", "month"].into_iter().chain(TALLY).chain(HANDLING);
        let mut table = Table::new(&head.collect::<Vec<_>>());
        for view in chosen(snapshot, &query.all("source")) {
            let (past, promise) = read_past(app, snapshot, view, &when)?;
            let report = report(&past, when.window.until(load::known_until(snapshot, view)), &when.zone);
            for (part, figures) in &report.months {
                let month = part.date.strftime("%Y-%m").to_string();
                let lead = [view.source.id.to_string(), view.source.name.clone(), month];
                table.row(lead.into_iter().chain(cells(&part.tally)).chain(handling(figures)));
            }
            let promise = promise.map(|(target, budget)| Promise::of(&target, &budget));
            cards.push(Scorecard::of(view.source.id.as_str(), &view.source.name, &report, promise, past.cut));
        }
        match form {
            Form::Csv => Ok(table.bytes()),
            Form::Json => {
                let window = Span::of(when.window.until(snapshot.generated_at), &when.zone_name);
                Ok(serde_json::to_vec(&Scorecards { window, items: cards })?)
            }
        }
    });
    Ok(formed(made.await?, form, "scorecard"))
}

const HANDLING: [&str; 5] = [
    "incidents",
    "acknowledge_median_seconds",
    "acknowledge_longest_seconds",
    "resolve_median_seconds",
    "resolve_longest_seconds",
];

fn handling(figures: &crate::history::incidents::Figures) -> [String; 5] {
    [
        figures.count.map(|count| count.to_string()).unwrap_or_default(),
        seconds(figures.acknowledge.median),
        seconds(figures.acknowledge.longest),
        seconds(figures.resolve.median),
        seconds(figures.resolve.longest),
    ]
}

type Known = (Past, Option<(Target, Budget)>);

fn read_past(app: &App, snapshot: &Snapshot, view: &SourceView, when: &When) -> Result<Known, Fail> {
    let window = when.window.until(load::known_until(snapshot, view));
    let read = app.0.store.here(|store| {
        let past = load::past(store, snapshot, view, window)?;
        Ok((past, promise(store, snapshot, view, view.source.target.as_ref(), when)?))
    });
    read.map_err(|error| Fail::store(&error))
}

/// Everything about one vendor: figures, months, components, incidents and outages with their evidence.
#[utoipa::path(get, path = "/api/v1/reports/sources/{id}", tag = "history",
    params(("id" = String, Path),
        ("window" = Option<String>, Query, description = "as of `/api/v1/reports/uptime`"),
        ("days" = Option<u16>, Query, description = "the last so many days, today included"),
        ("from" = Option<String>, Query, description = "a day or a moment; outweighs the others"),
        ("to" = Option<String>, Query, description = "a day, which is in, or a moment, which is not"),
        ("timezone" = Option<String>, Query, description = "`UTC` (the default), `page`, or an IANA name"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; outweighs `Accept`")),
    responses((status = 200, description = "the review; as CSV its incidents, a row each", content((Review = "application/json"), (String = "text/csv"))),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such source", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn review(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    let (when, form) = (When::read(&query, &snapshot, ZONE)?, Form::read(&query, &asked)?);
    let name = when.name(&format!("/api/v1/reports/sources/{id}/{form:?}"), ZONE);
    let file = format!("incidents-{id}");
    let made = answer(&app, &asked, name, form.kind(), move |app, snapshot| {
        let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
        let window = when.window.until(load::known_until(snapshot, view));
        let store = &app.0.store;
        let past =
            store.here(|store| load::past(store, snapshot, view, window)).map_err(|error| Fail::store(&error))?;
        let made = store.here(|store| reviewed(store, snapshot, view, &past, &when));
        let Reviewed { report, promise, evidence } = made.map_err(|error| Fail::store(&error))?;
        if form == Form::Csv {
            return Ok(incident_rows(&report.courses));
        }
        let all = told(&past);
        let promise = promise.map(|(target, budget)| Promise::of(&target, &budget));
        let document = Review {
            window: Span::of(window, &when.zone_name),
            card: Scorecard::of(view.source.id.as_str(), &view.source.name, &report, promise, past.cut),
            components: report
                .components
                .iter()
                .map(|(piece, tally)| Component {
                    id: piece.id.to_string(),
                    path: piece.path.clone(),
                    counted: piece.counted,
                    figure: Figure::of(tally),
                })
                .collect(),
            timeline: report.courses.iter().map(|course| Clocked::of(course, &evidence)).collect(),
            downtime: downs(&report.outages, &all, &evidence),
            planned: past.planned.iter().map(Planned::of).collect(),
        };
        Ok(serde_json::to_vec(&document)?)
    });
    Ok(formed(made.await?, form, &file))
}

pub(super) fn downs(outages: &[Outage], courses: &[Course<'_>], evidence: &Evidence) -> Vec<Down> {
    outages.iter().map(|outage| Down::of(outage, &during(courses, outage.window), evidence)).collect()
}

fn incident_rows(courses: &[Course<'_>]) -> Vec<u8> {
    let mut table = Table::new(&[
        "id",
        "title",
        "impact",
        "began_at",
        "posted_at",
        "resolved_at",
        "noticed_at",
        "noticed_by",
        "acknowledge_seconds",
        "resolve_seconds",
    ]);
    for course in courses {
        let incident = course.incident;
        table.row([
            incident.id.to_string(),
            incident.title.clone(),
            incident.impact.map(|impact| impact.as_str().to_owned()).unwrap_or_default(),
            moment(course.began),
            moment(course.posted),
            moment(incident.resolved_at),
            moment(course.notice.map(|notice| notice.at)),
            course.notice.map(|notice| notice.sign.as_str().to_owned()).unwrap_or_default(),
            seconds(course.acknowledged),
            seconds(course.resolved),
        ]);
    }
    table.bytes()
}
