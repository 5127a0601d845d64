//! Sending a form to a server of the operator's own choosing, through the same guard.

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::{FetchError, Fetcher, answer};
use crate::limits;
use crate::model::source::FailureKind;

impl Fetcher {
    /// Sends a form and takes the JSON that comes back. No redirect is followed: what is sent is for this server.
    ///
    /// # Errors
    /// For everything but a success.
    pub async fn submit(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        login: Option<(&str, &SecretString)>,
    ) -> Result<Bytes, FetchError> {
        let inner = &self.0;
        inner.resolver.checked(url, &inner.policy(false)).await?;
        let client = inner.client(false, None)?;
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = client.post(url.clone()).header(ACCEPT, "application/json").body(body);
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some((name, secret)) = login {
            request = request.basic_auth(name, Some(secret.expose_secret()));
        }
        let deadline = Instant::now() + inner.settings.whole;
        let late = || FetchError::of(FailureKind::Timeout, "no whole answer in time".to_owned());
        let sent = timeout(inner.settings.first_byte, request.send()).await.map_err(|_| late())?;
        let mut response = sent.map_err(|error| FetchError::of_request(&error))?;
        answer::check_headers(response.headers())?;
        if !response.status().is_success() {
            return Err(answer::refusal(response.status(), response.headers(), inner.clock.now().wall));
        }
        let mut body = Vec::new();
        loop {
            let chunk = timeout_at(deadline, response.chunk()).await.map_err(|_| late())?;
            let Some(chunk) = chunk.map_err(|error| FetchError::of_request(&error))? else { break };
            if body.len().saturating_add(chunk.len()) > limits::API_BODY {
                return Err(FetchError::of(FailureKind::TooLarge, "the answer is larger than expected".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.into())
    }
}
