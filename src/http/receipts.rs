//! The receipts: what an upstream really sent, listed and as sent.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;

use super::App;
use super::api::made;
use super::error::Fail;
use super::ready::HTML;
use crate::limits;
use crate::model::event::{Cause, Event};
use crate::model::id::SourceId;
use crate::model::incident::Update;
use crate::model::receipt::{Evidence, Kept};
use crate::model::snapshot::Snapshot;
use crate::store::{ReceiptMeta, Store, StoreError};

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
    // Only what this source sent is given out under it.
    let source = SourceId::new(id);
    let read = app.0.store.run(
        move |store| {
            if store.is_receipt_of(&source, &hash)? { store.receipt(&hash) } else { Ok(None) }
        },
    );
    let read = read.await.map_err(|error| Fail::store(&error))?;
    made(&asked, &snapshot, TEXT, read.ok_or(Fail::NotFound("receipt"))?.to_vec()).await
}

/// The documents behind events and updates of a source, and behind its present state; none where the store cannot say.
pub(super) async fn evidence(
    app: &App,
    snapshot: &Snapshot,
    source: Option<&SourceId>,
    events: &[Event],
    updates: &[Update],
) -> Evidence {
    let Some(source) = source.cloned() else { return Evidence::default() };
    let mut moments: Vec<Timestamp> =
        events.iter().filter(|event| event.cause == Cause::Reading).map(|e| e.at).collect();
    moments.extend(updates.iter().filter_map(|update| update.noticed_at));
    moments.sort_unstable();
    moments.dedup();
    // What the disk has not taken yet is not behind the state that is shown.
    let stored = app.0.pulse.store().is_none();
    let (until, id) = (snapshot.generated_at, source.clone());
    let read = app.0.store.run(move |store| {
        let newest = if stored { store.newest_receipts(&id, until)? } else { Vec::new() };
        Ok((store.receipts_at(&id, &moments)?, newest))
    });
    match read.await {
        Ok((readings, newest)) => Evidence {
            source: Some(source),
            readings: readings.into_iter().map(|(at, metas)| (at, metas.into_iter().map(shown).collect())).collect(),
            newest: newest.into_iter().map(shown).collect(),
        },
        Err(error) => {
            tracing::warn!(%error, "the receipts beside a page cannot be read");
            Evidence::default()
        }
    }
}

/// The documents behind these moments of a source; where they are asked for, one may block.
pub(super) fn behind(store: &Store, source: &SourceId, moments: &[Timestamp]) -> Result<Evidence, StoreError> {
    let readings = store.receipts_at(source, moments)?;
    let readings = readings.into_iter().map(|(at, metas)| (at, metas.into_iter().map(shown).collect()));
    Ok(Evidence { source: Some(source.clone()), readings: readings.collect(), newest: Vec::new() })
}

async fn kept(app: &App, id: String) -> Result<Vec<Kept>, Fail> {
    let source = SourceId::new(id);
    let read = app.0.store.run(move |store| store.receipts_of(&source, limits::LIST_PAGE)).await;
    Ok(read.map_err(|error| Fail::store(&error))?.into_iter().map(shown).collect())
}

fn shown(meta: ReceiptMeta) -> Kept {
    Kept { document: meta.document, url: meta.url, read_at: meta.read_at, hash: meta.hash, size: meta.size }
}
