//! People are told: at least once, in order, once where nothing is lost, and nothing old.

use std::collections::{BTreeMap, BTreeSet};

use allclear::model::people::Scope;
use serde_json::{Value, json};

use super::api::{Program, TEAM, token, writer};
use super::inbox::{Inbox, Reply, at_once};
use super::server::{Home, SOON, until};

fn incident(title: &str) -> Value {
    json!({"title": title, "impact": "major", "services": [{"id": "checkout", "state": "partial_outage"}]})
}

fn home(channels: &[String]) -> Home {
    Home::new(&format!("{TEAM}{}", at_once(channels)))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_told_from_its_first_word_to_its_last() {
    let inbox = Inbox::open().await;
    let home = home(&[inbox.channel("chat")]);
    let token = writer(&home);
    let server = home.serve().await;
    let program = Program { server: &server, token: &token };
    let made = program.write("POST", "/api/v1/incidents", incident("Payments fail")).await;
    let id = made["id"].as_str().unwrap().to_owned();
    inbox.until("the incident is told", |got| (!got.is_empty()).then_some(())).await;
    let post = format!("/api/v1/incidents/{id}/updates");
    program.write("POST", &post, json!({"status": "resolved", "body": "It was the disk."})).await;
    inbox.until("its end is told", |got| (got.len() >= 2).then_some(())).await;
    assert_eq!(inbox.told(), [format!("opened incident/{id}"), format!("resolved incident/{id}")]);
    let keys: BTreeSet<String> = inbox.got().iter().map(|got| got.key()).collect();
    assert_eq!(keys.len(), 2, "every message has a key of its own");
}

/// R36
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_hangs_delays_no_other() {
    let (good, dead) = (Inbox::open().await, Inbox::open().await);
    dead.answers(|_| Reply::Hang);
    let home = home(&[dead.channel("dead"), good.channel("good")]);
    let token = writer(&home);
    let server = home.serve().await;
    let program = Program { server: &server, token: &token };
    for number in 0..5 {
        program.write("POST", "/api/v1/incidents", incident(&format!("Trouble {number}"))).await;
        good.until("the good one is told", |got| (told(got) > number).then_some(())).await;
    }
    // The dead one has still not answered its first message.
    assert_eq!(dead.got().len(), 1);
}

fn told(got: &[super::inbox::Got]) -> usize {
    got.iter().map(|got| got.told().len()).sum()
}

/// R37, R38
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_says_nothing_old_and_what_changed_meanwhile_once() {
    let inbox = Inbox::open().await;
    let home = home(&[inbox.channel("chat")]);
    let token = writer(&home);
    let restarts: usize = std::env::var("ALLCLEAR_RESTARTS").ok().and_then(|count| count.parse().ok()).unwrap_or(8);
    let mut ids = Vec::new();
    {
        let server = home.serve().await;
        let program = Program { server: &server, token: &token };
        for number in 0..30 {
            let made = program.write("POST", "/api/v1/incidents", incident(&format!("Trouble {number}"))).await;
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        inbox.until("all are told", |got| (told(got) >= 30).then_some(())).await;
    }
    for _ in 0..restarts {
        let server = home.serve().await;
        // It has decided about everything there is once it has tried a message: a test of the channel.
        let program = Program { server: &server, token: &token };
        assert_eq!(program.get("/readyz").await.status(), "200");
    }
    assert_eq!(inbox.told().len(), 30, "restarts say nothing");
    // While the receiver is away, five change and the program is killed.
    inbox.answers(|_| Reply::Reset);
    {
        let server = home.serve().await;
        let program = Program { server: &server, token: &token };
        for id in &ids[..5] {
            let post = format!("/api/v1/incidents/{id}/updates");
            program.write("POST", &post, json!({"status": "resolved", "body": "Over."})).await;
        }
    }
    inbox.answers(|_| Reply::Status(204));
    let _server = home.serve().await;
    inbox
        .until("the five are told", |got| {
            let ends: BTreeSet<String> =
                got.iter().flat_map(|got| got.told()).filter(|told| told.starts_with("resolved")).collect();
            (ends.len() >= 5).then_some(())
        })
        .await;
    let ends = inbox.told().into_iter().filter(|told| told.starts_with("resolved"));
    assert_eq!(ends.collect::<BTreeSet<_>>().len(), 5);
    assert_eq!(inbox.told().len(), 35, "and nothing else");
}

/// R39
#[tokio::test(flavor = "multi_thread")]
async fn a_new_channel_does_not_announce_what_is_there_already() {
    let (old, new) = (Inbox::open().await, Inbox::open().await);
    let home = home(&[old.channel("old")]);
    let token = token(&home, &[Scope::Incidents, Scope::Messages]);
    let server = home.serve().await;
    let program = Program { server: &server, token: &token };
    for number in 0..30 {
        program.write("POST", "/api/v1/incidents", incident(&format!("Trouble {number}"))).await;
    }
    old.until("all are told", |got| (told(got) >= 30).then_some(())).await;
    let both = format!("{TEAM}{}", at_once(&[old.channel("old"), new.channel("new")]));
    std::fs::write(home.config(), both).unwrap();
    until("the new channel is there", SOON, async || {
        let channels = program.get("/api/v1/channels").await;
        channels.body.contains("\"new\"").then_some(())
    })
    .await;
    let fresh = program.write("POST", "/api/v1/incidents", incident("Fresh trouble")).await;
    let fresh = format!("opened incident/{}", fresh["id"].as_str().unwrap());
    let found = new.until("the new one is told", |got| (told(got) > 0).then(|| new.told())).await;
    assert_eq!(found, [fresh]);
}

/// R34: killed at any moment, every event reaches the receiver; what comes twice was in flight at a kill, with the same
/// key, and the order within a thread is kept.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_to_be_told_is_lost_by_a_kill() {
    let kills: usize = std::env::var("ALLCLEAR_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(10);
    let inbox = Inbox::open().await;
    // Some are answered badly and some late, so that attempts of all sorts are cut off.
    inbox.answers(|number| match number % 7 {
        3 => Reply::Reset,
        5 => Reply::Status(500),
        0 | 2 | 6 => Reply::Late,
        _ => Reply::Status(200),
    });
    let home = home(&[inbox.channel("chat")]);
    let token = token(&home, &[Scope::Read, Scope::Incidents]);
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..kills {
        let server = home.serve().await;
        let program = Program { server: &server, token: &token };
        for number in 0..5 {
            let made = program.write("POST", "/api/v1/incidents", incident(&format!("Trouble {round}.{number}"))).await;
            let id = made["id"].as_str().unwrap().to_owned();
            if number % 2 == 0 {
                let post = format!("/api/v1/incidents/{id}/updates");
                program.write("POST", &post, json!({"status": "resolved", "body": "Over."})).await;
                expected.insert(id, 2);
            } else {
                expected.insert(id, 1);
            }
        }
        // Dropped: killed with whatever is in flight.
        drop(server);
    }
    inbox.answers(|_| Reply::Status(200));
    let server = home.serve().await;
    until("everything is told", SOON * 4, async || {
        let queued = server.get("/metrics").await;
        let none_waits = queued.body.contains("allclear_deliveries{status=\"queued\"} 0");
        // None waits either before anything was decided.
        let told = inbox.told();
        let open = expected.iter().filter(|(_, count)| **count == 1);
        let all = open.into_iter().all(|(id, _)| told.contains(&format!("opened incident/{id}")));
        (none_waits && all).then_some(())
    })
    .await;
    check_all(&inbox, &expected, kills);
}

fn check_all(inbox: &Inbox, expected: &BTreeMap<String, usize>, kills: usize) {
    let got = inbox.got();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut bodies: BTreeMap<String, Value> = BTreeMap::new();
    for one in &got {
        *times.entry(one.key()).or_default() += 1;
        let body = bodies.entry(one.key()).or_insert_with(|| one.body.clone());
        assert_eq!(body["data"], one.body["data"], "the same key is the same message");
    }
    let told = inbox.told();
    for (id, count) in expected {
        let of: Vec<&String> = told.iter().filter(|told| told.ends_with(&format!("/{id}"))).collect();
        // One that was over before anybody could be told of it is not told at all.
        let words: Vec<&str> = of.iter().map(|told| told.split(' ').next().unwrap()).collect();
        let fits = match count {
            1 => words == ["opened"],
            _ => words == ["opened", "resolved"] || words.is_empty(),
        };
        assert!(fits, "{id}: {words:?}");
    }
    let again: usize = {
        let mut good: BTreeMap<String, usize> = BTreeMap::new();
        got.iter().filter(|one| one.good).for_each(|one| *good.entry(one.key()).or_default() += 1);
        good.values().map(|count| count - 1).sum()
    };
    assert!(again <= kills, "{again} messages came again over {kills} kills");
    println!("{again} again, {} messages of {} keys over {kills} kills", got.len(), times.len());
}
