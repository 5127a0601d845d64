//! Whether HTML may be parsed at all: parsing takes time that grows with the square of its depth.

use crate::limits;

/// Elements that hold nothing and so do not nest.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements that a parser closes by itself when the next of their kind begins, so that pages leave them open.
const CLOSED_BY_THE_NEXT: &[&str] = &["p", "li", "tr", "td", "th", "dt", "dd", "option", "thead", "tbody", "tfoot"];

/// Scans HTML once, without building anything.
///
/// # Errors
/// Which limit it breaks, and the limit's figure.
pub fn html(text: &str) -> Result<(), String> {
    if text.len() > limits::HTML_BYTES {
        return Err(format!("more than {} bytes of HTML", limits::HTML_BYTES));
    }
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut left_open = 0_usize;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'<')) {
        at += found + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.starts_with(b"!--") {
            at += find(rest, b"-->").unwrap_or(rest.len());
            continue;
        }
        let closing = rest.first() == Some(&b'/');
        let name: String = rest
            .iter()
            .skip(usize::from(closing))
            .take_while(|b| b.is_ascii_alphanumeric())
            .take(16)
            .map(|b| char::from(b.to_ascii_lowercase()))
            .collect();
        if name.is_empty() {
            continue;
        }
        let (length, attributes) = tag(rest);
        at += length;
        if attributes > limits::TAG_ATTRIBUTES {
            return Err(format!("a tag with more than {} attributes", limits::TAG_ATTRIBUTES));
        }
        if VOID.contains(&name.as_str()) {
            continue;
        }
        let nests = if CLOSED_BY_THE_NEXT.contains(&name.as_str()) { &mut left_open } else { &mut depth };
        *nests = if closing { nests.saturating_sub(1) } else { nests.saturating_add(1) };
        if depth > limits::HTML_DEPTH {
            return Err(format!("more than {} elements in one another", limits::HTML_DEPTH));
        }
        if !closing && (name == "script" || name == "style") {
            // What is inside is no markup; its end tag is counted when it comes.
            let end = format!("</{name}");
            at += find(bytes.get(at..).unwrap_or_default(), end.as_bytes()).unwrap_or(0);
        }
    }
    Ok(())
}

/// Bytes to the end of a tag, and how many attributes it has.
fn tag(rest: &[u8]) -> (usize, usize) {
    let mut quote = None;
    let mut attributes = 0_usize;
    let mut in_gap = false;
    for (at, byte) in rest.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return (at, attributes),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, byte) if byte.is_ascii_whitespace() || *byte == b'/' => in_gap = true,
            (None, _) => {
                attributes += usize::from(in_gap);
                in_gap = false;
            }
        }
    }
    (rest.len(), attributes)
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
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=1")).collect();
        assert!(html(&format!("<a{attributes}>")).unwrap_err().contains("attributes"));
        assert!(html(&" ".repeat(limits::HTML_BYTES + 1)).unwrap_err().contains("bytes"));
    }
}
