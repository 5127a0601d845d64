//! allclear: which of your vendors is down, and what of yours it touches.
//!
//! Data goes one way: fetch → formats → ingest (merge, store) → snapshot → http. ARCHITECTURE.md tells the rooms
//! and who may import whom.
//!
//! # Invariants
//! * Nothing in `model`, `rules` or `formats` does I/O or reads the clock.
//! * Only `ingest` changes state. Only `fetch` talks to other people's servers.
//! * No news is not good news: without a recent good reading a source is unknown, never operational.

pub mod app;
pub mod auth;
pub mod bots;
pub mod catalog;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod config;
pub mod fetch;
pub mod formats;
pub mod history;
pub mod http;
pub mod inbound;
pub mod ingest;
pub mod intake;
pub mod limits;
pub mod mcp;
pub mod model;
pub mod notify;
pub mod nudge;
pub mod oidc;
pub mod poll;
pub mod publish;
pub mod render;
pub mod rules;
pub mod simulate;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod wire;
