//! The public interface: what it says, how it says it, and what it bears.

mod access;
mod figures;
mod live;
mod mcp;
mod outlets;
mod safety;
mod scrape;
mod server;
mod shapes;
mod slow_disk;
mod statuspage;
mod subscribe;
mod told;
pub mod world;
