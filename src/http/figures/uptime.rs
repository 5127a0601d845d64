//! Uptime of one source, one component or one service.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::asked::{Form, Query, When, answer, formed};
use super::load;
use super::table::{Table, seconds, share};
use crate::history::uptime::{Part, Tally, days, months};
use crate::history::{Span, Window};
use crate::http::App;
use crate::http::error::Fail;
use crate::http::lists::word;
use crate::http::wire::Problem;
use crate::http::wire::figures::{Figure, Piece, Span as Of, Uptime};
use crate::model::level::State as Level;
use crate::model::snapshot::SourceView;
use crate::store::StoreError;

/// The calendar where none is named.
const ZONE: &str = "UTC";

/// How fine the parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grain {
    Day,
    Month,
}

impl Grain {
    fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    fn read(query: &Query) -> Result<Self, Fail> {
        let all = [Self::Day, Self::Month];
        let read = |text: &str| all.into_iter().find(|grain| grain.as_str() == text);
        let given = query.get("granularity")?;
        Ok(word("granularity", given, read, || all.map(Self::as_str).join(", "))?.unwrap_or(Self::Day))
    }
}

/// Uptime of a source or of one of its components.
#[utoipa::path(get, path = "/api/v1/sources/{id}/uptime", tag = "history",
    params(("id" = String, Path),
        ("component" = Option<String>, Query, description = "path or id of one component"),
        ("window" = Option<String>, Query, description = "`30d`, `90d` (the default), `365d`, `month`, `last-month`, `quarter`, `last-quarter`, `2026-10`, `2026-Q3`"),
        ("days" = Option<u16>, Query, description = "the last so many days, today included"),
        ("from" = Option<String>, Query, description = "a day or a moment; outweighs the others"),
        ("to" = Option<String>, Query, description = "a day, which is in, or a moment, which is not; now where it is missing"),
        ("timezone" = Option<String>, Query, description = "the calendar of days and months: `UTC` (the default), `page`, or an IANA name"),
        ("granularity" = Option<String>, Query, description = "`day` (the default) or `month`"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; outweighs `Accept`")),
    responses((status = 200, description = "the figures; as CSV the parts, a row each", content((Uptime = "application/json"), (String = "text/csv"))),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such source or component", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn source(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    let (when, form, grain) = (When::read(&query, &snapshot, ZONE)?, Form::read(&query, &asked)?, Grain::read(&query)?);
    let component = query.get("component")?;
    if let Some(component) = &component {
        listed(view, component)?;
    }
    let document = format!("/api/v1/sources/{id}/uptime/{}/{form:?}", grain.as_str());
    let name = when.name(&document, ZONE).filter(|_| component.is_none());
    let file = format!("uptime-{id}");
    let made = answer(&app, &asked, name, form.kind(), move |app, snapshot| {
        let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
        let window = when.window.until(load::known_until(snapshot, view));
        let part = component.as_deref().map(|component| listed(view, component)).transpose()?;
        let read = app.0.store.here(|store| match &part {
            Some(part) => load::component(store, &view.source.id, &part.id, window),
            None => load::source(store, &view.source.id, window),
        });
        let spans = read.map_err(|error: StoreError| Fail::store(&error))?;
        let thing = Thing {
            id: view.source.id.as_str(),
            name: &view.source.name,
            component: part.map(|part| part.path.clone()),
        };
        shaped(&thing, &spans, window, &when, grain, form)
    });
    Ok(formed(made.await?, form, &file))
}

/// Uptime of a service of the team, by what the team declared.
#[utoipa::path(get, path = "/api/v1/services/{id}/uptime", tag = "history",
    params(("id" = String, Path),
        ("window" = Option<String>, Query, description = "as of sources"),
        ("days" = Option<u16>, Query, description = "the last so many days, today included"),
        ("from" = Option<String>, Query, description = "a day or a moment; outweighs the others"),
        ("to" = Option<String>, Query, description = "a day, which is in, or a moment, which is not"),
        ("timezone" = Option<String>, Query, description = "`UTC` (the default), `page`, or an IANA name"),
        ("granularity" = Option<String>, Query, description = "`day` (the default) or `month`"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; outweighs `Accept`")),
    responses((status = 200, description = "the figures; as CSV the parts, a row each", content((Uptime = "application/json"), (String = "text/csv"))),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such service", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn service(
    State(app): State<App>,
    asked: HeaderMap,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fail> {
    let query = Query::read(raw);
    let snapshot = app.0.ready.load().snapshot.clone();
    let (when, form, grain) = (When::read(&query, &snapshot, ZONE)?, Form::read(&query, &asked)?, Grain::read(&query)?);
    if !snapshot.services.iter().any(|view| view.service.id.as_str() == id) {
        return Err(Fail::NotFound("service"));
    }
    let name = when.name(&format!("/api/v1/services/{id}/uptime/{}/{form:?}", grain.as_str()), ZONE);
    let file = format!("uptime-{id}");
    let made = answer(&app, &asked, name, form.kind(), move |app, snapshot| {
        let view = snapshot.services.iter().find(|view| view.service.id.as_str() == id);
        let service = &view.ok_or(Fail::NotFound("service"))?.service;
        let window = when.window.until(snapshot.generated_at);
        let read = app.0.store.here(|store| load::service(store, &service.id, window));
        let spans = read.map_err(|error| Fail::store(&error))?;
        let thing = Thing { id: service.id.as_str(), name: &service.name, component: None };
        shaped(&thing, &spans, window, &when, grain, form)
    });
    Ok(formed(made.await?, form, &file))
}

/// The component of this path or id.
fn listed<'a>(view: &'a SourceView, wanted: &str) -> Result<&'a crate::model::snapshot::ComponentView, Fail> {
    let found = view.components.iter().find(|one| one.id.as_str() == wanted);
    found.or_else(|| view.components.iter().find(|one| one.path == wanted)).ok_or(Fail::NotFound("component"))
}

struct Thing<'a> {
    id: &'a str,
    name: &'a str,
    component: Option<String>,
}

fn shaped(
    thing: &Thing<'_>,
    spans: &[Span],
    window: Window,
    when: &When,
    grain: Grain,
    form: Form,
) -> Result<Vec<u8>, Fail> {
    let parts = match grain {
        Grain::Day => days(spans, window, &when.zone),
        Grain::Month => months(spans, window, &when.zone),
    };
    if form == Form::Csv {
        return Ok(rows(thing, &parts));
    }
    let document = Uptime {
        id: thing.id.to_owned(),
        name: thing.name.to_owned(),
        component: thing.component.clone(),
        window: Of::of(window, &when.zone_name),
        figure: Figure::of(&Tally::of(spans)),
        granularity: grain.as_str(),
        items: parts.iter().map(Piece::of).collect(),
    };
    Ok(serde_json::to_vec(&document)?)
}

/// The headings of what a tally says.
pub(super) const TALLY: [&str; 10] = [
    "uptime_with_maintenance",
    "uptime_without_maintenance",
    "coverage",
    "operational_seconds",
    "under_maintenance_seconds",
    "degraded_performance_seconds",
    "partial_outage_seconds",
    "major_outage_seconds",
    "unknown_seconds",
    "not_observed_seconds",
];

/// The cells under them.
pub(super) fn cells(tally: &Tally) -> [String; 10] {
    [
        share(tally.with_maintenance()),
        share(tally.without_maintenance()),
        share(tally.coverage()),
        seconds(Some(tally.operational)),
        seconds(Some(tally.maintenance)),
        seconds(Some(tally.degraded)),
        seconds(Some(tally.partial)),
        seconds(Some(tally.major)),
        seconds(Some(tally.unknown)),
        seconds(Some(tally.unobserved)),
    ]
}

fn rows(thing: &Thing<'_>, parts: &[Part]) -> Vec<u8> {
    let head: Vec<&str> = ["id", "component", "date", "worst"].into_iter().chain(TALLY).collect();
    let mut table = Table::new(&head);
    for part in parts {
        let lead = [
            thing.id.to_owned(),
            thing.component.clone().unwrap_or_default(),
            part.date.to_string(),
            part.worst.map_or("", Level::as_str).to_owned(),
        ];
        table.row(lead.into_iter().chain(cells(&part.tally)));
    }
    table.bytes()
}
