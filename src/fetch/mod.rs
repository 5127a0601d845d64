//! The one door to other people's servers: bounded, polite, guarded.
//!
//! # Invariants
//! * The address that is checked is the address that is dialled: names are resolved here, literals are checked
//!   here, and so is every redirect. Behind a configured proxy the proxy dials; names are checked all the same.
//! * Bytes are counted after decompression, as they come. Nothing is read without a deadline.
//! * Messages name a host and a path at most: no query, no user, no header.

mod answer;
mod error;
pub mod guard;
mod limiter;
mod redirect;
mod resolver;
mod submit;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use ipnet::IpNet;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION};
use reqwest::{Client, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use crate::clock::Clock;
use crate::limits;
use crate::model::source::FailureKind;
use crate::model::state::Validators;

pub use error::FetchError;
use guard::Policy;
pub use limiter::HostBudget;
use limiter::Limiter;
use resolver::Resolver;
pub use resolver::{Lookup, SystemLookup};
pub use submit::{Sending, Sent};

/// Where vendors learn who reads their pages, unless the operator says otherwise.
const HOME: &str = "https://github.com/allclear-status/allclear";

/// How to go out, for all requests.
#[derive(Debug, Clone)]
pub struct Settings {
    /// An address or URL in the User-Agent, under which vendors reach the operator.
    pub contact: Option<String>,
    /// The proxy through which to go out.
    pub proxy: Option<SecretString>,
    /// Networks that may be contacted although they are not public.
    pub allow_networks: Vec<IpNet>,
    /// Time between the starts of two requests to one host name.
    pub host_spacing: Duration,
    /// Name lookup and connection.
    pub connect: Duration,
    /// Connection, status line and headers.
    pub first_byte: Duration,
    /// The whole of one document, redirects included.
    pub whole: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            contact: None,
            proxy: None,
            allow_networks: Vec::new(),
            host_spacing: limits::HOST_SPACING,
            connect: limits::CONNECT,
            first_byte: limits::FIRST_BYTE,
            whole: limits::WHOLE_ANSWER,
        }
    }
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

/// Requests that may share connections: private addresses or not, and the certificate authority.
type Kind = (bool, Option<Vec<u8>>);

/// Bounded, polite, guarded requests. Clones share budgets and connections.
#[derive(Debug, Clone)]
pub struct Fetcher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    clock: Clock,
    resolver: Resolver,
    limiter: Limiter,
    clients: Mutex<HashMap<Kind, Client>>,
}

impl Fetcher {
    /// Prepares connections; opens none.
    ///
    /// # Errors
    /// Where the proxy or the certificates cannot be used.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, FetchError> {
        Self::with_lookup(settings, clock, Arc::new(SystemLookup))
    }

    /// The same with another way to look names up.
    ///
    /// # Errors
    /// Where the proxy or the certificates cannot be used.
    pub fn with_lookup(settings: Settings, clock: Clock, lookup: Arc<dyn Lookup>) -> Result<Self, FetchError> {
        let inner = Inner {
            limiter: Limiter::new(settings.host_spacing),
            resolver: Resolver::new(lookup, settings.connect),
            clients: Mutex::new(HashMap::new()),
            settings,
            clock,
        };
        inner.client(false, None)?;
        Ok(Self(Arc::new(inner)))
    }

    /// Gets one document, within every budget and limit.
    ///
    /// # Errors
    /// For everything but a success or "not changed".
    pub async fn get(&self, request: Request<'_>) -> Result<Answer, FetchError> {
        let started = self.0.clock.now().mono;
        let answer = self.0.follow(&request).await;
        let took = self.0.clock.now().mono.saturating_sub(started);
        let host = request.url.host_str().unwrap_or_default();
        match &answer {
            Ok(got) => {
                let bytes = got.body.as_ref().map_or(0, Bytes::len);
                tracing::debug!(host, status = got.status, bytes, ?took, "got");
            }
            Err(error) => tracing::debug!(host, %error, ?took, "not got"),
        }
        answer
    }

    /// How the budgets stand, by host.
    pub fn budgets(&self) -> Vec<HostBudget> {
        self.0.limiter.budgets()
    }
}

impl Inner {
    async fn follow(&self, request: &Request<'_>) -> Result<Answer, FetchError> {
        let mut url = request.url.clone();
        let mut permanent = true;
        let mut left = self.settings.whole;
        for hop in 0..=limits::REDIRECTS {
            let (response, deadline, _permit) = self.ask(&url, request, left).await?;
            left = deadline.saturating_duration_since(Instant::now());
            let Some(target) = redirect::target(&response, &url)? else {
                let moved_to = (hop > 0 && permanent).then(|| url.clone());
                return self.take(response, deadline, request, url, moved_to).await;
            };
            permanent &= matches!(response.status(), StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
            redirect::check(&url, &target, request.url)?;
            url = target;
        }
        Err(FetchError::of(FailureKind::Moved, format!("redirected more than {} times", limits::REDIRECTS)))
    }

    /// One request, once its budgets allow it. The permit is held until the body is read.
    async fn ask(
        &self,
        url: &Url,
        request: &Request<'_>,
        left: Duration,
    ) -> Result<(Response, Instant, limiter::Permit), FetchError> {
        let policy = self.policy(request.allow_private);
        let host = redirect::host(url)?;
        let addresses = self.resolver.checked(url, &policy).await;
        let address = match addresses {
            Ok(addresses) => addresses.first().copied(),
            // Behind a proxy a name that only the proxy can resolve is the proxy's business.
            Err(error) if self.settings.proxy.is_some() && error.kind == FailureKind::Unreachable => None,
            Err(error) => return Err(error),
        };
        let permit = self.limiter.acquire(&host, address).await;
        let deadline = Instant::now() + left;
        let client = self.client(request.allow_private, request.ca)?;
        let headers = self.headers(url, request)?;
        let sent = timeout(self.settings.first_byte.min(left), client.get(url.clone()).headers(headers).send());
        match sent.await {
            Ok(Ok(response)) => {
                answer::check_headers(response.headers())?;
                Ok((response, deadline, permit))
            }
            Ok(Err(error)) => Err(FetchError::of_request(&error)),
            Err(_) => {
                Err(FetchError::of(FailureKind::Timeout, format!("no answer within {:?}", self.settings.first_byte)))
            }
        }
    }

    async fn take(
        &self,
        mut response: Response,
        deadline: Instant,
        request: &Request<'_>,
        url: Url,
        moved_to: Option<Url>,
    ) -> Result<Answer, FetchError> {
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED && request.validators.is_some() {
            let sent = request.validators.cloned().unwrap_or_default();
            let new = answer::validators(response.headers());
            let validators = Validators {
                document: String::new(),
                etag: new.etag.or(sent.etag),
                last_modified: new.last_modified.or(sent.last_modified),
            };
            let max_age = answer::max_age(response.headers());
            return Ok(Answer { body: None, content_type: None, status: 304, url, moved_to, validators, max_age });
        }
        if !status.is_success() {
            return Err(answer::refusal(status, response.headers(), self.clock.now().wall));
        }
        let content_type = answer::header(response.headers(), "content-type");
        let validators = answer::validators(response.headers());
        let max_age = answer::max_age(response.headers());
        let is_stream = content_type.as_deref().is_some_and(|kind| kind.starts_with("text/event-stream"));
        let mut body = Vec::new();
        loop {
            let chunk = match timeout_at(deadline, response.chunk()).await {
                Ok(Ok(chunk)) => chunk,
                Ok(Err(error)) => return Err(FetchError::of_request(&error)),
                Err(_) => {
                    let message = format!("the answer was not whole within {:?}", self.settings.whole);
                    return Err(FetchError::of(FailureKind::Timeout, message));
                }
            };
            let Some(chunk) = chunk else { break };
            if body.len().saturating_add(chunk.len()) > limits::DOCUMENT_BYTES {
                let message = format!("the answer holds more than {} MiB", limits::DOCUMENT_BYTES >> 20);
                return Err(FetchError::of(FailureKind::TooLarge, message));
            }
            body.extend_from_slice(&chunk);
            // A stream of events never ends: its first event is the document.
            let ended = |mark: &[u8]| body.windows(mark.len()).any(|window| window == mark);
            if is_stream && (ended(b"\n\n") || ended(b"\r\n\r\n")) {
                break;
            }
        }
        let body = Some(Bytes::from(body));
        Ok(Answer { body, content_type, status: status.as_u16(), url, moved_to, validators, max_age })
    }

    fn policy(&self, private: bool) -> Policy {
        Policy { private, networks: Arc::from(self.settings.allow_networks.clone()) }
    }

    /// Headers of one hop: secret ones go to the configured origin only.
    fn headers(&self, url: &Url, request: &Request<'_>) -> Result<HeaderMap, FetchError> {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str, secret: bool| -> Result<(), FetchError> {
            let mut value = HeaderValue::from_str(value).map_err(|_| {
                FetchError::of(FailureKind::Internal, format!("the header `{name}` of this source cannot be sent"))
            })?;
            value.set_sensitive(secret);
            headers.insert(name, value);
            Ok(())
        };
        set(ACCEPT, request.accept, false)?;
        if let Some(validators) = request.validators {
            if let Some(etag) = &validators.etag {
                set(IF_NONE_MATCH, etag, false)?;
            }
            if let Some(date) = &validators.last_modified {
                set(IF_MODIFIED_SINCE, date, false)?;
            }
        }
        if url.origin() == request.url.origin() {
            for (name, value) in request.headers {
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                    FetchError::of(FailureKind::Internal, format!("`{name}` cannot be the name of a header"))
                })?;
                set(name, value.expose_secret(), true)?;
            }
        }
        Ok(headers)
    }

    /// The client for this kind of request; each kind keeps its own connections.
    fn client(&self, private: bool, ca: Option<&[u8]>) -> Result<Client, FetchError> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (private, ca.map(<[u8]>::to_vec));
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let client = self.build(private, ca)?;
        clients.insert(key, client.clone());
        Ok(client)
    }

    fn build(&self, private: bool, ca: Option<&[u8]>) -> Result<Client, FetchError> {
        let unusable = |what: &str, error: &reqwest::Error| {
            FetchError::of(FailureKind::Internal, format!("{what} cannot be used: {}", error::cause(error)))
        };
        let mut roots: Vec<reqwest::Certificate> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
            .iter()
            .filter_map(|der| reqwest::Certificate::from_der(der).ok())
            .collect();
        if let Some(pem) = ca {
            let own = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| unusable("the certificate of `ca`", &error))?;
            roots.extend(own);
        }
        let contact = self.settings.contact.as_deref().unwrap_or(HOME);
        let mut proxied = None;
        let builder = || {
            Client::builder()
                .user_agent(format!("allclear/{} (+{contact})", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .connect_timeout(self.settings.connect)
                // Sources are read minutes apart: connections are kept for the documents of one reading.
                .pool_idle_timeout(Duration::from_secs(3))
                .pool_max_idle_per_host(1)
                .http2_max_header_list_size(u32::try_from(limits::ANSWER_HEADER_BYTES).unwrap_or(u32::MAX))
        };
        let mut policy =
            resolver::Guarded { resolver: self.resolver.clone(), policy: self.policy(private), exempt: None };
        if let Some(proxy) = &self.settings.proxy {
            let address: Url = proxy
                .expose_secret()
                .parse()
                .map_err(|_| FetchError::of(FailureKind::Internal, "the address of the proxy is no URL".to_owned()))?;
            policy.exempt = address.host_str().map(str::to_owned);
            proxied = Some(reqwest::Proxy::all(address).map_err(|error| unusable("the proxy", &error))?);
        }
        let with = |builder: reqwest::ClientBuilder| {
            let builder = builder.dns_resolver(Arc::new(policy.clone()));
            match &proxied {
                Some(proxy) => builder.proxy(proxy.clone()),
                None => builder,
            }
        };
        // A machine without any certificate store still has those that come with the program.
        with(builder().tls_certs_merge(roots.clone()))
            .build()
            .or_else(|_| with(builder().tls_certs_only(roots)).build())
            .map_err(|error| unusable("the network client", &error))
    }
}

/// The address in a redirect's `Location`.
fn location(response: &Response) -> Option<&str> {
    response.headers().get(LOCATION)?.to_str().ok()
}
