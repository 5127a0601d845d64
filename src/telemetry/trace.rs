//! Spans: what takes time here, for whoever collects traces. Where nobody does, they cost nothing.
//!
//! A span names sources, channels, hosts and templates of routes. It holds no address of a reader, no query, no header
//! and no token.

use tracing::{Span, field};

/// What spans are made under: the log does not show them, and only the exporter of traces takes them.
pub(super) const SPANS: &str = "allclear::span";

/// What is logged under this target is for whoever reads this machine's log, and leaves it by no other way: it holds
/// what lets somebody in, or what is somebody's own.
pub const PRIVATE: &str = "allclear::private";

/// A reading of one source.
pub fn poll(source: &str) -> Span {
    tracing::info_span!(
        target: SPANS,
        "poll",
        otel.status_code = field::Empty,
        allclear.source = source,
        allclear.format = field::Empty,
        allclear.outcome = field::Empty,
        allclear.bytes = field::Empty,
    )
}

/// What came of the reading that this runs in.
pub fn polled(format: &str, outcome: &str, bytes: u64) {
    let span = Span::current();
    span.record("allclear.format", format);
    span.record("allclear.outcome", outcome);
    span.record("allclear.bytes", bytes);
    if !matches!(outcome, "ok" | "unchanged") {
        span.record("otel.status_code", "ERROR");
    }
}

/// Getting one document of a reading.
pub fn fetch(host: &str, document: &str) -> Span {
    tracing::info_span!(
        target: SPANS,
        "fetch",
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = "GET",
        http.response.status_code = field::Empty,
        http.response.body.size = field::Empty,
        error.r#type = field::Empty,
        server.address = host,
        allclear.document = document,
    )
}

/// What came of getting it: a status and bytes, or the word of a failure.
pub fn fetched(span: &Span, came: Result<(u16, usize), &str>) {
    match came {
        Ok((status, bytes)) => {
            span.record("http.response.status_code", status);
            span.record("http.response.body.size", bytes);
        }
        Err(word) => failed(span, word),
    }
}

/// Understanding the documents of a reading.
pub fn parse(format: &str) -> Span {
    tracing::info_span!(target: SPANS, "parse", allclear.format = format)
}

/// From handing a reading to the writer until it was merged, stored and shown.
pub fn merge() -> Span {
    tracing::info_span!(target: SPANS, "merge")
}

/// One commit of so many readings.
pub fn commit(inputs: usize) -> Span {
    tracing::info_span!(target: SPANS, "commit", otel.status_code = field::Empty, allclear.inputs = inputs)
}

/// The disk refused the commit.
pub fn refused(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// One attempt to deliver a message on a channel.
pub fn attempt(channel: &str) -> Span {
    tracing::info_span!(
        target: SPANS,
        "deliver",
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.response.status_code = field::Empty,
        allclear.channel = channel,
        allclear.delivery.outcome = field::Empty,
    )
}

/// What came of the attempt: whether it was taken, and the status of an answer.
pub fn attempted(span: &Span, taken: bool, status: Option<u16>) {
    span.record("allclear.delivery.outcome", if taken { "sent" } else { "failed" });
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if !taken {
        span.record("otel.status_code", "ERROR");
    }
}

/// A request to a route, within the trace that the caller names, if it names one (W3C Trace Context).
pub fn request(method: &str, route: &str, traceparent: Option<&str>) -> Span {
    // A caller may send any word for a method.
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let known = METHODS.contains(&method);
    let (verb, method) = if known { (method, method) } else { ("HTTP", "_OTHER") };
    let span = tracing::info_span!(
        target: SPANS,
        "request",
        otel.name = %format_args!("{verb} {route}"),
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
    );
    if !span.is_disabled()
        && let Some(traceparent) = traceparent
    {
        super::export::continue_trace(&span, traceparent);
    }
    span
}

/// The request got an answer.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

fn failed(span: &Span, word: &str) {
    span.record("error.type", word);
    span.record("otel.status_code", "ERROR");
}
