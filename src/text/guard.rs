//! Whether HTML may be parsed at all: parsing takes time that grows with the square of its depth.

use crate::limits;

/// Elements that hold nothing and so do not nest.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements that a parser closes by itself when the next of their kind begins, so that pages leave them open.
const CLOSED_BY_THE_NEXT: &[&str] = &["p", "li", "tr", "td", "th", "dt", "dd", "option", "thead", "tbody", "tfoot"];

/// Elements that a parser carries on over the ends of others until their own end tag comes.
const CARRIED: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// Elements that keep end tags inside them from closing what is outside.
const WALLS: &[&str] = &["table", "template", "object", "marquee", "applet", "foreignobject"];
/// Elements of drawings that may close themselves, and do so by the hundred in bars of ninety days.
const DRAWN: &[&str] =
    &["rect", "path", "circle", "line", "polygon", "polyline", "ellipse", "use", "stop", "g", "defs", "image"];

/// Scans HTML once, without building the tree.
///
/// It never takes a page for flatter than the parser does: an end tag counts only where it closes something.
///
/// # Errors
/// Which limit it breaks, and the limit's figure.
pub fn html(text: &str) -> Result<(), String> {
    if text.len() > limits::HTML_BYTES {
        return Err(format!("more than {} bytes of HTML", limits::HTML_BYTES));
    }
    let bytes = text.as_bytes();
    let mut open: Vec<Name> = Vec::new();
    let mut in_drawing = false;
    let mut at = 0;
    while let Some(found) = next_tag(text, at) {
        at += found + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.starts_with(b"!--") {
            // The rarer end is looked for before the usual one only: looking to the end of the page for it each time
            // would take the square of the page's size.
            let usual = find(rest, b"-->").unwrap_or(rest.len());
            at += rest.get(..usual).and_then(|comment| find(comment, b"--!>")).unwrap_or(usual);
            continue;
        }
        let closing = rest.first() == Some(&b'/');
        let Some(name) = name(rest.get(usize::from(closing)..).unwrap_or_default()) else { continue };
        let (length, attributes, closes_itself) = tag(rest);
        at += length;
        if attributes > limits::TAG_ATTRIBUTES {
            return Err(format!("a tag with more than {} attributes", limits::TAG_ATTRIBUTES));
        }
        in_drawing = if name == *"svg" { !closing && !closes_itself } else { in_drawing && name.is_one_of(DRAWN) };
        let is_leaf = closes_itself && (in_drawing || name == *"svg");
        if is_leaf || name.is_one_of(VOID) || name.is_one_of(CLOSED_BY_THE_NEXT) {
            continue;
        }
        if closing {
            close(&mut open, name);
            continue;
        }
        if name == *"script" || name == *"style" {
            // What is inside is no markup; its end tag closes it when it comes.
            let end: &[u8] = if name == *"script" { b"</script" } else { b"</style" };
            at += find(bytes.get(at..).unwrap_or_default(), end).unwrap_or(0);
        }
        open.push(name);
        if open.len() > limits::HTML_DEPTH {
            return Err(format!("more than {} elements in one another", limits::HTML_DEPTH));
        }
    }
    Ok(())
}

/// How far it is to the next `<`.
fn next_tag(text: &str, at: usize) -> Option<usize> {
    match text.get(at..) {
        Some(rest) => rest.find('<'),
        None => text.as_bytes().get(at..)?.iter().position(|byte| *byte == b'<'),
    }
}

/// The first letters of a tag's name, in lower case.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name {
    letters: [u8; 32],
    length: usize,
}

impl Name {
    fn as_bytes(&self) -> &[u8] {
        self.letters.get(..self.length).unwrap_or_default()
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| *self == **name)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

fn name(rest: &[u8]) -> Option<Name> {
    if !rest.first().is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    let mut name = Name { letters: [0; 32], length: 0 };
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
    for (to, from) in name.letters.iter_mut().zip(rest.iter().take_while(|b| !ends(b))) {
        *to = from.to_ascii_lowercase();
        name.length += 1;
    }
    Some(name)
}

/// Closes the nearest element of this name and what was left open in it.
fn close(open: &mut Vec<Name>, name: Name) {
    let Some(last) = open.iter().rposition(|known| *known == name) else { return };
    let inner = open.get(last + 1..).unwrap_or_default();
    if name != *"table" && inner.iter().any(|known| known.is_one_of(WALLS)) {
        return;
    }
    if name.is_one_of(CARRIED) {
        open.remove(last);
        return;
    }
    let carried: Vec<Name> = inner.iter().filter(|known| known.is_one_of(CARRIED)).copied().collect();
    open.truncate(last);
    open.extend(carried);
}

/// Where a tag's scan stands.
#[derive(Clone, Copy, PartialEq)]
enum In {
    Gap,
    Name,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Bare,
    Slash,
}

/// Bytes to the end of a tag, how many attributes it has, and whether it closes itself.
fn tag(rest: &[u8]) -> (usize, usize, bool) {
    let start = rest.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
    // The slash of an end tag belongs to its name.
    let start = if start == Some(0) { 1 } else { start.unwrap_or(rest.len()) };
    let mut place = if start == 1 && rest.first() == Some(&b'/') { In::Bare } else { In::Gap };
    let mut attributes = 0_usize;
    let mut at = start;
    while let Some(byte) = rest.get(at) {
        let space = byte.is_ascii_whitespace();
        place = match (place, byte) {
            (In::Quoted(quote), _) => {
                let Some(end) = rest.get(at..).and_then(|value| value.iter().position(|byte| *byte == quote)) else {
                    break;
                };
                at += end;
                In::Gap
            }
            (place, b'>') => return (at, attributes, place == In::Slash),
            (In::BeforeValue, b'"' | b'\'') => In::Quoted(*byte),
            (In::BeforeValue, _) => {
                if space {
                    In::BeforeValue
                } else {
                    In::Bare
                }
            }
            (In::Bare, _) => {
                if space {
                    In::Gap
                } else {
                    In::Bare
                }
            }
            (In::Name, b'=') => In::BeforeValue,
            (_, b'/') => In::Slash,
            (In::AfterName, b'=') => In::BeforeValue,
            (In::Name | In::AfterName, _) if space => In::AfterName,
            (_, _) if space => In::Gap,
            (In::Name, _) => In::Name,
            (In::Gap | In::AfterName | In::Slash, _) => {
                attributes += 1;
                In::Name
            }
        };
        at += 1;
    }
    (rest.len(), attributes, false)
}

/// Where a text begins in another, upper and lower case being one; its first byte must be no letter.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = needle.first()?;
    let mut at = 0;
    loop {
        let rest = haystack.get(at..)?;
        at += rest.iter().position(|byte| byte == first)?;
        if haystack.get(at..)?.get(..needle.len())?.eq_ignore_ascii_case(needle) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_pass_and_traps_do_not() {
        let page = "<!doctype html><html><body><ul><li>a<li>b<li class='x' id=y>c</ul><br><img src=a><!-- <div> -->\
                    <script>if (a<b) { '<div><div>' }</script></body></html>";
        assert_eq!(html(page), Ok(()));
        assert_eq!(html(&"<p>a".repeat(5_000)), Ok(()));
        for trap in ["<div>".repeat(50_000), "<ul><li>".repeat(65_536), "<font>".repeat(6_000)] {
            assert!(html(&trap).unwrap_err().contains("512 elements"));
        }
        for part in [
            "<div></x>",
            "<b><div></b>",
            "<div><table><td></div>",
            "<rect/>",
            "<svg><rect a=/>",
            "<svg><p><rect/>",
            "<svg/><rect/>",
            "<x-y>",
        ] {
            assert!(html(&part.repeat(3_000)).is_err(), "{part}");
        }
        for head in ["<!-- --!>", "<i a=b\">", "<i a\">", "<i \">", "<i 'a>", "<i a=b =\">"] {
            assert!(html(&format!("{head}{}", "<div>".repeat(3_000))).is_err(), "{head}");
        }
        let bars =
            "<svg viewBox='0 0 1 1'><g>BARS</g></svg>".replace("BARS", &"<rect a=\"1\" /><path d=x />".repeat(900));
        assert_eq!(html(&format!("<div>{bars}</div>").repeat(9)), Ok(()));
        assert_eq!(html(&"<div><span></div>".repeat(2_000)), Ok(()));
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=1")).collect();
        assert!(html(&format!("<a{attributes}>")).unwrap_err().contains("attributes"));
        assert!(html(&" ".repeat(limits::HTML_BYTES + 1)).unwrap_err().contains("bytes"));
    }
}
