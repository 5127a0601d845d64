//! What people are told reads back as it was written, in order, and goes when it should.

use std::time::Duration;

use allclear::limits;
use allclear::model::delivery::{Attempt, Delivery, Status};
use allclear::model::desk::Drawer;
use allclear::model::event::Cause;
use allclear::model::id::{ChannelId, IncidentId, ReceiverId, ServiceId, SourceId};
use allclear::model::incident::Phase;
use allclear::model::ledger::{
    Decision, Fate, Flapped, Heard, Item, Ledger, Letter, Registered, Strand, Style, Wait, Waiting, Why,
};
use allclear::model::level::{Impact, State};
use allclear::model::news::{Happening, News, NewsKind, Quiet, Thread, Tier};
use allclear::store::{Batch, Store, Telling};
use jiff::{SignedDuration, Timestamp};

use super::sample::at;

fn news(seq: u64, thread: Thread) -> News {
    News {
        seq,
        at: at(60),
        kind: NewsKind::Trouble,
        thread,
        title: "Errors <b>everywhere</b>".to_owned(),
        source: Some(SourceId::new("acme")),
        source_name: "Acme".to_owned(),
        tags: vec!["payments".to_owned()],
        tier: Tier::Vital,
        services: vec![(ServiceId::new("checkout"), "Checkout".to_owned())],
        components: vec!["Core/API".to_owned()],
        state: State::PARTIAL_OUTAGE,
        impact: Some(Impact::Major),
        phase: Some(Phase::Identified),
        text: Some("we look\ninto it".to_owned()),
        url: Some("https://status.acme.example/1".to_owned()),
        starts_at: Some(at(1)),
        ends_at: Some(at(2)),
        cause: Cause::Reading,
        local: true,
        quiet: Quiet {
            dismissed: true,
            muted_until: Some(at(9)),
            acknowledged: true,
            told_by: Some(IncidentId::new("acme.1")),
            under_maintenance: true,
            uncounted: true,
        },
        pace: Duration::from_secs(30),
    }
}

fn threads() -> Vec<Thread> {
    vec![
        Thread::Incident(IncidentId::new("acme.1")),
        Thread::Maintenance(IncidentId::new("acme.m1")),
        Thread::Source(SourceId::new("acme")),
        Thread::Reading(SourceId::new("acme")),
        Thread::Service(ServiceId::new("checkout")),
        Thread::Here("channel/chat".to_owned()),
    ]
}

fn chat() -> ReceiverId {
    ReceiverId::channel(&ChannelId::new("chat"))
}

fn delivery(id: u64, receiver: &ReceiverId, status: Status, made_at: Timestamp) -> Delivery {
    let item = |happening| Item {
        thread: Thread::Incident(IncidentId::new("acme.1")),
        happening,
        seq: 7,
        covers: vec![5, 6],
        root: Some(1),
        edit: true,
    };
    Delivery {
        id,
        receiver: receiver.clone(),
        letter: Letter { style: Style::Several, items: Happening::ALL.map(item).to_vec() },
        made_at,
        key: format!("msg_{id}"),
        status,
        tries: 2,
        next_at: made_at,
        attempts: vec![Attempt {
            at: made_at,
            took_ms: 12,
            request: "POST https://chat.example/…".to_owned(),
            status: Some(500),
            answer: "no".to_owned(),
            good: false,
        }],
        reference: Some("17.2".to_owned()),
    }
}

fn registered() -> Registered {
    let strand = |wait: Wait| Strand {
        newest: 7,
        state: State::Unknown,
        open: true,
        heard: Some(Heard {
            worst: State::MAJOR_OUTAGE,
            last: State::PARTIAL_OUTAGE,
            at: at(3),
            root: 1,
            alone: true,
            in_cascade: true,
            said: u64::MAX,
            remind_at: Some(at(4)),
        }),
        waiting: Some(Waiting {
            happening: Happening::Worsened,
            why: wait,
            until: at(8),
            seqs: vec![6, 7],
            edit: true,
        }),
        turns: vec![at(1), at(2)],
        muted_until: Some(Timestamp::MAX),
        dismissed: true,
        acknowledged: true,
        at: at(3),
        said: u64::MAX,
        source: Some(SourceId::new("acme")),
        loud: true,
        hushed: true,
        joined: Some(Thread::Source(SourceId::new("acme"))),
        soon_at: Some(at(5)),
        flapped: Some(Flapped { at: at(2), worst: State::PARTIAL_OUTAGE }),
    };
    let strands = threads().into_iter().zip(Wait::ALL.into_iter().cycle()).map(|(thread, wait)| (thread, strand(wait)));
    Registered { since: at(0), ledger: Ledger { strands: strands.collect(), sent: vec![(at(1), 2)], due: Some(at(9)) } }
}

fn decisions() -> Vec<Decision> {
    let waits = Wait::ALL.into_iter().map(|wait| Fate::Waits(wait, at(4)));
    let held = Why::ALL.into_iter().map(Fate::Held);
    let fates = waits.chain(held).chain([Fate::Queued(3), Fate::Folded(4)]);
    let thread = Thread::Incident(IncidentId::new("acme.1"));
    let decision = |(number, fate)| Decision { seq: number, thread: thread.clone(), receiver: chat(), at: at(5), fate };
    (1..).zip(fates).map(decision).collect()
}

#[test]
fn everything_that_is_told_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let said: Vec<News> = (1..).zip(threads()).map(|(seq, thread)| news(seq, thread)).collect();
    let deliveries: Vec<Delivery> =
        (1..).zip(Status::ALL).map(|(id, status)| delivery(id, &chat(), status, at(6))).collect();
    let telling = Telling {
        news: said.clone(),
        ledgers: vec![(chat(), registered())],
        decisions: decisions(),
        deliveries: deliveries.clone(),
        ..Telling::default()
    };
    store.tell(&telling).unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.news_after(0, 100).unwrap(), said);
    assert_eq!(store.news(&[3, 99, 1]).unwrap().iter().map(|one| one.seq).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(store.ledgers().unwrap(), [(chat(), registered())]);
    let incident = Thread::Incident(IncidentId::new("acme.1"));
    assert_eq!(store.decisions(&incident, 1_000).unwrap(), decisions());
    assert!(store.decisions(&Thread::Incident(IncidentId::new("acme.")), 1_000).unwrap().is_empty());
    let mut newest_first = deliveries.clone();
    newest_first.reverse();
    assert_eq!(store.deliveries(None, &|_| true, None, 100).unwrap().items, newest_first);
    assert_eq!(store.last_delivery().unwrap(), 4);
    assert_eq!(store.delivery_counts().unwrap(), (1, 1));
    let dead = store.deliveries(Some(Status::Dead), &|id| *id == chat(), None, 100).unwrap().items;
    assert_eq!(dead.iter().map(|one| one.id).collect::<Vec<_>>(), [3]);
    drop(store);
    let report = Store::doctor(folder.path());
    assert!(report.sound, "{:?}", report.lines);
}

#[test]
fn lists_of_messages_go_on_where_they_stopped() {
    let store = Store::in_memory().unwrap();
    let all: Vec<Delivery> = (1..=25).map(|id| delivery(id, &chat(), Status::Sent, at(6))).collect();
    store.put_deliveries(&all).unwrap();
    for status in [None, Some(Status::Sent)] {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let part = store.deliveries(status, &|_| true, cursor.as_deref(), 10).unwrap();
            seen.extend(part.items.iter().map(|one| one.id));
            cursor = part.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>(), "{status:?}");
    }
}

#[test]
fn of_each_receiver_the_first_that_may_go_is_ready_and_none_overtakes_its_thread() {
    let store = Store::in_memory().unwrap();
    let reader = |id: &str| ReceiverId::subscriber(id);
    let about = |id: u64, receiver: &ReceiverId, thread: &str, next_at: i64| {
        let mut one = delivery(id, receiver, Status::Queued, at(next_at));
        for item in &mut one.letter.items {
            item.thread = Thread::Incident(IncidentId::new(thread));
        }
        one
    };
    let all = [
        about(1, &chat(), "acme.1", 1),
        // What follows in a thread waits for what was before, whenever it may go itself.
        about(2, &reader("a"), "acme.1", 50),
        about(3, &reader("a"), "acme.1", 1),
        // What belongs to another thread does not.
        about(4, &reader("b"), "acme.1", 60),
        about(5, &reader("b"), "acme.1", 1),
        about(6, &reader("b"), "acme.2", 1),
        about(7, &reader("c"), "acme.1", 1),
    ];
    store.put_deliveries(&all).unwrap();
    let ready = |of: &str, now: i64, limit: usize| {
        let found = store.ready(of, at(now), limit, &|_| true).unwrap();
        (found.now.iter().map(|one| one.id).collect::<Vec<_>>(), found.next)
    };
    assert_eq!(ready("channel/chat", 10, 9), (vec![1], None));
    assert_eq!(ready("subscriber/", 10, 9), (vec![6, 7], Some(at(50))));
    assert_eq!(ready("subscriber/", 10, 1).0, [6], "who has nothing ready takes no place");
    assert_eq!(ready("subscriber/", 55, 9).0, [2, 6, 7]);
    let only = store.ready("subscriber/", at(10), 9, &|id| *id == reader("c")).unwrap();
    assert_eq!(only.now.iter().map(|one| one.id).collect::<Vec<_>>(), [7]);
    store.put_deliveries(&[Delivery { status: Status::Sent, ..about(2, &reader("a"), "acme.1", 50) }]).unwrap();
    assert_eq!(ready("subscriber/", 10, 9).0, [3, 6, 7]);
}

#[test]
fn a_reader_is_forgotten_whole_and_a_channel_s_history_stays() {
    let store = Store::in_memory().unwrap();
    let (anna, bert) = (ReceiverId::subscriber("anna"), ReceiverId::subscriber("bert"));
    let everybody = [chat(), anna.clone(), bert.clone()];
    let decided = everybody
        .iter()
        .flat_map(|id| decisions().into_iter().take(2).map(|decision| Decision { receiver: id.clone(), ..decision }));
    let made = everybody.iter().zip(1..).flat_map(|(id, number)| {
        [delivery(number, id, Status::Queued, at(1)), delivery(number + 10, id, Status::Sent, at(1))]
    });
    let telling = Telling {
        ledgers: everybody.iter().map(|id| (id.clone(), registered())).collect(),
        decisions: decided.collect(),
        deliveries: made.collect(),
        ..Telling::default()
    };
    store.tell(&telling).unwrap();
    // That somebody left is remembered with it, until all of them is forgotten.
    let left = Batch {
        questions: vec!["anna".to_owned(), "bert".to_owned()],
        gone: vec![(Drawer::Subscriber, "anna".to_owned())],
        ..Batch::default()
    };
    store.commit(&left).unwrap();
    assert_eq!((store.parted().unwrap(), store.questions(9).unwrap()), (vec![anna.clone()], vec!["bert".to_owned()]));
    store.forget_receivers(std::slice::from_ref(&anna)).unwrap();
    assert!(store.parted().unwrap().is_empty());
    store.retire_receivers(&[chat()]).unwrap();
    let known: Vec<ReceiverId> = store.ledgers().unwrap().into_iter().map(|(id, _)| id).collect();
    assert_eq!(known, std::slice::from_ref(&bert));
    let left = store.decisions(&Thread::Incident(IncidentId::new("acme.1")), 99).unwrap();
    assert!(left.iter().all(|one| one.receiver != anna) && left.len() == 4, "{left:?}");
    let left = store.deliveries(None, &|_| true, None, 99).unwrap().items;
    let stands: Vec<_> = left.iter().map(|one| (one.id, one.status)).collect();
    assert_eq!(stands, [(13, Status::Sent), (11, Status::Sent), (3, Status::Queued), (1, Status::Dropped)]);
    assert_eq!(store.ready("", at(9), 9, &|_| true).unwrap().now.len(), 1);
}

#[test]
fn what_was_told_long_ago_goes_and_what_waits_stays() {
    let store = Store::in_memory().unwrap();
    let thread = Thread::Incident(IncidentId::new("acme.1"));
    let fresh = at(0) + SignedDuration::try_from(limits::DELIVERIES_KEPT).unwrap();
    let now = fresh + SignedDuration::from_hours(1);
    let telling = Telling {
        news: vec![news(1, thread.clone()), News { at: fresh, ..news(2, thread.clone()) }],
        decisions: decisions().into_iter().take(2).collect(),
        deliveries: vec![
            delivery(1, &chat(), Status::Sent, at(0)),
            delivery(2, &chat(), Status::Queued, at(0)),
            delivery(3, &chat(), Status::Sent, fresh),
        ],
        ..Telling::default()
    };
    store.tell(&telling).unwrap();
    assert_eq!(store.prune(now).unwrap(), 3);
    assert_eq!(store.news_after(0, 9).unwrap().iter().map(|one| one.seq).collect::<Vec<_>>(), [2]);
    assert_eq!(store.decisions(&thread, 9).unwrap().iter().map(|one| one.seq).collect::<Vec<_>>(), [2]);
    let left = store.deliveries(None, &|_| true, None, 99).unwrap().items;
    assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(store.last_delivery().unwrap(), 3);
}
