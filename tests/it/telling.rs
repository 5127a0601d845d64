//! The teller and its lanes, with the clock in the test's hand.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allclear::channels::Plan;
use allclear::clock::Clock;
use allclear::fetch::{Fetcher, Settings};
use allclear::ingest::{Door, Input};
use allclear::limits;
use allclear::model::delivery::{Delivery, Status};
use allclear::model::desk::Desk;
use allclear::model::event::{Cause, Event, EventKind};
use allclear::model::id::{ChannelId, ReceiverId};
use allclear::model::snapshot::Snapshot;
use allclear::notify::{self, Parts};
use allclear::nudge::post::Post;
use allclear::store::handle::Handle;
use allclear::store::{Batch, Store};
use allclear::telemetry::{Metrics, Pulse};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::http::world::snapshot;
use crate::run::inbox::{Inbox, Reply, at_once};
use crate::run::server::{SOON, until};

/// The teller at work, without a writer: the test commits events itself.
struct Told {
    clock: Clock,
    store: Handle,
    pulse: Arc<Pulse>,
    post: Post,
    latest: watch::Sender<Arc<Snapshot>>,
    inputs: mpsc::Receiver<Input>,
    seq: u64,
    _ends: Ends,
    _task: AbortOnDropHandle<()>,
}

/// What has to stay open.
type Ends = (watch::Sender<Arc<Plan>>, watch::Sender<Option<Fetcher>>, watch::Sender<Arc<Desk>>);

fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn told(channels: &[String]) -> Told {
    told_over(Handle::new(Store::in_memory().unwrap()), channels)
}

/// The same over what an earlier one left.
#[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
fn told_over(store: Handle, channels: &[String]) -> Told {
    let text = format!("sources: []\n{}", at_once(channels));
    let config = allclear::config::parse(&text, Path::new("sources.yaml"), &|_| None);
    let config = config.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let clock = Clock::set_to(noon());
    let fetcher = Fetcher::new(Settings::default(), Clock::system()).unwrap();
    let (plan, planned) = watch::channel(config.notify);
    let (go_out, way_out) = watch::channel(Some(fetcher));
    let (latest, newest) = watch::channel(snapshot(0, "Nothing"));
    let (desk, held) = watch::channel(Arc::default());
    let (post, wishes) = mpsc::channel(4);
    let (door, inputs) = mpsc::channel(16);
    let pulse = Arc::new(Pulse::default());
    let parts = Parts {
        plan: planned,
        fetcher: way_out,
        latest: newest,
        desk: held,
        wishes,
        door: Door::to(door),
        store: store.clone(),
        clock: clock.clone(),
        pulse: Arc::clone(&pulse),
        metrics: Arc::new(Metrics::default()),
    };
    let task = AbortOnDropHandle::new(tokio::spawn(notify::run(parts, CancellationToken::new())));
    let _ends = (plan, go_out, desk);
    Told { clock, store, pulse, post: Post::to(post), latest, inputs, seq: 0, _ends, _task: task }
}

impl Told {
    /// Commits an event as the writer does, and publishes.
    async fn happen(&mut self, event: Event) {
        // Whoever is told must be there first: what happened before is not told to them.
        until("everybody is there", SOON, async || {
            let known = self.store.run(|store| store.ledgers()).await.unwrap();
            (!known.is_empty()).then_some(())
        })
        .await;
        self.clock.advance(Duration::from_secs(1));
        self.seq += 1;
        let seq = self.seq;
        let event = Event { seq, at: self.clock.now().wall, ..event };
        let batch = Batch { events: vec![event], outbox: vec![seq], ..Batch::default() };
        self.store.run(move |store| store.commit(&batch)).await.unwrap();
        self.latest.send_replace(snapshot(seq, "Something"));
    }

    /// What the lanes have to say to the writer; it is committed.
    async fn note(&mut self) -> EventKind {
        let input = tokio::time::timeout(SOON, self.inputs.recv()).await.expect("a note in time").unwrap();
        let Input::Note(event) = input else { panic!("not a note: {input:?}") };
        let kind = event.kind;
        self.happen(*event).await;
        kind
    }

    async fn of(&self, channel: &str) -> Vec<Delivery> {
        let receiver = ReceiverId::channel(&ChannelId::new(channel));
        let list =
            move |store: &Store| Ok(store.deliveries(None, &|to: &ReceiverId| *to == receiver, None, 1_000)?.items);
        self.store.run(list).await.unwrap()
    }

    /// The only delivery to a channel, once it is as wished.
    async fn one(&self, channel: &str, what: &str, wished: impl Fn(&Delivery) -> bool) -> Delivery {
        until(what, SOON, async || {
            let found = self.of(channel).await;
            assert!(found.len() <= 1, "one delivery: {found:#?}");
            found.into_iter().find(&wished)
        })
        .await
    }

    /// Lets time pass until a delivery is tried again.
    async fn try_again(&self, channel: &str, after: &Delivery) -> Delivery {
        let wait = after.next_at.duration_since(self.clock.now().wall);
        let wait = Duration::try_from(wait).unwrap_or_default();
        // A lane that failed rests for a minute at most, whatever the message's own time.
        self.clock.advance(wait.max(Duration::from_secs(61)));
        self.one(channel, "it is tried again", |one| one.tries > after.tries).await
    }
}

fn cut_off() -> Event {
    Event {
        seq: 0,
        at: noon(),
        since: None,
        kind: EventKind::CutOff,
        source: None,
        subject: None,
        name: "Our vendors".to_owned(),
        from: None,
        to: None,
        cause: Cause::Reading,
        note: None,
        baseline: false,
    }
}

/// R40, and R35 with the real lane: a receiver that is dead for four days.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_told_elsewhere_and_can_be_sent_again() {
    let (dead, good) = (Inbox::open().await, Inbox::open().await);
    dead.answers(|_| Reply::Status(500));
    let mut told = told(&[dead.channel("dead"), good.channel("good")]);
    told.happen(cut_off()).await;
    let mut now = told.one("dead", "it is tried", |one| one.tries > 0).await;
    good.until("the good one has it", |got| (got.len() == 1).then_some(())).await;
    let mut failing = None;
    while now.status == Status::Queued {
        now = told.try_again("dead", &now).await;
        if failing.is_none() && now.attempts.last().unwrap().at.duration_since(noon()) > SignedDuration::from_mins(12) {
            failing = Some(told.note().await);
        }
    }
    assert_eq!(failing, Some(EventKind::ChannelFailing), "said long before it is given up");
    assert_eq!(now.status, Status::Dead);
    let lasted = now.attempts.last().unwrap().at.duration_since(now.made_at);
    assert!(lasted >= SignedDuration::try_from(limits::RETRY_FOR).unwrap(), "given up after {lasted}");
    let keys: std::collections::BTreeSet<String> = dead.got().iter().map(|got| got.key()).collect();
    assert_eq!((keys.len(), dead.got().len()), (1, usize::try_from(now.tries).unwrap()), "one key at every attempt");
    // The other channel heard of it once, and the page of readiness says it.
    let heard = good.until("the other channel is told", |got| (got.len() >= 2).then(|| good.told())).await;
    assert_eq!(heard, ["opened here/network", "opened here/channel/dead"]);
    assert!(told.pulse.channels()["dead"].problem.contains("500"));
    assert_eq!(told.store.run(|store| store.delivery_counts()).await.unwrap(), (0, 1));
    // It is there again, and gets what was given up, under the same key.
    dead.answers(|_| Reply::Status(200));
    assert_eq!(told.post.resend(now.id).await, Ok(now.id));
    told.clock.advance(Duration::from_secs(61));
    told.one("dead", "it is sent", |one| one.status == Status::Sent).await;
    assert_eq!(dead.got().last().unwrap().key(), keys.into_iter().next().unwrap());
    assert_eq!(told.note().await, EventKind::ChannelWorking);
    assert!(told.pulse.channels().is_empty());
    told.clock.advance(Duration::from_secs(120));
    good.until("that it works again is told", |got| (got.len() >= 3).then_some(())).await;
    assert_eq!(good.told().last().unwrap(), "resolved here/channel/dead");
    assert!(told.post.resend(now.id).await.unwrap_err().contains("is sent"));
}

/// R35
#[tokio::test(flavor = "multi_thread")]
async fn what_an_answer_means_is_obeyed() {
    for (reply, status, waits) in [
        (Reply::Status(200), Status::Sent, None),
        (Reply::Status(202), Status::Sent, None),
        (Reply::Status(301), Status::Queued, Some(5)),
        (Reply::Status(404), Status::Queued, Some(5)),
        (Reply::Status(500), Status::Queued, Some(5)),
        (Reply::Reset, Status::Queued, Some(5)),
        (Reply::Wait(120), Status::Queued, Some(120)),
        (Reply::Status(400), Status::Dead, None),
        (Reply::Status(410), Status::Dead, None),
    ] {
        let inbox = Inbox::open().await;
        inbox.answers(move |number| if number == 0 { reply } else { Reply::Status(200) });
        let mut told = told(&[inbox.channel("chat")]);
        told.happen(cut_off()).await;
        let one = told.one("chat", "it is tried", |one| one.tries > 0).await;
        assert_eq!(one.status, status, "{reply:?}: {one:#?}");
        if let Some(seconds) = waits {
            let wait = one.next_at.duration_since(one.attempts[0].at).as_secs_f64();
            assert!((wait / f64::from(seconds) - 1.0).abs() <= 0.21, "{reply:?}: {wait} s");
            let again = told.try_again("chat", &one).await;
            assert_eq!((again.status, again.key), (Status::Sent, one.key), "{reply:?}");
        }
        let shown = &one.attempts[0];
        assert!(!format!("{shown:?}").contains("/chat"), "the path of a webhook is a secret: {shown:?}");
    }
}

/// R35: 410 stops the channel.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_says_that_it_is_gone_is_sent_nothing_more() {
    let inbox = Inbox::open().await;
    inbox.answers(|_| Reply::Status(410));
    let mut told = told(&[inbox.channel("chat")]);
    told.happen(cut_off()).await;
    told.one("chat", "it is tried", |one| one.status == Status::Dead).await;
    told.happen(Event { kind: EventKind::Reconnected, ..cut_off() }).await;
    told.clock.advance(Duration::from_secs(120));
    until("the next is given up, too", SOON, async || {
        let all = told.of("chat").await;
        (all.len() == 2 && all.iter().all(|one| one.status == Status::Dead)).then_some(())
    })
    .await;
    assert_eq!(inbox.got().len(), 1);
}

/// A channel can be tried out; what it answered can be read.
#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_sent_as_a_message_of_its_own() {
    let inbox = Inbox::open().await;
    let told = told(&[inbox.channel("chat")]);
    let id = until("the channel is known", SOON, async || told.post.test(ChannelId::new("chat")).await.ok()).await;
    let one = told.one("chat", "it is sent", |one| one.status == Status::Sent).await;
    assert_eq!((one.id, one.attempts[0].status), (id, Some(204)));
    assert_eq!(inbox.got()[0].body["type"], "test");
    assert!(told.post.test(ChannelId::new("nobody")).await.unwrap_err().contains("no channel"));
}

/// Whoever was told that a channel fails is told that it works, although the program was started anew in between.
#[tokio::test(flavor = "multi_thread")]
async fn that_a_channel_works_again_is_told_over_a_restart() {
    let inbox = Inbox::open().await;
    let store = Handle::new(Store::in_memory().unwrap());
    let failing = Event { seq: 1, kind: EventKind::ChannelFailing, subject: Some("chat".to_owned()), ..cut_off() };
    let batch = Batch { events: vec![failing], ..Batch::default() };
    store.run(move |store| store.commit(&batch)).await.unwrap();
    let mut told = told_over(store, &[inbox.channel("chat")]);
    told.seq = 1;
    until("the channel is known", SOON, async || told.post.test(ChannelId::new("chat")).await.ok()).await;
    assert_eq!(told.note().await, EventKind::ChannelWorking);
}
