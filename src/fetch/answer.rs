//! What an answer's status and headers say.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::limits;
use crate::model::source::FailureKind;
use crate::model::state::Validators;

use super::error::FetchError;

/// Refuses headers that are too many or too large.
pub fn check_headers(headers: &HeaderMap) -> Result<(), FetchError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers.len() > limits::ANSWER_HEADERS || bytes > limits::ANSWER_HEADER_BYTES {
        let message = format!("the answer has {} headers of {bytes} bytes", headers.len());
        return Err(FetchError::of(FailureKind::TooLarge, message));
    }
    Ok(())
}

/// A header's value as text.
pub fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// What to ask "has it changed?" with. Overlong ones are not kept.
pub fn validators(headers: &HeaderMap) -> Validators {
    let short = |name| header(headers, name).filter(|value| value.len() <= 1_024);
    Validators { document: String::new(), etag: short("etag"), last_modified: short("last-modified") }
}

/// `Cache-Control: max-age`, in seconds.
pub fn max_age(headers: &HeaderMap) -> Option<u64> {
    let control = header(headers, "cache-control")?;
    control.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok())
}

/// What a status that is no success means.
pub fn refusal(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> FetchError {
    let asked = wait(headers, now);
    let (kind, message) = match status.as_u16() {
        401 | 403 | 407 | 451 => (FailureKind::Refused, "the page refuses to be read"),
        404 | 410 => (FailureKind::Gone, "the page is not there"),
        429 => (FailureKind::RateLimited, "asked too often, says the server"),
        503 if asked.is_some() => (FailureKind::RateLimited, "the server asks to come back later"),
        _ => (FailureKind::Broken, "the server answers with an error"),
    };
    let reason = status.canonical_reason().map(|reason| format!(" {reason}")).unwrap_or_default();
    FetchError {
        kind,
        message: format!("{message} ({}{reason})", status.as_u16()),
        retry_after: asked.filter(|_| matches!(status.as_u16(), 429 | 503)),
        status: Some(status.as_u16()),
    }
}

/// How long the server asks to wait.
pub fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    header(headers, "retry-after").and_then(|value| retry_after(&value, now))
}

/// `Retry-After` as seconds or as a date; nonsense and what is past are nothing. At most six hours.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More seconds than fit are more than the ceiling.
        value.parse().map_or(limits::RETRY_AFTER_CEILING, Duration::from_secs)
    } else {
        let at = httpdate::parse_http_date(value).ok()?;
        Duration::try_from(Timestamp::try_from(at).ok()?.duration_since(now)).ok()?
    };
    Some(wait.min(limits::RETRY_AFTER_CEILING)).filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R54
    #[test]
    fn retry_after_is_read_in_all_its_forms() {
        let now: Timestamp = "2026-01-02T03:00:00Z".parse().unwrap();
        for (value, wait) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("999999999999999999999999", Some(6 * 3600)),
            ("86400", Some(6 * 3600)),
            ("Fri, 02 Jan 2026 03:05:00 GMT", Some(300)),
            ("Fri, 02 Jan 2026 02:05:00 GMT", None),
        ] {
            assert_eq!(retry_after(value, now), wait.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn statuses_are_different_facts() {
        let now = Timestamp::UNIX_EPOCH;
        let mut waiting = HeaderMap::new();
        waiting.insert("retry-after", "60".parse().unwrap());
        for (status, headers, kind) in [
            (401, &HeaderMap::new(), FailureKind::Refused),
            (403, &HeaderMap::new(), FailureKind::Refused),
            (404, &HeaderMap::new(), FailureKind::Gone),
            (429, &HeaderMap::new(), FailureKind::RateLimited),
            (503, &waiting, FailureKind::RateLimited),
            (503, &HeaderMap::new(), FailureKind::Broken),
            (500, &waiting, FailureKind::Broken),
            (418, &HeaderMap::new(), FailureKind::Broken),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(refusal(status, headers, now).kind, kind, "{status}");
        }
    }
}
