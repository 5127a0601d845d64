//! `/metrics`: its two forms, what is in it, and that it is what the documents say.

use std::collections::BTreeSet;
use std::time::Duration;

use allclear::ingest::Published;
use allclear::limits;
use allclear::model::id::ComponentId;
use allclear::model::level::State;

use super::world::{World, at, noon, snapshot};

const OPEN: &str = "application/openmetrics-text; version=1.0.0";

/// The names of all families of a document in the text form.
fn families(text: &str) -> BTreeSet<String> {
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next().map(str::to_owned)).collect()
}

/// The names in the tables of docs/metrics.md.
fn documented() -> BTreeSet<String> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let text = std::fs::read_to_string(file).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let on_linux = cfg!(target_os = "linux");
    rows.filter(|name| name.starts_with("allclear_") || (on_linux && name.starts_with("process_")))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn every_figure_is_documented_and_every_documented_figure_is_there() {
    let (world, behind) = World::with_post(
        Published { snapshot: snapshot(1, "Errors"), events: vec![] },
        Default::default(),
        allclear::nudge::post::Post::to(tokio::sync::mpsc::channel(1).0),
    );
    // What is there only where there are channels, and where something is published.
    behind.metrics.channel("ops");
    behind.metrics.published("attic", 3, noon());
    world.get("/").await;
    let shown = families(&world.get("/metrics").await.text());
    assert_eq!(shown, documented());
}

#[tokio::test]
async fn a_scraper_gets_the_form_that_it_asks_for_and_both_say_the_same() {
    let world = World::default();
    let text = world.get("/metrics").await;
    assert_eq!(text.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let open = world.ask("GET", "/metrics", &[("accept", OPEN)]).await;
    assert_eq!(open.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let (text, open) = (text.text(), open.text());
    assert!(open.ends_with("# EOF\n") && open.matches("# EOF").count() == 1);
    assert!(!text.contains("# EOF") && !text.contains("# UNIT"));
    assert!(
        text.contains("# TYPE allclear_readings_total counter") && open.contains("# TYPE allclear_readings counter")
    );
    assert!(text.contains("# TYPE allclear_build_info gauge") && open.contains("# TYPE allclear_build info"));
    let samples = |text: &str| -> BTreeSet<String> {
        let vendors = |line: &&str| {
            ["allclear_source", "allclear_component", "allclear_service"].iter().any(|p| line.starts_with(p))
        };
        text.lines().filter(vendors).map(str::to_owned).collect()
    };
    assert_eq!(samples(&text), samples(&open));
    for text in [&text, &open] {
        let series: Vec<&str> =
            text.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once(' ').unwrap().0).collect();
        let distinct: BTreeSet<&&str> = series.iter().collect();
        assert_eq!(series.len(), distinct.len(), "no series is there twice");
    }
}

#[tokio::test]
async fn figures_tell_the_present_and_unknown_is_never_operational() {
    let mut present = (*snapshot(7, "Errors")).clone();
    let mut view = (*present.sources[0]).clone();
    view.state = State::Unknown;
    let mut twin = view.components[0].clone();
    twin.id = ComponentId::new("c2");
    twin.state = State::MAJOR_OUTAGE;
    view.components[0].state = State::OPERATIONAL;
    let mut other = twin.clone();
    other.path = "Core/Not ours".into();
    other.counted = false;
    view.components.extend([twin, other]);
    let id = view.source.id.clone();
    present.sources[0] = view.into();
    let world = World::new(Published { snapshot: present.into(), events: vec![] });
    world.clock.advance(Duration::from_secs(30));
    let text = world.get("/metrics").await.text();
    let has = |line: &str| assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    for state in State::ALL {
        let one = u8::from(state == State::Unknown);
        has(&format!("allclear_source_state{{source=\"{id}\",state=\"{}\"}} {one}", state.as_str()));
        // Two components of one path are one: the worst.
        let one = u8::from(state == State::MAJOR_OUTAGE);
        has(&format!(
            "allclear_component_state{{source=\"{id}\",component=\"Core/API\",state=\"{}\"}} {one}",
            state.as_str()
        ));
    }
    assert!(!text.contains("Not ours"), "what does not count has no figures");
    has(&format!(
        "allclear_source_last_success_timestamp_seconds{{source=\"{id}\"}} {}",
        at("2026-01-02T11:58:30Z").as_second()
    ));
    has(&format!("allclear_source_last_success_age_seconds{{source=\"{id}\"}} 120"));
    has(&format!(
        "allclear_source_next_check_timestamp_seconds{{source=\"{id}\"}} {}",
        at("2026-01-02T12:01:00Z").as_second()
    ));
    has(&format!("allclear_source_info{{source=\"{id}\",name=\"The {id}\",tier=\"normal\",format=\"statuspage\"}} 1"));
    has("allclear_event_log_seq 7");
    has("allclear_components_left_out 0");
    has("allclear_store_refused 0");
    has("allclear_readings_total{outcome=\"timeout\"} 0");
    world.pulse.set_store(Some("disk full".into()));
    assert!(world.get("/metrics").await.text().contains("allclear_store_refused 1\n"));
}

#[tokio::test]
async fn components_have_an_end_and_what_is_left_out_is_counted() {
    let mut present = (*snapshot(1, "Errors")).clone();
    let mut view = (*present.sources[0]).clone();
    let one = view.components[0].clone();
    let part = |number: usize| {
        let mut part = one.clone();
        (part.id, part.path) = (ComponentId::new(format!("c{number}")), format!("Core/{number}"));
        part
    };
    view.components = (0..limits::FIGURE_COMPONENTS + 3).map(part).collect();
    let others: usize = present.sources.iter().skip(1).map(|view| view.components.len()).sum();
    present.sources[0] = view.into();
    let text = World::new(Published { snapshot: present.into(), events: vec![] }).get("/metrics").await.text();
    let series = text.lines().filter(|line| line.starts_with("allclear_component_state{")).count();
    assert_eq!(series, limits::FIGURE_COMPONENTS * State::ALL.len());
    assert!(text.contains(&format!("allclear_components_left_out {}\n", others + 3)), "{others}");
}

#[tokio::test]
async fn requests_are_counted_by_class_and_not_by_what_strangers_ask_for() {
    let world = World::default();
    for path in ["/", "/sources/acme", "/sources/nobody", "/api/v1/summary", "/made/up/1", "/made/up/2"] {
        world.get(path).await;
    }
    let text = world.get("/metrics").await.text();
    for line in [
        "allclear_http_requests_total{route=\"page\",status=\"200\"} 2",
        "allclear_http_requests_total{route=\"page\",status=\"404\"} 1",
        "allclear_http_requests_total{route=\"api\",status=\"200\"} 1",
        "allclear_http_requests_total{route=\"nowhere\",status=\"404\"} 2",
        "allclear_http_request_duration_seconds_count{route=\"nowhere\"} 2",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("made"), "{text}");
}
