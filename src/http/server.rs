//! The listening socket: who may connect, for how long, and how it ends.

mod conn;
mod full;

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::auth::Peer;
use super::{App, router};
use crate::limits;

/// How long those who connect may take, and how many they may be.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// From the first byte of a request, or from connecting, to the end of its headers.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// Without reading what is sent.
    pub stall: Duration,
    /// What is in hand may take this long after a request to stop.
    pub grace: Duration,
    /// Connections at a time.
    pub connections: usize,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: limits::REQUEST_HEAD,
            idle: limits::IDLE,
            stall: limits::VIEWER_STALL,
            grace: limits::GRACE,
            connections: limits::CONNECTIONS.min(files().saturating_sub(KEPT_FILES).max(KEPT_FILES)),
        }
    }
}

/// File descriptors that are left for the store, for readings and for telling those who are too many.
const KEPT_FILES: usize = 512;
/// Connections that are told to come back, at a time; any more are closed without a word.
const TOLD: usize = 256;
/// Rest after the system refused to accept.
const REST: Duration = Duration::from_millis(50);
/// One address out of the public network may hold one in so many of all connections.
const SHARE: usize = 4;

/// Serves until stopped; then closes within `limits::GRACE`.
///
/// # Errors
/// None after the listener works: what accepting meets is logged and outlived.
pub async fn serve(listener: TcpListener, app: App, stop: CancellationToken) -> std::io::Result<()> {
    serve_within(listener, app, stop, Timeouts::default()).await
}

/// The same with other figures.
///
/// # Errors
/// As `serve`.
pub async fn serve_within(
    listener: TcpListener,
    app: App,
    stop: CancellationToken,
    timeouts: Timeouts,
) -> std::io::Result<()> {
    let closing = app.0.closing.clone();
    let door = Door {
        room: Arc::new(Semaphore::new(timeouts.connections)),
        told: Arc::new(Semaphore::new(TOLD)),
        guests: Guests::default(),
        share: (timeouts.connections / SHARE).max(1),
        timeouts: Arc::new(timeouts),
        router: router(app),
        closing: closing.clone(),
    };
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => note(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => door.admit(&mut tasks, stream, from),
                Err(error) => rest(&error).await,
            },
        }
    }
    drop(listener);
    closing.cancel();
    let ended = async {
        while let Some(ended) = tasks.join_next().await {
            note(ended);
        }
    };
    if tokio::time::timeout(door.timeouts.grace, ended).await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections were cut: they did not end in time");
        tasks.shutdown().await;
    }
    Ok(())
}

fn note(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection panicked");
    }
}

/// Out of descriptors or memory, accepting fails at once again: others get time to close.
async fn rest(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        tracing::warn!(%error, "a connection could not be accepted");
        tokio::time::sleep(REST).await;
    }
}

struct Door {
    room: Arc<Semaphore>,
    told: Arc<Semaphore>,
    guests: Guests,
    share: usize,
    timeouts: Arc<Timeouts>,
    router: axum::Router,
    closing: CancellationToken,
}

impl Door {
    fn admit(&self, tasks: &mut JoinSet<()>, stream: TcpStream, from: SocketAddr) {
        // Small messages to viewers should not wait; where it cannot be set they do.
        let _ = stream.set_nodelay(true);
        let guest = self.guests.enter(from.ip(), self.share);
        match (guest, Arc::clone(&self.room).try_acquire_owned()) {
            (Some(guest), Ok(seat)) => {
                let (router, timeouts) = (self.router.clone(), Arc::clone(&self.timeouts));
                let work = conn::serve(stream, Peer(from.ip()), router, timeouts, self.closing.clone());
                tasks.spawn(holding((guest, seat), work));
            }
            _ => {
                if let Ok(seat) = Arc::clone(&self.told).try_acquire_owned() {
                    tasks.spawn(holding(seat, full::turn_away(stream)));
                }
            }
        }
    }
}

async fn holding<H>(_held: H, work: impl Future<Output = ()>) {
    work.await;
}

/// How many connections each address of the public network holds.
#[derive(Debug, Clone, Default)]
struct Guests(Arc<Mutex<HashMap<IpAddr, usize>>>);

struct Guest {
    guests: Guests,
    ip: Option<IpAddr>,
}

impl Guests {
    /// Counts one in; `None` where the address has its share. Behind a proxy all come from one
    /// private address, so only public ones are counted.
    fn enter(&self, ip: IpAddr, share: usize) -> Option<Guest> {
        if !is_public(ip) {
            return Some(Guest { guests: self.clone(), ip: None });
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(ip).or_default();
        if *count >= share {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Guest { guests: self.clone(), ip: Some(ip) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(ip) = self.ip else { return };
        let mut counts = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&ip) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&ip);
            }
        }
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local()),
        IpAddr::V6(ip) => !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()),
    }
}

/// How many files this process may hold open; plenty where the system does not say.
fn files() -> usize {
    let said = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = said.lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
    line.split_whitespace().nth(3).and_then(|word| word.parse().ok()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_public_address_gets_its_share_and_a_proxy_any_number() {
        let guests = Guests::default();
        let public: IpAddr = "203.0.113.7".parse().unwrap();
        let held: Vec<_> = (0..3).filter_map(|_| guests.enter(public, 2)).collect();
        assert_eq!(held.len(), 2);
        drop(held);
        assert!(guests.enter(public, 2).is_some());
        assert!(guests.0.lock().unwrap().is_empty(), "who is gone is forgotten");
        for private in ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "::ffff:192.168.0.1"] {
            let ip: IpAddr = private.parse().unwrap();
            let held: Vec<_> = (0..9).filter_map(|_| guests.enter(ip, 2)).collect();
            assert_eq!(held.len(), 9, "{private}");
        }
    }
}
