//! The page of a past moment over HTTP, by the real program, across its death.

use allclear::clock::Clock;
use allclear::model::people::Scope;
use allclear::simulate::{Cast, Change};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::api::{Program, token};
use super::server::{Home, SOON, Server, by_id, list, play_cast, until, yaml};

/// A summary without what is not kept.
fn kept(mut summary: Value) -> Value {
    summary["generated_at"] = Value::Null;
    summary["seq"] = Value::Null;
    summary["headline"]["detail"] = Value::Null;
    for source in summary["sources"].as_array_mut().unwrap() {
        for name in ["checked_at", "next_check_at", "ok_at"] {
            source["freshness"][name] = Value::Null;
        }
    }
    summary
}

/// What is shown, and a moment at which it was: it stays so until the moment is over.
async fn stands(server: &Server, what: &str, mut look: impl FnMut(&Value) -> bool) -> (Timestamp, Value) {
    let shown = server.until(what, |summary| look(summary).then(|| summary.clone())).await;
    (Clock::system().now().wall, shown)
}

async fn then(server: &Server, at: Timestamp) -> Value {
    server.json(&format!("/api/v1/summary?at={at}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_past_moment_is_what_was_shown_then_also_after_a_kill() {
    let play = play_cast(Cast::EveryFormat).await;
    let vendor = play.of(&["statuspage"])[0].clone();
    let home = Home::new(&(yaml([&vendor]) + "services:\n  - name: Checkout\n"));
    let key = token(&home, &[Scope::Incidents, Scope::Messages]);
    let server = home.serve().await;
    let id = server.summary().await["sources"][0]["id"].as_str().unwrap().to_owned();
    let (calm_at, calm) = stands(&server, "all is well", |summary| summary["headline"]["state"] == "operational").await;

    play.world.set(
        &vendor.id,
        Change::Open {
            id: "trouble00001".into(),
            title: "Errors on API".into(),
            impact: "major",
            body: "We are looking into it.".into(),
            components: vec!["API".into()],
        },
    );
    let (trouble_at, trouble) =
        stands(&server, "the vendor has trouble", |summary| !list(&summary["incidents"]).is_empty()).await;
    let program = Program { server: &server, token: &key };
    let ours = json!({"title": "Checkout is slow", "impact": "minor", "body": "We see it, too.", "services": [{"id": "checkout", "state": "degraded_performance"}]});
    let ours = program.write("POST", "/api/v1/incidents", ours).await;
    let (both_at, both) = stands(&server, "ours is there, too", |summary| list(&summary["incidents"]).len() == 2).await;
    let vendors = list(&trouble["incidents"])[0]["id"].as_str().unwrap().to_owned();

    for (at, was) in [(calm_at, &calm), (trouble_at, &trouble), (both_at, &both)] {
        assert_eq!(kept(then(&server, at).await), kept(was.clone()), "{at}");
    }
    let changed = server.json(&format!("/api/v1/diff?from={calm_at}&to={both_at}")).await;
    let moved: Vec<_> = list(&changed["incidents"]).iter().map(|one| (&one["id"], &one["change"])).collect();
    assert!(moved.contains(&(&json!(vendors), &json!("opened"))), "{changed}");
    assert!(moved.contains(&(&ours["id"], &json!("opened"))), "{changed}");
    assert_eq!(by_id(&changed["services"], "checkout").unwrap()["to"], "degraded_performance");
    assert!(by_id(&changed["sources"], &id).is_some(), "{changed}");

    drop(server); // killed
    let server = home.serve().await;
    for (at, was) in [(calm_at, &calm), (trouble_at, &trouble), (both_at, &both)] {
        assert_eq!(kept(then(&server, at).await), kept(was.clone()), "{at}");
    }
    let page = server.get(&format!("/?at={trouble_at}")).await;
    assert_eq!(page.status(), "200");
    let page = &page.body;
    assert!(page.contains("This is how the page stood at") && page.contains("Errors on API"), "{page}");
    assert!(!page.contains("Checkout is slow"), "{page}");
    assert!(!page.contains("data-live"), "a page of the past does not refresh itself");

    // Before the first page there is none, and the future is not known.
    let early = calm_at - SignedDuration::from_hours(1);
    let answer = server.get(&format!("/api/v1/summary?at={early}")).await;
    assert_eq!(answer.status(), "400");
    assert!(answer.body.contains("from before what is kept"), "{}", answer.body);
    assert!(server.get(&format!("/?at={early}")).await.body.contains("From before what is kept"));
    let late = calm_at + SignedDuration::from_hours(24);
    assert_eq!(server.get(&format!("/?at={late}")).await.status(), "400");
    let history = server.get("/history").await.body;
    assert!(history.contains("Errors on API") && history.contains("Checkout is slow"), "{history}");
    let filtered = server.get("/history?origin=local").await.body;
    assert!(!filtered.contains("Errors on API") && filtered.contains("Checkout is slow"), "{filtered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_what_was_said_what_was_noticed_and_for_who_may_know_what_we_noted() {
    let play = play_cast(Cast::EveryFormat).await;
    let vendor = play.of(&["statuspage"])[0].clone();
    let home = Home::new(&yaml([&vendor]));
    let key = token(&home, &[Scope::Incidents, Scope::Messages]);
    let server = home.serve().await;
    server.until("all is well", |summary| (summary["headline"]["state"] == "operational").then_some(())).await;
    play.world.set(&vendor.id, Change::Component { name: "API".into(), state: "major_outage" });
    play.world.set(
        &vendor.id,
        Change::Open {
            id: "trouble00001".into(),
            title: "Errors on *API*".into(),
            impact: "critical",
            body: "We are looking into it.".into(),
            components: vec!["API".into()],
        },
    );
    let id =
        server.until("it is open", |summary| list(&summary["incidents"]).first().map(|one| one["id"].clone())).await;
    let id = id.as_str().unwrap();
    let program = Program { server: &server, token: &key };
    let ours = json!({"title": "Ours", "impact": "minor", "body": "We *see* it."});
    let ours = program.write("POST", "/api/v1/incidents", ours).await;
    let ours = ours["id"].as_str().unwrap();
    let note = format!("/api/v1/incidents/{ours}/notes");
    program.write("POST", &note, json!({"body": "called the vendor"})).await;

    let path = format!("/api/v1/incidents/{id}/timeline");
    let timeline = until("what was noticed is in it", SOON, async || {
        let timeline = server.json(&path).await;
        let noticed = list(&timeline["entries"]).iter().any(|one| one["who"] == "noticed");
        noticed.then_some(timeline)
    })
    .await;
    let said = list(&timeline["entries"]).iter().find(|one| one["who"] == "vendor").unwrap();
    assert_eq!(said["words"], "We are looking into it.");
    let hash = said["receipts"][0].as_str().expect("what was said is shown by what was sent");
    let source = &timeline["id"].as_str().unwrap().split('.').next().unwrap().to_owned();
    assert_eq!(server.get(&format!("/sources/{source}/receipts/{hash}")).await.status(), "200");
    let moments: Vec<&str> = list(&timeline["entries"]).iter().map(|one| one["at"].as_str().unwrap()).collect();
    assert!(moments.is_sorted(), "{moments:?}");
    let markdown = server.get(&format!("{path}?format=md")).await;
    assert_eq!(markdown.header("content-type"), Some("text/markdown; charset=utf-8"));
    assert!(markdown.body.starts_with("# Errors on \\*API\\*\n"), "{}", markdown.body);

    let path = format!("/api/v1/incidents/{ours}/timeline");
    let public = server.json(&path).await.to_string();
    assert!(public.contains("We *see* it.") && !public.contains("called the vendor"), "{public}");
    let known = program.get(&path).await.body;
    assert!(known.contains("called the vendor"), "{known}");
}
