//! Finding out how a page publishes, where the configuration does not say.

use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use crate::catalog::detect::{Detector, Step};
use crate::config::{Reader, SourceConfig};
use crate::fetch::Request;
use crate::formats::{self, Body, Options, Role};
use crate::model::source::FailureKind;
use crate::store::Detected;

use super::Shared;
use super::reading::{Fault, Target};

/// Asks the page's usual documents, a few at most, until one is recognised and understood.
///
/// # Errors
/// Where none is; the message says what was seen.
pub async fn detect(config: &SourceConfig, shared: &Shared) -> Result<Detected, Fault> {
    let now = shared.clock.now().wall;
    let mut detector = Detector::new(config.address.clone());
    let mut answer: Option<Result<Body, String>> = None;
    let mut last: Option<Fault> = None;
    loop {
        let given = answer.take();
        let given = given.as_ref().map(|answer| answer.as_ref().map_err(String::as_str));
        match detector.next(given, now) {
            Step::Fetch { url, accept } => match get(&url, accept, config, shared).await {
                Ok(body) => answer = Some(Ok(body)),
                Err(fault) => {
                    answer = Some(Err(fault.failure.message.clone()));
                    if is_final(fault.failure.kind) {
                        return Err(fault);
                    }
                    last = Some(fault);
                }
            },
            Step::Found(found) => {
                tracing::info!(source = %config.source.id, format = found.format.name, "found out the format");
                return Ok(Detected {
                    configured: config.source.url.clone(),
                    format: found.format.name.to_owned(),
                    address: found.address.to_string(),
                });
            }
            Step::NotFound { seen } => {
                let unreachable = last.filter(|fault| fault.failure.kind != FailureKind::Gone && seen.is_empty());
                return Err(unreachable.unwrap_or_else(|| {
                    let seen = seen.join("; ");
                    let message =
                        format!("no known format recognised: {seen}; name one with `format:`, as `format: html`");
                    Fault::new(FailureKind::Unreadable, message)
                }));
            }
        }
    }
}

/// What was found, ready to read.
///
/// # Errors
/// Where a remembered format is not known any more.
pub fn target(detected: &Detected) -> Option<Target> {
    let format = formats::find(&detected.format)?;
    let adapter = (format.compile)(&Options::Null).ok()?;
    let reader = Reader { format, adapter: Arc::from(adapter) };
    Some(Target { reader, address: detected.address.parse().ok()? })
}

/// Failures that asking for another document of the same host does not mend.
fn is_final(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unreachable | FailureKind::Blocked | FailureKind::RateLimited | FailureKind::Timeout)
}

async fn get(url: &Url, accept: &'static str, config: &SourceConfig, shared: &Shared) -> Result<Body, Fault> {
    let request = Request {
        url,
        accept,
        headers: &config.headers,
        allow_private: config.allow_private,
        ca: config.ca.as_deref(),
        validators: None,
    };
    let answer = shared.fetcher.get(request).await?;
    Ok(Body {
        name: url.path().to_owned(),
        role: Role::Present,
        content_type: answer.content_type,
        url: Some(answer.url),
        status: answer.status,
        bytes: answer.body.unwrap_or_else(Bytes::new),
    })
}
