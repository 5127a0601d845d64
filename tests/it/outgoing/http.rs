//! R35, S12, S15: over HTTP, every answer is a fact, every attempt ends, and no address is told.

use std::time::Duration;

use allclear::channels::{Call, Outgoing};
use allclear::notify::carry::{Carried, Carriers, Uncarried};
use tokio::io::AsyncWriteExt as _;

use crate::fetch::{Server, fetcher};

/// What no error may say.
const PATH: &str = "/hooks/T0/B0/hush0123456789";

async fn carried(base: &str, within: Duration, allow_private: bool) -> Result<Carried, Uncarried> {
    let call = Call {
        method: "POST",
        url: format!("{}{PATH}?key=hush", base.trim_end_matches('/')).parse().unwrap(),
        kind: "application/json",
        body: "{}".to_owned(),
        headers: vec![("webhook-id", "msg_1".to_owned())],
        authorization: Some("Bearer hush".into()),
    };
    Carriers::with_patience(fetcher(), None, within).carry(Outgoing::Call(call), allow_private).await
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_status_is_an_answer() {
    for (head, status, wait) in [
        ("200 OK\r\nContent-Length: 2", 200, None),
        ("202 Accepted\r\nContent-Length: 2", 202, None),
        ("301 Moved Permanently\r\nLocation: /elsewhere\r\nContent-Length: 2", 301, None),
        ("307 Temporary Redirect\r\nLocation: http://169.254.169.254/\r\nContent-Length: 2", 307, None),
        ("410 Gone\r\nContent-Length: 2", 410, None),
        ("429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 2", 429, Some(7)),
        ("503 Service Unavailable\r\nRetry-After: 120\r\nContent-Length: 2", 503, Some(120)),
        ("500 Internal Server Error\r\nContent-Length: 2", 500, None),
    ] {
        let server = Server::sending(format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\nno")).await;
        let answer = carried(&server.url(), LONG, true).await.unwrap();
        assert_eq!((answer.status, answer.retry_after), (status, wait.map(Duration::from_secs)), "{head}");
        assert_eq!(answer.body, b"no", "{head}");
        // A redirect is not followed: what is sent is for this server.
        assert_eq!(server.count(), 1, "{head}");
        let seen = server.requests.lock().unwrap()[0].to_lowercase();
        assert!(
            seen.starts_with("post /hooks/")
                && seen.contains("webhook-id: msg_1")
                && seen.contains("authorization: bearer hush")
        );
    }
}

/// The receiver took it: a body that is long, breaks off or never ends does not make us send it again.
#[tokio::test]
async fn the_status_counts_whatever_becomes_of_the_body() {
    let long = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(2 << 20));
    let server = Server::sending(long).await;
    let answer = carried(&server.url(), LONG, true).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, allclear::limits::ATTEMPT_ANSWER));

    let server = Server::sending("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf").await;
    assert_eq!(carried(&server.url(), LONG, true).await.unwrap().status, 200);

    let server = Server::start(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf").await;
        std::future::pending::<()>().await;
    })
    .await;
    let answer = carried(&server.url(), Duration::from_secs(2), true).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"half".as_slice()));
}

#[tokio::test]
async fn what_hangs_resets_or_is_not_there_is_tried_again_and_no_address_is_told() {
    let hangs = Server::start(|_stream, _| std::future::pending()).await;
    let resets = Server::start(|stream, _| async move { drop(stream) }).await;
    let gone = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let garbage = Server::sending("HELO there\r\n\r\n").await;
    for base in [hangs.url(), resets.url(), gone, garbage.url(), "http://name.invalid".to_owned()] {
        let error = carried(&base, Duration::from_secs(2), true).await.unwrap_err();
        assert!(matches!(error, Uncarried::Later(_)), "{base}: {error:?}");
        for word in ["hush", "T0", "B0", "key="] {
            assert!(!error.to_string().contains(word) && !format!("{error:?}").contains(word), "{error:?}");
        }
    }
}

/// S12
#[tokio::test]
async fn a_private_address_is_contacted_only_where_it_may_be() {
    let server = Server::sending("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for base in [server.url(), format!("http://localhost:{}", server.address.port())] {
        let error = carried(&base, LONG, false).await.unwrap_err();
        assert!(matches!(&error, Uncarried::Later(why) if why.contains("not public")), "{error:?}");
    }
    assert_eq!(server.count(), 0);
}
