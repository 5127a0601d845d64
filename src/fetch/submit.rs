//! Sending something to a server of the operator's own choosing, through the same guard.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Response};
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

/// What came back of something that was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
}

impl Fetcher {
    /// Sends something and takes the status and the JSON that come back. No redirect is followed: what is sent is for
    /// this server.
    ///
    /// # Errors
    /// Where there is no whole answer; a status that is no success is an answer.
    pub async fn send(&self, sending: Sending<'_>) -> Result<Sent, FetchError> {
        let settings = &self.0.settings;
        let deadline = Instant::now() + settings.whole;
        let mut response = timeout(settings.first_byte, self.begin(sending)).await.map_err(|_| late())??;
        let mut sent = self.sent(&response);
        let mut body = Vec::new();
        loop {
            let chunk = timeout_at(deadline, response.chunk()).await.map_err(|_| late())?;
            let Some(chunk) = chunk.map_err(|error| FetchError::of_request(&error))? else { break };
            if body.len().saturating_add(chunk.len()) > limits::API_BODY {
                return Err(FetchError::of(FailureKind::TooLarge, "the answer is larger than expected".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        sent.body = body.into();
        Ok(sent)
    }

    /// Sends a message within this time, looking its host up included. The status decides whether it was taken: of the
    /// body there is what came, and no more than `limits::ATTEMPT_ANSWER`. No redirect is followed.
    ///
    /// # Errors
    /// Where there is no status.
    pub async fn deliver(&self, sending: Sending<'_>, within: Duration) -> Result<Sent, FetchError> {
        let deadline = Instant::now() + within;
        let mut response = timeout_at(deadline, self.begin(sending)).await.map_err(|_| late())??;
        let mut sent = self.sent(&response);
        let mut body = Vec::new();
        while let Ok(Ok(Some(chunk))) = timeout_at(deadline, response.chunk()).await {
            let left = limits::ATTEMPT_ANSWER.saturating_sub(body.len());
            body.extend(chunk.iter().take(left));
            if body.len() >= limits::ATTEMPT_ANSWER {
                break;
            }
        }
        sent.body = body.into();
        Ok(sent)
    }

    /// The addresses of a server that speaks something else than HTTP, all of which may be contacted. Whoever asks
    /// dials these and no name.
    ///
    /// # Errors
    /// Where the host has no address, or one that may not be contacted.
    pub async fn checked_addresses(
        &self,
        host: &str,
        port: u16,
        allow_private: bool,
    ) -> Result<Vec<SocketAddr>, FetchError> {
        let policy = self.0.policy(allow_private);
        let addresses = self.0.resolver.checked_host(host, &policy).await?;
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    /// The request, as far as status and headers of its answer.
    async fn begin(&self, sending: Sending<'_>) -> Result<Response, FetchError> {
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
        let response = request.send().await.map_err(|error| FetchError::of_request(&error))?;
        answer::check_headers(response.headers())?;
        Ok(response)
    }

    fn sent(&self, response: &Response) -> Sent {
        let retry_after = answer::wait(response.headers(), self.0.clock.now().wall);
        Sent { status: response.status().as_u16(), body: Bytes::new(), retry_after }
    }
}

fn late() -> FetchError {
    FetchError::of(FailureKind::Timeout, "no whole answer in time".to_owned())
}
