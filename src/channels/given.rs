//! What a channel was given in `sources.yaml`.

use std::collections::BTreeMap;

use secrecy::SecretString;
use url::Url;

/// One key that a kind takes.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// As it stands in `sources.yaml`.
    pub key: &'static str,
    /// What its value is.
    pub sort: Sort,
    /// It has to be there.
    pub needed: bool,
    /// Where people find it; shown where it is missing.
    pub hint: &'static str,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// One line.
    Text,
    /// A secret: text, from the environment, or `{file: …}`.
    Secret,
    /// An http or https address that is not secret.
    Url,
    /// An http or https address with a secret in it.
    SecretUrl,
    /// `true` or `false`.
    Flag,
    /// One text or a list of them.
    Texts,
    /// Names to texts.
    Map,
}

/// A value as it was given.
#[derive(Debug, Clone)]
pub enum Value {
    /// One line.
    Text(String),
    /// A secret.
    Secret(SecretString),
    /// An address.
    Url(Url),
    /// `true` or `false`.
    Flag(bool),
    /// Texts.
    Texts(Vec<String>),
    /// Names to texts, in the order given.
    Map(Vec<(String, String)>),
}

/// What a channel was given; every value is of its key's sort, and what is needed is there.
#[derive(Debug, Clone, Default)]
pub struct Given(pub BTreeMap<&'static str, Value>);

impl Given {
    /// A text, taken out; empty where it is not there.
    pub fn text(&mut self, key: &str) -> String {
        self.maybe_text(key).unwrap_or_default()
    }

    /// A text, taken out.
    pub fn maybe_text(&mut self, key: &str) -> Option<String> {
        match self.0.remove(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A secret, taken out; empty where it is not there.
    pub fn secret(&mut self, key: &str) -> SecretString {
        self.maybe_secret(key).unwrap_or_default()
    }

    /// A secret, taken out.
    pub fn maybe_secret(&mut self, key: &str) -> Option<SecretString> {
        match self.0.remove(key) {
            Some(Value::Secret(secret)) => Some(secret),
            _ => None,
        }
    }

    /// An address, taken out.
    pub fn url(&mut self, key: &str) -> Option<Url> {
        match self.0.remove(key) {
            Some(Value::Url(url)) => Some(url),
            _ => None,
        }
    }

    /// A flag, taken out; `false` where it is not there.
    pub fn flag(&mut self, key: &str) -> bool {
        matches!(self.0.remove(key), Some(Value::Flag(true)))
    }

    /// Texts, taken out.
    pub fn texts(&mut self, key: &str) -> Vec<String> {
        match self.0.remove(key) {
            Some(Value::Texts(texts)) => texts,
            _ => Vec::new(),
        }
    }

    /// Names to texts, taken out.
    pub fn map(&mut self, key: &str) -> Vec<(String, String)> {
        match self.0.remove(key) {
            Some(Value::Map(entries)) => entries,
            _ => Vec::new(),
        }
    }
}
