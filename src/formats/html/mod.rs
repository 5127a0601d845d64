//! Pages that exist for people only, read by selectors that the operator gives.
//!
//! Each element that `component` finds is a row; `name`, `state` and `group` are looked for in it, and `states` says
//! what the words mean. A page is read only if it is whole (see `whole`): a parser repairs what was cut, and a repaired
//! half of a table looks like good news.

mod options;
mod rows;
mod states;
mod whole;

use std::sync::LazyLock;

use jiff::Timestamp;
use scraper::{Html, Selector};
use url::Url;

use super::notes::Notes;
use super::{Adapter, Body, Clues, Document, Format, ParseError, Role, Sureness, json, text};
use crate::limits;
use crate::model::level::State;
use crate::model::observation::{Basis, Observation};
use crate::text::guard;

use options::Page;

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "html",
    about: "any page for people, read by CSS selectors (`component`, `name`, `state`, `group`, `states`)",
    compile: options::compile,
    // Without selectors nobody can say.
    recognise: |_| Sureness::No,
    clues: Clues::NONE,
};

const EXPECTED: &str = "an HTML page";

impl Adapter for Page {
    fn documents(&self, base: &Url) -> Vec<Document> {
        vec![Document {
            name: "page",
            url: base.clone(),
            role: Role::Present,
            accept: "text/html, application/xhtml+xml;q=0.9",
        }]
    }

    fn parse(&self, documents: &[Body], now: Timestamp) -> Result<Observation, ParseError> {
        let mut notes = Notes::new(now);
        let mut seen = Observation { basis: Basis::States, ..Observation::default() };
        for body in documents {
            read(self, body, &mut seen, &mut notes)?;
        }
        seen.warnings = notes.into_warnings();
        Ok(seen)
    }
}

fn read(page: &Page, body: &Body, seen: &mut Observation, notes: &mut Notes) -> Result<(), ParseError> {
    if !(200..300).contains(&body.status) {
        return Err(json::not_this(body, EXPECTED, format!("an answer with status {}", body.status)));
    }
    let source = text::decode(&body.bytes, charset(body).as_deref());
    let trimmed = source.trim_start();
    if trimmed.is_empty() {
        return Err(json::not_this(body, EXPECTED, "nothing: the document is empty".to_owned()));
    }
    if trimmed.starts_with(['{', '[']) {
        return Err(json::not_this(body, EXPECTED, "JSON".to_owned()));
    }
    guard::html(&source).map_err(|problem| ParseError::OverLimit { document: body.name.clone(), problem })?;
    let marked = whole::mark(&source, page.end.as_deref());
    let html = Html::parse_document(marked.as_deref().unwrap_or(&source));
    let found = rows::find(&html, page);
    if found.is_empty() {
        let looks = json::markup(trimmed);
        return Err(match looks.contains("sign-in") {
            true => json::not_this(body, EXPECTED, looks),
            false => nothing(body, "component", &page.component.written),
        });
    }
    if found.len() > limits::COMPONENTS {
        let problem = format!(
            "the selector `{}` finds {} rows, more than {}",
            page.component.written,
            found.len(),
            limits::COMPONENTS
        );
        return Err(ParseError::OverLimit { document: body.name.clone(), problem });
    }
    let marked = marked.map(|_| ());
    marked
        .and_then(|()| whole::check(&html, &found))
        .map_err(|problem| ParseError::Broken { document: body.name.clone(), problem })?;
    let read = rows::read(page, &html, &found, notes);
    if let Some((option, selector)) = read.never_found {
        return Err(nothing(body, option, selector));
    }
    rows::add(read.components, &mut seen.components, notes);
    seen.indicator = State::worst(seen.indicator.into_iter().chain(read.overall));
    seen.page.name = seen.page.name.take().or_else(|| title(&html));
    seen.page.url = seen.page.url.take().or_else(|| text::link(body.url.as_ref()?.as_str()));
    Ok(())
}

fn nothing(body: &Body, option: &str, selector: &str) -> ParseError {
    ParseError::NothingFound {
        document: body.name.clone(),
        option: format!("html.{option}"),
        selector: selector.to_owned(),
    }
}

/// The content type, with the charset that the page's head names where the header names none.
fn charset(body: &Body) -> Option<String> {
    let sent = body.content_type.clone().unwrap_or_default();
    if sent.to_ascii_lowercase().contains("charset=") {
        return Some(sent.to_ascii_lowercase());
    }
    let head = String::from_utf8_lossy(body.bytes.get(..1024).unwrap_or(&body.bytes)).to_ascii_lowercase();
    let (_, rest) = head.split_once("<meta")?.1.split_once("charset=")?;
    let label: String = rest
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        .collect();
    Some(format!("text/html; charset={label}"))
}

fn title(html: &Html) -> Option<String> {
    static TITLE: LazyLock<Option<Selector>> = LazyLock::new(|| Selector::parse("head > title").ok());
    let raw: String = html.select(TITLE.as_ref()?).next()?.text().collect();
    Some(text::line(&raw, limits::NAME)).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests;
