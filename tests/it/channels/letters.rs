//! Messages in words: what a tired person reads, and what an operator's template can and cannot do.

use allclear::channels::Markup;
use allclear::limits;
use allclear::model::id::{ServiceId, SourceId};
use allclear::model::ledger::{Item, Letter, Style};
use allclear::model::level::State;
use allclear::model::news::{Happening, News, NewsKind, Thread};
use allclear::render::letter::{LetterView, Letters, Occasion};

use super::world::{MARKUPS, at, cases, item, page, planned, single, trouble};

fn letters(markup: Markup) -> Letters {
    Letters::new(None, None, markup).unwrap()
}

fn own(title: &str, text: &str, markup: Markup) -> Result<Letters, String> {
    Letters::new(Some(title), Some(text), markup)
}

#[test]
fn every_sort_of_message_reads_well_in_plain_words() {
    let letters = letters(Markup::Plain);
    let mut all = String::new();
    for (name, case) in cases() {
        let view = case.view();
        let (title, text) = (letters.title(&view).unwrap(), letters.text(&view, 4_000).unwrap());
        all.push_str(&format!("# {name}\n{title}\n---\n{text}\n\n"));
    }
    insta::assert_snapshot!("plain", all);
}

#[test]
fn a_title_says_which_vendor_what_and_how_bad() {
    let letters = letters(Markup::Plain);
    let github = || trouble(1, "GitHub");
    let begun = || News { seq: 9, at: at("2026-11-26T13:05:00Z"), ..github() };
    let later = |news: News| News { at: at("2026-11-26T13:52:00Z"), ..news };
    let source = |kind, thread| News { kind, thread, title: "GitHub".into(), ..github() };
    let id = || SourceId::new("github");
    let local = News {
        thread: Thread::Service(ServiceId::new("shop")),
        title: "Shop".into(),
        source: None,
        source_name: "Acme Status".into(),
        ..github()
    };
    let here = News {
        thread: Thread::Here("channel".into()),
        title: "Messages to Ops chat do not arrive".into(),
        ..local.clone()
    };
    let overnight = News { ends_at: Some(at("2026-11-27T01:30:00Z")), ..planned(1) };
    let next_week =
        News { starts_at: Some(at("2026-12-03T21:00:00Z")), ends_at: Some(at("2026-12-03T22:00:00Z")), ..planned(1) };
    for (news, happening, wanted) in [
        (github(), Happening::Opened, "GitHub: Partial outage — Errors in Actions"),
        (
            News { state: State::MAJOR_OUTAGE, ..github() },
            Happening::Worsened,
            "GitHub: worse, now major outage — Errors in Actions",
        ),
        (
            News { state: State::DEGRADED_PERFORMANCE, ..github() },
            Happening::Improved,
            "GitHub: better, now degraded performance — Errors in Actions",
        ),
        (News { state: State::Unknown, ..github() }, Happening::Opened, "GitHub: New problem — Errors in Actions"),
        (github(), Happening::Updated, "Update: GitHub — Errors in Actions"),
        (later(github()), Happening::Resolved, "Resolved: GitHub — Errors in Actions (47 min)"),
        (later(github()), Happening::Reminder, "GitHub: still partial outage — Errors in Actions (47 min)"),
        (source(NewsKind::Trouble, Thread::Source(id())), Happening::Opened, "GitHub: Partial outage"),
        (
            source(NewsKind::Unreadable, Thread::Reading(id())),
            Happening::Unreadable,
            "GitHub: status unknown, its page cannot be read",
        ),
        (source(NewsKind::Readable, Thread::Reading(id())), Happening::Readable, "GitHub: its page can be read again"),
        (local, Happening::Opened, "Acme Status: Partial outage — Shop"),
        (here.clone(), Happening::Opened, "Acme Status: Messages to Ops chat do not arrive"),
        (here, Happening::Resolved, "Over: Messages to Ops chat do not arrive"),
        (planned(1), Happening::Soon, "Maintenance soon: Acme — Database upgrade, today 22:00–23:00 CET"),
        (planned(1), Happening::Started, "Maintenance started: Acme — Database upgrade, until 23:00 CET"),
        (
            overnight,
            Happening::Announced,
            "Maintenance announced: Acme — Database upgrade, today 22:00 – tomorrow 02:30 CET",
        ),
        (next_week, Happening::Moved, "Maintenance moved: Acme — Database upgrade, Thu 3 Dec, 22:00–23:00 CET"),
        (planned(1), Happening::Ended, "Maintenance ended: Acme — Database upgrade"),
    ] {
        let mut case = single(news, happening, false);
        case.news.push(begun());
        assert_eq!(letters.title(&case.view()).unwrap(), wanted, "{happening:?}");
    }
}

#[test]
fn several_things_are_counted_and_named() {
    let letters = letters(Markup::Plain);
    let vendor = |seq, name: &str| trouble(seq, name);
    let told = |told: &[(News, Happening)], style| {
        let letter = Letter { style, items: told.iter().map(|(news, happening)| item(news, *happening)).collect() };
        let news: Vec<News> = told.iter().map(|(news, _)| news.clone()).collect();
        let page = page();
        let made_at = at("2026-11-26T13:52:30Z");
        let view = LetterView::of(&letter, &news, Occasion { page: &page, made_at, confirm: None, unsubscribe: None });
        letters.title(&view).unwrap()
    };
    let (aws, okta) = (vendor(1, "AWS"), vendor(2, "Okta"));
    let old = News { at: at("2026-11-25T09:00:00Z"), ..vendor(3, "Zoom") };
    use Happening::{Announced, Opened, Resolved};
    for (things, style, wanted) in [
        (vec![(aws.clone(), Opened), (okta.clone(), Opened)], Style::Several, "2 vendors have problems: AWS, Okta"),
        (vec![(aws.clone(), Resolved), (okta.clone(), Resolved)], Style::Several, "2 problems are over: AWS, Okta"),
        (
            vec![(aws.clone(), Opened), (okta.clone(), Resolved), (planned(5), Announced)],
            Style::Several,
            "2 problems, 1 still going on, 1 maintenance: AWS, Okta, Acme",
        ),
        (
            vec![(aws.clone(), Opened), (okta, Resolved), (old, Resolved)],
            Style::Digest,
            "Since yesterday: 3 problems, 1 still going on",
        ),
        (vec![(aws, Resolved)], Style::Digest, "Today: 1 problem, all over"),
        (vec![], Style::Digest, "Nothing new"),
    ] {
        assert_eq!(told(&things, style), wanted);
    }
}

#[test]
fn fifty_vendors_are_all_named_however_little_room_there_is() {
    let news: Vec<News> = (0..50).map(|number| trouble(number, &format!("Vendor-{number:02}"))).collect();
    let items: Vec<Item> = news.iter().map(|news| item(news, Happening::Opened)).collect();
    let letter = Letter { style: Style::Several, items };
    let page = page();
    let occasion = Occasion { page: &page, made_at: at("2026-11-26T13:52:30Z"), confirm: None, unsubscribe: None };
    let view = LetterView::of(&letter, &news, occasion);
    for markup in MARKUPS {
        for longest in [1_500, 2_400, 4_096, 20_000] {
            let text = letters(markup).text(&view, longest).unwrap();
            assert!(text.chars().count() <= longest, "{markup:?}");
            for number in 0..50 {
                assert!(text.contains(&format!("Vendor-{number:02}")), "{markup:?} in {longest}: {text}");
            }
        }
    }
}

#[test]
fn words_from_outside_are_never_a_template() {
    for words in ["{{7*7}}", "{% for i in range(9) %}x{% endfor %}", "{{ page.title }}", "{# a #}", "${7*7} #{7*7}"] {
        let news =
            News { title: words.into(), source_name: words.into(), text: Some(words.into()), ..trouble(1, "GitHub") };
        let view = single(news, Happening::Opened, false).view();
        for markup in [Markup::Plain, Markup::Html, Markup::AdaptiveCard] {
            let usual = letters(markup);
            assert!(usual.title(&view).unwrap().contains(words), "{words}");
            assert!(usual.text(&view, 4_000).unwrap().contains(words), "{words}");
            let own = own("{{ headline }}", "{% for it in items %}{{ it.text }}{% endfor %}", markup).unwrap();
            assert!(own.title(&view).unwrap().contains(words), "{words}");
            assert_eq!(own.text(&view, 4_000).unwrap(), words);
        }
    }
}

#[test]
fn no_template_of_an_operator_lets_others_words_through_unescaped() {
    let hostile = "<!here> <b>x</b>";
    let view = single(News { text: Some(hostile.into()), ..trouble(1, "GitHub") }, Happening::Opened, false).view();
    for template in [
        "{% for it in items %}{{ it.text }}{% endfor %}",
        "{% for it in items %}{{ it.text|upper }}{{ it.text|trim }}{{ [it.text]|join('') }}{% endfor %}",
        "{% for it in items %}{% set x %}{{ it.text }}{% endset %}{{ x }}{{ x|lower }}{% endfor %}",
        "{% for it in items %}{{ it.text|strong ~ it.text }}{% endfor %}",
        "{% for it in items %}{% autoescape false %}{{ it.text }}{% endautoescape %}{% endfor %}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{% for it in items %}{{ m(it.text) }}{% endfor %}",
        "{{ items }}",
    ] {
        let letters = own("t", template, Markup::Slack).unwrap();
        let text = letters.text(&view, 100_000).unwrap();
        assert!(!text.contains('<') && text.to_lowercase().contains("here"), "{template}: {text}");
    }
    for filter in ["safe", "escape", "e", "tojson", "replace('a', 'b')"] {
        let error = own("t", &format!("a\n{{{{ headline|{filter} }}}}"), Markup::Slack).unwrap_err();
        assert!(error.starts_with("text, line 2: "), "{filter}: {error}");
    }
    // What the operator writes passes as it is.
    let own = own("t", "<!here> *{{ style }}*", Markup::Slack).unwrap();
    assert_eq!(own.text(&view, 100).unwrap(), "<!here> *single*");
}

#[test]
fn a_template_that_does_too_much_ends_with_an_error() {
    let deep = format!("{}x{}", "{% for a in 'abcdefghij' %}".repeat(7), "{% endfor %}".repeat(7));
    let endless = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}";
    let huge = "{% for a in 'abcdefghij' %}{% for b in 'abcdefghij' %}".to_owned()
        + &"x".repeat(1_000)
        + "{% endfor %}{% endfor %}";
    let doubling = "{% set x = 'xxxxxxxxxxxxxxxx' %}".to_owned() + &"{% set x = x ~ x %}".repeat(60);
    for (template, words) in [
        (deep.as_str(), "takes too long"),
        (endless, "line 1"),
        (huge.as_str(), "more than 64 KiB"),
        (doubling.as_str(), "takes too long"),
        ("{{ 'a' * 100000000 }}", "takes too long"),
    ] {
        let error = own("t", template, Markup::Plain).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
    assert!(own("t", &"x".repeat(limits::TEMPLATE + 1), Markup::Plain).unwrap_err().contains("at most 64 KiB"));
}

#[test]
fn a_template_stands_alone_and_its_faults_are_told_with_their_line() {
    for (template, words) in [
        ("a\n{% include 'text' %}", "line 2: `include` is not to be had"),
        ("{%- import '/etc/passwd' as x %}", "line 1: `import` is not to be had"),
        ("{% from 'x' import y %}", "line 1: `from` is not to be had"),
        ("\n\n{% extends 'title' %}", "line 3: `extends` is not to be had"),
        ("a\n{{ titel }}", "line 2: there is no such value"),
        ("{% for it in items %}\n{{ it.titel }}{% endfor %}", "line 2: there is no such value"),
        ("a\n{% if %}", "line 2: "),
        ("{{ read_file('/etc/passwd') }}", "line 1: "),
    ] {
        let error = own("t", template, Markup::Plain).unwrap_err();
        assert!(error.starts_with("text, ") && error.contains(words), "{template}: {error}");
        let error = own(template, "t", Markup::Plain).unwrap_err();
        assert!(error.starts_with("title, ") && error.contains(words), "{template}: {error}");
    }
}

#[test]
fn a_template_that_fails_on_a_message_does_not_lose_it() {
    // The samples on which a template is tried out are no local incidents.
    let template = "{% for it in items %}{% if it.local %}{{ it.nothing }}{% endif %}{% endfor %}mine";
    let letters = own("mine", template, Markup::Slack).unwrap();
    let vendors = single(trouble(1, "GitHub"), Happening::Opened, false).view();
    let written = letters.words(&vendors, 3_000);
    assert_eq!((written.title.as_str(), written.text.as_str(), written.fault), ("mine", "mine", None));
    let local = single(News { local: true, ..trouble(1, "GitHub") }, Happening::Opened, false).view();
    let written = letters.words(&local, 3_000);
    assert_eq!(written.title, "GitHub: Partial outage — Errors in Actions");
    assert!(written.text.contains("*Partial outage since 14:05 CET*"), "{}", written.text);
    assert!(written.fault.unwrap().starts_with("line 1: there is no such value"));
}

#[test]
fn a_title_is_one_line_of_bounded_length_whatever_stands_in_it() {
    for title in ["a\r\nBcc: x@y.example\u{0}\u{7}b", &"long ".repeat(200), "a\u{2028}b\u{85}c"] {
        let view = single(News { title: title.into(), ..trouble(1, "GitHub") }, Happening::Opened, false).view();
        for markup in MARKUPS {
            let written = letters(markup).title(&view).unwrap();
            assert!(!written.chars().any(|c| c.is_control() || c == '\u{2028}'), "{written:?}");
            assert!(written.chars().count() <= limits::LETTER_TITLE);
        }
    }
}

#[test]
fn a_reader_who_signs_up_is_asked_with_a_link() {
    let letter = Letter { style: Style::Confirm, items: vec![] };
    let page = page();
    let confirm = Some("https://s.example/confirm?k=1");
    let occasion = Occasion { page: &page, made_at: at("2026-11-26T13:52:30Z"), confirm, unsubscribe: None };
    let view = LetterView::of(&letter, &[], occasion);
    assert_eq!(view.link.as_deref(), confirm, "the button of a mail leads there, too");
    let text = letters(Markup::Html).text(&view, 4_000).unwrap();
    assert!(text.contains("<a href=\"https://s.example/confirm?k=1\">https://s.example/confirm?k=1</a>"), "{text}");
}

#[test]
fn news_that_is_no_longer_kept_leaves_a_message_that_says_the_rest() {
    let (known, lost) = (trouble(1, "GitHub"), trouble(2, "Okta"));
    let items = vec![item(&known, Happening::Opened), item(&lost, Happening::Opened)];
    let page = page();
    let occasion = Occasion { page: &page, made_at: at("2026-11-26T13:52:30Z"), confirm: None, unsubscribe: None };
    let view = LetterView::of(&Letter { style: Style::Several, items }, &[known], occasion);
    assert_eq!(view.count, 1);
    assert!(letters(Markup::Plain).text(&view, 4_000).unwrap().contains("GitHub"));
}
