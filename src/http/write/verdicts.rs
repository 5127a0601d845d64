//! Writing what vendors' incidents mean here.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{Asked, carry_out, read, words};
use crate::http::App;
use crate::http::auth::Caller;
use crate::http::error::Fail;
use crate::http::wire::Problem;
use crate::http::wire::incident::Verdict;
use crate::http::wire::write::VerdictChange;
use crate::model::command::{Command, Judgement};
use crate::model::desk::{Affects, Mute};
use crate::model::id::IncidentId;

/// Says what an incident means here: whether it affects us, who looks after it, what helps, for how long it is quiet.
#[utoipa::path(put, path = "/api/v1/incidents/{id}/verdict", tag = "operators", request_body = VerdictChange,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "`\"v3\"` for version 3 of the verdict; 0 where there is none")),
    responses((status = 200, description = "the verdict as it is now", body = Verdict),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such open or recent incident", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "somebody else changed it since", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn judge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    let version = asked.version(|| None)?;
    let shape: VerdictChange = asked.json()?;
    let affects = |word: &str| {
        Affects::from_word(word).ok_or_else(|| Fail::Parameter {
            name: "affects",
            problem: format!("cannot be `{}`; it is one of yes, no, not_known", read::title(word)),
        })
    };
    let mute = match (shape.mute_until, shape.mute_until_change) {
        (Some(Some(_)), Some(true)) => {
            let problem = "and `mute_until_change` cannot both be given: choose one".to_owned();
            return Err(Fail::Parameter { name: "mute_until", problem });
        }
        (Some(Some(at)), _) => Some(Mute::Until(at)),
        (_, Some(true)) => Some(Mute::UntilChange),
        (Some(None), _) | (_, Some(false)) => Some(Mute::Off),
        (None, None) => None,
    };
    let judgement = Judgement {
        affects: shape.affects.as_deref().map(affects).transpose()?,
        owner: shape.owner.as_deref().map(read::title),
        note: shape.note.as_deref().map(words),
        workaround: shape.workaround.as_deref().map(words),
        mute,
    };
    carry_out(&app, &caller, &asked, Command::Judge(IncidentId::new(id), version, Box::new(judgement))).await
}

/// Says that an incident was seen.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/acknowledge", tag = "operators", params(("id" = String, Path)),
    responses((status = 200, description = "the verdict as it is now", body = Verdict),
        (status = 404, description = "no such open or recent incident", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn acknowledge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Fail> {
    asked.check_key()?;
    carry_out(&app, &caller, &asked, Command::Acknowledge(IncidentId::new(id))).await
}
