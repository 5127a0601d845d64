//! The program publishes: by itself, through failures and kills, and once by `export`.

use std::collections::BTreeMap;

use allclear::simulate::Change;
use serde_json::Value;

use super::server::{Home, SOON, list, play, said, until, yaml};
use crate::publish::links::dangling;
use crate::publish::s3::S3;

/// What the sign of life says, where there is one.
fn beat(files: &BTreeMap<String, String>) -> Option<Value> {
    serde_json::from_str(files.get("status.json")?).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_published_and_a_place_that_fails_is_seen_and_caught_up() {
    let (play, s3) = (play(Some(4)).await, S3::start().await);
    let vendors = play.of(&["statuspage"]);
    let home = Home::new(&format!("{}{}", yaml(&vendors[1..3]), s3.yaml("/status")));
    let server = home.serve().await;
    let state = |wanted: &'static str| {
        let s3 = &s3;
        async move || beat(&s3.files("status/")).filter(|beat| beat["state"] == wanted)
    };
    until("it is published that all is well", SOON, state("operational")).await;
    let page = server.get("/metrics").await.body;
    assert!(
        page.contains("allclear_publications_total{place=\"s3://acme-status/status\",outcome=\"published\"}"),
        "{page}"
    );

    s3.set_down(true);
    play.world.set(&vendors[1].id, Change::Component { name: "Jobs".into(), state: "major_outage" });
    let warned = until("it is said that publishing fails", SOON, async || {
        let ready = server.json("/readyz").await;
        list(&ready["warnings"])
            .iter()
            .find(|one| one["kind"] == "publish")
            .map(|one| (ready["ready"].clone(), one.clone()))
    });
    let (ready, warning) = warned.await;
    assert_eq!(ready, true, "the present can be believed all the same");
    assert!(warning["text"].as_str().unwrap().contains("s3://acme-status/status"), "{warning}");
    assert!(server.get("/metrics").await.body.contains("outcome=\"failed\"}"));
    server
        .until("the page itself tells it", |summary| (summary["headline"]["state"] == "major_outage").then_some(()))
        .await;

    s3.set_down(false);
    until("it is caught up", SOON, state("major_outage")).await;
    until("nothing is said any more", SOON, async || {
        list(&server.json("/readyz").await["warnings"]).is_empty().then_some(())
    })
    .await;
    let files = s3.files("status/");
    let shown: Value = serde_json::from_str(&files["api/v1/summary.json"]).unwrap();
    assert_eq!(list(&shown["sources"]).len(), 2, "{shown}");
    assert_eq!(dangling(&files), [""; 0]);
    assert_eq!(s3.wrong(), [""; 0]);
    assert!(!server.log().contains("wJalrXUtnFEMI"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_publishes_it_leaves_nothing_half() {
    let (play, s3) = (play(Some(8)).await, S3::start().await);
    let vendors = play.of(&["statuspage"]);
    let home = Home::new(&format!("{}{}", yaml(&vendors[1..]), s3.yaml("")));
    for kill in 0_usize..8 {
        let state = ["major_outage", "operational", "partial_outage"][kill % 3];
        play.world.set(&vendors[1].id, Change::Component { name: "Jobs".into(), state });
        let before = s3.log().len();
        let mut server = home.serve().await;
        // Every start puts everything: it is killed at another file each time.
        until("it publishes", SOON, async || (s3.log().len() > before + 1 + 3 * kill).then_some(())).await;
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        let files = s3.files("");
        assert_eq!(s3.wrong(), [""; 0], "kill {kill}");
        if files.contains_key("index.html") {
            assert!(files.contains_key("404.html") && files.contains_key("allclear-manifest.json"), "kill {kill}");
        }
    }
    let server = home.serve().await;
    let newest = server.summary().await["generated_at"].as_str().unwrap().to_owned();
    let is_newer = async || beat(&s3.files("")).filter(|beat| beat["generated_at"].as_str().unwrap() > newest.as_str());
    until("the next start goes on", SOON, is_newer).await;
    assert_eq!(dangling(&s3.files("")), [""; 0]);
    assert_eq!(s3.wrong(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_plan_is_taken_up_and_a_private_page_is_not_published_unasked() {
    let play = play(Some(2)).await;
    let sources = yaml(&play.of(&["statuspage"])[1..2]);
    let home = Home::new(&sources);
    let server = home.serve().await;
    let folder = home.folder.path().join("www");
    std::fs::write(home.config(), format!("{sources}publish: {{to: www, every: 2s}}\n")).unwrap();
    until("the folder is written", SOON, async || folder.join("status.json").exists().then_some(())).await;
    let private = sources.replace("title: Our vendors", "title: Our vendors\n  access: private");
    std::fs::write(home.config(), format!("{private}publish: {{to: www, every: 2s}}\n")).unwrap();
    until("it is refused", SOON, async || {
        server.log().contains("the page is private, and this would publish it").then_some(())
    })
    .await;
    let check = home.run(&["check"]);
    assert_eq!(check.status.code(), Some(2), "{}", said(&check));
    let export = home.run(&["export", "elsewhere"]);
    assert_eq!(export.status.code(), Some(2), "{}", said(&export));
    assert!(said(&export).contains("private"), "{}", said(&export));
}

#[tokio::test(flavor = "multi_thread")]
async fn export_writes_the_page_beside_a_running_server_and_once_more_after_it() {
    let play = play(Some(4)).await;
    let vendors = play.of(&["statuspage"]);
    let home = Home::new(&yaml(&vendors[1..3]));
    let mut server = home.serve().await;
    server.until("all are read", |summary| (summary["headline"]["state"] == "operational").then_some(())).await;
    let export = home.run(&["export", "www/status"]);
    assert_eq!(export.status.code(), Some(0), "{}", said(&export));
    let read = |name: &str| std::fs::read_to_string(home.folder.path().join("www/status").join(name)).unwrap();
    let summary: Value = serde_json::from_str(&read("api/v1/summary.json")).unwrap();
    assert_eq!(summary["headline"]["state"], "operational", "{summary}");
    let live = server.summary().await;
    assert_eq!(summary["headline"]["counts"], live["headline"]["counts"]);
    assert!(read("index.html").contains("href=\"sources/vendor-00001/index.html\""), "{}", read("index.html"));

    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let export = home.run(&["export", "www/status"]);
    assert_eq!(export.status.code(), Some(0), "{}", said(&export));
    std::fs::create_dir(home.folder.path().join("used")).unwrap();
    std::fs::write(home.folder.path().join("used/index.html"), "mine").unwrap();
    let refused = home.run(&["export", "used"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    let nothing = home.run(&["export", "x", "--data", "nowhere"]);
    assert_eq!(nothing.status.code(), Some(2), "{}", said(&nothing));
}
