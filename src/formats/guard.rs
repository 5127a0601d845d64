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
    let mut open: Vec<String> = Vec::new();
    let mut in_drawing = false;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'<')) {
        at += found + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.starts_with(b"!--") {
            let ends = [find(rest, b"-->"), find(rest, b"--!>")];
            at += ends.into_iter().flatten().min().unwrap_or(rest.len());
            continue;
        }
        let closing = rest.first() == Some(&b'/');
        let name = name(rest.get(usize::from(closing)..).unwrap_or_default());
        if name.is_empty() {
            continue;
        }
        let (length, attributes, closes_itself) = tag(rest);
        at += length;
        if attributes > limits::TAG_ATTRIBUTES {
            return Err(format!("a tag with more than {} attributes", limits::TAG_ATTRIBUTES));
        }
        in_drawing = match name.as_str() {
            "svg" => !closing && !closes_itself,
            other => in_drawing && DRAWN.contains(&other),
        };
        let is_leaf = closes_itself && (in_drawing || name == "svg");
        if is_leaf || VOID.contains(&name.as_str()) || CLOSED_BY_THE_NEXT.contains(&name.as_str()) {
            continue;
        }
        if closing {
            close(&mut open, &name);
            continue;
        }
        if name == "script" || name == "style" {
            // What is inside is no markup; its end tag closes it when it comes.
            let end = format!("</{name}");
            at += find(bytes.get(at..).unwrap_or_default(), end.as_bytes()).unwrap_or(0);
        }
        open.push(name);
        if open.len() > limits::HTML_DEPTH {
            return Err(format!("more than {} elements in one another", limits::HTML_DEPTH));
        }
    }
    Ok(())
}

fn name(rest: &[u8]) -> String {
    if !rest.first().is_some_and(u8::is_ascii_alphabetic) {
        return String::new();
    }
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
    rest.iter().take_while(|b| !ends(b)).take(32).map(|b| char::from(b.to_ascii_lowercase())).collect()
}

/// Closes the nearest element of this name and what was left open in it.
fn close(open: &mut Vec<String>, name: &str) {
    let Some(last) = open.iter().rposition(|known| known == name) else { return };
    let inner = open.get(last + 1..).unwrap_or_default();
    if name != "table" && inner.iter().any(|known| WALLS.contains(&known.as_str())) {
        return;
    }
    if CARRIED.contains(&name) {
        open.remove(last);
        return;
    }
    let carried: Vec<String> = inner.iter().filter(|known| CARRIED.contains(&known.as_str())).cloned().collect();
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
    for (at, byte) in rest.iter().enumerate().skip(start) {
        let space = byte.is_ascii_whitespace();
        place = match (place, byte) {
            (In::Quoted(quote), byte) if quote == *byte => In::Gap,
            (In::Quoted(quote), _) => In::Quoted(quote),
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
    }
    (rest.len(), attributes, false)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
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
