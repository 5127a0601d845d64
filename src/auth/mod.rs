//! Who somebody is, proven: passwords, codes, tokens, and how long the next attempt must wait. Pure.

pub mod code;
pub mod password;
pub mod place;
pub mod random;
pub mod throttle;
pub mod valid;
