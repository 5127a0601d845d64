//! One pretend vendor at its address: what it says, what it was asked, and the truth about it.

use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use jiff::Timestamp;

use super::cast::{Kind, Part};
use super::play::{Behaviour, Change, Script, Stage, later};
use super::{Pending, RequestLog, Traffic, Truth, VendorInfo, pages, statuspage};
use crate::clock::Clock;
use crate::model::level::State;

/// Requests remembered per vendor.
const REMEMBERED: usize = 200;

/// A document, rendered.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub status: StatusCode,
    pub kind: &'static str,
    pub body: Bytes,
    pub etag: String,
    pub last_modified: String,
}

/// Requests seen.
#[derive(Debug, Default)]
struct Seen {
    log: VecDeque<RequestLog>,
    traffic: Traffic,
    in_flight: usize,
    last: Option<Instant>,
}

/// A vendor that is served.
#[derive(Debug)]
pub(super) struct Vendor {
    pub info: VendorInfo,
    pub kind: Kind,
    page_id: String,
    script: Script,
    stage: Mutex<Stage>,
    rendered: Mutex<HashMap<String, (u64, Document)>>,
    seen: Mutex<Seen>,
    clock: Clock,
    start: (Timestamp, Duration),
    speed: f64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a request as in flight until it is dropped.
pub(super) struct InFlight<'a>(&'a Vendor);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut seen = lock(&self.0.seen);
        seen.in_flight = seen.in_flight.saturating_sub(1);
    }
}

impl Vendor {
    pub(super) fn new(number: usize, part: Part, address: SocketAddr, clock: &Clock, speed: f64) -> Self {
        let now = clock.now();
        let id: String =
            part.name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
        let id = id.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
        let format = match part.kind {
            Kind::Statuspage => "statuspage",
            Kind::Rss | Kind::Atom | Kind::JsonFeed => "feed",
            Kind::Table | Kind::Divs => "html",
            Kind::Health => "http",
            Kind::Speaks(dialect) => dialect.format,
        };
        let origin = format!("http://{address}");
        let url = match part.kind {
            Kind::Rss => format!("{origin}/history.rss"),
            Kind::Atom => format!("{origin}/history.atom"),
            Kind::JsonFeed => format!("{origin}/feed.json"),
            Kind::Health => format!("{origin}/health"),
            Kind::Speaks(dialect) => format!("{origin}{}", dialect.reads),
            _ => format!("{origin}/"),
        };
        Self {
            info: VendorInfo { id, name: part.name, format, url, origin, plays: part.plays, address },
            kind: part.kind,
            page_id: format!("sim{number:09}"),
            script: part.script,
            stage: Mutex::new(part.stage),
            rendered: Mutex::default(),
            seen: Mutex::default(),
            clock: clock.clone(),
            start: (now.wall, now.mono),
            speed,
        }
    }

    /// The stage with all played that is due.
    fn stage(&self) -> MutexGuard<'_, Stage> {
        let mut stage = lock(&self.stage);
        let elapsed = self.clock.now().mono.saturating_sub(self.start.1);
        let script = Duration::try_from_secs_f64(elapsed.as_secs_f64() * self.speed).unwrap_or(elapsed);
        let wall = |at: Duration| {
            later(self.start.0, Duration::try_from_secs_f64(at.as_secs_f64() / self.speed).unwrap_or(at))
        };
        stage.play(&self.script, script, wall);
        stage
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        self.stage().behaviour
    }

    /// The behaviour towards one request, which counts where refusals are counted.
    pub(super) fn behave(&self) -> Behaviour {
        let mut stage = self.stage();
        let now = stage.behaviour;
        if let Behaviour::RateLimit { left, .. } = &mut stage.behaviour {
            *left = left.saturating_sub(1);
        }
        now
    }

    pub(super) fn set(&self, change: Change) {
        let at = self.clock.now().wall;
        self.stage().apply(change, at);
    }

    pub(super) fn request(&self, path: &str, headers: &HeaderMap) -> InFlight<'_> {
        let word = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        self.remember(path, word("if-none-match"), word("user-agent"));
        let mut seen = lock(&self.seen);
        seen.in_flight = seen.in_flight.saturating_add(1);
        seen.traffic.peak_in_flight = seen.traffic.peak_in_flight.max(seen.in_flight);
        InFlight(self)
    }

    /// Remembers a request that no HTTP library has read.
    pub(super) fn raw_request(&self, head: &[u8]) {
        let head = String::from_utf8_lossy(head);
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.remember(&path, None, None);
    }

    fn remember(&self, path: &str, if_none_match: Option<String>, user_agent: Option<String>) {
        let at = self.clock.now().wall;
        let mut seen = lock(&self.seen);
        let now = Instant::now();
        if let Some(gap) = seen.last.map(|last| now.saturating_duration_since(last)) {
            seen.traffic.least_gap = Some(seen.traffic.least_gap.map_or(gap, |least| least.min(gap)));
        }
        seen.last = Some(now);
        seen.traffic.requests = seen.traffic.requests.saturating_add(1);
        if seen.log.len() >= REMEMBERED {
            seen.log.pop_front();
        }
        seen.log.push_back(RequestLog {
            vendor: self.info.id.clone(),
            at,
            path: path.to_owned(),
            if_none_match,
            user_agent,
        });
    }

    pub(super) fn requests(&self) -> Vec<RequestLog> {
        lock(&self.seen).log.iter().cloned().collect()
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic { vendor: self.info.id.clone(), ..lock(&self.seen).traffic.clone() }
    }

    /// The document at `path`, rendered anew only after a change.
    pub(super) fn document(&self, path: &str) -> Option<Document> {
        let stage = self.stage();
        let mut rendered = lock(&self.rendered);
        if let Some((version, document)) = rendered.get(path)
            && *version == stage.version
        {
            return Some(document.clone());
        }
        let (status, kind, body) = self.render(&stage, path)?;
        let mut hasher = std::hash::DefaultHasher::new();
        body.hash(&mut hasher);
        let document = Document {
            status,
            kind,
            body: Bytes::from(body),
            etag: format!("W/\"{:016x}\"", hasher.finish()),
            last_modified: stage.changed.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        };
        rendered.insert(path.to_owned(), (stage.version, document.clone()));
        Some(document)
    }

    fn render(&self, stage: &Stage, path: &str) -> Option<(StatusCode, &'static str, Vec<u8>)> {
        const JSON: &str = "application/json; charset=utf-8";
        const HTML: &str = "text/html; charset=utf-8";
        const ATOM: &str = "application/atom+xml; charset=utf-8";
        let page = statuspage::Page { id: &self.page_id, name: &self.info.name, url: &self.info.origin };
        let good = |kind, body: String| Some((StatusCode::OK, kind, body.into_bytes()));
        let feed = match self.kind {
            Kind::Statuspage | Kind::Atom => Some(("application/atom+xml", "/history.atom")),
            Kind::Rss => Some(("application/rss+xml", "/history.rss")),
            Kind::JsonFeed => Some(("application/feed+json", "/feed.json")),
            _ => None,
        };
        match (self.kind, path) {
            (Kind::Health, "/health" | "/") => {
                let well = stage.worst() == "operational";
                let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
                Some((status, "text/plain; charset=utf-8", if well { "ok\n" } else { "failing\n" }.as_bytes().to_vec()))
            }
            (Kind::Speaks(dialect), _) => {
                let (kind, body) = (dialect.document)(&page, stage, path)?;
                Some((StatusCode::OK, kind, body))
            }
            (kind, "/") => good(HTML, pages::html(&page, stage, matches!(kind, Kind::Table), feed)),
            (Kind::Statuspage | Kind::Atom, "/history.atom") => good(ATOM, pages::atom(&page, stage)),
            (Kind::Rss, "/history.rss") => good("application/rss+xml; charset=utf-8", pages::rss(&page, stage)),
            (Kind::JsonFeed, "/feed.json") => good("application/feed+json", pages::json_feed(&page, stage).to_string()),
            (Kind::Statuspage, _) => good(JSON, statuspage::document(&page, stage, path)?.to_string()),
            _ => None,
        }
    }

    /// What a correct reader must show now.
    pub(super) fn truth(&self) -> Truth {
        let stage = self.stage();
        let answers =
            matches!(stage.behaviour, Behaviour::Healthy | Behaviour::Slow(_) | Behaviour::RateLimit { left: 0, .. });
        let readable = answers && stage.lost.is_empty();
        let has_states = !matches!(self.kind, Kind::Rss | Kind::Atom | Kind::JsonFeed);
        let state = |word: &str| State::from_word(word).unwrap_or(State::Unknown);
        let pending = |works: bool| {
            let open = stage.events.iter().filter(move |event| event.open() && event.window.is_some() == works);
            open.map(|event| Pending { id: event.id.clone(), title: event.title.clone(), phase: event.phase }).collect()
        };
        let path = |group: &str, name: &str| if group.is_empty() { name.to_owned() } else { format!("{group}/{name}") };
        let components: Vec<(String, State)> = if has_states && !matches!(self.kind, Kind::Health) {
            stage.components.iter().map(|it| (path(&it.group, &it.name), state(it.state))).collect()
        } else {
            Vec::new()
        };
        Truth {
            vendor: self.info.id.clone(),
            readable,
            state: if readable {
                State::worst(components.iter().map(|(_, state)| *state))
            } else {
                Some(State::Unknown)
            },
            components,
            incidents: pending(false),
            maintenances: pending(true),
        }
    }
}
