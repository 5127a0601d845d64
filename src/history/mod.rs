//! What was, and what it adds up to. Pure: what the store yields goes in, figures and lists come out; `now` is an
//! argument.
//!
//! A figure is a share of the time that was observed. Where there is none, there is no figure: never a zero.

pub mod difference;
pub mod incidents;
pub mod report;
pub mod spans;
pub mod targets;
pub mod timeline;
pub mod uptime;
pub mod window;

pub use report::{Past, Report};
pub use spans::{Span, masked, spans};
pub use uptime::{Outage, Part, Tally, outages};
pub use window::{Range, Window};
