//! The way to the collector: a queue with an end before the library's, and a deadline behind it.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter, LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};
use tokio::runtime::Handle;

use super::tally::{Signal, Tally, tally};
use crate::limits;

/// Lets so many pass and drops the rest: the queue behind it never has to.
#[derive(Debug)]
pub struct Bounded<P> {
    inner: P,
    tally: &'static Tally,
}

impl<P> Bounded<P> {
    /// Stands before `inner`.
    pub fn new(inner: P, signal: Signal) -> Self {
        Self { inner, tally: tally(signal) }
    }
}

impl<P: SpanProcessor> SpanProcessor for Bounded<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.tally.admit() {
            self.inner.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

impl<P: LogProcessor> LogProcessor for Bounded<P> {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if self.tally.admit() {
            self.inner.emit(record, scope);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Sends on the async threads, within `limits::EXPORT_TIME`, and counts what came of it. The library's own threads,
/// which call it, have no runtime.
#[derive(Debug)]
pub struct Carried<E> {
    inner: Arc<E>,
    runtime: Handle,
    signal: Signal,
}

impl<E> Carried<E> {
    /// Sends by `inner`.
    pub fn new(inner: E, runtime: Handle, signal: Signal) -> Self {
        Self { inner: Arc::new(inner), runtime, signal }
    }

    async fn send(&self, count: usize, work: impl Future<Output = OTelSdkResult> + Send + 'static) -> OTelSdkResult {
        let sent = self.runtime.spawn(async move { tokio::time::timeout(limits::EXPORT_TIME, work).await });
        let result = match sent.await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(OTelSdkError::Timeout(limits::EXPORT_TIME)),
            Err(error) => Err(OTelSdkError::InternalFailure(error.to_string())),
        };
        let signal = self.signal.as_str();
        // The error may name the address with what is secret in it: the figures say how much was lost.
        match (tally(self.signal).carried(count, result.is_ok()), &result) {
            (true, Err(_)) => tracing::warn!(signal, "the collector takes nothing; what it is to get is dropped"),
            (true, Ok(())) => tracing::info!(signal, "the collector takes what it gets"),
            (false, _) => {}
        }
        result
    }
}

impl<E: SpanExporter + 'static> SpanExporter for Carried<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let inner = Arc::clone(&self.inner);
        self.send(batch.len(), async move { inner.export(batch).await }).await
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.set_resource(resource);
        }
    }
}

impl<E: LogExporter + 'static> LogExporter for Carried<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let inner = Arc::clone(&self.inner);
        let held: Vec<_> = batch.iter().map(|(record, scope)| (record.clone(), scope.clone())).collect();
        let work = async move {
            let lent: Vec<_> = held.iter().map(|(record, scope)| (record, scope)).collect();
            inner.export(LogBatch::new(&lent)).await
        };
        self.send(batch.iter().count(), work).await
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.set_resource(resource);
        }
    }
}
