//! The nouns. No I/O, no async, no serde, no clock: each boundary owns the shape it speaks.

pub mod actor;
pub mod audit;
pub mod command;
pub mod days;
pub mod desk;
pub mod event;
pub mod filter;
pub mod hook;
pub mod id;
pub mod incident;
pub mod intake;
pub mod level;
pub mod local;
pub mod observation;
pub mod outline;
pub mod people;
pub mod pushed;
pub mod receipt;
pub mod series;
pub mod signal;
pub mod signon;
pub mod snapshot;
pub mod source;
pub mod state;
pub mod text;
