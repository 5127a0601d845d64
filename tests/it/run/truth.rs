//! What is shown is what the vendors say, everywhere the same.

use allclear::model::level::State;
use allclear::simulate::{Change, Truth};
use serde_json::Value;

use super::server::{Home, SOON, Viewer, by_id, list, play, until, yaml};

/// What is wrong with how a vendor is shown; nothing where it is shown as it is.
pub fn wrong(truth: &Truth, summary: &Value, format: &str) -> Option<String> {
    let id = &truth.vendor;
    let Some(shown) = by_id(&summary["sources"], id) else { return Some(format!("{id} is not shown")) };
    let state = shown["state"].as_str().unwrap();
    if !truth.readable {
        let good = state == "unknown" && shown["freshness"]["error"]["message"].is_string();
        return (!good).then(|| format!("{id} cannot be read, but is shown as {shown}"));
    }
    let expected = if format == "http" { State::OPERATIONAL } else { truth.state.unwrap() };
    // An open incident that counts is a trouble, whatever the components say.
    let worse = State::from_word(state).is_some_and(|it| it.is_trouble() && it.weight() >= expected.weight());
    if state != expected.as_str() && (truth.incidents.is_empty() || !worse) {
        return Some(format!("{id} is {}, but shown as {state}", expected.as_str()));
    }
    let mut theirs: Vec<&str> = truth.components.iter().map(|(_, state)| state.as_str()).collect();
    let mut ours: Vec<&str> = list(&shown["components"]).iter().filter_map(|it| it["state"].as_str()).collect();
    theirs.sort_unstable();
    ours.sort_unstable();
    if format != "http" && theirs != ours {
        return Some(format!("{id}: components {theirs:?} are shown as {ours:?}"));
    }
    let shown: Vec<&str> = list(&summary["incidents"])
        .iter()
        .filter(|it| it["source"] == id.as_str())
        .filter_map(|it| it["title"].as_str())
        .collect();
    let missing = truth.incidents.iter().find(|incident| !shown.contains(&incident.title.as_str()));
    let too_many = (shown.len() != truth.incidents.len()).then(|| format!("{id}: shown are {shown:?}"));
    missing.map(|incident| format!("{id}: {} is not shown", incident.title)).or(too_many)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vendor_is_shown_as_it_is_and_unreadable_ones_as_unknown() {
    let play = play(None).await;
    let vendors = play.of(&["statuspage", "http"]);
    let home = Home::new(&yaml(&vendors));
    let server = home.serve().await;
    let mut faults = Vec::new();
    let all = until("every vendor is shown as it is", SOON * 2, async || {
        let summary = server.summary().await;
        let truths = play.world.truth();
        faults.clear();
        for vendor in vendors.iter().filter(|vendor| vendor.plays != "rate limit") {
            let truth = truths.iter().find(|truth| truth.vendor == vendor.id).unwrap();
            faults.extend(wrong(truth, &summary, vendor.format));
            // Under way a source may be behind, but what cannot be read is never green.
            let shown = by_id(&summary["sources"], &vendor.id).unwrap();
            assert!(truth.readable || shown["state"] == "unknown", "{shown}");
        }
        faults.is_empty().then_some(summary)
    });
    let Ok(all) = tokio::time::timeout(SOON, all).await else { panic!("{faults:#?}") };
    let limited = by_id(&all["sources"], &play.plays("rate limit").id).unwrap();
    assert_eq!(limited["state"], "unknown");
    assert_eq!(limited["freshness"]["error"]["kind"], "rate_limited");
    assert_ne!(all["headline"]["state"], "operational");
}

fn told(viewer: &Viewer, kind: &str, name: &str) -> Option<Value> {
    viewer.events().into_iter().find(|event| event["kind"] == kind && event["name"] == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_the_same_everywhere_and_so_is_its_end() {
    const TITLE: &str = "Cards are declined in Europe";
    let play = play(None).await;
    let vendors: Vec<_> = play.of(&["statuspage"]).into_iter().filter(|vendor| vendor.plays == "calm").collect();
    let vendor = vendors[0].clone();
    let home = Home::new(&yaml(&vendors));
    let server = home.serve().await;
    server.until("all is well", |summary| (summary["headline"]["state"] == "operational").then_some(())).await;
    let viewer = server.watch();
    until("the viewer is greeted", SOON, async || viewer.is_greeted().then_some(())).await;
    let component = |state| Change::Component { name: "API".into(), state };
    let open = Change::Open {
        id: "declined0001".into(),
        title: TITLE.into(),
        impact: "critical",
        body: "Payments by card fail.".into(),
        components: vec!["API".into()],
    };
    play.world.set(&vendor.id, component("major_outage"));
    play.world.set(&vendor.id, open);
    let (seq, shown) = server
        .until("the outage is shown", |summary| {
            let shown = list(&summary["incidents"]).iter().find(|incident| incident["title"] == TITLE)?;
            let state = by_id(&summary["sources"], &vendor.id)?["state"] == "major_outage";
            state.then(|| (summary["seq"].as_u64().unwrap(), shown.clone()))
        })
        .await;
    let event = until("the viewer is told", SOON, async || told(&viewer, "incident.opened", TITLE)).await;
    assert!(event["seq"].as_u64().unwrap() <= seq);
    assert_eq!((&event["subject"], &event["source"]), (&shown["id"], &shown["source"]));
    assert_eq!((&shown["open"], &shown["counted"], &shown["impact"]), (&true.into(), &true.into(), &"critical".into()));
    let summary = server.summary().await;
    assert_eq!(summary["seq"], seq, "nothing else happens in this world");
    assert_eq!(summary["headline"]["state"], "major_outage");
    assert!(server.get("/").await.body.contains(TITLE));
    let entry = server.json("/feed.json").await["items"][0].clone();
    assert_eq!(entry["title"], format!("{}: {TITLE}", vendor.name));
    let atom = server.get("/feed.atom").await.body;
    let feed = feed_rs::parser::parse(atom.as_bytes()).unwrap();
    assert_eq!(feed.entries[0].id, entry["id"].as_str().unwrap());
    assert_eq!(feed.entries[0].title.as_ref().unwrap().content, entry["title"].as_str().unwrap());

    play.world.set(&vendor.id, component("operational"));
    let over = Change::Update { id: "declined0001".into(), phase: "resolved", body: "Cards work again.".into() };
    play.world.set(&vendor.id, over);
    server
        .until("the end is shown", |summary| {
            let well = summary["headline"]["state"] == "operational" && list(&summary["incidents"]).is_empty();
            well.then_some(())
        })
        .await;
    until("the viewer is told of the end", SOON, async || told(&viewer, "incident.resolved", TITLE)).await;
    let path = format!("/api/v1/incidents/{}", shown["id"].as_str().unwrap());
    let past = server.json(&path).await;
    assert_eq!((&past["open"], &past["status"]), (&false.into(), &"resolved".into()));
    assert_eq!(past["started_at"], shown["started_at"]);
    let entry = server.json("/feed.json").await["items"][0].clone();
    assert!(entry["summary"].as_str().unwrap().contains("Cards work again."), "{entry}");
    let seqs: Vec<u64> = viewer.events().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|two| two[0] + 1 == two[1]), "{seqs:?}");
}
