//! Those for whom there is no room are told so, quickly; whoever asks whether we live gets an answer.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::guard::POLICY;

/// All that one of them may take.
const PATIENCE: Duration = Duration::from_millis(500);
/// Enough to see what is asked.
const GLIMPSE: usize = 2_048;

/// Answers 503, or 200 to `/healthz`, and closes.
pub(super) async fn turn_away(mut stream: TcpStream) {
    // Whoever is too slow even for this is closed without an answer.
    let _ = tokio::time::timeout(PATIENCE.saturating_mul(2), answer(&mut stream)).await;
}

async fn answer(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut seen = [0_u8; GLIMPSE];
    let read = tokio::time::timeout(PATIENCE, stream.read(&mut seen)).await;
    let count = read.unwrap_or(Ok(0)).unwrap_or(0);
    let asked = seen.get(..count).unwrap_or_default();
    let alive = asked.starts_with(b"GET /healthz ") || asked.starts_with(b"HEAD /healthz ");
    let (status, extra, body) = if alive {
        ("200 OK", "", "ok\n")
    } else {
        ("503 Service Unavailable", "Retry-After: 5\r\n", "too many connections; try again soon\n")
    };
    let body = if asked.starts_with(b"HEAD ") { "" } else { body };
    let head = format!(
        "HTTP/1.1 {status}\r\n{extra}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Content-Security-Policy: {POLICY}\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection before the answer is read.
    while stream.read(&mut seen).await? > 0 {}
    Ok(())
}
