//! R16, R18: every way in which a server can misbehave ends in time, with the right fact.

use std::io::Write as _;
use std::time::{Duration, Instant};

use allclear::limits;
use allclear::model::source::FailureKind;
use tokio::io::AsyncWriteExt as _;

use super::*;

/// All kinds of answers that are none. The promise is 20.5 s; these run with shorter figures.
const WITHIN: Duration = Duration::from_secs(4);

async fn fails(what: &str, server: &Server, kinds: &[FailureKind]) {
    let started = Instant::now();
    let error = get(&fetcher(), &server.url()).await.expect_err(what);
    assert!(kinds.contains(&error.kind), "{what}: {:?} {error}", error.kind);
    assert!(started.elapsed() < WITHIN, "{what}: {:?}", started.elapsed());
}

#[tokio::test]
async fn broken_answers_are_no_answers() {
    use FailureKind::{Broken, Timeout, TooLarge};
    let big = format!("HTTP/1.1 200 OK\r\nX-Big: {}\r\n\r\nok", "x".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\nok", (0..20_000).map(|n| format!("X-{n}: 1\r\n")).collect::<String>());
    let wide = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{}\r\nok",
        (0..90).map(|n| format!("X-{n}: {}\r\n", "y".repeat(1_000))).collect::<String>()
    );
    for (what, bytes, kinds) in [
        ("closed at once", String::new(), vec![Broken]),
        ("garbage", "What?\r\n\r\n".to_owned(), vec![Broken]),
        ("HTTP/0.9", "<html>operational</html>".to_owned(), vec![Broken]),
        ("half a status line", "HTTP/1.1 20".to_owned(), vec![Broken]),
        ("closed in the headers", "HTTP/1.1 200 OK\r\nContent-Le".to_owned(), vec![Broken]),
        ("closed in the body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_owned(), vec![Broken]),
        (
            "closed in a chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf".to_owned(),
            vec![Broken],
        ),
        (
            "no last chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n".to_owned(),
            vec![Broken],
        ),
        (
            "bad chunk size",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n0\r\n\r\n".to_owned(),
            vec![Broken],
        ),
        (
            "huge chunk size",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx".to_owned(),
            vec![Broken],
        ),
        ("negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhalf".to_owned(), vec![Broken]),
        (
            "two lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nhalf".to_owned(),
            vec![Broken],
        ),
        (
            "huge length",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nhalf".to_owned(),
            vec![Broken, TooLarge, Timeout],
        ),
        ("a header of 1 MB", big, vec![Broken, TooLarge]),
        ("20,000 headers", many, vec![Broken, TooLarge]),
        ("90 kB of headers", wide, vec![Broken, TooLarge]),
        (
            "cut gzip",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u{1f}x\u{8}\u{0}".to_owned(),
            vec![Broken],
        ),
        (
            "mislabelled gzip",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 11\r\n\r\noperational".to_owned(),
            vec![Broken],
        ),
        (
            "mislabelled br",
            "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 11\r\n\r\noperational".to_owned(),
            vec![Broken],
        ),
        ("304 unasked", "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned(), vec![Broken]),
    ] {
        fails(what, &Server::sending(bytes).await, &kinds).await;
    }
}

#[tokio::test]
async fn slow_answers_end_in_time() {
    let wait = || std::future::pending::<()>();
    let silent = Server::start(move |stream, _| async move {
        wait().await;
        drop(stream);
    })
    .await;
    fails("silence", &silent, &[FailureKind::Timeout]).await;
    for (what, head, drip) in [
        ("stops in the headers", "HTTP/1.1 200 OK\r\nX: ", ""),
        ("drips headers", "HTTP/1.1 200 OK\r\n", "X: 1\r\n"),
        ("stops in the body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", ""),
        ("drips the body", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x"),
        ("drips chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("100-continue without end", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let server = Server::start(move |mut stream, _| async move {
            let mut open = stream.write_all(head.as_bytes()).await.is_ok();
            while open && !drip.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
                open = stream.write_all(drip.as_bytes()).await.is_ok();
            }
            std::future::pending::<()>().await;
        })
        .await;
        fails(what, &server, &[FailureKind::Timeout, FailureKind::Broken, FailureKind::TooLarge]).await;
    }
}

/// R18: what counts is what it becomes.
#[tokio::test]
async fn bombs_end_at_the_limit() {
    let zeros = vec![0; limits::DOCUMENT_BYTES * 4];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&zeros).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut twice = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    twice.write_all(&gzip).unwrap();
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    deflate.write_all(&zeros).unwrap();
    let mut brotli = Vec::new();
    brotli::BrotliCompress(
        &mut zeros.as_slice(),
        &mut brotli,
        &brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() },
    )
    .unwrap();
    let zstd = zstd::encode_all(zeros.as_slice(), 3).unwrap();
    for (encoding, packed) in [("gzip", gzip), ("deflate", deflate.finish().unwrap()), ("br", brotli), ("zstd", zstd)] {
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n", packed.len())
                .into_bytes();
        answer.extend(packed);
        let server = Server::sending(answer).await;
        let settings = Settings { whole: Duration::from_secs(20), ..quick() };
        let error = get(&Fetcher::new(settings, Clock::system()).unwrap(), &server.url()).await.expect_err(encoding);
        assert_eq!(error.kind, FailureKind::TooLarge, "{encoding}: {error}");
    }
    // Packed twice, it is unpacked at most once, and what comes of it is no document of any format.
    let twice = twice.finish().unwrap();
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: {}\r\n\r\n", twice.len())
            .into_bytes();
    answer.extend(&twice);
    if let Ok(answer) = get(&fetcher(), &Server::sending(answer).await.url()).await {
        assert!(answer.body.unwrap().len() <= limits::DOCUMENT_BYTES);
    }
}

#[tokio::test]
async fn an_endless_body_ends_at_the_limit() {
    let server = Server::start(|mut stream, _| async move {
        let chunk = vec![b'x'; 1 << 16];
        let mut open = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok();
        while open {
            open = stream.write_all(&chunk).await.is_ok();
        }
    })
    .await;
    let settings = Settings { whole: Duration::from_secs(20), ..quick() };
    let error = get(&Fetcher::new(settings, Clock::system()).unwrap(), &server.url()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::TooLarge, "{error}");
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_nothing_else() {
    let gone = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let error = get(&fetcher(), &format!("http://{gone}/")).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unreachable, "{error}");
    let names = Fetcher::with_lookup(quick(), Clock::system(), Arc::new(Names::default())).unwrap();
    let error = get(&names, "http://nowhere.example/").await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unreachable, "{error}");
}

/// S14
#[tokio::test]
async fn what_speaks_no_tls_is_no_https() {
    let server = Server::sending("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let error = get(&fetcher(), &format!("https://{}/", server.address)).await.unwrap_err();
    assert!(matches!(error.kind, FailureKind::Unreachable | FailureKind::Broken | FailureKind::Timeout), "{error}");
}
