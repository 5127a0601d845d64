//! What outside text becomes, the short way and the long one.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use scraper::Node;

use super::*;

#[test]
fn names_become_one_safe_line() {
    for (raw, safe) in [
        ("  API \n latency ", "API latency"),
        ("a\u{202e}b\u{200b}c\u{0}", "abc"),
        ("e\u{301}", "é"),
        ("A & B <c>", "A & B <c>"),
        ("\u{e0041}x", "x"),
    ] {
        assert_eq!(line(raw, 50), safe, "{raw:?}");
    }
    assert_eq!(line(&"x".repeat(400), 300).chars().count(), 300);
    assert!(line(&"x".repeat(400), 300).ends_with('…'));
    assert!(line(&format!("a{}", "\u{335}".repeat(1600)), 3000).chars().count() <= 9);
}

#[test]
fn bodies_keep_their_paragraphs_and_lose_what_is_active() {
    for (raw, html, plain) in [
        ("one\n\ntwo\nthree", "<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<p>one<br>two</p><script>alert(1)</script>", "<p>one<br>two</p>", "one\ntwo"),
        ("<b>bold</b> <img src=x onerror=alert(1)>text", "<strong>bold</strong> text", "bold text"),
        ("a &amp; b", "<p>a &amp; b</p>", "a & b"),
        ("&lt;p&gt;escaped&lt;/p&gt;", "<p>escaped</p>", "escaped"),
        ("<a href='javascript:x'>l</a>", "<a rel=\"noopener noreferrer nofollow\">l</a>", "l"),
        (
            "<a href='https://a.example/' class=x onclick=y>l</a>",
            "<a href=\"https://a.example/\" rel=\"noopener noreferrer nofollow\">l</a>",
            "l",
        ),
        ("<ul><li>one</li><li>two</li></ul>", "<ul><li>one</li><li>two</li></ul>", "• one\n• two"),
        ("5 < 6 and 7 > 6", "<p>5 &lt; 6 and 7 &gt; 6</p>", "5 < 6 and 7 > 6"),
    ] {
        let text = body(raw);
        assert_eq!((text.html.as_str(), text.plain.as_str()), (html, plain), "{raw}");
    }
}

/// What text is made of.
const WORDS: &str =
    "word|one two| |  |\n|\n\n|a > b|\"so\"|&amp;|&lt;|&gt;|&quot;|&#39;|&nbsp;|& |é|’|Ärger ¡so!|Ошибка|障害|\u{a0}|…";
/// Pieces of markup, as it should be and as it should not.
const PIECES: &str = "<br> <br/> <br_/> <br_clear=\"all\"> <p> </p> <p_class=\"x\"> <p/> <ul> </ul> <ol> </ol> <li> </li> \
    <strong> </strong> <b> </b> <b_class='x'> <em> </em> <i> </i> <code> </code> <small> </small> <span> </span> \
    <span_style='a:b'> <var_data-var='date'> </var> <a_href=\"https://a.example/x?y=1&amp;z=2\"> </a> <a> \
    <a_href='http://a.example'_target=\"_blank\"> <a_href=\"/x\"> <a_href=\"javascript:x\"> <a_href=\"https://\"> \
    <a_href=\"https://a.example/&lt;\"> <a_href=\"https://a.example/&x=1\"> <div> </div> <div_class='x'> <P> \
    <img_src=x> <script> <!----> < <_5 & &copy; \u{200b} e\u{301} \t \r\n";

fn word() -> impl Strategy<Value = String> {
    select(WORDS.split('|').collect::<Vec<_>>()).prop_map(str::to_owned)
}

fn piece() -> impl Strategy<Value = String> {
    let piece = select(PIECES.split(' ').collect::<Vec<_>>()).prop_map(|piece| piece.replace('_', " "));
    prop_oneof![word(), piece]
}

/// Well-formed markup of the usual sort, so that the short way is gone, too.
fn usual() -> impl Strategy<Value = String> {
    word().prop_recursive(5, 40, 6, |inner| {
        let element =
            select(&["p", "ul", "ol", "li", "strong", "em", "b", "i", "code", "span", "small", "var", "div"][..]);
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(|parts| parts.concat()),
            (element, inner.clone()).prop_map(|(name, inside)| format!("<{name}>{inside}</{name}>")),
            inner.clone().prop_map(|inside| format!("<a href=\"https://a.example/\">{inside}</a>")),
            vec(inner, 1..4).prop_map(|items| format!("<ul><li>{}</li></ul>", items.join("</li><li>"))),
            Just("<br />".to_owned()),
        ]
    })
}

fn anything() -> impl Strategy<Value = String> {
    prop_oneof![3 => usual(), 1 => vec(piece(), 0..14).prop_map(|pieces| pieces.concat())]
}

/// A sign that combines with `>` must not take the end of a tag away.
#[test]
fn no_normal_form_opens_a_tag_again() {
    for raw in [
        "<a href=\"https://a.example/\">\u{338} onmouseover=alert(1) x</a>",
        "<a href=\"https://a.example/\">&#x338; onmouseover=alert(1) x</a>",
        "<p>\u{338} onclick=alert(1) <b>x</b></p>",
        "<br>\u{338}<p>\u{338}</p>",
    ] {
        let html = body(raw).html;
        let read = Html::parse_fragment(&html);
        let known = read.root_element().descendent_elements().all(|element| {
            element.value().attrs().all(|(name, _)| matches!(name, "href" | "rel"))
                && !element.value().name().contains('\u{226f}')
        });
        assert!(known, "{raw}: {html}");
        assert!(!html.contains("\"\u{226f}") && !html.contains("p\u{226f}"), "{raw}: {html}");
    }
}

/// The words of markup as a parser finds them.
fn parsed_words(html: &str) -> String {
    let fragment = Html::parse_fragment(html);
    let mut out = String::new();
    for edge in fragment.root_element().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) => match node.value() {
                Node::Text(text) => out.push_str(text),
                Node::Element(element) if element.name() == "br" => out.push('\n'),
                Node::Element(element) if element.name() == "li" => out.push_str("\n• "),
                _ => {}
            },
            ego_tree::iter::Edge::Close(node) => {
                if let Node::Element(element) = node.value()
                    && matches!(element.name(), "p" | "pre" | "ul" | "ol")
                {
                    out.push_str("\n\n");
                }
            }
        }
    }
    tidy(&out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_words_of_safe_markup_are_those_that_a_parser_finds(raw in anything()) {
        let html = sanitised(&raw);
        prop_assert_eq!(plain_of(&html), parsed_words(&html), "{}", html);
    }

    #[test]
    fn the_short_way_ends_where_the_long_one_does(raw in anything()) {
        if let Some(short) = short_way(&raw) {
            prop_assert_eq!(short, long_way(&raw), "{}", raw);
        }
        prop_assert_eq!(strip(&raw), strip_long(&raw), "{}", raw);
    }

    #[test]
    fn a_line_that_is_not_copied_is_what_it_would_be(raw in "[ a-c\t\n<é\u{200b}\u{a0}’\u{301}ア]{0,20}") {
        let words: Vec<String> = clean(&raw).split_whitespace().map(str::to_owned).collect();
        prop_assert_eq!(one_line(&raw, 50).into_owned(), words.join(" "));
    }
}

#[test]
fn plain_words_go_the_short_way_and_markup_never() {
    for usual in ["We are investigating errors.", "One.\n\nTwo.", "Ärger: behoben.\n\nEs läuft wieder."] {
        assert!(short_way(usual).is_some(), "{usual}");
    }
    for other in ["<p>One</p>", "a &amp; b", "<br>", "One.<br>Two.", "a\u{202e}b"] {
        assert!(short_way(other).is_none(), "{other}");
    }
}

#[test]
fn traps_end_as_plain_text() {
    let trap = body(&"<div>".repeat(20_000));
    assert!(!trap.html.contains("<div"));
    let long = body(&"word ".repeat(20_000));
    assert!(long.plain.chars().count() <= limits::BODY && long.plain.ends_with('…'));
    assert!(body("<p>a&#x202e;b</p>").html.contains("<p>ab</p>"));
}

#[test]
fn only_web_addresses_pass() {
    assert_eq!(link(" https://a.example/x?y=1#z ").as_deref(), Some("https://a.example/x?y=1#z"));
    for raw in [
        "javascript:alert(1)",
        "data:text/html,x",
        "/x",
        "//a.example",
        "ftp://a",
        "https://u:p@a.example",
        "",
        "mailto:a@b",
    ] {
        assert_eq!(link(raw), None, "{raw}");
    }
    assert_eq!(link(&format!("https://a.example/{}", "x".repeat(3000))), None);
}

#[test]
fn charsets_are_heeded() {
    assert_eq!(decode(&[0xfe, 0xff, 0, b'h', 0, b'i'], None), "hi");
    assert_eq!(decode(b"\xef\xbb\xbfhi", Some("text/html; charset=iso-8859-1")), "hi");
    assert_eq!(decode(b"caf\xe9", Some("text/html; charset=\"ISO-8859-1\"")), "café");
    assert_eq!(decode("café".as_bytes(), Some("application/json")), "café");
}

#[test]
fn markdown_becomes_the_allowed_tags_and_html_stays_as_typed() {
    for (raw, html) in [
        ("Slow **again**\nsince 9", "<p>Slow <strong>again</strong><br>\nsince 9</p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("a <b>b</b> & c", "<p>a &lt;b&gt;b&lt;/b&gt; &amp; c</p>"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("[x](javascript:alert(1))", "<p><a rel=\"noopener noreferrer nofollow\">x</a></p>"),
        ("![x](https://a.example/p.png)", "<p></p>"),
    ] {
        assert_eq!(markdown(raw).html, html, "{raw}");
    }
    assert_eq!(
        markdown("[runbook](https://a.example/r)").html,
        "<p><a href=\"https://a.example/r\" rel=\"noopener noreferrer nofollow\">runbook</a></p>"
    );
    assert_eq!(markdown("# Head\n\none\n\ntwo").plain, "Head\none\n\ntwo");
    assert!(markdown(&">".repeat(50_000)).html.len() < 200_000);
}
