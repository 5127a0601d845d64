//! `/metrics`: figures for Prometheus, and the classes by which requests are counted.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Fail;
use crate::telemetry::{Form, Scrape};

/// What stands for the route of a request that no route is there for.
pub(super) const NOWHERE: &str = "nowhere";

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "figures; as OpenMetrics for who asks for it", content(
        (String = "text/plain"), (String = "application/openmetrics-text")))))]
pub(super) async fn metrics(State(app): State<App>, asked: HeaderMap) -> Result<Response, Fail> {
    let accept: Vec<&str> = asked.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let form = Form::asked(&accept.join(","));
    let made = tokio::task::spawn_blocking(move || {
        let ready = app.0.ready.load_full();
        app.0.metrics.encode(&Scrape {
            form,
            snapshot: &ready.snapshot,
            drawn: &ready.figures,
            now: app.0.clock.now(),
            pulse: &app.0.pulse,
            waiting: app.0.door.waiting(),
            viewers: app.0.viewers.count(),
        })
    });
    match made.await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(form.content_type())),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::VARY, HeaderValue::from_static("accept")),
            ];
            Ok((headers, text).into_response())
        }
        Err(error) => {
            tracing::error!(%error, "the figures could not be made");
            Err(Fail::Internal)
        }
    }
}

/// The class under which requests to a route, given by its template, are counted: few, whatever is asked for.
pub(super) fn class(route: &str) -> &'static str {
    match route {
        NOWHERE => NOWHERE,
        "/events" => "events",
        "/healthz" | "/readyz" | "/metrics" => "operation",
        "/openapi.json" | "/docs" => "docs",
        "/favicon.svg" | "/favicon.ico" | "/robots.txt" => "asset",
        _ if route.contains("/feed.") || route.ends_with(".ics") => "feed",
        _ if route.starts_with("/assets/") => "asset",
        _ if route.starts_with("/badge/") || route.ends_with(".png") => "picture",
        _ if route.starts_with("/api/v2/") => "statuspage",
        _ if route.starts_with("/api/") => "api",
        _ if route.starts_with("/hooks/") => "hook",
        _ if route.starts_with("/admin") => "console",
        _ => "page",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_counted_by_a_dozen_classes() {
        for (route, class_of) in [
            ("/", "page"),
            ("/sources/{id}", "page"),
            ("/sources/{id}/feed.atom", "feed"),
            ("/api/v1/summary", "api"),
            ("/api/v2/summary.json", "statuspage"),
            ("/hooks/statuspage/{source}/{secret}", "hook"),
            ("/admin/people", "console"),
            ("/assets/{name}", "asset"),
            ("/badge/{name}", "picture"),
            ("/metrics", "operation"),
            (NOWHERE, "nowhere"),
        ] {
            assert_eq!(class(route), class_of, "{route}");
        }
    }
}
