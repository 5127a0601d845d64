//! Log lines: one event, one line, whatever is in it. A collector gets them and the spans as well, where one is named.

use std::fmt;
use std::io::IsTerminal as _;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

use super::export::{self, Export};
use super::trace::{PRIVATE, SPANS};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Lines for people.
    Lines,
    /// One JSON object per event.
    Json,
}

/// What was started, to be ended when the program does.
#[derive(Debug)]
pub struct Started(Option<Export>);

impl Started {
    /// Sends a collector what it has not got yet, for a second or two at most. It blocks.
    pub fn end(self) {
        if let Some(export) = self.0 {
            export.end();
        }
    }
}

/// Sends the log to stderr, since answers belong on stdout; and log and spans to the collector that the environment
/// names, on the threads of `exporting`, where that is given.
///
/// # Errors
/// Where the filter is none, or the collector cannot be as it is named, in words.
pub fn start(filter: &str, look: Look, exporting: Option<&Handle>) -> Result<Started, String> {
    let wanted = || EnvFilter::try_new(filter).map_err(|error| format!("--log: {error}"));
    let no_spans = filter_fn(|metadata| metadata.target() != SPANS).with_max_level_hint(LevelFilter::TRACE);
    let shown = wanted()?.and(no_spans);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match look {
        Look::Lines => lines.compact().with_filter(shown).boxed(),
        Look::Json => {
            let format = Traced(Format::default().json().flatten_event(true).with_target(false));
            lines.fmt_fields(JsonFields::new()).event_format(format).with_filter(shown).boxed()
        }
    };
    let mut layers = vec![lines];
    let export = exporting.map(export::begin).transpose()?.flatten();
    if let Some(export) = &export {
        let spans = filter_fn(|metadata| metadata.is_span() && metadata.target() == SPANS);
        layers.extend(
            export.spans().map(|layer| layer.with_filter(spans.with_max_level_hint(LevelFilter::INFO)).boxed()),
        );
        let told = wanted()?.and(filter_fn(leaves).with_max_level_hint(LevelFilter::INFO));
        layers.extend(export.logs().map(|layer| layer.with_filter(told).boxed()));
    }
    // Set already: by a test, which sees the log in its own way.
    drop(tracing_subscriber::registry().with(layers).try_init());
    Ok(Started(export))
}

/// Whether an event may leave this machine: ours, not the talk of the libraries that carry it nor what was said of
/// carrying it, and nothing private. What only a debugging operator wants to see may name anything, and stays here.
fn leaves(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let ours = target == "allclear" || target.starts_with("allclear::");
    ours && target != PRIVATE
        && !target.starts_with("allclear::telemetry")
        && metadata.is_event()
        && *metadata.level() <= tracing::Level::INFO
}

/// JSON lines that name the trace in which they were written, where there is one.
struct Traced(Format<Json>);

impl<S, N> FormatEvent<S, N> for Traced
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let current = Context::current();
        let span = current.span();
        let trace = span.span_context();
        if !trace.is_valid() {
            return self.0.format_event(context, out, event);
        }
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        match line.trim_end().strip_suffix('}') {
            Some(open) => {
                writeln!(out, "{open},\"trace_id\":\"{}\",\"span_id\":\"{}\"}}", trace.trace_id(), trace.span_id())
            }
            None => out.write_str(&line),
        }
    }
}
