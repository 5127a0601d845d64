//! The short way for markup as vendors write it: a few plain tags, each closed where it should be.
//!
//! Whatever is not surely that (another tag, a missing end, an unusual address) goes the long way, through a real
//! parser. Where this gives an answer, it is the long way's, byte for byte; a test compares them.

use url::Url;

use crate::limits;

/// Attributes of one tag; more is nothing that a vendor writes.
const ATTRIBUTES: usize = 8;
/// Tags in one another.
const DEPTH: usize = 12;
/// What links are marked with.
const REL: &str = " rel=\"noopener noreferrer nofollow\"";

/// A piece of markup that was understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Safe markup.
    pub html: String,
    /// Its words, with a line's end for each break, and two for each paragraph's end.
    pub plain: String,
}

/// What an element is to what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Holds text and inline elements.
    Paragraph,
    /// Holds items.
    List,
    /// Holds text, inline elements and lists.
    Item,
    /// Holds anything, and is not kept: its end breaks the line.
    Block,
    /// Is part of a line.
    Inline,
    /// Is part of a line, and is not kept: only what it holds.
    Clear,
}

/// An element's name, what it is called in the result, and what it is.
const ELEMENTS: &[(&str, &str, Kind)] = &[
    ("p", "p", Kind::Paragraph),
    ("ul", "ul", Kind::List),
    ("ol", "ol", Kind::List),
    ("li", "li", Kind::Item),
    ("div", "", Kind::Block),
    ("a", "a", Kind::Inline),
    ("strong", "strong", Kind::Inline),
    ("b", "strong", Kind::Inline),
    ("em", "em", Kind::Inline),
    ("i", "em", Kind::Inline),
    ("code", "code", Kind::Inline),
    ("small", "", Kind::Clear),
    ("span", "", Kind::Clear),
    ("var", "", Kind::Clear),
];

type Element = (&'static str, &'static str, Kind);

/// Reads markup of calm characters (see `text`); `None` where the long way has to be gone.
pub fn read(raw: &str) -> Option<Read> {
    if raw.len() > limits::BODY {
        return None;
    }
    let mut out =
        Read { html: String::with_capacity(raw.len() + raw.len() / 4), plain: String::with_capacity(raw.len()) };
    let mut open: Vec<Element> = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.find('<') {
        words(rest.get(..at)?, &open, &mut out)?;
        rest = tag(rest.get(at + 1..)?, &mut open, &mut out)?;
    }
    words(rest, &open, &mut out)?;
    open.is_empty().then_some(out)
}

/// Text between tags.
fn words(text: &str, open: &[Element], out: &mut Read) -> Option<()> {
    let in_list = open.last().is_some_and(|(_, _, kind)| *kind == Kind::List);
    if in_list && !text.trim().is_empty() {
        return None;
    }
    let mut rest = text;
    // `\u{c2}` leads a no-break space, among others.
    let special = |rest: &str| rest.bytes().position(|b| matches!(b, b'&' | b'>' | 0xc2));
    while let Some(at) = special(rest) {
        let (before, special) = (rest.get(..at)?, rest.get(at..)?);
        out.html.push_str(before);
        out.plain.push_str(before);
        let (meant, written, length) = special_character(special)?;
        out.plain.push(meant);
        if written.is_empty() {
            out.html.push(meant);
        } else {
            out.html.push_str(written);
        }
        rest = special.get(length..)?;
    }
    out.html.push_str(rest);
    out.plain.push_str(rest);
    Some(())
}

/// What a special character or entity means, how the result writes it (empty: as it is), and its length.
fn special_character(text: &str) -> Option<(char, &'static str, usize)> {
    const KNOWN: &[(&str, char, &str)] = &[
        (">", '>', "&gt;"),
        ("\u{a0}", '\u{a0}', "&nbsp;"),
        ("&amp;", '&', "&amp;"),
        ("&lt;", '<', "&lt;"),
        ("&gt;", '>', "&gt;"),
        ("&quot;", '"', "\""),
        ("&#39;", '\'', "'"),
        ("&nbsp;", '\u{a0}', "&nbsp;"),
    ];
    if text == "&" || text.starts_with("& ") {
        return Some(('&', "&amp;", 1));
    }
    // Others that begin with the same byte as a no-break space.
    if let Some(letter @ '\u{a1}'..='\u{bf}') = text.chars().next() {
        return Some((letter, "", letter.len_utf8()));
    }
    let (name, meant, written) = KNOWN.iter().find(|(name, _, _)| text.starts_with(name))?;
    Some((*meant, written, name.len()))
}

/// A tag, from behind its `<`; gives what follows it.
fn tag<'r>(text: &'r str, open: &mut Vec<Element>, out: &mut Read) -> Option<&'r str> {
    if let Some(closing) = text.strip_prefix('/') {
        let (name, rest) = closing.split_once('>')?;
        let (known, called, kind) = open.pop()?;
        if known != name {
            return None;
        }
        match kind {
            Kind::Clear => {}
            Kind::Block => out.html.push_str("<br>"),
            _ => {
                out.html.push_str("</");
                out.html.push_str(called);
                out.html.push('>');
            }
        }
        match kind {
            Kind::Paragraph | Kind::List => out.plain.push_str("\n\n"),
            Kind::Block => out.plain.push('\n'),
            _ => {}
        }
        return Some(rest);
    }
    let ends = text.find(|c: char| !c.is_ascii_lowercase())?;
    let (name, after) = text.split_at_checked(ends)?;
    let (attributes, rest) = attributes(after)?;
    let in_list = open.last().is_some_and(|(_, _, kind)| *kind == Kind::List);
    if name == "br" {
        out.html.push_str("<br>");
        out.plain.push('\n');
        return (!in_list).then_some(rest);
    }
    let element = *ELEMENTS.iter().find(|(known, _, _)| *known == name)?;
    let (_, called, kind) = element;
    if !fits(element, open) || attributes.closes_itself || (matches!(name, "b" | "i") && !after.starts_with('>')) {
        return None;
    }
    if !called.is_empty() {
        out.html.push('<');
        out.html.push_str(called);
        if name == "a" {
            link(&attributes.found, out)?;
        }
        out.html.push('>');
    }
    if kind == Kind::Item {
        out.plain.push_str("\n• ");
    }
    open.push(element);
    Some(rest)
}

/// True where a parser would leave the element where it stands.
fn fits(element: Element, open: &[Element]) -> bool {
    let (name, called, kind) = element;
    let around = open.last().map(|(_, _, kind)| *kind);
    let allowed = match kind {
        Kind::Paragraph | Kind::List | Kind::Block => matches!(around, None | Some(Kind::Item | Kind::Block)),
        Kind::Item => around == Some(Kind::List),
        Kind::Inline | Kind::Clear => around != Some(Kind::List),
    };
    let once = matches!(kind, Kind::List | Kind::Item | Kind::Block)
        || !open.iter().any(|(known, as_known, _)| *known == name || (kind == Kind::Inline && *as_known == called));
    allowed && once && open.len() < DEPTH
}

/// What stands in a tag behind its name.
#[derive(Debug, Default)]
struct Attributes<'r> {
    /// Names and values, as written.
    found: Vec<(&'r str, &'r str)>,
    /// The tag ends with `/>`.
    closes_itself: bool,
}

/// Reads attributes in quotes to the tag's end; gives what follows the tag, too.
fn attributes(text: &str) -> Option<(Attributes<'_>, &str)> {
    let mut read = Attributes::default();
    let mut rest = text;
    loop {
        let gap = rest.trim_start_matches(' ');
        if let Some(after) = gap.strip_prefix('>') {
            return Some((read, after));
        }
        if let Some(after) = gap.strip_prefix("/>") {
            read.closes_itself = true;
            return Some((read, after));
        }
        if gap.len() == rest.len() || read.found.len() >= ATTRIBUTES {
            return None;
        }
        let (name, value) = gap.split_once('=')?;
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = value.get(1..)?.split_once(quote)?;
        if !plain || read.found.iter().any(|(known, _)| *known == name) {
            return None;
        }
        read.found.push((name, value));
        rest = after;
    }
}

/// The address of a link, where it is one that every parser reads in the same way.
fn link(attributes: &[(&str, &str)], out: &mut Read) -> Option<()> {
    let (_, raw) = attributes.iter().find(|(name, _)| *name == "href")?;
    let address = raw.replace("&amp;", "&");
    let usual = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&()*+,;=%".contains(&b);
    let web = address.starts_with("https://") || address.starts_with("http://");
    if !web || !address.bytes().all(usual) || raw.matches('&').count() != raw.matches("&amp;").count() {
        return None;
    }
    Url::parse(&address).ok()?;
    out.html.push_str(" href=\"");
    out.html.push_str(&address.replace('&', "&amp;"));
    out.html.push('"');
    out.html.push_str(REL);
    Some(())
}
