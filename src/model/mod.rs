//! The nouns. No I/O, no async, no serde, no clock: each boundary owns the shape it speaks.

pub mod days;
pub mod event;
pub mod filter;
pub mod hook;
pub mod id;
pub mod incident;
pub mod level;
pub mod observation;
pub mod outline;
pub mod pushed;
pub mod receipt;
pub mod signal;
pub mod snapshot;
pub mod source;
pub mod state;
pub mod text;
