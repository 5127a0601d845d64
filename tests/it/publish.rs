//! What is published: whole at every moment, by itself at any address, and of any age that it says.

mod config;
pub mod links;
mod place;
pub mod s3;
mod site;
