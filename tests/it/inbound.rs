//! What other tools push: golden readings of real-shaped requests, hostile ones, and captured ones where they are at hand.

mod captured;
mod golden;
mod hostile;

use std::fs;
use std::path::{Path, PathBuf};

use allclear::inbound::mapped::{Mapping, Way};
use allclear::inbound::{Asked, Heard, Reader, Refusal, find};
use allclear::model::level::Impact;
use jiff::Timestamp;

pub fn now() -> Timestamp {
    "2026-01-02T04:00:00Z".parse().unwrap()
}

/// A request as it stands in a file: whole in `.http`, or a body of JSON.
pub struct Saved {
    pub method: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Saved {
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { method: "POST".to_owned(), query: String::new(), headers, body: body.into() }
    }

    pub fn read(file: &Path) -> Self {
        let bytes = fs::read(file).unwrap();
        if file.extension().unwrap() != "http" {
            return Self::json(bytes);
        }
        let text = String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap();
        let mut lines = head.lines();
        let mut request = lines.next().unwrap().split(' ');
        let (method, target) = (request.next().unwrap().to_owned(), request.next().unwrap());
        let query = target.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        Self { method, query, headers, body: body.trim_end_matches('\n').replace('\n', "\r\n").into_bytes() }
    }

    pub fn ask<T>(&self, take: impl FnOnce(&Asked<'_>) -> T) -> T {
        let find = |name: &str| self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        take(&Asked { method: &self.method, query: &self.query, header: &find, body: &self.body })
    }
}

/// Reads what is pushed to a hook of this kind; the kind `json` as its fixtures are mapped.
pub fn read(kind: &str, saved: &Saved, now: Timestamp) -> Result<Heard, Refusal> {
    let reader = Reader { kind: find(kind).unwrap(), mapping: (kind == "json").then(mapping) };
    saved.ask(|asked| reader.read(asked, now))
}

fn mapping() -> Mapping {
    let way = |raw: &str| Way::new(raw).unwrap();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Mapping {
        each: Some(way("/events")),
        key: way("ref"),
        title: way("what.line"),
        text: Some(way("/what/more")),
        status: way("state"),
        firing: words(&["down", "degraded"]),
        resolved: words(&["UP"]),
        ignore: words(&["muted"]),
        impact: Some(way("weight")),
        impacts: vec![("hoch".to_owned(), Impact::Critical)],
        at: Some(way("when")),
        since: Some(way("begun")),
        url: Some(way("page")),
        labels: Some(way("tags")),
    }
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/inbound")
}

/// The files of a kind, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
