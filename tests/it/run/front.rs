//! An address that passes on what a vendor says, and that can move, change its vendor, or lose its page.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// What is behind the address.
#[derive(Debug, Clone)]
pub enum Does {
    /// Passes on what this vendor says.
    Passes(SocketAddr),
    /// Passes on what this vendor says, below this path only.
    Below(&'static str, SocketAddr),
    /// Sends everybody to the same path at this origin, with this status.
    Moves(u16, String),
    /// Sends those who want the page itself to this address, with this status; nothing else is there.
    Leads(u16, String),
    /// Nothing is there.
    Gone,
}

/// The address.
pub struct Front {
    pub address: SocketAddr,
    does: Arc<Mutex<Does>>,
    heads: Arc<Mutex<Vec<String>>>,
    _task: AbortOnDropHandle<()>,
}

impl Front {
    /// Listens on an address of its own, on the vendors' port: other ports are not followed to.
    #[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
    pub async fn start(ip: &str, port: u16, does: Does) -> Self {
        let listener = TcpListener::bind((ip, port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (does, heads) = (Arc::new(Mutex::new(does)), Arc::new(Mutex::new(Vec::new())));
        let (now, log) = (Arc::clone(&does), Arc::clone(&heads));
        let task = tokio::spawn(async move {
            let mut answers = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (now, log) = (Arc::clone(&now), Arc::clone(&log));
                answers.spawn(async move {
                    // Whoever asks may hang up first.
                    let _ = answer(stream, &now, &log).await;
                });
            }
        });
        Self { address, does, heads, _task: AbortOnDropHandle::new(task) }
    }

    /// From now on it does this.
    pub fn set(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.heads().iter().map(|head| path(head).to_owned()).collect()
    }

    /// What was asked, headers and all.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

async fn pass(path: &str, vendor: SocketAddr, mut stream: TcpStream) -> std::io::Result<()> {
    let mut behind = TcpStream::connect(vendor).await?;
    let ask = format!("GET {path} HTTP/1.1\r\nhost: {vendor}\r\nconnection: close\r\n\r\n");
    behind.write_all(ask.as_bytes()).await?;
    copy(&mut behind, &mut stream).await?;
    stream.shutdown().await
}

async fn answer(mut stream: TcpStream, does: &Mutex<Does>, heads: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = path(&head).to_owned();
    heads.lock().unwrap().push(head);
    let does = does.lock().unwrap().clone();
    let (status, location) = match does {
        Does::Passes(vendor) => return pass(&path, vendor, stream).await,
        Does::Below(prefix, vendor) if path.starts_with(prefix) => {
            let below = path.strip_prefix(prefix).filter(|below| !below.is_empty()).unwrap_or("/");
            return pass(below, vendor, stream).await;
        }
        Does::Moves(status, origin) => (status, format!("location: {origin}{path}\r\n")),
        Does::Leads(status, to) if path == "/" => (status, format!("location: {to}\r\n")),
        Does::Leads(..) | Does::Below(..) | Does::Gone => (404, String::new()),
    };
    let text = format!("HTTP/1.1 {status} .\r\n{location}content-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}
