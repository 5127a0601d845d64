//! What other tools push opens, changes and resolves local incidents: once, at its time, and for nobody who may not.

use std::fmt::Write as _;

use allclear::clock::Clock;
use allclear::model::id::{HookId, IncidentId};
use allclear::store::Store;
use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::person::Person;
use super::server::{Answer, Home, SOON, Server, by_id, list, until};
use crate::inbound::{Saved, fixtures};

const SECRET: &str = "s3cr3tmark-of-a-hook-0123456789";
/// A key of Standard Webhooks holds the bytes of this.
const SIGNING: &str = "s3cr3tmark-that-signs-9876543210";

/// A configuration with these hooks, one line each; all their times are none where they say nothing else.
fn yaml(hooks: &[&str]) -> String {
    let mut yaml = String::from("sources: []\nservices:\n  - {name: Checkout, needs: []}\nhooks:\n");
    for hook in hooks {
        let hold = if hook.contains("hold:") { "" } else { ", hold: 0s" };
        let secret = if hook.contains("secret:") { String::new() } else { format!(", secret: {SECRET}") };
        let _ = writeln!(yaml, "  - {{{hook}{hold}{secret}}}");
    }
    yaml
}

fn alertmanager(more: &str) -> String {
    format!("name: Prometheus, id: am, kind: alertmanager, label: service{more}")
}

/// An alert as Alertmanager tells it.
fn alert(key: &str, began: &str, ended: Option<&str>) -> Value {
    json!({
        "status": if ended.is_some() { "resolved" } else { "firing" },
        "labels": {"alertname": "HighErrors", "service": "checkout", "severity": "critical"},
        "annotations": {"summary": format!("Errors of {key}"), "description": "More than 5 % fail."},
        "startsAt": began, "endsAt": ended.unwrap_or("0001-01-01T00:00:00Z"),
        "generatorURL": "http://prometheus.internal/graph", "fingerprint": key,
    })
}

fn group(alerts: &[Value]) -> String {
    json!({"version": "4", "groupKey": "{}", "status": "firing", "receiver": "allclear", "alerts": alerts}).to_string()
}

fn incident_id(key: &str, began: &str) -> String {
    IncidentId::pushed(&HookId::new("am"), key, began.parse().unwrap()).as_str().to_owned()
}

const BEGAN: &str = "2026-06-01T10:00:00Z";
const ENDED: &str = "2026-06-01T10:30:00Z";

async fn push(server: &Server, body: &str) -> Answer {
    server.ask("POST", "/hooks/am", &format!("authorization: Bearer {SECRET}\r\n"), body).await
}

async fn pushed(server: &Server, body: &str) -> Value {
    let answer = push(server, body).await;
    assert_eq!(answer.status(), "202", "{} {}", answer.head, answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn sign(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// The incident that is open, once there is one.
async fn opened(server: &Server) -> Value {
    server.until("an incident is open", |summary| list(&summary["incidents"]).first().cloned()).await
}

/// The incident as it is when it is over.
async fn over(server: &Server, id: &str) -> Value {
    let path = format!("/api/v1/incidents/{id}");
    until("it is over", SOON, async || {
        let incident = server.json(&path).await;
        (incident["open"] == false).then_some(incident)
    })
    .await
}

/// Sends a saved request to a hook as its sender would.
async fn send(server: &Server, hook: &str, kind: &str, file: &str) -> Answer {
    let Saved { method, query, headers, body } = Saved::read(&fixtures().join(kind).join(file));
    let body = String::from_utf8(body).unwrap();
    let mut head: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let path = if kind == "pagerduty" {
        let signature = HEXLOWER.encode(&sign(SECRET.as_bytes(), &[body.as_bytes()]));
        let _ = write!(head, "x-pagerduty-signature: v1=00,v1={signature}\r\n");
        format!("/hooks/{hook}")
    } else {
        format!("/hooks/{hook}/{SECRET}")
    };
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    server.ask(&method, &format!("{path}{query}"), &head, &body).await
}

/// What fires opens an incident, and what ends it resolves it.
async fn opens_and_ends(
    server: &Server,
    kind: &str,
    fires: Answer,
    ends: impl Future<Output = Answer>,
    impact: &str,
    touches: bool,
) {
    assert_eq!(fires.status(), "202", "{kind}: {}", fires.body);
    let open = opened(server).await;
    assert_eq!((&open["origin"], &open["impact"]), (&"local".into(), &impact.into()), "{kind}: {open}");
    let services: Vec<&str> = list(&open["affected"]).iter().filter_map(|hit| hit["id"].as_str()).collect();
    assert_eq!(services, if touches { vec!["checkout"] } else { vec![] }, "{kind}: {open}");
    assert_eq!(open["url"], Value::Null, "{kind}: an address of the sender's is not shown unasked");
    let answer = ends.await;
    assert_eq!(answer.status(), "202", "{kind}: {}", answer.body);
    over(server, open["id"].as_str().unwrap()).await;
    server.until("nothing is open", |summary| list(&summary["incidents"]).is_empty().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_sender_opens_an_incident_and_resolves_it() {
    // Kind, what fires and what ends, and the impact and services that come of it.
    let kinds = [
        ("grafana", "firing.json", "resolved.json", "major", true),
        ("uptimekuma", "down.json", "up-form.http", "major", true),
        ("uptimerobot", "down-get.http", "up.json", "major", false),
        ("healthchecks", "down.json", "up-get.http", "major", true),
        ("datadog", "triggered.json", "recovered-form.http", "critical", true),
        ("pagerduty", "triggered.json", "resolved.json", "major", true),
        ("gatus", "triggered.json", "resolved.json", "major", false),
        ("vigil", "sick.json", "healthy.json", "minor", false),
    ];
    let hook = |kind: &str| match kind {
        "pagerduty" => format!("name: {kind}, kind: {kind}, signature: pagerduty, label: service"),
        _ => format!("name: {kind}, kind: {kind}, label: service"),
    };
    let mut hooks: Vec<String> = kinds.iter().map(|(kind, ..)| hook(kind)).collect();
    hooks.push(
        "name: Probe, id: probe, kind: json, label: service, map: {key: ref, title: line, status: state, \
         firing: down, resolved: up, labels: tags}"
            .to_owned(),
    );
    hooks.push(alertmanager(""));
    let home = Home::new(&yaml(&hooks.iter().map(String::as_str).collect::<Vec<_>>()));
    let server = home.serve().await;
    for (kind, fires, ends, impact, touches) in kinds {
        let first = send(&server, kind, kind, fires).await;
        opens_and_ends(&server, kind, first, send(&server, kind, kind, ends), impact, touches).await;
    }
    let probe =
        |state: &str| json!({"ref": 17, "state": state, "line": "Tunnel", "tags": "service:checkout"}).to_string();
    let path = format!("/hooks/probe/{SECRET}");
    let (down, up) = (probe("DOWN"), probe("up"));
    let first = server.ask("PUT", &path, "", &down).await;
    opens_and_ends(&server, "json", first, server.ask("PUT", &path, "", &up), "major", true).await;
    let (firing, resolved) = (group(&[alert("a1", BEGAN, None)]), group(&[alert("a1", BEGAN, Some(ENDED))]));
    let first = push(&server, &firing).await;
    opens_and_ends(&server, "alertmanager", first, push(&server, &resolved), "critical", true).await;
    let told = server.json(&format!("/api/v1/incidents/{}", incident_id("a1", BEGAN))).await;
    assert_eq!(told["title"], "Errors of a1");
    assert_eq!((&told["started_at"], &told["resolved_at"]), (&BEGAN.into(), &ENDED.into()), "the sender's times count");
    assert_eq!(list(&told["updates"]).last().unwrap()["body"], "More than 5 % fail.");
    let check = tokio::task::block_in_place(|| home.run(&["check"]));
    let check = super::server::said(&check);
    assert!(check.contains("10 hooks") && check.contains("/hooks/am: Prometheus Alertmanager"), "{check}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blip_makes_no_incident_and_what_stays_makes_one() {
    let home = Home::new(&yaml(&[&alertmanager(", hold: 2s")]));
    let server = home.serve().await;
    let seq = server.summary().await["seq"].clone();
    pushed(&server, &group(&[alert("blip", BEGAN, None)])).await;
    pushed(&server, &group(&[alert("blip", BEGAN, Some(ENDED))])).await;
    pushed(&server, &group(&[alert("stays", BEGAN, None)])).await;
    let open = opened(&server).await;
    assert_eq!(open["id"], incident_id("stays", BEGAN).as_str());
    // By now the hold of what came first is over, too.
    assert_eq!(server.get(&format!("/api/v1/incidents/{}", incident_id("blip", BEGAN))).await.status(), "404");
    let after = server.summary().await["seq"].as_u64().unwrap();
    assert_eq!(after - seq.as_u64().unwrap(), 2, "an incident and the service that it touches");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_and_what_was_overtaken_change_nothing() {
    let home = Home::new(&yaml(&[&alertmanager("")]));
    let mut server = home.serve().await;
    let (fires, ends) = (group(&[alert("a1", BEGAN, None)]), group(&[alert("a1", BEGAN, Some(ENDED))]));
    pushed(&server, &fires).await;
    let open = opened(&server).await;
    let seq = server.summary().await["seq"].clone();
    for _ in 0..1_000 {
        assert_eq!(pushed(&server, &fires).await, json!({"signals": 1, "notes": []}));
    }
    assert_eq!(opened(&server).await, open, "not even its version has changed");
    assert_eq!(server.summary().await["seq"], seq);
    pushed(&server, &ends).await;
    over(&server, open["id"].as_str().unwrap()).await;
    let ended = server.summary().await["seq"].clone();
    // The first push arrives once more, late; and the end once more, after a restart.
    pushed(&server, &fires).await;
    server.terminate();
    server.ended().await;
    server = home.serve().await;
    pushed(&server, &ends).await;
    // An end that overtook its beginning.
    pushed(&server, &group(&[alert("a2", BEGAN, Some(ENDED))])).await;
    pushed(&server, &group(&[alert("a2", BEGAN, None)])).await;
    assert_eq!(server.summary().await["seq"], ended);
    server.terminate();
    server.ended().await;
    let store = Store::open(&home.data()).unwrap();
    let rows = store.audit(None, 100).unwrap().items;
    let rows: Vec<(&str, &str)> = rows.iter().map(|row| (row.action.as_str(), row.actor.id.as_str())).collect();
    assert_eq!(
        rows,
        [("incident.resolve", "am"), ("incident.open", "am")],
        "a row for each push that changed something"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_suggested_is_nowhere_to_be_seen_until_it_is_published() {
    let home = Home::new(&yaml(&[&alertmanager(", publish: suggest")]));
    let server = home.serve().await;
    let viewer = server.watch();
    until("the viewer is greeted", SOON, async || viewer.is_greeted().then_some(())).await;
    let robin = Person::set_up(&server, "robin").await;
    let before = server.summary().await;
    pushed(&server, &group(&[alert("hushed", BEGAN, None), alert("other", BEGAN, None)])).await;
    pushed(&server, &group(&[alert("other", BEGAN, Some(ENDED))])).await;
    let (id, other) = (incident_id("hushed", BEGAN), incident_id("other", BEGAN));
    let places = [
        "/",
        "/services/checkout",
        "/api/v1/summary",
        "/api/v1/incidents",
        "/api/v1/services",
        "/feed.json",
        "/feed.atom",
        "/metrics",
    ];
    for path in places {
        let body = server.get(path).await.body;
        assert!(!body.contains("hushed") && !body.contains("Errors of") && !body.contains(&id), "{path}: {body}");
    }
    for path in [&id, &other] {
        for room in ["/incidents/", "/api/v1/incidents/"] {
            assert_eq!(server.get(&format!("{room}{path}")).await.status(), "404", "{room}{path}");
        }
    }
    let after = server.summary().await;
    for part in ["seq", "headline", "services", "incidents", "recent"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    assert!(viewer.events().is_empty(), "{:?}", viewer.events());
    let cookies: Vec<String> = robin.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let head =
        format!("cookie: {}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\n", cookies.join("; "));
    let answer = server.ask("POST", &format!("/api/v1/incidents/{id}/publish"), &head, "{}").await;
    assert_eq!(answer.status(), "200", "{}", answer.body);
    let open = opened(&server).await;
    assert_eq!(open["id"], id.as_str());
    until("viewers hear of it", SOON, async || (viewer.events().len() >= 2).then_some(())).await;
    // From now on it goes on for everybody as its alert does.
    pushed(&server, &group(&[alert("hushed", BEGAN, Some(ENDED))])).await;
    over(&server, &id).await;
    assert_eq!(server.get(&format!("/api/v1/incidents/{other}")).await.status(), "404");
}

#[tokio::test(flavor = "multi_thread")]
async fn s26_who_may_not_push_learns_nothing_and_changes_nothing() {
    let signed = format!(
        "name: Signed, id: signed, kind: alertmanager, signature: standard, secret: whsec_{}",
        BASE64.encode(SIGNING.as_bytes())
    );
    let home = Home::new(&yaml(&[&alertmanager(""), &signed]));
    let server = home.serve().await;
    let body = group(&[alert("a1", BEGAN, None)]);
    let bearer = |secret: &str| format!("authorization: Bearer {secret}\r\n");
    let short = &SECRET[1..];
    let mut answers: Vec<Value> = Vec::new();
    for (path, head) in [
        ("/hooks/am".to_owned(), String::new()),
        ("/hooks/am".to_owned(), bearer(short)),
        ("/hooks/am".to_owned(), bearer(&format!("{SECRET}x"))),
        (format!("/hooks/am/{short}"), String::new()),
        ("/hooks/am".to_owned(), format!("x-api-key: {short}\r\n")),
        ("/hooks/signed".to_owned(), bearer(SIGNING)),
        (format!("/hooks/signed/{SIGNING}"), String::new()),
    ] {
        for (method, body) in [("POST", body.as_str()), ("PUT", "no JSON"), ("GET", "")] {
            let answer = server.ask(method, &path, &head, body).await;
            assert_eq!(answer.status(), "401", "{method} {path}");
            let mut problem: Value = serde_json::from_str(&answer.body).unwrap();
            problem["request_id"] = Value::Null;
            answers.push(problem);
        }
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:?}");
    for path in ["/hooks/nobody".to_owned(), format!("/hooks/nobody/{SECRET}"), "/hooks/am%ff".to_owned()] {
        assert_eq!(server.ask("POST", &path, &bearer(SECRET), &body).await.status(), "404", "{path}");
    }
    // Who may is told what is wrong.
    let large = "x".repeat(300 << 10);
    for (body, status, words) in [
        ("no JSON", "400", "expected"),
        ("{\"alerts\": 7}", "400", "Alertmanager"),
        ("", "400", "expected"),
        (large.as_str(), "413", "larger"),
    ] {
        let answer = push(&server, body).await;
        assert_eq!(answer.status(), status, "{}", answer.body);
        assert!(answer.head.contains("application/problem+json") && answer.body.contains(words), "{answer:?}");
    }
    for method in ["GET", "HEAD", "DELETE"] {
        let answer = server.ask(method, "/hooks/am", &bearer(SECRET), "").await;
        assert_eq!((answer.status(), answer.header("allow").is_some()), ("405", true), "{method}: {answer:?}");
    }
    assert!(list(&server.summary().await["incidents"]).is_empty());
    pushed(&server, &body).await;
    opened(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s26_what_is_signed_counts_once_in_a_day() {
    let key = SIGNING.as_bytes();
    let signed =
        format!("name: Signed, id: am, kind: alertmanager, signature: standard, secret: whsec_{}", BASE64.encode(key));
    let home = Home::new(&yaml(&[&signed]));
    let mut server = home.serve().await;
    let send = async |server: &Server, id: &str, second: i64, body: &str| {
        let at = second.to_string();
        let parts: [&[u8]; 5] = [id.as_bytes(), b".", at.as_bytes(), b".", body.as_bytes()];
        let signature = BASE64.encode(&sign(key, &parts));
        let head = format!("webhook-id: {id}\r\nwebhook-timestamp: {at}\r\nwebhook-signature: v1,{signature}\r\n");
        server.ask("POST", "/hooks/am", &head, body).await
    };
    let now = Clock::system().now().wall.as_second();
    let (fires, ends) = (group(&[alert("a1", BEGAN, None)]), group(&[alert("a1", BEGAN, Some(ENDED))]));
    let first = send(&server, "m1", now, &fires).await;
    assert_eq!(first.status(), "202", "{}", first.body);
    let open = opened(&server).await;
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    server = home.serve().await;
    // Whatever comes with the same id was taken already, also for a process that has not seen it.
    let again = send(&server, "m1", now, &ends).await;
    assert_eq!((again.status(), &again.body), ("202", &first.body));
    assert_eq!(opened(&server).await["version"], open["version"]);
    assert_eq!(send(&server, "m2", now - 600, &ends).await.status(), "401", "too old");
    assert_eq!(send(&server, "m2", now, &ends).await.status(), "202");
    over(&server, open["id"].as_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_when_it_is_killed_opens_after_the_next_start() {
    let home = Home::new(&yaml(&[&alertmanager(", hold: 3s")]));
    let mut server = home.serve().await;
    pushed(&server, &group(&[alert("a1", BEGAN, None), alert("a2", BEGAN, None)])).await;
    pushed(&server, &group(&[alert("a2", BEGAN, Some(ENDED))])).await;
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server = home.serve().await;
    let open = opened(&server).await;
    assert_eq!((&open["id"], &open["started_at"]), (&incident_id("a1", BEGAN).into(), &BEGAN.into()));
    assert_eq!(list(&server.summary().await["incidents"]).len(), 1, "what was over before the kill is over");
    pushed(&server, &group(&[alert("a1", BEGAN, Some(ENDED))])).await;
    over(&server, open["id"].as_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pushes_more_than_is_followed_is_told_to_send_it_again() {
    let home = Home::new(&yaml(&[&alertmanager(", hold: 1h")]));
    let server = home.serve().await;
    let small = |number: usize, status: &str| json!({"status": status, "labels": {"alertname": "A"}, "startsAt": BEGAN, "endsAt": ENDED, "fingerprint": number.to_string()});
    let of =
        |numbers: std::ops::Range<usize>| group(&numbers.map(|number| small(number, "firing")).collect::<Vec<_>>());
    let most = allclear::limits::HOOK_KEYS;
    for from in (0..most).step_by(500) {
        pushed(&server, &of(from..from + 500)).await;
    }
    let answer = push(&server, &of(most - 1..most + 2)).await;
    assert_eq!(answer.status(), "507", "{}", answer.body);
    assert!(answer.body.contains("2 alert(s)") && answer.body.contains("send it again"), "{}", answer.body);
    pushed(&server, &group(&[small(0, "resolved"), small(1, "resolved")])).await;
    pushed(&server, &of(most - 1..most + 2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_come_and_go_with_the_configuration() {
    let home = Home::new(&yaml(&[&alertmanager("")]));
    let server = home.serve().await;
    let body = group(&[alert("a1", BEGAN, None)]);
    pushed(&server, &body).await;
    opened(&server).await;
    std::fs::write(home.config(), yaml(&["name: Gatus, id: gatus, kind: gatus, publish: suggest"])).unwrap();
    until("the hook is gone", SOON, async || (push(&server, &body).await.status() == "404").then_some(())).await;
    assert_eq!(send(&server, "gatus", "gatus", "triggered.json").await.status(), "202");
    std::fs::write(home.config(), yaml(&[&alertmanager("")])).unwrap();
    let ends = group(&[alert("a1", BEGAN, Some(ENDED))]);
    until("the hook is back", SOON, async || (push(&server, &ends).await.status() == "202").then_some(())).await;
    over(&server, &incident_id("a1", BEGAN)).await;
    assert!(by_id(&server.summary().await["services"], "checkout").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_hook_is_shown_anywhere_even_at_trace_level() {
    let signed = format!("name: Signed, id: signed, kind: alertmanager, signature: github, secret: {SIGNING}");
    let home = Home::new(&yaml(&[&alertmanager(", link: true"), &signed]));
    let mut command = home.serving();
    command.args(["--log", "trace"]);
    let mut server = Server::start(command).await;
    let basic = BASE64.encode(format!("robin:{SECRET}").as_bytes());
    let firing = group(&[alert("a1", BEGAN, None)]);
    let mut shown = Vec::new();
    for body in [firing.as_str(), "no JSON", "{}"] {
        for (path, head) in [
            (format!("/hooks/am/{SECRET}"), String::new()),
            (format!("/hooks/am/{SECRET}/more"), String::new()),
            (format!("/hooks/signed/{SIGNING}"), String::new()),
            (format!("/hooks/nobody/{SECRET}"), String::new()),
            (format!("/hooks/am?secret={SECRET}"), String::new()),
            ("/hooks/am".to_owned(), format!("authorization: Bearer {SECRET}\r\n")),
            ("/hooks/am".to_owned(), format!("authorization: Basic {basic}\r\n")),
            ("/hooks/am".to_owned(), format!("x-hook-secret: {SECRET}\r\n")),
        ] {
            for method in ["POST", "PUT", "GET", "DELETE"] {
                let answer = server.ask(method, &path, &head, body).await;
                shown.push(format!("{}\n{}", answer.head, answer.body));
            }
        }
    }
    opened(&server).await;
    for path in ["/", "/api/v1/summary", "/metrics", "/openapi.json", "/readyz"] {
        shown.push(server.get(path).await.body);
    }
    server.terminate();
    server.ended().await;
    assert!(server.log().contains("\"TRACE\"") && server.log().contains("/hooks/…"), "the log says all it can");
    shown.extend([server.log(), super::server::said(&tokio::task::block_in_place(|| home.run(&["check"])))]);
    shown.push(String::from_utf8_lossy(&std::fs::read(home.data().join("allclear.redb")).unwrap()).into_owned());
    for text in shown {
        let line = text.lines().find(|line| line.contains("s3cr3tmark") || line.contains(&basic[8..24]));
        assert_eq!(line, None, "a secret is shown");
    }
}
