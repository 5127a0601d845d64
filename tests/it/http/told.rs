//! Who was told, who was not, and why: over the API, on the page and in the console.

use std::path::Path;

use allclear::config;
use allclear::model::actor::Role;
use allclear::model::delivery::{Attempt, Delivery, Status};
use allclear::model::event::Cause;
use allclear::model::id::{ChannelId, IncidentId, ReceiverId, SourceId};
use allclear::model::ledger::{Decision, Fate, Item, Letter, Style, Wait, Why};
use allclear::model::level::State;
use allclear::model::news::{Happening, News, NewsKind, Quiet, Thread, Tier};
use allclear::model::people::Scope;
use allclear::nudge::post::{Post, Wish};
use allclear::store::Telling;
use allclear::telemetry::Failing;
use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::access::{program, signed_in, world_with};
use super::world::{Answer, Behind, HOSTILE, World, at, noon};

const CHANNELS: &str = "sources: []\nnotify:\n  quiet_hours: [\"22:00-07:00\"]\n  channels:\n    - {id: ops, name: Ops chat, kind: webhook, url: \"https://hooks.example/ops\", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, only: {impact: major}}\n    - {id: call, name: On call, kind: webhook, url: \"https://hooks.example/call\", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}\n";

fn acme() -> Thread {
    Thread::Incident(IncidentId::new("acme.x1"))
}

fn channel(id: &str) -> ReceiverId {
    ReceiverId::channel(&ChannelId::new(id))
}

fn news(seq: u64, at: Timestamp, thread: Thread, kind: NewsKind) -> News {
    News {
        seq,
        at,
        kind,
        thread,
        title: "Errors in the API".into(),
        source: Some(SourceId::new("acme")),
        source_name: "The acme".into(),
        tags: vec![],
        tier: Tier::Normal,
        services: vec![],
        components: vec![],
        state: State::PARTIAL_OUTAGE,
        impact: None,
        phase: None,
        text: None,
        url: None,
        starts_at: None,
        ends_at: None,
        cause: Cause::Reading,
        local: false,
        quiet: Quiet::default(),
        pace: std::time::Duration::from_secs(60),
    }
}

fn delivery(id: u64, receiver: ReceiverId, status: Status, seq: u64, covers: &[u64]) -> Delivery {
    let item =
        Item { thread: acme(), happening: Happening::Opened, seq, covers: covers.to_vec(), root: None, edit: false };
    let attempt = |good: bool| Attempt {
        at: at("2026-01-02T11:41:00Z"),
        took_ms: 2_000,
        request: "POST https://hooks.example/***".into(),
        status: Some(if good { 200 } else { 503 }),
        answer: if good { "ok".into() } else { HOSTILE.into() },
        good,
    };
    Delivery {
        id,
        receiver,
        letter: Letter { style: Style::Single, items: vec![item] },
        made_at: at("2026-01-02T11:40:30Z"),
        key: format!("msg_{id}"),
        status,
        tries: 1,
        next_at: at("2026-01-02T12:30:00Z"),
        attempts: match status {
            Status::Sent => vec![attempt(false), attempt(true)],
            Status::Dropped => vec![],
            Status::Queued | Status::Dead => vec![attempt(false)],
        },
        reference: None,
    }
}

/// Two events of an incident: the first was told to one channel, waits for nobody, and went to readers; the second waits
/// at one and went with another at the other.
async fn fill(behind: &Behind) {
    let decided = |seq, receiver: ReceiverId, fate| Decision { seq, thread: acme(), receiver, at: noon(), fate };
    let reader = |number: u64| ReceiverId::subscriber(&format!("r{number}"));
    let mut telling = Telling {
        news: vec![
            news(7, at("2026-01-02T11:40:00Z"), acme(), NewsKind::Trouble),
            news(9, at("2026-01-02T11:50:00Z"), acme(), NewsKind::Reworded),
        ],
        decisions: vec![
            decided(7, channel("ops"), Fate::Queued(1)),
            decided(7, channel("call"), Fate::Held(Why::TooMild)),
            decided(7, channel("old"), Fate::Queued(2)),
            decided(9, channel("ops"), Fate::Folded(3)),
            decided(9, channel("call"), Fate::Waits(Wait::Confirm, at("2026-01-02T12:10:00Z"))),
            decided(9, channel("old"), Fate::Queued(99)),
        ],
        deliveries: vec![
            delivery(1, channel("ops"), Status::Sent, 7, &[]),
            delivery(2, channel("old"), Status::Dead, 7, &[]),
            delivery(3, channel("ops"), Status::Queued, 10, &[9]),
        ],
        ..Telling::default()
    };
    for number in 0..5 {
        let id = 10 + number;
        telling.decisions.push(decided(7, reader(number), Fate::Queued(id)));
        let status = if number == 0 { Status::Queued } else { Status::Sent };
        telling.deliveries.push(delivery(id, reader(number), status, 7, &[]));
    }
    telling.decisions.push(decided(7, reader(7), Fate::Held(Why::Muted)));
    behind.store.run(move |store| store.tell(&telling)).await.unwrap();
    let config = config::parse(CHANNELS, Path::new("sources.yaml"), &|_| None).unwrap();
    behind.plan.send_replace(config.notify);
}

/// Nobody who sends.
fn nobody() -> Post {
    Post::to(mpsc::channel(1).0)
}

/// A world with all of that.
pub async fn filled() -> (World, Behind) {
    let (world, behind) = world_with(false, nobody());
    fill(&behind).await;
    (world, behind)
}

/// The words of a page as they are read.
async fn page(world: &World, role: Role, path: &str) -> String {
    ask(world, signed_in(role).0, path).await.text().replace("&#x2f;", "/")
}

async fn ask(world: &World, headers: HeaderMap, path: &str) -> Answer {
    world.send(Method::GET, path, headers, String::new()).await
}

async fn post(world: &World, role: Role, path: &str) -> Answer {
    let (headers, form) = signed_in(role);
    world.send(Method::POST, path, headers, form).await
}

/// One receiver's line about an event.
fn line<'a>(log: &'a Value, event: usize, receiver: &str) -> &'a Value {
    let all = log["items"][event]["receivers"].as_array().unwrap();
    all.iter().find(|one| one["receiver"] == receiver).unwrap_or_else(|| panic!("no {receiver} in {log:#}"))
}

#[tokio::test]
async fn each_event_says_what_became_of_it_for_each_receiver_and_why() {
    let (world, _) = filled().await;
    let answer = ask(&world, program(Scope::Messages), "/api/v1/incidents/acme.x1/decisions").await;
    assert_eq!(answer.status, 200);
    let log = answer.json();
    assert_eq!(log["items"].as_array().unwrap().len(), 2);
    assert_eq!(log["items"][0]["title"], "Errors in the API");
    assert_eq!((&log["items"][0]["kind"], &log["items"][0]["at"]), (&json!("trouble"), &json!("2026-01-02T11:40:00Z")));
    let sent = line(&log, 0, "channel/ops");
    assert_eq!(
        (&sent["name"], &sent["fate"], &sent["happening"]),
        (&json!("Ops chat"), &json!("sent"), &json!("opened"))
    );
    // When the receiver had it: the good attempt with the time that it took.
    assert_eq!((&sent["sent_at"], &sent["reason"]), (&json!("2026-01-02T11:41:02Z"), &Value::Null));
    let held = line(&log, 0, "channel/call");
    assert_eq!((&held["fate"], &held["reason"]), (&json!("held"), &json!("too_mild")));
    assert_eq!(held["because"], "it is milder than this receiver wants to hear of");
    let failed = line(&log, 0, "channel/old");
    assert_eq!(
        (&failed["fate"], &failed["status"], &failed["delivery"]),
        (&json!("failed"), &json!("dead"), &json!(2))
    );
    assert_eq!(failed["name"], "old (no longer configured)");
    let folded = line(&log, 1, "channel/ops");
    assert_eq!(
        (&folded["fate"], &folded["status"], &folded["happening"]),
        (&json!("folded"), &json!("queued"), &json!("opened"))
    );
    let waits = line(&log, 1, "channel/call");
    assert_eq!((&waits["fate"], &waits["reason"]), (&json!("waits"), &json!("confirming")));
    assert_eq!(waits["until"], "2026-01-02T12:10:00Z");
    // A message that is not there is never said to be sent.
    assert_eq!(line(&log, 1, "channel/old")["fate"], "forgotten");
}

#[tokio::test]
async fn readers_are_counted_and_listed_only_to_those_who_may_see_them() {
    let (world, _) = filled().await;
    let path = "/api/v1/incidents/acme.x1/decisions";
    let counted = ask(&world, signed_in(Role::Operator).0, path).await.json();
    assert_eq!(counted["items"][0]["readers"], json!({"sent": 4, "queued": 1, "held": 1}));
    assert!(!counted.to_string().contains("subscriber/"), "{counted}");
    let each = format!("{path}?readers=each");
    assert_eq!(ask(&world, signed_in(Role::Operator).0, &each).await.status, 403);
    assert_eq!(ask(&world, program(Scope::Messages), &each).await.status, 403);
    assert_eq!(ask(&world, signed_in(Role::Admin).0, &format!("{path}?readers=all")).await.status, 400);
    let listed = ask(&world, signed_in(Role::Admin).0, &each).await.json();
    assert_eq!(line(&listed, 0, "subscriber/r0")["fate"], "queued");
    assert_eq!(line(&listed, 0, "subscriber/r4")["fate"], "sent");
    assert_eq!(listed["items"][0]["readers"], json!({}));
}

#[tokio::test]
async fn of_a_source_both_threads_are_one_log() {
    let (world, behind) = world_with(false, nobody());
    let thread = |reading: bool| match reading {
        true => Thread::Reading(SourceId::new("acme")),
        false => Thread::Source(SourceId::new("acme")),
    };
    let decided = |seq: u64| Decision {
        seq,
        thread: thread(seq.is_multiple_of(2)),
        receiver: channel("ops"),
        at: noon(),
        fate: Fate::Held(Why::Uncounted),
    };
    let telling = Telling {
        news: (1..=3).map(|seq| news(seq, noon(), thread(seq.is_multiple_of(2)), NewsKind::Trouble)).collect(),
        decisions: (1..=3).map(decided).collect(),
        ..Telling::default()
    };
    behind.store.run(move |store| store.tell(&telling)).await.unwrap();
    let log = ask(&world, program(Scope::Messages), "/api/v1/sources/acme/decisions").await.json();
    let threads: Vec<&Value> = log["items"].as_array().unwrap().iter().map(|event| &event["thread"]).collect();
    assert_eq!(threads, ["source/acme", "reading/acme", "source/acme"]);
    for (path, status) in [
        ("/api/v1/sources/bolt/decisions", 200),
        ("/api/v1/sources/nobody/decisions", 404),
        ("/api/v1/incidents/acme.x1/decisions", 200),
        ("/api/v1/incidents/acme.x2/decisions", 404),
        ("/api/v1/maintenances/bolt.m1/decisions", 200),
        ("/api/v1/maintenances/bolt.m2/decisions", 404),
    ] {
        assert_eq!(ask(&world, program(Scope::Messages), path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn messages_are_listed_filtered_and_shown_with_their_attempts() {
    let (world, _) = filled().await;
    let ids = async |headers: HeaderMap, query: &str| -> Vec<u64> {
        let list = ask(&world, headers, &format!("/api/v1/deliveries{query}")).await.json();
        list["items"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
    };
    let operator = || signed_in(Role::Operator).0;
    assert_eq!(ids(operator(), "").await, [3, 2, 1]);
    assert_eq!(ids(operator(), "?status=dead").await, [2]);
    assert_eq!(ids(operator(), "?channel=ops").await, [3, 1]);
    assert_eq!(ids(operator(), "?limit=2").await, [3, 2]);
    assert_eq!(ids(operator(), "?limit=2&cursor=2").await, [1]);
    assert_eq!(ids(signed_in(Role::Admin).0, "?to=readers&status=queued").await, [10]);
    assert_eq!(ids(signed_in(Role::Admin).0, "?to=all").await.len(), 8);
    for (query, status) in
        [("?to=readers", 403), ("?to=all", 403), ("?status=x", 400), ("?cursor=x", 400), ("?limit=0", 400)]
    {
        assert_eq!(ask(&world, operator(), &format!("/api/v1/deliveries{query}")).await.status, status, "{query}");
    }
    let one = ask(&world, operator(), "/api/v1/deliveries/1").await.json();
    assert_eq!(one["items"][0]["title"], "Errors in the API");
    assert_eq!(one["attempts"][1]["request"], "POST https://hooks.example/***");
    assert_eq!((&one["attempts"][0]["received"], &one["attempts"][1]["received"]), (&json!(false), &json!(true)));
    // A reader's is nobody's business but theirs and the admins'.
    assert_eq!(ask(&world, operator(), "/api/v1/deliveries/10").await.status, 404);
    assert_eq!(ask(&world, program(Scope::Messages), "/api/v1/deliveries/10").await.status, 404);
    assert_eq!(ask(&world, signed_in(Role::Admin).0, "/api/v1/deliveries/10").await.status, 200);
    assert_eq!(ask(&world, operator(), "/api/v1/deliveries/404").await.status, 404);
    assert_eq!(ask(&world, operator(), "/admin/deliveries/10").await.status, 404);
}

#[tokio::test]
async fn channels_say_what_they_hear_and_how_they_do() {
    let (world, _) = filled().await;
    world.pulse.set_channel("call", Some(Failing { since: noon(), problem: HOSTILE.into() }));
    let list = ask(&world, program(Scope::Messages), "/api/v1/channels").await.json();
    let (ops, call) = (&list["items"][0], &list["items"][1]);
    assert_eq!((&ops["id"], &ops["kind"], &ops["failing"]), (&json!("ops"), &json!("webhook"), &Value::Null));
    assert_eq!(ops["last_sent_at"], "2026-01-02T11:41:02Z");
    assert_eq!(ops["hears"][0], "everything that is at least major");
    assert!(ops["hears"].to_string().contains("quiet 22:00–07:00 (UTC)"), "{ops}");
    assert_eq!((&call["failing"]["since"], &call["last_sent_at"]), (&json!("2026-01-02T12:00:00Z"), &Value::Null));
    assert!(!list.to_string().contains("whsec_"), "no secret is shown");
}

/// Somebody who sends, and keeps what was wished for.
fn sender() -> (Post, mpsc::UnboundedReceiver<String>, JoinSet<()>) {
    let (post, mut wishes) = mpsc::channel(4);
    let (kept, seen) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Some(wish) = wishes.recv().await {
            let (what, reply) = match wish {
                Wish::Test(channel, reply) => (format!("test {channel}"), reply),
                Wish::Resend(id, reply) => (format!("resend {id}"), reply),
            };
            let _ = kept.send(what);
            let _ = reply.send(Ok(2));
        }
    });
    (Post::to(post), seen, tasks)
}

#[tokio::test]
async fn a_test_and_what_was_given_up_are_sent_by_the_api_and_by_forms() {
    let (post_box, mut wishes, _sending) = sender();
    let (world, behind) = world_with(false, post_box);
    fill(&behind).await;
    let write = async |path: &str| world.send(Method::POST, path, program(Scope::Messages), String::new()).await;
    let test = write("/api/v1/channels/ops/test").await;
    assert_eq!((test.status.as_u16(), test.json()), (202, json!({"delivery": 2})));
    assert_eq!(test.header("location"), "/api/v1/deliveries/2");
    assert_eq!(wishes.recv().await.unwrap(), "test ops");
    assert_eq!(write("/api/v1/channels/old/test").await.status, 404);
    assert_eq!(write("/api/v1/deliveries/2/resend").await.status, 202);
    assert_eq!(wishes.recv().await.unwrap(), "resend 2");
    let refused = write("/api/v1/deliveries/1/resend").await;
    assert_eq!(refused.status, 409);
    assert!(refused.json()["detail"].as_str().unwrap().contains("only what was given up"), "{}", refused.text());
    let tried = post(&world, Role::Operator, "/admin/channels/call/test").await;
    assert_eq!((tried.status.as_u16(), tried.header("location")), (303, "/admin/deliveries/2"));
    assert_eq!(wishes.recv().await.unwrap(), "test call");
    let again = post(&world, Role::Operator, "/admin/deliveries/2/resend").await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/admin/deliveries/2"));
    assert_eq!(wishes.recv().await.unwrap(), "resend 2");
    let refused = post(&world, Role::Operator, "/admin/deliveries/1/resend").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("It is not sent again"), "{}", refused.text());
    assert!(wishes.try_recv().is_err(), "nothing else was wished for");
}

#[tokio::test]
async fn where_nothing_can_be_sent_that_is_said() {
    let (world, _) = filled().await;
    let answer = world.send(Method::POST, "/api/v1/channels/ops/test", program(Scope::Messages), String::new()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.json()["detail"].as_str().unwrap().contains("nothing can be sent now"), "{}", answer.text());
    let form = post(&world, Role::Operator, "/admin/channels/ops/test").await;
    assert_eq!(form.status, 422);
    assert!(form.text().contains("Nothing can be sent now"), "{}", form.text());
}

#[tokio::test]
async fn the_page_says_who_was_told_to_operators_and_to_nobody_else() {
    let (world, _) = filled().await;
    let operator = page(&world, Role::Operator, "/incidents/acme.x1").await;
    for shown in
        ["Who was told", "Ops chat", "On call", "it is milder than this receiver wants to hear of", "Readers: 4 sent"]
    {
        assert!(operator.contains(shown), "{shown}: {operator}");
    }
    assert!(!operator.contains("<script>alert"), "what a receiver answered is text");
    for other in [HeaderMap::new(), signed_in(Role::Viewer).0, program(Scope::Read)] {
        let page = ask(&world, other, "/incidents/acme.x1").await;
        assert_eq!(page.status, 200);
        assert!(!page.text().contains("Who was told") && !page.text().contains("Ops chat"));
    }
    let maintenance = page(&world, Role::Operator, "/maintenances/bolt.m1").await;
    assert!(maintenance.contains("Nothing was decided about it"), "{maintenance}");
}

#[tokio::test]
async fn the_console_shows_messages_channels_and_what_calls_for_somebody() {
    let (world, behind) = filled().await;
    let calm = page(&world, Role::Operator, "/admin/deliveries").await;
    assert!(!calm.contains("class=\"calls\""), "{calm}");
    behind.metrics.deliveries(2, 1);
    world.pulse.set_channel("call", Some(Failing { since: noon(), problem: HOSTILE.into() }));
    let list = page(&world, Role::Operator, "/admin/deliveries").await;
    for shown in ["1 given up", "1 failing", "1 was given up", "New problem: Errors in the API", "Ops chat"] {
        assert!(list.contains(shown), "{shown}: {list}");
    }
    let channels = page(&world, Role::Operator, "/admin/channels").await;
    for shown in ["On call", "takes no messages", "Send a test", "everything that is at least major; "] {
        assert!(channels.contains(shown), "{shown}: {channels}");
    }
    let dead = page(&world, Role::Operator, "/admin/deliveries/2").await;
    assert!(dead.contains("Send it again") && dead.contains("POST https://hooks.example/***"), "{dead}");
    let sent = page(&world, Role::Operator, "/admin/deliveries/1").await;
    assert!(!sent.contains("Send it again"), "{sent}");
    let queued = page(&world, Role::Operator, "/admin/deliveries/3").await;
    assert!(queued.contains("Look again"), "{queued}");
    assert!(!queued.contains("data-again"), "what is tried in half an hour is not worth reloading for");
    world.clock.advance(std::time::Duration::from_secs(29 * 60 + 30));
    assert!(page(&world, Role::Operator, "/admin/deliveries/3").await.contains("data-again"));
    for page in [list, channels, dead, sent, queued] {
        assert!(!page.contains("<script>alert"), "what a receiver answered is text");
    }
}
