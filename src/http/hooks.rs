//! What vendors push to us: a reason to read their page at once, and nothing that is believed.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::IgnoredAny;

use super::App;
use super::error::Fail;
use super::pushes::whole;
use super::wire::Problem;
use crate::model::id::SourceId;

/// A vendor's own subscription tells that something changed: the source is read at once, as far as the vendor's
/// limits allow. What was pushed is not used.
#[utoipa::path(post, path = "/hooks/statuspage/{source}/{secret}", tag = "hooks",
    params(("source" = String, Path, description = "the source's id"),
        ("secret" = String, Path, description = "its `hook` in sources.yaml")),
    request_body(content = Object, description = "a JSON object of at most 256 KiB, as Statuspage sends it"),
    responses((status = 202, description = "it will be read"),
        (status = 400, description = "the body is no JSON object", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such hook", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn statuspage(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Fail> {
    let Path((source, secret)) = path.map_err(|_| Fail::NotFound("hook"))?;
    // Nobody's body is read before it is known whose it is.
    let bell = app.0.nudges.hook(&SourceId::new(source), &secret).ok_or(Fail::NotFound("hook"))?;
    let body = match whole(request).await {
        Ok(body) => body,
        Err(status) => return Ok(status.into_response()),
    };
    if !is_object(&body) {
        return Err(Fail::Body("is no JSON object"));
    }
    bell.ring();
    Ok(StatusCode::ACCEPTED.into_response())
}

/// Tells who comes with another method what this address is for.
pub(super) async fn only_pushed() -> Fail {
    Fail::OnlyPushed("POST")
}

/// True for one JSON object and nothing else; nothing of it is kept.
fn is_object(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_is_one() {
        for (body, good) in [
            ("{}", true),
            (" {\"meta\": {\"unsubscribe\": \"https://x\"}, \"page\": {\"id\": \"a\"}}\n", true),
            ("", false),
            ("[]", false),
            ("{}{}", false),
            ("{\"a\":", false),
            ("null", false),
            ("a=b", false),
        ] {
            assert_eq!(is_object(body.as_bytes()), good, "{body}");
        }
        assert!(!is_object(b"{\"a\": \"\xff\"}"));
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        is_object(deep.as_bytes());
    }
}
