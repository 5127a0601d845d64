//! Finding out how a page publishes, where the configuration does not say.

use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use crate::catalog::detect::{Detector, Step};
use crate::config::{Reader, SourceConfig};
use crate::fetch::Request;
use crate::formats::{self, Body, Options, Role, Sureness};
use crate::limits;
use crate::model::source::FailureKind;
use crate::store::Detected;

use super::aside::aside;
use super::fault::Fault;
use super::reading::Target;
use super::{Shared, headers_for};

/// What a page turned out to be.
#[derive(Debug)]
pub struct Found {
    /// What is remembered of it.
    pub detected: Detected,
    /// How sure that is.
    pub sureness: Sureness,
    /// What was asked for, and what was there.
    pub seen: Vec<String>,
    /// Where the page was met in the end.
    pub page: Url,
    /// The same, where permanent redirects alone led there from the address that was looked at.
    pub moved_to: Option<Url>,
}

impl Found {
    /// True where what is read is at the same origin as the address that was given.
    pub fn is_beside(&self, given: &Url) -> bool {
        self.detected.address.parse::<Url>().is_ok_and(|read| read.origin() == given.origin())
    }
}

/// Asks the page's usual documents, a few at most, until one is recognised and understood.
///
/// # Errors
/// Where none is; the message says what was seen.
pub async fn detect(page: &Url, config: &SourceConfig, shared: &Shared) -> Result<Found, Fault> {
    let now = shared.clock.now().wall;
    let mut detector = Detector::new(page.clone());
    let mut answer: Option<Result<Body, String>> = None;
    let mut met = Met::default();
    loop {
        let given = answer.take();
        let look = move || {
            let given = given.as_ref().map(|answer| answer.as_ref().map_err(String::as_str));
            let step = detector.next(given, now);
            (detector, step)
        };
        let (searching, step) = aside("unknown", limits::RECOGNISE_TIME, shared, look).await?;
        detector = searching;
        match step {
            Step::Fetch { url, accept } => match get(&url, accept, config, shared).await {
                Ok((body, moved_to)) => {
                    met.answered = true;
                    met.moved_to.extend(moved_to);
                    answer = Some(Ok(body));
                }
                Err(fault) => {
                    answer = Some(Err(fault.failure.message.clone()));
                    if is_final(fault.failure.kind) {
                        return Err(fault);
                    }
                    met.faults.push(fault);
                }
            },
            Step::Found(found) => {
                tracing::info!(source = %config.source.id, format = found.format.name, "found out the format");
                return Ok(Found {
                    detected: Detected {
                        configured: config.source.url.clone(),
                        format: found.format.name.to_owned(),
                        address: found.address.to_string(),
                    },
                    moved_to: met.moved_to.into_iter().find(|to| *to == found.page),
                    page: found.page,
                    sureness: found.sureness,
                    seen: found.seen,
                });
            }
            Step::NotFound { seen } => return Err(met.nothing(&seen)),
        }
    }
}

/// What was met on the way.
#[derive(Debug, Default)]
struct Met {
    answered: bool,
    moved_to: Vec<Url>,
    faults: Vec<Fault>,
}

impl Met {
    /// Why nothing was found: what every request met, or that no answer was understood.
    fn nothing(mut self, seen: &[String]) -> Fault {
        let all_alike = self.faults.windows(2).all(|two| two[0].failure.kind == two[1].failure.kind);
        match self.faults.pop() {
            Some(fault) if !self.answered && all_alike => fault,
            _ => {
                let seen = seen.join("; ");
                let message = format!("no known format recognised: {seen}; name one with `format:`, as `format: html`");
                Fault::new(FailureKind::Unreadable, message)
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

/// The document, and where permanent redirects led.
async fn get(
    url: &Url,
    accept: &'static str,
    config: &SourceConfig,
    shared: &Shared,
) -> Result<(Body, Option<Url>), Fault> {
    let request = Request {
        url,
        accept,
        headers: headers_for(config, url),
        allow_private: config.allow_private,
        ca: config.ca.as_deref(),
        validators: None,
    };
    let answer = shared.fetcher.get(request).await?;
    let body = Body {
        name: url.path().to_owned(),
        role: Role::Present,
        content_type: answer.content_type,
        url: Some(answer.url),
        status: answer.status,
        bytes: answer.body.unwrap_or_else(Bytes::new),
    };
    Ok((body, answer.moved_to))
}
