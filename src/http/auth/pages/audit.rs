//! Who did what: the log, a part at a time, and as a file.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::super::App;
use super::super::super::error::Fail;
use super::super::Visit;
use super::super::rows::{self, Wanted};
use crate::limits;
use crate::model::audit::Row;
use crate::render::{Time, time};

const PAGE: &str = "admin/audit.html";

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Shown>,
    actor: String,
    action: String,
    subject: String,
    next: Option<String>,
    export: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    seq: u64,
    at: Time,
    who: String,
    means: &'static str,
    address: Option<String>,
    action: String,
    subject: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

fn wanted(visit: &Visit) -> Wanted {
    let given = |name| Some(visit.query(name).trim().to_owned()).filter(|text| !text.is_empty());
    Wanted { actor: given("actor"), action: given("action"), subject: given("subject") }
}

fn address(path: &str, wanted: &Wanted, cursor: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let pairs = [("actor", &wanted.actor), ("action", &wanted.action), ("subject", &wanted.subject)];
    for (name, value) in pairs {
        value.as_ref().map(|value| query.append_pair(name, value));
    }
    cursor.map(|cursor| query.append_pair("cursor", cursor));
    format!("{path}?{}", query.finish())
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    let wanted = wanted(&visit);
    let cursor = Some(visit.query("cursor").to_owned()).filter(|cursor| !cursor.is_empty());
    let part = rows::part(&visit.app, &wanted, cursor, limits::LIST_PAGE).await?;
    let view = View {
        next: part.next.as_deref().map(|next| address("/admin/audit", &wanted, Some(next))),
        export: address("", &wanted, None),
        rows: part.items.into_iter().map(shown).collect(),
        actor: wanted.actor.unwrap_or_default(),
        action: wanted.action.unwrap_or_default(),
        subject: wanted.subject.unwrap_or_default(),
    };
    visit.show(PAGE, &view)
}

fn shown(row: Row) -> Shown {
    Shown {
        seq: row.seq,
        at: time(row.at),
        who: row.actor.name,
        means: row.actor.means.as_str(),
        address: row.actor.address.map(|address| address.to_string()),
        action: row.action,
        subject: row.subject,
        before: row.before,
        after: row.after,
    }
}

/// All of it as a table for other programs.
pub(super) async fn csv(visit: Visit) -> Result<Response, Fail> {
    let all = everything(&visit.app, &wanted(&visit)).await?;
    let mut out = String::from("seq,at,means,actor,name,address,action,subject,before,after\r\n");
    for row in all {
        let address = row.actor.address.map(|address| address.to_string()).unwrap_or_default();
        let cells = [
            row.seq.to_string(),
            row.at.to_string(),
            row.actor.means.as_str().to_owned(),
            row.actor.id,
            row.actor.name,
            address,
            row.action,
            row.subject.unwrap_or_default(),
            row.before.unwrap_or_default(),
            row.after.unwrap_or_default(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| rows::csv_cell(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    Ok(file("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\"", out))
}

/// All of it as the API tells it.
pub(super) async fn json(visit: Visit) -> Result<Response, Fail> {
    let all = everything(&visit.app, &wanted(&visit)).await?;
    let items: Vec<_> = all.iter().map(rows::Shape::of).collect();
    Ok(file("application/json", "attachment; filename=\"audit.json\"", serde_json::to_string(&items)?))
}

async fn everything(app: &App, wanted: &Wanted) -> Result<Vec<Row>, Fail> {
    let part = rows::part(app, wanted, None, limits::AUDIT_EXPORT).await?;
    Ok(part.items)
}

fn file(kind: &'static str, name: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    (headers, text).into_response()
}
