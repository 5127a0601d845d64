//! What was, and what it adds up to. Pure: what the store yields goes in, `now` is an argument.

pub mod difference;
pub mod timeline;
