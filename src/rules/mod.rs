//! The verbs. Pure functions over the model; `now` comes in as an argument.

pub mod abandoned;
pub mod announce;
pub mod calendar;
pub mod cascade;
pub mod clash;
pub mod components;
pub mod derive;
pub mod desk;
pub mod drift;
pub mod gist;
pub mod headline;
pub mod judged;
pub mod merge;
pub mod outline;
pub mod people;
pub mod pushed;
pub mod reading;
pub mod recurrence;
pub mod replay;
pub mod schedule;
pub mod series;
pub mod tell;
pub mod teller;
pub mod thread;
pub mod track;
pub mod upkeep;
