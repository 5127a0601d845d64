//! Words of others on every chat: no mention, no masked link, no formatting of theirs works, by the grammar of the
//! platform. What a reader sees stays what was written.

use allclear::channels::{Markup, bare};
use allclear::model::news::{Happening, News};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};
use scraper::{Html, Selector};
use serde_json::Value;

use super::world::{MARKUPS, WAYS, body, single, trouble};

const GAP: char = '\u{200b}';

/// What somebody might try.
const HOSTILE: [&str; 12] = [
    "@everyone @here @all @channel look",
    "<!here> <!channel> <!subteam^S1> <@U012AB3CD> <#C024BE7LR> <users/all>",
    "<@123456789> <@&987> <#555> </nuke:1> <t:0:R> <:x:1>",
    "[GitHub](https://evil.example/login) and ![x](https://evil.example/x.png)",
    "<https://evil.example|github.com> <evil.example|github.com> <https://evil.example>",
    "# Heading\n> quote\n- list\n1. one\n```\ncode\n```\n-# small\n===",
    "*bold* _italic_ ~strike~ `code` **bold** __under__ ~~strike~~ ||spoiler||",
    "</b><a href=\"https://evil.example\">github.com</a><script>alert(1)</script><tg-spoiler>x</tg-spoiler>",
    "&lt;!here&gt; &#64;all <at>everyone</at> {{DATE(2026-01-01T00:00:00Z, SHORT)}} {{7*7}}",
    "\\*a\\* \\[b\\](c) \\@all ~town-square #general @room https://evil.example/@all_b_*c*",
    "[a][b]\n\n[b]: https://evil.example \"x\"",
    "| a | b |\n|---|---|\n| @all | <!here> |\n    indented code",
];

fn hostile(text: &str) -> News {
    let line = text.replace('\n', " ");
    News {
        title: line.clone(),
        source_name: line.clone(),
        text: Some(text.to_owned()),
        components: vec![line.clone()],
        services: vec![(allclear::model::id::ServiceId::new("s"), line)],
        url: Some("https://status.github.example/@x/a_b_c".into()),
        ..trouble(1, "GitHub")
    }
}

/// Every text in a body.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(entries) => entries.values().for_each(|entry| texts(entry, found)),
        _ => {}
    }
}

/// Where links may lead: to us, and to the vendor's page that is seen whole.
fn is_ours(url: &str) -> bool {
    url == "https://status.acme.example/incidents/github.k3lw9x" || url == "https://status.github.example/%40x/a_b_c"
}

fn no_mention(text: &str, way: &str) {
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if c == '@' && letters.peek().is_some_and(|next| next.is_alphanumeric()) {
            panic!("{way}: a mention works in {text:?}");
        }
    }
}

fn dead_in_slack(text: &str) {
    for (at, _) in text.match_indices('<') {
        let inside = &text[at + 1..at + text[at..].find('>').expect("ours are closed")];
        let (url, words) = inside.split_once('|').unwrap_or((inside, "Open the status page"));
        assert!(is_ours(url) && words == "Open the status page", "{inside} works in {text}");
    }
    for line in text.lines() {
        assert!(!line.starts_with("&gt;"), "a quote: {line}");
        let ours = line.starts_with('*') && line.ends_with('*') && !line[1..line.len() - 1].contains('*');
        let inside = if ours { &line[1..line.len() - 1] } else { line };
        let letters: Vec<char> = inside.chars().collect();
        for (at, c) in letters.iter().enumerate().filter(|(_, c)| ['*', '~', '`', '_'].contains(c)) {
            let beside = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphanumeric());
            let within = beside(at.checked_sub(1)) && beside(at.checked_add(1)) && *c != '`';
            let in_address = inside.contains("https://") && *c == '_';
            assert!(within || in_address, "{c} may format {line:?}");
        }
    }
}

fn dead_in_markdown(text: &str) {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::Paragraph | Tag::Strong) | Event::End(_) | Event::Text(_) => {}
            Event::SoftBreak | Event::HardBreak => {}
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                assert!(matches!(link_type, LinkType::Autolink | LinkType::Inline) && is_ours(&dest_url), "{dest_url}");
            }
            other => panic!("{other:?} works in {text}"),
        }
    }
}

fn dead_in_discord(text: &str) {
    dead_in_markdown(text);
    for opening in ["<@", "<#", "<:", "<a:", "<t:", "</"] {
        for (at, _) in text.match_indices(opening) {
            assert!(text[..at].ends_with('\\'), "{opening} works in {text}");
        }
    }
    let spoiler = text.replace("\\|", "");
    assert!(!spoiler.contains('|'), "a spoiler in {text}");
    assert!(!text.lines().any(|line| line.starts_with("-#")), "small print in {text}");
}

fn dead_in_mattermost(text: &str) {
    dead_in_markdown(text);
    assert!(!text.replace(&format!("~{GAP}"), "").contains('~'), "a channel in {text}");
    assert!(!text.replace(&format!("#{GAP}"), "").contains('#'), "a tag in {text}");
}

fn dead_in_rocket_chat(text: &str) {
    let without_ours = text.replace("[Open the status page](", "");
    assert!(!without_ours.contains("]("), "a masked link in {text}");
    assert!(without_ours.split('<').skip(1).all(|rest| rest.starts_with(' ')), "a link in {text}");
    assert!(!text.contains("||") && !text.contains("```"), "a block in {text}");
    for (at, _) in text.match_indices('#') {
        assert!(text[at + 1..].starts_with(GAP), "a channel in {text}");
    }
    for line in text.lines() {
        let inside = line.trim_start_matches(|c: char| !c.is_ascii()).trim_start();
        let ours = inside.strip_prefix('*').and_then(|inside| inside.strip_suffix('*')).unwrap_or(inside);
        let words = ours.split_whitespace().filter(|word| !word.starts_with("https://"));
        let ours = words.collect::<Vec<_>>().join(" ");
        for mark in ['*', '~', '`', '_'] {
            assert!(!ours.contains(mark), "{mark} may format {line:?}");
        }
        assert!(!['>', '#', '-'].iter().any(|block| line.starts_with(*block)), "a block: {line}");
    }
}

fn dead_in_html(text: &str) {
    let parsed = Html::parse_fragment(text);
    assert!(parsed.errors.is_empty(), "{:?} in {text}", parsed.errors);
    for element in parsed.select(&Selector::parse("*").unwrap()) {
        match element.value().name() {
            "html" | "b" | "br" => assert_eq!(element.value().attrs().count(), 0),
            "a" => assert!(is_ours(element.value().attr("href").unwrap()), "{text}"),
            other => panic!("<{other}> works in {text}"),
        }
    }
}

fn dead(way: &str, body: &Value) {
    let mut all = Vec::new();
    texts(body, &mut all);
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    for text in all.iter().filter(|text| !is_ours(text)) {
        let unseen =
            way == "google-chat" || way == "teams" || (way.starts_with("slack") && *text == at("/blocks/0/text/text"));
        if !unseen {
            no_mention(text, way);
        }
    }
    match way {
        "slack-webhook" | "slack-bot" => {
            dead_in_slack(&at("/text"));
            for block in body["blocks"].as_array().unwrap() {
                assert!(block["text"]["type"] != "mrkdwn" || block["text"]["verbatim"] == true);
            }
            dead_in_slack(&at("/blocks/1/text/text"));
            dead_in_slack(&at("/blocks/2/elements/0/text"));
        }
        "teams" => {
            let text = body.to_string();
            assert!(!text.contains("\"TextBlock\"") && !text.contains("{{DATE") && !text.contains("\"entities\""));
        }
        "discord" => {
            assert_eq!(body["allowed_mentions"]["parse"], Value::Array(vec![]));
            dead_in_discord(&at("/embeds/0/title"));
            dead_in_discord(&at("/embeds/0/description"));
        }
        "google-chat" => {
            assert!(body.get("text").is_none());
            assert!(!at("/fallbackText").contains('<') && !at("/cardsV2/0/card/header/title").contains('<'));
            dead_in_html(&at("/cardsV2/0/card/sections/0/widgets/0/textParagraph/text"));
        }
        "mattermost-webhook" => {
            dead_in_mattermost(&at("/attachments/0/text"));
            dead_in_mattermost(&at("/attachments/0/fallback"));
        }
        "mattermost-bot" => dead_in_mattermost(&at("/props/attachments/0/text")),
        "rocketchat" => {
            dead_in_rocket_chat(&at("/text"));
            dead_in_rocket_chat(&at("/attachments/0/text"));
        }
        "matrix" => {
            assert_eq!(body["m.mentions"], serde_json::json!({}));
            dead_in_html(&at("/formatted_body"));
        }
        "telegram" => dead_in_html(&at("/text")),
        other => panic!("{other} has no grammar"),
    }
}

#[test]
fn nobodys_words_call_anybody_or_hide_a_link_on_any_chat() {
    for (way, ..) in WAYS {
        for text in HOSTILE {
            for call in single(hostile(text), Happening::Opened, false).sent(way) {
                dead(way, &body(&call));
            }
        }
    }
}

#[test]
fn a_living_mention_and_a_living_link_would_be_found() {
    for (what, check) in [
        ("<!here>", dead_in_slack as fn(&str)),
        ("say *bold*", dead_in_slack),
        ("[a](https://evil.example)", dead_in_markdown),
        ("# a", dead_in_markdown),
        ("<@1>", dead_in_discord),
        ("||a||", dead_in_discord),
        ("~town-square", dead_in_mattermost),
        ("[a](b)", dead_in_rocket_chat),
        ("<b.example|a>", dead_in_rocket_chat),
        ("<a href='https://evil.example'>a</a>", dead_in_html),
        ("<script>", dead_in_html),
    ] {
        assert!(std::panic::catch_unwind(|| check(what)).is_err(), "{what}");
    }
    assert!(std::panic::catch_unwind(|| no_mention("@all", "here")).is_err());
}

#[test]
fn what_a_reader_sees_is_what_was_written() {
    let seen = |markup: Markup, safe: &str| {
        let plain = match markup {
            Markup::Html | Markup::ChatHtml | Markup::Slack => bare(safe),
            Markup::Discord | Markup::Mattermost => {
                let mut plain = String::new();
                let mut letters = safe.chars();
                while let Some(c) = letters.next() {
                    plain.push(if c == '\\' { letters.next().unwrap_or(c) } else { c });
                }
                plain
            }
            _ => safe.to_owned(),
        };
        let looks = plain.replace(GAP, "").replace('\u{2217}', "*").replace('\u{2cd}', "_");
        looks.replace('\u{223c}', "~").replace('\u{2cb}', "`").replace("< ", "<")
    };
    for markup in MARKUPS {
        for text in HOSTILE {
            assert_eq!(seen(markup, &markup.neutralise(text)), text, "{markup:?}");
        }
        let calm = "Latency is up by 40 % in eu-west-1 (snake_case_name, 2026-11-26 14:05) – we’re on it.";
        if !matches!(markup, Markup::Discord | Markup::Mattermost | Markup::RocketChat) {
            assert_eq!(markup.neutralise(calm), calm, "{markup:?}");
        }
    }
}

#[test]
fn an_address_of_others_is_seen_whole_or_not_at_all() {
    for markup in MARKUPS {
        for not_an_address in ["javascript:alert(1)", "", "status.example", "data:text/html,x", "https://"] {
            assert_eq!(markup.address(not_an_address), "", "{markup:?} {not_an_address}");
        }
        let long = format!("https://a.example/{}", "x".repeat(2_000));
        assert_eq!(markup.address(&long), "", "{markup:?}");
        for tricky in [
            "https://github.com@evil.example/",
            "https://evil.example/|github.com>",
            "https://evil.example/)*_[x](y)",
            "https://evil.example/\"><script>",
        ] {
            let shown = markup.address(tricky);
            assert!(shown.contains("https://evil.example/"), "{markup:?} {shown}");
            assert!(!shown.contains('|') && !shown.contains('@') && !shown.contains("script>"), "{markup:?} {shown}");
        }
    }
}
