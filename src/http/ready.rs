//! What many read, rendered once per change: bytes with their ETag and their compressed forms.

use std::collections::HashMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::limits;
use crate::model::snapshot::Snapshot;
use crate::render::Pages;
use crate::telemetry::Drawn;
use crate::wire::summary::Summary;

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const JSON: &str = "application/json";
pub(super) const ATOM: &str = "application/atom+xml; charset=utf-8";
pub(super) const RSS: &str = "application/rss+xml; charset=utf-8";
pub(super) const FEED: &str = "application/feed+json; charset=utf-8";
pub(super) const CALENDAR: &str = "text/calendar; charset=utf-8";
/// Compressed in itself.
pub(super) const PNG: &str = "image/png";
/// For what changes at any time: keep it, but ask before using it.
pub(super) const LIVE: &str = "no-cache";
/// For what never changes under its name.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For what changes with the program.
pub(super) const FOR_A_DAY: &str = "public, max-age=86400";
/// Smaller documents gain nothing from being compressed.
const WORTH_IT: usize = 512;
const BROTLI_LEVEL: i32 = 4;
const BROTLI_WINDOW: i32 = 19;

/// A document could not be made: a fault of this program.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The API.
    #[error("a JSON document could not be made: {0}")]
    Json(#[from] serde_json::Error),
}

/// How bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// One document in all its forms.
#[derive(Debug, Clone)]
pub(super) struct Doc {
    pub(super) kind: &'static str,
    pub(super) caching: &'static str,
    pub(super) modified: Timestamp,
    digest: String,
    identity: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

impl Doc {
    /// Compresses `bytes`; takes the forms and the time of `before` where nothing changed.
    pub(super) fn new(kind: &'static str, modified: Timestamp, bytes: Bytes, before: Option<&Self>) -> Self {
        let plain = Self::plain(kind, modified, bytes);
        match before {
            Some(before) if before.digest == plain.digest => before.clone(),
            _ if plain.is_worth_it() => plain.with(Coding::Gzip).with(Coding::Brotli),
            _ => plain,
        }
    }

    /// A document as it is, made for one request; `with` adds the form that is asked for.
    pub(super) fn plain(kind: &'static str, modified: Timestamp, bytes: Bytes) -> Self {
        Self { kind, caching: LIVE, modified, digest: digest(&bytes), identity: bytes, gzip: None, brotli: None }
    }

    /// True where compressing gains something.
    pub(super) fn is_worth_it(&self) -> bool {
        self.identity.len() >= WORTH_IT && self.kind != PNG
    }

    /// Adds one form. It computes for a while: not for an async thread.
    pub(super) fn with(mut self, coding: Coding) -> Self {
        match coding {
            Coding::Identity => {}
            Coding::Gzip => self.gzip = gzip(&self.identity),
            Coding::Brotli => self.brotli = brotli(&self.identity),
        }
        self
    }

    pub(super) fn has(&self, coding: Coding) -> bool {
        match coding {
            Coding::Identity => true,
            Coding::Gzip => self.gzip.is_some(),
            Coding::Brotli => self.brotli.is_some(),
        }
    }

    pub(super) fn bytes(&self, coding: Coding) -> Bytes {
        let form = match coding {
            Coding::Identity => None,
            Coding::Gzip => self.gzip.as_ref(),
            Coding::Brotli => self.brotli.as_ref(),
        };
        form.unwrap_or(&self.identity).clone()
    }

    /// The strong ETag of one form: forms of one content differ in their bytes, so in their tags.
    pub(super) fn tag(&self, coding: Coding) -> String {
        match coding.word() {
            None => format!("\"{}\"", self.digest),
            Some(word) => format!("\"{}-{word}\"", self.digest),
        }
    }

    /// True where `tag`, in quotes, is that of any form of this content.
    pub(super) fn is_tagged(&self, tag: &str) -> bool {
        let inner = tag.trim_matches('"');
        inner.strip_prefix(self.digest.as_str()).is_some_and(|rest| matches!(rest, "" | "-gzip" | "-br"))
    }
}

/// Everything that stands ready, all of one snapshot.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) snapshot: Arc<Snapshot>,
    /// `None` where the page could not be made: an old one in its place could show a wrong green.
    pub(super) page: Option<Doc>,
    pub(super) summary: Doc,
    pub(super) memo: Memo,
    /// For `/metrics`.
    pub(super) figures: Drawn,
}

/// Documents that somebody asked for, made once for all who ask while the snapshot is the newest.
#[derive(Debug, Default)]
pub(super) struct Memo {
    made: Mutex<HashMap<String, Doc>>,
    /// What they were made of before, by digest, and since when: a document is as old as its content.
    before: HashMap<String, (String, Timestamp)>,
}

impl Memo {
    /// A document that stands ready by now.
    pub(super) fn get(&self, name: &str) -> Option<Doc> {
        self.held().get(name).cloned()
    }

    /// Keeps a document for whoever asks next, while there is room, and gives it back with the time of its content.
    pub(super) fn put(&self, name: String, mut doc: Doc) -> Doc {
        if let Some((_, modified)) = self.before.get(&name).filter(|(digest, _)| *digest == doc.digest) {
            doc.modified = *modified;
        }
        let mut held = self.held();
        if held.len() < limits::MEMO {
            held.insert(name, doc.clone());
        }
        doc
    }

    /// An empty one for the next snapshot, which remembers how old these are.
    fn next(&self) -> Self {
        let mut before: HashMap<String, (String, Timestamp)> =
            self.held().iter().map(|(name, doc)| (name.clone(), (doc.digest.clone(), doc.modified))).collect();
        for (name, seen) in &self.before {
            if before.len() < limits::MEMO && !before.contains_key(name) {
                before.insert(name.clone(), seen.clone());
            }
        }
        Self { made: Mutex::default(), before }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Doc>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ready {
    /// Renders all documents of `snapshot`. It computes for a while: not for an async thread.
    pub(super) fn build(pages: &Pages, snapshot: Arc<Snapshot>, before: Option<&Self>) -> Result<Self, BuildError> {
        let at = snapshot.generated_at;
        let html = page(pages, &snapshot);
        let summary = serde_json::to_vec(&Summary::of(&snapshot))?;
        Ok(Self {
            page: html.map(|html| Doc::new(HTML, at, html.into(), before.and_then(|ready| ready.page.as_ref()))),
            summary: Doc::new(JSON, at, summary.into(), before.map(|ready| &ready.summary)),
            memo: before.map(|ready| ready.memo.next()).unwrap_or_default(),
            figures: Drawn::default(),
            snapshot,
        })
    }
}

/// The page, or nothing where its template fails: the API goes on without it.
fn page(pages: &Pages, snapshot: &Snapshot) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| pages.status(snapshot))) {
        Ok(Ok(html)) => Some(html),
        Ok(Err(error)) => {
            tracing::error!(%error, "the page could not be made; the API goes on");
            None
        }
        Err(_) => {
            tracing::error!("making the page panicked; the API goes on");
            None
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn brotli(bytes: &[u8]) -> Option<Bytes> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_LEVEL,
        lgwin: BROTLI_WINDOW,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params).ok()?;
    Some(Bytes::from(out))
}
