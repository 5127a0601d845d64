//! The adapter of most formats: documents at fixed places below the page, one function that reads them, no options.

use jiff::Timestamp;
use url::Url;

use super::draft::Draft;
use super::json::Value;
use super::{Adapter, Body, Compiled, Document, OptionProblem, Options, ParseError, Role, json, text};
use crate::model::observation::{Basis, Observation};

/// A format that needs nothing but its documents.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    /// Where its documents are.
    pub documents: Where,
    /// What the format promises, for errors: "a Heroku status (JSON with …)".
    pub expected: &'static str,
    /// What its silence means.
    pub basis: Basis,
    /// Makes a value of a document: [`json::read`], or [`json_or_markup`].
    pub load: fn(&Body, &str) -> Result<Value, ParseError>,
    /// Reads all documents that are there, those of the present first.
    pub read: fn(&[Doc<'_>], &mut Draft) -> Result<(), ParseError>,
}

/// Where the documents of a page are.
#[derive(Debug, Clone, Copy)]
pub enum Where {
    /// At these paths below the page.
    Below(&'static [Place]),
    /// Worked out from the address.
    By(fn(&Url) -> Vec<Document>),
}

/// A document at a fixed path below the page, with its query if it has one; an empty path is the page itself.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    name: &'static str,
    path: &'static str,
    role: Role,
}

/// A document without which there is no reading.
pub const fn present(name: &'static str, path: &'static str) -> Place {
    Place { name, path, role: Role::Present }
}

/// A document that is asked for on every reading, and may fail.
pub const fn extra(name: &'static str, path: &'static str) -> Place {
    Place { name, path, role: Role::Extra }
}

/// A document of the past.
pub const fn history(name: &'static str, path: &'static str) -> Place {
    Place { name, path, role: Role::History }
}

/// One document, loaded.
#[derive(Debug)]
pub struct Doc<'a> {
    /// Its JSON; markup as text.
    pub value: Value,
    /// As it came.
    pub body: &'a Body,
    /// What the format promises.
    pub expected: &'static str,
}

impl Doc<'_> {
    /// True for what speaks of the present.
    pub fn is_present(&self) -> bool {
        self.body.role != Role::History
    }

    /// The error for a document of another shape.
    pub fn not_ours(&self) -> ParseError {
        let found = match &self.value {
            Value::String(markup) if markup.trim_start().starts_with('<') => json::markup(markup),
            other => json::shape(other),
        };
        json::not_this(self.body, self.expected, found)
    }

    /// The list under a key, as [`json::list`].
    ///
    /// # Errors
    /// Where something else stands there.
    pub fn list(&self, key: &str) -> Result<&[Value], ParseError> {
        json::list(&self.value, key, self.body)
    }

    /// The list under a key of a part of the document.
    ///
    /// # Errors
    /// Where something else stands there.
    pub fn list_in<'v>(&self, part: &'v Value, key: &str) -> Result<&'v [Value], ParseError> {
        json::list(part, key, self.body)
    }

    /// The document itself as a list of objects.
    ///
    /// # Errors
    /// Where it is none.
    pub fn items(&self) -> Result<&[Value], ParseError> {
        match &self.value {
            Value::Array(items) if items.iter().all(Value::is_object) => Ok(items),
            Value::Array(_) => Err(self.broken("the list holds something else than objects")),
            _ => Err(self.not_ours()),
        }
    }

    /// The error for a document whose parts are of the wrong kind.
    pub fn broken(&self, problem: &str) -> ParseError {
        json::broken(self.body, problem.to_owned())
    }
}

/// Compiles a format that has no options.
pub fn compile(options: &Options, plain: &Plain) -> Compiled {
    let empty = match options {
        Options::Null => true,
        Options::Object(map) => map.is_empty(),
        _ => false,
    };
    if empty {
        return Ok(Box::new(*plain));
    }
    Err(vec![OptionProblem { at: Vec::new(), message: "this format has no options".to_owned() }])
}

impl Adapter for Plain {
    fn documents(&self, base: &Url) -> Vec<Document> {
        match self.documents {
            Where::By(make) => make(base),
            Where::Below(places) => places
                .iter()
                .map(|place| Document {
                    name: place.name,
                    url: below(base, place.path, places),
                    role: place.role,
                    accept: accept(place.path),
                })
                .collect(),
        }
    }

    fn parse(&self, documents: &[Body], now: Timestamp) -> Result<Observation, ParseError> {
        let mut ordered: Vec<&Body> = documents.iter().collect();
        ordered.sort_by_key(|body| body.role == Role::History);
        let loaded: Result<Vec<Doc<'_>>, ParseError> = ordered
            .into_iter()
            .map(|body| Ok(Doc { value: (self.load)(body, self.expected)?, body, expected: self.expected }))
            .collect();
        let mut draft = Draft::new(now, self.basis);
        (self.read)(&loaded?, &mut draft)?;
        Ok(draft.finish())
    }
}

/// The address below a page, which may itself be one of the page's documents.
fn below(base: &Url, path: &'static str, places: &[Place]) -> Url {
    let mut url = base.clone();
    if path.is_empty() {
        return url;
    }
    let mut own = base.path();
    for place in places.iter().filter(|place| !place.path.is_empty()) {
        own = own.strip_suffix(split(place.path).0).unwrap_or(own);
    }
    let (path, query) = split(path);
    let whole = format!("{}/{path}", own.trim_end_matches('/'));
    url.set_path(&whole);
    url.set_query(query);
    url.set_fragment(None);
    url
}

/// A path, and the query behind it.
fn split(path: &'static str) -> (&'static str, Option<&'static str>) {
    path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)))
}

/// What is asked for at a path.
pub fn accept(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or(path);
    let ends = |ends: &[&str]| ends.iter().any(|end| path.trim_end_matches('/').ends_with(end));
    match path {
        "" => "text/html, application/json;q=0.9, */*;q=0.5",
        _ if ends(&["rss", "atom", "xml", "feed"]) => "application/rss+xml, application/atom+xml, application/xml",
        _ => "application/json",
    }
}

/// Loads JSON as it is and markup as its text, for formats that are read from either.
///
/// # Errors
/// As [`json::read`], where it is neither.
pub fn json_or_markup(body: &Body, expected: &str) -> Result<Value, ParseError> {
    let good = (200..300).contains(&body.status);
    let decoded = text::decode(&body.bytes, body.content_type.as_deref());
    if good && decoded.trim_start().starts_with('<') {
        return Ok(Value::String(decoded.into_owned()));
    }
    json::read(body, expected)
}
