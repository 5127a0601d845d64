//! Outside text made safe, once, at the boundary.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use scraper::{Html, Node};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::Url;

use crate::limits;
use crate::model::text::Text;

use super::guard;

/// Combining marks kept in a row; more pile up over the lines above.
const MARKS: usize = 8;

/// Tags that vendors' text may keep.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(HashSet::from(["p", "br", "ul", "ol", "li", "strong", "em", "code", "pre", "a"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .clean_content_tags(HashSet::from(["script", "style", "title", "template", "svg", "math"]))
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// Makes a title or a name safe: plain text in one line, at most `limit` characters.
pub fn line(raw: &str, limit: usize) -> String {
    if raw.len() <= limit && is_tame(raw) && !raw.contains(['\n', '\t']) && !raw.contains("  ") {
        return raw.trim().to_owned();
    }
    let head: String = raw.chars().take(limit.saturating_mul(8)).collect();
    let cleaned = clean(&head);
    let words: Vec<&str> = cleaned.split_whitespace().collect();
    cut(&words.join(" "), limit)
}

/// Plain ASCII with nothing in it that would have to be made safe: most of what upstreams send.
fn is_tame(raw: &str) -> bool {
    raw.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
}

/// A body without any markup but breaks, the short way; it ends as the long way would.
fn tame_body(raw: &str) -> Option<Text> {
    if raw.len() > limits::BODY || !is_tame(raw) || raw.contains('&') {
        return None;
    }
    let Some(first) = raw.find('<') else { return Some(of_plain(raw)) };
    if first == 0 {
        return None;
    }
    let mut plain = String::with_capacity(raw.len());
    plain.push_str(raw.get(..first)?);
    let mut rest = raw.get(first..)?;
    while !rest.is_empty() {
        let after = ["<br />", "<br>", "<br/>"].iter().find_map(|tag| rest.strip_prefix(tag))?;
        plain.push('\n');
        let next = after.find('<').unwrap_or(after.len());
        // A line break in markup is no line break.
        let words = after.get(..next)?;
        if words.contains('\n') {
            return None;
        }
        plain.push_str(words);
        rest = after.get(next..)?;
    }
    if raw.get(..first)?.contains('\n') { None } else { Some(of_plain(&plain)) }
}

/// Makes a body safe, whether it is HTML, HTML escaped once more, or plain text with line breaks.
pub fn body(raw: &str) -> Text {
    if let Some(text) = tame_body(raw) {
        return text;
    }
    let head: String = raw.chars().take(limits::BODY.saturating_mul(4)).collect();
    let escaped_once_more = !has_tag(&head) && (head.contains("&lt;p") || head.contains("&lt;br"));
    let head = if escaped_once_more { unescape(&head) } else { head };
    if !has_tag(&head) {
        return of_plain(&unescape(&head));
    }
    if guard::html(&head).is_err() {
        return of_plain(&head);
    }
    let html = clean(&CLEANER.clean(&in_allowed_words(&head)).to_string());
    let plain = plain_of(&html);
    if plain.chars().count() > limits::BODY {
        return of_plain(&plain);
    }
    Text { html: html.trim().to_owned(), plain }
}

/// The words of HTML without markup; paragraphs, items and breaks end a line.
pub fn strip(raw: &str) -> String {
    if guard::html(raw).is_err() {
        return clean(raw);
    }
    plain_of(&clean(&CLEANER.clean(&in_allowed_words(raw)).to_string()))
}

/// Lets an address through if it is absolute http or https, holds no user and is not too long.
pub fn link(raw: &str) -> Option<String> {
    let raw = raw.trim();
    if raw.len() > limits::URL {
        return None;
    }
    let url = Url::parse(raw).ok()?;
    let good = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none();
    good.then(|| url.to_string())
}

/// Decodes bytes to text: byte order mark first, then the charset of the content type, then UTF-8.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default());
        return text.into_owned();
    }
    let named = content_type.and_then(|kind| {
        let (_, rest) = kind.split_once("charset=")?;
        let label = rest.split(';').next().unwrap_or(rest).trim().trim_matches('"');
        encoding_rs::Encoding::for_label(label.as_bytes())
    });
    let (text, _) = named.unwrap_or(encoding_rs::UTF_8).decode_without_bom_handling(bytes);
    text.into_owned()
}

/// Normalises, and drops what cannot be seen, changes direction, or piles up.
fn clean(raw: &str) -> String {
    if is_tame(raw) {
        return raw.to_owned();
    }
    let mut marks = 0;
    raw.nfc()
        .filter(|c| match c {
            '\n' | '\t' => true,
            c if c.is_control() || is_invisible(*c) => false,
            c if is_combining_mark(*c) => {
                marks += 1;
                marks <= MARKS
            }
            _ => {
                marks = 0;
                true
            }
        })
        .collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn has_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
        next.is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!')
    })
}

fn unescape(text: &str) -> String {
    if !text.contains('&') || text.contains('<') {
        return text.to_owned();
    }
    let fragment = Html::parse_fragment(text);
    fragment.root_element().text().collect()
}

/// Says what the allow-list does not know in words that it knows.
fn in_allowed_words(html: &str) -> String {
    let mut out = html.to_owned();
    for (from, to) in [
        ("<b>", "<strong>"),
        ("</b>", "</strong>"),
        ("<B>", "<strong>"),
        ("</B>", "</strong>"),
        ("<i>", "<em>"),
        ("</i>", "</em>"),
        ("</div>", "</div><br>"),
        ("</tr>", "</tr><br>"),
    ] {
        if out.contains(from) {
            out = out.replace(from, to);
        }
    }
    out
}

fn of_plain(raw: &str) -> Text {
    if is_tame(raw) && raw.len() <= limits::BODY && !raw.contains(['\n', '&', '<', '>', '"']) {
        let plain = raw.trim().to_owned();
        let html = if plain.is_empty() { String::new() } else { format!("<p>{plain}</p>") };
        return Text { html, plain };
    }
    let cleaned = clean(&raw.replace("\r\n", "\n").replace('\r', "\n"));
    let plain = cut(&tidy(&cleaned), limits::BODY);
    let paragraphs = plain.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let html = paragraphs
        .map(|paragraph| format!("<p>{}</p>", ammonia_text(paragraph.trim()).replace('\n', "<br>")))
        .collect();
    Text { html, plain }
}

fn ammonia_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// At most one empty line in a row, no blanks at the ends of lines.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

fn plain_of(html: &str) -> String {
    let fragment = Html::parse_fragment(html);
    let mut out = String::with_capacity(html.len());
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

#[cfg(test)]
mod tests {
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
}
