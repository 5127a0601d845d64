//! Documents that come and go beside one that is always had.

use std::path::Path;
use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::*;
use crate::clock::Clock;
use crate::config;
use crate::fetch::{Fetcher, Settings};
use crate::formats::{self, Adapter, ParseError};
use crate::ingest::Door;
use crate::model::id::ComponentId;
use crate::model::observation::SeenComponent;
use crate::nudge::Nudges;

/// One component a document, whose state is the document.
#[derive(Debug)]
struct Two;

impl Adapter for Two {
    fn documents(&self, base: &Url) -> Vec<Document> {
        [("now", Role::Present), ("more", Role::Extra)]
            .map(|(name, role)| Document { name, url: base.join(name).unwrap(), role, accept: "*/*" })
            .into()
    }

    fn parse(&self, documents: &[Body], _: Timestamp) -> Result<Observation, ParseError> {
        let component = |body: &Body| SeenComponent {
            id: ComponentId::new(body.name.clone()),
            name: body.name.clone(),
            group: None,
            state: State::from_word(std::str::from_utf8(&body.bytes).unwrap()).unwrap(),
            description: None,
            updated_at: None,
            quiet: false,
        };
        Ok(Observation { components: documents.iter().map(component).collect(), ..Observation::default() })
    }
}

/// A page with these two documents, each of which changes its status and its words as told.
struct Page {
    says: Arc<Mutex<HashMap<&'static str, (u16, &'static str)>>>,
    config: SourceConfig,
    shared: Shared,
    clock: Clock,
    target: Target,
    kept: Kept,
    validators: Vec<Validators>,
    _tasks: JoinSet<()>,
}

impl Page {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let says: Arc<Mutex<HashMap<&'static str, (u16, &'static str)>>> = Arc::default();
        let told = Arc::clone(&says);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4_096];
                let count = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..count]).into_owned();
                let name = head.split([' ', '/']).nth(2).unwrap();
                let (status, body) = told.lock().unwrap()[name];
                let tag = format!("\"{body}\"");
                let status = if status == 200 && head.contains(&tag) { 304 } else { status };
                let body = if status == 304 { "" } else { body };
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nETag: {tag}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let text = format!("sources:\n  - {{name: A, url: \"{url}\", format: http, allow_private: true}}\n");
        let config = config::parse(&text, Path::new("sources.yaml"), &|_| None).unwrap();
        let config = SourceConfig::clone(&config.sources[0]);
        let clock = Clock::set_to("2026-01-02T12:00:00Z".parse().unwrap());
        let settings = Settings { host_spacing: Duration::from_micros(1), ..Settings::default() };
        let shared = Shared {
            fetcher: Fetcher::new(settings, Clock::system()).unwrap(),
            door: Door::to(mpsc::channel(1).0),
            clock: clock.clone(),
            nudges: Nudges::default(),
            metrics: Arc::default(),
            pulse: Arc::default(),
            parsers: Arc::new(Semaphore::new(2)),
        };
        let reader = Reader { format: formats::find("http").unwrap(), adapter: Arc::new(Two) };
        let target = Target { reader, address: config.address.clone() };
        let (kept, validators) = (Kept::default(), Vec::new());
        Self { says, config, shared, clock, target, kept, validators, _tasks: tasks }
    }

    fn say(&self, name: &'static str, status: u16, body: &'static str) {
        self.says.lock().unwrap().insert(name, (status, body));
    }

    /// The state and the warnings of one more reading, a minute later; `None` where nothing changed.
    async fn read(&mut self) -> Option<(State, Vec<String>)> {
        self.clock.advance(Duration::from_secs(60));
        let plan =
            Plan { config: &self.config, target: &self.target, validators: &self.validators, open: &[], first: false };
        let read = read(plan, &mut self.kept, &self.shared).await.unwrap();
        self.validators = read.validators;
        match read.outcome {
            Outcome::Seen { observation, .. } => Some((observation.state().unwrap(), observation.warnings)),
            Outcome::Unchanged | Outcome::Failed => None,
        }
    }
}

/// Minutes for which a document that cannot be had counts.
fn horizon(page: &Page) -> u64 {
    derive::horizon(&page.config.source).as_secs() / 60
}

#[tokio::test]
async fn a_document_that_was_had_counts_up_to_the_horizon_and_then_nobody_knows() {
    let mut page = Page::new().await;
    page.say("now", 200, "operational");
    page.say("more", 200, "operational");
    assert_eq!(page.read().await, Some((State::OPERATIONAL, Vec::new())));
    // That nothing changed is heard, too: it counts from here.
    for _ in 0..horizon(&page) * 2 {
        assert_eq!(page.read().await, None);
    }
    page.say("more", 500, "");
    for _ in 0..horizon(&page) {
        assert!(page.read().await.is_none_or(|(state, _)| state == State::OPERATIONAL));
    }
    let (state, warnings) = page.read().await.unwrap();
    assert_eq!(state, State::Unknown);
    assert!(warnings.iter().any(|said| said.contains("more: what it says now is not known")), "{warnings:?}");
    page.say("now", 200, "major_outage");
    assert_eq!(page.read().await.unwrap().0, State::MAJOR_OUTAGE, "what is read counts all the same");
    page.say("now", 200, "operational");
    page.kept = Kept::default();
    assert_eq!(page.read().await.unwrap().0, State::Unknown, "a restart forgets nothing");
    page.validators = page.validators.iter().map(Validators::bare).collect();
    assert_eq!(page.read().await.unwrap().0, State::Unknown, "nor does a failed reading, or one that asks for all");
    page.say("more", 200, "degraded_performance");
    assert_eq!(page.read().await, Some((State::DEGRADED_PERFORMANCE, Vec::new())));
}

#[tokio::test]
async fn a_document_that_is_gone_for_good_or_never_was_is_done_without() {
    let mut page = Page::new().await;
    page.say("now", 200, "operational");
    page.say("more", 404, "");
    assert_eq!(page.read().await.unwrap().0, State::OPERATIONAL, "it never was");
    page.say("more", 200, "partial_outage");
    assert_eq!(page.read().await.unwrap().0, State::PARTIAL_OUTAGE);
    page.say("more", 410, "");
    page.say("now", 200, "under_maintenance");
    assert_eq!(page.read().await.unwrap().0, State::PARTIAL_OUTAGE, "it is gone for a moment only, perhaps");
    for _ in 0..horizon(&page) {
        page.read().await;
    }
    page.say("now", 200, "operational");
    let (state, warnings) = page.read().await.unwrap();
    assert_eq!((state, warnings.len()), (State::OPERATIONAL, 1), "{warnings:?}");
}
