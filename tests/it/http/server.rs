//! The socket: slow, silent and greedy clients, many viewers, and the end.

use std::net::SocketAddr;
use std::time::Duration;

use allclear::http::publish;
use allclear::http::server::{Timeouts, serve_within};
use allclear::ingest::Published;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::world::{World, event, snapshot};

const PATIENCE: Duration = Duration::from_secs(30);

struct Running {
    at: SocketAddr,
    stop: CancellationToken,
    tasks: JoinSet<std::io::Result<()>>,
}

async fn start(world: &World, timeouts: Timeouts) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(serve_within(listener, world.app.clone(), stop.clone(), timeouts));
    Running { at, stop, tasks }
}

fn quick() -> Timeouts {
    let short = Duration::from_millis(300);
    Timeouts { head: short, idle: short, stall: short, grace: Duration::from_secs(3), connections: 1_000 }
}

async fn ask(at: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Reads to the end, whether it is a clean one or not.
async fn to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("it is closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn until(stream: &mut TcpStream, words: &str) -> String {
    let mut seen = String::new();
    let mut bytes = [0; 4_096];
    while !seen.contains(words) {
        let count = timeout(PATIENCE, stream.read(&mut bytes)).await.unwrap().unwrap();
        assert!(count > 0, "closed before {words}: {seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    seen
}

#[tokio::test]
async fn s28_silent_half_and_dripping_clients_are_closed() {
    let world = World::default();
    let running = start(&world, quick()).await;
    for begun in ["", "GET /heal", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-a: b"] {
        let mut stream = ask(running.at, begun).await;
        assert!(!to_end(&mut stream).await.contains("200 OK"), "{begun}");
    }
    let mut dripping = ask(running.at, "GET / HTTP/1.1\r\nx: ").await;
    let drip = async {
        while dripping.write_all(b"y").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, drip).await.expect("a dripping client is closed");
    let mut idle = ask(running.at, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(to_end(&mut idle).await.contains("200 OK"));
    let mut second = ask(running.at, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    until(&mut second, "ok\n").await;
    second.write_all(b"GET /").await.unwrap();
    to_end(&mut second).await;
}

#[tokio::test]
async fn s28_who_does_not_read_the_answer_is_closed() {
    let world = World::default();
    let running = start(&world, quick()).await;
    let mut greedy = TcpStream::connect(running.at).await.unwrap();
    let write = async { while greedy.write_all(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() {} };
    timeout(PATIENCE, write).await.expect("it is closed");
}

#[tokio::test]
async fn r47_too_many_are_told_to_come_back_and_health_answers() {
    let world = World::default();
    let running = start(&world, Timeouts { connections: 1, ..quick() }).await;
    let mut viewer = ask(running.at, "GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await;
    until(&mut viewer, "hello").await;
    let mut other = ask(running.at, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let told = to_end(&mut other).await;
    assert!(told.starts_with("HTTP/1.1 503") && told.contains("Retry-After: "), "{told}");
    assert!(told.contains("Content-Security-Policy: default-src 'none'"), "{told}");
    let mut health = ask(running.at, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(to_end(&mut health).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn r44_stopping_ends_viewers_and_half_sent_requests() {
    let world = World::default();
    let long = Duration::from_secs(60);
    let mut running = start(&world, Timeouts { head: long, idle: long, stall: long, ..quick() }).await;
    let mut viewers = Vec::new();
    for _ in 0..50 {
        let mut viewer = ask(running.at, "GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await;
        until(&mut viewer, "hello").await;
        viewers.push(viewer);
    }
    let mut half = Vec::new();
    for _ in 0..50 {
        half.push(ask(running.at, "GET / HTTP/1.1\r\nhost").await);
    }
    running.stop.cancel();
    timeout(Duration::from_secs(10), running.tasks.join_next()).await.expect("it ends").unwrap().unwrap().unwrap();
    for viewer in &mut viewers {
        assert!(to_end(viewer).await.ends_with("0\r\n\r\n"), "a stream ends cleanly");
    }
    assert!(TcpStream::connect(running.at).await.is_err());
}

/// How many viewers fit where both ends of each are files of this process.
fn room() -> usize {
    let said = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = said.lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
    let files: usize = line.split_whitespace().nth(3).and_then(|word| word.parse().ok()).unwrap_or(1_024);
    files.saturating_sub(400) / 2
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r46_many_viewers_hear_of_a_change() {
    let viewers_wanted = room().min(1_000);
    println!("{viewers_wanted} viewers");
    let world = World::default();
    let running = start(&world, Timeouts { connections: viewers_wanted, ..Timeouts::default() }).await;
    let mut viewers = Vec::new();
    for _ in 0..viewers_wanted {
        let mut viewer = ask(running.at, "GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await;
        until(&mut viewer, "hello").await;
        viewers.push(viewer);
    }
    let (send, inbox) = unbounded_channel();
    send.send(Published { snapshot: snapshot(4, "Heard"), events: vec![event(4, "Heard")] }).unwrap();
    drop(send);
    publish(inbox, world.app.clone(), CancellationToken::new()).await;
    for viewer in &mut viewers {
        assert!(until(viewer, "Heard").await.contains("id: 4\n"));
    }
}
