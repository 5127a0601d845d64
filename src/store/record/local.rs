//! The stored shapes of what only a locally declared incident or maintenance has.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, is_false, series};
use crate::model::id::{IncidentId, ServiceId};
use crate::model::level::State;
use crate::model::local as model;
use crate::model::text::Text;

/// Words of an operator.
#[derive(Serialize, Deserialize)]
pub struct Words {
    markdown: String,
    html: String,
    plain: String,
}

#[derive(Serialize, Deserialize)]
pub struct Hit {
    service: String,
    state: Word<State>,
}

#[derive(Serialize, Deserialize)]
pub struct Told {
    number: u32,
    author: String,
    markdown: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected: Option<(Timestamp, String)>,
}

#[derive(Serialize, Deserialize)]
struct Signed {
    at: Timestamp,
    author: String,
    words: Words,
}

#[derive(Serialize, Deserialize)]
pub struct Local {
    version: u64,
    author: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Signed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    related: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postmortem: Option<Signed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pushed: Option<(String, String)>,
    #[serde(default, skip_serializing_if = "is_false")]
    suggested: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<series::Plan>,
}

pub fn words(from: &model::Words) -> Words {
    Words { markdown: from.markdown.clone(), html: from.text.html.clone(), plain: from.text.plain.clone() }
}

pub fn words_back(shape: Words) -> model::Words {
    model::Words { markdown: shape.markdown, text: Text { html: shape.html, plain: shape.plain } }
}

pub fn hit(from: &model::Hit) -> Hit {
    Hit { service: from.service.as_str().to_owned(), state: Word(from.state) }
}

pub fn hit_back(shape: Hit) -> model::Hit {
    model::Hit { service: ServiceId::new(shape.service), state: shape.state.0 }
}

pub fn told(from: &model::Told) -> Told {
    let model::Told { number, author, markdown, corrected } = from.clone();
    Told { number, author, markdown, corrected }
}

pub fn told_back(shape: Told) -> model::Told {
    let Told { number, author, markdown, corrected } = shape;
    model::Told { number, author, markdown, corrected }
}

/// The shape of what a local one has besides.
pub fn shape(from: &model::Local) -> Local {
    let signed = |at, author: &str, text| Signed { at, author: author.to_owned(), words: words(text) };
    Local {
        version: from.version,
        author: from.author.clone(),
        notes: from.notes.iter().map(|note| signed(note.at, &note.author, &note.words)).collect(),
        related: from.related.iter().map(|id| id.as_str().to_owned()).collect(),
        postmortem: from.postmortem.as_ref().map(|one| signed(one.at, &one.author, &one.words)),
        pushed: from.pushed.as_ref().map(|pushed| (pushed.hook.clone(), pushed.key.clone())),
        suggested: from.suggested,
        plan: series::plan(&from.plan),
    }
}

/// Back again.
pub fn back(shape: Local) -> model::Local {
    let note = |one: Signed| model::Note { at: one.at, author: one.author, words: words_back(one.words) };
    let signed = |one: Signed| model::Signed { at: one.at, author: one.author, words: words_back(one.words) };
    model::Local {
        version: shape.version,
        author: shape.author,
        notes: shape.notes.into_iter().map(note).collect(),
        related: shape.related.into_iter().map(IncidentId::new).collect(),
        postmortem: shape.postmortem.map(signed),
        pushed: shape.pushed.map(|(hook, key)| model::Pushed { hook, key }),
        suggested: shape.suggested,
        plan: shape.plan.map(series::plan_back).unwrap_or_default(),
    }
}
