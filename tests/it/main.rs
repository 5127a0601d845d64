//! One binary for all integration tests: each links the whole program, so there is one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

mod architecture;
mod channels;
mod config;
mod config_notify;
mod config_target;
mod docs;
mod fetch;
mod formats;
mod glance;
mod history;
mod http;
mod inbound;
mod outgoing;
mod poll;
mod publish;
mod render;
mod rules;
mod run;
mod simulate;
mod store;
mod telling;
mod week;
