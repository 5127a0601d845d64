//! What the world reads: one page, one API, feeds and events, all from one snapshot that stands ready as bytes.

mod api;
mod auth;
mod bots;
mod cache;
mod calendar;
mod console;
mod costly;
mod decisions;
mod docs;
mod error;
mod events;
mod feeds;
mod figures;
mod find;
mod glance;
mod guard;
mod health;
mod history;
mod hooks;
mod lists;
mod mcp;
mod messages;
mod moment;
mod openapi;
mod page;
mod past;
mod publish;
mod pushes;
mod ready;
mod receipts;
mod scrape;
pub mod server;
mod statuspage;
mod subscribe;
mod watch;
pub mod wire;
mod write;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use tokio_util::sync::CancellationToken;

use crate::channels::Plan;
use crate::fetch::Fetcher;
use crate::model::desk::Desk;
use crate::model::signon::SignOn;
use crate::oidc::Provider;
use crate::{clock, ingest, limits, nudge, render, store, telemetry};
use auth::Routes;
pub use auth::{Access, Declared, announce};
pub use publish::publish;
pub use pushes::Gates;
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
    /// Where other tools push.
    pub hooks: tokio::sync::watch::Receiver<Gates>,
    /// How people are let in.
    pub sign_on: tokio::sync::watch::Receiver<Arc<SignOn>>,
    /// To those who look at pages for operators.
    pub asks: nudge::ask::Desk,
    /// To those who send messages.
    pub post: nudge::post::Post,
    /// Who is told.
    pub plan: tokio::sync::watch::Receiver<Arc<Plan>>,
    /// The way out, to ask an identity provider.
    pub fetcher: tokio::sync::watch::Receiver<Option<Fetcher>>,
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
    auth: auth::Auth,
    costly: costly::Costly,
    pushes: pushes::Pushes,
    pictures: glance::picture::Pictures,
    asks: nudge::ask::Desk,
    post: nudge::post::Post,
    plan: tokio::sync::watch::Receiver<Arc<Plan>>,
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
    let Parts { store, pages, pulse, metrics, nudges, door, desk, hooks, .. } = parts;
    let Parts { sign_on, asks, post, plan, fetcher, clock, first, .. } = parts;
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
        asks,
        post,
        plan,
        costly: costly::Costly::default(),
        auth: auth::Auth::new(sign_on, Provider::new(fetcher, clock.clone())),
        pushes: pushes::Pushes::new(hooks),
        pictures: glance::picture::Pictures::default(),
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
    let (routes, _) = routes(app.clone());
    routes.fallback(page::nowhere).layer(from_fn_with_state(app.clone(), guard::guard)).with_state(app)
}

/// The table of who may reach what: every route that is served is in it.
pub fn access(app: App) -> Vec<Declared> {
    routes(app).1
}

fn routes(app: App) -> (Router<App>, Vec<Declared>) {
    let pushed = post(hooks::statuspage).fallback(hooks::only_pushed).layer(DefaultBodyLimit::max(limits::HOOK_BODY));
    let routes = Routes::new(app)
        .get("/", Access::Page, page::status)
        .get("/sources/{id}", Access::Page, page::source)
        .get("/sources/{id}/receipts", Access::Page, receipts::list)
        .get("/sources/{id}/receipts/{hash}", Access::Page, receipts::body)
        .get("/services/{id}", Access::Page, page::service)
        .get("/incidents/{id}", Access::Page, page::incident)
        .get("/maintenances/{id}", Access::Page, page::maintenance)
        .get("/docs", Access::Page, docs::page)
        .get("/assets/{name}", Access::Public, page::asset)
        .get("/favicon.svg", Access::Public, page::favicon)
        .get("/favicon.ico", Access::Public, page::favicon)
        .get("/robots.txt", Access::Public, page::robots)
        .get("/api/v1/summary", Access::Page, api::summary)
        .get("/api/v1/sources", Access::Page, api::sources)
        .get("/api/v1/sources/{id}", Access::Page, api::source)
        .get("/api/v1/services", Access::Page, api::services)
        .get("/api/v1/services/{id}", Access::Page, api::service)
        .get("/api/v1/incidents", Access::Page, api::incidents)
        .get("/api/v1/incidents/{id}", Access::Page, api::incident)
        .get("/api/v1/maintenances", Access::Page, api::maintenances)
        .get("/api/v1/maintenances/{id}", Access::Page, api::maintenance)
        .get("/events", Access::Page, events::events)
        .get("/healthz", Access::Public, health::alive)
        .get("/readyz", Access::Public, health::ready)
        .get("/metrics", Access::Page, scrape::metrics)
        .get("/openapi.json", Access::Page, api::openapi)
        .add(Method::POST, "/hooks/statuspage/{source}/{secret}", Access::Public, pushed)
        .add(Method::POST, "/hooks/slack", Access::Public, bots::layer(post(bots::slack)))
        .add(Method::POST, "/hooks/telegram", Access::Public, bots::layer(post(bots::telegram)));
    let parts: &[fn(Routes) -> Routes] = &[
        auth::api::routes,
        auth::pages::routes,
        calendar::routes,
        console::routes,
        decisions::routes,
        feeds::routes,
        figures::routes,
        glance::routes,
        history::routes,
        mcp::routes,
        messages::routes,
        past::routes,
        pushes::routes,
        statuspage::routes,
        subscribe::routes,
        write::routes,
    ];
    parts.iter().fold(routes, |routes, more| more(routes)).done()
}
