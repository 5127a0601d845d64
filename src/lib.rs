//! allclear: which of your vendors is down, and what of yours it touches.

pub mod catalog;
pub mod clock;
pub mod config;
pub mod fetch;
pub mod formats;
pub mod http;
pub mod ingest;
pub mod limits;
pub mod model;
pub mod render;
pub mod rules;
pub mod simulate;
pub mod store;
pub mod telemetry;
