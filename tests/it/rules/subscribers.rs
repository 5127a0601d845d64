//! Those who are told: signing up, confirming, leaving, and what admins do with the list.

use std::sync::Arc;
use std::time::Duration;

use allclear::limits;
use allclear::model::actor::Actor;
use allclear::model::command::{Command, Done, Effect, Imported, Order, Refused};
use allclear::model::desk::{Desk, Kept};
use allclear::model::level::Impact;
use allclear::model::people::Hidden;
use allclear::model::policy::Wants;
use allclear::model::subscriber::{Interest, Reach, Subscriber, SubscriberChange};
use allclear::rules::desk::after;
use allclear::rules::subscribers::{self, ADMIN, BOUNCE, COMPLAINT, Purpose, Subject, apply, holder, link, token};
use jiff::Timestamp;

use super::at;

/// The list, as it is changed in a test.
struct List {
    desk: Desk,
    now: Timestamp,
    made: usize,
}

fn wants(source: &str) -> Interest {
    Interest { wants: Subject::Source(source.into()).wants(None), digest: None }
}

impl List {
    fn new() -> Self {
        Self { desk: Desk::default(), now: at("2026-01-02T12:00:00Z"), made: 0 }
    }

    fn new_one(&mut self, reach: Reach, interest: Interest) -> Subscriber {
        self.made += 1;
        Subscriber {
            id: format!("s{}", self.made),
            version: 1,
            reach,
            wants: interest.wants,
            digest: interest.digest,
            key: Hidden::new(format!("key of {}", self.made)),
            made_at: self.now,
            confirmed_at: None,
            asked_at: vec![],
            suspended: None,
            proposed: None,
        }
    }

    fn reader(&mut self, address: &str, interest: Interest) -> Subscriber {
        self.new_one(Reach::Mail(address.into()), interest)
    }

    fn tries(&self, change: &SubscriberChange) -> Result<Effect, Refused> {
        apply(&self.desk.subscribers, &Actor::reader(), change, self.now)
    }

    fn order(&mut self, change: SubscriberChange) -> Effect {
        let effect = self.tries(&change).unwrap_or_else(|refused| panic!("{change:?}: {refused}"));
        self.desk = after(&self.desk, &effect);
        effect
    }

    fn ask(&mut self, address: &str, source: &str) -> Effect {
        let new = self.reader(address, wants(source));
        self.order(SubscriberChange::Ask(Box::new(new)))
    }

    fn of(&self, address: &str) -> Arc<Subscriber> {
        let mut all = self.desk.subscribers.values();
        all.find(|one| one.address() == Some(address)).cloned().unwrap_or_else(|| panic!("nobody is {address}"))
    }

    /// Signs up and confirms.
    fn told(&mut self, address: &str, source: &str) -> Arc<Subscriber> {
        self.ask(address, source);
        let token = token(&self.of(address), Purpose::Confirm);
        self.order(SubscriberChange::Confirm(token));
        self.of(address)
    }

    fn later(&mut self, by: Duration) {
        self.now += by;
    }
}

const SAM: &str = "sam@example.com";
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn nobody_is_told_before_they_said_that_it_was_them() {
    let mut list = List::new();
    let asked = list.ask(SAM, "acme");
    assert_eq!(asked.questions, ["s1"]);
    assert!(matches!(asked.done, Done::Gone), "the answer says nothing of who is signed up");
    assert!(!list.of(SAM).is_active());
    let confirm = token(&list.of(SAM), Purpose::Confirm);
    assert_eq!(list.order(SubscriberChange::Confirm(confirm.clone())).audit.action, "subscriber.confirm");
    assert!(list.of(SAM).is_active());
    let twice = list.order(SubscriberChange::Confirm(confirm));
    assert!(twice.unlogged && twice.kept.is_empty() && matches!(twice.done, Done::Subscriber(_)));
}

#[test]
fn s29_a_hundred_sign_ups_of_one_address_are_three_mails_an_hour() {
    let mut list = List::new();
    let questions = |list: &mut List, spelling: &dyn Fn(usize) -> String| -> usize {
        (0..100).map(|at| list.ask(&spelling(at), "acme").questions.len()).sum()
    };
    assert_eq!(questions(&mut list, &|_| SAM.into()), 3);
    list.later(Duration::from_secs(59 * 60));
    assert_eq!(questions(&mut list, &|_| SAM.into()), 0);
    list.later(Duration::from_secs(60));
    assert_eq!(questions(&mut list, &|at| format!("Sam+{at}@example.com")), 3, "however it is written");
    assert_eq!(questions(&mut list, &|at| format!("kim{}@example.com", at % 2)), 6, "others are others");
}

#[test]
fn s29_whoever_asks_learns_nothing_and_the_disk_does_the_same_work() {
    let mut list = List::new();
    list.told("told@example.com", "acme");
    list.ask("asked@example.com", "acme");
    list.told("stopped@example.com", "acme");
    list.order(SubscriberChange::Suspend("stopped@example.com".into(), BOUNCE.into()));
    for _ in 0..3 {
        list.ask("often@example.com", "acme");
    }
    for address in
        ["new@example.com", "told@example.com", "asked@example.com", "stopped@example.com", "often@example.com"]
    {
        let effect = list.ask(address, "bolt");
        assert!(matches!(effect.done, Done::Gone), "{address}");
        assert_eq!((effect.kept.len(), effect.gone.len()), (1, 0), "{address}: one record is written");
        let silent = matches!(address, "stopped@example.com" | "often@example.com");
        assert_eq!((effect.questions.is_empty(), effect.unlogged), (silent, silent), "{address}");
    }
}

#[test]
fn what_a_stranger_asks_for_in_somebody_s_name_waits_for_their_word() {
    let mut list = List::new();
    let before = list.told(SAM, "acme");
    list.later(DAY * 3);
    assert_eq!(list.ask(SAM, "bolt").questions, std::slice::from_ref(&before.id));
    let meanwhile = list.of(SAM);
    assert_eq!((meanwhile.interest(), meanwhile.is_active()), (wants("acme"), true));
    let confirm = token(&meanwhile, Purpose::Confirm);
    list.order(SubscriberChange::Confirm(confirm));
    let after = list.of(SAM);
    assert_eq!((after.interest(), &after.proposed, after.confirmed_at), (wants("bolt"), &None, before.confirmed_at));
}

#[test]
fn a_link_is_good_for_one_thing_one_subscriber_and_as_long_as_was_promised() {
    let mut list = List::new();
    list.ask(SAM, "acme");
    list.ask("kim@example.com", "acme");
    let (sam, kim) = (list.of(SAM), list.of("kim@example.com"));
    let counts = |list: &List, token: &str, purpose| {
        holder(&list.desk.subscribers, token, purpose, list.now).map(|one| one.id.clone())
    };
    for purpose in Purpose::ALL {
        let good = token(&sam, purpose);
        assert!(link(&sam, purpose).ends_with(&format!("?token={good}")));
        assert!(good.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{good}");
        for other in Purpose::ALL {
            assert_eq!(counts(&list, &good, other).is_some(), other == purpose, "{purpose:?} {other:?}");
        }
        let (_, of_kim) = token(&kim, purpose).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let mut flipped = good.clone().into_bytes();
        let last = flipped.len() - 2;
        flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
        let cut = good[..good.len() - 1].to_owned();
        for bad in [
            format!("{}.{of_kim}", sam.id),
            String::from_utf8(flipped).unwrap(),
            cut,
            format!("{good}A"),
            format!("{}.", sam.id),
            sam.id.clone(),
            String::new(),
            ".".into(),
        ] {
            assert_eq!(counts(&list, &bad, purpose), None, "{bad}");
        }
    }
    let links = Purpose::ALL.map(|purpose| token(&sam, purpose));
    let good = |list: &List| -> Vec<bool> {
        Purpose::ALL.iter().zip(&links).map(|(purpose, link)| counts(list, link, *purpose).is_some()).collect()
    };
    list.later(limits::CONFIRM_LINK);
    assert_eq!(good(&list), [true, true, true]);
    list.later(Duration::from_secs(1));
    assert_eq!(good(&list), [false, true, true]);
    list.later(DAY * 4_000);
    assert_eq!(good(&list), [false, true, true]);
    list.order(SubscriberChange::Leave(links[2].clone()));
    assert_eq!(good(&list), [false, false, false]);
}

#[test]
fn a_link_that_counts_for_nothing_changes_nothing() {
    let mut list = List::new();
    let sam = list.told(SAM, "acme");
    let leave = token(&sam, Purpose::Leave);
    for change in [
        SubscriberChange::Confirm(leave.clone()),
        SubscriberChange::Change(leave.clone(), wants("bolt")),
        SubscriberChange::Restart(leave),
        SubscriberChange::Leave(token(&sam, Purpose::Confirm)),
        SubscriberChange::Leave("s1.x".into()),
    ] {
        assert_eq!(list.tries(&change).unwrap_err(), Refused::NotFound("link"), "{change:?}");
    }
}

#[test]
fn a_reader_changes_what_they_are_told_and_leaves_without_a_trace() {
    let mut list = List::new();
    let sam = list.told(SAM, "acme");
    let manage = token(&sam, Purpose::Manage);
    let interest = Interest {
        wants: Subject::Tag("shop".into()).wants(Some(Impact::Major)),
        digest: subscribers::digest("weekly").unwrap(),
    };
    list.order(SubscriberChange::Change(manage.clone(), interest.clone()));
    assert_eq!((list.of(SAM).interest(), list.of(SAM).version), (interest, sam.version + 1));
    let left = list.order(SubscriberChange::Leave(manage));
    assert_eq!((left.audit.action, left.audit.subject.as_deref()), ("subscriber.leave", Some("s1")));
    assert!(list.desk.subscribers.is_empty());
}

#[test]
fn the_audit_log_never_holds_an_address() {
    let mut list = List::new();
    let mut rows = vec![list.ask(SAM, "acme").audit];
    let confirm = token(&list.of(SAM), Purpose::Confirm);
    let manage = token(&list.of(SAM), Purpose::Manage);
    let new = list.reader("kim@example.com", wants("acme"));
    let imported = list.reader("lee@example.com", wants("acme"));
    let secret = Hidden::new("whsec_secret");
    let url = "https://tools.example/hook".to_owned();
    let tool = list.new_one(Reach::Webhook { url, secret }, wants("acme"));
    for change in [
        SubscriberChange::Confirm(confirm),
        SubscriberChange::Change(manage.clone(), wants("bolt")),
        SubscriberChange::Add(Box::new(new), true),
        SubscriberChange::Add(Box::new(tool), true),
        SubscriberChange::Import(vec![imported], false),
        SubscriberChange::Suspend("kim@example.com".into(), COMPLAINT.into()),
        SubscriberChange::Resume("kim@example.com".into()),
        SubscriberChange::Update("s2".into(), None, wants("bolt")),
        SubscriberChange::Erase("s2".into()),
        SubscriberChange::Forget(vec!["s3".into()]),
        SubscriberChange::Leave(manage),
    ] {
        rows.push(list.order(change).audit);
    }
    let text = format!("{rows:?}");
    for word in ["@", "sam", "kim", "lee", "key of", "tools.example", "secret"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(rows.iter().all(|row| row.actor.address.is_none() && (row.before.is_some() || row.after.is_some())));
}

#[test]
fn messages_that_come_back_stop_them_and_the_reader_or_an_admin_starts_them_again() {
    let mut list = List::new();
    let sam = list.told(SAM, "acme");
    list.order(SubscriberChange::Suspend("SAM@Example.com".into(), BOUNCE.into()));
    assert!(!list.of(SAM).is_active(), "a mail server may write the address in other letters");
    list.order(SubscriberChange::Suspend(sam.id.clone(), COMPLAINT.into()));
    list.order(SubscriberChange::Suspend(sam.id.clone(), BOUNCE.into()));
    assert_eq!(list.of(SAM).suspended.as_ref().unwrap().1, COMPLAINT, "a complaint outweighs what came back");
    assert!(list.ask(SAM, "bolt").questions.is_empty(), "nothing at all is sent there");
    let manage = token(&sam, Purpose::Manage);
    list.order(SubscriberChange::Restart(manage.clone()));
    assert!(list.of(SAM).is_active());
    list.order(SubscriberChange::Suspend(sam.id.clone(), ADMIN.into()));
    let restart = SubscriberChange::Restart(manage);
    assert!(matches!(list.tries(&restart), Err(Refused::Conflict(_))), "what an admin stopped, an admin starts");
    list.order(SubscriberChange::Resume(sam.id.clone()));
    assert!(list.of(SAM).is_active());
    for (who, why) in [(SAM, "spite"), ("nobody@example.com", BOUNCE), ("s9", BOUNCE), ("", BOUNCE)] {
        assert!(list.tries(&SubscriberChange::Suspend(who.into(), why.into())).is_err(), "{who} {why}");
    }
}

#[test]
fn an_import_adds_whom_it_can_and_leaves_the_others_as_they_are() {
    let mut list = List::new();
    let sam = list.told(SAM, "acme");
    let mut new: Vec<_> = ["kim@example.com", SAM, "lee@example.com", "kim@example.com"]
        .into_iter()
        .map(|address| list.reader(address, wants("bolt")))
        .collect();
    let asked = list.order(SubscriberChange::Import(new.split_off(2), false));
    assert!(matches!(asked.done, Done::Imported(Imported { added: 2, known: 0, left_out: 0 })), "{:?}", asked.done);
    assert_eq!(asked.questions.len(), 2);
    assert!(!list.of("lee@example.com").is_active());
    let vouched = list.order(SubscriberChange::Import(new, true));
    assert!(matches!(vouched.done, Done::Imported(Imported { added: 0, known: 2, .. })), "{:?}", vouched.done);
    assert_eq!(list.of(SAM), sam);
    let more: Vec<_> = (0..5).map(|at| list.reader(&format!("pat+{at}@example.com"), wants("bolt"))).collect();
    let asked = list.order(SubscriberChange::Import(more, false));
    assert_eq!(asked.questions.len(), 3, "one mailbox");
    assert!(matches!(asked.done, Done::Imported(Imported { added: 3, known: 0, left_out: 2 })));
    let more: Vec<_> = (0..5).map(|at| list.reader(&format!("max+{at}@example.com"), wants("bolt"))).collect();
    let vouched = list.order(SubscriberChange::Import(more, true));
    assert!(vouched.questions.is_empty() && list.of("max+4@example.com").is_active());
}

#[test]
fn an_admin_adds_each_reader_and_each_tool_once() {
    let mut list = List::new();
    let tool = |list: &mut List, url: &str| {
        list.new_one(Reach::Webhook { url: url.into(), secret: Hidden::new("whsec_x") }, Interest::default())
    };
    for (vouched, questions) in [(false, 1), (true, 0)] {
        let new = list.reader(&format!("{vouched}@example.com"), wants("acme"));
        let again = SubscriberChange::Add(Box::new(new), vouched);
        assert_eq!(list.order(again.clone()).questions.len(), questions);
        assert!(matches!(list.tries(&again), Err(Refused::Conflict(_))));
    }
    let hook = tool(&mut list, "https://tools.example/a");
    let effect = list.order(SubscriberChange::Add(Box::new(hook.clone()), false));
    assert!(effect.questions.is_empty() && list.desk.subscribers[&hook.id].is_active(), "a tool is asked nothing");
    assert!(matches!(list.tries(&SubscriberChange::Add(Box::new(hook), false)), Err(Refused::Conflict(_))));
    let other = tool(&mut list, "https://tools.example/b");
    assert!(list.tries(&SubscriberChange::Add(Box::new(other), false)).is_ok());
    let update = |version| SubscriberChange::Update("s1".into(), version, wants("bolt"));
    assert_eq!(list.tries(&update(Some(7))).unwrap_err(), Refused::Outdated { current: 1 });
    assert!(list.tries(&update(Some(1))).is_ok());
}

#[test]
fn who_never_answers_is_forgotten_after_a_week_and_nobody_else() {
    let mut list = List::new();
    list.ask(SAM, "acme");
    list.told("kim@example.com", "acme");
    list.later(limits::UNCONFIRMED_KEPT);
    list.ask("lee@example.com", "acme");
    assert!(subscribers::silent(&list.desk.subscribers, list.now).is_empty());
    list.later(Duration::from_secs(1));
    let silent = subscribers::silent(&list.desk.subscribers, list.now);
    assert_eq!(silent, ["s1"]);
    // Whoever says so in the same moment stays.
    let effect = list.order(SubscriberChange::Forget(vec!["s1".into(), "s2".into(), "s9".into()]));
    assert_eq!(effect.gone.len(), 1);
    assert!(list.of("kim@example.com").is_active());
    assert_eq!(list.desk.subscribers.len(), 2);
}

#[test]
fn a_full_list_takes_the_newest_in_the_place_of_who_never_answered() {
    let mut list = List::new();
    let mut all = (*list.desk.subscribers).clone();
    let like = list.reader("x@example.com", wants("acme"));
    for at in 0..limits::SUBSCRIBERS {
        let id = format!("f{at}");
        let reach = Reach::Mail(format!("f{at}@example.com"));
        let one = Subscriber { id: id.clone(), reach, confirmed_at: Some(list.now), ..like.clone() };
        all.insert(id, Arc::new(one));
    }
    list.desk.subscribers = Arc::new(all);
    assert!(list.ask(SAM, "acme").questions.is_empty(), "who is told stays");
    let waits = |id: &str, hours: u32| {
        let one = list.desk.subscribers[id].as_ref().clone();
        Kept::Subscriber(Arc::new(Subscriber { confirmed_at: None, asked_at: vec![list.now - HOUR * hours], ..one }))
    };
    let (older, newer) = (waits("f7", 9), waits("f3", 2));
    list.desk.put(older);
    list.desk.put(newer);
    assert_eq!(list.ask(SAM, "acme").questions.len(), 1);
    assert!(!list.desk.subscribers.contains_key("f7") && list.desk.subscribers.contains_key("f3"));
    assert_eq!(list.desk.subscribers.len(), limits::SUBSCRIBERS);
}

#[test]
fn orders_about_subscribers_go_through_the_desk() {
    let mut list = List::new();
    let new = list.reader(SAM, Interest { wants: Wants::default(), digest: None });
    let command = Command::Subscriber(SubscriberChange::Ask(Box::new(new)));
    assert!(command.subject().is_none(), "it is about no incident");
    let order = Order { actor: Actor::reader(), command };
    let scene = allclear::rules::desk::Scene {
        desk: &list.desk,
        old_incidents: &[],
        old_maintenance: None,
        services: &[],
        is_source: &|_| false,
        upstream: &|_| None,
        components: &|_| vec![],
        now: list.now,
    };
    let effect = allclear::rules::desk::apply(&scene, &order).unwrap();
    assert_eq!(effect.questions.len(), 1);
    assert!(effect.events.is_empty(), "no page shows anything of it");
}
