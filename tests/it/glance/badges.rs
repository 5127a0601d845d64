//! Badges as drawings: the five styles of every state, by their golden pictures.

use allclear::limits;
use allclear::model::level::State;
use allclear::render::Pages;
use allclear::render::badge::{Badge, Style};
use scraper::{Html, Selector};

fn badge(label: &str, message: &str, state: State) -> Badge {
    Badge { label: label.into(), message: message.into(), state }
}

fn drawn(badge: &Badge, style: Style) -> String {
    Pages::new().unwrap().badge(badge, style).unwrap()
}

#[test]
fn every_style_of_every_state() {
    for style in Style::ALL {
        for state in State::ALL {
            let word = state.label().to_lowercase();
            let svg = drawn(&badge("GitHub", &word, state), style);
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(format!("{}-{}", style.as_str(), state.as_str()), svg);
            });
        }
    }
}

fn shape(svg: &str) -> String {
    let (_, rest) = svg.split_once("scale(.75)").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split("</g>").next().unwrap().replace(|c: char| c == '#' || c.is_ascii_hexdigit(), "")
}

#[test]
fn states_differ_in_shape_word_and_colour() {
    for style in Style::ALL {
        let all = State::ALL.map(|state| {
            let one = badge("x", &state.label().to_lowercase(), state);
            let svg = drawn(&one, style);
            assert!(svg.contains(one.colour()), "{svg}");
            (shape(&svg), one.colour(), one.message)
        });
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                assert!(one.0 != other.0 && one.1 != other.1 && one.2 != other.2, "{one:?} {other:?}");
            }
        }
    }
}

/// Relative luminance, as WCAG has it.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[test]
fn white_letters_can_be_read_on_every_colour_and_unknown_is_grey() {
    for state in State::ALL {
        let colour = badge("", "x", state).colour();
        assert!(1.05 / (luminance(colour) + 0.05) >= 4.5, "{state}: {colour}");
    }
    let unknown = badge("", "x", State::Unknown).colour();
    let parts: Vec<u8> = [1, 3, 5].map(|at| u8::from_str_radix(&unknown[at..at + 2], 16).unwrap()).into();
    assert!(parts.iter().max().unwrap() - parts.iter().min().unwrap() < 24, "{unknown} is no grey");
}

#[test]
fn a_badge_says_in_words_what_it_shows() {
    let svg = drawn(&badge("GitHub", "partial outage", State::PARTIAL_OUTAGE), Style::Flat);
    assert!(
        svg.contains("<title>GitHub: partial outage</title>") && svg.contains("aria-label=\"GitHub: partial outage\"")
    );
    let alone = drawn(&badge("", "unknown", State::Unknown), Style::Flat);
    assert!(alone.contains("<title>unknown</title>") && !alone.contains("<text x=\"6\""), "{alone}");
}

#[test]
fn words_from_outside_are_words_and_long_ones_are_cut() {
    for hostile in
        ["</text><script>alert(1)</script>", "\"/><image href=\"//x\"/>", "&lt;b&gt; ' {{ 7*7 }}", "a\u{1}\u{fffe}b"]
    {
        for style in Style::ALL {
            let svg = drawn(&badge(hostile, hostile, State::OPERATIONAL), style);
            let document = Html::parse_fragment(&svg);
            let count = |what: &str| document.select(&Selector::parse(what).unwrap()).count();
            assert_eq!((count("script"), count("image"), count("text")), (0, 0, 2), "{svg}");
            assert!(svg.chars().all(|c| c == '\n' || !c.is_control()), "{svg:?}");
        }
    }
    let long = "W".repeat(10_000);
    let svg = drawn(&badge(&long, "x", State::OPERATIONAL), Style::Flat);
    let kept = "W".repeat(limits::BADGE_TEXT - 1);
    assert!(svg.contains(&format!(">{kept}…</text>")));
}

fn width(svg: &str) -> f64 {
    svg.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

#[test]
fn a_badge_is_as_wide_as_its_words() {
    let of = |label: &str| width(&drawn(&badge(label, "x", State::OPERATIONAL), Style::Flat));
    assert!(of("iiii") < of("nnnn") && of("nnnn") < of("WWWW"));
    assert!(of("東京") - of("") > 2.0 * 11.0, "signs of East Asia are as wide as high");
    assert!(of("e\u{301}") - of("e") < 0.2, "a mark stands over its letter");
    assert!(of("Привет") > of("Ппп"));
}
