//! A page that loses what it had is not believed, and says so everywhere.

use allclear::simulate::Change;
use serde_json::Value;

use super::server::{Home, SOON, Server, by_id, list, play, said, until, yaml};

/// What is said of the source once it is not believed.
async fn doubted(server: &Server, id: &str) -> Value {
    server
        .until("the change is noticed", |summary| {
            let shown = by_id(&summary["sources"], id)?;
            (shown["freshness"]["error"]["kind"] == "changed").then(|| shown.clone())
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_loses_its_components_is_unknown_until_it_has_them_again() {
    const WHAT: &str = "5 of 6 components are gone (Core/Dashboard, Core/Webhooks, Regions/Europe, …)";
    let play = play(None).await;
    let vendor = play.plays("calm");
    let home = Home::new(&yaml([&vendor]));
    let mut server = home.serve().await;
    let well = |summary: &Value| (summary["headline"]["state"] == "operational").then_some(());
    server.until("all is well", well).await;
    let viewer = server.watch();
    until("the viewer is greeted", SOON, async || viewer.is_greeted().then_some(())).await;

    play.world.set(&vendor.id, Change::Lose { left: 1 });
    let shown = doubted(&server, &vendor.id).await;
    assert_eq!((&shown["state"], &shown["last_known"]), (&"unknown".into(), &"operational".into()));
    assert_eq!((&shown["freshness"]["stale"], &shown["freshness"]["error"]["message"]), (&true.into(), &WHAT.into()));
    assert_eq!(shown["state_since"], shown["freshness"]["ok_at"], "unknown since the last good reading");
    assert!(list(&shown["components"]).iter().all(|part| part["state"] == "unknown"), "{shown}");
    for path in ["/", &format!("/sources/{}", vendor.id)] {
        let page = server.get(path).await.body;
        assert!(page.contains("Unknown (changed)") && page.contains("5 of 6 components are gone"), "{path}: {page}");
    }
    let status = tokio::task::block_in_place(|| home.run(&["status", "--url", &server.url()]));
    assert!(said(&status).contains("5 of 6 components are gone"), "{}", said(&status));
    until("it is counted", SOON, async || {
        server.get("/metrics").await.body.contains("allclear_readings_total{outcome=\"changed\"}").then_some(())
    })
    .await;
    let asked_anew = || {
        let summaries = play.world.requests().into_iter().filter(|it| it.path == "/api/v2/summary.json");
        let mine: Vec<_> = summaries.filter(|it| it.vendor == vendor.id).collect();
        mine.iter().rev().take(3).all(|request| request.if_none_match.is_none())
    };
    until("everything is asked for anew", SOON, async || asked_anew().then_some(())).await;

    // A restart neither forgets nor believes.
    server.terminate();
    server.ended().await;
    let before: Vec<Value> = viewer.events();
    drop(server);
    let server = home.serve().await;
    let summary = server.summary().await;
    let again = by_id(&summary["sources"], &vendor.id).unwrap();
    assert_eq!((&again["state"], &again["freshness"]["error"]["message"]), (&"unknown".into(), &WHAT.into()));
    assert_eq!(again["state_since"], shown["state_since"]);

    play.world.set(&vendor.id, Change::Restore);
    server.until("it is believed again", well).await;
    let summary = server.summary().await;
    let back = by_id(&summary["sources"], &vendor.id).unwrap();
    assert!(back["freshness"]["error"].is_null() && list(&back["components"]).len() == 6, "{back}");
    let told: Vec<&str> = before.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["source.unreadable", "source.state"], "no component is told to be gone");
    assert_eq!(before[0]["note"], WHAT);
    let page = server.get(&format!("/sources/{}", vendor.id)).await.body;
    assert!(page.contains("can be read again"), "{page}");
}
