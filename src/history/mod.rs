//! What the marks of the past add up to. Pure: marks and incidents in, figures out; `now` is an argument.
//!
//! A figure is a share of the time that was observed. Where there is none, there is no figure: never a zero.

pub mod incidents;
pub mod report;
pub mod spans;
pub mod targets;
pub mod uptime;
pub mod window;

pub use report::{Past, Report};
pub use spans::{Span, masked, spans};
pub use uptime::{Outage, Part, Tally, outages};
pub use window::{Range, Window};
