//! Redirects, followed by hand so that every hop is checked.

use reqwest::Response;
use url::Url;

use crate::model::source::FailureKind;

use super::error::FetchError;

/// Where an answer sends us; `None` where it does not.
pub fn target(response: &Response, from: &Url) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let moved = |message: &str| FetchError::of(FailureKind::Moved, message.to_owned());
    let location = super::location(response).ok_or_else(|| moved("redirected without saying where"))?;
    from.join(location).map(Some).map_err(|_| moved("redirected to what is no address"))
}

/// Whether a redirect may be followed. `configured` is where the reading began.
pub fn check(from: &Url, to: &Url, configured: &Url) -> Result<(), FetchError> {
    let refuse = |why: String| Err(FetchError::of(FailureKind::Moved, why));
    let host = to.host_str().unwrap_or_default();
    match to.scheme() {
        "https" => {}
        "http" if from.scheme() == "http" => {}
        "http" => return refuse(format!("redirected from https to http at {host}")),
        other => return refuse(format!("redirected to an address of the kind `{other}`")),
    }
    let port = to.port_or_known_default();
    if !matches!(port, Some(80 | 443)) && port != configured.port_or_known_default() {
        return refuse(format!("redirected to another port of {host}"));
    }
    if to == from {
        return refuse("redirected to itself".to_owned());
    }
    Ok(())
}

/// The host by which budgets are kept.
pub fn host(url: &Url) -> Result<String, FetchError> {
    if !matches!(url.scheme(), "http" | "https") {
        let message = format!("an address of the kind `{}` cannot be read; http and https can", url.scheme());
        return Err(FetchError::of(FailureKind::Blocked, message));
    }
    match url.host_str() {
        Some(host) => Ok(host.trim_end_matches('.').to_ascii_lowercase()),
        None => Err(FetchError::of(FailureKind::Blocked, "the address names no host".to_owned())),
    }
}
