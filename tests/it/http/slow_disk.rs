//! R32: a disk that takes for ever keeps its writers waiting, and nobody else.

use std::io;
use std::sync::{Arc, Condvar, Mutex};

use allclear::clock::Clock;
use allclear::http::{Parts, app, publish};
use allclear::ingest::{self, Input, Outcome, Reading, Watched};
use allclear::model::id::{ComponentId, SourceId};
use allclear::model::level::State;
use allclear::model::observation::{Observation, SeenComponent};
use allclear::model::outline::Shape;
use allclear::model::source::PageSettings;
use allclear::model::state::Transport;
use allclear::nudge::Nudges;
use allclear::render::Pages;
use allclear::store::Store;
use allclear::store::handle::Handle;
use allclear::telemetry::{Metrics, Pulse};
use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::live::Viewer;
use super::world::{World, noon, source};

/// A disk that can be held, so that what is written waits to be safe.
#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<InMemoryBackend>,
    held: Arc<(Mutex<Held>, Condvar)>,
}

#[derive(Debug, Default)]
struct Held {
    back: bool,
    waits: bool,
}

impl Disk {
    fn hold(&self) -> LetGo<'_> {
        self.held.0.lock().unwrap().back = true;
        LetGo(self)
    }

    /// Returns once something waits to be safe.
    fn somebody_waits(&self) {
        drop(self.held.1.wait_while(self.held.0.lock().unwrap(), |held| !held.waits).unwrap());
    }
}

/// Lets the disk go on when it is dropped, also by a failing test.
struct LetGo<'a>(&'a Disk);

impl Drop for LetGo<'_> {
    fn drop(&mut self) {
        self.0.held.0.lock().unwrap().back = false;
        self.0.held.1.notify_all();
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.bytes.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.bytes.read(offset, out)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.bytes.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
        let mut held = self.held.0.lock().unwrap();
        held.waits = held.back;
        self.held.1.notify_all();
        let mut held = self.held.1.wait_while(held, |held| held.back).unwrap();
        held.waits = false;
        self.bytes.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.bytes.write(offset, data)
    }
}

fn says(state: State) -> (Input, oneshot::Receiver<ingest::Feedback>) {
    let component = SeenComponent {
        id: ComponentId::new("c1"),
        name: "API".into(),
        group: None,
        state,
        description: None,
        updated_at: None,
        quiet: false,
    };
    let observation = Box::new(Observation { components: vec![component], ..Observation::default() });
    let (reply, answer) = oneshot::channel();
    let reading = Reading {
        source: SourceId::new("acme"),
        outcome: Outcome::Seen { observation, with_history: false, receipts: Vec::new(), shape: Shape::default() },
        transport: Transport {
            ok_at: Some(noon()),
            ok_mono: Some(Clock::set_to(noon()).now().mono),
            ..Transport::default()
        },
        detected: None,
        reply,
    };
    (Input::Reading(Box::new(reading)), answer)
}

/// Waits until the viewer is told that the source is in this state.
async fn told(viewer: &mut Viewer, state: &str) {
    let to = format!("\"to\":\"{state}\"");
    loop {
        let (kind, _, data) = viewer.next().await.unwrap();
        if kind == "source.state" && data.contains(&to) {
            return;
        }
    }
}

#[tokio::test]
async fn a_held_disk_keeps_no_reader_waiting() {
    let disk = Disk::default();
    let opened = disk.clone();
    let store = Handle::new(Store::on(move || opened.clone()).unwrap());
    let (pulse, clock, metrics) = (Arc::new(Pulse::default()), Clock::set_to(noon()), Arc::new(Metrics::new()));
    let (writer, ends) = ingest::writer(ingest::Parts {
        watched: Watched {
            page: Arc::new(PageSettings::default()),
            sources: vec![Arc::clone(&source("acme", State::Unknown, true).source)],
            services: Vec::new(),
            hooks: Vec::new(),
        },
        loaded: store.run(|store| store.load(noon())).await.unwrap(),
        store: store.clone(),
        clock: clock.clone(),
        pulse: Arc::clone(&pulse),
        metrics: Arc::clone(&metrics),
    });
    let app = app(Parts {
        store,
        pages: Pages::new().unwrap(),
        pulse: Arc::clone(&pulse),
        metrics,
        clock: clock.clone(),
        nudges: Nudges::default(),
        door: allclear::ingest::Door::to(tokio::sync::mpsc::channel(1).0),
        desk: tokio::sync::watch::Sender::default().subscribe(),
        asks: allclear::nudge::ask::Desk::to(tokio::sync::mpsc::channel(1).0),
        post: allclear::nudge::post::Post::to(tokio::sync::mpsc::channel(1).0),
        plan: tokio::sync::watch::channel(std::sync::Arc::default()).1,
        hooks: tokio::sync::watch::Sender::default().subscribe(),
        sign_on: tokio::sync::watch::Sender::default().subscribe(),
        fetcher: tokio::sync::watch::Sender::default().subscribe(),
        first: ends.first,
    });
    let world = World {
        app: app.unwrap(),
        pulse,
        clock,
        nudges: Nudges::default(),
        hooks: tokio::sync::watch::Sender::default(),
    };
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(writer.run(stop.clone()));
    tasks.spawn(publish(ends.published, world.app.clone(), stop.clone()));
    let mut viewer = Viewer::new(&world, "/events", None).await;
    let (first, known) = says(State::OPERATIONAL);
    assert!(ends.door.send(first).await);
    assert!(known.await.unwrap().was_read);
    told(&mut viewer, "operational").await;

    let held = disk.hold();
    let (news, mut kept) = says(State::MAJOR_OUTAGE);
    assert!(ends.door.send(news).await);
    let waiting = disk.clone();
    tokio::task::spawn_blocking(move || waiting.somebody_waits()).await.unwrap();
    for path in ["/", "/api/v1/summary", "/api/v1/sources/acme", "/sources/acme", "/feed.atom", "/metrics", "/healthz"]
    {
        assert!(world.get(path).await.status.is_success(), "{path}");
    }
    let shown = world.get("/api/v1/summary").await.json();
    assert_eq!(shown["sources"][0]["state"], "operational", "what is not safe yet is not told");
    assert!(kept.try_recv().is_err(), "and not acknowledged");

    drop(held);
    assert!(kept.await.unwrap().in_trouble);
    told(&mut viewer, "major_outage").await;
    assert_eq!(world.get("/api/v1/summary").await.json()["sources"][0]["state"], "major_outage");
    drop(ends.door);
    stop.cancel();
    while tasks.join_next().await.is_some() {}
}
