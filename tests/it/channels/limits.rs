//! No text is too long for a channel, whatever a vendor writes.

use allclear::channels::{Markup, cut};
use allclear::model::news::Happening;
use allclear::model::news::News;
use proptest::prelude::*;
use scraper::Html;

use super::shapes;
use super::world::{MARKUPS, WAYS, single, trouble};

/// Text with much in it that means something somewhere.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z ]{0,12}",
        2 => r#"[*_~`<>&|\[\]()@#\\!{}"'.$+=-]{1,6}"#,
        1 => "\\PC{0,8}",
        1 => Just("\n".to_owned()),
        1 => Just("https://evil.example/a_b?c=d&e=f".to_owned()),
        1 => Just("🎉".to_owned()),
    ];
    (proptest::collection::vec(piece, 0..60), 1usize..40).prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

fn line() -> impl Strategy<Value = String> {
    words().prop_map(|text| text.replace('\n', " ").chars().take(300).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_vendors_words_are_too_long_for_any_chat(title in line(), name in line(), text in words(), part in line()) {
        let news = News {
            title,
            source_name: name,
            text: Some(text),
            components: vec![part.clone(), part],
            ..trouble(1, "GitHub")
        };
        for (way, ..) in WAYS {
            for before in [false, true] {
                for call in single(news.clone(), Happening::Resolved, before).sent(way) {
                    shapes::check(way, &call);
                }
            }
        }
    }

    #[test]
    fn what_is_cut_is_never_longer_and_never_torn(text in words(), longest in 0usize..400) {
        for markup in MARKUPS {
            let safe = format!("{}\n{}", markup.strong(&text), markup.neutralise(&text));
            let short = markup.cut(&safe, longest);
            prop_assert!(short.chars().count() <= longest.max(1), "{markup:?}: {short}");
            if safe.chars().count() <= longest {
                prop_assert_eq!(&short, &safe);
            }
            if matches!(markup, Markup::Html | Markup::ChatHtml) {
                let open = short.matches("<b>").count();
                prop_assert_eq!(open, short.matches("</b>").count());
                prop_assert!(Html::parse_fragment(&short).errors.is_empty(), "{}", short);
            }
            if matches!(markup, Markup::Discord | Markup::Mattermost) {
                let kept = short.trim_end_matches('…');
                let escapes = kept.len() - kept.trim_end_matches('\\').len();
                prop_assert_eq!(escapes % 2, 0, "half an escape is left: {}", short);
            }
        }
        prop_assert!(cut(&text, longest).chars().count() <= longest);
    }
}
