//! Around every request: its size, its id, a net for panics, and the headers that keep a reader safe.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument as _;

use super::auth::{Formful, Personal, REFERRER};
use super::glance::{EMBED, is_shown_elsewhere};
use super::{App, error, scrape};
use crate::limits;
use crate::telemetry::trace;

/// What a page may load and where it may be framed: itself, and nowhere.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same for the strip that any site may frame; there is nothing in it to be tricked into pressing but links.
const FRAMED: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; \
     frame-ancestors *";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Where others push to.
const HOOKS: &str = "/hooks/";
const STRICT: &str = "max-age=31536000";

/// Lets a request through that is of decent size, and makes its answer safe to read.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = format!("{:08x}{:08x}", app.0.run, app.0.requests.fetch_add(1, Ordering::Relaxed));
    let started = app.0.clock.now().mono;
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(scrape::NOWHERE, MatchedPath::as_str);
    let parent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let span = trace::request(request.method().as_str(), route, parent);
    let path = request.uri().path();
    let program = is_for_programs(path);
    let pushed = path.starts_with(HOOKS);
    let open = program || is_shown_elsewhere(path);
    let framed = path == EMBED;
    let method = request.method().clone();
    // The rest of a hook's address is its secret.
    let shown = if pushed { format!("{HOOKS}…") } else { path.to_owned() };
    let response = match refuse(&request) {
        Some(status) => status.into_response(),
        None if method == Method::OPTIONS && !pushed => preflight(),
        None => match AssertUnwindSafe(next.run(request).instrument(span.clone())).catch_unwind().await {
            Ok(response) => response,
            Err(_) => {
                tracing::error!(request = %id, path = %shown, "a request panicked");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        },
    };
    let mut response = error::dress(&app, program, &id, response);
    let https = app.0.ready.load().snapshot.page.url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let personal = response.extensions().get::<Personal>().is_some();
    secure(response.headers_mut(), open && !personal, https);
    if framed && !personal {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FRAMED));
    }
    if personal {
        response.headers_mut().remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    }
    if response.extensions().get::<Formful>().is_some() {
        let (name, value) = REFERRER;
        response.headers_mut().insert(name, value);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    trace::answered(&span, status);
    app.0.metrics.request(scrape::class(route), status, app.0.clock.now().mono.saturating_sub(started));
    tracing::debug!(request = %id, %method, path = %shown, status, "answered");
    response
}

/// True for an address that programs ask for.
pub(super) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/")
        || path.starts_with("/assets/")
        || path.starts_with(HOOKS)
        || path.contains("/feed.")
        || path.ends_with("/calendar.ics")
        || path.starts_with("/badge/")
        || path.ends_with("/og.png")
        || matches!(path, "/events" | "/mcp" | "/healthz" | "/readyz" | "/metrics" | "/openapi.json")
}

/// The status to refuse a request with that is larger than is accepted.
fn refuse(request: &Request) -> Option<StatusCode> {
    let uri = request.uri();
    let address = uri.path().len() + uri.query().map_or(0, str::len);
    if address > limits::REQUEST_URI {
        return Some(StatusCode::URI_TOO_LONG);
    }
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > limits::REQUEST_HEADER_BYTES {
        return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits::API_BODY as u64) {
        return Some(StatusCode::PAYLOAD_TOO_LARGE);
    }
    headers.contains_key(header::CONTENT_ENCODING).then_some(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

fn preflight() -> Response {
    let headers = [
        (header::ALLOW, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "if-none-match, if-modified-since, last-event-id"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Sets the headers that every answer carries. `open`: programs of other origins may embed it.
fn secure(headers: &mut HeaderMap, open: bool, https: bool) {
    let resource = if open { "cross-origin" } else { "same-origin" };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), resource),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "etag, last-modified, retry-after, x-request-id"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use jiff::Timestamp;
    use tower::ServiceExt;

    use super::*;
    use crate::http::{Parts, app};
    use crate::ingest::Published;
    use crate::model::level::State as Word;
    use crate::model::snapshot::{Headline, Snapshot};
    use crate::model::source::PageSettings;
    use crate::{clock, render, store, telemetry};

    fn nothing() -> App {
        let snapshot = Snapshot {
            generated_at: Timestamp::UNIX_EPOCH,
            seq: 0,
            page: Arc::new(PageSettings::default()),
            headline: Headline {
                state: Word::Unknown,
                text: "Nothing is watched".into(),
                detail: String::new(),
                counts: BTreeMap::new(),
            },
            sources: Vec::new(),
            services: Vec::new(),
            incidents: Vec::new(),
            maintenances: Vec::new(),
            recent: Vec::new(),
            recent_maintenances: Vec::new(),
            notices: Vec::new(),
        };
        let parts = Parts {
            store: store::handle::Handle::new(store::Store::in_memory().unwrap()),
            pages: render::Pages::new().unwrap(),
            pulse: Arc::default(),
            metrics: Arc::new(telemetry::Metrics::new()),
            nudges: crate::nudge::Nudges::default(),
            door: crate::ingest::Door::to(tokio::sync::mpsc::channel(1).0),
            desk: tokio::sync::watch::Sender::default().subscribe(),
            asks: crate::nudge::ask::Desk::to(tokio::sync::mpsc::channel(1).0),
            post: crate::nudge::post::Post::to(tokio::sync::mpsc::channel(1).0),
            plan: tokio::sync::watch::channel(Default::default()).1,
            hooks: tokio::sync::watch::Sender::default().subscribe(),
            sign_on: tokio::sync::watch::Sender::default().subscribe(),
            fetcher: tokio::sync::watch::Sender::default().subscribe(),
            clock: clock::Clock::set_to(Timestamp::UNIX_EPOCH),
            first: Published { snapshot: Arc::new(snapshot), events: Vec::new() },
        };
        app(parts).unwrap()
    }

    #[tokio::test]
    async fn r50_a_panic_in_a_request_is_an_answer_and_harms_no_other() {
        async fn boom() -> &'static str {
            panic!("on purpose: /secret/path")
        }
        let app = nothing();
        let router = Router::new()
            .route("/api/boom", get(boom))
            .route("/fine", get(|| async { "fine" }))
            .layer(from_fn_with_state(app.clone(), guard));
        for (path, status) in [("/api/boom", 500), ("/fine", 200), ("/api/boom", 500)] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{path}");
            assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
            assert!(!response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY), "this page is not on https");
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert!(!String::from_utf8_lossy(&body).contains("secret"));
        }
    }
}
