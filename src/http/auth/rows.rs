//! Rows of the audit log: looked for, and in the forms in which they leave.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::App;
use super::super::error::Fail;
use crate::limits;
use crate::model::audit::Row;
use crate::store::Part;

/// Which rows are wanted.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Wanted {
    /// By whom: the id, or a part of the name.
    pub(in crate::http) actor: Option<String>,
    /// Of which kind, by its beginning: `sign_in` finds `sign_in.failed`.
    pub(in crate::http) action: Option<String>,
    /// About what.
    pub(in crate::http) subject: Option<String>,
}

impl Wanted {
    fn fits(&self, row: &Row) -> bool {
        let actor = |who: &String| row.actor.id == *who || row.actor.name.to_lowercase().contains(&who.to_lowercase());
        self.actor.as_ref().is_none_or(actor)
            && self.action.as_ref().is_none_or(|action| row.action.starts_with(action.as_str()))
            && self.subject.as_ref().is_none_or(|subject| row.subject.as_ref() == Some(subject))
    }
}

/// Rows that fit, newest first, and where the next ones begin.
pub(in crate::http) async fn part(
    app: &App,
    wanted: &Wanted,
    cursor: Option<String>,
    most: usize,
) -> Result<Part<Row>, Fail> {
    if cursor.as_ref().is_some_and(|cursor| cursor.parse::<u64>().is_err()) {
        return Err(Fail::Parameter { name: "cursor", problem: "is none of ours; leave it out to begin anew".into() });
    }
    let wanted = wanted.clone();
    let read = app.0.store.run(move |store| {
        let (mut items, mut cursor) = (Vec::new(), cursor);
        let mut looked = 0_usize;
        loop {
            let part = store.audit(cursor.as_deref(), limits::LIST_PAGE)?;
            looked = looked.saturating_add(part.items.len());
            for row in part.items {
                if items.len() < most && wanted.fits(&row) {
                    items.push(row);
                    if items.len() == most {
                        break;
                    }
                }
            }
            let full = items.len() == most;
            let next = match (full, part.next) {
                (true, _) => items.last().map(|row: &Row| row.seq.to_string()).filter(|seq| seq != "1"),
                (false, next) => next,
            };
            if full || next.is_none() || looked >= limits::AUDIT_EXPORT {
                return Ok(Part { items, next });
            }
            cursor = next;
        }
    });
    read.await.map_err(|error| Fail::store(&error))
}

/// One row, as the API tells it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditRow)]
pub(in crate::http) struct Shape {
    /// Its place in the log, from 1 without gaps.
    seq: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who.
    actor: ActorShape,
    /// What, as `incident.open`.
    action: String,
    /// The id of what was changed.
    subject: Option<String>,
    /// What it was, in words.
    before: Option<String>,
    /// What it is now.
    after: Option<String>,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub(in crate::http) struct ActorShape {
    /// `person`, `token`, `hook`, `bot` or `program`.
    means: &'static str,
    /// The account's, token's or hook's id.
    id: String,
    /// What people call them.
    name: String,
    /// Where the request came from.
    address: Option<String>,
}

impl Shape {
    pub(in crate::http) fn of(row: &Row) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor: ActorShape {
                means: row.actor.means.as_str(),
                id: row.actor.id.clone(),
                name: row.actor.name.clone(),
                address: row.actor.address.map(|address| address.to_string()),
            },
            action: row.action.clone(),
            subject: row.subject.clone(),
            before: row.before.clone(),
            after: row.after.clone(),
        }
    }
}

/// One cell of a table (RFC 4180). What a spreadsheet would take for a formula is text.
pub(in crate::http) fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    match text.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s5_a_cell_is_one_cell_and_no_formula() {
        for (text, cell) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\r=x", "\"'\r=x\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }
}
