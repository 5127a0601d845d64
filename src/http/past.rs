//! What was: the page of a past moment, what is different between two, and the timeline of an incident.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::App;
use super::api::made;
use super::auth::{Access, Caller, Routes};
use super::error::Fail;
use super::ready::{HTML, JSON};
use super::wire::Problem;
use super::{decisions, find, moment, receipts};
use crate::history::window::Window;
use crate::history::{difference, spans, timeline, uptime};
use crate::limits;
use crate::model::actor::Role;
use crate::model::days::DAYS;
use crate::model::event::Event;
use crate::model::id::SourceId;
use crate::model::level::State;
use crate::model::mark::{Mark, Track};
use crate::model::news::Thread;
use crate::model::past::{Past, Shown};
use crate::model::people::Scope;
use crate::model::snapshot::IncidentView;
use crate::render::{Gap, Then};
use crate::wire::past::{Difference, Timeline, markdown};
use crate::wire::summary::Summary;

const MARKDOWN: &str = "text/markdown; charset=utf-8";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/diff", Access::Page, diff).get("/api/v1/diff", Access::Page, diff_json).get(
        "/api/v1/incidents/{id}/timeline",
        Access::Page,
        of_incident,
    )
}

/// Which moment is asked for; none: now.
#[derive(Debug, Default, Deserialize)]
pub(super) struct At {
    at: Option<String>,
}

impl At {
    /// The moment, where one is asked for.
    pub(super) fn read(&self, app: &App) -> Result<Option<Timestamp>, Fail> {
        let text = self.at.as_deref().filter(|text| !text.trim().is_empty());
        text.map(|text| moment::past(app, "at", text)).transpose()
    }
}

/// Which two moments are compared.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Between {
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn page_at(app: &App, at: Timestamp) -> Result<Past, Fail> {
    let page = app.0.ready.load().snapshot.page.clone();
    let read = app.0.store.run(move |store| store.past(at, &page));
    read.await.map_err(|error| Fail::store(&error))
}

/// A page that was shown, or why there is none.
async fn shown_at(app: &App, name: &'static str, at: Timestamp) -> Result<Box<Shown>, Fail> {
    match page_at(app, at).await? {
        Past::Shown(shown) => Ok(shown),
        Past::Asleep { since, until } => {
            let until = until.map_or_else(String::new, |until| format!(" until {until:.0}"));
            let problem = format!("is from when allclear was not running: nothing was observed from {since:.0}{until}");
            Err(Fail::Parameter { name, problem })
        }
        Past::Before { first } => {
            let first = first.map_or_else(|| "nothing is kept yet".to_owned(), |at| format!("it begins at {at:.0}"));
            Err(Fail::Parameter { name, problem: format!("is from before what is kept: {first}") })
        }
    }
}

/// The page as it stood at a moment.
pub(super) async fn status(app: &App, asked: &HeaderMap, at: Timestamp) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let zone = moment::zone(app);
    let html = match page_at(app, at).await? {
        Past::Shown(mut shown) => {
            days_until(app, &mut shown, at).await?;
            app.0.pages.then(&shown, &Then { at, zone })?
        }
        Past::Asleep { since, until } => {
            app.0.pages.gap(&snapshot, &Then { at, zone }, Gap { from: Some(since), to: until })?
        }
        Past::Before { first } => app.0.pages.gap(&snapshot, &Then { at, zone }, Gap { from: None, to: first })?,
    };
    made(asked, &snapshot, HTML, html.into_bytes()).await
}

/// Puts the 90 days before a moment into its page: what is remembered of states says them.
async fn days_until(app: &App, shown: &mut Shown, at: Timestamp) -> Result<(), Fail> {
    let count = u16::try_from(DAYS).unwrap_or(u16::MAX);
    let window = Window::last_days(count, at, &TimeZone::UTC);
    let sources: Vec<SourceId> = shown.snapshot.sources.iter().map(|view| view.source.id.clone()).collect();
    let read = app.0.store.run(move |store| {
        let marks = |id: SourceId| store.marks(&Track::Source(id), window.from(), window.to());
        sources.into_iter().map(marks).collect::<Result<Vec<_>, _>>()
    });
    let all = read.await.map_err(|error| Fail::store(&error))?;
    for (view, marks) in shown.snapshot.sources.iter_mut().zip(all) {
        // As the page has it: a day on which it could not be read for a while is unknown where nothing worse was seen.
        let told = |mark: Mark| Mark { state: mark.state.or(Some(State::Unknown)), ..mark };
        let marks: Vec<Mark> = marks.into_iter().map(told).collect();
        let days = uptime::days(&spans::spans(&marks, window), window, &TimeZone::UTC);
        let view = Arc::make_mut(view);
        view.days = days.iter().map(|day| day.worst).collect();
        // What could not be read is said as loudly as it was then; when it was tried is not kept.
        let tried = view.freshness.error.is_some() || view.last_known.is_some();
        view.freshness.checked_at = view.freshness.ok_at.or(Some(at).filter(|_| tried));
    }
    Ok(())
}

/// The summary as it stood at a moment.
pub(super) async fn summary(app: &App, asked: &HeaderMap, at: Timestamp) -> Result<Response, Fail> {
    let shown = shown_at(app, "at", at).await?;
    let bytes = serde_json::to_vec(&Summary::of(&shown.snapshot))?;
    made(asked, &app.0.ready.load().snapshot, JSON, bytes).await
}

struct Compared {
    from: Timestamp,
    to: Timestamp,
    found: difference::Difference,
}

/// Compares two moments; the later one is now where it is not given.
async fn compare(app: &App, between: &Between) -> Result<Compared, Fail> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let Some(from) = given(&between.from) else {
        return Err(Fail::Parameter { name: "from", problem: "must be given: the earlier moment".to_owned() });
    };
    let from = moment::past(app, "from", &from)?;
    let present = app.0.ready.load().snapshot.clone();
    let before = shown_at(app, "from", from).await?;
    let (to, found) = match given(&between.to) {
        None => (present.generated_at.max(from), difference::between(&before.snapshot, &present)),
        Some(text) => {
            let to = moment::past(app, "to", &text)?;
            let after = shown_at(app, "to", to).await?;
            (to, difference::between(&before.snapshot, &after.snapshot))
        }
    };
    if to < from {
        return Err(Fail::Parameter { name: "to", problem: "must not be before `from`".to_owned() });
    }
    Ok(Compared { from, to, found })
}

async fn diff(Shared(app): Shared<App>, asked: HeaderMap, Query(between): Query<Between>) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let zone = moment::zone(&app);
    let html = if between.from.is_some() {
        let Compared { from, to, found } = compare(&app, &between).await?;
        app.0.pages.difference(&snapshot, (from, to), &zone, Some(&found))?
    } else {
        // Nothing is asked for yet: the last day is offered.
        let to = snapshot.generated_at;
        let from = to.checked_sub(limits::DAY).unwrap_or(to);
        app.0.pages.difference(&snapshot, (from, to), &zone, None)?
    };
    made(&asked, &snapshot, HTML, html.into_bytes()).await
}

/// What is different between two moments.
#[utoipa::path(get, path = "/api/v1/diff", tag = "history",
    params(("from" = String, Query, description = "the earlier moment: RFC 3339, or `-2h`"),
        ("to" = Option<String>, Query, description = "the later moment; now where it is not given")),
    responses((status = 200, description = "what is different", body = Difference),
        (status = 400, description = "a parameter is wrong, or nothing is kept of that moment", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "the history cannot be read now", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn diff_json(
    Shared(app): Shared<App>,
    asked: HeaderMap,
    Query(between): Query<Between>,
) -> Result<Response, Fail> {
    let Compared { from, to, found } = compare(&app, &between).await?;
    let bytes = serde_json::to_vec(&Difference::of(from, to, &found))?;
    made(&asked, &app.0.ready.load().snapshot, JSON, bytes).await
}

/// In which form a timeline is wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Form {
    format: Option<String>,
}

/// What happened around an incident: what was said, what was noticed here and, for who may know, our notes and who was
/// told.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/timeline", tag = "history",
    params(("id" = String, Path), ("format" = Option<String>, Query, description = "`json`, or `md` for Markdown")),
    responses((status = 200, description = "what happened, the oldest first", body = Timeline),
        (status = 404, description = "no such incident", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn of_incident(
    Shared(app): Shared<App>,
    caller: Caller,
    asked: HeaderMap,
    Path(id): Path<String>,
    Query(form): Query<Form>,
) -> Result<Response, Fail> {
    let as_markdown = match form.format.as_deref() {
        None | Some("json") => false,
        Some("md" | "markdown") => true,
        Some(_) => return Err(Fail::Parameter { name: "format", problem: "must be one of: json, md".to_owned() }),
    };
    let snapshot = app.0.ready.load().snapshot.clone();
    let knows = may_know(&caller);
    // What only we see is not waited for by whoever wrote it: the newest of ours is asked for.
    let ours = if knows { find::ours(&app, &snapshot, &id).await?.map(Arc::new) } else { None };
    let view = match ours {
        Some(view) => view,
        None => find::incident(&app, &snapshot, &id).await?,
    };
    let events = around(&app, &view).await?;
    let told = &view.incident;
    let evidence = receipts::evidence(&app, &snapshot, told.source.as_ref(), &events, &told.updates).await;
    let log = if knows { decisions::log(&app, vec![Thread::Incident(told.id.clone())], 0).await? } else { Vec::new() };
    let names = decisions::names(&app);
    let parts = timeline::Parts { view: &view, events: &events, evidence: &evidence, told: &log, with_notes: knows };
    let entries = timeline::timeline(&parts, &|receiver| decisions::name(&names, receiver));
    if as_markdown {
        let base = snapshot.page.url.as_deref().map_or("", |url| url.trim_end_matches('/'));
        return made(&asked, &snapshot, MARKDOWN, markdown(&view, &entries, base).into_bytes()).await;
    }
    made(&asked, &snapshot, JSON, serde_json::to_vec(&Timeline::of(&view, &entries))?).await
}

/// Our notes and who was told are for whoever may declare and judge.
fn may_know(caller: &Caller) -> bool {
    match caller {
        Caller::Nobody(_) => false,
        Caller::Person(person) => person.role >= Role::Operator && !person.must_enrol,
        Caller::Token(token) => token.may(Scope::Messages),
    }
}

/// The events of an incident, and those of its source while it went on.
async fn around(app: &App, view: &IncidentView) -> Result<Vec<Event>, Fail> {
    let incident = &view.incident;
    let (id, source) = (incident.id.to_string(), incident.source.clone());
    let from = incident.began_at().min(incident.first_seen_at);
    let until = incident.resolved_at.unwrap_or(Timestamp::MAX).max(incident.first_seen_at);
    let read = app.0.store.run(move |store| {
        let mut events = store.events_of(None, Some(&id), None, limits::TIMELINE)?.items;
        if let Some(source) = &source {
            let beside = store.events_between(Some(source), from, until, limits::TIMELINE)?;
            let known: std::collections::HashSet<u64> = events.iter().map(|event| event.seq).collect();
            events.extend(beside.into_iter().filter(|event| !known.contains(&event.seq)));
        }
        Ok(events)
    });
    read.await.map_err(|error| Fail::store(&error))
}
