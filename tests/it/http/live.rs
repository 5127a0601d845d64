//! `/events`, and the order in which a change becomes visible.

use std::time::Duration;

use allclear::http::publish;
use allclear::ingest::Published;
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::world::{HOSTILE, World, event, snapshot};

/// A viewer that reads one message of the stream after another.
pub struct Viewer {
    stream: BodyDataStream,
    text: String,
}

impl Viewer {
    pub async fn new(world: &World, path: &str, last: Option<&str>) -> Self {
        let mut request = Request::builder().uri(path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = world.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { stream: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next message as (event, id, data); `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<(String, String, String)> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let lines: Vec<&str> = message.lines().filter_map(|line| line.strip_prefix(name)).collect();
                    assert!(lines.len() <= 1, "{message}");
                    lines.first().map_or(String::new(), |text| (*text).to_owned())
                };
                let found = (field("event: "), field("id: "), field("data: "));
                self.text = rest.to_owned();
                return Some(found);
            }
            let bytes = tokio::time::timeout(Duration::from_secs(20), self.stream.next()).await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn a_viewer_is_greeted_and_catches_up_from_memory() {
    let world = World::default();
    let mut fresh = Viewer::new(&world, "/events", None).await;
    let (name, id, data) = fresh.next().await.unwrap();
    assert_eq!((name.as_str(), id.as_str()), ("hello", "3"));
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let tag = world.get("/").await.header("etag").replace('"', "");
    assert_eq!((data["seq"].as_u64(), data["etag"].as_str()), (Some(3), Some(tag.as_str())));
    for (path, header) in [("/events", Some("1")), ("/events?last_event_id=1", None)] {
        let mut back = Viewer::new(&world, path, header).await;
        assert_eq!(back.next().await.unwrap().0, "hello");
        for seq in ["2", "3"] {
            let (name, id, data) = back.next().await.unwrap();
            assert_eq!((name.as_str(), id.as_str()), ("incident.updated", seq));
            assert!(data.contains("\"kind\":\"incident.updated\""), "{data}");
        }
    }
}

#[tokio::test]
async fn a_gap_that_cannot_be_filled_is_said() {
    let first =
        Published { snapshot: snapshot(5_000, "Errors"), events: (4_990..=5_000).map(|n| event(n, "x")).collect() };
    let world = World::new(first);
    for last in ["1", "4980", "9999", "nonsense", "-1"] {
        let (name, id, _) = Viewer::new(&world, "/events", Some(last)).await.next().await.unwrap();
        assert_eq!((name.as_str(), id.as_str()), ("reset", "5000"), "{last}");
    }
    let mut current = Viewer::new(&world, "/events", Some("4989")).await;
    assert_eq!(current.next().await.unwrap().0, "hello");
    assert_eq!(current.next().await.unwrap().1, "4990");
}

#[tokio::test]
async fn s5_no_word_breaks_out_of_the_stream() {
    let world = World::new(Published { snapshot: snapshot(1, HOSTILE), events: vec![event(1, HOSTILE)] });
    let mut viewer = Viewer::new(&world, "/events", Some("0")).await;
    viewer.next().await.unwrap();
    let (_, id, data) = viewer.next().await.unwrap();
    assert_eq!(id, "1");
    assert!(!data.contains(['\r', '\n']));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&data).unwrap()["name"], HOSTILE);
}

#[tokio::test]
async fn page_api_feed_and_events_agree_after_every_change() {
    let world = World::default();
    let (send, inbox) = unbounded_channel();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(publish(inbox, world.app.clone(), stop.clone()));
    let mut viewer = Viewer::new(&world, "/events", None).await;
    viewer.next().await.unwrap();
    for seq in 4..12_u64 {
        let title = format!("Change number {seq}");
        send.send(Published { snapshot: snapshot(seq, &title), events: vec![event(seq, &title)] }).unwrap();
        assert_eq!(viewer.next().await.unwrap().1, seq.to_string());
        let summary = world.get("/api/v1/summary").await.json();
        assert_eq!((summary["seq"].as_u64(), summary["incidents"][0]["title"].as_str()), (Some(seq), Some(&*title)));
        for path in ["/", "/feed.atom", "/feed.json", "/incidents/acme.x1"] {
            assert!(world.get(path).await.text().contains(&title), "{path} {title}");
        }
        let (_, _, hello) = Viewer::new(&world, "/events", None).await.next().await.unwrap();
        assert!(hello.contains(&world.get("/").await.header("etag").replace('"', "")), "{hello}");
    }
    stop.cancel();
    tasks.join_next().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_burst_is_rendered_together_and_every_event_told() {
    let world = World::default();
    let (send, inbox) = unbounded_channel();
    let mut viewer = Viewer::new(&world, "/events", None).await;
    viewer.next().await.unwrap();
    for seq in 4..304_u64 {
        send.send(Published { snapshot: snapshot(seq, "Storm"), events: vec![event(seq, "Storm")] }).unwrap();
    }
    drop(send);
    publish(inbox, world.app.clone(), CancellationToken::new()).await;
    for seq in 4..304_u64 {
        assert_eq!(viewer.next().await.unwrap().1, seq.to_string());
    }
    assert_eq!(world.get("/api/v1/summary").await.json()["seq"], 303);
}

#[tokio::test]
async fn newer_times_alone_wait_and_are_shown_at_the_end() {
    let world = World::default();
    let tag = world.get("/api/v1/summary").await.header("etag").to_owned();
    let (send, inbox) = unbounded_channel();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(publish(inbox, world.app.clone(), stop.clone()));
    let mut later = (*snapshot(3, "Errors in the API")).clone();
    later.generated_at = super::world::at("2026-01-02T12:00:09Z");
    send.send(Published { snapshot: later.into(), events: vec![] }).unwrap();
    tokio::task::yield_now().await;
    assert_eq!(world.get("/api/v1/summary").await.header("etag"), tag);
    drop(send);
    tasks.join_next().await.unwrap().unwrap();
    assert_ne!(world.get("/api/v1/summary").await.header("etag"), tag);
}

#[tokio::test]
async fn r46_who_does_not_read_is_dropped_and_the_others_are_not() {
    let world = World::default();
    let mut lazy = Viewer::new(&world, "/events", None).await;
    let mut viewer = Viewer::new(&world, "/events", None).await;
    lazy.next().await.unwrap();
    viewer.next().await.unwrap();
    for seq in 4..80_u64 {
        let (send, inbox) = unbounded_channel();
        send.send(Published { snapshot: snapshot(seq, "x"), events: vec![event(seq, "x")] }).unwrap();
        drop(send);
        publish(inbox, world.app.clone(), CancellationToken::new()).await;
        assert_eq!(viewer.next().await.unwrap().1, seq.to_string());
    }
    assert!(lazy.next().await.is_none());
}
