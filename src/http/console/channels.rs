//! Channels: what each hears, how it does, and whether a test gets through.

use axum::extract::Path;
use axum::response::Response;
use serde::Serialize;

use crate::http::auth::Visit;
use crate::http::error::Fail;
use crate::http::messages;
use crate::render::{Time, time};

const LIST: &str = "admin/channels.html";

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    label: &'static str,
    hears: Vec<String>,
    failing: Option<(Time, String)>,
    last: Option<Time>,
}

pub(super) async fn list(visit: Visit) -> Result<Response, Fail> {
    show(&visit, None).await
}

async fn show(visit: &Visit, wrong: Option<&str>) -> Result<Response, Fail> {
    let rows = messages::lines(&visit.app).await?.into_iter().map(|one| Row {
        id: one.id,
        name: one.name,
        label: one.label,
        hears: one.hears,
        failing: one.failing.map(|failing| (time(failing.since.0), failing.problem)),
        last: one.last_sent_at.map(|at| time(at.0)),
    });
    let view = View { rows: rows.collect() };
    match wrong {
        None => visit.show(LIST, &view),
        Some(wrong) => visit.wrong(LIST, wrong, &view),
    }
}

/// Sends a test, and leads to the message that shows how it goes.
pub(super) async fn test(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    match messages::try_out(&visit.app, &visit.caller, &id).await {
        Ok(delivery) => Ok(visit.go(&format!("/admin/deliveries/{delivery}"))),
        Err(Fail::Unsent(why)) => show(&visit, Some(&format!("Nothing can be sent now: {why}."))).await,
        Err(fail) => Err(fail),
    }
}
