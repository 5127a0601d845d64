//! The wall: what is wrong stands apart, and everything is on it.

use std::sync::Arc;

use allclear::ingest::Published;
use allclear::limits;
use allclear::model::level::State;
use allclear::model::snapshot::Snapshot;
use scraper::{Html, Selector};

use crate::http::world::{World, incident, snapshot, source};

async fn wall(path: &str, change: impl FnOnce(&mut Snapshot)) -> Html {
    let mut all = (*snapshot(1, "Errors in the API")).clone();
    change(&mut all);
    let world = World::new(Published { snapshot: Arc::new(all), events: vec![] });
    let answer = world.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    Html::parse_document(&answer.text())
}

fn texts(document: &Html, what: &str) -> Vec<String> {
    let words = |found: scraper::ElementRef<'_>| {
        found.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    document.select(&Selector::parse(what).unwrap()).map(words).collect()
}

#[tokio::test]
async fn what_is_wrong_stands_apart_and_everything_is_a_tile_the_worst_first() {
    let document = wall("/wall", |_| {}).await;
    assert_eq!(texts(&document, "h1"), ["1 vendor has problems"]);
    assert_eq!(texts(&document, ".trouble .name"), ["The acme"]);
    assert_eq!(texts(&document, ".trouble .title"), ["Errors in the API"]);
    assert_eq!(texts(&document, ".tile .name"), ["The acme", "Checkout", "The bolt"]);
    assert_eq!(texts(&document, ".tile .word")[..2], ["partial outage", "at risk"]);
    assert_eq!(texts(&document, "#coming li").len(), 1);
    assert_eq!(document.select(&Selector::parse("noscript").unwrap()).count(), 1);
    assert_eq!(document.select(&Selector::parse("html.dark:not(.old)").unwrap()).count(), 1);
}

#[tokio::test]
async fn a_wall_of_one_tag_tells_of_that_tag_only() {
    let document = wall("/wall?tag=bolt&theme=light", |_| {}).await;
    assert_eq!(texts(&document, "h1"), ["bolt: Operational"]);
    assert_eq!(texts(&document, ".tile .name"), ["The bolt"]);
    assert!(texts(&document, ".trouble").is_empty());
    assert_eq!(document.select(&Selector::parse("html.light .head.operational").unwrap()).count(), 1);
    let ours = wall("/wall?tag=bolt", |all| {
        let mut open = (*incident("l1", "We are down")).clone();
        (open.incident.source, open.state) = (None, State::MAJOR_OUTAGE);
        all.incidents = vec![Arc::new(open)];
    });
    let ours = ours.await;
    assert_eq!(texts(&ours, ".trouble .title"), ["We are down"], "what is about all of us is about this as well");
    assert_eq!(texts(&ours, "h1"), ["bolt: An incident of ours is open"]);
}

#[tokio::test]
async fn more_trouble_than_fits_is_counted_and_first_among_the_tiles() {
    for count in [1, 4, limits::WALL_TROUBLES, limits::WALL_TROUBLES + 1, 40] {
        let document = wall("/wall", |all| {
            all.incidents.clear();
            all.sources = (0..count).map(|one| source(&format!("s{one}"), State::MAJOR_OUTAGE, false)).collect();
            all.sources.insert(0, source("calm", State::OPERATIONAL, false));
        })
        .await;
        let shown = texts(&document, ".trouble .name").len();
        let all = texts(&document, ".trouble");
        assert!(all.len() <= limits::WALL_TROUBLES, "{count}");
        let more = count - shown;
        assert_eq!(more > 0, all.last().unwrap().starts_with(&format!("and {more} more")), "{count}: {all:?}");
        let tiles = texts(&document, ".tile .name");
        assert_eq!(tiles.len(), count + 2);
        assert_eq!(tiles.iter().position(|name| name == "The calm"), Some(count + 1), "{tiles:?}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_as_loud_as_what_is_broken() {
    let document = wall("/wall", |all| {
        all.incidents.clear();
        all.services.clear();
        all.sources = vec![source("acme", State::Unknown, true), source("bolt", State::OPERATIONAL, false)];
    })
    .await;
    assert_eq!(texts(&document, ".trouble.unknown .name"), ["The acme"]);
    assert_eq!(texts(&document, ".tile.unknown .name"), ["The acme"]);
}
