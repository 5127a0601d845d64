//! Writes that come again, kills in between, and a full disk: each counts once, and what was answered stays.

use std::collections::{BTreeMap, HashMap};
use std::process::Command;
use std::time::Duration;

use allclear::store::Store;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::api::{Program, TEAM, writer};
use super::server::{Answer, Home, Server, list, until};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

/// What an answer says, without what differs with every answer.
fn said(answer: &Answer) -> (String, String, Option<String>, Option<String>) {
    let header = |name| answer.header(name).map(str::to_owned);
    (answer.status().to_owned(), answer.body.clone(), header("etag"), header("location"))
}

fn key(key: &str) -> String {
    format!("idempotency-key: {key}\r\n")
}

/// R25
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_comes_again_is_answered_as_the_first_time_also_after_a_kill() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let mut server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let open = json!({"title": "Slow", "services": ["checkout"], "body": "We look."});
    let first = program.send("POST", "/api/v1/incidents", &key("open"), &open).await;
    let id = serde_json::from_str::<Value>(&first.body).unwrap()["id"].as_str().unwrap().to_owned();
    let at = format!("/api/v1/incidents/{id}");
    let read = format!("if-match: {}\r\n", server.get(&at).await.header("etag").unwrap());
    let rows = [
        ("POST", "/api/v1/incidents".to_owned(), key("open"), open),
        ("PATCH", at.clone(), format!("{}{read}", key("edit")), json!({"title": "Slower"})),
        (
            "POST",
            format!("{at}/updates"),
            format!("{}if-match: \"v2\"\r\n", key("update")),
            json!({"body": "It is the disk."}),
        ),
        ("POST", format!("{at}/notes"), key("note"), json!({"body": "Ask Sam."})),
        ("PUT", format!("{at}/verdict"), key("verdict"), json!({"owner": "Sam"})),
        ("POST", format!("{at}/acknowledge"), key("seen"), Value::Null),
        ("PUT", "/api/v1/services/search/state".into(), key("set"), json!({"state": "major_outage", "reason": "x"})),
        ("DELETE", "/api/v1/services/search/state".into(), key("end"), Value::Null),
        ("PUT", "/api/v1/templates/slow".into(), key("template"), json!({"name": "x", "title": "x"})),
        ("DELETE", at.clone(), key("delete"), Value::Null),
    ];
    let mut answers = Vec::new();
    for (method, path, headers, body) in &rows {
        let answer = program.send(method, path, headers, body).await;
        assert!(answer.status().starts_with('2'), "{method} {path}: {}", answer.body);
        answers.push(said(&answer));
    }
    assert_eq!(answers[0], said(&first));
    let seq = server.summary().await["seq"].clone();
    for killed in [false, true] {
        if killed {
            server.child.kill().unwrap();
            server.child.wait().unwrap();
            server = home.serve().await;
        }
        let program = Program { server: &server, token: &secret };
        for ((method, path, headers, body), first) in rows.iter().zip(&answers) {
            let again = program.send(method, path, headers, body).await;
            assert_eq!(&said(&again), first, "{method} {path}");
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
        }
        for (method, path, headers) in [
            ("POST", "/api/v1/incidents", key("open")),
            ("POST", "/api/v1/incidents", key("delete")),
            ("PUT", "/api/v1/templates/slow", key("template")),
        ] {
            let other = match path.ends_with("incidents") {
                true => json!({"title": "Another"}),
                false => json!({"name": "y", "title": "y"}),
            };
            let other = program.send(method, path, &headers, &other).await;
            assert_eq!(other.status(), "409", "{path}: {}", other.body);
        }
        let long = program.send("POST", "/api/v1/incidents", &key(&"k".repeat(256)), &json!({"title": "x"})).await;
        assert_eq!(long.status(), "400", "{}", long.body);
    }
    assert_eq!(server.summary().await["seq"], seq, "and nothing happened by it");
}

/// One write of many: an incident of its own, or an update to one that everybody writes to.
struct Write {
    path: String,
    body: Value,
    key: String,
}

fn writes(count: u64, shared: &str) -> Vec<Write> {
    let write = |n: u64| match n % 6 {
        5 => Write {
            path: format!("/api/v1/incidents/{shared}/notes"),
            body: json!({"body": format!("Write {n}")}),
            key: format!("key-{n}"),
        },
        _ => Write {
            path: "/api/v1/incidents".into(),
            body: json!({"title": format!("Write {n}"), "status": "resolved"}),
            key: format!("key-{n}"),
        },
    };
    (0..count).map(write).collect()
}

/// R24, R25, R26: each write is sent three times while the program is killed again and again. `ALLCLEAR_KILLS` and
/// `ALLCLEAR_WRITES` make it as large as it is written: 200 kills, 1,000 writes.
#[tokio::test(flavor = "multi_thread")]
async fn writes_sent_three_times_with_kills_in_between_count_once() {
    let (kills, count) = (number("ALLCLEAR_KILLS", 12), number("ALLCLEAR_WRITES", 120));
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let mut server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let shared = program.write("POST", "/api/v1/incidents", json!({"title": "Shared"})).await;
    let shared = shared["id"].as_str().unwrap().to_owned();
    // Notes of one incident have a limit.
    let count = count.min(6 * (allclear::limits::UPDATES as u64));
    let writes = writes(count, &shared);
    // Three sendings of each, in an order that mixes first and last ones.
    let mut queue: Vec<usize> =
        (0..3).flat_map(|round| (0..writes.len()).map(move |n| (n * 7 + round * 3) % count as usize)).collect();
    queue.sort_by_key(|n| n % 10);
    let mut answered: HashMap<usize, (String, String)> = HashMap::new();
    let mut left: Vec<usize> = queue;
    let per_life = left.len().div_ceil(usize::try_from(kills).unwrap() + 1);
    let mut lives = 0;
    while !left.is_empty() {
        lives += 1;
        assert!(lives < 10 * (kills + 1), "it does not get on");
        let batch: Vec<usize> = left.drain(..per_life.min(left.len())).collect();
        let killed = lives <= kills;
        let sent = send_all(&server, &secret, &writes, &batch);
        let answers = if killed {
            // In the middle of it: some are answered, some are not.
            let pid = server.child.id().to_string();
            let kill = async {
                tokio::time::sleep(Duration::from_millis(5 + lives * 7 % 60)).await;
                assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
            };
            tokio::join!(sent, kill).0
        } else {
            sent.await
        };
        for (n, answer) in answers {
            match answer {
                Some(answer) => {
                    assert!(answer.status().starts_with('2'), "{n}: {} {}", answer.head, answer.body);
                    let said = (answer.status().to_owned(), answer.body);
                    let first = answered.entry(n).or_insert_with(|| said.clone());
                    assert_eq!(*first, said, "write {n} was answered in two ways");
                }
                // Whoever gets no answer sends again.
                None => left.push(n),
            }
        }
        if killed {
            server.child.wait().unwrap();
            server = home.serve().await;
        }
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    assert_eq!(answered.len(), writes.len());
    check(&home, &shared, count);
}

async fn send_all(server: &Server, secret: &str, writes: &[Write], batch: &[usize]) -> Vec<(usize, Option<Answer>)> {
    let program = Program { server, token: secret };
    let all = batch.iter().map(|n| async move {
        let write = &writes[*n];
        (*n, program.try_send("POST", &write.path, &key(&write.key), &write.body).await)
    });
    futures_util::stream::iter(all).buffer_unordered(8).collect().await
}

/// Every write is there once, with its one event and its one row.
fn check(home: &Home, shared: &str, count: u64) {
    let store = Store::open(&home.data()).unwrap();
    let incidents = store.incidents(None, None, usize::MAX).unwrap().items;
    let mut effects: BTreeMap<String, usize> = BTreeMap::new();
    for incident in &incidents {
        if incident.id.as_str() == shared {
            for note in &incident.local.as_ref().unwrap().notes {
                *effects.entry(note.words.markdown.clone()).or_default() += 1;
            }
        } else {
            *effects.entry(incident.title.clone()).or_default() += 1;
        }
    }
    let expected: BTreeMap<String, usize> = (0..count).map(|n| (format!("Write {n}"), 1)).collect();
    assert_eq!(effects, expected);
    let rows = store.audit(None, usize::MAX).unwrap().items;
    assert_eq!(rows.len() as u64, count + 1, "one row for each, and one for the shared incident");
    let events = store.events_after(0, usize::MAX).unwrap();
    assert!((1..).zip(&events).all(|(seq, event)| event.seq == seq));
    assert_eq!(events.len(), incidents.len(), "notes are no events");
    let report = Store::doctor(&home.data());
    drop(store);
    assert!(report.sound, "{:#?}", report.lines);
}

/// Lets no file of a process grow beyond this any more; `None`: lets it grow.
fn limit(server: &Server, bytes: Option<u64>) {
    let soft = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
    let pid = server.child.id().to_string();
    let limited = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={soft}:")]).status();
    assert!(limited.unwrap().success());
}

/// R30: where the disk takes no more, writes are refused with 507 and change nothing, reading goes on, and it recovers by
/// itself.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn r30_a_full_disk_refuses_writes_and_says_so_and_recovers_by_itself() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let mut command = Command::new("sh");
    // A file that may not grow is an error then, and no signal.
    let plain = home.serving();
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(home.folder.path()).stdin(std::process::Stdio::null());
    let mut server = Server::start(command).await;
    let program = Program { server: &server, token: &secret };
    let opened = program.write("POST", "/api/v1/incidents", json!({"title": "Before"})).await;
    let at = format!("/api/v1/incidents/{}", opened["id"].as_str().unwrap());
    let mut kept = 1;
    for round in 0..3 {
        limit(&server, Some(std::fs::metadata(home.data().join("allclear.redb")).unwrap().len()));
        // Words that do not pack to nothing.
        let body: String = (0..2_000).map(|_| format!("{:08x} ", getrandom::u32().unwrap())).collect();
        let large = json!({"title": "Large", "status": "resolved", "body": body});
        let (again, refused) = until("the disk is full", super::server::SOON * 2, async || {
            let key = key(&format!("large-{kept}"));
            let answer = program.send("POST", "/api/v1/incidents", &key, &large).await;
            kept += usize::from(answer.status() == "201");
            (answer.status() != "201").then_some((key, answer))
        })
        .await;
        assert_eq!(refused.status(), "507", "{}", refused.body);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert!(refused.body.contains("nothing was changed"), "{}", refused.body);
        let all = server.json("/api/v1/incidents?limit=100").await;
        assert_eq!(list(&all["items"]).len(), kept.min(100), "round {round}");
        // A small write may fit where a large one does not: it is asked again until it is said.
        until("page and readiness say so", super::server::SOON, async || {
            let answer = program.send("POST", "/api/v1/incidents", "", &large).await;
            kept += usize::from(answer.status() == "201");
            let ready = server.get("/readyz").await.status() == "200";
            let noticed = server.summary().await["notices"].to_string().contains("\"disk\"");
            (!ready && noticed).then_some(())
        })
        .await;
        assert_eq!(server.get("/").await.status(), "200");
        limit(&server, None);
        until("it takes writes again", super::server::SOON, async || {
            let answer = program.send("POST", "/api/v1/incidents", &again, &large).await;
            assert_eq!(answer.header("idempotency-replayed"), None, "what was refused was never done");
            (answer.status() == "201").then_some(())
        })
        .await;
        kept += 1;
        until("it says that it is well", super::server::SOON, async || {
            (server.get("/readyz").await.status() == "200").then_some(())
        })
        .await;
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server = home.serve().await;
    assert_eq!(server.json(&at).await["status"], "investigating", "also after a restart");
    let all = server.json("/api/v1/incidents?limit=100").await;
    assert_eq!(list(&all["items"]).len(), kept.min(100), "what was taken is there, and nothing else");
}
