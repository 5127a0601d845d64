//! A vendor's words stay words, errors tell nothing of ours, and every answer carries its guard.

use allclear::ingest::Published;
use jiff::ToSpan;

use super::world::{HOSTILE, World, event, noon, snapshot, stale};

const PATHS: [&str; 44] = [
    "/",
    "/sources/acme",
    "/sources/none",
    "/sources/acme/receipts",
    "/sources/none/receipts",
    "/sources/acme/receipts/none",
    "/services/checkout",
    "/services/none",
    "/incidents/acme.x1",
    "/incidents/none",
    "/maintenances/bolt.m1",
    "/maintenances/none",
    "/docs",
    "/assets/none",
    "/favicon.svg",
    "/favicon.ico",
    "/robots.txt",
    "/api/v1/summary",
    "/api/v1/sources",
    "/api/v1/sources/none",
    "/api/v1/services",
    "/api/v1/incidents",
    "/api/v1/incidents/none",
    "/api/v1/incidents?limit=x",
    "/api/v1/maintenances",
    "/api/none",
    "/feed.json",
    "/feed.atom",
    "/feed.rss",
    "/feed.atom?per=none",
    "/calendar.ics",
    "/sources/none/calendar.ics",
    "/services/checkout/feed.rss",
    "/sources/acme/feed.json",
    "/sources/none/feed.atom",
    "/tags/shop/feed.atom",
    "/tags/none/feed.json",
    "/healthz",
    "/mcp",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/sources/%ff",
    "/hooks/statuspage/acme/none",
];

#[tokio::test]
async fn s4_every_answer_carries_the_guard() {
    let world = World::default();
    let long = format!("/?{}", "x".repeat(9_000));
    let big = "x".repeat(40_000);
    let mut answers = Vec::new();
    for path in PATHS {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "DELETE"] {
            answers.push((format!("{method} {path}"), world.ask(method, path, &[]).await));
        }
    }
    answers.push(("414".into(), world.get(&long).await));
    answers.push(("431".into(), world.ask("GET", "/", &[("x-big", &big)]).await));
    answers.push(("413".into(), world.ask("POST", "/api/v1/incidents", &[("content-length", "99999999")]).await));
    answers.push(("415".into(), world.ask("POST", "/api/v1/incidents", &[("content-encoding", "gzip")]).await));
    for (name, answer) in &answers {
        if let Ok(status) = name.parse::<u16>() {
            assert_eq!(answer.status, status);
        }
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|one| one == part), "{name}: {part} is not in {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{name}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{name}");
        assert!(answer.header("strict-transport-security").starts_with("max-age="), "{name}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{name}");
    }
}

#[tokio::test]
async fn s11_errors_say_what_to_do_and_nothing_of_ours() {
    let world = World::default();
    world.pulse.set_store(Some("/var/lib/allclear/allclear.redb: no space left".into()));
    let mut seen = 0;
    for path in PATHS {
        for method in ["GET", "POST"] {
            let answer = world.ask(method, path, &[]).await;
            if answer.status.as_u16() < 400 {
                continue;
            }
            seen += 1;
            let text = answer.text();
            for secret in [env!("CARGO_PKG_VERSION"), "/var/", ".rs:", "redb", "axum", "panicked", "src/"] {
                assert!(!text.contains(secret), "{method} {path}: {secret} in {text}");
            }
            if path != "/readyz" || method == "POST" {
                assert!(text.contains(answer.header("x-request-id")), "{method} {path}: {text}");
                assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
            }
            if method == "POST" {
                let nothing = path == "/api/none" || path.starts_with("/hooks/");
                let written = matches!(
                    path.split('?').next(),
                    Some("/api/v1/incidents" | "/api/v1/maintenances" | "/api/v1/sources")
                );
                assert_eq!(
                    answer.status,
                    if nothing {
                        404
                    } else if path == "/mcp" {
                        400
                    } else if written {
                        401
                    } else {
                        405
                    },
                    "{path}"
                );
            }
        }
    }
    assert!(seen >= 30, "{seen}");
}

#[tokio::test]
async fn s5_hostile_words_stay_words_in_every_output() {
    let events = vec![event(1, HOSTILE)];
    let world = World::new(Published { snapshot: snapshot(1, HOSTILE), events });
    for path in ["/feed.atom", "/tags/shop/feed.atom", "/sources/acme/feed.atom"] {
        let answer = world.get(path).await;
        assert_eq!(answer.header("content-type"), "application/atom+xml; charset=utf-8");
        let feed = feed_rs::parser::parse(&*answer.body).unwrap();
        let hits: Vec<_> = feed.entries.iter().filter(|entry| entry.links[0].href.ends_with("acme.x1")).collect();
        assert_eq!(hits.len(), 1, "{path}");
        let title = &hits[0].title.as_ref().unwrap().content;
        assert!(title.contains("<script>alert(1)</script>") || title.contains("&lt;script&gt;"), "{title}");
    }
    for path in ["/feed.json", "/sources/acme/feed.json", "/tags/shop/feed.json"] {
        let answer = world.get(path).await;
        assert_eq!(
            feed_rs::parser::parse(&*answer.body).unwrap().entries.len(),
            answer.json()["items"].as_array().unwrap().len()
        );
        assert_eq!(answer.json()["version"], "https://jsonfeed.org/version/1.1");
    }
    assert!(world.get("/api/v1/summary").await.json()["incidents"][0]["title"].as_str().unwrap() == HOSTILE);
}

#[tokio::test]
async fn s5_feeds_name_things_the_same_at_every_reading() {
    let ids = |body: Vec<u8>| -> Vec<String> {
        feed_rs::parser::parse(&*body).unwrap().entries.into_iter().map(|entry| entry.id).collect()
    };
    let (one, two) =
        (World::default(), World::new(Published { snapshot: snapshot(9, "Another title"), events: vec![] }));
    let before = ids(one.get("/feed.atom").await.body);
    assert_eq!(before.len(), 2);
    assert_eq!(before, ids(two.get("/feed.atom").await.body));
    assert_eq!(before, ids(two.get("/feed.json").await.body));
    assert!(before.iter().all(|id| id.starts_with("urn:uuid:")), "{before:?}");
}

#[tokio::test]
async fn s5_labels_of_figures_are_escaped() {
    let mut present = (*snapshot(1, "Errors")).clone();
    let mut view = (*present.sources[0]).clone();
    let mut source = (*view.source).clone();
    source.id = allclear::model::id::SourceId::new("a\"} 1\nforged{x=\"\\");
    view.source = source.into();
    present.sources[0] = view.into();
    let world = World::new(Published { snapshot: present.into(), events: vec![] });
    let text = world.ask("GET", "/metrics", &[("accept", "application/openmetrics-text")]).await.text();
    assert!(!text.lines().any(|line| line.starts_with("forged")), "{text}");
    assert_eq!(text.matches("# EOF").count(), 1);
    assert!(text.ends_with("# EOF\n"));
    for line in [
        "allclear_source_state{source=\"a\\\"} 1\\nforged{x=\\\"\\\\\",state=\"unknown\"} 0",
        "allclear_source_state{source=\"bolt\",state=\"operational\"} 1",
        "allclear_source_state_weight{source=\"bolt\"} 0",
        "allclear_open_incidents{source=\"acme\",impact=\"major\"} 1",
        "allclear_source_last_success_age_seconds{source=\"bolt\"} 90",
        "allclear_configuration_refused 0",
    ] {
        assert!(text.lines().any(|one| one.trim_end_matches(".0") == line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn r43_r50_readiness_says_what_is_wrong() {
    let world = World::default();
    assert_eq!(world.get("/readyz").await.status, 200);
    world.pulse.set_configuration(Some("sources.yaml:3:5: unknown key `intervall`; did you mean `interval`?".into()));
    let answer = world.get("/readyz").await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["warnings"][0]["text"].as_str().unwrap().contains("3:5"));
    assert!(world.get("/metrics").await.text().contains("allclear_configuration_refused 1"));
    world.pulse.beat(world.clock.now().mono);
    world.clock.advance(std::time::Duration::from_secs(61));
    let answer = world.get("/readyz").await;
    assert_eq!((answer.status.as_u16(), answer.json()["reasons"][0]["kind"].as_str()), (503, Some("scheduler")));
    world.pulse.beat(world.clock.now().mono);
    world.clock.jump_to(noon() - 24.hours());
    assert_eq!(world.get("/readyz").await.status, 200, "a clock that jumps is no stuck scheduler");
    world.pulse.set_store(Some("disk full".into()));
    assert_eq!(world.get("/readyz").await.json()["reasons"][0]["kind"], "store");
    assert_eq!(world.get("/healthz").await.status, 200);
    let cut_off = World::new(Published { snapshot: stale(), events: vec![] });
    assert_eq!(cut_off.get("/readyz").await.json()["reasons"][0]["kind"], "sources");
}
