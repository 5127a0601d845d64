//! Orders of operators on failing disks: what was answered is there, what was refused is not, and nothing is half done.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use allclear::clock::Clock;
use allclear::ingest::operate::{Answer, Once};
use allclear::ingest::{self, Door, Watched};
use allclear::model::actor::{Actor, Means};
use allclear::model::command::{Command, ManualState, Opening, Order, Post, Refused};
use allclear::model::id::{IncidentId, ServiceId};
use allclear::model::incident::Phase;
use allclear::model::level::{Impact, State};
use allclear::model::local::{Hit, Words};
use allclear::model::source::{PageSettings, Service};
use allclear::store::Store;
use allclear::store::handle::Handle;
use redb::StorageBackend;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::sample::{Chance, at};
use super::{crash, disk};

/// The writer at work on a store.
struct Desk {
    door: Door,
    store: Handle,
    task: JoinSet<()>,
}

impl Desk {
    fn on<B: StorageBackend>(make: impl Fn() -> B + Send + Sync + 'static) -> Self {
        let store = Store::on(make).unwrap();
        let service = Service {
            id: ServiceId::new("checkout"),
            name: "Checkout".into(),
            description: None,
            group: None,
            tags: Vec::new(),
            needs: Vec::new(),
        };
        let loaded = store.load(at(0)).unwrap();
        let store = Handle::new(store);
        let (writer, ends) = ingest::writer(ingest::Parts {
            watched: Watched {
                page: Arc::new(PageSettings::default()),
                sources: Vec::new(),
                services: vec![Arc::new(service)],
                hooks: Vec::new(),
            },
            loaded,
            store: store.clone(),
            clock: Clock::set_to(at(0)),
            pulse: Arc::default(),
            metrics: Arc::default(),
        });
        let mut task = JoinSet::new();
        task.spawn(writer.run(CancellationToken::new()));
        Self { door: ends.door, store, task }
    }

    async fn ask(&self, command: Command, key: &str) -> Result<Answer, Refused> {
        let answer = format!("answer to {key}");
        let once = Once {
            key: key.into(),
            request: format!("{command:?}"),
            put_down: Box::new(move |_| Some(answer.clone())),
        };
        self.door.order(Order { actor: ada(), command }, Some(once)).await
    }

    /// Stops as a program that is told to: what is owed to the disk is written.
    async fn stop(mut self) {
        drop((self.door, self.store));
        self.task.join_next().await.unwrap().unwrap();
    }
}

fn ada() -> Actor {
    Actor { means: Means::Token, id: "t1".into(), name: "ada".into(), address: None }
}

fn id(number: u64) -> IncidentId {
    IncidentId::new(format!("i{number}"))
}

fn key(number: u64) -> String {
    format!("key {number}")
}

fn open(number: u64) -> Command {
    let words = |text: &str| Words { markdown: text.into(), text: allclear::model::text::Text::default() };
    Command::Open(Opening {
        id: id(number),
        title: format!("Trouble {number}"),
        impact: Impact::Minor,
        phase: Phase::Investigating,
        services: vec![Hit { service: ServiceId::new("checkout"), state: State::DEGRADED_PERFORMANCE }],
        started_at: None,
        words: words("We are looking."),
        note: Words::default(),
        related: Vec::new(),
        pushed: None,
        suggested: false,
    })
}

/// Which of the first `count` openings are there. Each is there with its event, its row and its answer, or with none of
/// them, and nothing else is there.
fn there(store: &Store, count: u64) -> Vec<u64> {
    let loaded = store.load(at(0)).unwrap();
    let events = store.events_after(0, usize::MAX).unwrap();
    let rows = store.audit(None, usize::MAX).unwrap().items;
    let about = |subject: &Option<String>, number| subject.as_deref() == Some(id(number).as_str());
    let mut found = Vec::new();
    for number in 0..count {
        let incidents = loaded.local_incidents.iter().filter(|one| one.id == id(number)).count();
        let events = events.iter().filter(|event| about(&event.subject, number)).count();
        let rows = rows.iter().filter(|row| about(&row.subject, number)).count();
        let answers = store.answered(&key(number), at(0)).unwrap().into_iter().count();
        assert!(incidents <= 1, "{number}");
        assert_eq!([events, rows, answers], [incidents; 3], "{number}: events, rows, answers");
        found.extend((incidents == 1).then_some(number));
    }
    assert_eq!((loaded.local_incidents.len(), rows.len()), (found.len(), found.len()), "nothing else is there");
    assert!((1..).zip(&events).all(|(seq, event)| event.seq == seq), "without gaps");
    found
}

/// R24, R27: at every sync the power goes, with nothing or some of what was not yet synced.
#[tokio::test(flavor = "multi_thread")]
async fn power_cuts_lose_no_order_and_leave_none_half_done() {
    let platters = crash::Disk::with_chance(Chance::new().0);
    let used = platters.clone();
    let desk = Desk::on(move || used.clone());
    platters.take_cuts();
    let (mut sent, mut acknowledged, mut tried) = (0, 0, 0);
    for round in 0..16 {
        // Some come alone, some together.
        let now = 1 + round % 3;
        let asked = (sent..sent + now).map(|number| {
            let desk = &desk;
            async move { desk.ask(open(number), &key(number)).await }
        });
        for answer in futures_util::future::join_all(asked).await {
            assert!(matches!(answer, Ok(Answer::Done(..))), "{answer:?}");
        }
        sent += now;
        let cuts = platters.take_cuts();
        assert!(!cuts.is_empty(), "answered without a sync");
        for cut in cuts {
            let after = crash::Disk::holding(cut);
            let store = Store::on(move || after.clone()).unwrap();
            let found = there(&store, sent);
            assert!((0..acknowledged).all(|number| found.contains(&number)), "of {acknowledged}: {found:?}");
            tried += 1;
        }
        acknowledged = sent;
    }
    assert!(tried >= 32, "{tried}");
    let found = desk.store.run(move |store| Ok(there(store, sent).len() as u64)).await.unwrap();
    assert_eq!(found, sent);
}

/// What an order's failed commit leaves on a disk that kept it all the same is undone, however many failed one after
/// another, and the same write sent again is carried out.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_disk_kept_of_refused_orders_is_undone() {
    let mut kept_all_the_same = 0;
    for (bad_sync, refused_more) in [1, 2, 3, 4].into_iter().flat_map(|sync| [(sync, false), (sync, true)]) {
        let disk = disk::Disk::default();
        let used = disk.clone();
        let desk = Desk::on(move || used.clone());
        desk.ask(open(0), &key(0)).await.unwrap();
        disk.bad_sync.store(bad_sync, Ordering::Relaxed);
        let first = desk.ask(open(1), &key(1)).await;
        disk.bad_sync.store(0, Ordering::Relaxed);
        let Err(refused) = first else { continue };
        assert!(matches!(refused, Refused::NotStored(_)), "{refused:?}");
        // What somebody would find who started anew now.
        let found = disk::Disk::default();
        found.bytes.lock().unwrap().clone_from(&disk.bytes.lock().unwrap());
        let kept = Store::on(move || found.clone()).unwrap().incident(&id(1)).unwrap().is_some();
        kept_all_the_same += usize::from(kept);
        if refused_more {
            disk.full.store(true, Ordering::Relaxed);
            assert!(matches!(desk.ask(open(2), &key(2)).await, Err(Refused::NotStored(_))));
            // Nothing is read for this one: it gets as far as the disk, with what is still to be undone.
            let set = ManualState { state: State::MAJOR_OUTAGE, reason: "Seen".into(), until: None };
            let set = Command::SetService(ServiceId::new("checkout"), None, set);
            let refused = desk.door.order(Order { actor: ada(), command: set }, None).await;
            assert!(matches!(refused, Err(Refused::NotStored(_))), "{refused:?}");
            disk.full.store(false, Ordering::Relaxed);
        } else {
            let again = desk.ask(open(1), &key(1)).await;
            assert!(matches!(again, Ok(Answer::Done(..))), "sync {bad_sync}: {again:?}");
            let replayed = desk.ask(open(1), &key(1)).await;
            assert!(matches!(replayed, Ok(Answer::Again(said)) if said == "answer to key 1"));
        }
        desk.stop().await;
        let used = disk.clone();
        let store = Store::on(move || used.clone()).unwrap();
        let expected: &[u64] = if refused_more { &[0] } else { &[0, 1] };
        assert_eq!(there(&store, 3), expected, "sync {bad_sync}");
        assert!(store.load(at(0)).unwrap().kept.is_empty(), "nothing is set by hand");
    }
    assert!(kept_all_the_same > 0, "no disk kept what it said that it did not");
}

/// R30: 50 times full and free under orders.
#[tokio::test(flavor = "multi_thread")]
async fn orders_on_a_full_disk_change_nothing_and_are_taken_as_soon_as_there_is_space() {
    let disk = disk::Disk::default();
    let used = disk.clone();
    let desk = Desk::on(move || used.clone());
    let mut number = 0;
    let mut kept = Vec::new();
    for round in 0..50 {
        for _ in 0..2 {
            desk.ask(open(number), &key(number)).await.unwrap_or_else(|refused| panic!("round {round}: {refused}"));
            kept.push(number);
            number += 1;
        }
        disk.full.store(true, Ordering::Relaxed);
        let update = Post { phase: Some(Phase::Resolved), ..Post::default() };
        let refused = desk.ask(Command::Post(id(number - 1), Some(1), update), "end").await;
        assert!(matches!(refused, Err(Refused::NotStored(_))), "round {round}: {refused:?}");
        let refused = desk.ask(open(number), &key(number)).await;
        assert!(matches!(refused, Err(Refused::NotStored(_))), "round {round}: {refused:?}");
        // What was answered before is answered all the same.
        let before = desk.ask(open(number - 1), &key(number - 1)).await;
        assert!(matches!(before, Ok(Answer::Again(_)) | Err(Refused::NotStored(_))), "{before:?}");
        number += 1;
        disk.full.store(false, Ordering::Relaxed);
        if round % 10 == 0 {
            // So it is after a restart, too.
            let copy = disk::Disk::default();
            copy.bytes.lock().unwrap().clone_from(&disk.bytes.lock().unwrap());
            let store = Store::on(move || copy.clone()).unwrap();
            assert_eq!(there(&store, number), kept, "round {round}");
        }
    }
    desk.stop().await;
    let store = Store::on(move || disk.clone()).unwrap();
    assert_eq!(there(&store, number), kept);
    assert!(
        store.load(at(0)).unwrap().local_incidents.iter().all(|one| one.is_open()),
        "what was refused did not end it"
    );
}

/// Orders that come together see what the ones before them did.
#[tokio::test(flavor = "multi_thread")]
async fn orders_of_one_round_see_each_other() {
    let desk = Desk::on(redb::backends::InMemoryBackend::new);
    desk.ask(open(0), "open").await.unwrap();
    let post = |text: &str| Post {
        words: Words {
            markdown: text.into(),
            text: allclear::model::text::Text { html: text.into(), plain: text.into() },
        },
        ..Post::default()
    };
    let rounds = (0..30).map(|n| {
        let (desk, post) = (&desk, &post);
        async move { desk.ask(Command::Post(id(0), Some(1), post(&format!("update {n}"))), &key(n)).await }
    });
    let answers = futures_util::future::join_all(rounds).await;
    let done = answers.iter().filter(|answer| matches!(answer, Ok(Answer::Done(..)))).count();
    let late = answers.iter().filter(|answer| matches!(answer, Err(Refused::Outdated { current: 2 }))).count();
    assert_eq!((done, late), (1, 29), "all had seen version 1, and one was first");
    // The same write thirty times at once is one.
    let same = (0..30).map(|_| desk.ask(open(1), "the same"));
    let answers = futures_util::future::join_all(same).await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(Answer::Done(..)))).count(), 1);
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(Answer::Again(_)))).count(), 29);
    // What is deleted does not come back by an update that comes with it.
    let (gone, late) = tokio::join!(
        desk.ask(Command::Delete(id(1), None), "delete"),
        desk.ask(Command::Post(id(1), None, post("too late")), "late"),
    );
    assert!(gone.is_ok() && matches!(late, Err(Refused::NotFound(_))), "{gone:?} {late:?}");
    let held = desk.store.run(|store| store.load(at(0))).await.unwrap().local_incidents;
    assert_eq!(held.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [id(0)]);
    let wrong = desk.ask(open(7), "the same").await;
    assert!(matches!(wrong, Err(Refused::Conflict(_))), "another write with the same key: {wrong:?}");
}
