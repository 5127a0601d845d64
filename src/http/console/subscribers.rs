//! Those who are told: looked for, added, stopped, erased.

use axum::extract::Path;
use axum::response::Response;
use serde::Serialize;

use super::order::slip;
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::subscribe::{csv, label};
use crate::http::wire::subscriber::{ImportedSubscribers, NewReader, Subscriber};
use crate::http::write::subscribers::{self as api, Wanted};
use crate::model::snapshot::Snapshot;
use crate::model::subscriber::{self as model, SubscriberChange};
use crate::render::console::incident::Sure;
use crate::render::{Time, time};
use crate::rules::subscribers::ADMIN;

const LIST: &str = "admin/subscribers.html";
const SURE: &str = "admin/sure.html";
const BACK: &str = "/admin/subscribers";

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Row>,
    fitting: usize,
    all: usize,
    q: String,
    state: String,
    next: Option<String>,
    imported: Option<ImportedSubscribers>,
    list: String,
    /// There is a way to send mail.
    mail: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    who: String,
    what: String,
    impact: Option<&'static str>,
    digest: &'static str,
    state: &'static str,
    why: Option<String>,
    since: Time,
}

fn row(snapshot: &Snapshot, one: &model::Subscriber) -> Row {
    let shape = Subscriber::of(one);
    Row {
        id: shape.id,
        who: shape.address.or(shape.url).unwrap_or_default(),
        what: label(snapshot, &one.wants),
        impact: shape.told_of.impact,
        digest: shape.told_of.digest,
        state: shape.state,
        why: shape.suspended_for,
        since: time(one.made_at),
    }
}

fn view(visit: &Visit) -> Result<View, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let given = |name| Some(visit.query(name).trim().to_owned()).filter(|text| !text.is_empty());
    let wanted = Wanted { q: given("q"), state: given("state"), limit: None, cursor: given("cursor") };
    let found = api::found(&visit.app, &wanted);
    let fitting = found.len();
    let (part, next) = api::part(found, &wanted)?;
    let (q, state) = (wanted.q.unwrap_or_default(), wanted.state.unwrap_or_default());
    let next = next.map(|cursor| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &q).append_pair("state", &state).append_pair("cursor", &cursor);
        format!("{BACK}?{}", query.finish())
    });
    Ok(View {
        rows: part.iter().map(|one| row(&snapshot, one)).collect(),
        fitting,
        all: visit.app.0.desk.borrow().subscribers.len(),
        q,
        state,
        next,
        imported: None,
        list: String::new(),
        mail: snapshot.page.subscribe,
    })
}

pub(super) async fn list(visit: Visit) -> Result<Response, Fail> {
    visit.show(LIST, &view(&visit)?)
}

pub(super) async fn table(visit: Visit) -> Result<Response, Fail> {
    Ok(api::csv(&visit.app))
}

/// Takes a table that was pasted: an address in each line, or the columns of an export.
pub(super) async fn import(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let rows = csv::rows(fields.get("list"));
    let header = |row: &Vec<String>| row.first().is_some_and(|cell| cell.eq_ignore_ascii_case("address"));
    let rows = rows.into_iter().filter(|row| !header(row)).map(reader).collect();
    match api::take(&visit.app, &visit.caller, rows, fields.is_set("confirmed")).await {
        Ok(imported) => {
            let view = View { imported: Some(imported), ..view(&visit)? };
            visit.show(LIST, &view)
        }
        Err(fail @ Fail::Parameter { .. }) => {
            let view = View { list: fields.get("list").to_owned(), ..view(&visit)? };
            visit.wrong(LIST, &format!("Nobody was added: {fail}."), &view)
        }
        Err(fail) => Err(fail),
    }
}

/// A row of the table. Who was asked or stopped elsewhere did not say that they want messages.
fn reader(row: Vec<String>) -> Result<NewReader, String> {
    let mut cells = row.into_iter();
    let address = cells.next().unwrap_or_default();
    let [scope, of, impact, digest, state] = std::array::from_fn(|_| cells.next().filter(|cell| !cell.is_empty()));
    match state.as_deref() {
        None | Some("active") => Ok(NewReader { address, scope, of, impact, digest }),
        Some(_) => Err("is not active in the table, and is left out".to_owned()),
    }
}

async fn change(visit: &Visit, change: SubscriberChange, said: &str) -> Result<Response, Fail> {
    let done = visit.app.subscriber(visit.caller.actor(), change).await;
    done.map_err(|refused| visit.app.refused(refused))?;
    Ok(visit.go(&format!("{BACK}?said={said}")))
}

pub(super) async fn suspend(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    change(&visit, SubscriberChange::Suspend(id, ADMIN.to_owned()), "suspended").await
}

pub(super) async fn resume(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    change(&visit, SubscriberChange::Resume(id), "resumed").await
}

pub(super) async fn sure(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let one = visit.app.0.desk.borrow().subscribers.get(&id).cloned().ok_or(Fail::NotFound("subscriber"))?;
    let shape = Subscriber::of(&one);
    let sure = Sure {
        slip: slip(one.version)?,
        kind: "subscriber",
        title: shape.address.or(shape.url).unwrap_or_default(),
        text: "Nothing is kept of them. The audit log says that it was done, and not whose address it was.",
        action: format!("{BACK}/{id}/erase"),
        back: BACK.to_owned(),
    };
    visit.show(SURE, &sure)
}

pub(super) async fn erase(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    change(&visit, SubscriberChange::Erase(id), "erased").await
}
