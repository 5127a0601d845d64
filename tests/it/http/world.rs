//! A small present to serve, with one vendor in trouble and hostile words where a vendor speaks.

use std::sync::Arc;
use std::time::Duration;

use allclear::clock::Clock;
use allclear::http::{App, Parts, app, router};
use allclear::ingest::Published;
use allclear::model::desk::Desk;
use allclear::model::event::{Cause, Event, EventKind};
use allclear::model::filter::Filter;
use allclear::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use allclear::model::incident::{Incident, Listing, Maintenance, Origin, Phase, Revision, Update};
use allclear::model::level::{Impact, State};
use allclear::model::observation::{Basis, Page};
use allclear::model::snapshot::{
    Affected, ComponentView, Freshness, Headline, IncidentView, MaintenanceView, Risk, ServiceView, Snapshot,
    SourceView,
};
use allclear::model::source::{Failure, FailureKind, PageSettings, Service, Source};
use allclear::model::text::Text;
use allclear::nudge::Nudges;
use allclear::nudge::post::Post;
use allclear::render::Pages;
use allclear::store::Store;
use allclear::store::handle::Handle;
use allclear::telemetry::{Metrics, Pulse};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use jiff::Timestamp;
use tower::ServiceExt;

/// What a vendor could write to break out of any of the forms in which its words are given on.
pub const HOSTILE: &str =
    "a]]><script>alert(1)</script> & \"q\" 'q' {{7*7}} \u{2028} \\ end\u{1}\u{fffe}\r\ndata: forged";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn noon() -> Timestamp {
    at("2026-01-02T12:00:00Z")
}

pub fn source(id: &str, state: State, stale: bool) -> Arc<SourceView> {
    Arc::new(SourceView {
        source: Arc::new(Source {
            id: SourceId::new(id),
            name: format!("The {id}"),
            url: format!("https://status.{id}.example"),
            tags: vec!["shop".into(), id.into()],
            tier: allclear::model::news::Tier::Normal,
            format: Some("statuspage".into()),
            filter: Filter::default(),
            interval: Duration::from_secs(120),
            target: None,
        }),
        format: Some("statuspage".into()),
        state,
        counted_state: state,
        set: None,
        read: state,
        since: at("2026-01-02T10:00:00Z"),
        last_known: Some(State::OPERATIONAL),
        basis: Basis::States,
        page: Page::default(),
        indicator: Some(State::OPERATIONAL),
        freshness: Freshness {
            checked_at: Some(at("2026-01-02T11:59:00Z")),
            ok_at: Some(at("2026-01-02T11:58:30Z")),
            stale,
            error: stale.then(|| Failure { kind: FailureKind::Timeout, message: "no whole answer in 20 s".into() }),
            failing_since: None,
            next_check_at: Some(at("2026-01-02T12:01:00Z")),
            moved_to: None,
        },
        components: vec![ComponentView {
            id: ComponentId::new("c1"),
            path: "Core/API".into(),
            state,
            last_known: state,
            since: at("2026-01-02T10:00:00Z"),
            description: None,
            counted: true,
            quiet: false,
            unlisted_since: None,
            dismissed: false,
        }],
        warnings: vec!["2 incident updates had no time".into()],
        days: vec![None; 90],
    })
}

fn update(words: &str) -> Update {
    let html = words.replace('&', "&amp;").replace('<', "&lt;");
    Update {
        at: Some(at("2026-01-02T11:00:00Z")),
        phase: Some(Phase::Identified),
        body: Text { html: format!("<p>{html}</p>"), plain: words.into() },
        noticed_at: None,
        told: None,
    }
}

pub fn incident(id: &str, title: &str) -> Arc<IncidentView> {
    Arc::new(IncidentView {
        incident: Incident {
            id: IncidentId::new(id),
            origin: Origin::Upstream,
            source: Some(SourceId::new("acme")),
            upstream_ids: vec!["x1".into()],
            title: title.into(),
            phase: Some(Phase::Identified),
            impact: Some(Impact::Major),
            started_at: Some(at("2026-01-02T10:00:00Z")),
            updated_at: Some(at("2026-01-02T11:00:00Z")),
            resolved_at: None,
            url: Some("https://status.acme.example/incidents/x1".into()),
            components: vec![ComponentId::new("c1")],
            services: vec![],
            updates: vec![update(title)],
            first_seen_at: at("2026-01-02T10:01:00Z"),
            listing: Listing::Listed,
            local: None,
        },
        source_name: "The acme".into(),
        state: State::PARTIAL_OUTAGE,
        counted: true,
        affected: vec![Affected {
            id: ComponentId::new("c1"),
            path: "Core/API".into(),
            state: State::PARTIAL_OUTAGE,
            counted: true,
        }],
        stale: false,
        verdict: None,
        stands: false,
    })
}

pub fn maintenance() -> Arc<MaintenanceView> {
    Arc::new(MaintenanceView {
        maintenance: Maintenance {
            id: IncidentId::new("bolt.m1"),
            origin: Origin::Upstream,
            source: Some(SourceId::new("bolt")),
            upstream_ids: vec!["m1".into()],
            title: "Database upgrade".into(),
            phase: Some(Phase::Scheduled),
            starts_at: Some(at("2026-01-09T01:00:00Z")),
            ends_at: Some(at("2026-01-09T02:00:00Z")),
            updated_at: None,
            url: None,
            components: vec![],
            services: vec![],
            updates: vec![],
            first_seen_at: at("2026-01-01T00:00:00Z"),
            listing: Listing::Listed,
            revision: Revision::default(),
            local: None,
        },
        source_name: "The bolt".into(),
        counted: true,
        affected: vec![],
        stale: false,
    })
}

/// The present after event `seq`, with one incident of this title.
pub fn snapshot(seq: u64, title: &str) -> Arc<Snapshot> {
    Arc::new(Snapshot {
        generated_at: noon(),
        seq,
        page: Arc::new(PageSettings {
            private: false,
            subscribe: true,
            title: "Acme status".into(),
            url: Some("https://status.example".into()),
            timezone: "UTC".into(),
        }),
        headline: Headline {
            state: State::PARTIAL_OUTAGE,
            text: "1 vendor has problems".into(),
            detail: "2 of 2 checked in the last 2 minutes".into(),
            counts: [("operational", 1), ("partial_outage", 1)].into(),
        },
        sources: vec![source("acme", State::PARTIAL_OUTAGE, false), source("bolt", State::OPERATIONAL, false)],
        services: vec![ServiceView {
            service: Arc::new(Service {
                id: ServiceId::new("checkout"),
                name: "Checkout".into(),
                description: None,
                group: None,
                tags: vec!["shop".into()],
                needs: vec![],
            }),
            state: State::OPERATIONAL,
            set: None,
            at_risk: vec![Risk {
                source: SourceId::new("acme"),
                component: Some("Core/API".into()),
                state: State::PARTIAL_OUTAGE,
                since: at("2026-01-02T10:00:00Z"),
                incident: None,
            }],
        }],
        incidents: vec![incident("acme.x1", title)],
        maintenances: vec![maintenance()],
        recent: vec![],
        recent_maintenances: vec![],
        notices: vec![],
    })
}

/// The same with every source unread for too long.
pub fn stale() -> Arc<Snapshot> {
    let mut snapshot = (*snapshot(1, "Errors")).clone();
    snapshot.sources = vec![source("acme", State::Unknown, true), source("bolt", State::Unknown, true)];
    Arc::new(snapshot)
}

pub fn event(seq: u64, name: &str) -> Event {
    Event {
        seq,
        at: noon(),
        since: None,
        kind: EventKind::IncidentUpdated,
        source: Some(SourceId::new("acme")),
        subject: Some("acme.x1".into()),
        name: name.into(),
        from: Some("investigating".into()),
        to: Some("identified".into()),
        cause: Cause::Reading,
        note: Some(name.into()),
        baseline: false,
    }
}

/// What stands behind a served present, for tests to turn the screws.
pub struct World {
    pub app: App,
    pub pulse: Arc<Pulse>,
    pub clock: Clock,
    pub nudges: Nudges,
    pub hooks: tokio::sync::watch::Sender<allclear::http::Gates>,
}

/// What tests of telling turn besides.
pub struct Behind {
    pub store: Handle,
    pub plan: tokio::sync::watch::Sender<Arc<allclear::channels::Plan>>,
    pub metrics: Arc<Metrics>,
}

impl World {
    pub fn new(first: Published) -> Self {
        Self::with_desk(first, Desk::default())
    }

    /// The same with what operators hold, and who they are.
    pub fn with_desk(first: Published, desk: Desk) -> Self {
        Self::with_post(first, desk, Post::to(tokio::sync::mpsc::channel(1).0)).0
    }

    /// The same with a way to somebody who sends.
    pub fn with_post(first: Published, desk: Desk, post: Post) -> (Self, Behind) {
        let (pulse, clock) = (Arc::new(Pulse::default()), Clock::set_to(noon()));
        let (nudges, hooks) = (Nudges::default(), tokio::sync::watch::Sender::default());
        let (plan, planned) = tokio::sync::watch::channel(Arc::default());
        let (store, metrics) = (Handle::new(Store::in_memory().unwrap()), Arc::new(Metrics::new()));
        let app = app(Parts {
            store: store.clone(),
            pages: Pages::new().unwrap(),
            pulse: Arc::clone(&pulse),
            metrics: Arc::clone(&metrics),
            nudges: nudges.clone(),
            door: allclear::ingest::Door::to(tokio::sync::mpsc::channel(1).0),
            desk: tokio::sync::watch::Sender::new(Arc::new(desk)).subscribe(),
            asks: allclear::nudge::ask::Desk::to(tokio::sync::mpsc::channel(1).0),
            post,
            plan: planned,
            hooks: hooks.subscribe(),
            sign_on: tokio::sync::watch::Sender::default().subscribe(),
            fetcher: tokio::sync::watch::Sender::default().subscribe(),
            clock: clock.clone(),
            first,
        });
        (Self { app: app.unwrap(), pulse, clock, nudges, hooks }, Behind { store, plan, metrics })
    }

    pub fn router(&self) -> Router {
        router(self.app.clone())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request.body(Body::empty()).unwrap()).await
    }

    pub async fn push(&self, path: &str, body: &str) -> Answer {
        self.answer(Request::post(path).body(Body::from(body.to_owned())).unwrap()).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: HeaderMap, body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path).body(Body::from(body)).unwrap();
        *request.headers_mut() = headers;
        self.answer(request).await
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer { status: head.status, headers: head.headers, body: to_bytes(body, usize::MAX).await.unwrap().to_vec() }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new(Published {
            snapshot: snapshot(3, "Errors in the API"),
            events: (1..=3).map(|n| event(n, "Errors")).collect(),
        })
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
