//! A receiver of messages that answers by a script and remembers what came.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::server::{SOON, until};

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub enum Reply {
    /// With this status.
    Status(u16),
    /// With 429, and so many seconds to wait.
    Wait(u64),
    /// With 200, but only after a while in which a sender may be killed.
    Late,
    /// Never.
    Hang,
    /// By closing the connection.
    Reset,
    /// With 400 and everything that was asked, as some servers do.
    Echo,
}

/// One message that came, however it was answered.
#[derive(Debug, Clone)]
pub struct Got {
    pub head: String,
    pub body: Value,
    /// It was answered as received.
    pub good: bool,
}

impl Got {
    /// A header's value.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or_default()
    }

    /// Its key: the same at every attempt.
    pub fn key(&self) -> String {
        self.header("webhook-id").to_owned()
    }

    /// What it tells, as `happening thread`.
    pub fn told(&self) -> Vec<String> {
        let items = self.body["data"]["items"].as_array().cloned().unwrap_or_default();
        let word = |item: &Value, key: &str| item[key].as_str().unwrap_or("?").to_owned();
        let happening = |item: &Value| word(item, "event").split('.').nth(1).unwrap_or("?").to_owned();
        items.iter().map(|item| format!("{} {}", happening(item), word(item, "thread"))).collect()
    }
}

type Script = Box<dyn Fn(usize) -> Reply + Send>;

struct Inner {
    got: Vec<Got>,
    script: Script,
}

/// A receiver that is there as long as the test.
#[derive(Clone)]
pub struct Inbox {
    pub address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
    _task: Arc<AbortOnDropHandle<()>>,
}

impl Inbox {
    /// One that takes everything.
    #[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script: Script = Box::new(|_| Reply::Status(204));
        let inner = Arc::new(Mutex::new(Inner { got: Vec::new(), script }));
        let shared = Arc::clone(&inner);
        let serve = async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&shared)));
            }
        };
        Self { address, inner, _task: Arc::new(AbortOnDropHandle::new(tokio::spawn(serve))) }
    }

    /// Answers the next requests so; each is given its number among all that came, from 0.
    pub fn answers(&self, script: impl Fn(usize) -> Reply + Send + 'static) {
        self.inner.lock().unwrap().script = Box::new(script);
    }

    /// Everything that came.
    pub fn got(&self) -> Vec<Got> {
        self.inner.lock().unwrap().got.clone()
    }

    /// What all messages told, in order; repeats of one message count once.
    pub fn told(&self) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        let fresh = self.got().into_iter().filter(|got| seen.insert(got.key()));
        fresh.flat_map(|got| got.told()).collect()
    }

    /// Waits until what came is as wished.
    pub async fn until<T>(&self, what: &str, look: impl Fn(&[Got]) -> Option<T>) -> T {
        until(what, SOON, async || look(&self.got())).await
    }

    /// Its entry of `notify.channels`, as a signed webhook that is told at once.
    pub fn channel(&self, id: &str) -> String {
        format!(
            "    - name: {id}\n      kind: webhook\n      url: http://{}/{id}\n      allow_private: true\n      \
             secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
            self.address
        )
    }
}

/// `notify` with these channels, each of which is told within a moment.
pub fn at_once(channels: &[String]) -> String {
    let head = "notify:\n  confirm: 0s\n  unreadable: 1h\n  group: 0s\n  spacing: 0s\n  channels:\n";
    format!("{head}{}", channels.concat())
}

async fn answer(mut stream: TcpStream, inner: Arc<Mutex<Inner>>) {
    loop {
        let Some((head, body)) = request(&mut stream).await else { return };
        let (reply, asked) = {
            let mut inner = inner.lock().unwrap();
            let number = inner.got.len();
            let reply = (inner.script)(number);
            let asked = format!("{head}\n\n{}", String::from_utf8_lossy(&body));
            let good = matches!(reply, Reply::Status(200..300) | Reply::Late);
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            inner.got.push(Got { head, body, good });
            (reply, asked)
        };
        let answer = match reply {
            Reply::Status(status) => format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\n\r\n"),
            Reply::Wait(seconds) => {
                format!("HTTP/1.1 429 Slow\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\r\n")
            }
            Reply::Echo => {
                format!("HTTP/1.1 400 What\r\ncontent-length: {}\r\n\r\n{asked}", asked.len())
            }
            Reply::Late => {
                tokio::time::sleep(Duration::from_millis(150)).await;
                "HTTP/1.1 200 So\r\ncontent-length: 0\r\n\r\n".to_owned()
            }
            Reply::Hang => return tokio::time::sleep(Duration::from_secs(3_600)).await,
            Reply::Reset => return,
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().filter_map(|line| line.split_once(": "));
            let length = length.filter(|(key, _)| key.eq_ignore_ascii_case("content-length"));
            let length = length.map(|(_, value)| value.trim().parse::<usize>().unwrap()).next().unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Some((head, bytes[end + 4..end + 4 + length].to_vec()));
            }
        }
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    }
}
