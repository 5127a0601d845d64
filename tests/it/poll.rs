//! One reading: whatever an adapter does, it costs that reading and no more.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allclear::clock::Clock;
use allclear::config::{self, Reader, SourceConfig};
use allclear::fetch::{Fetcher, Settings};
use allclear::formats::{self, Adapter, Body, Document, ParseError, Role};
use allclear::ingest::Door;
use allclear::model::observation::Observation;
use allclear::model::source::FailureKind;
use allclear::nudge::Nudges;
use allclear::poll::{self, Shared};
use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc};
use url::Url;

use crate::fetch::Server;

#[derive(Debug)]
enum Bad {
    Panics,
    NeverEnds,
}

impl Adapter for Bad {
    fn documents(&self, base: &Url) -> Vec<Document> {
        vec![Document { name: "any", url: base.clone(), role: Role::Present, accept: "*/*" }]
    }

    fn parse(&self, _: &[Body], _: Timestamp) -> Result<Observation, ParseError> {
        match self {
            Self::Panics => panic!("an adapter of a test"),
            Self::NeverEnds => {
                std::thread::sleep(Duration::from_secs(3));
                Ok(Observation::default())
            }
        }
    }
}

fn shared() -> Shared {
    let settings = Settings { host_spacing: Duration::from_micros(1), ..Settings::default() };
    Shared {
        fetcher: Fetcher::new(settings, Clock::system()).unwrap(),
        door: Door::to(mpsc::channel(1).0),
        clock: Clock::system(),
        nudges: Nudges::default(),
        metrics: Arc::default(),
        pulse: Arc::default(),
        parsers: Arc::new(Semaphore::new(2)),
    }
}

fn source(url: &str, extra: &str) -> SourceConfig {
    let text = format!("sources:\n  - {{name: A, url: \"{url}\", allow_private: true{extra}}}\n");
    let config = config::parse(&text, Path::new("sources.yaml"), &|_| None).unwrap();
    SourceConfig::clone(&config.sources[0])
}

async fn server(body: &str) -> Server {
    Server::sending(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()))
        .await
}

/// R20, R19
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adapter_that_panics_or_never_ends_costs_one_reading() {
    let (server, shared) = (server("hello").await, shared());
    let mut config = source(&server.url(), ", format: http");
    let reader = |bad| Some(Reader { format: formats::find("http").unwrap(), adapter: Arc::new(bad) });
    config.reader = reader(Bad::Panics);
    for _ in 0..200 {
        let failure = poll::look(&config, &shared).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Internal, "{failure:?}");
    }
    config.reader = reader(Bad::NeverEnds);
    let failure = poll::look(&config, &shared).await.unwrap_err();
    assert!(failure.message.contains("to parse"), "{failure:?}");
    // The others go on.
    let well = source(&server.url(), ", format: http, http: {contains: hello}");
    assert!(poll::look(&well, &shared).await.is_ok());
}

#[tokio::test]
async fn a_page_that_names_no_format_is_found_out() {
    let page = "{\"page\":{\"id\":\"a1b2c3d4e5f6\",\"name\":\"Acme\"},\"status\":{\"indicator\":\"none\"},\"components\":[{\"id\":\"c\",\"name\":\"API\",\"status\":\"operational\"}]}";
    let feed = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Acme</title><item><title>Resolved: x</title><guid>1</guid><pubDate>Fri, 02 Jan 2026 03:04:05 GMT</pubDate></item></channel></rss>";
    for (body, format) in [(page, "statuspage"), (feed, "feed")] {
        let server = server(body).await;
        let poll::Looked { reader, .. } = poll::look(&source(&server.url(), ""), &shared()).await.unwrap();
        assert_eq!(reader.format.name, format);
        assert!(server.count() <= 9, "{} requests", server.count());
    }
    let neither = server("<html><title>Welcome</title>All systems operational</html>").await;
    let failure = poll::look(&source(&neither.url(), ""), &shared()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreadable);
    assert!(failure.message.contains("no known format"), "{}", failure.message);
}
