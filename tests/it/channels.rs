//! Chats: every request as its provider documents it, every answer understood, and nobody's words more than words.

mod hostile;
mod letters;
mod limits;
mod replies;
mod requests;
mod shapes;
pub mod world;
