//! A whole allclear without a network: pollers, the writer and the teller, one step of time after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allclear::channels::Plan;
use allclear::clock::Clock;
use allclear::config::{self, SourceConfig};
use allclear::formats::{Body, Document, Role, outline};
use allclear::ingest::{self, Ends, Feedback, Input, Outcome, Reading, Watched, Writer};
use allclear::model::delivery::Delivery;
use allclear::model::desk::Desk;
use allclear::model::id::{ChannelId, ReceiverId};
use allclear::model::ledger::Decision;
use allclear::model::news::{News, Tier};
use allclear::model::snapshot::Snapshot;
use allclear::model::source::{Failure, FailureKind};
use allclear::model::state::Transport;
use allclear::notify::receivers;
use allclear::notify::round::{Facts, State};
use allclear::rules::schedule::{self, Outcome as Went};
use allclear::simulate::{Cast, Settings, World};
use allclear::store::Store;
use allclear::store::handle::Handle;
use allclear::telemetry::{Metrics, Pulse};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

/// Nothing is tuned: a channel as it is set up in a minute, one that wants everything, and a summary.
const CHANNELS: &str = "
notify:
  channels:
    - {name: Team, kind: webhook, url: \"https://team.example/hook\", secret: \"${KEY}\"}
    - name: Everything
      kind: webhook
      url: https://all.example/hook
      secret: ${KEY}
      only:
        kinds: [opened, worsened, updated, improved, resolved, announced, moved, soon, started, ended, cancelled,
          unreadable, readable, reminder]
    - {name: Summary, kind: webhook, url: \"https://summary.example/hook\", secret: \"${KEY}\", digest: daily 08:00}
";

/// The one that the documentation of the signing scheme shows.
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One who reads a page, as `poll` does.
struct Poller {
    config: Arc<SourceConfig>,
    transport: Transport,
    feedback: Feedback,
    /// The validator of the document that was read last.
    had: Option<String>,
    /// On the monotonic clock.
    next: Duration,
}

pub struct House {
    pub start: Timestamp,
    clock: Clock,
    world: World,
    pollers: Vec<Poller>,
    writer: Writer,
    ends: Ends,
    store: Handle,
    plan: Arc<Plan>,
    teller: Option<State>,
    due: Option<Timestamp>,
    /// When the writer last looked at the time.
    looked: Duration,
    /// What the page showed, and from when on.
    pub pages: Vec<(Timestamp, Arc<Snapshot>)>,
}

impl House {
    pub async fn new() -> Self {
        // A Monday.
        let start = "2026-03-02T00:00:00Z".parse().unwrap();
        let clock = Clock::set_to(start);
        let settings = Settings { cast: Cast::Week, ..Settings::default() };
        let world = World::start(settings, clock.clone()).await.unwrap();
        let text = world.config_yaml().replace("interval: 5s", "interval: 2m") + CHANNELS;
        let config = config::parse(&text, Path::new("sources.yaml"), &|_| Some(KEY.to_owned()));
        let config = config.unwrap_or_else(|problems| panic!("{problems:#?}"));
        let store = Store::in_memory().unwrap();
        let parts = ingest::Parts {
            watched: Watched {
                page: Arc::clone(&config.page),
                sources: config.sources.iter().map(|one| Arc::clone(&one.source)).collect(),
                services: config.services.clone(),
                hooks: Vec::new(),
            },
            loaded: store.load(start).unwrap(),
            store: Handle::new(store),
            clock: clock.clone(),
            pulse: Arc::new(Pulse::default()),
            metrics: Arc::new(Metrics::default()),
        };
        let store = parts.store.clone();
        let (writer, ends) = ingest::writer(parts);
        let poller = |config: &Arc<SourceConfig>| Poller {
            config: Arc::clone(config),
            transport: Transport::default(),
            feedback: Feedback::default(),
            had: None,
            next: clock.now().mono,
        };
        let pollers = config.sources.iter().map(poller).collect();
        let plan = config.notify;
        let (teller, looked) = (Some(State::default()), clock.now().mono);
        Self { start, clock, world, pollers, writer, ends, store, plan, teller, due: None, looked, pages: Vec::new() }
    }

    /// Lets so much time pass, from one thing that is due to the next.
    pub async fn live(&mut self, long: Duration) {
        let end = self.start + SignedDuration::try_from(long).unwrap();
        self.decide().await;
        while self.clock.now().wall < end {
            self.read().await;
            let changed = std::iter::from_fn(|| self.ends.published.try_recv().ok()).any(|one| !one.events.is_empty());
            let now = self.clock.now();
            if changed || self.due.is_some_and(|due| due <= now.wall) {
                self.decide().await;
            }
            let read = self.pollers.iter().map(|poller| poller.next.saturating_sub(now.mono)).min().unwrap();
            let told = self.due.map(|due| Duration::try_from(due.duration_since(now.wall)).unwrap_or_default());
            self.clock.advance(told.map_or(read, |told| told.min(read)).max(Duration::from_millis(1)));
        }
    }

    /// All readings that are due.
    async fn read(&mut self) {
        let now = self.clock.now();
        let mut answers = Vec::new();
        for (number, poller) in self.pollers.iter_mut().enumerate().filter(|(_, poller)| poller.next <= now.mono) {
            let outcome = poller.read(&self.world, now.wall);
            poller.note(&outcome, now.wall, now.mono);
            let (reply, answer) = oneshot::channel();
            let (source, transport) = (poller.config.source.id.clone(), poller.transport.clone());
            let reading = Reading { source, outcome, transport, detected: None, reply };
            assert!(self.ends.door.send(Input::Reading(Box::new(reading))).await);
            answers.push((number, answer));
        }
        self.writer.catch_up().await;
        // Time alone changes something where a page has just stopped to answer; else it is looked at now and then.
        let failing = self.pollers.iter().filter_map(|poller| poller.transport.failing_since);
        let lately = failing.max().is_some_and(|since| now.wall.duration_since(since) < SignedDuration::from_mins(20));
        if lately || now.mono.saturating_sub(self.looked) >= Duration::from_secs(600) {
            self.looked = now.mono;
            self.writer.look_at_time().await;
        }
        let page = Arc::clone(&self.ends.latest.borrow());
        if self.pages.last().is_none_or(|(_, last)| !Arc::ptr_eq(last, &page)) {
            self.pages.push((now.wall, page));
        }
        for (number, answer) in answers {
            let poller = &mut self.pollers[number];
            poller.feedback = answer.await.unwrap();
            poller.next = now.mono + poller.wait();
        }
    }

    /// Rounds of the teller, until there is nothing to decide now.
    async fn decide(&mut self) {
        let receivers = Arc::new(receivers::all(&self.plan, &Desk::default()));
        loop {
            let snapshot = Arc::clone(&self.ends.latest.borrow());
            let now = self.clock.now().wall;
            let facts = Facts { receivers: Arc::clone(&receivers), snapshot, fallback: Vec::new(), now };
            let mut state = self.teller.take().unwrap();
            let round = move |store: &Store| {
                let done = state.round(store, &facts)?;
                Ok((state, done))
            };
            let (state, done) = self.store.run(round).await.unwrap();
            self.teller = Some(state);
            self.due = done.due;
            if !done.more {
                return;
            }
        }
    }

    /// What a channel got, oldest first.
    pub async fn told(&self, channel: &str) -> Vec<Delivery> {
        let receiver = ReceiverId::channel(&ChannelId::new(channel));
        let list = move |store: &Store| {
            let (mut all, mut cursor) = (Vec::new(), None);
            loop {
                let part = store.deliveries(None, &|to| *to == receiver, cursor.as_deref(), 1_000)?;
                all.extend(part.items);
                cursor = part.next;
                if cursor.is_none() {
                    return Ok(all);
                }
            }
        };
        let mut all = self.store.run(list).await.unwrap();
        all.reverse();
        all
    }

    /// The store.
    pub fn store(&self) -> &Handle {
        &self.store
    }

    /// Everything that happened, by its number.
    pub async fn news(&self) -> BTreeMap<u64, News> {
        let all = self.store.run(|store| store.news_after(0, 100_000)).await.unwrap();
        all.into_iter().map(|one| (one.seq, one)).collect()
    }

    /// The last decision on every piece of news for a channel.
    pub async fn decisions(&self, channel: &str) -> BTreeMap<u64, Decision> {
        let receiver = ReceiverId::channel(&ChannelId::new(channel));
        let threads: BTreeSet<_> = self.news().await.into_values().map(|one| one.thread).collect();
        let all = move |store: &Store| {
            let mut all = Vec::new();
            for thread in &threads {
                all.extend(store.decisions(thread, 100_000)?);
            }
            Ok(all)
        };
        let all = self.store.run(all).await.unwrap();
        all.into_iter().filter(|one| one.receiver == receiver).map(|one| (one.seq, one)).collect()
    }

    pub fn is_vital(&self, source: &str) -> bool {
        let found = self.pollers.iter().find(|poller| poller.config.source.id.as_str() == source);
        found.unwrap().config.source.tier == Tier::Vital
    }

    /// A message in a line: when, and what.
    pub fn line(one: &Delivery, news: &BTreeMap<u64, News>) -> String {
        let items = one.letter.items.iter().map(|item| {
            let news = &news[&item.seq];
            let name = if news.title == news.source_name { String::new() } else { format!(", “{}”", news.title) };
            format!("{} {}{name}", item.happening.as_str(), news.source_name)
        });
        format!("{} {}", one.made_at.strftime("%a %H:%M:%S"), items.collect::<Vec<_>>().join(" + "))
    }
}

impl Poller {
    fn read(&mut self, world: &World, now: Timestamp) -> Outcome {
        let reader = self.config.reader.as_ref().unwrap();
        let documents = reader.adapter.documents(&self.config.address);
        let (past, present): (Vec<Document>, Vec<Document>) =
            documents.into_iter().partition(|document| document.role == Role::History);
        let get = |document: &Document| {
            let (validator, bytes) = world.document(self.config.source.id.as_str(), document.url.path())?;
            let (name, url) = (document.name.to_owned(), Some(document.url.clone()));
            Some((validator, Body { name, role: document.role, content_type: None, url, status: 200, bytes }))
        };
        let [summary] = present.as_slice() else { panic!("one document says how things stand") };
        let Some((validator, body)) = get(summary) else { return Outcome::Failed };
        if self.had.as_ref() == Some(&validator) && !self.feedback.in_doubt {
            return Outcome::Unchanged;
        }
        self.had = Some(validator);
        let mut bodies = vec![body];
        let shape = outline::shape(&bodies, "statuspage".to_owned());
        let mut observation = reader.adapter.parse(&bodies, now).unwrap();
        let is_listed = |id: &String| {
            observation.incidents.iter().any(|one| one.id == *id)
                || observation.maintenances.iter().any(|one| one.id == *id)
        };
        let with_history = !self.feedback.was_read || !self.feedback.open.iter().all(is_listed);
        if with_history {
            bodies.extend(past.iter().map(|document| get(document).unwrap().1));
            observation = reader.adapter.parse(&bodies, now).unwrap();
        }
        Outcome::Seen { observation: Box::new(observation), with_history, shape, receipts: Vec::new() }
    }

    /// What is known of how reading goes.
    fn note(&mut self, outcome: &Outcome, wall: Timestamp, mono: Duration) {
        let before = &self.transport;
        self.transport = match outcome {
            Outcome::Failed => Transport {
                checked_at: Some(wall),
                failure: Some(Failure { kind: FailureKind::Unreachable, message: "no answer".to_owned() }),
                failing_since: before.failing_since.or(Some(wall)),
                failures: before.failures + 1,
                ..before.clone()
            },
            _ => Transport {
                checked_at: Some(wall),
                ok_at: Some(wall),
                ok_mono: Some(mono),
                format: Some("statuspage".to_owned()),
                ..Transport::default()
            },
        };
        if matches!(outcome, Outcome::Failed) {
            self.had = None;
        }
    }

    /// Until the next reading, without dice: what is due together is read together.
    fn wait(&self) -> Duration {
        let went = match self.transport.failures {
            0 => Went::Good { in_trouble: self.feedback.in_trouble, nudged: false },
            failures => Went::Failed { failures, retry_after: None, overrun: false },
        };
        let wait = schedule::next(&self.config.source, went, 0.5);
        Duration::from_secs(wait.as_secs().next_multiple_of(30))
    }
}
