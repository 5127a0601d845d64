//! A form that was refused comes back: why, what others changed meanwhile, and all that was typed.

use axum::http::StatusCode;
use axum::response::Response;

use super::order::{KEY, TOKEN, VERSION, slip};
use crate::http::App;
use crate::http::auth::rows::{self, Wanted};
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::limits;
use crate::model::command::Refused;
use crate::render::console::again::{Again, Changed, Typed, changed};

const PAGE: &str = "admin/again.html";

/// What a form was to do.
#[derive(Debug)]
pub(super) struct Deed {
    /// In a word or two.
    pub(super) what: &'static str,
    /// To what: its id, as the log has it, and how the log's words for it begin.
    pub(super) subject: (String, &'static str),
    /// Where it leads.
    pub(super) to: String,
    /// Where one gets to without it.
    pub(super) back: String,
}

/// The page for a form that was refused.
///
/// # Errors
/// Where there is no such thing at all, or the page cannot be made.
pub(super) async fn show(visit: &Visit, fields: &Fields, deed: Deed, refused: Refused) -> Result<Response, Fail> {
    let seen: u64 = fields.get(VERSION).parse().unwrap_or(0);
    let (status, version) = match &refused {
        Refused::Outdated { current } => (StatusCode::CONFLICT, *current),
        Refused::Conflict(_) => (StatusCode::CONFLICT, seen),
        Refused::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, seen),
        Refused::NotStored(_) => (StatusCode::INSUFFICIENT_STORAGE, seen),
        Refused::NotFound(_) | Refused::Held { .. } => return Err(visit.app.refused(refused)),
    };
    let outdated = matches!(refused, Refused::Outdated { .. });
    let others = match outdated {
        true => meanwhile(&visit.app, &deed.subject, version.saturating_sub(seen)).await,
        false => Vec::new(),
    };
    let view = Again {
        what: deed.what,
        outdated,
        changed: others,
        action: visit.path().to_owned(),
        slip: slip(version)?,
        typed: typed(fields, &refused),
        back: deed.back,
    };
    visit.refuse(PAGE, &said(&refused), status, &view)
}

/// Why it was refused, in a sentence for whoever filled in the form.
pub(super) fn said(refused: &Refused) -> String {
    match refused {
        Refused::Outdated { .. } => {
            "Nothing was changed: somebody else was faster. What you typed is below.".to_owned()
        }
        Refused::Invalid { field, problem } => format!("Nothing was changed: “{}” {problem}.", label(field)),
        Refused::Conflict(problem) if problem.contains("Idempotency-Key") => {
            "This form was sent before, with other words. Sending it again does it once more.".to_owned()
        }
        Refused::Conflict(problem) => format!("Nothing was changed: {problem}."),
        Refused::NotStored(_) => {
            "Nothing can be stored now, and nothing was changed: whoever runs allclear has to see \
                                  to its disk. Send it again then."
                .to_owned()
        }
        other => format!("Nothing was changed: {other}."),
    }
}

/// What others did to the thing since: each change of it has raised its version by one.
async fn meanwhile(app: &App, subject: &(String, &'static str), changes: u64) -> Vec<Changed> {
    let wanted = Wanted { actor: None, action: Some(subject.1.to_owned()), subject: Some(subject.0.clone()) };
    let most = usize::try_from(changes).unwrap_or(limits::CHANGES_SHOWN).clamp(1, limits::CHANGES_SHOWN);
    match rows::part(app, &wanted, None, most).await {
        Ok(part) => part.items.into_iter().map(changed).collect(),
        // The form is worth more than the list.
        Err(_) => Vec::new(),
    }
}

fn typed(fields: &Fields, refused: &Refused) -> Vec<Typed> {
    let wrong = |name: &str| match refused {
        Refused::Invalid { field, problem } if is_about(field, name) => problem.clone(),
        _ => String::new(),
    };
    let kept = fields.iter().filter(|(name, _)| ![TOKEN, VERSION, KEY].contains(name));
    let typed = kept.map(|(name, value)| Typed {
        name: name.to_owned(),
        label: label(name),
        value: value.to_owned(),
        kind: kind(name),
        error: wrong(name),
    });
    typed.collect()
}

/// Whether what the rules call a field is this one of the form.
fn is_about(field: &str, name: &str) -> bool {
    let ours = match field {
        "started_at" => "started",
        "starts_at" => "starts",
        "ends_at" => "ends",
        "mute_until" => "mute",
        field => field,
    };
    ours == name || (field == "body" && matches!(name, "note" | "postmortem" | "correction"))
}

fn kind(name: &str) -> &'static str {
    match name {
        "body" | "note" | "workaround" | "postmortem" | "correction" => "area",
        "title" | "name" | "owner" | "reason" => "line",
        "started" | "starts" | "ends" | "until" => "time",
        "from" | "do" => "hidden",
        _ => "fixed",
    }
}

fn label(name: &str) -> String {
    let label = match name {
        "body" => "What is to be said",
        "correction" => "What it should read",
        "postmortem" => "What was learned",
        "started" | "started_at" => "Began",
        "starts" | "starts_at" => "Planned start",
        "ends" | "ends_at" => "Planned end",
        "affects" => "Affects us",
        "mute_until" => "Mute",
        "service" | "services" => "Service",
        other => {
            let plain = other.strip_prefix("state.").map(|service| format!("State of {service}"));
            let plain = plain.unwrap_or_else(|| other.replace('_', " "));
            let mut letters = plain.chars();
            return letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        }
    };
    label.to_owned()
}
