//! A small world of pretend vendors on loopback that speak the real formats and break on a schedule.
//!
//! Nothing runs between requests: what a vendor says is worked out from the clock when it is asked.

mod cast;
mod config;
mod pages;
mod play;
mod serve;
mod speak;
mod statuspage;
mod vendor;
mod week;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use play::{Behaviour, Change};
pub use week::{Outage, outages};

use crate::clock::Clock;
use crate::model::level::State;
use vendor::Vendor;

/// Who is in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// Two dozen vendors with names and roles, well and badly behaved.
    Named,
    /// Some two dozen vendors that have a bad week, which begins with the world.
    Week,
    /// One vendor for each format, which breaks, is mended and works on itself.
    EveryFormat,
    /// So many small vendors, for load.
    Load(usize),
}

/// What kind of world it is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The first vendor's address; the others have the ones after it.
    pub bind: IpAddr,
    /// The port of all; 0: any free one.
    pub port: u16,
    /// Who is in it.
    pub cast: Cast,
    /// How many minutes of the script pass in one of the clock; must be above 0.
    pub speed: f64,
    /// Sets the vendors of the load world apart.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { bind: IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1)), port: 0, cast: Cast::Named, speed: 1.0, seed: 1 }
    }
}

/// Who a vendor is.
#[derive(Debug, Clone)]
pub struct VendorInfo {
    /// Its name as a slug; the id it gets in `sources.yaml`.
    pub id: String,
    /// Its name, which may be hostile.
    pub name: String,
    /// The format that reads it.
    pub format: &'static str,
    /// What to read.
    pub url: String,
    /// Scheme, address and port.
    pub origin: String,
    /// Its role in short: "calm", "down", "garbage" …
    pub plays: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
}

/// An incident or a maintenance that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The vendor's id of it.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// As the format writes it.
    pub phase: &'static str,
}

/// What a correct reader must show of a vendor now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Its id.
    pub vendor: String,
    /// False where no reading can succeed, or be believed: it must be shown as unknown.
    pub readable: bool,
    /// The worst of its components; `None` where its format tells no states of components.
    pub state: Option<State>,
    /// Path and state; a word nobody knows is unknown.
    pub components: Vec<(String, State)>,
    /// Open ones, newest first.
    pub incidents: Vec<Pending>,
    /// Open ones, newest first.
    pub maintenances: Vec<Pending>,
}

/// A request that was made to a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLog {
    /// The vendor's id.
    pub vendor: String,
    /// When, by the world's clock.
    pub at: Timestamp,
    /// What was asked for.
    pub path: String,
    /// The validator sent along.
    pub if_none_match: Option<String>,
    /// Who asks.
    pub user_agent: Option<String>,
}

/// How politely a vendor was treated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The vendor's id.
    pub vendor: String,
    /// How many requests were made.
    pub requests: u64,
    /// The most that were answered at the same time.
    pub peak_in_flight: usize,
    /// The least real time between the starts of two requests.
    pub least_gap: Option<Duration>,
}

/// The world; clones share it.
#[derive(Debug, Clone)]
pub struct World {
    vendors: Arc<[Arc<Vendor>]>,
    infos: Arc<[VendorInfo]>,
    listeners: Arc<Mutex<Vec<TcpListener>>>,
    load: bool,
}

impl World {
    /// Binds the listeners of all vendors; connections wait until [`World::run`].
    ///
    /// # Errors
    /// No address can be bound, the port is taken, or the limit of open files is too low.
    pub async fn start(settings: Settings, clock: Clock) -> io::Result<Self> {
        let speed = settings.speed;
        if !speed.is_finite() || speed <= 0.0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the speed must be a number above 0"));
        }
        let at = clock.now().wall;
        let parts = match settings.cast {
            Cast::Named => cast::named(at),
            Cast::Week => week::vendors(at),
            Cast::EveryFormat => cast::every_format(at),
            Cast::Load(count) => cast::load(count, settings.seed, at),
        };
        let listeners = bind_all(&settings, parts.len()).await?;
        let mut vendors = Vec::with_capacity(parts.len());
        for (number, (part, listener)) in parts.into_iter().zip(&listeners).enumerate() {
            vendors.push(Arc::new(Vendor::new(number, part, listener.local_addr()?, &clock, speed)));
        }
        let infos = vendors.iter().map(|vendor| vendor.info.clone()).collect();
        let load = matches!(settings.cast, Cast::Load(_));
        Ok(Self { vendors: vendors.into(), infos, listeners: Arc::new(Mutex::new(listeners)), load })
    }

    /// A `sources.yaml` that reads this world.
    pub fn config_yaml(&self) -> String {
        config::yaml(&self.vendors, self.load)
    }

    /// All vendors, in the order of their addresses.
    pub fn vendors(&self) -> &[VendorInfo] {
        &self.infos
    }

    /// For each vendor what a correct reader must show now.
    pub fn truth(&self) -> Vec<Truth> {
        self.vendors.iter().map(|vendor| vendor.truth()).collect()
    }

    /// Changes the vendor with this id; false where there is none.
    pub fn set(&self, vendor: &str, change: Change) -> bool {
        let found = self.vendors.iter().find(|other| other.info.id == vendor);
        found.map(|vendor| vendor.set(change)).is_some()
    }

    /// What a vendor answers now at a path, without a network: a validator and the bytes. `None` where it does not
    /// answer well, or has nothing there.
    pub fn document(&self, vendor: &str, path: &str) -> Option<(String, Bytes)> {
        let vendor = self.vendors.iter().find(|other| other.info.id == vendor)?;
        let answers = matches!(vendor.behaviour(), Behaviour::Healthy | Behaviour::Slow(_));
        let document = vendor.document(path).filter(|document| answers && document.status.is_success())?;
        Some((document.etag, document.body))
    }

    /// The last 200 requests to each vendor, by vendor, oldest first.
    pub fn requests(&self) -> Vec<RequestLog> {
        self.vendors.iter().flat_map(|vendor| vendor.requests()).collect()
    }

    /// How each vendor was treated since the start.
    pub fn traffic(&self) -> Vec<Traffic> {
        self.vendors.iter().map(|vendor| vendor.traffic()).collect()
    }

    /// Serves until stopped. A second call on the same world has nothing to serve and only waits.
    ///
    /// # Errors
    /// A vendor's task ended although it should not.
    pub async fn run(self, stop: CancellationToken) -> io::Result<()> {
        let listeners = std::mem::take(&mut *self.listeners.lock().unwrap_or_else(PoisonError::into_inner));
        let mut tasks = JoinSet::new();
        for (listener, vendor) in listeners.into_iter().zip(self.vendors.iter()) {
            tasks.spawn(serve::listen(listener, Arc::clone(vendor)));
        }
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            Some(ended) = tasks.join_next() => Err(io::Error::other(format!("a vendor stopped: {ended:?}"))),
        }
    }
}

/// One listener per vendor: each on its own address where the machine allows it, else each on its own port.
async fn bind_all(settings: &Settings, count: usize) -> io::Result<Vec<TcpListener>> {
    // A free port of the first address may be taken on another: then another one is tried.
    for _ in 0..20 {
        match bind_addresses(settings, count).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && settings.port == 0 => {}
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => return bind_ports(settings, count).await,
            other => return other.map_err(|error| explain(error, count)),
        }
    }
    bind_ports(settings, count).await
}

async fn bind_addresses(settings: &Settings, count: usize) -> io::Result<Vec<TcpListener>> {
    let mut port = settings.port;
    let mut listeners = Vec::with_capacity(count);
    for number in 0..count {
        let listener = TcpListener::bind(SocketAddr::new(nth(settings.bind, number)?, port)).await?;
        port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(listeners)
}

async fn bind_ports(settings: &Settings, count: usize) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::with_capacity(count);
    for number in 0..count {
        let port = match settings.port {
            0 => 0,
            first => u16::try_from(number).ok().and_then(|number| first.checked_add(number)).unwrap_or(0),
        };
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        listeners.push(bound.map_err(|error| explain(error, count))?);
    }
    Ok(listeners)
}

/// The address `number` after the first; only loopback ones, so that a pretend vendor is never met from outside.
fn nth(first: IpAddr, number: usize) -> io::Result<IpAddr> {
    let IpAddr::V4(first) = first else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the first address must be an IPv4 one in 127.0.0.0/8",
        ));
    };
    let next = u32::try_from(number).ok().and_then(|number| u32::from(first).checked_add(number)).map(Ipv4Addr::from);
    match next {
        Some(address) if address.is_loopback() => Ok(IpAddr::V4(address)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "the addresses must lie in 127.0.0.0/8; start lower")),
    }
}

fn explain(error: io::Error, count: usize) -> io::Error {
    // ENFILE and EMFILE have no kind of their own.
    if matches!(error.raw_os_error(), Some(23 | 24)) {
        let wanted = count.saturating_mul(3).saturating_add(64);
        let message = format!("{count} vendors need more open files than allowed; raise it first: ulimit -n {wanted}");
        return io::Error::new(error.kind(), message);
    }
    error
}
