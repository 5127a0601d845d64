//! Tells people: has `rules` decide who hears what, writes that down, sends it, tries again.

pub mod carry;
