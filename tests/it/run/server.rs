//! Starts the program and the pretend vendors, and asks the program over plain sockets.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use allclear::clock::Clock;
use allclear::simulate::{Cast, Settings, VendorInfo, World};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Long enough for a loaded machine; nothing waits for it to pass.
pub const SOON: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer.
pub async fn until<T>(what: &str, within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < within, "not within {within:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A world that ends with the test.
pub struct Play {
    pub world: World,
    _task: AbortOnDropHandle<std::io::Result<()>>,
}

/// Starts the named world, or one of so many plain vendors.
pub async fn play(sources: Option<usize>) -> Play {
    play_cast(sources.map_or(Cast::Named, Cast::Load)).await
}

/// Starts a world of this cast.
pub async fn play_cast(cast: Cast) -> Play {
    // One of each format is there to be found: it plays so slowly that nothing happens by itself.
    let speed = if cast == Cast::EveryFormat { 0.0001 } else { 1.0 };
    play_of(Settings { cast, speed, ..Settings::default() }).await
}

/// Starts such a world.
#[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
pub async fn play_of(settings: Settings) -> Play {
    let world = World::start(settings, Clock::system()).await.unwrap();
    let task = AbortOnDropHandle::new(tokio::spawn(world.clone().run(CancellationToken::new())));
    Play { world, _task: task }
}

impl Play {
    /// The vendors of these formats.
    pub fn of(&self, formats: &[&str]) -> Vec<VendorInfo> {
        self.world.vendors().iter().filter(|vendor| formats.contains(&vendor.format)).cloned().collect()
    }

    /// The vendor with this role.
    pub fn plays(&self, role: &str) -> VendorInfo {
        self.world.vendors().iter().find(|vendor| vendor.plays == role).cloned().unwrap()
    }
}

/// A configuration that reads these vendors once a second.
pub fn yaml<'a>(vendors: impl IntoIterator<Item = &'a VendorInfo>) -> String {
    let mut yaml = String::from("page:\n  title: Our vendors\nsources:\n");
    for vendor in vendors {
        let name = Value::from(vendor.name.as_str());
        let VendorInfo { id, url, format, .. } = vendor;
        let _ = write!(
            yaml,
            "  - id: {id}\n    name: {name}\n    url: {url}\n    format: {format}\n    allow_private: true\n    interval: 1s\n"
        );
    }
    yaml
}

/// A folder with a configuration and a place for data.
pub struct Home {
    pub folder: tempfile::TempDir,
}

impl Home {
    pub fn new(yaml: &str) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(home.config(), yaml).unwrap();
        home
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("sources.yaml")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs a command on this folder to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        program(self.folder.path()).args(args).output().unwrap()
    }

    /// The command that serves it on a free port.
    pub fn serving(&self) -> Command {
        self.serving_with_log("json")
    }

    /// The same with log lines in this format.
    pub fn serving_with_log(&self, format: &str) -> Command {
        let mut command = program(self.folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--log-format", format]);
        command
    }

    /// Serves it.
    pub async fn serve(&self) -> Server {
        Server::start(self.serving()).await
    }
}

/// The program, run in a folder, without what the environment of the test says.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_allclear"));
    command.current_dir(folder).stdin(Stdio::null());
    for name in ["CONFIG", "DATA", "LOG", "LOG_FORMAT", "LISTEN", "URL", "TOKEN"] {
        command.env_remove(format!("ALLCLEAR_{name}"));
    }
    command.env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    command
}

/// What a command said, for messages and searches.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A process that serves; killed when it is dropped.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts it and waits until it answers.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, kept) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                kept.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        let address = until("it says where it serves", SOON, async || {
            let ended = child.try_wait().unwrap();
            let log = log.lock().unwrap();
            assert!(ended.is_none(), "{ended:?}: {log}");
            let (_, rest) = log.split_once("serving http://")?;
            rest.split_once(['"', '\n']).map(|(address, _)| address.trim().parse().unwrap())
        })
        .await;
        let server = Self { child, address, log };
        until("it answers", SOON, async || server.try_get("/healthz").await).await;
        server
    }

    /// Everything logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The answer, or nothing where the process does not give one.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        tokio::time::timeout(SOON, ask(self.address, "GET", path, "")).await.ok()?.ok()
    }

    pub async fn get(&self, path: &str) -> Answer {
        match self.try_get(path).await {
            Some(answer) => answer,
            None => panic!("no answer to {path}: {}", self.log()),
        }
    }

    /// Pushes something, as a vendor does.
    pub async fn post(&self, path: &str, body: &str) -> Answer {
        let answered = tokio::time::timeout(SOON, ask(self.address, "POST", path, body)).await;
        answered.unwrap().unwrap_or_else(|error| panic!("no answer to {path}: {error}"))
    }

    /// Any request, with these header lines, each with its line end.
    pub async fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let answered = tokio::time::timeout(SOON, ask_with(self.address, method, path, headers, body)).await;
        answered.unwrap().unwrap_or_else(|error| panic!("no answer to {method} {path}: {error}"))
    }

    /// The body of an answer, byte for byte.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let mut all = raw(self.address, "GET", path, "").await.unwrap();
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        all.split_off(end)
    }

    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert!(answer.head.starts_with("HTTP/1.1 200"), "{path}: {}", answer.head);
        serde_json::from_str(&answer.body).unwrap()
    }

    pub async fn summary(&self) -> Value {
        self.json("/api/v1/summary").await
    }

    /// Asks for the summary until it is as wanted.
    pub async fn until<T>(&self, what: &str, mut look: impl FnMut(&Value) -> Option<T>) -> T {
        until(what, SOON, async || look(&self.summary().await)).await
    }

    /// Sends the signal that a supervisor sends.
    pub fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end of the process.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        until("it ends", SOON, async || self.child.try_wait().unwrap()).await
    }

    /// Opens `/events`.
    pub fn watch(&self) -> Viewer {
        self.watch_as("")
    }

    /// The same with these header lines.
    pub fn watch_as(&self, headers: &str) -> Viewer {
        let mut stream = std::net::TcpStream::connect(self.address).unwrap();
        let head = format!("GET /events HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        let text = Arc::new(Mutex::new(String::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let (kept, end) = (Arc::clone(&text), Arc::clone(&ended));
        std::thread::spawn(move || {
            let mut bytes = [0_u8; 16 << 10];
            while let Ok(count @ 1..) = stream.read(&mut bytes) {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
            end.store(true, Ordering::Release);
        });
        Viewer { text, ended }
    }
}

/// Somebody who watches `/events`.
pub struct Viewer {
    text: Arc<Mutex<String>>,
    ended: Arc<AtomicBool>,
}

impl Viewer {
    /// Every event so far, in order.
    pub fn events(&self) -> Vec<Value> {
        let text = self.text.lock().unwrap().clone();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter_map(|data| serde_json::from_str(data).ok())
            .filter(|event: &Value| event["kind"].is_string())
            .collect()
    }

    /// True once the server has closed the stream.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    pub fn is_greeted(&self) -> bool {
        self.text.lock().unwrap().contains("event: hello")
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

async fn raw(address: SocketAddr, method: &str, path: &str, body: &str) -> std::io::Result<Vec<u8>> {
    raw_with(address, method, path, "", body).await
}

async fn raw_with(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n{length}{headers}connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

async fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> std::io::Result<Answer> {
    ask_with(address, method, path, "", body).await
}

pub async fn ask_with(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> std::io::Result<Answer> {
    let bytes = raw_with(address, method, path, headers, body).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match text.split_once("\r\n\r\n") {
        Some((head, body)) => Ok(Answer { head: head.to_owned(), body: body.to_owned() }),
        None => Err(std::io::ErrorKind::UnexpectedEof.into()),
    }
}

/// What a server other than ours answers to a GET.
pub async fn ask_at(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, "").await.unwrap()
}

/// A list in JSON.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The one in a list with this id.
pub fn by_id<'a>(items: &'a Value, id: &str) -> Option<&'a Value> {
    list(items).iter().find(|item| item["id"] == id)
}
