//! Scraped pages: cut and damaged ones, and captured ones where they are at hand.

use std::fs;

use allclear::model::level::State;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::captured::captured;
use super::*;

fn case(name: &str) -> (Box<dyn Adapter>, Vec<u8>) {
    let folder = fixtures().join("html").join(name);
    let case: Value = serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
    (adapter("html", &case["options"]), fs::read(folder.join("page.html")).unwrap())
}

fn read(adapter: &dyn Adapter, bytes: &[u8]) -> Result<Observation, ParseError> {
    adapter.parse(&[body("page", bytes.to_vec())], now())
}

/// R3
#[test]
fn a_page_cut_anywhere_is_the_whole_page_or_none() {
    for name in ["good-table", "bad-icons", "maintenance-cards"] {
        let (adapter, page) = case(name);
        let whole = read(&*adapter, &page).unwrap();
        for at in 0..page.len() {
            if let Ok(seen) = read(&*adapter, &page[..at]) {
                assert_eq!(seen, whole, "{name} cut at {at}");
            }
        }
    }
}

/// Selectors for the pages of the one vendor whose own HTML is captured.
fn statuspage_html() -> Value {
    json!({
        "component": ".component-inner-container:not(.is-group)",
        "name": ".name",
        "state": "@data-component-status",
        "states": {"operational": "operational", "under_maintenance": "under_maintenance",
            "degraded_performance": "degraded_performance", "partial_outage": "partial_outage",
            "major_outage": "major_outage"},
    })
}

#[test]
fn captured_pages_are_read_whole_and_their_halves_are_refused() {
    let adapter = adapter("html", &statuspage_html());
    let mut pages = 0;
    for file in captured("html").unwrap_or_default() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let seen = match read(&*adapter, &bytes) {
            Ok(seen) => seen,
            Err(error @ (ParseError::NothingFound { .. } | ParseError::Broken { .. })) => {
                eprintln!("{name}: {error}");
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        pages += 1;
        let stated = text.matches("data-component-status=\"").count();
        eprintln!("{name}: {} of {stated}, {:?}", seen.components.len(), seen.state());
        let is_merged = seen.warnings.iter().any(|warning| warning.contains("had the name of another"));
        assert!(seen.components.len() == stated || is_merged, "{name}: {:?}", seen.warnings);
        let worst_words = ["major_outage", "partial_outage", "degraded_performance"];
        for word in worst_words {
            let in_text = text.contains(&format!("data-component-status=\"{word}\""));
            let in_rows = seen.components.iter().any(|component| component.state.as_str() == word);
            assert!(!in_text || in_rows || seen.state() != Some(State::OPERATIONAL), "{name}: {word} is lost");
        }
        for part in 1..8 {
            let half = &bytes[..bytes.len() * part / 8];
            assert!(read(&*adapter, half).is_err(), "{name}: {part} eighths of it are read");
        }
    }
    eprintln!("{pages} captured pages read");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn damage_anywhere_is_no_panic(
        at in any::<prop::sample::Index>(),
        length in 0_usize..200,
        with in "[<>/a-z'\"= -]{0,40}",
    ) {
        for name in ["good-table", "bad-icons", "maintenance-cards"] {
            let (adapter, mut page) = case(name);
            let at = at.index(page.len());
            page.splice(at..(at + length).min(page.len()), with.bytes());
            let _ = read(&*adapter, &page);
        }
    }
}
