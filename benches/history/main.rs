//! What a long history costs: a million events and a hundred thousand incidents beside none, in one run of the real
//! program. `cargo bench --bench history`; `ALLCLEAR_INCIDENTS=100` makes it a tenth.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should stop")]

mod fill;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use allclear::clock::Clock;
use allclear::store::Store;
use jiff::{SignedDuration, Timestamp};

/// Starts of both, and turns of all documents after each. Which of the cores a program is on changes what it takes by
/// half, from turn to turn and from start to start: what the quickest twentieth of all requests takes at most is compared.
const STARTS: usize = 6;
const TURNS: usize = 10;
/// Requests of one document to each of both, in one turn.
const ROUNDS: usize = 100;

fn main() {
    // `cargo test --benches` only asks whether it runs.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let incidents = std::env::var("ALLCLEAR_INCIDENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let folder = tempfile::tempdir().unwrap();
    let (none, full) = (folder.path().join("none"), folder.path().join("full"));
    // What is over for three weeks stands in no feed: both show the same present.
    let end = Clock::system().now().wall - SignedDuration::from_hours(24 * 21);
    fill::lay_out(&none, end);
    let began = Instant::now();
    let events = fill::fill(&full, end, incidents);
    println!("{events} events, {} incidents, written in {:.0?}", incidents * fill::SOURCES, began.elapsed());
    let grown = size(&full) - size(&none);
    println!("the store grew by {grown} bytes: {} an event", grown / events);
    for line in Store::doctor(&full).lines.iter().filter(|line| line.starts_with("room") || line.contains("sound")) {
        println!("  {line}");
    }
    let config = config(folder.path());
    let (mut few, mut many) = (Served::start(&config, &none), Served::start(&config, &full));
    println!("start-up until it answers: {:.0?} with none, {:.0?} with all", few.started, many.started);
    let paths = ["/api/v1/summary", "/feed.atom", "/feed.json", "/"];
    let mut took: [[Vec<Duration>; 2]; 4] = Default::default();
    for turn in 0..STARTS * TURNS {
        if turn > 0 && turn % TURNS == 0 {
            few.start_again();
            many.start_again();
        }
        for (path, [with_none, with_all]) in paths.iter().zip(&mut took) {
            for _ in 0..ROUNDS {
                with_none.push(few.get(path).1);
                with_all.push(many.get(path).1);
            }
        }
    }
    for (path, [mut with_none, mut with_all]) in paths.into_iter().zip(took) {
        let (less, more) = (few.get(path).2, many.get(path).2);
        let (with_none, with_all) = (quick(&mut with_none), quick(&mut with_all));
        let ratio = with_all.as_secs_f64() / with_none.as_secs_f64();
        println!("{path}: {with_none:.1?} with none, {with_all:.1?} with all: {ratio:.2} ({less} and {more} bytes)");
    }
    let week = end - SignedDuration::from_hours(24 * 100);
    for (what, path) in [
        ("a source's year as figures", "/api/v1/sources/{}/uptime?days=365"),
        ("a source's page", "/sources/{}"),
        ("a vendor's report", "/reports/sources/{}?period=365d"),
        ("a past moment", "/?at={at}"),
        ("a day of the history", "/history?until={day}"),
    ] {
        let mut took = Vec::new();
        for number in 0..20 {
            let at = week + SignedDuration::from_hours(7 * number);
            took.push(many.get(&filled(path, usize::try_from(number).unwrap(), at)).1);
        }
        let worst = *took.iter().max().unwrap();
        println!("{what}: {:.1?}, at most {worst:.1?}", median(&mut took));
    }
}

fn filled(path: &str, number: usize, at: Timestamp) -> String {
    let day = at.strftime("%Y-%m-%d").to_string();
    path.replace("{}", &fill::name(number)).replace("{at}", &at.to_string()).replace("{day}", &day)
}

fn size(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("allclear.redb")).unwrap().len()
}

/// What the quickest twentieth takes at most.
fn quick(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took[took.len() / 20]
}

fn median(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

/// Nobody answers at these addresses: all sources are unknown in both.
fn config(folder: &Path) -> PathBuf {
    let mut yaml = String::from("poll:\n  interval: 1h\nsources:\n");
    for number in 0..fill::SOURCES {
        let _ = writeln!(
            yaml,
            "  - {{name: {}, url: \"http://127.0.0.1:9/{number}\", format: statuspage, allow_private: true}}",
            fill::name(number)
        );
    }
    let path = folder.join("sources.yaml");
    std::fs::write(&path, yaml).unwrap();
    path
}

/// The real program, and one connection to it.
struct Served {
    config: PathBuf,
    data: PathBuf,
    child: Child,
    stream: BufReader<TcpStream>,
    started: Duration,
}

impl Served {
    fn start(config: &Path, data: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let began = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_allclear"))
            .args(["serve", "--listen", &address.to_string(), "--config"])
            .arg(config)
            .arg("--data")
            .arg(data)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stream = loop {
            if let Ok(stream) = TcpStream::connect(address) {
                break stream;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        stream.set_nodelay(true).unwrap();
        let (config, data) = (config.to_owned(), data.to_owned());
        let mut served = Self { config, data, child, stream: BufReader::new(stream), started: Duration::ZERO };
        assert_eq!(served.get("/healthz").0, 200);
        served.started = began.elapsed();
        served
    }

    /// Ends it, and starts the same again.
    fn start_again(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        *self = Self::start(&self.config.clone(), &self.data.clone());
    }

    /// The status of an answer, how long it took, and its bytes.
    fn get(&mut self, path: &str) -> (u16, Duration, usize) {
        let began = Instant::now();
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "{path}: no answer");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            }
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        assert!(status == 200, "{path}: {status} {}", String::from_utf8_lossy(&body));
        (status, began.elapsed(), length)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
