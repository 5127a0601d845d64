//! Names to addresses, by ourselves, so that what is checked is what is dialled.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::{Instant, timeout};
use url::{Host, Url};

use crate::model::source::FailureKind;

use super::error::FetchError;
use super::guard::Policy;

/// How long an answer is reused: within one reading the checked addresses stay the dialled ones.
const KEPT: Duration = Duration::from_secs(30);
/// Answers kept at most.
const ANSWERS: usize = 4_096;

/// A pending answer of a lookup.
pub type Looking = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// By name: when it was looked up, and its addresses.
type Answers = HashMap<String, (Instant, Vec<IpAddr>)>;

/// A way to look names up.
pub trait Lookup: Send + Sync + std::fmt::Debug {
    /// All addresses of a name.
    fn lookup(&self, name: String) -> Looking;
}

/// The machine's own.
#[derive(Debug)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> Looking {
        Box::pin(async move {
            // RFC 6761: these names are this machine, whatever a resolver says.
            if name == "localhost" || name.ends_with(".localhost") {
                return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
            }
            Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.map(|address| address.ip()).collect())
        })
    }
}

/// Looks up, remembers for a moment, and bounds the time.
#[derive(Debug, Clone)]
pub struct Resolver {
    lookup: Arc<dyn Lookup>,
    within: Duration,
    kept: Arc<Mutex<Answers>>,
}

impl Resolver {
    /// One that gives up `within` this time.
    pub fn new(lookup: Arc<dyn Lookup>, within: Duration) -> Self {
        Self { lookup, within, kept: Arc::default() }
    }

    /// The addresses of a URL's host, all of which may be contacted.
    pub async fn checked(&self, url: &Url, policy: &Policy) -> Result<Vec<IpAddr>, FetchError> {
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) => vec![IpAddr::V4(address)],
            Some(Host::Ipv6(address)) => vec![IpAddr::V6(address)],
            Some(Host::Domain(name)) => self.addresses(name).await?,
            None => return Err(FetchError::of(FailureKind::Moved, "the address names no host".to_owned())),
        };
        allowed(addresses, policy)
    }

    /// The addresses of a host, a name or a literal address, all of which may be contacted.
    pub async fn checked_host(&self, host: &str, policy: &Policy) -> Result<Vec<IpAddr>, FetchError> {
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        let addresses = match literal {
            Ok(address) => vec![address],
            Err(_) => self.addresses(host).await?,
        };
        allowed(addresses, policy)
    }

    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, FetchError> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if let Some((at, known)) = self.lock().get(&name)
            && at.elapsed() < KEPT
        {
            return Ok(known.clone());
        }
        let unreachable =
            |problem: String| FetchError::of(FailureKind::Unreachable, format!("the name {name}: {problem}"));
        let addresses = match timeout(self.within, self.lookup.lookup(name.clone())).await {
            Ok(Ok(addresses)) if addresses.is_empty() => return Err(unreachable("has no address".to_owned())),
            Ok(Ok(addresses)) => addresses,
            Ok(Err(error)) => return Err(unreachable(error.to_string())),
            Err(_) => return Err(unreachable(format!("was not resolved within {:?}", self.within))),
        };
        let mut kept = self.lock();
        if kept.len() >= ANSWERS {
            kept.retain(|_, (at, _)| at.elapsed() < KEPT);
        }
        if kept.len() < ANSWERS {
            kept.insert(name.clone(), (Instant::now(), addresses.clone()));
        }
        Ok(addresses)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Answers> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One address that may not be contacted spoils all of a name's: whichever is dialled must be good.
fn allowed(addresses: Vec<IpAddr>, policy: &Policy) -> Result<Vec<IpAddr>, FetchError> {
    match addresses.iter().find(|address| !policy.allows(**address)) {
        Some(address) => {
            let message = format!("the address {address} is not public and may not be contacted");
            Err(FetchError::of(FailureKind::Blocked, message))
        }
        None => Ok(addresses),
    }
}

/// The resolver that the network client asks: it gives out nothing but checked addresses.
#[derive(Debug, Clone)]
pub struct Guarded {
    /// Looks up.
    pub resolver: Resolver,
    /// What may be contacted.
    pub policy: Policy,
    /// The configured proxy's name, which the operator vouches for.
    pub exempt: Option<String>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move {
            let addresses = guarded.resolver.addresses(name.as_str()).await?;
            let addresses = match &guarded.exempt {
                Some(exempt) if exempt.eq_ignore_ascii_case(name.as_str()) => addresses,
                _ => allowed(addresses, &guarded.policy)?,
            };
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
