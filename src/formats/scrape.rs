//! Pages for people, read by selectors that this project keeps up with them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use scraper::{ElementRef, Html, Selector};

use super::ParseError;
use super::plain::Doc;
use crate::text::guard;

/// Parses a page that is whole and not too deep.
///
/// # Errors
/// Which of the two it is not.
pub fn page(markup: &str, doc: &Doc<'_>) -> Result<Html, ParseError> {
    let ends = markup
        .rmatch_indices("</")
        .any(|(at, _)| markup.as_bytes().get(at + 2..at + 6).is_some_and(|name| name.eq_ignore_ascii_case(b"html")));
    if !ends {
        return Err(doc.broken("the page is cut: `</html>` is missing"));
    }
    guard::html(markup).map_err(|problem| ParseError::OverLimit { document: doc.body.name.clone(), problem })?;
    Ok(Html::parse_document(markup))
}

/// A selector of ours, made once on each thread; `None` for one that is none.
fn selector(written: &'static str) -> Option<Rc<Selector>> {
    thread_local! {
        static MADE: RefCell<HashMap<&'static str, Option<Rc<Selector>>>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        made.entry(written).or_insert_with(|| Selector::parse(written).ok().map(Rc::new)).clone()
    })
}

/// All elements that a selector of ours finds.
pub fn all<'a>(html: &'a Html, written: &'static str) -> Vec<ElementRef<'a>> {
    selector(written).map(|selector| html.select(&selector).collect()).unwrap_or_default()
}

/// All elements inside another that a selector of ours finds.
pub fn inside<'a>(element: ElementRef<'a>, written: &'static str) -> Vec<ElementRef<'a>> {
    selector(written).map(|selector| element.select(&selector).collect()).unwrap_or_default()
}

/// The first element inside another that a selector of ours finds.
pub fn first<'a>(element: ElementRef<'a>, written: &'static str) -> Option<ElementRef<'a>> {
    selector(written).and_then(|selector| element.select(&selector).next())
}

/// The words of an element, in one line.
pub fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of the first element that a selector finds; none where there are none.
pub fn words_at(element: ElementRef<'_>, written: &'static str) -> Option<String> {
    first(element, written).map(words).filter(|words| !words.is_empty())
}

/// The title of the page.
pub fn title(html: &Html) -> Option<String> {
    all(html, "head > title").first().map(|title| words(*title)).filter(|title| !title.is_empty())
}
