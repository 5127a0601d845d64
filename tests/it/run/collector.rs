//! A collector of traces and logs (OTLP over HTTP) that reads what it gets by its own small reader of protobuf.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio_util::task::AbortOnDropHandle;

use super::server::{SOON, until};

/// A message of protobuf: its fields in order.
struct Message<'a>(Vec<(u64, Value<'a>)>);

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Message<'a> {
    fn read(mut bytes: &'a [u8]) -> Self {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let value = match key & 7 {
                0 => Value::Number(varint(&mut bytes)),
                1 => Value::Number(u64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap())),
                2 => {
                    let length = varint(&mut bytes);
                    Value::Bytes(take(&mut bytes, usize::try_from(length).unwrap()))
                }
                5 => Value::Number(u64::from(u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap()))),
                wire => panic!("no such wire type: {wire}"),
            };
            fields.push((key >> 3, value));
        }
        Self(fields)
    }

    fn all(&self, number: u64) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.0.iter().filter_map(move |(field, value)| match value {
            Value::Bytes(bytes) if *field == number => Some(*bytes),
            _ => None,
        })
    }

    fn messages(&self, number: u64) -> impl Iterator<Item = Message<'a>> + '_ {
        self.all(number).map(Message::read)
    }

    fn text(&self, number: u64) -> String {
        String::from_utf8(self.all(number).next().unwrap_or_default().to_vec()).unwrap()
    }

    fn hex(&self, number: u64) -> String {
        self.all(number).next().unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn number(&self, number: u64) -> Option<u64> {
        self.0.iter().find_map(|(field, value)| match value {
            Value::Number(value) if *field == number => Some(*value),
            _ => None,
        })
    }

    /// `AnyValue`: text, a flag, a whole number.
    fn any(&self) -> String {
        match (self.number(2), self.number(3)) {
            (Some(flag), _) => (flag == 1).to_string(),
            (_, Some(number)) => number.to_string(),
            _ => self.text(1),
        }
    }

    /// A list of `KeyValue`.
    fn pairs(&self, number: u64) -> BTreeMap<String, String> {
        let pair =
            |pair: Message<'_>| (pair.text(1), pair.messages(2).next().map(|value| value.any()).unwrap_or_default());
        self.messages(number).map(pair).collect()
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return value;
        }
    }
    panic!("a number without an end");
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

/// One span.
#[derive(Debug, Clone)]
pub struct Span {
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub failed: bool,
    /// Whose it is.
    pub resource: BTreeMap<String, String>,
}

/// One log record.
#[derive(Debug, Clone)]
pub struct Record {
    pub trace: String,
    pub level: String,
    pub message: String,
    pub attributes: BTreeMap<String, String>,
}

#[derive(Default)]
struct Got {
    spans: Vec<Span>,
    records: Vec<Record>,
    raw: Vec<u8>,
    heads: Vec<HeaderMap>,
    asked: usize,
}

/// A collector that is there as long as the test.
pub struct Collector {
    pub address: SocketAddr,
    got: Arc<Mutex<Got>>,
    _task: AbortOnDropHandle<()>,
}

impl Collector {
    /// One that takes everything.
    pub async fn open() -> Self {
        Self::start(true).await
    }

    /// One that takes the connection, and never answers.
    pub async fn hanging() -> Self {
        Self::start(false).await
    }

    #[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
    async fn start(answers: bool) -> Self {
        let got = Arc::new(Mutex::new(Got::default()));
        let take = move |read: fn(&mut Got, &[u8])| {
            post(async move |State(got): State<Arc<Mutex<Got>>>, head: HeaderMap, body: Bytes| {
                got.lock().unwrap().asked += 1;
                if !answers {
                    std::future::pending::<()>().await;
                }
                let mut got = got.lock().unwrap();
                read(&mut got, &body);
                got.raw.extend_from_slice(&body);
                got.heads.push(head);
                StatusCode::OK
            })
        };
        let router = Router::new()
            .route("/v1/traces", take(spans))
            .route("/v1/logs", take(records))
            .with_state(Arc::clone(&got));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, got, _task: AbortOnDropHandle::new(task) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn spans(&self) -> Vec<Span> {
        self.got.lock().unwrap().spans.clone()
    }

    pub fn records(&self) -> Vec<Record> {
        self.got.lock().unwrap().records.clone()
    }

    /// Every byte that came.
    pub fn raw(&self) -> Vec<u8> {
        self.got.lock().unwrap().raw.clone()
    }

    pub fn heads(&self) -> Vec<HeaderMap> {
        self.got.lock().unwrap().heads.clone()
    }

    /// How many requests began.
    pub fn asked(&self) -> usize {
        self.got.lock().unwrap().asked
    }

    /// Waits for a span.
    pub async fn span(&self, what: &str, wanted: impl Fn(&Span) -> bool) -> Span {
        until(what, SOON, async || self.spans().into_iter().find(|span| wanted(span))).await
    }

    /// Waits for a log record.
    pub async fn record(&self, what: &str, wanted: impl Fn(&Record) -> bool) -> Record {
        until(what, SOON, async || self.records().into_iter().find(|record| wanted(record))).await
    }
}

fn spans(got: &mut Got, body: &[u8]) {
    for of_resource in Message::read(body).messages(1) {
        let resource = of_resource.messages(1).next().map(|resource| resource.pairs(1)).unwrap_or_default();
        for span in of_resource.messages(2).flat_map(|scope| scope.messages(2).collect::<Vec<_>>()) {
            got.spans.push(Span {
                trace: span.hex(1),
                id: span.hex(2),
                parent: span.hex(4),
                name: span.text(5),
                attributes: span.pairs(9),
                failed: span.messages(15).next().is_some_and(|status| status.number(3) == Some(2)),
                resource: resource.clone(),
            });
        }
    }
}

fn records(got: &mut Got, body: &[u8]) {
    for of_resource in Message::read(body).messages(1) {
        for record in of_resource.messages(2).flat_map(|scope| scope.messages(2).collect::<Vec<_>>()) {
            got.records.push(Record {
                trace: record.hex(9),
                level: record.text(3),
                message: record.messages(5).next().map(|body| body.any()).unwrap_or_default(),
                attributes: record.pairs(6),
            });
        }
    }
}
