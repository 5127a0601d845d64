//! What the world reads: one page, one API, feeds and events, all from one snapshot that stands ready as bytes.

mod api;
mod atom;
mod cache;
mod docs;
mod error;
mod events;
mod find;
mod guard;
mod health;
mod hooks;
mod items;
mod jsonfeed;
mod lists;
mod openapi;
mod page;
mod publish;
mod ready;
mod receipts;
pub mod server;
mod watch;
pub mod wire;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;

use crate::model::desk::Desk;
use crate::{clock, ingest, limits, nudge, render, store, telemetry};
pub use publish::publish;
pub use server::serve;

/// Everything that serving needs.
pub struct Parts {
    /// For what is not in memory.
    pub store: store::handle::Handle,
    /// The templates.
    pub pages: render::Pages,
    /// Signs of life, for `/readyz`.
    pub pulse: Arc<telemetry::Pulse>,
    /// Figures, for `/metrics`.
    pub metrics: Arc<telemetry::Metrics>,
    /// To those who read, where a vendor says that something changed.
    pub nudges: nudge::Nudges,
    /// The way to the writer, for orders.
    pub door: ingest::Door,
    /// What operators hold.
    pub desk: tokio::sync::watch::Receiver<Arc<Desk>>,
    /// Tells the time.
    pub clock: clock::Clock,
    /// The present at the start, and the recent events.
    pub first: ingest::Published,
}

/// What all requests share. Clones are cheap.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: store::handle::Handle,
    pages: render::Pages,
    pulse: Arc<telemetry::Pulse>,
    metrics: Arc<telemetry::Metrics>,
    nudges: nudge::Nudges,
    door: ingest::Door,
    desk: tokio::sync::watch::Receiver<Arc<Desk>>,
    /// The last event that is in the ready bytes.
    shown: tokio::sync::watch::Sender<u64>,
    clock: clock::Clock,
    ready: ArcSwap<ready::Ready>,
    viewers: watch::Viewers,
    closing: CancellationToken,
    openapi: ready::Doc,
    run: u32,
    requests: AtomicU64,
}

/// Serving cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A document could not be made: a fault of this program.
    #[error("the first documents could not be made: {0}")]
    Documents(#[from] ready::BuildError),
    /// The system gives no random bytes.
    #[error("no random bytes from the system: {0}")]
    Random(#[from] getrandom::Error),
}

/// Makes the first documents ready.
///
/// # Errors
/// Where one of them cannot be made.
pub fn app(parts: Parts) -> Result<App, AppError> {
    let Parts { store, pages, pulse, metrics, nudges, door, desk, clock, first } = parts;
    let ready = ready::Ready::build(&pages, first.snapshot, None)?;
    let openapi = openapi::document(ready.snapshot.generated_at).map_err(ready::BuildError::from)?;
    let viewers = watch::Viewers::new(ready.snapshot.seq, &first.events);
    Ok(App(Arc::new(Inner {
        store,
        pages,
        pulse,
        metrics,
        nudges,
        door,
        desk,
        shown: tokio::sync::watch::Sender::new(ready.snapshot.seq),
        clock,
        ready: ArcSwap::from_pointee(ready),
        viewers,
        closing: CancellationToken::new(),
        openapi,
        run: getrandom::u32()?,
        requests: AtomicU64::new(0),
    })))
}

/// Every path that is served, with its guard around it.
pub fn router(app: App) -> Router {
    let body_limit = DefaultBodyLimit::max(limits::HOOK_BODY);
    Router::new()
        .route("/", get(page::status))
        .route("/sources/{id}", get(page::source))
        .route("/sources/{id}/receipts", get(receipts::list))
        .route("/sources/{id}/receipts/{hash}", get(receipts::body))
        .route("/services/{id}", get(page::service))
        .route("/incidents/{id}", get(page::incident))
        .route("/maintenances/{id}", get(page::maintenance))
        .route("/docs", get(docs::page))
        .route("/assets/{name}", get(page::asset))
        .route("/favicon.svg", get(page::favicon))
        .route("/favicon.ico", get(page::favicon))
        .route("/robots.txt", get(page::robots))
        .route("/api/v1/summary", get(api::summary))
        .route("/api/v1/sources", get(api::sources))
        .route("/api/v1/sources/{id}", get(api::source))
        .route("/api/v1/services", get(api::services))
        .route("/api/v1/services/{id}", get(api::service))
        .route("/api/v1/incidents", get(api::incidents))
        .route("/api/v1/incidents/{id}", get(api::incident))
        .route("/api/v1/maintenances", get(api::maintenances))
        .route("/api/v1/maintenances/{id}", get(api::maintenance))
        .route("/events", get(events::events))
        .route("/feed.json", get(page::feed_json))
        .route("/feed.atom", get(page::feed_atom))
        .route("/sources/{id}/feed.json", get(page::source_json))
        .route("/sources/{id}/feed.atom", get(page::source_atom))
        .route("/tags/{tag}/feed.json", get(page::tag_json))
        .route("/tags/{tag}/feed.atom", get(page::tag_atom))
        .route(
            "/hooks/statuspage/{source}/{secret}",
            post(hooks::statuspage).fallback(hooks::only_pushed).layer(body_limit),
        )
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(api::openapi))
        .fallback(page::nowhere)
        .layer(from_fn_with_state(app.clone(), guard::guard))
        .with_state(app)
}
