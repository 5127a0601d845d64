//! Pictures for link previews.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use tokio::sync::Semaphore;

use super::super::App;
use super::super::auth::Caller;
use super::super::error::Fail;
use super::super::find;
use super::super::ready::PNG;
use super::Present;
use crate::limits;
use crate::model::incident::Phase;
use crate::model::level::State as Word;
use crate::model::snapshot::IncidentView;
use crate::render::picture::{Card, png};
use crate::render::subject::{Said, Subject};
use crate::render::time;

/// Pictures that were drawn: one at a time, and those that would come out the same are not drawn again.
#[derive(Debug)]
pub(in crate::http) struct Pictures {
    turn: Semaphore,
    drawn: Mutex<HashMap<String, (String, Bytes)>>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), drawn: Mutex::default() }
    }
}

impl Pictures {
    /// The picture of a drawing; the one under this name where the drawing is the same as then.
    fn of(&self, name: &str, svg: String) -> Result<Bytes, Fail> {
        let known = self.held().get(name).filter(|(drawing, _)| *drawing == svg).map(|(_, picture)| picture.clone());
        if let Some(picture) = known {
            return Ok(picture);
        }
        let picture = Bytes::from(png(&svg)?);
        let mut held = self.held();
        if held.len() >= limits::PICTURES && !held.contains_key(name) {
            held.clear();
        }
        held.insert(name.to_owned(), (svg, picture.clone()));
        Ok(picture)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<String, (String, Bytes)>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole page in a picture of 1200 × 630.
#[utoipa::path(get, path = "/og.png", tag = "glance",
    responses((status = 200, description = "1200 × 630", body = Vec<u8>, content_type = "image/png")))]
pub(in crate::http) async fn page(State(app): State<App>, caller: Caller, asked: HeaderMap) -> Result<Response, Fail> {
    of(&app, &caller, &asked, &Subject::Page).await
}

/// One source in a picture.
#[utoipa::path(get, path = "/sources/{id}/og.png", tag = "glance", params(("id" = String, Path)),
    responses((status = 200, description = "1200 × 630", body = Vec<u8>, content_type = "image/png")))]
pub(in crate::http) async fn source(
    State(app): State<App>,
    caller: Caller,
    asked: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    of(&app, &caller, &asked, &Subject::Source(id)).await
}

/// One service in a picture.
#[utoipa::path(get, path = "/services/{id}/og.png", tag = "glance", params(("id" = String, Path)),
    responses((status = 200, description = "1200 × 630", body = Vec<u8>, content_type = "image/png")))]
pub(in crate::http) async fn service(
    State(app): State<App>,
    caller: Caller,
    asked: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    of(&app, &caller, &asked, &Subject::Service(id)).await
}

/// One incident in a picture, however old.
#[utoipa::path(get, path = "/incidents/{id}/og.png", tag = "glance", params(("id" = String, Path)),
    responses((status = 200, description = "1200 × 630", body = Vec<u8>, content_type = "image/png")))]
pub(in crate::http) async fn incident(
    State(app): State<App>,
    caller: Caller,
    asked: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let present = Present::of(&app);
    let view = find::incident(&app, &present.ready.snapshot, &id).await?;
    drawn(&app, &caller, &asked, present, &format!("/incidents/{id}"), told(&view)).await
}

async fn of(app: &App, caller: &Caller, asked: &HeaderMap, subject: &Subject) -> Result<Response, Fail> {
    let present = Present::of(app);
    let said = present.say(subject)?;
    let path = said.path.clone();
    // What names itself need not be said twice.
    let word = if *subject == Subject::Page { said.word.clone() } else { String::new() };
    drawn(app, caller, asked, present, &path, Said { word, ..said }).await
}

/// What an incident says: its title, and what became of it.
fn told(view: &IncidentView) -> Said {
    let incident = &view.incident;
    let phase = incident.phase.map_or("Status not understood", Phase::label);
    let (state, word) = match incident.is_open() {
        true => (view.state, format!("{}, {}", view.state.label(), phase.to_lowercase())),
        false => (Word::OPERATIONAL, format!("Over: {}", phase.to_lowercase())),
    };
    Said {
        name: view.source_name.clone(),
        state,
        word,
        sentence: incident.title.clone(),
        detail: format!("{}, since {}", view.source_name, time(incident.began_at()).text()),
        path: format!("/incidents/{}", incident.id),
    }
}

async fn drawn(
    app: &App,
    caller: &Caller,
    asked: &HeaderMap,
    present: Present,
    path: &str,
    said: Said,
) -> Result<Response, Fail> {
    let name = format!("{path}/og.png");
    let drawing = app.clone();
    let ready = present.ready.memo.get(&present.name(&name)).is_some();
    // Drawing takes a while: one at a time, and nobody gets to have many drawn.
    let turn = if ready {
        None
    } else {
        app.costly(caller)?;
        Some(app.0.pictures.turn.acquire().await.map_err(|_| Fail::Internal)?)
    };
    let key = name.clone();
    let at = present.old.unwrap_or(present.ready.snapshot.generated_at);
    let response = present.once(asked, &name, PNG, move |snapshot| {
        let card = Card {
            title: snapshot.page.title.clone(),
            state: said.state,
            word: said.word,
            sentence: said.sentence,
            detail: said.detail,
            at,
        };
        Ok(drawing.0.pictures.of(&key, drawing.0.pages.card(&card)?)?.to_vec())
    });
    let response = response.await;
    drop(turn);
    response
}
