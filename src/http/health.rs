//! Is it alive, and is it fit to be believed.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::auth::{Access, Caller, Verdict};
use super::error::{Fail, Said};
use crate::limits;

/// Whether this allclear is fit to be believed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// True where nothing speaks against it.
    ready: bool,
    /// What speaks against it.
    reasons: Vec<Reason>,
    /// What somebody should see to, though the present can be believed.
    warnings: Vec<Reason>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reason {
    /// `scheduler`, `store`, `sources`, `configuration`, `messages`, `channel` or `publish`.
    kind: &'static str,
    /// What it is and what to do.
    text: String,
}

/// Is it alive: nothing is looked at.
#[utoipa::path(get, path = "/healthz", tag = "operation",
    responses((status = 200, description = "it is", body = String, content_type = "text/plain")))]
pub(super) async fn alive() -> Response {
    unkept("text/plain; charset=utf-8", "ok\n".to_owned())
}

/// Is it fit to be believed.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, description = "it is", body = Readiness), (status = 503, description = "it is not", body = Readiness)))]
pub(super) async fn ready(State(app): State<App>, caller: Caller) -> Result<Response, Fail> {
    let mut readiness = readiness(&app);
    let private = app.0.ready.load().snapshot.page.private;
    if Access::Page.judge(&caller, private) != Verdict::Welcome {
        // How much is watched, and what the configuration is called, is for those who may read the page.
        for reason in readiness.reasons.iter_mut().chain(&mut readiness.warnings) {
            reason.text = "sign in, or show a token with the scope `read`, to see more".to_owned();
        }
    }
    let mut response = unkept("application/json", serde_json::to_string(&readiness)?);
    if !readiness.ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.extensions_mut().insert(Said);
    }
    Ok(response)
}

fn readiness(app: &App) -> Readiness {
    let mut reasons = Vec::new();
    let silent = app.0.pulse.silence(app.0.clock.now().mono);
    if silent > limits::SCHEDULER_STUCK {
        let text = format!("no reading was begun for {} s; restart it if this goes on", silent.as_secs());
        reasons.push(Reason { kind: "scheduler", text });
    }
    if app.0.pulse.store().is_some() {
        let text = "changes cannot be stored; the log says why, and what to do".to_owned();
        reasons.push(Reason { kind: "store", text });
    }
    let snapshot = app.0.ready.load().snapshot.clone();
    let (all, stale) = (snapshot.sources.len(), snapshot.sources.iter().filter(|view| view.freshness.stale).count());
    if stale.saturating_mul(2) > all {
        let text = format!("{stale} of {all} sources are not known; check the network of this machine");
        reasons.push(Reason { kind: "sources", text });
    }
    let configuration = app.0.pulse.configuration().map(|text| Reason { kind: "configuration", text });
    let telling = app
        .0
        .pulse
        .telling()
        .map(|problem| Reason { kind: "messages", text: format!("nobody can be told of anything now: {problem}") });
    let channels = app.0.pulse.channels().into_iter().map(|(channel, failing)| Reason {
        kind: "channel",
        text: format!("the channel `{channel}` has taken no message since {}: {}", failing.since, failing.problem),
    });
    let places = app.0.pulse.places().into_iter().map(|(place, failing)| Reason {
        kind: "publish",
        text: format!("nothing could be published to {place} since {}: {}", failing.since, failing.problem),
    });
    let warnings = configuration.into_iter().chain(telling).chain(channels).chain(places).collect();
    Readiness { ready: reasons.is_empty(), reasons, warnings }
}

fn unkept(kind: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}
