//! One bad vendor harms only itself, and all are asked politely.

use std::collections::HashMap;

use allclear::limits;

use super::server::{Home, SOON, by_id, list, play, until, yaml};

#[tokio::test(flavor = "multi_thread")]
async fn bad_vendors_delay_no_good_one_and_each_has_its_own_reason() {
    let good = play(Some(22)).await;
    let bad = play(None).await;
    let reasons = [
        ("hangs", "timeout"),
        ("endless", "too_large"),
        ("gzip bomb", "too_large"),
        ("redirects inwards", "blocked"),
        ("down", ""),
        ("garbage", "broken"),
        ("sign-in page", "unreadable"),
    ];
    let mut vendors = good.of(&["statuspage"]);
    let calm: Vec<String> = vendors.iter().map(|vendor| vendor.id.clone()).collect();
    assert_eq!(calm.len(), 20);
    vendors.extend(reasons.iter().map(|(role, _)| bad.plays(role)));
    vendors.push(bad.plays("slow"));
    let home = Home::new(&yaml(&vendors));
    let server = home.serve().await;
    let summary = until("the bad ones are known", SOON, async || {
        let summary = server.summary().await;
        let known = reasons.iter().all(|(role, _)| {
            by_id(&summary["sources"], &bad.plays(role).id).is_some_and(|shown| shown["freshness"]["error"].is_object())
        });
        let slow = by_id(&summary["sources"], &bad.plays("slow").id).unwrap();
        (known && slow["state"] == "operational").then_some(summary)
    })
    .await;
    for (role, reason) in reasons {
        let shown = by_id(&summary["sources"], &bad.plays(role).id).unwrap();
        assert_eq!(shown["state"], "unknown", "{role}");
        let kind = shown["freshness"]["error"]["kind"].as_str().unwrap();
        assert!(reason.is_empty() || kind == reason, "{role}: {shown}");
        assert!(shown["freshness"]["error"]["advice"].is_string());
    }
    for id in &calm {
        let shown = by_id(&summary["sources"], id).unwrap();
        assert_ne!(shown["state"], "unknown", "{shown}");
        assert!(shown["freshness"]["error"].is_null(), "{shown}");
    }
    // The hanging one hangs again and again; the good ones are asked all the same. How punctually, a benchmark says.
    let hung = &bad.plays("hangs").id;
    let hanging = bad.world.requests().into_iter().filter(|request| request.vendor == *hung).map(|request| request.at);
    let since = hanging.min().unwrap();
    until("the good ones are asked again and again", SOON, async || {
        let mut by_vendor: HashMap<String, usize> = HashMap::new();
        for request in good.world.requests().into_iter().filter(|request| request.at > since) {
            *by_vendor.entry(request.vendor).or_default() += 1;
        }
        calm.iter().all(|id| by_vendor.get(id).is_some_and(|asked| *asked >= 4)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vendors_are_asked_politely() {
    let play = play(Some(22)).await;
    let vendors: Vec<_> = play.of(&["statuspage"]);
    let home = Home::new(&yaml(&vendors));
    let server = home.serve().await;
    let documents = |id: &str| {
        let mine = play.world.requests().into_iter().filter(|request| request.vendor == id);
        mine.filter(|request| request.path == "/api/v2/summary.json").collect::<Vec<_>>()
    };
    until("all are asked five times", SOON, async || {
        vendors.iter().all(|vendor| documents(&vendor.id).len() >= 5).then_some(())
    })
    .await;
    let summary = server.summary().await;
    assert!(list(&summary["sources"]).iter().all(|source| source["freshness"]["error"].is_null()));
    let (mut conditional, mut later) = (0, 0);
    for vendor in &vendors {
        let asked = documents(&vendor.id);
        assert_eq!(asked[0].if_none_match, None, "nothing is known at first");
        later += asked.len() - 1;
        conditional += asked[1..].iter().filter(|request| request.if_none_match.is_some()).count();
    }
    assert!(conditional * 100 >= later * 95, "{conditional} of {later} were conditional");
    for request in play.world.requests() {
        let agent = request.user_agent.unwrap();
        let start = concat!("allclear/", env!("CARGO_PKG_VERSION"), " (+http");
        assert!(agent.starts_with(start) && agent.ends_with(')'), "{agent}");
    }
    for traffic in play.world.traffic().iter().filter(|traffic| traffic.requests > 0) {
        assert!(traffic.peak_in_flight <= limits::PER_HOST, "{traffic:?}");
    }
    for vendor in &vendors {
        let asked: Vec<_> = play.world.requests().into_iter().filter(|request| request.vendor == vendor.id).collect();
        let span = asked[asked.len() - 1].at.duration_since(asked[0].at).unsigned_abs();
        // Starts are this far apart here; on the way the first may be held up more than the last.
        let least = limits::HOST_SPACING * u32::try_from(asked.len() - 2).unwrap();
        assert!(span >= least, "{} requests in {span:?} to {}", asked.len(), vendor.id);
    }
}
