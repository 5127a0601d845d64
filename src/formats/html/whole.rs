//! Whether a page is whole: its last end tag was sent, and by then the element that holds the rows was closed.
//!
//! A mark is put behind that end tag before the page is parsed. If the mark is no element afterwards, the end tag was no
//! tag (it stood in a script, a comment, an attribute). If it lies in or before the rows, what holds them was left open.

use std::collections::HashSet;

use scraper::{ElementRef, Html};

const MARK: &str = "allclear-end-of-page";

/// The page with the mark behind its end.
///
/// # Errors
/// Says what is missing.
pub fn mark(source: &str, end: Option<&str>) -> Result<String, String> {
    let after = match end {
        Some(end) => source.rfind(end).map(|at| at + end.len()),
        None => {
            let is_end = |at: &usize| {
                let name = source.as_bytes().get(at + 2..at + 6).unwrap_or_default();
                name.eq_ignore_ascii_case(b"html") || name.eq_ignore_ascii_case(b"body")
            };
            let last = source.rmatch_indices("</").map(|(at, _)| at).find(is_end);
            last.and_then(|at| Some(at + source.get(at..)?.find('>')? + 1))
        }
    };
    let parts = after.and_then(|after| Some((source.get(..after)?, source.get(after..)?)));
    match (parts, end) {
        _ if source.contains(MARK) => Err(format!("holds `{MARK}`, which no page does")),
        (Some((before, rest)), _) => Ok([before, "<", MARK, "></", MARK, ">", rest].concat()),
        (None, Some(end)) => Err(format!("the page is cut: `{end}` (html.end) is missing")),
        (None, None) => {
            Err("the page is cut: `</html>` is missing; if it always is, say in `end` how the whole page ends"
                .to_owned())
        }
    }
}

/// Looks where the mark came to lie.
///
/// # Errors
/// Says what was left open.
pub fn check(html: &Html, rows: &[ElementRef<'_>]) -> Result<(), String> {
    let mark = html.tree.nodes().find(|node| node.value().as_element().is_some_and(|element| element.name() == MARK));
    let Some(mark) = mark else {
        return Err("the page is cut: its end stands in a script, a comment or another text".to_owned());
    };
    let ids: HashSet<_> = rows.iter().map(|row| row.id()).collect();
    // What comes after the mark: what is in it, and what follows it and what it is in.
    let around = std::iter::once(mark).chain(mark.ancestors());
    let after = mark.children().chain(around.flat_map(|node| node.next_siblings()));
    let is_last = !after.flat_map(|node| node.descendants()).any(|node| ids.contains(&node.id()));
    let holder = holder(rows);
    let in_row = mark.ancestors().any(|above| ids.contains(&above.id()));
    let in_holder = holder.is_some_and(|holder| {
        !matches!(holder.value().name(), "body" | "html") && mark.ancestors().any(|above| above.id() == holder.id())
    });
    if is_last && !in_row && !in_holder {
        return Ok(());
    }
    let name = holder.map_or("body", |holder| holder.value().name());
    Err(format!("the page is cut: the `{name}` element that holds the rows is not closed"))
}

/// The innermost element that all rows are in.
fn holder<'a>(rows: &[ElementRef<'a>]) -> Option<ElementRef<'a>> {
    let first = rows.first()?;
    let mut above = first.ancestors().filter_map(ElementRef::wrap);
    let mut holder = above.next()?;
    for row in rows {
        while !row.ancestors().any(|node| node.id() == holder.id()) {
            holder = above.next()?;
        }
    }
    Some(holder)
}
