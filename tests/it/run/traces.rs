//! Traces and logs of the real program, for a collector that works, that hangs, and that cannot be spoken to.

use allclear::limits;
use allclear::model::people::Scope;
use allclear::model::source::FailureKind;
use serde_json::{Value, json};

use super::api::{Program, token};
use super::collector::{Collector, Span};
use super::inbox::Inbox;
use super::server::{Home, SOON, Server, play, program, said, until};

/// Stands in every secret.
const MARK: &str = "s3cr3tmark";

/// Serves `home`, which tells this collector, soon.
async fn serve(home: &Home, collector: &Collector) -> Server {
    let mut command = home.serving();
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .env("OTEL_EXPORTER_OTLP_HEADERS", format!("authorization=Bearer%20{MARK}01"))
        .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")
        .env("OTEL_BSP_SCHEDULE_DELAY", "50")
        .env("OTEL_BLRP_SCHEDULE_DELAY", "50");
    Server::start(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_spans_and_logs_of_readings_requests_and_messages_and_no_secret() {
    let (collector, inbox, play) = (Collector::open().await, Inbox::open().await, play(None).await);
    let (calm, down) = (play.plays("calm"), play.plays("down"));
    let home = Home::new(&format!(
        "sources:\n  - {{id: calm, name: Calm, url: \"{}?key={MARK}02\", format: {}, allow_private: true, interval: 1s, token: {MARK}03}}\n  \
         - {{id: down, name: Down, url: \"{}\", format: {}, allow_private: true, interval: 1s}}\n\
         notify:\n  channels:\n    - {{name: Ops, kind: webhook, url: \"http://{}/{MARK}04\", allow_private: true, secret: whsec_{MARK}05{}}}\n",
        calm.url.replace("http://", &format!("http://reader:{MARK}06@")),
        calm.format,
        down.url,
        down.format,
        inbox.address,
        "A".repeat(20)
    ));
    let secret = token(&home, &[Scope::Read, Scope::Messages]);
    let server = serve(&home, &collector).await;

    // A reading, with its parts.
    let poll = collector.span("a reading is traced", |span| span.name == "poll" && !span.failed).await;
    assert_eq!(
        (poll.attributes["allclear.source"].as_str(), poll.attributes["allclear.format"].as_str()),
        ("calm", calm.format)
    );
    assert!(["ok", "unchanged"].contains(&poll.attributes["allclear.outcome"].as_str()), "{poll:?}");
    assert_eq!(poll.resource["service.name"], "allclear");
    assert_eq!(poll.resource["deployment.environment"], "test");
    let part = |name: &'static str, of: &Span| {
        let (trace, parent) = (of.trace.clone(), of.id.clone());
        move |span: &Span| span.name == name && span.trace == trace && span.parent == parent
    };
    let fetch = collector.span("what it got", part("fetch", &poll)).await;
    assert!(["200", "304"].contains(&fetch.attributes["http.response.status_code"].as_str()), "{fetch:?}");
    collector.span("that it was merged", part("merge", &poll)).await;
    collector.span("that it was understood", |span| span.name == "parse" && !span.parent.is_empty()).await;
    collector.span("a commit", |span| span.name == "commit" && !span.failed).await;

    // A failed one, and what the log says of it, under one trace.
    let failed = collector
        .span("a failed reading", |span| span.name == "poll" && span.attributes["allclear.source"] == "down")
        .await;
    assert!(failed.failed && FailureKind::from_word(&failed.attributes["allclear.outcome"]).is_some(), "{failed:?}");
    let record = collector.record("the log", |record| record.message == "cannot be read").await;
    assert_eq!((record.level.as_str(), record.attributes["source"].as_str()), ("WARN", "down"));
    collector.span("the reading of the log record", |span| span.name == "poll" && span.trace == record.trace).await;
    let line = until("the same line on stderr", SOON, async || {
        let log = server.log();
        log.lines()
            .find(|line| line.contains("cannot be read"))
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
    });
    assert_eq!(line.await["trace_id"], record.trace.as_str());

    // A request within its caller's trace. What is private in its address stays here.
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let header = format!("traceparent: 00-{trace}-{parent}-01\r\nx-secret: {MARK}07\r\n");
    server.ask("GET", &format!("/api/v1/sources/calm?token={MARK}08"), &header, "").await;
    let request = collector.span("the request", |span| span.trace == trace).await;
    assert_eq!((request.name.as_str(), request.parent.as_str()), ("GET /api/v1/sources/{id}", parent));
    assert_eq!(request.attributes["http.route"], "/api/v1/sources/{id}");
    assert_eq!(request.attributes["http.request.method"], "GET");
    let health = collector.span("a request of nobody's trace", |span| span.name == "GET /healthz").await;
    assert!(health.parent.is_empty() && health.attributes["http.response.status_code"] == "200", "{health:?}");

    // A message.
    let sender = Program { server: &server, token: &secret };
    sender.write("POST", "/api/v1/channels/ops/test", json!({})).await;
    let sent = collector.span("an attempt to deliver", |span| span.name == "deliver").await;
    assert_eq!(
        (sent.attributes["allclear.channel"].as_str(), sent.attributes["allclear.delivery.outcome"].as_str()),
        ("ops", "sent")
    );

    // Its own requests are in no trace.
    let hosts: Vec<_> =
        collector.spans().into_iter().filter_map(|span| span.attributes.get("server.address").cloned()).collect();
    let vendors = [&calm, &down].map(|vendor| vendor.address.ip().to_string());
    assert!(!hosts.is_empty() && hosts.iter().all(|host| vendors.contains(host)), "{hosts:?}");
    assert!(collector.heads().iter().all(|head| head["authorization"] == format!("Bearer {MARK}01")));
    assert!(server.log().contains("/admin/setup?code="), "whoever reads this machine's log is let in");
    let raw = collector.raw();
    let raw = String::from_utf8_lossy(&raw);
    assert!(!raw.contains(MARK) && !raw.contains("setup?code"), "a secret left");
    let figures = server.get("/metrics").await.body;
    let count =
        |line: &str| figures.lines().find_map(|one| one.strip_prefix(line)?.trim().parse::<u64>().ok()).unwrap();
    assert!(count("allclear_telemetry_items_total{signal=\"spans\",outcome=\"sent\"}") > 0);
    assert_eq!(count("allclear_telemetry_items_total{signal=\"spans\",outcome=\"dropped\"}"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_delays_nothing_and_what_waits_for_it_has_an_end() {
    let (collector, play) = (Collector::hanging().await, play(Some(1)).await);
    let home = Home::new(&super::server::yaml(play.world.vendors()));
    let mut server = serve(&home, &collector).await;
    until("the collector holds a batch", SOON, async || (collector.asked() > 0).then_some(())).await;
    // More spans than may wait, and some that are in the collector's hands.
    let address = &server;
    let many = (0..8).map(|_| async move {
        for _ in 0..(limits::EXPORT_WAITING + limits::EXPORT_AT_ONCE) / 8 + 100 {
            assert_eq!(address.get("/healthz").await.status(), "200");
        }
    });
    futures_util::future::join_all(many).await;
    let figure = async |line: &str| -> u64 {
        let figures = server.get("/metrics").await.body;
        figures.lines().find_map(|one| one.strip_prefix(line)?.trim().parse().ok()).unwrap()
    };
    assert!(figure("allclear_telemetry_waiting{signal=\"spans\"}").await <= limits::EXPORT_WAITING as u64);
    let lost = figure("allclear_telemetry_items_total{signal=\"spans\",outcome=\"dropped\"}").await
        + figure("allclear_telemetry_items_total{signal=\"spans\",outcome=\"failed\"}").await;
    assert!(lost > 0, "what has no room is dropped, and counted");
    let before = figure("allclear_reading_duration_seconds_count").await;
    until("readings go on", SOON, async || {
        (figure("allclear_reading_duration_seconds_count").await > before + 1).then_some(())
    })
    .await;
    server.terminate();
    assert!(server.ended().await.success(), "it ends without the collector: {}", server.log());
}

#[test]
fn a_collector_that_is_spoken_to_in_another_way_is_a_mistake_that_is_told() {
    let home = Home::new("sources: []\n");
    let mut command = program(home.folder.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317").env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.contains("OTEL_EXPORTER_OTLP_PROTOCOL") && said.contains("http/protobuf"), "{said}");
}
