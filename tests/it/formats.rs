//! The adapters: golden observations of real-shaped documents, hostile ones, and captured ones where they are at hand.

mod asked;
mod captured;
mod complete;
mod damage;
mod feeds;
mod golden;
mod hostile;
mod scraped;

use std::path::{Path, PathBuf};

use allclear::formats::{self, Adapter, Body, Format, Options, ParseError, Role};
use allclear::model::observation::Observation;
use bytes::Bytes;
use jiff::Timestamp;

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures")
}

pub fn body(name: &str, bytes: impl Into<Bytes>) -> Body {
    Body { name: name.into(), role: Role::Present, content_type: None, url: None, status: 200, bytes: bytes.into() }
}

pub fn format(name: &str) -> &'static Format {
    formats::find(name).unwrap_or_else(|| panic!("no format is called {name}"))
}

pub fn adapter(name: &str, options: &Options) -> Box<dyn Adapter> {
    (format(name).compile)(options).unwrap_or_else(|problems| panic!("{name}: {problems:?}"))
}

pub fn now() -> Timestamp {
    "2026-01-02T04:00:00Z".parse().unwrap()
}

pub fn parse(name: &str, bytes: &[u8]) -> Result<Observation, ParseError> {
    adapter(name, &Options::Null).parse(&[body("document", bytes.to_vec())], now())
}
