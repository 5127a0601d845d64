//! The real program over real sockets: started, watched, stopped and killed as by its operator.

mod commands;
mod isolation;
mod kills;
mod receipts;
mod reload;
mod replay;
mod secrets;
mod server;
mod stops;
mod truth;
