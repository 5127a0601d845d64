//! R51 to R54: a polite guest.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use allclear::limits;
use allclear::model::source::FailureKind;
use tokio::io::AsyncWriteExt as _;

use super::*;

/// R52
#[tokio::test]
async fn it_says_who_it_is_and_carries_nothing_along() {
    let server =
        Server::sending("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await;
    let contact = Settings { contact: Some("mailto:ops@acme.example".into()), ..quick() };
    for (settings, contact) in [(quick(), "https://"), (contact, "mailto:ops@acme.example")] {
        let fetcher = Fetcher::new(settings, Clock::system()).unwrap();
        get(&fetcher, &server.url()).await.unwrap();
        get(&fetcher, &server.url()).await.unwrap();
        let requests = server.requests.lock().unwrap().clone();
        let last = requests.last().unwrap().to_lowercase();
        let agent = format!("user-agent: allclear/{} (+{contact}", env!("CARGO_PKG_VERSION"));
        assert!(last.contains(&agent), "{last}");
        assert!(!last.contains("cookie") && !last.contains("referer"), "{last}");
    }
}

/// R53
#[tokio::test]
async fn it_asks_whether_anything_has_changed() {
    let server = Server::start(|mut stream, head| async move {
        let answer = if head.to_lowercase().contains("if-none-match: w/\"one\"") {
            "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
        } else {
            "HTTP/1.1 200 OK\r\nETag: W/\"one\"\r\nLast-Modified: Fri, 02 Jan 2026 03:04:05 GMT\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        };
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    let fetcher = fetcher();
    let first = get(&fetcher, &server.url()).await.unwrap();
    assert_eq!(first.body.as_deref(), Some(&b"ok"[..]));
    let again = ask(&fetcher, &server.url(), true, Some(&first.validators)).await.unwrap();
    assert_eq!((again.body, again.status), (None, 304));
    assert_eq!(again.validators.etag.as_deref(), Some("W/\"one\""), "kept for the next time");
    assert!(server.requests.lock().unwrap()[1].contains("Fri, 02 Jan 2026"));
}

/// R2, R54
#[tokio::test]
async fn statuses_are_facts_and_never_documents() {
    for (status, headers, kind, wait) in [
        (400, "", FailureKind::Broken, None),
        (401, "", FailureKind::Refused, None),
        (403, "", FailureKind::Refused, None),
        (404, "", FailureKind::Gone, None),
        (410, "", FailureKind::Gone, None),
        (418, "", FailureKind::Broken, None),
        (429, "Retry-After: 120\r\n", FailureKind::RateLimited, Some(120)),
        (429, "Retry-After: nonsense\r\n", FailureKind::RateLimited, None),
        (429, "Retry-After: -1\r\n", FailureKind::RateLimited, None),
        (451, "", FailureKind::Refused, None),
        (500, "", FailureKind::Broken, None),
        (502, "", FailureKind::Broken, None),
        (503, "", FailureKind::Broken, None),
        (503, "Retry-After: 99999999\r\n", FailureKind::RateLimited, Some(limits::RETRY_AFTER_CEILING.as_secs())),
        (503, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", FailureKind::Broken, None),
    ] {
        let server =
            Server::sending(format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: 11\r\n\r\noperational")).await;
        let error = get(&fetcher(), &server.url()).await.expect_err("a status that is no success");
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{status} {headers}");
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{status} {headers}");
    }
}

/// R51: a hundred names on one address, asked all at once.
#[tokio::test]
async fn budgets_hold_for_hosts_and_for_addresses() {
    let flying = Arc::new(AtomicUsize::new(0));
    let peak = Arc::new(AtomicUsize::new(0));
    let (now, most) = (Arc::clone(&flying), Arc::clone(&peak));
    let server = Server::start(move |mut stream, _| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await;
        }
    })
    .await;
    let port = server.address.port();
    let fetcher = fetcher();
    let mut asking = tokio::task::JoinSet::new();
    for name in 0..100 {
        let fetcher = fetcher.clone();
        asking.spawn(async move { get(&fetcher, &format!("http://n{name}.localhost:{port}/")).await.map(drop) });
    }
    while let Some(done) = asking.join_next().await {
        done.unwrap().unwrap();
    }
    let peak = peak.load(Ordering::SeqCst);
    assert!((2..=limits::PER_ADDRESS).contains(&peak), "{peak} at a time to one address");
}

#[tokio::test]
async fn one_host_is_asked_two_at_a_time_and_with_a_gap() {
    let starts = Arc::new(Mutex::new(Vec::new()));
    let flying = Arc::new(AtomicUsize::new(0));
    let peak = Arc::new(AtomicUsize::new(0));
    let (seen, now, most) = (Arc::clone(&starts), Arc::clone(&flying), Arc::clone(&peak));
    let server = Server::start(move |mut stream, _| {
        seen.lock().unwrap().push(Instant::now());
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(250)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await;
        }
    })
    .await;
    let gap = Duration::from_millis(100);
    // The server takes its time, and a busy machine takes more: only the gap is short here.
    let fetcher = Fetcher::new(Settings { host_spacing: gap, ..Settings::default() }, Clock::system()).unwrap();
    let mut asking = tokio::task::JoinSet::new();
    let began = Instant::now();
    for _ in 0..8 {
        let (fetcher, url) = (fetcher.clone(), server.url());
        asking.spawn(async move { get(&fetcher, &url).await.map(drop) });
    }
    while let Some(done) = asking.join_next().await {
        done.unwrap().unwrap();
    }
    assert!(peak.load(Ordering::SeqCst) <= limits::PER_HOST);
    let mut starts = starts.lock().unwrap().clone();
    starts.sort_unstable();
    // On the way a request may be held up, but none comes before its turn.
    let early = (0..).zip(&starts).find(|(turn, start)| **start - began + Duration::from_millis(5) < gap * *turn);
    assert!(early.is_none(), "{early:?} of {starts:?}, begun at {began:?}");
    let budget = fetcher.budgets().into_iter().find(|budget| budget.host == "127.0.0.1").unwrap();
    assert_eq!((budget.in_flight, budget.waiting), (0, 0), "everything is given back");
}
