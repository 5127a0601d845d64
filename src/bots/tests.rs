//! What is typed, and what is shown.

use std::time::Duration;

use super::*;

#[test]
fn what_is_typed_is_understood() {
    let open = |title: &str, services: &[&str], impact| Request::Open {
        title: title.into(),
        services: services.iter().map(|id| (*id).to_owned()).collect(),
        impact,
    };
    let rows = [
        ("", Request::Help),
        ("/start", Request::Help),
        (" STATUS ", Request::Status),
        ("/status@AllclearBot", Request::Status),
        ("incidents", Request::Incidents),
        ("incident open Checkout is slow", open("Checkout is slow", &[], None)),
        (
            "incident open service=checkout,search Slow  again impact=critical",
            open("Slow again", &["checkout", "search"], Some(Impact::Critical)),
        ),
        ("/incident open a=b", open("a=b", &[], None)),
        ("incident update i1 it is  the disk", Request::Update { id: "i1".into(), words: "it is  the disk".into() }),
        ("incident resolve `i1`", Request::Resolve { id: "i1".into(), words: String::new() }),
        ("incident resolve i1 all well", Request::Resolve { id: "i1".into(), words: "all well".into() }),
        ("ack github.x1", Request::Acknowledge { id: "github.x1".into() }),
        ("mute i1 2h", Request::Mute { id: "i1".into(), how_long: Some(Duration::from_secs(7200)) }),
        ("mute i1 for 90m", Request::Mute { id: "i1".into(), how_long: Some(Duration::from_secs(5400)) }),
        ("mute i1 until change", Request::Mute { id: "i1".into(), how_long: None }),
    ];
    for (typed, request) in rows {
        assert_eq!(parse(typed), Ok(request), "{typed}");
    }
}

#[test]
fn what_is_not_understood_is_answered_with_what_would_be() {
    for (typed, says) in [
        ("statsu", "help"),
        ("incident", "open"),
        ("incident close i1", "resolve"),
        ("incident open", "TITLE"),
        ("incident open service=checkout", "TITLE"),
        ("incident open x impact=huge", "critical"),
        ("incident open x impact=maintenance", "critical"),
        ("incident update i1", "WORDS"),
        ("incident update", "incidents"),
        ("ack", "incidents"),
        ("mute i1", "how long"),
        ("mute i1 0s", "how long"),
        ("mute i1 -2h", "how long"),
        ("mute i1 31d", "how long"),
        ("mute i1 9999999999999999999h", "how long"),
    ] {
        let problem = parse(typed).unwrap_err();
        assert!(problem.contains(says), "{typed}: {problem}");
    }
    let long = parse(&"x`".repeat(10_000)).unwrap_err();
    assert!(long.len() < 100, "{long}");
}

/// S7
#[test]
fn s7_nobody_is_called_and_nothing_becomes_a_link() {
    for hostile in [
        "<!channel> <!here> <!everyone>",
        "<@U012AB3CD>",
        "<https://evil.example|https://good.example>",
        "<!subteam^S01|ops>",
        "a & b < c > d &lt;!channel&gt;",
    ] {
        let shown = slack(hostile);
        assert!(!shown.contains('<') && !shown.contains('>'), "{shown}");
        assert_eq!(from_slack(&shown), hostile, "it reads as it was");
    }
    for (hostile, shown) in [
        ("@everybody look", "@\u{200b}everybody look"),
        ("mail@example.com", "mail@\u{200b}example.com"),
        ("/ban bob (/ban bob)", "/\u{200b}ban bob (/\u{200b}ban bob)"),
        ("#tag $CASH", "#\u{200b}tag $\u{200b}CASH"),
        ("https://status.example/a/b", "https://status.example/a/b"),
        ("<b>bold</b> *bold* [x](y)", "<b>bold</b> *bold* [x](y)"),
    ] {
        assert_eq!(telegram(hostile), shown);
    }
    for show in [slack as fn(&str) -> String, telegram] {
        let cut = show(&"ü".repeat(10_000));
        assert!(cut.chars().count() == crate::limits::BOT_ANSWER && cut.ends_with('…'));
    }
}
