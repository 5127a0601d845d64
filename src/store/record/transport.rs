//! The stored shapes of how reading a source goes, and of what was detected of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, decode, encode, is_false};
use crate::model::source::{Failure, FailureKind};
use crate::model::state::{Drift, Transport, Validators};
use crate::store::Detected;

#[derive(Serialize, Deserialize)]
struct ValidatorsShape {
    d: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct DriftShape {
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    taken_up: bool,
}

#[derive(Serialize, Deserialize)]
struct Shape {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checked: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ok: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<(Word<FailureKind>, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing: Option<Timestamp>,
    failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<ValidatorsShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    full: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drift: Option<DriftShape>,
    fingerprint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct DetectedShape {
    configured: String,
    format: String,
    address: String,
}

/// The record of how reading goes. The monotonic time means nothing to another run and is left out.
pub fn write(from: &Transport) -> Result<Vec<u8>, String> {
    encode(&Shape {
        checked: from.checked_at,
        ok: from.ok_at,
        next: from.next_at,
        failure: from.failure.as_ref().map(|failure| (Word(failure.kind), failure.message.clone())),
        failing: from.failing_since,
        failures: from.failures,
        not_before: from.not_before,
        validators: from
            .validators
            .iter()
            .map(|v| ValidatorsShape { d: v.document.clone(), e: v.etag.clone(), m: v.last_modified.clone() })
            .collect(),
        full: from.full_at,
        moved: from.moved_to.clone(),
        drift: from.drift.as_ref().map(|drift| DriftShape {
            at: drift.at,
            found: drift.found.clone(),
            taken_up: drift.taken_up,
        }),
        fingerprint: from.fingerprint.clone(),
        format: from.format.clone(),
    })
}

/// Back again; `ok_mono` is `None`.
pub fn read(bytes: &[u8]) -> Result<Transport, String> {
    let shape: Shape = decode(bytes)?;
    Ok(Transport {
        checked_at: shape.checked,
        ok_at: shape.ok,
        ok_mono: None,
        next_at: shape.next,
        failure: shape.failure.map(|(kind, message)| Failure { kind: kind.0, message }),
        failing_since: shape.failing,
        failures: shape.failures,
        not_before: shape.not_before,
        validators: shape
            .validators
            .into_iter()
            .map(|v| Validators { document: v.d, etag: v.e, last_modified: v.m })
            .collect(),
        full_at: shape.full,
        moved_to: shape.moved,
        drift: shape.drift.map(|drift| Drift { at: drift.at, found: drift.found, taken_up: drift.taken_up }),
        fingerprint: shape.fingerprint,
        format: shape.format,
    })
}

/// The record of what was detected.
pub fn write_detected(from: &Detected) -> Result<Vec<u8>, String> {
    encode(&DetectedShape {
        configured: from.configured.clone(),
        format: from.format.clone(),
        address: from.address.clone(),
    })
}

/// Back again.
pub fn read_detected(bytes: &[u8]) -> Result<Detected, String> {
    let shape: DetectedShape = decode(bytes)?;
    Ok(Detected { configured: shape.configured, format: shape.format, address: shape.address })
}
