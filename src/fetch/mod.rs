//! The one door to other people's servers.

use bytes::Bytes;
use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use crate::limits;
use crate::model::source::FailureKind;
use crate::model::state::Validators;

/// How to go out, for all requests.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// An address or URL in the User-Agent, under which vendors reach the operator.
    pub contact: Option<String>,
    /// The proxy through which to go out.
    pub proxy: Option<SecretString>,
    /// Networks that may be contacted although they are not public.
    pub allow_networks: Vec<IpNet>,
}

/// One document to get.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Where it is.
    pub url: &'a Url,
    /// For the `Accept` header.
    pub accept: &'a str,
    /// Sent to this origin only.
    pub headers: &'a [(String, SecretString)],
    /// May be on a network that is not public.
    pub allow_private: bool,
    /// PEM of a private certificate authority that is trusted as well.
    pub ca: Option<&'a [u8]>,
    /// To ask "has it changed?" with; `None` asks for all of it.
    pub validators: Option<&'a Validators>,
}

/// What came back: a success, or not changed.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The document; `None`: not changed since the validators.
    pub body: Option<Bytes>,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// Where it came from after redirects.
    pub url: Url,
    /// Where permanent redirects alone led, if there was one: the address to configure.
    pub moved_to: Option<Url>,
    /// To ask with next time; `document` is left empty.
    pub validators: Validators,
    /// `Cache-Control: max-age`, in seconds.
    pub max_age: Option<u64>,
}

/// Why there is no answer. Messages hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    /// Which of the reader's next steps applies.
    pub kind: FailureKind,
    /// What happened.
    pub message: String,
    /// Do not ask again before this has passed: the server said so.
    pub retry_after: Option<std::time::Duration>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
}

/// Bounded, polite, guarded requests. Clones share budgets and connections.
#[derive(Debug, Clone)]
pub struct Fetcher {}

impl Fetcher {
    /// Prepares connections; opens none.
    ///
    /// # Errors
    /// Where the proxy or the certificates cannot be used.
    pub fn new(_settings: Settings, _clock: crate::clock::Clock) -> Result<Self, FetchError> {
        let _ = limits::CONNECT;
        unimplemented!()
    }

    /// Gets one document, within every budget and limit.
    ///
    /// # Errors
    /// For everything but a success or "not changed".
    pub async fn get(&self, _request: Request<'_>) -> Result<Answer, FetchError> {
        unimplemented!()
    }
}
