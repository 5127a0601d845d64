//! Sending something to a server of the operator's own choosing, through the same guard.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::{FetchError, Fetcher, answer};
use crate::limits;
use crate::model::source::FailureKind;

/// Something to send.
#[derive(Debug)]
pub struct Sending<'a> {
    /// `POST`, `DELETE` and the like.
    pub method: &'static str,
    /// Where to.
    pub url: &'a Url,
    /// For `Content-Type`.
    pub kind: &'static str,
    /// The body.
    pub body: String,
    /// Further headers.
    pub headers: &'a [(&'static str, &'a str)],
    /// For `Authorization`.
    pub authorization: Option<SecretString>,
    /// May be on a network that is not public.
    pub allow_private: bool,
}

impl Fetcher {
    /// Sends something and takes the status and the JSON that come back. No redirect is followed: what is sent is for
    /// this server.
    ///
    /// # Errors
    /// Where there is no whole answer; a status that is no success is an answer.
    pub async fn send(&self, sending: Sending<'_>) -> Result<(u16, Bytes), FetchError> {
        let inner = &self.0;
        let unfit = |what: &str| FetchError::of(FailureKind::Internal, format!("{what} cannot be sent"));
        inner.resolver.checked(sending.url, &inner.policy(sending.allow_private)).await?;
        let client = inner.client(sending.allow_private, None)?;
        let method = Method::from_bytes(sending.method.as_bytes()).map_err(|_| unfit("this method"))?;
        let mut request = client.request(method, sending.url.clone()).body(sending.body);
        request = request.header(ACCEPT, "application/json").header(CONTENT_TYPE, sending.kind);
        for (name, value) in sending.headers {
            request = request.header(*name, *value);
        }
        if let Some(authorization) = sending.authorization {
            let value = HeaderValue::from_str(authorization.expose_secret());
            let mut value = value.map_err(|_| unfit("this secret"))?;
            value.set_sensitive(true);
            request = request.header(HeaderName::from_static("authorization"), value);
        }
        let deadline = Instant::now() + inner.settings.whole;
        let late = || FetchError::of(FailureKind::Timeout, "no whole answer in time".to_owned());
        let sent = timeout(inner.settings.first_byte, request.send()).await.map_err(|_| late())?;
        let mut response = sent.map_err(|error| FetchError::of_request(&error))?;
        answer::check_headers(response.headers())?;
        let mut body = Vec::new();
        loop {
            let chunk = timeout_at(deadline, response.chunk()).await.map_err(|_| late())?;
            let Some(chunk) = chunk.map_err(|error| FetchError::of_request(&error))? else { break };
            if body.len().saturating_add(chunk.len()) > limits::API_BODY {
                return Err(FetchError::of(FailureKind::TooLarge, "the answer is larger than expected".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((response.status().as_u16(), body.into()))
    }
}
