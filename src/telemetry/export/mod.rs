//! Spans and log records on their way to a collector (OTLP over HTTP), as the standard environment variables say.
//!
//! # Invariants
//! * Nobody waits for the collector: what is made goes into a queue with an end, and is dropped and counted where that
//!   is full.
//! * Carrying makes no spans and no log records that are carried.

mod carry;
mod tally;

use std::env;

use opentelemetry::KeyValue;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{BatchLogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::Registry;

use crate::limits;
use carry::{Bounded, Carried};
pub use tally::{Signal, tally};

/// A collector is told of what goes on here.
#[derive(Debug)]
pub struct Export {
    traces: Option<SdkTracerProvider>,
    logs: Option<SdkLoggerProvider>,
}

/// Begins to tell the collector that the environment names; `None` where it names none.
///
/// # Errors
/// Where that cannot be done as asked, in words.
pub fn begin(runtime: &Handle) -> Result<Option<Export>, String> {
    let spans = is_wanted("TRACES");
    let logs = is_wanted("LOGS");
    if !(spans || logs) {
        return Ok(None);
    }
    check_protocol(&[
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
    ])?;
    let resource = resource();
    Ok(Some(Export {
        traces: if spans { Some(tracer(runtime, resource.clone())?) } else { None },
        logs: if logs { Some(logger(runtime, resource)?) } else { None },
    }))
}

impl Export {
    /// Takes spans.
    pub fn spans(&self) -> Option<impl Layer<Registry> + Send + Sync + use<>> {
        let tracer = self.traces.as_ref()?.tracer("allclear");
        let layer = OpenTelemetryLayer::new(tracer);
        Some(layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_target(false))
    }

    /// Takes events.
    pub fn logs(&self) -> Option<impl Layer<Registry> + Send + Sync + use<>> {
        Some(OpenTelemetryTracingBridge::new(self.logs.as_ref()?))
    }

    /// Sends what waits, within `limits::EXPORT_LAST` for each.
    pub fn end(self) {
        // What does not arrive by then is lost, as it is where the collector is down.
        if let Some(logs) = self.logs {
            let _ = logs.shutdown_with_timeout(limits::EXPORT_LAST);
        }
        if let Some(traces) = self.traces {
            let _ = traces.shutdown_with_timeout(limits::EXPORT_LAST);
        }
    }
}

/// Makes `span` a part of the trace that somebody else began, as a `traceparent` header says.
pub fn continue_trace(span: &Span, traceparent: &str) {
    let context = TraceContextPropagator::new().extract(&Named(traceparent));
    // A span that has begun keeps its trace; this one has not.
    let _ = span.set_parent(context);
}

/// What names a trace. The state that vendors of tracing add to it is not taken: it goes on nowhere from here.
struct Named<'a>(&'a str);

impl Extractor for Named<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        key.eq_ignore_ascii_case("traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Whether the environment names a collector for this signal and does not turn it off.
fn is_wanted(signal: &str) -> bool {
    let off = set("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || set(&format!("OTEL_{signal}_EXPORTER")).is_some_and(|value| value.eq_ignore_ascii_case("none"));
    let named =
        set("OTEL_EXPORTER_OTLP_ENDPOINT").is_some() || set(&format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")).is_some();
    named && !off
}

fn check_protocol(names: &[&str]) -> Result<(), String> {
    match names.iter().find_map(|name| Some((*name, set(name).filter(|value| value != "http/protobuf")?))) {
        Some((name, value)) => Err(format!("{name}: `{value}` is not spoken here; `http/protobuf` is")),
        None => Ok(()),
    }
}

/// What this program is called there: as the environment says, else by its own name.
fn resource() -> Resource {
    let named = set("OTEL_SERVICE_NAME").is_some()
        || set("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|all| all.contains("service.name="));
    let builder = Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    if named { builder.build() } else { builder.with_service_name("allclear").build() }
}

fn tracer(runtime: &Handle, resource: Resource) -> Result<SdkTracerProvider, String> {
    let exporter = SpanExporter::builder().with_http().build().map_err(|error| unusable("traces", &error))?;
    let batches = opentelemetry_sdk::trace::BatchConfigBuilder::default()
        .with_max_queue_size(limits::EXPORT_WAITING)
        .with_max_export_batch_size(limits::EXPORT_AT_ONCE)
        .build();
    let carried = Carried::new(exporter, runtime.clone(), Signal::Spans);
    let processor = BatchSpanProcessor::builder(carried).with_batch_config(batches).build();
    let bounded = Bounded::new(processor, Signal::Spans);
    Ok(SdkTracerProvider::builder().with_resource(resource).with_span_processor(bounded).build())
}

fn logger(runtime: &Handle, resource: Resource) -> Result<SdkLoggerProvider, String> {
    let exporter = LogExporter::builder().with_http().build().map_err(|error| unusable("logs", &error))?;
    let batches = opentelemetry_sdk::logs::BatchConfigBuilder::default()
        .with_max_queue_size(limits::EXPORT_WAITING)
        .with_max_export_batch_size(limits::EXPORT_AT_ONCE)
        .build();
    let carried = Carried::new(exporter, runtime.clone(), Signal::Logs);
    let processor = BatchLogProcessor::builder(carried).with_batch_config(batches).build();
    let bounded = Bounded::new(processor, Signal::Logs);
    Ok(SdkLoggerProvider::builder().with_resource(resource).with_log_processor(bounded).build())
}

fn unusable(what: &str, error: &dyn std::error::Error) -> String {
    format!("{what} cannot be exported as OTEL_EXPORTER_OTLP_… says: {error}")
}
