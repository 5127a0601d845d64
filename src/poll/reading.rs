//! One reading of one source: fetch its documents, understand them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tracing::Instrument as _;
use url::Url;

use crate::config::{Reader, SourceConfig};
use crate::fetch::{Answer, FetchError, Request};
use crate::formats::{Body, Document, Role, outline};
use crate::ingest::Outcome;
use crate::limits;
use crate::model::level::State;
use crate::model::observation::Observation;
use crate::model::outline::Shape;
use crate::model::receipt::{self, Receipt};
use crate::model::source::FailureKind;
use crate::model::state::Validators;
use crate::rules::derive;
use crate::telemetry::trace;

use super::aside::aside;
use super::fault::Fault;
use super::{Shared, headers_for};

/// A format with its options, and the address to read with it.
#[derive(Debug, Clone)]
pub struct Target {
    /// How to read.
    pub reader: Reader,
    /// Where; secrets included.
    pub address: Url,
}

/// What a reading needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// As configured.
    pub config: &'a SourceConfig,
    /// How to read, and where.
    pub target: &'a Target,
    /// To ask "has it changed?" with; none: everything is asked for anew.
    pub validators: &'a [Validators],
    /// The upstream's ids of what is open here.
    pub open: &'a [String],
    /// There was no good reading yet, so the past is fetched, too.
    pub first: bool,
}

/// A good reading.
#[derive(Debug)]
pub struct Read {
    /// What came of it.
    pub outcome: Outcome,
    /// To ask with next time.
    pub validators: Vec<Validators>,
    /// Where a permanent redirect points.
    pub moved_to: Option<String>,
    /// Bytes read, after decompression.
    pub bytes: u64,
}

/// Documents that may be "not changed", or not to be had, while another document of the same source is read.
#[derive(Debug, Default)]
pub struct Kept(HashMap<&'static str, Had>);

/// A document as it was last had.
#[derive(Debug, Clone)]
struct Had {
    body: Body,
    /// When the upstream last said that it is like this, on the monotonic clock.
    at: Duration,
}

/// Reads a source once.
///
/// # Errors
/// Where a document that is needed cannot be had, or what came is not understood.
pub async fn read(plan: Plan<'_>, kept: &mut Kept, shared: &Shared) -> Result<Read, Fault> {
    let documents = plan.target.reader.adapter.documents(&plan.target.address);
    let (present, history): (Vec<Document>, Vec<Document>) =
        documents.into_iter().partition(|document| document.role != Role::History);
    let several = present.len() > 1;
    let mut got = Got { now: shared.clock.now().mono, ..Got::default() };
    for document in &present {
        // A document may only be "not changed" where its body is at hand, or where nothing else is read.
        let known = plan.validators.iter().find(|v| v.document == document.name);
        let asks = |v: &&Validators| v.etag.is_some() || v.last_modified.is_some();
        let usable = known.filter(asks).filter(|_| !several || kept.0.contains_key(document.name));
        match get(document, plan.config, usable, shared).await {
            Ok(answer) => got.take(document, answer, plan.target, kept),
            Err(error) if document.role == Role::Extra => {
                let horizon = derive::horizon(&plan.config.source);
                got.miss(document, &error, known, kept.0.get(document.name), horizon);
            }
            Err(error) => return Err(error.into()),
        }
    }
    if several {
        kept.0 = std::mem::take(&mut got.had);
    }
    if !got.changed {
        return Ok(Read { outcome: Outcome::Unchanged, validators: got.validators, moved_to: got.moved_to, bytes: 0 });
    }
    // One moment for all of it: a receipt that is read again is read as of the same one.
    let read_at = shared.clock.now().wall;
    let (mut observation, shape) = parse(plan, &got.bodies, read_at, shared).await?;
    got.own_up(&mut observation);
    let vanished = plan.open.iter().any(|open| !lists(&observation, open));
    let mut with_history = false;
    if !history.is_empty() && (plan.first || vanished) {
        let before = got.bodies.len();
        for document in &history {
            match get(document, plan.config, None, shared).await {
                Ok(answer) => got.add_history(document, answer),
                Err(error) => observation.warnings.push(format!("the history was not read: {error}")),
            }
        }
        if got.bodies.len() > before {
            match parse(plan, &got.bodies, read_at, shared).await {
                Ok((whole, _)) => {
                    let missed = std::mem::replace(&mut observation, whole).warnings.into_iter();
                    observation
                        .warnings
                        .extend(missed.filter(|said| !observation.warnings.contains(said)).collect::<Vec<_>>());
                    got.own_up(&mut observation);
                    with_history = true;
                }
                Err(fault) => {
                    observation.warnings.push(format!("the history was not understood: {}", fault.failure.message));
                }
            }
        }
    }
    Ok(Read {
        validators: got.validators,
        moved_to: got.moved_to,
        bytes: got.bytes,
        outcome: Outcome::Seen {
            receipts: receipts(&got.bodies, &plan, read_at),
            observation: Box::new(observation),
            with_history,
            shape,
        },
    })
}

#[derive(Debug, Default)]
struct Got {
    /// On the monotonic clock.
    now: Duration,
    bodies: Vec<Body>,
    had: HashMap<&'static str, Had>,
    validators: Vec<Validators>,
    moved_to: Option<String>,
    bytes: u64,
    changed: bool,
    missed: Vec<String>,
    /// A document that there was has been missing for so long that what it says now is not known.
    overdue: bool,
}

impl Got {
    /// A document that may fail has failed: what it said before counts up to the horizon.
    ///
    /// One that is gone for good is dropped then, and so is what only it said. One that was had before this start and
    /// not since says nothing that could count.
    fn miss(
        &mut self,
        document: &Document,
        error: &FetchError,
        known: Option<&Validators>,
        had: Option<&Had>,
        horizon: Duration,
    ) {
        let counts = had.filter(|had| self.now.saturating_sub(had.at) <= horizon);
        let is_gone = error.kind == FailureKind::Gone;
        self.missed.push(format!("{}: {error}", document.name));
        if let Some(had) = counts {
            self.bodies.push(had.body.clone());
        } else if !is_gone && (had.is_some() || known.is_some()) {
            self.overdue = true;
            // Even where all else is as it was, this is news.
            self.changed = true;
            self.missed.push(format!("{}: what it says now is not known", document.name));
        }
        if counts.is_some() || !is_gone {
            self.had.extend(had.map(|had| (document.name, had.clone())));
            self.validators.extend(known.cloned());
        }
    }

    /// Adds to an observation what could not be read for it.
    fn own_up(&self, observation: &mut Observation) {
        let new: Vec<String> =
            self.missed.iter().filter(|said| !observation.warnings.contains(said)).cloned().collect();
        observation.warnings.extend(new);
        if self.overdue {
            let claimed = observation.indicator.unwrap_or(State::Unknown);
            observation.indicator = Some(State::Unknown.worse(claimed));
        }
    }

    fn take(&mut self, document: &Document, answer: Answer, target: &Target, kept: &Kept) {
        let validators = Validators { document: document.name.to_owned(), ..answer.validators.clone() };
        self.moved_to =
            self.moved_to.take().or_else(|| Some(shown(&moved_base(target, document, answer.moved_to.as_ref()?))));
        self.validators.push(validators);
        let body = match body(document, answer) {
            Some(body) => {
                self.changed = true;
                self.bytes = self.bytes.saturating_add(u64::try_from(body.bytes.len()).unwrap_or(u64::MAX));
                Some(body)
            }
            None => kept.0.get(document.name).map(|had| had.body.clone()),
        };
        if let Some(body) = body {
            self.bodies.push(body.clone());
            self.had.insert(document.name, Had { body, at: self.now });
        }
    }

    fn add_history(&mut self, document: &Document, answer: Answer) {
        if let Some(body) = body(document, answer) {
            self.bytes = self.bytes.saturating_add(u64::try_from(body.bytes.len()).unwrap_or(u64::MAX));
            self.bodies.push(body);
        }
    }
}

fn body(document: &Document, answer: Answer) -> Option<Body> {
    Some(Body {
        name: document.name.to_owned(),
        role: document.role,
        content_type: answer.content_type,
        url: Some(answer.url),
        status: answer.status,
        bytes: answer.body?,
    })
}

async fn get(
    document: &Document,
    config: &SourceConfig,
    validators: Option<&Validators>,
    shared: &Shared,
) -> Result<Answer, FetchError> {
    let request = Request {
        url: &document.url,
        accept: document.accept,
        headers: headers_for(config, &document.url),
        allow_private: config.allow_private,
        ca: config.ca.as_deref(),
        validators,
    };
    let span = trace::fetch(document.url.host_str().unwrap_or_default(), document.name);
    let answer = shared.fetcher.get(request).instrument(span.clone()).await;
    let size = |answer: &Answer| answer.body.as_ref().map_or(0, bytes::Bytes::len);
    let came = answer.as_ref().map(|answer| (answer.status, size(answer)));
    trace::fetched(&span, came.map_err(|error| error.kind.as_str()));
    answer
}

async fn parse(
    plan: Plan<'_>,
    bodies: &[Body],
    now: Timestamp,
    shared: &Shared,
) -> Result<(Observation, Shape), Fault> {
    let reader = &plan.target.reader;
    let (adapter, bodies) = (Arc::clone(&reader.adapter), bodies.to_vec());
    let known_as = format!("{} {}", plan.config.fingerprint, reader.format.name);
    let work = move || adapter.parse(&bodies, now).map(|seen| (seen, outline::shape(&bodies, known_as)));
    let parsed = aside(reader.format.name, limits::PARSE_TIME, shared, work);
    Ok(parsed.instrument(trace::parse(reader.format.name)).await??)
}

fn lists(observation: &Observation, id: &str) -> bool {
    observation.incidents.iter().any(|incident| incident.id == id)
        || observation.maintenances.iter().any(|maintenance| maintenance.id == id)
}

fn receipts(bodies: &[Body], plan: &Plan<'_>, read_at: Timestamp) -> Vec<Receipt> {
    let reading = receipt::Reading {
        documents: bodies.len(),
        format: plan.target.reader.format.name.to_owned(),
        options: plan.config.options.clone(),
        ..receipt::Reading::default()
    };
    let receipt = |(place, body): (usize, &Body)| Receipt {
        document: body.name.clone(),
        url: body.url.as_ref().map_or_else(|| plan.config.source.url.clone(), shown),
        content_type: body.content_type.clone(),
        read_at,
        body: body.bytes.clone(),
        place,
        history: body.role == Role::History,
        reading: reading.clone(),
    };
    bodies.iter().enumerate().map(receipt).collect()
}

/// The address to configure where a document has moved for good: the one that leads to the document's new place.
fn moved_base(target: &Target, document: &Document, to: &Url) -> Url {
    let below = document.url.path().strip_prefix(target.address.path().trim_end_matches('/'));
    let base = below.and_then(|below| to.path().strip_suffix(below));
    let [mut beside, mut origin] = [to.clone(), to.clone()];
    beside.set_path(base.unwrap_or_default());
    origin.set_path("/");
    let leads = |base: &Url| {
        let documents = target.reader.adapter.documents(base);
        documents.iter().any(|led| led.name == document.name && led.url == *to)
    };
    [beside, origin].into_iter().find(leads).unwrap_or_else(|| to.clone())
}

/// An address without what may be secret in it.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only for addresses that hold no user, where there is nothing to cut.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

#[cfg(test)]
mod tests;
