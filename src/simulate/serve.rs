//! Answers on a vendor's listener: well, or as badly as the vendor plays.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::play::Behaviour;
use super::vendor::{Document, Vendor};

/// Connections one vendor holds at most.
const CONNECTIONS: usize = 64;
/// Pieces of 64 KiB in an endless body: 1 GiB.
const PIECES: u32 = 16 * 1024;
/// Pieces of 4 MiB in a bomb: 1 GiB.
const ZEROS: u32 = 256;

/// Accepts for ever; dropped to stop.
pub(super) async fn listen(listener: TcpListener, vendor: Arc<Vendor>) {
    let mut connections = JoinSet::new();
    loop {
        if connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(converse(stream, Arc::clone(&vendor)))),
                // Out of descriptors, most likely: others must get a chance to close theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(mut stream: TcpStream, vendor: Arc<Vendor>) {
    match vendor.behaviour() {
        Behaviour::Down => {}
        Behaviour::Garbage => {
            let mut head = [0_u8; 2048];
            let _ = stream.read(&mut head).await;
            vendor.raw_request(&head);
            let _ = stream.write_all(b"\x00\xff\xfe%%% not a protocol anybody speaks \x80\x81\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
        Behaviour::Hang => {
            let mut head = [0_u8; 2048];
            let _ = stream.read(&mut head).await;
            vendor.raw_request(&head);
            // Until the other side gives up.
            while matches!(stream.read(&mut head).await, Ok(count) if count > 0) {}
        }
        _ => {
            let service = service_fn(|request: Request<hyper::body::Incoming>| {
                let vendor = Arc::clone(&vendor);
                async move { Ok::<_, Infallible>(answer(&vendor, request.uri().path(), request.headers()).await) }
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        }
    }
}

async fn answer(vendor: &Arc<Vendor>, path: &str, headers: &HeaderMap) -> Response<Body> {
    let _in_flight = vendor.request(path, headers);
    match vendor.behave() {
        Behaviour::Slow(wait) => {
            tokio::time::sleep(wait).await;
            document(vendor.document(path), headers)
        }
        // A connection from better days: nothing is answered on it.
        Behaviour::Hang | Behaviour::Down | Behaviour::Garbage => std::future::pending().await,
        Behaviour::SignIn => text(StatusCode::OK, "text/html; charset=utf-8", SIGN_IN),
        Behaviour::Failing => text(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "out of order\n"),
        Behaviour::RateLimit { left, retry_after } if left > 0 => {
            let mut response = text(StatusCode::TOO_MANY_REQUESTS, "text/plain", "too many requests\n");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            response
        }
        Behaviour::Redirect => {
            let mut response = text(StatusCode::FOUND, "text/plain", "elsewhere\n");
            let inward = HeaderValue::from_static("http://169.254.169.254/latest/meta-data");
            response.headers_mut().insert(header::LOCATION, inward);
            response
        }
        Behaviour::Endless => endless(),
        Behaviour::Bomb => bomb(),
        Behaviour::Healthy | Behaviour::RateLimit { .. } => document(vendor.document(path), headers),
    }
}

const SIGN_IN: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1>\
<form method=\"post\" action=\"/login\"><input name=\"user\"><input name=\"password\" type=\"password\">\
<button>Sign in</button></form></body></html>\n";

fn text(status: StatusCode, kind: &'static str, body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn document(document: Option<Document>, asked: &HeaderMap) -> Response<Body> {
    let Some(document) = document else {
        return text(StatusCode::NOT_FOUND, "text/plain", "");
    };
    let same = asked
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|tag| tag.trim() == document.etag));
    let mut response = Response::new(if same { Body::empty() } else { Body::from(document.body) });
    *response.status_mut() = if same { StatusCode::NOT_MODIFIED } else { document.status };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0, private, must-revalidate"));
    for (name, value) in [(header::ETAG, document.etag), (header::LAST_MODIFIED, document.last_modified)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

fn endless() -> Response<Body> {
    let piece = Bytes::from(vec![b' '; 64 << 10]);
    let pieces = stream::unfold(0_u32, move |sent| {
        let piece = piece.clone();
        async move { (sent < PIECES).then(|| (Ok::<_, Infallible>(piece), sent.saturating_add(1))) }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn bomb() -> Response<Body> {
    let zeros: Arc<[u8]> = Arc::from(vec![0_u8; 4 << 20]);
    let start = (GzEncoder::new(Vec::new(), Compression::fast()), 0_u32);
    let pieces = stream::unfold(start, move |(mut encoder, sent)| {
        let zeros = Arc::clone(&zeros);
        async move {
            if sent > ZEROS {
                return None;
            }
            let done = if sent == ZEROS { encoder.try_finish() } else { encoder.write_all(&zeros) };
            done.ok()?;
            let piece = Bytes::from(std::mem::take(encoder.get_mut()));
            Some((Ok::<_, Infallible>(piece), (encoder, sent.saturating_add(1))))
        }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}
