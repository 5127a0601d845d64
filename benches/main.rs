//! How long the steps of the way take: merge, publish, answer. `cargo bench`; reading is in `parse`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should stop")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use allclear::clock::Clock;
use allclear::formats::{self, Body, Options, Role};
use allclear::model::filter::Filter;
use allclear::model::id::SourceId;
use allclear::model::observation::Observation;
use allclear::model::outline::Shape;
use allclear::model::snapshot::Snapshot;
use allclear::model::source::{PageSettings, Source};
use allclear::model::state::{Held, SourceState, Transport};
use allclear::render::Pages;
use allclear::rules::derive::Derived;
use allclear::rules::{derive, headline, merge};
use divan::Bencher;
use serde_json::json;

fn main() {
    divan::main();
}

/// A page of a size that large vendors have.
fn statuspage(components: usize, incidents: usize) -> Vec<u8> {
    let component = |n: usize| {
        json!({"id": format!("c{n:011}"), "name": format!("Region {n}"), "status": "operational", "group": false,
            "group_id": null, "position": n, "updated_at": "2026-01-02T03:00:00.000Z", "only_show_if_degraded": false})
    };
    let update = |n: usize| {
        json!({"id": format!("u{n}"), "status": "investigating", "display_at": "2026-01-02T03:00:00.000Z",
            "body": "We see errors in some regions and are looking into them.<br />More in an hour."})
    };
    let incident = |n: usize| {
        json!({"id": format!("i{n:011}"), "name": format!("Errors {n}"), "status": "investigating", "impact": "minor",
            "started_at": "2026-01-02T02:00:00.000Z", "updated_at": "2026-01-02T03:00:00.000Z",
            "components": [{"id": "c00000000001"}], "incident_updates": (0..5).map(update).collect::<Vec<_>>()})
    };
    let page = json!({"page": {"id": "a1b2c3d4e5f6", "name": "Acme", "url": "https://status.acme.example"},
        "status": {"indicator": "minor"}, "components": (0..components).map(component).collect::<Vec<_>>(),
        "incidents": (0..incidents).map(incident).collect::<Vec<_>>(), "scheduled_maintenances": []});
    page.to_string().into_bytes()
}

fn read(bytes: &[u8]) -> Observation {
    let adapter = (formats::find("statuspage").unwrap().compile)(&Options::Null).unwrap();
    let body = Body {
        name: "document".into(),
        role: Role::Present,
        content_type: None,
        url: None,
        status: 200,
        bytes: bytes.to_vec().into(),
    };
    adapter.parse(&[body], now().wall).unwrap()
}

fn now() -> allclear::model::state::Now {
    Clock::set_to("2026-01-02T04:00:00Z".parse().unwrap()).now()
}

fn source(number: usize) -> Arc<Source> {
    Arc::new(Source {
        id: SourceId::new(format!("vendor-{number}")),
        name: format!("Vendor {number}"),
        url: format!("https://status-{number}.example"),
        tags: vec![format!("tag-{}", number % 9)],
        tier: allclear::model::news::Tier::Normal,
        format: Some("statuspage".into()),
        filter: Filter::default(),
        interval: Duration::from_secs(120),
        target: None,
    })
}

fn reading<'a>(source: &'a Source, shape: &'a Shape) -> merge::Reading<'a> {
    merge::Reading { source, with_history: false, shape, good_at: None, now: now().wall }
}

/// A reading that changes nothing, which is what nearly all of them are.
#[divan::bench(args = [20, 400])]
fn merge_unchanged(bencher: Bencher, components: usize) {
    let seen = read(&statuspage(components, 5));
    let source = source(0);
    let shape = Shape::default();
    let reading = reading(&source, &shape);
    let held = merge::merge(&SourceState::never_read(now().wall), &seen, reading).state;
    bencher.bench(|| merge::merge(black_box(&held), &seen, reading));
}

fn world(sources: usize) -> Vec<Derived> {
    let calm = read(&statuspage(20, 0));
    let troubled = read(&statuspage(20, 2));
    let one = |number: usize| {
        let source = source(number);
        let seen = if number.is_multiple_of(50) { &troubled } else { &calm };
        let shape = Shape::default();
        let state = merge::merge(&SourceState::never_read(now().wall), seen, reading(&source, &shape)).state;
        let transport = Transport {
            ok_at: Some(now().wall),
            ok_mono: Some(now().mono),
            checked_at: Some(now().wall),
            ..Transport::default()
        };
        derive::source(&Held { source: Arc::clone(&source), state, transport }, now())
    };
    (0..sources).map(one).collect()
}

fn snapshot(derived: &[Derived]) -> Snapshot {
    let parts = headline::Parts {
        page: &Arc::new(PageSettings::default()),
        services: &[],
        sources: derived.iter().collect(),
        desk: &allclear::model::desk::Desk::default(),
        local: &[],
        local_maintenances: &[],
        notices: Vec::new(),
        cut_off: false,
        seq: 1,
    };
    headline::snapshot(parts, now())
}

#[divan::bench(args = [50, 500, 2000])]
fn publish_snapshot(bencher: Bencher, sources: usize) {
    let derived = world(sources);
    bencher.bench(|| snapshot(black_box(&derived)));
}

#[divan::bench(args = [50, 500, 2000])]
fn publish_page(bencher: Bencher, sources: usize) {
    let pages = Pages::new().unwrap();
    let snapshot = snapshot(&world(sources));
    bencher.bench(|| pages.status(black_box(&snapshot)).unwrap());
}

/// What `/metrics` says of vendors, once for each snapshot.
#[divan::bench(args = [50, 200, 2000])]
fn draw_figures(bencher: Bencher, sources: usize) {
    use allclear::telemetry::{Drawn, Form};

    let snapshot = snapshot(&world(sources));
    bencher.bench(|| Drawn::default().of(black_box(&snapshot), Form::Text).len());
}

/// A request for bytes that stand ready: it must not depend on the number of sources.
#[divan::bench(args = [50, 500, 2000])]
fn answer_ready_page(bencher: Bencher, sources: usize) {
    use axum::body::Body as Content;
    use axum::http::Request;
    use tower::ServiceExt as _;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = allclear::store::handle::Handle::new(allclear::store::Store::in_memory().unwrap());
    let parts = allclear::http::Parts {
        store,
        pages: Pages::new().unwrap(),
        pulse: Arc::default(),
        metrics: Arc::default(),
        nudges: allclear::nudge::Nudges::default(),
        door: allclear::ingest::Door::to(tokio::sync::mpsc::channel(1).0),
        asks: allclear::nudge::ask::Desk::to(tokio::sync::mpsc::channel(1).0),
        post: allclear::nudge::post::Post::to(tokio::sync::mpsc::channel(1).0),
        plan: tokio::sync::watch::channel(Arc::default()).1,
        desk: tokio::sync::watch::Sender::default().subscribe(),
        hooks: tokio::sync::watch::Sender::default().subscribe(),
        sign_on: tokio::sync::watch::Sender::default().subscribe(),
        fetcher: tokio::sync::watch::Sender::default().subscribe(),
        clock: Clock::system(),
        first: allclear::ingest::Published { snapshot: Arc::new(snapshot(&world(sources))), events: Vec::new() },
    };
    let router = allclear::http::router(allclear::http::app(parts).unwrap());
    bencher.bench_local(|| {
        let request = Request::get("/").header("accept-encoding", "br").body(Content::empty()).unwrap();
        runtime.block_on(router.clone().oneshot(request)).unwrap()
    });
}

/// One incident to so many readers: decided, written down and queued in one transaction on the disk.
#[divan::bench(args = [100, 10_000], sample_count = 5)]
fn queue_for_readers(bencher: Bencher, readers: usize) {
    use allclear::model::event::{Cause, Event, EventKind};
    use allclear::model::id::ReceiverId;
    use allclear::model::policy::Policy;
    use allclear::notify::receivers::Receiver;
    use allclear::notify::round::{Facts, State};
    use allclear::store::{Batch, Store};

    let at = now().wall;
    let policy = Arc::new(Policy::default());
    let receiver = |number: usize| {
        let receiver = Receiver { policy: Arc::clone(&policy), since: Some(at), can_edit: false, is_reader: true };
        (ReceiverId::subscriber(&format!("reader{number:06}")), receiver)
    };
    let receivers = Arc::new((0..readers).map(receiver).collect());
    let mut present = snapshot(&world(1));
    present.seq = 1;
    let facts = Facts { receivers, snapshot: Arc::new(present), fallback: Vec::new(), now: at };
    let event = Event {
        seq: 1,
        at,
        since: None,
        kind: EventKind::IncidentOpened,
        source: Some(SourceId::new("vendor-0")),
        subject: Some("vendor-0.i".into()),
        name: "Errors in the API".into(),
        from: None,
        to: Some("investigating".into()),
        cause: Cause::Reading,
        note: Some("We are looking into it.".into()),
        baseline: false,
    };
    let batch = Batch { events: vec![event], outbox: vec![1], ..Batch::default() };
    let fresh = || {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mut state = State::load(&store).unwrap();
        state.round(&store, &facts).unwrap();
        store.commit(&batch).unwrap();
        (folder, store, state)
    };
    bencher.with_inputs(fresh).bench_local_values(|(folder, store, mut state)| {
        let done = state.round(&store, &facts).unwrap();
        assert!(done.queued && store.delivery_counts().unwrap().0 == readers as u64);
        folder
    });
}
