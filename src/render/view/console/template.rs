//! Words kept ready for incidents: the list, and the form of one.

use serde::Serialize;

use super::{Faults, Slip, Tick, impacts};
use crate::model::desk::Template;
use crate::render::view::admin::Choice;
use crate::render::view::{Time, time};

/// All of them.
#[derive(Debug, Serialize)]
pub struct List {
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    title: String,
    at: Time,
    author: String,
}

/// Makes the list, by name.
pub fn list<'a>(templates: impl Iterator<Item = &'a Template>) -> List {
    let row = |one: &Template| Row {
        id: one.id.clone(),
        name: one.name.clone(),
        title: one.title.clone(),
        at: time(one.at),
        author: one.author.clone(),
    };
    let mut rows: Vec<Row> = templates.map(row).collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    List { rows }
}

/// The form of one.
#[derive(Debug, Serialize)]
pub struct Form {
    /// What it carries.
    pub slip: Slip,
    /// Its id; `None`: a new one.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// The incident's title.
    pub title: String,
    /// The first update.
    pub body: String,
    /// The impact; empty: none.
    pub impact: String,
    /// What it touches.
    pub services: Vec<Tick>,
    /// To choose from.
    pub impacts: Vec<Choice>,
    /// What was wrong.
    pub faults: Faults,
}

/// The impacts to choose from, or none.
pub fn choices() -> Vec<Choice> {
    std::iter::once(Choice { value: "", label: "Whoever declares says it" }).chain(impacts()).collect()
}
