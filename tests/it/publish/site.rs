//! A snapshot as files.

use std::collections::BTreeMap;
use std::sync::Arc;

use allclear::model::snapshot::Snapshot;
use allclear::publish::{Keep, Site};
use allclear::render::Pages;

use super::links::dangling;
use crate::http::world::{HOSTILE, at, snapshot};

pub fn site(snapshot: &Snapshot) -> Site {
    Site::of(&Pages::published().unwrap(), snapshot).unwrap()
}

pub fn texts(site: &Site) -> BTreeMap<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    site.files.iter().map(|(path, file)| (path.clone(), text(&file.bytes))).collect()
}

#[test]
fn a_site_has_a_page_for_everything_and_every_link_leads_to_a_file() {
    let site = site(&snapshot(3, HOSTILE));
    let files = texts(&site);
    for path in [
        "index.html",
        "404.html",
        "robots.txt",
        "favicon.svg",
        "status.json",
        "feed.atom",
        "feed.json",
        "api/v1/summary",
        "api/v1/summary.json",
        "sources/acme/index.html",
        "sources/bolt/index.html",
        "services/checkout/index.html",
        "incidents/acme.x1/index.html",
        "maintenances/bolt.m1/index.html",
    ] {
        assert!(files.contains_key(path), "{path}: {:?}", files.keys());
    }
    assert_eq!(dangling(&files), [""; 0]);
    assert_eq!(files["api/v1/summary"], files["api/v1/summary.json"]);
    let kinds: Vec<_> =
        site.files.iter().filter(|(_, file)| file.keep == Keep::ForEver).map(|(path, _)| path).collect();
    assert!(
        kinds.len() == 2 && kinds.iter().all(|path| path.starts_with("assets/") && path.contains('-')),
        "{kinds:?}"
    );
}

#[test]
fn a_published_page_offers_nothing_that_needs_a_server() {
    let files = texts(&site(&snapshot(3, "Errors")));
    for (path, html) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        for word in
            ["/subscribe", "/admin", "/events", "/docs", "receipts", "action=", "method=", "data-live", "href=\"/"]
        {
            assert!(!html.contains(word), "{path} holds {word}");
        }
        assert!(!html.contains("<script>") && !html.contains("onerror"), "{path}");
    }
}

#[test]
fn the_first_page_says_when_it_was_made_and_others_do_not_change_with_the_time() {
    let before = snapshot(3, "Errors");
    let mut after = Snapshot::clone(&before);
    after.generated_at = at("2026-01-02T12:01:00Z");
    for view in &mut after.sources {
        let view = Arc::make_mut(view);
        view.freshness.checked_at = Some(at("2026-01-02T12:00:30Z"));
        view.freshness.ok_at = Some(at("2026-01-02T12:00:30Z"));
        view.freshness.next_check_at = Some(at("2026-01-02T12:02:30Z"));
    }
    let (before, after) = (site(&before), site(&after));
    let changed: Vec<&str> = before
        .files
        .iter()
        .filter(|(path, file)| after.files[*path].digest != file.digest)
        .map(|(path, _)| path.as_str())
        .collect();
    // In Statuspage's form each document says when the page was made.
    let (twins, others): (Vec<&str>, Vec<&str>) = changed.iter().partition(|path| path.starts_with("api/v2/"));
    assert_eq!(others, ["api/v1/summary", "api/v1/summary.json", "index.html", "status.json"]);
    assert_eq!(twins.len(), 8);
    let files = texts(&after);
    assert!(files["index.html"].contains("data-generated=\"2026-01-02T12:01:00Z\""));
    assert!(files["index.html"].contains("If that is more than 5 minutes ago, this page does not tell the present."));
    assert!(files["sources/acme/index.html"].contains("this does not tell the present"));
    let beat: serde_json::Value = serde_json::from_str(&files["status.json"]).unwrap();
    let wanted = serde_json::json!({
        "generated_at": "2026-01-02T12:01:00Z", "old_after_seconds": 300,
        "state": "partial_outage", "text": "1 vendor has problems",
    });
    assert_eq!(beat, wanted);
}

#[test]
fn robots_stay_away_from_a_private_page() {
    let public = snapshot(3, "Errors");
    let mut private = Snapshot::clone(&public);
    Arc::make_mut(&mut private.page).private = true;
    assert_eq!(texts(&site(&public))["robots.txt"], "User-agent: *\nDisallow:\n");
    assert_eq!(texts(&site(&private))["robots.txt"], "User-agent: *\nDisallow: /\n");
}
