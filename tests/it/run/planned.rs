//! What operators plan, judge and add: begun and ended by time, held against what vendors say, and kept.

use allclear::clock::Clock;
use allclear::simulate::Change;
use serde_json::{Value, json};

use super::person::{Person, texts};
use super::server::{Home, SOON, Server, by_id, play, until, yaml};

const SERVICE: &str = "services:\n  - name: Checkout\n";

/// A header with a token that may do everything.
async fn admin(server: &Server) -> String {
    let mut robin = Person::set_up(server, "robin").await;
    let fields = [("name", "tests"), ("scope", "admin"), ("days", "7")];
    let shown = robin.fill(server, "/admin/tokens", "/admin/tokens", &fields).await;
    let token = texts(&shown.body, ".once code").pop().unwrap_or_else(|| panic!("no token: {}", shown.body));
    format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n")
}

async fn write(server: &Server, head: &str, method: &str, path: &str, body: Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = server.ask(method, path, head, &body).await;
    assert!(answer.status().starts_with('2'), "{method} {path}: {answer:?}");
    serde_json::from_str(&answer.body).unwrap_or(Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_reminds_begins_and_ends_by_itself_and_its_service_shows_it() {
    let home = Home::new(&format!("sources: []\n{SERVICE}"));
    let server = home.serve().await;
    let head = admin(&server).await;
    let viewer = server.watch();
    until("it is greeted", SOON, async || viewer.is_greeted().then_some(())).await;
    let at = |seconds| Clock::system().now().wall.checked_add(std::time::Duration::from_secs(seconds)).unwrap();
    let body = json!({"title": "New disks", "services": ["checkout"], "starts_at": at(2).to_string(),
        "ends_at": at(4).to_string(), "auto_start": true, "auto_end": true, "body": "Two *minutes*"});
    let planned = write(&server, &head, "POST", "/api/v1/maintenances", body).await;
    let id = planned["id"].as_str().unwrap().to_owned();
    let kinds = until("it is over", SOON, async || {
        let kinds: Vec<String> =
            viewer.events().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
        kinds.contains(&"maintenance.completed".to_owned()).then_some(kinds)
    })
    .await;
    assert_eq!(
        kinds,
        ["maintenance.announced", "maintenance.started", "service.state", "maintenance.completed", "service.state"]
    );
    let events = viewer.events();
    assert_eq!((&events[2]["from"], &events[2]["to"]), (&json!("operational"), &json!("under_maintenance")));
    let over = server.json(&format!("/api/v1/maintenances/{id}")).await;
    assert_eq!(over["status"], "completed", "{over}");
    assert_eq!(over["updates"].as_array().unwrap().len(), 3, "announced, begun, ended: {over}");
    assert_eq!(over["updates"][0]["author"], "allclear");
    let rows: Value = serde_json::from_str(&server.ask("GET", "/api/v1/audit", &head, "").await.body).unwrap();
    let by_time = rows["items"].as_array().unwrap().iter().filter(|row| row["actor"]["means"] == "program");
    assert_eq!(by_time.count(), 2, "what time does is in the log as well: {rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_affect_us_leaves_the_headline_and_comes_back_when_it_becomes_worse() {
    // The first of them flaps by itself.
    let play = play(Some(2)).await;
    let vendors = &play.of(&["statuspage"])[1..];
    let server = Home::new(&yaml(vendors)).serve().await;
    let head = admin(&server).await;
    let vendor = vendors[0].id.clone();
    server.until("all is clear", |summary| (summary["headline"]["state"] == "operational").then_some(())).await;
    let open = Change::Open {
        id: "frankfurt001".into(),
        title: "Errors in Frankfurt".into(),
        impact: "minor",
        body: "We look into it.".into(),
        components: Vec::new(),
    };
    play.world.set(&vendor, open);
    let id = server
        .until("the incident is seen", |summary| {
            (summary["headline"]["state"] != "operational").then_some(())?;
            Some(summary["incidents"][0]["id"].as_str()?.to_owned())
        })
        .await;
    let path = format!("/api/v1/incidents/{id}/verdict");
    let judged = write(&server, &head, "PUT", &path, json!({"affects": "no", "note": "Not *our* region"})).await;
    assert_eq!((&judged["affects"], &judged["stands"]), (&json!("no"), &json!(true)));
    let summary = server.summary().await;
    assert_eq!(summary["headline"]["state"], "operational", "{summary}");
    assert!(summary["headline"]["text"].as_str().unwrap().contains("do not affect us"), "{summary}");
    let source = by_id(&summary["sources"], &vendor).unwrap();
    assert_ne!(source["state"], "operational", "what the vendor says stays what it says");
    assert_eq!(source["counted_state"], "operational");
    let incident = by_id(&summary["incidents"], &id).unwrap();
    assert_eq!((&incident["counted"], &incident["notes"][0]["body"]), (&json!(false), &json!("Not our region")));
    let page = server.get("/").await.body;
    assert!(page.contains("Not our region") && page.contains("does not affect us"), "{page}");
    let feed = server.get("/feed.atom").await.body;
    assert!(feed.contains("It does not affect us") && feed.contains("our&lt;/em&gt; region"), "{feed}");
    // More words change nothing of the judgement; another impact does.
    play.world.set(&vendor, Change::Update { id: "frankfurt001".into(), phase: "identified", body: "A disk.".into() });
    let told = |summary: &Value| (by_id(&summary["incidents"], &id)?["status"] == "identified").then_some(());
    server.until("the update is seen", told).await;
    assert_eq!(server.summary().await["headline"]["state"], "operational");
    play.world.set(&vendor, Change::Impact { id: "frankfurt001".into(), impact: "critical" });
    let back = server
        .until("it is back in the headline", |summary| {
            (summary["headline"]["state"] != "operational").then(|| by_id(&summary["incidents"], &id).cloned())?
        })
        .await;
    assert_eq!((&back["counted"], &back["verdict"]["stands"]), (&json!(true), &json!(false)), "{back}");
    assert_eq!(back["notes"][0]["body"], "Not our region", "the note stays");
    assert!(server.get("/").await.body.contains("judged before it became worse"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_added_after_a_look_read_kept_and_taken_away_again() {
    let play = play(Some(2)).await;
    let vendors = play.of(&["statuspage"]);
    let home = Home::new("poll:\n  allow_networks: [127.0.0.0/8]\nsources: []\n");
    let mut server = home.serve().await;
    let head = admin(&server).await;
    let url = vendors[0].url.clone();
    let asked: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    let seen = server.ask("GET", &format!("/api/v1/look?page={asked}"), &head, "").await;
    let seen: Value = serde_json::from_str(&seen.body).unwrap_or_else(|_| panic!("{seen:?}"));
    assert_eq!((&seen["format"], &seen["state"]), (&json!("statuspage"), &json!("operational")), "{seen}");
    let part = seen["components"][0]["path"].as_str().unwrap().to_owned();
    let body = json!({"page": url, "name": "Our CDN", "components": [part], "tags": ["edge"], "interval_seconds": 1});
    let added = write(&server, &head, "POST", "/api/v1/sources", body.clone()).await;
    assert_eq!(added["id"], "our-cdn");
    assert!(added["entry"].as_str().unwrap().contains("components: ["), "{added}");
    let again = server.ask("POST", "/api/v1/sources", &head, &body.to_string()).await;
    assert_eq!(again.status(), "409", "{again:?}");
    let is_read = |summary: &Value| (by_id(&summary["sources"], "our-cdn")?["state"] == "operational").then_some(());
    server.until("it is read", is_read).await;
    for wrong in ["ftp://x.example/", "", "http://127.0.0.1:1/"] {
        let refused = server.ask("POST", "/api/v1/sources", &head, &json!({"page": wrong}).to_string()).await;
        assert_eq!(refused.status(), "422", "{wrong}: {refused:?}");
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let mut server = home.serve().await;
    server.until("it is read after a kill", is_read).await;
    // Put into the file, it is the file's; the entry does as it is.
    let text = std::fs::read_to_string(home.config()).unwrap();
    let file = text.replace("sources: []\n", &format!("sources:\n{}", added["entry"].as_str().unwrap()));
    std::fs::write(home.config(), &file).unwrap();
    until("the file is taken up", SOON, async || server.log().contains("sources.yaml names it, too").then_some(()))
        .await;
    assert_eq!(server.summary().await["sources"].as_array().unwrap().len(), 1);
    std::fs::write(home.config(), &text).unwrap();
    server.until("it is watched all the while", is_read).await;
    write(&server, &head, "DELETE", "/api/v1/sources/our-cdn", Value::Null).await;
    server.until("it is gone", |summary| summary["sources"].as_array()?.is_empty().then_some(())).await;
    server.terminate();
    assert!(server.ended().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_looks_at_a_page_ticks_its_components_and_adds_it() {
    let play = play(Some(2)).await;
    let vendor = play.of(&["statuspage"])[1].clone();
    let server = Home::new("poll:\n  allow_networks: [127.0.0.0/8]\nsources: []\n").serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let asked: String = url::form_urlencoded::byte_serialize(vendor.url.as_bytes()).collect();
    let path = format!("/admin/sources/new?page={asked}");
    let shown = robin.get(&server, &path).await;
    let parts = texts(&shown.body, "fieldset label");
    assert!(parts.len() >= 2 && shown.body.contains("statuspage"), "{}", shown.body);
    let first = parts[0].split(':').next().unwrap().to_owned();
    let nothing = robin.fill(&server, &path, "/admin/sources/new", &[("component", "")]).await;
    assert_eq!(nothing.status(), "422", "{}", nothing.body);
    let fields = [("name", "Our [CDN]"), ("tags", "edge"), ("component", first.as_str())];
    let added = robin.fill(&server, &path, "/admin/sources/new", &fields).await;
    assert_eq!(added.header("location"), Some("/admin/sources?said=added"), "{}", added.body);
    let counted = server
        .until("it is read", |summary| {
            let source = by_id(&summary["sources"], "our-cdn").filter(|source| source["state"] == "operational")?;
            let counted = source["components"].as_array()?.iter().filter(|part| part["counted"] == true);
            Some(counted.map(|part| part["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
        })
        .await;
    assert_eq!(counted, [first]);
    let list = robin.get(&server, "/admin/sources").await;
    assert!(list.body.contains("Our [CDN]") && list.body.contains("components: ["), "{}", list.body);
    let unread = robin.get(&server, "/admin/sources/new?page=http%3A%2F%2F127.0.0.1%3A1%2F").await;
    assert!(unread.status() == "422" && unread.body.contains("although it cannot be read"), "{}", unread.body);
    let gone = robin.fill(&server, "/admin/sources/our-cdn/remove", "/admin/sources/our-cdn/remove", &[]).await;
    assert_eq!(gone.header("location"), Some("/admin/sources?said=removed"), "{}", gone.body);
    server.until("it is gone", |summary| summary["sources"].as_array()?.is_empty().then_some(())).await;
}
