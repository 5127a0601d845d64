//! Outside text made safe, once, at the boundary.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, Parser};
use scraper::Html;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::Url;

use crate::limits;
use crate::model::text::Text;

pub mod guard;

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
    one_line(raw, limit).into_owned()
}

/// The same; what is safe as it is, as nearly all is, is not copied.
pub fn one_line(raw: &str, limit: usize) -> Cow<'_, str> {
    if raw.len() <= limit && is_line(raw) {
        return Cow::Borrowed(raw);
    }
    let head: String = raw.chars().take(limit.saturating_mul(8)).collect();
    let cleaned = clean(&head);
    let words: Vec<&str> = cleaned.split_whitespace().collect();
    Cow::Owned(cut(&words.join(" "), limit))
}

/// Calm text in one line, with single blanks between words only.
fn is_line(raw: &str) -> bool {
    let mut blank = true;
    let tame = raw.bytes().all(|byte| {
        let double = blank && byte == b' ';
        blank = byte == b' ';
        matches!(byte, b' '..=b'~' | 0x80..) && !double
    });
    tame && (!blank || raw.is_empty()) && (raw.is_ascii() || !raw.contains('\u{a0}') && raw.chars().all(is_calm))
}

/// Letters and signs outside of ASCII that are safe as they are: they are seen, do not combine, and no normal form
/// writes them in another way.
fn is_calm(c: char) -> bool {
    matches!(c,
        '\0'..='\u{7f}' | '\u{a0}'..='\u{ac}' | '\u{ae}'..='\u{17f}' | '\u{410}'..='\u{44f}' | '\u{2010}'..='\u{2027}'
        | '\u{20ac}' | '\u{2190}'..='\u{2193}' | '\u{3041}'..='\u{3094}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fa5}')
}

/// Kinds of characters that need care.
mod care {
    /// It breaks a line or a column.
    pub const BREAK: u8 = 1;
    /// It begins a tag.
    pub const TAG: u8 = 2;
    /// It begins an entity.
    pub const ENTITY: u8 = 4;
    /// Markup writes it in another way.
    pub const QUOTED: u8 = 8;
    /// It is more than ASCII, and has to be looked at closely.
    pub const FOREIGN: u8 = 16;
    /// It may have to be made safe.
    pub const WILD: u8 = 32;
}

/// Which kinds of characters a text holds; none in most that upstreams send.
fn kinds(raw: &str) -> u8 {
    let kinds = raw.bytes().fold(0, |kinds, byte| {
        kinds
            | match byte {
                b'<' => care::TAG,
                b'&' => care::ENTITY,
                b'>' | b'"' => care::QUOTED,
                b' '..=b'~' => 0,
                b'\n' | b'\t' => care::BREAK,
                0x80.. => care::FOREIGN,
                _ => care::WILD,
            }
    });
    if kinds & care::FOREIGN != 0 && !raw.chars().all(is_calm) { kinds | care::WILD } else { kinds }
}

/// True where nothing in it would have to be made safe, markup aside.
fn is_tame(raw: &str) -> bool {
    kinds(raw) & care::WILD == 0
}

/// The short way for a body that needs no care and holds no markup, as most do; it ends as on the long way.
fn short_way(raw: &str) -> Option<Text> {
    let kinds = kinds(raw);
    let plain = kinds & (care::WILD | care::TAG | care::ENTITY) == 0 && raw.len() <= limits::BODY;
    plain.then(|| of_tame(raw, kinds))
}

/// Makes a body safe, whether it is HTML, HTML escaped once more, or plain text with line breaks.
pub fn body(raw: &str) -> Text {
    short_way(raw).unwrap_or_else(|| long_way(raw))
}

/// Through a real parser.
fn long_way(raw: &str) -> Text {
    let head: String = raw.chars().take(limits::BODY.saturating_mul(4)).collect();
    let escaped_once_more = !has_tag(&head) && (head.contains("&lt;p") || head.contains("&lt;br"));
    let head = if escaped_once_more { unescape(&head) } else { head };
    if !has_tag(&head) {
        return of_plain(&unescape(&head));
    }
    if guard::html(&head).is_err() {
        return of_plain(&head);
    }
    let html = sanitised(&head);
    let plain = plain_of(&html);
    if plain.chars().count() > limits::BODY {
        return of_plain(&plain);
    }
    Text { html: html.trim().to_owned(), plain }
}

/// Makes an operator's Markdown safe: CommonMark, where a line break is one. HTML in it is shown as
/// typed.
pub fn markdown(raw: &str) -> Text {
    let head: String = raw.chars().take(limits::BODY).collect();
    let head = clean(&head);
    let events = Parser::new(&head).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::SoftBreak => Event::HardBreak,
        other => other,
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    if guard::html(&html).is_err() {
        return of_plain(&head);
    }
    let html = sanitised(&html);
    let plain = plain_of(&html);
    Text { html: html.trim().to_owned(), plain }
}

/// The words of HTML without markup; paragraphs, items and breaks end a line.
pub fn strip(raw: &str) -> String {
    let kinds = kinds(raw);
    if kinds & (care::WILD | care::TAG | care::ENTITY | care::BREAK) == 0 {
        return raw.trim().to_owned();
    }
    strip_long(raw)
}

fn strip_long(raw: &str) -> String {
    if guard::html(raw).is_err() {
        return clean(raw);
    }
    plain_of(&sanitised(raw))
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

/// Decodes bytes to text, without a copy where they are UTF-8: byte order mark first, then the charset of the content type, then UTF-8.
pub fn decode<'b>(bytes: &'b [u8], content_type: Option<&str>) -> Cow<'b, str> {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default());
        return text;
    }
    let named = content_type.and_then(|kind| {
        let (_, rest) = kind.split_once("charset=")?;
        let label = rest.split(';').next().unwrap_or(rest).trim().trim_matches('"');
        encoding_rs::Encoding::for_label(label.as_bytes())
    });
    let (text, _) = named.unwrap_or(encoding_rs::UTF_8).decode_without_bom_handling(bytes);
    text
}

/// Safe markup. It is normalised before it is sanitised and never after: a sign that combines with the end of a tag
/// would take that end away. What entities stood for is dropped after, which puts nothing in its place.
fn sanitised(raw: &str) -> String {
    let normal = if raw.is_ascii() { Cow::Borrowed(raw) } else { Cow::Owned(raw.nfc().collect()) };
    let html = CLEANER.clean(&in_allowed_words(&normal)).to_string();
    if is_tame(&html) { html } else { seen(html.chars()).collect() }
}

/// Normalises, and drops what cannot be seen, changes direction, or piles up.
fn clean(raw: &str) -> String {
    if is_tame(raw) { raw.to_owned() } else { seen(raw.nfc()).collect() }
}

/// Without what cannot be seen, changes direction, or piles up.
fn seen(chars: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut marks = 0;
    chars.filter(move |c| match c {
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
    if raw.len() <= limits::BODY {
        let kinds = kinds(raw);
        if kinds & care::WILD == 0 {
            return of_tame(raw, kinds);
        }
    }
    let cleaned = clean(&raw.replace("\r\n", "\n").replace('\r', "\n"));
    paragraphs(cut(&tidy(&cleaned), limits::BODY))
}

/// Tame text, of which the kinds of its characters are known.
fn of_tame(raw: &str, kinds: u8) -> Text {
    if kinds & care::BREAK != 0 {
        return paragraphs(tidy(raw));
    }
    let plain = raw.trim();
    if kinds != 0 {
        return paragraphs(plain.to_owned());
    }
    let html = if plain.is_empty() { String::new() } else { ["<p>", plain, "</p>"].concat() };
    Text { html, plain: plain.to_owned() }
}

/// Plain text as markup: empty lines part paragraphs.
fn paragraphs(plain: String) -> Text {
    let mut html = String::with_capacity(plain.len().saturating_add(16));
    for paragraph in plain.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        html.push_str("<p>");
        let mut rest = paragraph;
        let special = |rest: &str| rest.bytes().position(|b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\n'));
        while let Some(at) = special(rest) {
            let (before, special) = rest.split_at(at);
            html.push_str(before);
            html.push_str(match special.as_bytes().first() {
                Some(b'&') => "&amp;",
                Some(b'<') => "&lt;",
                Some(b'>') => "&gt;",
                Some(b'"') => "&quot;",
                _ => "<br>",
            });
            rest = special.get(1..).unwrap_or_default();
        }
        html.push_str(rest);
        html.push_str("</p>");
    }
    Text { html, plain }
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

/// The words of markup that is the sanitiser's own: a few tags, each written out, and a few entities.
fn plain_of(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((words, special)) = rest.find(['<', '&']).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(words);
        let (length, says) = if special.starts_with('<') { tag(special) } else { entity(special) };
        out.push_str(says);
        rest = special.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    tidy(&out)
}

/// How long the tag is with which the markup begins, and what it is in plain text.
fn tag(markup: &str) -> (usize, &'static str) {
    let mut quoted = false;
    let end = markup.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    });
    let says = match markup.get(1..).unwrap_or_default() {
        inside if inside.starts_with("br") => "\n",
        inside if inside.starts_with("li") => "\n• ",
        inside if ["/p>", "/pre>", "/ul>", "/ol>"].iter().any(|end| inside.starts_with(end)) => "\n\n",
        _ => "",
    };
    (end.map_or(markup.len(), |end| end.saturating_add(1)), says)
}

/// How long the entity is with which the markup begins, and what it stands for.
fn entity(markup: &str) -> (usize, &'static str) {
    let known = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}")];
    let found = known.iter().find(|(entity, _)| markup.starts_with(entity));
    found.map_or((1, "&"), |(entity, sign)| (entity.len(), sign))
}

#[cfg(test)]
mod tests;
