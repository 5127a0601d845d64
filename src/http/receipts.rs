//! The receipts: what an upstream really sent, listed and as sent.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::App;
use super::api::made;
use super::error::Fail;
use super::ready::HTML;
use crate::limits;
use crate::model::id::SourceId;
use crate::model::receipt::Kept;

/// Text, whatever it is: a vendor's page never runs under this address.
const TEXT: &str = "text/plain; charset=utf-8";

/// The kept receipts of a source, newest first.
pub(super) async fn list(State(app): State<App>, asked: HeaderMap, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    let view = snapshot.source(&id).ok_or(Fail::NotFound("source"))?;
    let kept: Vec<Kept> = kept(&app, id.clone()).await?;
    let html = app.0.pages.receipts(&snapshot, view, &kept)?;
    made(&asked, &snapshot, HTML, html.into_bytes()).await
}

/// One document as it was sent.
pub(super) async fn body(
    State(app): State<App>,
    asked: HeaderMap,
    Path((id, hash)): Path<(String, String)>,
) -> Result<Response, Fail> {
    let snapshot = app.0.ready.load().snapshot.clone();
    // Only what is listed under this source is given out under it.
    if !kept(&app, id).await?.iter().any(|receipt| receipt.hash == hash) {
        return Err(Fail::NotFound("receipt"));
    }
    let read = app.0.store.run(move |store| store.receipt(&hash)).await.map_err(|error| Fail::store(&error))?;
    made(&asked, &snapshot, TEXT, read.ok_or(Fail::NotFound("receipt"))?.to_vec()).await
}

async fn kept(app: &App, id: String) -> Result<Vec<Kept>, Fail> {
    let source = SourceId::new(id);
    let read = app.0.store.run(move |store| store.receipts_of(&source, limits::LIST_PAGE)).await;
    let rows = read.map_err(|error| Fail::store(&error))?.into_iter();
    let kept = |meta: crate::store::ReceiptMeta| Kept {
        document: meta.document,
        url: meta.url,
        read_at: meta.read_at,
        hash: meta.hash,
        size: meta.size,
    };
    Ok(rows.map(kept).collect())
}
