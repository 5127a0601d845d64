//! `/mcp`: assistants ask over the Model Context Protocol, under the rules of the page.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value};

use super::auth::{Access, Caller, Routes};
use super::error::{Fail, Said};
use super::figures::load;
use super::{App, find, moment, past};
use crate::history::Window;
use crate::history::uptime::Tally;
use crate::limits;
use crate::mcp::{self, Answer, IncidentsAsked, Listed, Page, Question, Status, Subject};
use crate::model::level::Impact;
use crate::model::snapshot::{IncidentView, Snapshot};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.post("/mcp", Access::Page, ask).get("/mcp", Access::Page, nothing_kept).delete(
        "/mcp",
        Access::Page,
        nothing_kept,
    )
}

/// There is no stream to listen to and no session to end.
async fn nothing_kept() -> Fail {
    Fail::Protocol(StatusCode::METHOD_NOT_ALLOWED)
}

async fn ask(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Fail> {
    let url = app.0.ready.load().snapshot.page.url.clone();
    if !may_send(request.headers(), url.as_deref()) {
        return Err(Fail::CrossSite);
    }
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(limits::REQUEST_BODY, to_bytes(body, limits::MCP_BODY)).await {
        Ok(Ok(bytes)) => Body::from(bytes),
        Ok(Err(_)) => return Err(Fail::Protocol(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => return Err(Fail::Protocol(StatusCode::REQUEST_TIMEOUT)),
    };
    let mut response = mcp::over_http(Present { app, caller }, Request::from_parts(parts, body)).await;
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        if !json {
            return Err(Fail::Protocol(status));
        }
        response.extensions_mut().insert(Said);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Whether this comes from a program, or from a page of ours. Browsers, and only they, say of which page a script
/// asks. A page of a foreign name that was made to point here (DNS rebinding) says that name: so a browser must have
/// asked for the page's own name, or for an address, which no name service decides about.
fn may_send(headers: &HeaderMap, url: Option<&str>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let url = url.and_then(|url| url::Url::parse(url).ok());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if url.as_ref().is_some_and(|url| url.origin().ascii_serialization() == origin) {
        return true;
    }
    let Some((_, from)) = origin.split_once("://") else { return false };
    from.eq_ignore_ascii_case(host) && is_address(host)
}

/// True for `localhost`, `127.0.0.1:8080`, `[::1]:8080` and the like.
fn is_address(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((literal, _)) => literal,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// The page that is served here.
#[derive(Clone)]
struct Present {
    app: App,
    caller: Caller,
}

impl mcp::Answers for Present {
    async fn answer(&self, tool: &str, arguments: Map<String, Value>) -> Answer {
        let question = match Question::read(tool, arguments) {
            Ok(question) => question,
            Err(why) => return Answer::failed(&why),
        };
        self.find(question).await.unwrap_or_else(|fail| Answer::failed(&fail.to_string()))
    }
}

impl Present {
    async fn find(&self, question: Question) -> Result<Answer, Fail> {
        if matches!(self.caller, Caller::Nobody(_)) {
            self.app.costly(&self.caller)?;
        }
        let snapshot = self.app.0.ready.load().snapshot.clone();
        let now = self.app.0.clock.now().wall;
        match question {
            Question::WhatsBroken => aside(move || mcp::broken(Page::now(&snapshot, now))).await,
            Question::IsUp(name) => aside(move || mcp::is_up(Page::now(&snapshot, now), &name)).await,
            Question::Sources(asked) => aside(move || mcp::sources(Page::now(&snapshot, now), &asked)).await,
            Question::Maintenances(asked) => aside(move || mcp::maintenances(Page::now(&snapshot, now), &asked)).await,
            Question::Incident(id) => {
                let view = find::incident(&self.app, &snapshot, &id).await?;
                Ok(mcp::incident(Page::now(&snapshot, now), &view))
            }
            Question::Uptime(name, days) => self.uptime(&snapshot, &name, days).await,
            Question::Incidents(asked) => self.incidents(&snapshot, &asked).await,
            Question::At(text, name) => {
                let at = moment::past(&self.app, "moment", &text)?;
                let past = past::page_at(&self.app, at).await?;
                aside(move || mcp::then(&past, at, name.as_deref())).await
            }
        }
    }

    async fn uptime(&self, snapshot: &Snapshot, name: &str, days: Option<u16>) -> Result<Answer, Fail> {
        let days = days.unwrap_or(30);
        if !(1..=365).contains(&days) {
            return Err(Fail::Parameter { name: "days", problem: "must be a number from 1 to 365".to_owned() });
        }
        let subject = match mcp::subject(snapshot, name) {
            Ok(subject) => subject,
            Err(why) => return Ok(Answer::failed(&why)),
        };
        let known = match &subject {
            Subject::Source(id, _) | Subject::Component(id, ..) => snapshot.source(id.as_str()),
            Subject::Service(..) => None,
        };
        let until = known.map_or(snapshot.generated_at, |view| load::known_until(snapshot, view));
        let now = self.app.0.clock.now().wall;
        let from = now.checked_sub(limits::DAY * u32::from(days)).unwrap_or(jiff::Timestamp::MIN);
        let window = Window::new(from, until);
        let of = subject.clone();
        let read = self.app.0.store.run(move |store| match &of {
            Subject::Source(id, _) => load::source(store, id, window),
            Subject::Component(id, part, _) => load::component(store, id, part, window),
            Subject::Service(id, _) => load::service(store, id, window),
        });
        let spans = read.await.map_err(|error| Fail::store(&error))?;
        Ok(mcp::uptime(&subject, window, &Tally::of(&spans)))
    }

    async fn incidents(&self, snapshot: &Snapshot, asked: &IncidentsAsked) -> Result<Answer, Fail> {
        let impact = match asked.impact.as_deref().map(Impact::from_word) {
            Some(None) => {
                let words = Impact::ALL.map(Impact::as_str).join(", ");
                return Err(Fail::Parameter { name: "impact", problem: format!("must be one of: {words}") });
            }
            other => other.flatten(),
        };
        let source = match asked.source.as_deref().map(|name| mcp::find_source(snapshot, name)).transpose() {
            Ok(source) => source,
            Err(why) => return Ok(Answer::failed(&why)),
        };
        let since = asked.since.as_deref().map(|text| moment::past(&self.app, "since", text)).transpose()?;
        let (views, more) = if asked.status == Some(Status::Open) {
            (snapshot.incidents.clone(), false)
        } else {
            self.all_since(snapshot, source.map(|view| view.source.id.clone()), since).await?
        };
        let fits = |view: &&IncidentView| {
            let incident = &view.incident;
            // What is only suggested is nobody's business yet.
            incident.local.as_ref().is_none_or(|local| !local.suggested)
                && source.is_none_or(|source| incident.source.as_ref() == Some(&source.source.id))
                && asked.status.is_none_or(|status| incident.is_open() == (status == Status::Open))
                && impact.is_none_or(|impact| incident.impact == Some(impact))
        };
        let views = views.iter().map(Arc::as_ref).filter(fits).collect();
        Ok(mcp::incidents(Page::now(snapshot, self.app.0.clock.now().wall), &Listed { views, source, more }))
    }

    /// What went on since a moment, or ever, the newest first; and whether there was more than is looked at.
    async fn all_since(
        &self,
        snapshot: &Snapshot,
        source: Option<crate::model::id::SourceId>,
        since: Option<jiff::Timestamp>,
    ) -> Result<(Vec<Arc<IncidentView>>, bool), Fail> {
        let from = since.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let read = self.app.0.store.run(move |store| {
            store.incidents_between(source.as_ref(), from, jiff::Timestamp::MAX, limits::MCP_LOOKED_AT)
        });
        let all = read.await.map_err(|error| Fail::store(&error))?;
        let more = all.len() >= limits::MCP_LOOKED_AT;
        let views = all.into_iter().map(|incident| {
            find::present_incident(snapshot, incident.id.as_str())
                .unwrap_or_else(|| Arc::new(find::view_incident(&self.app, snapshot, incident)))
        });
        Ok((views.collect(), more))
    }
}

/// Makes an answer off the async threads: it looks at everything that is watched.
async fn aside(make: impl FnOnce() -> Answer + Send + 'static) -> Result<Answer, Fail> {
    tokio::task::spawn_blocking(make).await.map_err(|error| {
        tracing::error!(%error, "an answer for an assistant could not be made");
        Fail::Internal
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_other_pages_are_refused_also_where_their_name_points_here() {
        let https = Some("https://status.example.com");
        for (origin, host, url, may) in [
            (None, "allclear:8080", https, true),
            (None, "evil.example", None, true),
            (Some("https://status.example.com"), "status.example.com", https, true),
            (Some("https://status.example.com"), "10.0.0.2:8080", https, true),
            (Some("http://127.0.0.1:8080"), "127.0.0.1:8080", None, true),
            (Some("http://127.0.0.1:8080"), "127.0.0.1:8080", https, true),
            (Some("http://[::1]:8080"), "[::1]:8080", None, true),
            (Some("http://localhost:8080"), "localhost:8080", None, true),
            (Some("http://localhost:8080"), "127.0.0.1:8080", None, false),
            (Some("http://evil.example:8080"), "evil.example:8080", None, false),
            (Some("http://evil.example:8080"), "evil.example:8080", https, false),
            (Some("https://evil.example"), "status.example.com", https, false),
            (Some("https://status.example.com.evil.example"), "status.example.com", https, false),
            (Some("null"), "null", None, false),
            (Some("null"), "127.0.0.1:8080", https, false),
            (Some(""), "", None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(may_send(&headers, url), may, "{origin:?} {host} {url:?}");
        }
    }
}
