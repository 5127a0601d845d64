//! A document of which it is not known yet what it is, decoded at most once.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::json::Value;
use super::{Body, json, text};

/// A document to recognise.
#[derive(Debug)]
pub struct Sample<'a> {
    /// As it came.
    pub body: &'a Body,
    text: OnceCell<Cow<'a, str>>,
    json: OnceCell<Value>,
}

impl<'a> Sample<'a> {
    /// Nothing is decoded yet.
    pub fn new(body: &'a Body) -> Self {
        Self { body, text: OnceCell::new(), json: OnceCell::new() }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| text::decode(&self.body.bytes, self.body.content_type.as_deref()))
    }

    /// Its JSON; null where it is none.
    pub fn json(&self) -> &Value {
        self.json.get_or_init(|| json::read(self.body, "").unwrap_or_default())
    }

    /// Its HTML or XML; empty where it is neither, or no good answer.
    pub fn markup(&self) -> &str {
        let good = (200..300).contains(&self.body.status);
        let text = self.text().trim_start();
        if good && text.starts_with('<') { text } else { "" }
    }

    /// True where its markup holds one of these texts.
    pub fn holds(&self, marks: &[&str]) -> bool {
        let markup = self.markup();
        marks.iter().any(|mark| markup.contains(mark))
    }
}
