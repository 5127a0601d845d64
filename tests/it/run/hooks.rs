//! What a vendor pushes makes its page be read sooner, and nothing of it is believed.

use std::time::Instant;

use allclear::simulate::{Change, RequestLog, VendorInfo};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::server::{Answer, Home, Play, SOON, Server, by_id, play, until};

const SECRET: &str = "a-hook-of-the-tests-0123456789";

/// A source that is read once an hour, and another that has no hook.
fn hourly(vendor: &VendorInfo, other: &VendorInfo) -> String {
    let entry = |vendor: &VendorInfo, hook: &str| {
        let VendorInfo { id, url, .. } = vendor;
        format!(
            "  - {{id: {id}, name: {id}, url: \"{url}\", format: statuspage, allow_private: true, interval: 1h{hook}}}\n"
        )
    };
    format!("sources:\n{}{}", entry(vendor, ", hook: \"${HOOK}\""), entry(other, ""))
}

async fn serve(home: &Home) -> Server {
    let mut command = home.serving();
    command.args(["--log", "trace"]).env("HOOK", SECRET);
    Server::start(command).await
}

/// What Statuspage pushes when a component changes; it claims something that is on no page.
fn pushed() -> String {
    json!({
        "meta": {"unsubscribe": "https://phantom.example/?unsubscribe=x", "generated_at": "2026-01-02T03:04:05.678Z"},
        "page": {"id": "phantom00001", "status_indicator": "none", "status_description": "Phantom"},
        "component": {"id": "phantom00002", "name": "Phantom", "status": "under_maintenance"},
        "component_update": {"component_id": "phantom00002", "old_status": "operational", "new_status": "operational"},
    })
    .to_string()
}

fn asked(play: &Play, vendor: &VendorInfo) -> Vec<RequestLog> {
    let ours = play.world.requests().into_iter().filter(|request| request.vendor == vendor.id);
    ours.filter(|request| request.path == "/api/v2/summary.json").collect()
}

/// Waits until the source has its long pace again.
async fn calm(server: &Server, vendor: &VendorInfo) {
    server
        .until("it is read once an hour again", |summary| {
            let fresh = &by_id(&summary["sources"], &vendor.id)?["freshness"];
            let at = |name: &str| fresh[name].as_str()?.parse::<Timestamp>().ok();
            (at("next_check_at")?.duration_since(at("ok_at")?).as_mins() > 30).then_some(())
        })
        .await;
}

fn without_id(answer: &Answer) -> Value {
    let mut problem: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"));
    problem["request_id"] = Value::Null;
    problem
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_makes_the_page_be_read_at_once_and_is_not_believed() {
    let play = play(None).await;
    let (vendor, other) = (play.plays("calm"), play.plays("400 components"));
    let home = Home::new(&hourly(&vendor, &other));
    let server = serve(&home).await;
    calm(&server, &vendor).await;
    let viewer = server.watch();
    until("the viewer is greeted", SOON, async || viewer.is_greeted().then_some(())).await;
    let before = asked(&play, &vendor).len();
    play.world.set(&vendor.id, Change::Component { name: "API".into(), state: "major_outage" });
    let path = format!("/hooks/statuspage/{}/{SECRET}", vendor.id);
    assert_eq!(server.post(&path, &pushed()).await.status(), "202");
    until("the change is told", SOON, async || {
        let told = |event: &Value| event["kind"] == "component.state" && event["to"] == "major_outage";
        viewer.events().iter().any(told).then_some(())
    })
    .await;
    // What the vendor's cache may have held back is looked for once more.
    until("it is read once more", SOON, async || (asked(&play, &vendor).len() >= before + 2).then_some(())).await;
    for request in &asked(&play, &vendor)[before..] {
        assert!(request.if_none_match.is_some(), "it is asked whether anything has changed, as always");
    }
    for path in ["/", "/api/v1/summary", "/feed.json", &format!("/sources/{}", vendor.id)] {
        let body = server.get(path).await.body;
        assert!(!body.to_lowercase().contains("phantom"), "{path} shows what was pushed");
    }
    assert!(!format!("{:?}", viewer.events()).to_lowercase().contains("phantom"));
    let state = server.summary().await;
    assert_eq!(by_id(&state["sources"], &vendor.id).unwrap()["state"], "major_outage");
    assert!(server.log().contains("nudged") && server.log().contains("/hooks/…"), "{}", server.log());
    assert!(!server.log().contains(SECRET), "the log shows a secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_know_the_secret_learns_nothing_and_changes_nothing() {
    let play = play(None).await;
    let (vendor, other) = (play.plays("calm"), play.plays("400 components"));
    let home = Home::new(&hourly(&vendor, &other));
    let server = serve(&home).await;
    calm(&server, &vendor).await;
    calm(&server, &other).await;
    let before = [asked(&play, &vendor).len(), asked(&play, &other).len()];
    let mut answers = Vec::new();
    for (source, secret) in [
        (vendor.id.as_str(), "another-hook-of-the-tests-0123"),
        (&vendor.id, &SECRET[1..]),
        (&other.id, SECRET),
        ("nobody", SECRET),
        (&vendor.id, "%ff"),
    ] {
        let answer = server.post(&format!("/hooks/statuspage/{source}/{secret}"), &pushed()).await;
        assert_eq!(answer.status(), "404", "{source} {secret}");
        answers.push(without_id(&answer));
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:?}");
    let path = format!("/hooks/statuspage/{}/{SECRET}", vendor.id);
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(300 << 10));
    for (body, status) in [("[]", "400"), ("{\"page\":", "400"), ("", "400"), (large.as_str(), "413")] {
        let answer = server.post(&path, body).await;
        assert_eq!(answer.status(), status, "{}", answer.body);
        assert!(answer.head.contains("application/problem+json"), "{}", answer.head);
        assert!(!answer.body.contains(SECRET));
    }
    let read = server.get(&path).await;
    assert_eq!(read.status(), "405");
    assert!(read.head.to_lowercase().contains("allow: post") && read.body.contains("POST"), "{read:?}");
    // A right one is heard: by then a reading for a wrong one would have been seen.
    assert_eq!(server.post(&path, "{}").await.status(), "202");
    until("it is read twice", SOON, async || (asked(&play, &vendor).len() >= before[0] + 2).then_some(())).await;
    calm(&server, &vendor).await;
    assert_eq!([asked(&play, &vendor).len(), asked(&play, &other).len()], [before[0] + 2, before[1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_pushes_are_few_readings_and_never_under_the_floor() {
    let play = play(None).await;
    let (vendor, other) = (play.plays("calm"), play.plays("400 components"));
    let home = Home::new(&hourly(&vendor, &other));
    let server = serve(&home).await;
    calm(&server, &vendor).await;
    let before = asked(&play, &vendor).len();
    let path = format!("/hooks/statuspage/{}/{SECRET}", vendor.id);
    let started = Instant::now();
    for _ in 0..100 {
        assert_eq!(server.post(&path, "{}").await.status(), "202");
    }
    let took = started.elapsed();
    until("it is read", SOON, async || (asked(&play, &vendor).len() >= before + 2).then_some(())).await;
    calm(&server, &vendor).await;
    let readings = asked(&play, &vendor);
    // One at once, one for what came meanwhile at each floor (a second, here), and one more at the end.
    let most = 3 + usize::try_from(took.as_secs()).unwrap();
    assert!(readings.len() - before <= most, "{} readings of at most {most}", readings.len() - before);
    for two in readings[before..].windows(2) {
        let gap = two[1].at.duration_since(two[0].at);
        assert!(gap.as_millis() >= 1_000, "read again after {gap:#}");
    }
}
