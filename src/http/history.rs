//! Past incidents and maintenances, day by day.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::App;
use super::api::made;
use super::auth::{Access, Routes};
use super::error::Fail;
use super::ready::HTML;
use super::{find, moment};
use crate::limits;
use crate::model::id::SourceId;
use crate::model::incident::Origin;
use crate::model::level::Impact;
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot};
use crate::render::Days;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/history", Access::Page, page)
}

/// What is asked for. A form sends what was not chosen as an empty word.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    source: Option<String>,
    tag: Option<String>,
    impact: Option<String>,
    origin: Option<String>,
    until: Option<String>,
}

/// The same, understood.
struct Wanted {
    tag: Option<String>,
    impact: Option<Impact>,
    origin: Option<Origin>,
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl Asked {
    fn read(&self) -> Result<Wanted, Fail> {
        let fail = |name, words: &str| Fail::Parameter { name, problem: format!("must be one of: {words}") };
        let impact = match given(self.impact.as_ref()) {
            None => None,
            Some(word) => {
                let words = || fail("impact", &Impact::ALL.map(Impact::as_str).join(", "));
                Some(Impact::from_word(word).ok_or_else(words)?)
            }
        };
        let origin = match given(self.origin.as_ref()) {
            None => None,
            Some("upstream") => Some(Origin::Upstream),
            Some("local") => Some(Origin::Local),
            Some(_) => return Err(fail("origin", "upstream, local")),
        };
        Ok(Wanted { tag: given(self.tag.as_ref()).map(str::to_owned), impact, origin })
    }

    fn filters(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("source", self.source.as_ref()),
            ("tag", self.tag.as_ref()),
            ("impact", self.impact.as_ref()),
            ("origin", self.origin.as_ref()),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, given(value)?))).collect()
    }
}

impl Wanted {
    fn fits(&self, snapshot: &Snapshot, source: Option<&SourceId>, origin: Origin) -> bool {
        let tagged = |tag: &String| {
            let view = source.and_then(|id| snapshot.source(id.as_str()));
            view.is_some_and(|view| view.source.tags.contains(tag))
        };
        self.origin.is_none_or(|wanted| wanted == origin) && self.tag.as_ref().is_none_or(tagged)
    }
}

/// What both kinds are looked for by.
struct Span {
    source: Option<SourceId>,
    from: Timestamp,
    to: Timestamp,
}

async fn page(State(app): State<App>, asked: HeaderMap, Query(query): Query<Asked>) -> Result<Response, Fail> {
    let wanted = query.read()?;
    let snapshot = app.0.ready.load().snapshot.clone();
    let zone = moment::zone(&app);
    let now = app.0.clock.now().wall;
    let today = now.to_zoned_datetime(zone.clone()).date();
    let last = match given(query.until.as_ref()) {
        Some(text) => moment::day("until", text)?.min(today),
        None => today,
    };
    let first = last.saturating_sub((limits::HISTORY_DAYS - 1).days());
    let midnight = |day: Date| zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible();
    let span = Span {
        // Ours have no source: they are looked for by themselves, not among the newest of everybody.
        source: match given(query.source.as_ref()) {
            None if wanted.origin == Some(Origin::Local) => Some(SourceId::new("")),
            given => given.map(SourceId::new),
        },
        from: midnight(first).unwrap_or(Timestamp::MIN),
        to: midnight(last.saturating_add(1.day())).unwrap_or(Timestamp::MAX).min(now),
    };
    let (incidents, maintenances) = read(&app, span).await?;
    let cut = incidents.len() >= limits::HISTORY_ITEMS || maintenances.len() >= limits::HISTORY_ITEMS;
    let of_incidents = wanted.impact != Some(Impact::Maintenance);
    let incidents = incidents.into_iter().filter(|one| {
        let public = one.local.as_ref().is_none_or(|local| !local.suggested);
        let impact = wanted.impact.is_none_or(|impact| one.impact == Some(impact));
        of_incidents && public && impact && wanted.fits(&snapshot, one.source.as_ref(), one.origin)
    });
    let incidents: Vec<IncidentView> =
        incidents.map(|one| find::view_incident(&app, &snapshot, one)).filter(|view| view.counted).collect();
    let of_maintenances = wanted.impact.is_none_or(|impact| impact == Impact::Maintenance);
    let maintenances = maintenances
        .into_iter()
        .filter(|one| of_maintenances && wanted.fits(&snapshot, one.source.as_ref(), one.origin));
    let maintenances: Vec<MaintenanceView> =
        maintenances.map(|one| find::view_maintenance(&snapshot, one)).filter(|view| view.counted).collect();
    let filters = query.filters();
    let days = Days { first, last, zone, incidents, maintenances, cut, filters, today };
    let html = app.0.pages.history(&snapshot, &days)?;
    made(&asked, &snapshot, HTML, html.into_bytes()).await
}

type Found = (Vec<crate::model::incident::Incident>, Vec<crate::model::incident::Maintenance>);

async fn read(app: &App, span: Span) -> Result<Found, Fail> {
    let Span { source, from, to } = span;
    let read = app.0.store.run(move |store| {
        let incidents = store.incidents_between(source.as_ref(), from, to, limits::HISTORY_ITEMS)?;
        Ok((incidents, store.maintenances_between(source.as_ref(), from, to, limits::HISTORY_ITEMS)?))
    });
    read.await.map_err(|error| Fail::store(&error))
}
