//! Traces for an OpenTelemetry collector, by OTLP over HTTP. They hold what the log holds: routes, codes, numbers of tickets; no person.

use axum::http::HeaderMap;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

/// Collects what happens and sends it now and then, on a thread of its own. Dropped, it sends the rest.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// `collector` is its address, e.g. `http://127.0.0.1:4318`.
    ///
    /// # Errors
    /// It is no address that can be spoken to; said in Chinese. Whether somebody is there shows later.
    pub(super) fn to(collector: &str) -> Result<Traces, String> {
        let wrong = |why: &str| format!("traces：“{collector}”不能用（{why}）；应写作 http://127.0.0.1:4318");
        if !collector.starts_with("http://") {
            return Err(wrong("只支持 http"));
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", collector.trim_end_matches('/')))
            .build()
            .map_err(|e| wrong(&e.to_string()))?;
        let who = Resource::builder().with_service_name("jiesu").build();
        Ok(Traces(SdkTracerProvider::builder().with_resource(who).with_batch_exporter(exporter).build()))
    }

    pub(super) fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self, ours: &str) -> impl Layer<S> + use<S> {
        let layer = tracing_opentelemetry::layer().with_tracer(self.0.tracer("jiesu"));
        layer.with_filter(Targets::new().with_target(ours, LevelFilter::INFO))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// A request that belongs to a trace of whoever sent it (`traceparent`) goes on with that one.
pub(super) fn follows(span: &Span, headers: &HeaderMap) {
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers))); // nobody collects: fine
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|key| key.as_str()).collect()
    }
}
