//! The JSON shapes of what is asked of the API and answered to it, beside those that everybody reads (`wire`).

pub mod decision;
pub mod evidence;
pub mod figures;
pub mod intake;
pub mod message;
pub mod series;
pub mod subscriber;
pub mod write;

use serde::Serialize;
use utoipa::ToSchema;

pub use crate::wire::{Time, event, incident, source, summary, time};

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// In order.
    pub items: Vec<T>,
    /// Give this back as `cursor` to get the next part; null at the end.
    pub next: Option<String>,
}

/// Words kept ready for incidents.
#[derive(Debug, Serialize, ToSchema)]
pub struct Template<'a> {
    /// Kebab-case, unique.
    id: &'a str,
    /// For people.
    name: &'a str,
    /// The incident's title; `{{name}}` stands for what is filled in.
    title: &'a str,
    /// Its first update, Markdown.
    body: &'a str,
    /// How bad such a thing is.
    impact: Option<&'static str>,
    /// Ids of the services that it usually touches.
    services: Vec<&'a str>,
    /// When it was last changed.
    at: Time,
    /// By whom.
    author: &'a str,
    /// Rises with every change.
    version: u64,
}

impl<'a> Template<'a> {
    /// Shapes a template.
    pub fn of(template: &'a crate::model::desk::Template) -> Self {
        Self {
            id: &template.id,
            name: &template.name,
            title: &template.title,
            body: &template.body,
            impact: template.impact.map(|impact| impact.as_str()),
            services: template.services.iter().map(|id| id.as_str()).collect(),
            at: Time(template.at),
            author: &template.author,
            version: template.version,
        }
    }
}

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem<'a> {
    /// `about:blank`: the status says what kind it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: &'a str,
    /// The request's id, as in the header `x-request-id`.
    pub request_id: &'a str,
}
