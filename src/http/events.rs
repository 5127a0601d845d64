//! `/events`: every change as it is noticed, with a way to catch up.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::App;
use super::auth::Caller;
use super::ready::Coding;
use super::watch::{Missed, Start, frame};
use crate::model::desk::Desk;

/// Keeps proxies from closing a quiet stream, and finds out who is gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
const LAST: HeaderName = HeaderName::from_static("last-event-id");

/// Where a viewer that cannot set headers says what it saw last.
#[derive(Debug, Deserialize)]
pub(super) struct Resume {
    last_event_id: Option<String>,
}

/// Every change, as Server-Sent Events.
#[utoipa::path(get, path = "/events", tag = "live",
    params(("last_event_id" = Option<u64>, Query, description = "the last event seen; as the header `Last-Event-ID`")),
    responses((status = 200, description = "first `hello`, or `reset` where the gap cannot be filled; then every change under the name of its kind, with its number as id", content_type = "text/event-stream", body = super::wire::event::Event)))]
pub(super) async fn events(State(app): State<App>, caller: Caller, asked: HeaderMap, query: Query<Resume>) -> Response {
    let header = asked.get(&LAST).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let last = header.or(query.0.last_event_id).filter(|text| !text.is_empty());
    let last = last.map(|text| text.trim().parse::<u64>().map_err(|_| ()));
    let Start { told, missed, news } = app.0.viewers.join(last);
    let first = first(&app, told, missed).await;
    let viewer = Viewer { first, news, desk: app.0.desk.clone(), caller, app };
    let mut response = Response::new(Body::from_stream(stream::unfold(viewer, Viewer::next)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// The greeting and what was missed.
async fn first(app: &App, told: u64, missed: Missed) -> VecDeque<Bytes> {
    let (name, frames) = match missed {
        Missed::Frames(frames) => ("hello", frames),
        Missed::Unknown => ("reset", Vec::new()),
        Missed::Older { after, before, then } => match older(app, after, before).await {
            Some(mut frames) => {
                frames.extend(then);
                ("hello", frames)
            }
            None => ("reset", Vec::new()),
        },
    };
    let ready = app.0.ready.load_full();
    let etag = ready.page.as_ref().unwrap_or(&ready.summary).tag(Coding::Identity);
    let data = serde_json::json!({ "seq": told, "etag": etag.trim_matches('"') });
    // The number goes with the greeting only where nothing older follows it.
    let id = if frames.is_empty() { format!("id: {told}\n") } else { String::new() };
    let greeting = Bytes::from(format!("{id}event: {name}\nretry: 3000\ndata: {data}\n\n"));
    std::iter::once(greeting).chain(frames).collect()
}

/// Events between two numbers from the store; `None` where they are not all there.
async fn older(app: &App, after: u64, before: u64) -> Option<Vec<Bytes>> {
    let count = usize::try_from(before.saturating_sub(after).saturating_sub(1)).ok()?;
    match app.0.store.run(move |store| store.events_after(after, count)).await {
        Ok(events) => {
            let whole = events.len() == count && events.iter().zip(after + 1..).all(|(event, seq)| event.seq == seq);
            whole.then(|| events.iter().map(frame).collect())
        }
        Err(error) => {
            tracing::warn!(%error, "the events that a viewer has missed cannot be read");
            None
        }
    }
}

struct Viewer {
    first: VecDeque<Bytes>,
    news: tokio::sync::broadcast::Receiver<Bytes>,
    desk: watch::Receiver<Arc<Desk>>,
    caller: Caller,
    app: App,
}

impl Viewer {
    /// The next bytes; the end when stopping, where the viewer has fallen too far behind, and as soon as what let it
    /// in counts no more.
    async fn next(mut self) -> Option<(Result<Bytes, std::convert::Infallible>, Self)> {
        if !self.caller.may_watch(&self.app) {
            return None;
        }
        if let Some(bytes) = self.first.pop_front() {
            return Some((Ok(bytes), self));
        }
        let known = !matches!(self.caller, Caller::Nobody(_));
        let heartbeat = tokio::time::sleep(HEARTBEAT);
        tokio::pin!(heartbeat);
        let bytes = loop {
            tokio::select! {
                () = self.app.0.closing.cancelled() => return None,
                came = self.news.recv() => match came {
                    Ok(bytes) => break bytes,
                    Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
                },
                // Nobody's session can end.
                changed = self.desk.changed(), if known => {
                    if changed.is_err() || !self.caller.may_watch(&self.app) {
                        return None;
                    }
                }
                () = &mut heartbeat => break Bytes::from_static(b":\n\n"),
            }
        };
        // It may have ended, or the page may have become private, while this waited.
        self.caller.may_watch(&self.app).then(|| (Ok(bytes), self))
    }
}
