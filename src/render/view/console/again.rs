//! A form that was not carried out: why, what changed meanwhile, and what was typed, to be sent again.

use serde::Serialize;

use super::Slip;
use crate::model::audit::Row;
use crate::render::view::{Time, time};

/// The page.
#[derive(Debug, Serialize)]
pub struct Again {
    /// What was meant: “Update”.
    pub what: &'static str,
    /// Somebody else was faster.
    pub outdated: bool,
    /// What changed since the form was made, newest first.
    pub changed: Vec<Changed>,
    /// Where it is sent.
    pub action: String,
    /// What it carries now.
    pub slip: Slip,
    /// What was filled in.
    pub typed: Vec<Typed>,
    /// Where one gets to without sending it.
    pub back: String,
}

/// A field as it was sent.
#[derive(Debug, Serialize)]
pub struct Typed {
    /// Its name.
    pub name: String,
    /// For people.
    pub label: String,
    /// What it held.
    pub value: String,
    /// `area` and `line` can be changed; `fixed` is shown and sent; `hidden` is only sent.
    pub kind: &'static str,
    /// What is wrong with it.
    pub error: String,
}

/// A change that somebody else made.
#[derive(Debug, Serialize)]
pub struct Changed {
    at: Time,
    who: String,
    action: String,
    before: Option<String>,
    after: Option<String>,
}

/// A row of the log, for people.
pub fn changed(row: Row) -> Changed {
    Changed { at: time(row.at), who: row.actor.name, action: row.action, before: row.before, after: row.after }
}
