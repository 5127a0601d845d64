//! Answers from bytes that stand ready: not modified, in the smallest form that the asker reads.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::App;
use super::error::Fail;
use super::ready::{Coding, Doc, Ready};
use crate::model::snapshot::Snapshot;

/// Answers a request for `doc`.
pub(super) fn answer(asked: &HeaderMap, doc: &Doc) -> Response {
    let coding = choose(asked, |coding| doc.has(coding));
    let tag = doc.tag(coding);
    if is_known(asked, doc) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        describe(response.headers_mut(), doc, &tag);
        return response;
    }
    let mut response = Response::new(Body::from(doc.bytes(coding)));
    let headers = response.headers_mut();
    describe(headers, doc, &tag);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(doc.kind));
    if let Some(word) = coding.word() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(word));
    }
    response
}

/// Answers with a document that was made for this request, in one form that is asked for, which is
/// compressed off the async threads, and only where the asker does not hold the content.
pub(super) async fn made(asked: &HeaderMap, doc: Doc) -> Result<Response, Fail> {
    let coding = choose(asked, |_| doc.is_worth_it());
    if coding == Coding::Identity || is_known(asked, &doc) {
        return Ok(answer(asked, &doc));
    }
    match tokio::task::spawn_blocking(move || doc.with(coding)).await {
        Ok(doc) => Ok(answer(asked, &doc)),
        Err(error) => {
            tracing::error!(%error, "a document could not be compressed");
            Err(Fail::Internal)
        }
    }
}

/// Answers with a document that is made by whoever asks first, and kept for all others until the snapshot changes.
/// `name` tells it from all other documents; make sure that there is such a thing before asking for it.
pub(super) async fn once<F>(
    app: &App,
    asked: &HeaderMap,
    name: String,
    kind: &'static str,
    make: F,
) -> Result<Response, Fail>
where
    F: FnOnce(&Snapshot) -> Result<Vec<u8>, Fail> + Send + 'static,
{
    let ready = app.0.ready.load_full();
    let modified = ready.snapshot.generated_at;
    kept(ready, asked, name, kind, modified, make).await
}

/// The same for the snapshot that `ready` is of, where the asker has it at hand, with the time since which the document
/// is as it is.
pub(super) async fn kept<F>(
    ready: Arc<Ready>,
    asked: &HeaderMap,
    name: String,
    kind: &'static str,
    modified: Timestamp,
    make: F,
) -> Result<Response, Fail>
where
    F: FnOnce(&Snapshot) -> Result<Vec<u8>, Fail> + Send + 'static,
{
    if let Some(doc) = ready.memo.get(&name) {
        return Ok(answer(asked, &doc));
    }
    let made = tokio::task::spawn_blocking(move || {
        let bytes = make(&ready.snapshot)?;
        let doc = Doc::new(kind, modified, bytes.into(), None);
        Ok::<_, Fail>(ready.memo.put(name, doc))
    });
    match made.await {
        Ok(doc) => Ok(answer(asked, &doc?)),
        Err(error) => {
            tracing::error!(%error, "a document could not be made");
            Err(Fail::Internal)
        }
    }
}

fn describe(headers: &mut HeaderMap, doc: &Doc, tag: &str) {
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, value);
    }
    let seconds = u64::try_from(doc.modified.as_second()).unwrap_or(0);
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    if let Ok(value) = HeaderValue::from_str(&httpdate::fmt_http_date(modified)) {
        headers.insert(header::LAST_MODIFIED, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(doc.caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
}

/// True where the asker holds this very content. `If-None-Match` outweighs `If-Modified-Since`.
fn is_known(asked: &HeaderMap, doc: &Doc) -> bool {
    let mut tags = asked.get_all(header::IF_NONE_MATCH).iter().peekable();
    if tags.peek().is_some() {
        return tags.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).any(|tag| {
            let tag = tag.trim();
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            tag == "*" || doc.is_tagged(tag)
        });
    }
    asked
        .get(header::IF_MODIFIED_SINCE)
        .and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok())
        .and_then(|since| Timestamp::try_from(since).ok())
        .is_some_and(|since| doc.modified.as_second() <= since.as_second())
}

/// The smallest coding that is at hand and accepted; a tie in the asker's weights goes to the smaller.
fn choose(asked: &HeaderMap, has: impl Fn(Coding) -> bool) -> Coding {
    let accepted: Vec<(&str, f32)> = asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(weighed)
        .collect();
    let weight = |word: &str| {
        let named = accepted.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        named.or_else(|| accepted.iter().find(|(name, _)| *name == "*")).map_or(0.0, |(_, weight)| *weight)
    };
    let (brotli, gzip) = (weight("br"), weight("gzip"));
    if has(Coding::Brotli) && brotli > 0.0 && brotli >= gzip {
        Coding::Brotli
    } else if has(Coding::Gzip) && gzip > 0.0 {
        Coding::Gzip
    } else {
        Coding::Identity
    }
}

fn weighed(part: &str) -> (&str, f32) {
    let (name, rest) = part.split_once(';').unwrap_or((part, ""));
    let weight = rest.trim().strip_prefix("q=").and_then(|q| q.trim().parse().ok()).unwrap_or(1.0);
    (name.trim(), weight)
}
