//! The verbs. Pure functions over the model; `now` comes in as an argument.

pub mod abandoned;
pub mod announce;
pub mod cascade;
pub mod components;
pub mod derive;
pub mod drift;
pub mod gist;
pub mod headline;
pub mod merge;
pub mod outline;
pub mod pushed;
pub mod reading;
pub mod replay;
pub mod schedule;
pub mod tell;
pub mod teller;
pub mod thread;
pub mod track;
