//! The real program over real sockets: started, watched, stopped and killed as by its operator.

mod commands;
mod drift;
mod isolation;
mod kills;
mod logs;
mod receipts;
mod reload;
mod secrets;
mod server;
mod stops;
mod truth;
