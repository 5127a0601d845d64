//! What is served of badges, strips and pictures: to whom, for how long, and what where nothing is known.

use std::sync::Arc;
use std::time::Duration;

use allclear::ingest::Published;
use allclear::model::level::State;
use allclear::model::snapshot::Snapshot;

use super::pictures::size;
use crate::http::world::{HOSTILE, World, snapshot, source, stale};

fn world(snapshot: Snapshot) -> World {
    World::new(Published { snapshot: Arc::new(snapshot), events: vec![] })
}

fn changed(change: impl FnOnce(&mut Snapshot)) -> World {
    let mut all = (*snapshot(1, "Errors")).clone();
    change(&mut all);
    world(all)
}

const GREEN: &str = "#1a7f37";
const GREY: &str = "#5f666e";

#[tokio::test]
async fn a_badge_says_what_the_page_says() {
    let world = World::default();
    for (path, title) in [
        ("/badge/acme.svg", "The acme: partial outage"),
        ("/badge/bolt.svg", "The bolt: operational"),
        ("/badge/checkout.svg", "Checkout: at risk"),
        ("/badge/all.svg", "Acme status: partial outage"),
        ("/badge/all.svg?tag=bolt", "bolt: operational"),
        ("/badge/all.svg?tag=shop", "shop: partial outage"),
        ("/badge/all.svg?source=bolt", "The bolt: operational"),
        ("/badge/all.svg?service=checkout", "Checkout: at risk"),
        ("/badge/acme.svg?component=Core/API", "The acme Core/API: partial outage"),
        ("/badge/all.svg?source=acme&component=Core/API", "The acme Core/API: partial outage"),
        ("/badge/bolt.svg?label=our%20bolt&style=social", "our bolt: operational"),
        ("/badge/bolt.svg?label=", "operational"),
    ] {
        let answer = world.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/svg+xml"), "{path}");
        let drawing = scraper::Html::parse_fragment(&answer.text());
        let said =
            drawing.select(&scraper::Selector::parse("title").unwrap()).next().unwrap().text().collect::<String>();
        assert_eq!(said, title, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_a_badge_and_nothing_wrong_is_guessed() {
    let world = World::default();
    for path in [
        "/badge/none.svg",
        "/badge/all.svg?tag=none",
        "/badge/acme.svg?component=Core/None",
        "/badge/bolt.svg?component=core/api",
    ] {
        let answer = world.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (404, "no-store"), "{path}");
        assert!(answer.text().contains("not found") && answer.text().contains(GREY), "{path}");
    }
    for path in
        ["/badge/acme.svg?style=round", "/badge/all.svg?tag=shop&source=acme", "/badge/checkout.svg?component=x"]
    {
        let answer = world.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (400, "application/problem+json"),
            "{path}"
        );
    }
    for path in [
        "/badge/acme",
        "/badge/acme.png",
        "/badge/none.json",
        "/embed?tag=none",
        "/wall?tag=none",
        "/sources/none/og.png",
    ] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
    assert_eq!(world.get("/embed?theme=blue").await.status, 400);
}

#[tokio::test]
async fn unknown_is_grey_and_says_so_everywhere() {
    let world = world((*stale()).clone());
    for path in ["/badge/acme.svg", "/badge/acme.svg?component=Core/API", "/badge/all.svg?tag=shop"] {
        let svg = world.get(path).await.text();
        assert!(svg.contains("unknown</title>") && svg.contains(GREY) && !svg.contains(GREEN), "{path}: {svg}");
    }
    let json = world.get("/badge/acme.json").await.json();
    assert_eq!((&json["message"], &json["isError"]), (&"unknown".into(), &true.into()));
    assert!(world.get("/embed?source=acme").await.text().contains("strip unknown"));
}

#[tokio::test]
async fn a_service_that_needs_what_is_unknown_or_broken_has_no_green_badge() {
    for state in [State::Unknown, State::MAJOR_OUTAGE, State::UNDER_MAINTENANCE] {
        let world = changed(|all| all.services[0].at_risk[0].state = state);
        let svg = world.get("/badge/checkout.svg").await.text();
        assert!(svg.contains("at risk") && !svg.contains(GREEN), "{state}");
    }
    let world = changed(|all| all.services[0].at_risk.clear());
    assert!(world.get("/badge/checkout.svg").await.text().contains(GREEN));
}

/// Where the writer stands still, the last snapshot is no evidence of the present.
#[tokio::test]
async fn good_news_of_a_snapshot_that_has_grown_old_is_taken_back() {
    let world = changed(|all| {
        all.sources = vec![source("bolt", State::OPERATIONAL, false)];
        all.services.clear();
        all.incidents.clear();
        all.headline.state = State::OPERATIONAL;
        all.headline.text = "All clear".into();
    });
    const PATHS: [&str; 5] = ["/badge/all.svg", "/badge/bolt.svg", "/badge/all.json", "/embed", "/wall"];
    let mut tags = Vec::new();
    for path in PATHS {
        let answer = world.get(path).await;
        assert!(!answer.text().contains("Not known since") && !answer.text().contains("unknown<"), "{path}");
        tags.push((answer.header("etag").to_owned(), answer.header("last-modified").to_owned()));
    }
    let picture = world.get("/og.png").await.body;
    world.clock.advance(Duration::from_secs(121));
    for (path, (tag, modified)) in PATHS.into_iter().zip(&tags) {
        for validator in [("if-none-match", tag), ("if-modified-since", modified)] {
            let answer = world.ask("GET", path, &[(validator.0, validator.1)]).await;
            assert_eq!(answer.status, 200, "{path}: whoever kept the old one must not go on with it");
            let text = answer.text();
            assert!(text.contains("unknown") || text.contains("Not known since"), "{path}: {text}");
            assert!(!text.contains(GREEN) && !text.contains(">All clear<"), "{path}: {text}");
        }
    }
    assert_ne!(world.get("/og.png").await.body, picture);
    world.clock.advance(Duration::from_secs(60));
    let (first, second) = (world.get("/embed").await, world.get("/embed").await);
    assert_eq!(first.header("last-modified"), second.header("last-modified"));
}

#[tokio::test]
async fn badges_strips_and_pictures_are_asked_for_again_before_they_are_shown_again() {
    let world = World::default();
    for path in ["/badge/acme.svg", "/badge/acme.json", "/embed", "/wall", "/og.png", "/sources/acme/og.png"] {
        let answer = world.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        assert!(!answer.header("last-modified").is_empty(), "{path}");
        let again = world.ask("GET", path, &[("if-none-match", answer.header("etag"))]).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
    }
}

#[tokio::test]
async fn only_the_strip_may_be_framed_and_what_is_shown_elsewhere_may_be_loaded_there() {
    let world = World::default();
    for path in ["/embed", "/embed?tag=shop&theme=dark"] {
        let answer = world.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors *") && !policy.contains("script-src"), "{policy}");
        assert_eq!(answer.header("x-frame-options"), "");
    }
    for path in
        ["/", "/wall", "/sources/acme", "/admin", "/admin/sign-in", "/embed/", "/docs", "/badge/acme.svg", "/og.png"]
    {
        let answer = world.get(path).await;
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
    for (path, resource) in [
        ("/badge/acme.svg", "cross-origin"),
        ("/og.png", "cross-origin"),
        ("/embed", "cross-origin"),
        ("/", "same-origin"),
        ("/wall", "same-origin"),
    ] {
        assert_eq!(world.get(path).await.header("cross-origin-resource-policy"), resource, "{path}");
    }
}

#[tokio::test]
async fn a_private_page_shows_strangers_neither_badge_nor_strip_nor_picture() {
    let world = changed(|all| {
        let mut page = (*all.page).clone();
        page.private = true;
        all.page = Arc::new(page);
    });
    for path in [
        "/badge/acme.svg",
        "/badge/none.svg",
        "/badge/all.json",
        "/og.png",
        "/sources/acme/og.png",
        "/incidents/acme.x1/og.png",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("acme"), "{path}");
    }
    for path in ["/embed", "/embed?tag=none", "/wall"] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/admin/sign-in"), "{path}");
    }
}

#[tokio::test]
async fn the_form_of_shields_has_what_shields_wants() {
    let json = World::default().get("/badge/acme.json?label=x").await.json();
    let wanted = serde_json::json!({
        "schemaVersion": 1, "label": "x", "message": "partial outage", "color": "#b3470b", "isError": false
    });
    assert_eq!(json, wanted);
}

#[tokio::test]
async fn pictures_are_of_the_page_a_source_a_service_and_an_incident() {
    let world = World::default();
    for path in ["/og.png", "/sources/acme/og.png", "/services/checkout/og.png", "/incidents/acme.x1/og.png"] {
        let answer = world.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/png"), "{path}");
        assert_eq!(answer.header("content-encoding"), "", "{path}");
        assert_eq!(size(&answer.body), (1200, 630), "{path}");
        assert_eq!(answer.body, world.get(path).await.body, "{path}");
    }
}

#[tokio::test]
async fn pages_say_what_a_link_to_them_shows_with_whole_addresses_and_a_time() {
    let world = World::default();
    for (path, image, title) in [
        ("/", "/og.png", "Acme status"),
        ("/sources/acme", "/sources/acme/og.png", "The acme"),
        ("/services/checkout", "/services/checkout/og.png", "Checkout"),
        ("/incidents/acme.x1", "/incidents/acme.x1/og.png", "Errors in the API"),
        ("/maintenances/bolt.m1", "/og.png", "Database upgrade"),
    ] {
        let html = world.get(path).await.text();
        let document = scraper::Html::parse_document(&html);
        let says = |name: &str| {
            let wanted = scraper::Selector::parse(&format!("meta[property='{name}'], meta[name='{name}']")).unwrap();
            document
                .select(&wanted)
                .next()
                .unwrap_or_else(|| panic!("{path}: {name}"))
                .attr("content")
                .unwrap()
                .to_owned()
        };
        assert_eq!(says("og:image"), format!("https://status.example{image}"), "{path}");
        assert_eq!(says("og:url"), format!("https://status.example{path}"));
        assert_eq!((says("og:title").as_str(), says("twitter:card").as_str()), (title, "summary_large_image"));
        assert!(says("og:description").ends_with("; as of 2 Jan 2026, 12:00 UTC"), "{}", says("og:description"));
        assert_eq!(world.get(image).await.status, 200);
    }
    let world = changed(|all| {
        let mut page = (*all.page).clone();
        page.private = true;
        all.page = Arc::new(page);
    });
    assert!(!world.get("/admin/sign-in").await.text().contains("og:"));
}

#[tokio::test]
async fn a_strip_names_what_is_amiss_and_leads_out_of_its_frame() {
    let html = World::default().get("/embed?tag=shop&theme=light").await.text();
    let document = scraper::Html::parse_document(&html);
    let all = |what: &str| document.select(&scraper::Selector::parse(what).unwrap()).count();
    assert_eq!((all("script"), all("meta[http-equiv=refresh]"), all("html.light")), (0, 1, 1), "{html}");
    assert_eq!((all("li.partial_outage"), all("li.degraded_performance"), all("li")), (1, 1, 2), "{html}");
    for link in document.select(&scraper::Selector::parse("a").unwrap()) {
        assert_eq!((link.attr("target"), link.attr("rel")), (Some("_top"), Some("noopener")));
        assert!(link.attr("href").unwrap().starts_with("https://status.example/"));
    }
    assert!(html.contains("as of <time datetime=\"2026-01-02T12:00:00Z\">2 Jan 2026, 12:00 UTC</time>"));
    let world = changed(|all| {
        let mut broken = (*source("acme", State::MAJOR_OUTAGE, false)).clone();
        let mut named = (*broken.source).clone();
        named.name = HOSTILE.into();
        broken.source = Arc::new(named);
        all.sources = vec![Arc::new(broken)];
    });
    for path in ["/embed", "/embed?source=acme", "/wall"] {
        let html = world.get(path).await.text();
        assert!(!html.contains("<script>alert"), "{path}");
    }
}

#[tokio::test]
async fn nobody_has_many_pictures_drawn() {
    let world = changed(|all| {
        all.sources = (0..62).map(|one| source(&format!("s{one}"), State::OPERATIONAL, false)).collect();
    });
    let mut held = 0;
    for one in 0..62 {
        let answer = world.get(&format!("/sources/s{one}/og.png")).await;
        held += usize::from(answer.status == 429);
    }
    assert_eq!(held, 2);
    assert_eq!(world.get("/sources/s0/og.png").await.status, 200, "what stands ready costs nothing");
}
