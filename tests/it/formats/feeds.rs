//! Feeds: cut, mutated, empty ones, and captured ones where they are at hand.

use std::fs;

use allclear::model::incident::Phase;
use allclear::model::level::State;
use proptest::prelude::*;
use serde_json::json;

use super::captured::captured;
use super::*;

fn fixture(path: &str) -> Vec<u8> {
    fs::read(fixtures().join("feed").join(path)).unwrap()
}

/// R3
#[test]
fn a_cut_feed_is_no_feed() {
    for file in ["good-atom/feed.atom", "bad-rss/feed.rss", "good-json/feed.json"] {
        let whole = fixture(file);
        assert!(parse("feed", &whole).is_ok(), "{file}: {:?}", parse("feed", &whole));
        let end = String::from_utf8(whole.clone()).unwrap().trim_end().len();
        for at in 0..end {
            assert!(parse("feed", &whole[..at]).is_err(), "{file} cut at {at}");
        }
    }
}

#[test]
fn a_feed_without_entries_says_nothing_unless_the_operator_says_so() {
    let empty = b"<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Acme</title></channel></rss>";
    assert!(parse("feed", empty).unwrap_err().to_string().contains("without any entry"));
    let healthy = adapter("feed", &json!({"empty": "operational"}));
    assert_eq!(healthy.parse(&[body("feed", empty.to_vec())], now()).unwrap().state(), Some(State::OPERATIONAL));
}

/// S9
#[test]
fn entities_are_not_declared_and_not_expanded() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a \"aaaa\">]><rss version=\"2.0\"><channel><title>&a;</title><item><title>x</title><guid>1</guid></item></channel></rss>";
    assert!(parse("feed", bomb.as_bytes()).unwrap_err().to_string().contains("entities"));
}

/// R19
#[test]
fn deep_feeds_are_refused() {
    let deep = format!("<rss version=\"2.0\">{}{}</rss>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(matches!(parse("feed", deep.as_bytes()), Err(ParseError::OverLimit { .. })));
}

#[test]
fn what_is_no_feed_is_named() {
    for (text, found) in [
        ("", "empty"),
        ("<!doctype html><title>Sign in</title>", "Sign in"),
        ("<html><body>rss</body></html>", "HTML"),
        ("{\"items\":[]}", "no JSON Feed"),
        ("<feeder></feeder>", "XML"),
        ("operational", "something else"),
    ] {
        let error = parse("feed", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(found), "{text}: {error}");
    }
}

#[test]
fn every_mistake_in_the_options_is_told_with_its_place() {
    let wrong = json!({"empty": "good", "open_for": "soon", "words": {"ok": "fine"}, "wrods": {}});
    let problems = (format("feed").compile)(&wrong).unwrap_err();
    let places: Vec<String> = problems.iter().map(|problem| problem.at.join(".")).collect();
    assert_eq!(places, ["empty", "open_for", "words.ok", "wrods"]);
    assert!((format("feed").compile)(&json!({"open_for": "7d", "words": {"hersteld": "resolved"}})).is_ok());
}

proptest! {
    #[test]
    fn damaged_feeds_never_panic(at in any::<prop::sample::Index>(), with in any::<u8>(), file in 0..3_usize) {
        let mut bytes = fixture(["good-atom/feed.atom", "bad-rss/feed.rss", "good-json/feed.json"][file]);
        let at = at.index(bytes.len());
        bytes[at] = with;
        let _ = parse("feed", &bytes);
    }
}

/// Every entry and every update of captured feeds is kept, and the newest label decides.
#[test]
fn captured_feeds_lose_nothing() {
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    for file in captured("feed-atom").unwrap_or_default().into_iter().chain(captured("feed-rss").unwrap_or_default()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&file).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert_eq!(formats::recognise(&[body(&name, bytes.clone())]).unwrap().name, "feed", "{name}");
        let seen = adapter("feed", &Options::Null)
            .parse(&[body(&name, bytes)], now)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let raw: Vec<&str> = text.split("<entry>").skip(1).chain(text.split("<item>").skip(1)).collect();
        assert_eq!(seen.incidents.len() + seen.maintenances.len(), raw.len(), "{name}: entries");
        let labels = text.matches("&lt;/small&gt;").count() + text.matches("</small>").count();
        let updates: usize = seen.incidents.iter().map(|incident| incident.updates.len()).sum::<usize>()
            + seen.maintenances.iter().map(|maintenance| maintenance.updates.len()).sum::<usize>();
        if labels > 0 {
            assert_eq!(updates, labels, "{name}: updates");
            let all =
                seen.incidents.iter().flat_map(|i| &i.updates).chain(seen.maintenances.iter().flat_map(|m| &m.updates));
            for update in all {
                assert!(update.at.is_some() && !update.body.is_empty(), "{name}: {update:?}");
            }
        }
        let windows = text.matches("THIS IS A SCHEDULED EVENT").count();
        let read = seen.maintenances.iter().filter(|m| m.starts_at.is_some() && m.ends_at.is_some()).count();
        assert_eq!(read, windows, "{name}: windows");
        let first = raw[0];
        let wanted = if name.contains("completed") {
            Some("completed")
        } else if first.contains("SCHEDULED EVENT") {
            Some("scheduled")
        } else if first.contains("In progress") {
            Some("in_progress")
        } else if name.contains("investigating") || name.contains("active-update") {
            Some("open")
        } else if name.contains("resolved") {
            Some("resolved")
        } else {
            None
        };
        let incident = seen.incidents.first().and_then(|i| i.phase);
        let maintenance = seen.maintenances.first().and_then(|m| m.phase);
        match wanted {
            Some("open") => assert!(incident.is_none_or(Phase::is_open), "{name}: {incident:?}"),
            Some("resolved") => assert_eq!(incident, Some(Phase::Resolved), "{name}"),
            Some(word) => assert_eq!(maintenance.map(Phase::as_str), Some(word), "{name}"),
            None => {}
        }
    }
}
