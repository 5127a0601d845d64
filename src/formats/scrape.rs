//! Pages for people, read by selectors that this project keeps up with them.

use scraper::{ElementRef, Html, Selector};

use super::plain::Doc;
use super::{ParseError, guard};

/// Parses a page that is whole and not too deep.
///
/// # Errors
/// Which of the two it is not.
pub fn page(markup: &str, doc: &Doc<'_>) -> Result<Html, ParseError> {
    if !markup.to_ascii_lowercase().contains("</html") {
        return Err(doc.broken("the page is cut: `</html>` is missing"));
    }
    guard::html(markup).map_err(|problem| ParseError::OverLimit { document: doc.body.name.clone(), problem })?;
    Ok(Html::parse_document(markup))
}

/// All elements that a selector of ours finds.
pub fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector).map(|selector| html.select(&selector).collect()).unwrap_or_default()
}

/// All elements inside another that a selector of ours finds.
pub fn inside<'a>(element: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector).map(|selector| element.select(&selector).collect()).unwrap_or_default()
}

/// The first element inside another that a selector of ours finds.
pub fn first<'a>(element: ElementRef<'a>, selector: &str) -> Option<ElementRef<'a>> {
    inside(element, selector).into_iter().next()
}

/// The words of an element, in one line.
pub fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of the first element that a selector finds; none where there are none.
pub fn words_at(element: ElementRef<'_>, selector: &str) -> Option<String> {
    first(element, selector).map(words).filter(|words| !words.is_empty())
}

/// The title of the page.
pub fn title(html: &Html) -> Option<String> {
    all(html, "head > title").first().map(|title| words(*title)).filter(|title| !title.is_empty())
}
