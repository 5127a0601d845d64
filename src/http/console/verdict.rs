//! What a vendor's incident means here.

use axum::extract::Path;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};

use super::again::Deed;
use super::order::{carry_out, slip, version};
use super::when;
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::find;
use crate::http::write::{read, words};
use crate::model::command::{Command, Judgement};
use crate::model::desk::{Affects, Mute};
use crate::model::id::IncidentId;
use crate::render::console::verdict;

const PAGE: &str = "admin/verdict.html";

fn deed(what: &'static str, id: &str, fields: &Fields, said: &str) -> Deed {
    let back = format!("/admin/incidents/{id}/verdict");
    let to = if fields.get("from") == "home" { "/admin" } else { &back };
    Deed { what, subject: (id.to_owned(), "verdict."), to: format!("{to}?said={said}"), back }
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let view = find::incident(&visit.app, &snapshot, &id).await?;
    if view.incident.source.is_none() {
        return Ok(visit.go(&format!("/admin/incidents/{id}")));
    }
    let held = view.verdict.as_ref().map_or(0, |verdict| verdict.version);
    visit.show(PAGE, &verdict::page(&view, slip(held)?, when::zone(&snapshot).1))
}

/// How long it makes no noise; `None`: as before.
fn mute(word: &str, now: Timestamp, zone: &jiff::tz::TimeZone) -> Option<Mute> {
    let hours = |hours| now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX);
    match word {
        "off" => Some(Mute::Off),
        "1h" => Some(Mute::Until(hours(1))),
        "4h" => Some(Mute::Until(hours(4))),
        "tomorrow" => Some(Mute::Until(when::tomorrow(now, zone))),
        "change" => Some(Mute::UntilChange),
        _ => None,
    }
}

pub(super) async fn judge(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let zone = when::zone(&visit.app.0.ready.load().snapshot.clone()).0;
    let now = visit.app.0.clock.now().wall;
    // One tap sends nothing but the answer: what is not sent stays.
    let given = |name: &str| fields.is_set(name).then(|| fields.get(name));
    let judgement = Judgement {
        affects: Affects::from_word(fields.get("affects")),
        owner: given("owner").map(read::title),
        note: given("note").map(words),
        workaround: given("workaround").map(words),
        mute: mute(fields.get("mute"), now, &zone),
    };
    let command = Command::Judge(IncidentId::new(&id), version(&fields), Box::new(judgement));
    carry_out(&visit, &fields, command, deed("Judge", &id, &fields, "judged")).await
}

pub(super) async fn acknowledge(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let command = Command::Acknowledge(IncidentId::new(&id));
    carry_out(&visit, &fields, command, deed("Acknowledge", &id, &fields, "seen")).await
}
