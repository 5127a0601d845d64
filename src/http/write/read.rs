//! Reading a write: its body, its version, its key; and its words made safe.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::http::App;
use crate::http::auth::Caller;
use crate::http::error::Fail;
use crate::http::ready::{Doc, JSON};
use crate::http::wire::write::Hit as HitShape;
use crate::limits;
use crate::model::id::{IncidentId, ServiceId};
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::local::{Hit, Words};
use crate::text;

/// A version that nothing ever has: what the asker has seen is none that is known.
const NO_VERSION: u64 = u64::MAX;

/// A write as it came, read whole.
#[derive(Debug)]
pub(in crate::http) struct Asked {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<App> for Asked {
    type Rejection = Fail;

    async fn from_request(request: Request, app: &App) -> Result<Self, Fail> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let headers = request.headers().clone();
        let json = |kind: &str| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(JSON));
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.is_some_and(|kind| !json(kind)) {
            return Err(Fail::Body("is not `application/json`"));
        }
        match tokio::time::timeout(limits::REQUEST_BODY, Bytes::from_request(request, app)).await {
            Ok(Ok(body)) => Ok(Self { method, path, headers, body }),
            Ok(Err(_)) => Err(Fail::Body("is larger than is accepted here, or did not arrive whole")),
            Err(_) => Err(Fail::Body("did not arrive in time")),
        }
    }
}

impl Asked {
    /// The body as JSON of that shape.
    pub(in crate::http) fn json<T: DeserializeOwned>(&self) -> Result<T, Fail> {
        serde_json::from_slice(&self.body).map_err(|error| Fail::Shape(error.to_string()))
    }

    /// Who asks with which key, and a digest of the request; `None` where it names no key.
    pub(in crate::http) fn once(&self, caller: &Caller) -> Option<(String, String)> {
        let key = self.headers.get("idempotency-key")?.to_str().ok()?.trim();
        let mut digest = Sha256::new();
        for part in [self.method.as_str().as_bytes(), self.path.as_bytes(), &self.body] {
            digest.update(part);
            digest.update([0]);
        }
        let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let actor = caller.actor();
        Some((format!("{} {} {key}", actor.means.as_str(), actor.id), digest))
    }

    /// Refuses a key that cannot be kept.
    pub(in crate::http) fn check_key(&self) -> Result<(), Fail> {
        match self.headers.get("idempotency-key") {
            None => Ok(()),
            Some(key) if key.to_str().is_ok_and(|key| (1..=255).contains(&key.trim().len())) => Ok(()),
            Some(_) => Err(Fail::Parameter {
                name: "Idempotency-Key",
                problem: "has to be 1 to 255 visible ASCII characters".to_owned(),
            }),
        }
    }

    /// The version that the asker has seen, from `If-Match`: `"v3"` as writes are answered with, or the tag of the
    /// document that reading gives. `current`: the version in force and that document.
    pub(in crate::http) fn version(&self, current: impl FnOnce() -> Option<(u64, Doc)>) -> Result<Option<u64>, Fail> {
        self.check_key()?;
        let Some(value) = self.headers.get(header::IF_MATCH) else { return Ok(None) };
        let tags = value.to_str().unwrap_or_default();
        if tags.trim() == "*" {
            return Ok(None);
        }
        for tag in tags.split(',').map(str::trim) {
            let number = tag.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"'));
            if let Some(version) = number.and_then(|digits| digits.parse().ok()) {
                return Ok(Some(version));
            }
        }
        match current() {
            Some((version, doc)) if tags.split(',').any(|tag| doc.is_tagged(tag.trim())) => Ok(Some(version)),
            // It is the writer who refuses: a write that comes again was right the first time.
            _ => Ok(Some(NO_VERSION)),
        }
    }
}

/// Markdown, as typed and made safe.
pub(in crate::http) fn words(markdown: &str) -> Words {
    let markdown: String = markdown.trim().chars().take(limits::BODY).collect();
    Words { text: text::markdown(&markdown), markdown }
}

/// A title, safe and in one line.
pub(in crate::http) fn title(raw: &str) -> String {
    text::line(raw, limits::TITLE)
}

/// Words of the interface, or what they could be.
fn wrong(name: &'static str, word: &str, all: &[&str]) -> Fail {
    Fail::Parameter { name, problem: format!("cannot be `{}`; it is one of {}", title(word), all.join(", ")) }
}

pub(in crate::http) fn impact(word: &str) -> Result<Impact, Fail> {
    const WORDS: [&str; 4] = ["none", "minor", "major", "critical"];
    Impact::from_word(word).filter(|_| WORDS.contains(&word)).ok_or_else(|| wrong("impact", word, &WORDS))
}

pub(in crate::http) fn phase(word: &str) -> Result<Phase, Fail> {
    Phase::from_word(word).ok_or_else(|| wrong("status", word, &Phase::ALL.map(Phase::as_str)))
}

pub(in crate::http) fn state(word: &str) -> Result<State, Fail> {
    State::from_word(word).ok_or_else(|| wrong("state", word, &State::ALL.map(State::as_str)))
}

/// Services with their states; one that is not given follows the impact.
pub(in crate::http) fn hits(shapes: &[HitShape], impact: Impact) -> Result<Vec<Hit>, Fail> {
    let hit = |shape: &HitShape| match shape {
        HitShape::Id(id) => Ok(Hit { service: ServiceId::new(id), state: impact.level().into() }),
        HitShape::State(hit) => Ok(Hit { service: ServiceId::new(&hit.id), state: state(&hit.state)? }),
    };
    shapes.iter().map(hit).collect()
}

/// Ids of upstream incidents, cut to what an id can be.
pub(in crate::http) fn related(ids: &[String]) -> Vec<IncidentId> {
    ids.iter().take(limits::RELATED).map(|id| IncidentId::new(text::line(id, 200))).collect()
}
