//! The real program over real sockets: started, watched, stopped and killed as by its operator.

mod api;
mod commands;
mod console;
mod drift;
mod front;
mod hooks;
mod isolation;
mod kills;
mod logs;
mod moves;
mod oidc;
mod once;
mod operators;
mod people;
mod person;
mod planned;
mod probe;
mod pushes;
mod receipts;
mod reload;
mod replay;
mod secrets;
mod server;
mod sign_in;
mod stops;
mod truth;
