//! What other pages, chats and screens show of us: badges, strips, pictures, the wall. None of them may go on showing
//! good news that nobody vouches for any more.

pub(super) mod badge;
pub(super) mod picture;
pub(super) mod strip;
pub(super) mod wall;

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

use super::App;
use super::auth::{Access, Routes};
use super::cache;
use super::error::Fail;
use super::ready::Ready;
use crate::limits;
use crate::model::snapshot::Snapshot;
use crate::render;
use crate::render::subject::{Said, Subject, say, unknown};

/// The page that other sites may frame.
pub(super) const EMBED: &str = "/embed";

/// Its routes.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/badge/{name}", Access::Page, badge::badge)
        .get(EMBED, Access::Page, strip::embed)
        .get("/wall", Access::Page, wall::wall)
        .get("/og.png", Access::Page, picture::page)
        .get("/sources/{id}/og.png", Access::Page, picture::source)
        .get("/services/{id}/og.png", Access::Page, picture::service)
        .get("/incidents/{id}/og.png", Access::Page, picture::incident)
}

/// True for an address that other sites show in their pages.
pub(super) fn is_shown_elsewhere(path: &str) -> bool {
    path.starts_with("/badge/") || path == EMBED || path.ends_with("/og.png")
}

/// What of the page is asked for; the rest of the query is each document's own.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    source: Option<String>,
    service: Option<String>,
    tag: Option<String>,
    theme: Option<String>,
}

impl Asked {
    /// What it is about: one thing, or the whole page.
    fn subject(&self) -> Result<Subject, Fail> {
        match (&self.source, &self.service, &self.tag) {
            (None, None, None) => Ok(Subject::Page),
            (Some(id), None, None) => Ok(Subject::Source(id.clone())),
            (None, Some(id), None) => Ok(Subject::Service(id.clone())),
            (None, None, Some(tag)) => Ok(Subject::Tag(tag.clone())),
            _ => {
                let problem = "goes with no other choice: give one of source, service and tag".to_owned();
                Err(Fail::Parameter { name: "source", problem })
            }
        }
    }

    /// The colours that are asked for, where they are not the reader's.
    fn theme(&self) -> Result<Option<&'static str>, Fail> {
        match self.theme.as_deref() {
            None | Some("") => Ok(None),
            Some("light") => Ok(Some("light")),
            Some("dark") => Ok(Some("dark")),
            Some(_) => Err(Fail::Parameter { name: "theme", problem: "is `light` or `dark`".to_owned() }),
        }
    }
}

/// The present as far as it can be vouched for.
struct Present {
    ready: Arc<Ready>,
    /// It is so old that good news in it may be none any more; since when.
    old: Option<Timestamp>,
    now: Timestamp,
}

impl Present {
    fn of(app: &App) -> Self {
        let ready = app.0.ready.load_full();
        let (made, now) = (ready.snapshot.generated_at, app.0.clock.now().wall);
        let old = now.duration_since(made).unsigned_abs() > limits::SNAPSHOT_OLD;
        Self { old: old.then_some(made), ready, now }
    }

    /// What can be said of a subject now.
    fn say(&self, subject: &Subject) -> Result<Said, Fail> {
        said(&self.ready.snapshot, subject, self.old).ok_or(Fail::NotFound(match subject {
            Subject::Page => "page",
            Subject::Tag(_) => "tag",
            Subject::Source(_) => "source",
            Subject::Service(_) => "service",
            Subject::Component(..) => "component",
        }))
    }

    /// The name of a document under which it is kept: what is said of an old snapshot is another document.
    fn name(&self, name: &str) -> String {
        format!("{name}#{}", if self.old.is_some() { "old" } else { "" })
    }

    /// Since when the document is as it is, for those who ask whether it has changed.
    fn modified(&self) -> Timestamp {
        if self.old.is_some() { self.now } else { self.ready.snapshot.generated_at }
    }

    /// Answers with a document that is made once for this snapshot.
    async fn once<F>(self, asked: &HeaderMap, name: &str, kind: &'static str, make: F) -> Result<Response, Fail>
    where
        F: FnOnce(&Snapshot) -> Result<Vec<u8>, Fail> + Send + 'static,
    {
        let (name, modified) = (self.name(name), self.modified());
        cache::kept(self.ready, asked, name, kind, modified, make).await
    }
}

fn said(snapshot: &Snapshot, subject: &Subject, old: Option<Timestamp>) -> Option<Said> {
    let said = say(snapshot, subject)?;
    Some(match old {
        Some(since) => unknown(said, render::time(since).text()),
        None => said,
    })
}
