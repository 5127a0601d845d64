//! Forms: what was filled in, once it is sure that a page of ours was filled in.

use std::net::IpAddr;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::super::App;
use super::super::error::Fail;
use super::cookie;
use crate::auth::random;
use crate::limits;

/// The field with the form's token.
pub(super) const TOKEN: &str = "csrf";

/// What was filled in. A handler takes it as an argument; that it came from a form of ours was checked before.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of a field; empty where it is not there.
    pub(in crate::http) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// All values of a field that may be there several times.
    pub(in crate::http) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All fields, as they were sent.
    pub(in crate::http) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// True for a box that is ticked.
    pub(in crate::http) fn is_set(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
}

impl<S: Sync> FromRequestParts<S> for Fields {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fail> {
        parts.extensions.get::<Self>().cloned().ok_or(Fail::Body("is no form"))
    }
}

/// Whether a browser says that a page of this site sends this.
pub(super) fn is_ours(headers: &HeaderMap, url: Option<&str>) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site.as_bytes() == b"same-origin";
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let Some((_, from)) = origin.split_once("://") else { return false };
    let configured = url.and_then(|url| url::Url::parse(url).ok()).map(|url| url.origin().ascii_serialization());
    match configured {
        // The address that people use is known: nothing else is ours.
        Some(ours) if url.is_some_and(|url| url.starts_with("https://")) => ours == origin,
        ours => ours.as_deref() == Some(origin) || host.is_some_and(|host| host.eq_ignore_ascii_case(from)),
    }
}

/// Reads a form whole and holds its token against the cookies that it was given to.
///
/// # Errors
/// Where it is no form, too large, too slow, or not one of ours.
pub(super) async fn read(app: &App, request: Request, peer: Option<IpAddr>) -> Result<Request, Fail> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Err(Fail::CrossSite);
    }
    let secure = app.is_secure(request.headers(), peer);
    let cookies = [cookie::session(request.headers(), secure), cookie::form(request.headers(), secure)];
    let (mut parts, body) = request.into_parts();
    let bytes = match tokio::time::timeout(limits::REQUEST_BODY, to_bytes(body, limits::FORM_BODY)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(Fail::Body("is larger than a form is, or did not come whole")),
        Err(_) => return Err(Fail::Body("did not come in time")),
    };
    let fields = Fields(url::form_urlencoded::parse(&bytes).into_owned().collect());
    let shown = fields.get(TOKEN);
    let ours = cookies.iter().flatten().any(|secret| random::same(&random::form_token(secret), shown));
    if !ours {
        return Err(Fail::StaleForm);
    }
    parts.extensions.insert(fields);
    Ok(Request::from_parts(parts, Body::empty()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn s21_only_pages_of_this_site_are_ours() {
        let ours = |given: &[(&'static str, &'static str)], url: Option<&str>| {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_ours(&headers, url)
        };
        let https = Some("https://status.example.com");
        for (given, url, is) in [
            (&[("sec-fetch-site", "same-origin")][..], https, true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], https, true),
            (&[("sec-fetch-site", "same-site"), ("origin", "https://status.example.com")], https, false),
            (&[("sec-fetch-site", "cross-site")], https, false),
            (&[("sec-fetch-site", "none")], https, false),
            (&[("sec-fetch-site", "")], https, false),
            (&[("origin", "https://status.example.com")], https, true),
            (&[("origin", "https://status.example.com:444"), ("host", "status.example.com:444")], https, false),
            (&[("origin", "http://status.example.com"), ("host", "status.example.com")], https, false),
            (&[("origin", "null"), ("host", "null")], https, false),
            (&[("origin", "https://evil.example"), ("host", "evil.example")], https, false),
            (&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")], None, true),
            (&[("origin", "http://evil.example"), ("host", "127.0.0.1:8080")], None, false),
            (&[("origin", "http://127.0.0.1:8081"), ("host", "127.0.0.1:8080")], None, false),
            (&[("referer", "https://status.example.com/"), ("host", "status.example.com")], https, false),
            (&[], https, false),
        ] {
            assert_eq!(ours(given, url), is, "{given:?}");
        }
    }
}
