//! Pictures for link previews.

use std::time::Instant;

use allclear::model::level::State;
use allclear::render::Pages;
use allclear::render::picture::{Card, HEIGHT, WIDTH, png};

use crate::http::world::noon;

pub fn card(sentence: &str, state: State) -> Card {
    Card {
        title: "Acme status".into(),
        state,
        word: state.label().into(),
        sentence: sentence.into(),
        detail: "38 of 38 checked in the last 2 minutes".into(),
        at: noon(),
    }
}

/// The size that a PNG says it has.
pub fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(&png[12..16], b"IHDR");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn a_picture_of_every_state_is_as_large_as_previews_want_it() {
    let pages = Pages::new().unwrap();
    for state in State::ALL {
        let svg = pages.card(&card("2 vendors have problems", state)).unwrap();
        let began = Instant::now();
        let bytes = png(&svg).unwrap();
        println!("{state}: {} bytes in {:?}", bytes.len(), began.elapsed());
        assert_eq!(size(&bytes), (WIDTH, HEIGHT));
        assert!(bytes.len() < 200_000, "{} bytes", bytes.len());
        if let Ok(folder) = std::env::var("ALLCLEAR_PICTURES") {
            std::fs::write(format!("{folder}/{state}.png"), &bytes).unwrap();
        }
    }
}

#[test]
fn a_picture_says_state_sentence_and_time() {
    let pages = Pages::new().unwrap();
    let long = "Elevated error rates for API requests from Frankfurt and Dublin while we move traffic away from a data \
                centre that lost its cooling, and some more words that nobody reads";
    for (name, sentence, state) in [
        ("calm", "All clear", State::OPERATIONAL),
        ("trouble", "2 vendors have problems, 1 unknown", State::MAJOR_OUTAGE),
        ("long", long, State::PARTIAL_OUTAGE),
    ] {
        let svg = pages.card(&card(sentence, state)).unwrap();
        assert!(svg.contains("as of 2 Jan 2026, 12:00 UTC") && svg.contains(state.label()), "{svg}");
        if let Ok(folder) = std::env::var("ALLCLEAR_PICTURES") {
            std::fs::write(format!("{folder}/{name}.png"), png(&svg).unwrap()).unwrap();
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("picture-{name}"), svg);
        });
    }
}
