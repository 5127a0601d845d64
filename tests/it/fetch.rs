//! The one door out: whatever a server does, a reading ends in time, within its size, at an address that is allowed.

mod certificates;
mod faults;
mod guard;
mod polite;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use allclear::clock::Clock;
use allclear::fetch::{Answer, FetchError, Fetcher, Lookup, Request, Settings};
use allclear::limits;
use allclear::model::state::Validators;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// Names to addresses as a test says; every answer can be another one.
#[derive(Debug, Default)]
pub struct Names(pub Mutex<HashMap<String, Vec<Vec<IpAddr>>>>);

impl Lookup for Names {
    fn lookup(&self, name: String) -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>> {
        let mut names = self.0.lock().unwrap();
        let answers = names.entry(name).or_default();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers.first().cloned().unwrap_or_default() };
        Box::pin(async move { Ok(answer) })
    }
}

pub fn quick() -> Settings {
    Settings {
        host_spacing: Duration::from_millis(1),
        connect: Duration::from_millis(800),
        first_byte: Duration::from_millis(800),
        whole: Duration::from_millis(1_500),
        ..Settings::default()
    }
}

pub fn fetcher() -> Fetcher {
    Fetcher::new(quick(), Clock::system()).unwrap()
}

pub async fn get(fetcher: &Fetcher, url: &str) -> Result<Answer, FetchError> {
    ask(fetcher, url, true, None).await
}

pub async fn ask(
    fetcher: &Fetcher,
    url: &str,
    allow_private: bool,
    validators: Option<&Validators>,
) -> Result<Answer, FetchError> {
    let url: Url = url.parse().unwrap();
    fetcher.get(Request { url: &url, accept: "*/*", headers: &[], allow_private, ca: None, validators }).await
}

/// A server that does one thing with every connection, and counts them.
pub struct Server {
    pub address: SocketAddr,
    pub requests: Arc<Mutex<Vec<String>>>,
    _tasks: tokio::task::JoinSet<()>,
}

impl Server {
    /// `answer` is handed the connection after the head of a request was read.
    pub async fn start<F, R>(answer: F) -> Self
    where
        F: Fn(TcpStream, String) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, seen) = (answer.clone(), Arc::clone(&seen));
                connections.spawn(async move {
                    let head = head(&mut stream).await;
                    seen.lock().unwrap().push(head.clone());
                    answer(stream, head).await;
                });
            }
        });
        Self { address, requests, _tasks: tasks }
    }

    /// One that sends these bytes and closes.
    pub async fn sending(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = Arc::from(bytes.into());
        Self::start(move |mut stream, _| {
            let bytes = Arc::clone(&bytes);
            async move {
                // The reader may hang up first: that is its right.
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.is_ok_and(|read| read > 0) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}
