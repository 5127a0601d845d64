//! One connection: its requests in turn, each with deadlines around it.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::super::auth::Peer;
use super::Timeouts;
use crate::limits;

/// Nothing of the next request has come.
const IDLE: u8 = 0;
/// A part of the next request has come.
const HEAD: u8 = 1;
/// A request is being answered.
const BUSY: u8 = 2;
/// A request that has half come when stopping may come whole within this.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// Serves one connection to its end, which comes soon after `closing`.
pub(super) async fn serve(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    timeouts: Arc<Timeouts>,
    closing: CancellationToken,
) {
    let phase = Arc::new(AtomicU8::new(HEAD));
    let io = Guarded {
        stream,
        phase: Arc::clone(&phase),
        head: timeouts.head,
        stall: timeouts.stall,
        deadline: Some(Box::pin(tokio::time::sleep(timeouts.head))),
        stalled: None,
    };
    let seen = Arc::clone(&phase);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        seen.store(BUSY, Ordering::Release);
        let (router, phase) = (router.clone(), Arc::clone(&seen));
        async move {
            let answered = router.oneshot(request.map(Body::new)).await;
            answered.map(|response| response.map(|body| Tracked { body, phase }))
        }
    });
    let work = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.idle)
        .max_buf_size(limits::REQUEST_HEADER_BYTES.saturating_mul(2))
        .serve_connection(TokioIo::new(io), service);
    let mut work = pin!(work);
    tokio::select! {
        // How a connection ends is its client's affair.
        _ = work.as_mut() => return,
        () = closing.cancelled() => work.as_mut().graceful_shutdown(),
    }
    if phase.load(Ordering::Acquire) == BUSY {
        let _ = work.await;
        return;
    }
    tokio::select! {
        _ = work.as_mut() => return,
        () = tokio::time::sleep(LAST_CHANCE) => {}
    }
    if phase.load(Ordering::Acquire) == BUSY {
        let _ = work.await;
    }
}

/// A response's body that says when it is done with.
struct Tracked {
    body: Body,
    phase: Arc<AtomicU8>,
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.phase.store(IDLE, Ordering::Release);
    }
}

impl hyper::body::Body for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that gives up on whoever sends a request too slowly or does not read the answer.
struct Guarded {
    stream: TcpStream,
    phase: Arc<AtomicU8>,
    head: Duration,
    stall: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Guarded {
    /// Passes on what a write gave; fails where it has given nothing for too long.
    fn written<T>(&mut self, cx: &mut Context<'_>, gave: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if gave.is_ready() {
            self.stalled = None;
            return gave;
        }
        let stall = self.stall;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Guarded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        let gave = Pin::new(&mut this.stream).poll_read(cx, into);
        let phase = this.phase.load(Ordering::Acquire);
        if phase == BUSY {
            this.deadline = None;
            return gave;
        }
        if phase == IDLE {
            this.deadline = None;
            if gave.is_ready() && into.filled().len() > before {
                this.phase.store(HEAD, Ordering::Release);
                this.deadline = Some(Box::pin(tokio::time::sleep(this.head)));
            }
        }
        // Polled even when bytes came, so that one byte now and then does not put it off.
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        gave
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let gave = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.written(cx, gave)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let gave = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.written(cx, gave)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
