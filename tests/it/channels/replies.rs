//! What answers mean.

use std::time::Duration;

use allclear::channels::{Refusal, Reply};

use super::world::way;

/// What is read of an answer.
#[derive(Debug, PartialEq)]
enum Read {
    Name(&'static str),
    Nothing,
    Later(Option<u64>),
    Never,
    Gone,
    Adrift,
    Had,
    ByStatus,
}

fn read(way_name: &str, status: u16, body: &str) -> Option<Result<Option<String>, Refusal>> {
    let (channel, _) = way(way_name);
    let reply = Reply { status, body: body.as_bytes() };
    if (200..300).contains(&status) { Some(channel.read(&reply)) } else { channel.refusal(&reply).map(Err) }
}

fn matches(found: &Option<Result<Option<String>, Refusal>>, wanted: &Read) -> bool {
    match (found, wanted) {
        (Some(Ok(Some(name))), Read::Name(wanted)) => name == wanted,
        (Some(Ok(None)), Read::Nothing) | (None, Read::ByStatus) => true,
        (Some(Err(Refusal::Later { wait, why })), Read::Later(wanted)) => {
            *wait == wanted.map(Duration::from_millis) && !why.is_empty()
        }
        (Some(Err(Refusal::Never(why))), Read::Never)
        | (Some(Err(Refusal::Gone(why))), Read::Gone)
        | (Some(Err(Refusal::Adrift(why))), Read::Adrift) => !why.is_empty(),
        (Some(Err(Refusal::Had)), Read::Had) => true,
        _ => false,
    }
}

#[test]
fn every_documented_answer_is_understood() {
    let table: &[(&str, u16, &str, Read)] = &[
        ("slack-webhook", 200, "ok", Read::Nothing),
        ("slack-webhook", 400, "invalid_payload", Read::Never),
        ("slack-webhook", 403, "action_prohibited", Read::Later(None)),
        ("slack-webhook", 403, "invalid_token", Read::Later(None)),
        ("slack-webhook", 404, "no_service", Read::Later(None)),
        ("slack-webhook", 404, "channel_not_found", Read::Later(None)),
        ("slack-webhook", 410, "channel_is_archived", Read::Gone),
        ("slack-webhook", 429, "rate_limited", Read::ByStatus),
        ("slack-webhook", 500, "rollup_error", Read::ByStatus),
        ("slack-bot", 200, r#"{"ok":true,"channel":"C0","ts":"1503435956.000247"}"#, Read::Name("1503435956.000247")),
        ("slack-bot", 200, r#"{"ok":false,"error":"channel_not_found"}"#, Read::Later(None)),
        ("slack-bot", 200, r#"{"ok":false,"error":"not_in_channel"}"#, Read::Later(None)),
        ("slack-bot", 200, r#"{"ok":false,"error":"is_archived"}"#, Read::Later(None)),
        ("slack-bot", 200, r#"{"ok":false,"error":"token_revoked"}"#, Read::Later(None)),
        ("slack-bot", 200, r#"{"ok":false,"error":"invalid_auth"}"#, Read::Later(None)),
        ("slack-bot", 200, r#"{"ok":false,"error":"account_inactive"}"#, Read::Later(None)),
        ("slack-bot", 200, r#"{"ok":false,"error":"ratelimited"}"#, Read::Later(None)),
        ("slack-bot", 200, r#"{"ok":false,"error":"message_not_found"}"#, Read::Adrift),
        ("slack-bot", 200, r#"{"ok":false,"error":"invalid_blocks"}"#, Read::Never),
        ("slack-bot", 200, "<html>a proxy</html>", Read::Later(None)),
        ("slack-bot", 429, r#"{"ok":false,"error":"ratelimited"}"#, Read::ByStatus),
        ("teams", 202, "", Read::Nothing),
        ("teams", 200, "1", Read::Nothing),
        ("teams", 200, "Webhook message delivery failed with error: … HTTP error 429", Read::Later(None)),
        ("teams", 400, r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"off"}}"#, Read::Later(None)),
        ("teams", 404, r#"{"error":{"code":"WorkflowNotFound","message":"gone"}}"#, Read::Later(None)),
        ("teams", 401, r#"{"error":{"code":"DirectApiAuthorizationRequired","message":"no"}}"#, Read::Later(None)),
        ("teams", 502, "", Read::ByStatus),
        ("discord", 200, r#"{"id":"1234","type":0}"#, Read::Name("1234")),
        ("discord", 204, "", Read::Nothing),
        ("discord", 429, r#"{"message":"slow down","retry_after":1.5,"global":false}"#, Read::Later(Some(1_500))),
        ("discord", 429, r#"{"message":"slow down","retry_after":-1}"#, Read::Later(None)),
        ("discord", 404, r#"{"message":"Unknown Webhook","code":10015}"#, Read::Gone),
        ("discord", 401, r#"{"message":"Invalid Webhook Token","code":50027}"#, Read::Gone),
        ("discord", 404, r#"{"message":"Unknown Message","code":10008}"#, Read::Adrift),
        ("discord", 404, r#"{"message":"Unknown Channel","code":10003}"#, Read::Later(None)),
        ("discord", 400, r#"{"message":"Invalid Form Body","code":50035}"#, Read::Never),
        ("google-chat", 200, r#"{"name":"spaces/A/messages/B.C"}"#, Read::Name("spaces/A/messages/B.C")),
        (
            "google-chat",
            403,
            r#"{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}"#,
            Read::Later(None),
        ),
        ("google-chat", 404, r#"{"error":{"code":404,"message":"no","status":"NOT_FOUND"}}"#, Read::Later(None)),
        (
            "google-chat",
            400,
            r#"{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}"#,
            Read::Later(None),
        ),
        ("google-chat", 400, r#"{"error":{"code":400,"message":"bad card","status":"INVALID_ARGUMENT"}}"#, Read::Never),
        ("google-chat", 429, r#"{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}"#, Read::ByStatus),
        ("mattermost-webhook", 200, "ok", Read::Nothing),
        (
            "mattermost-webhook",
            400,
            r#"{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook.","status_code":400}"#,
            Read::Later(None),
        ),
        (
            "mattermost-webhook",
            501,
            r#"{"id":"web.incoming_webhook.disabled.app_error","message":"off","status_code":501}"#,
            Read::Later(None),
        ),
        ("mattermost-bot", 201, r#"{"id":"w7k3","message":""}"#, Read::Name("w7k3")),
        ("mattermost-bot", 401, r#"{"id":"api.context.session_expired.app_error","message":"x"}"#, Read::Later(None)),
        ("mattermost-bot", 403, r#"{"id":"api.context.permissions.app_error","message":"x"}"#, Read::Later(None)),
        ("mattermost-bot", 400, r#"{"id":"api.post.create_post.root_id.app_error","message":"x"}"#, Read::Adrift),
        ("mattermost-bot", 429, "limit exceeded", Read::ByStatus),
        ("rocketchat", 200, r#"{"success":true}"#, Read::Nothing),
        ("rocketchat", 200, r#"{"success":false,"error":"invalid-channel"}"#, Read::Later(None)),
        (
            "rocketchat",
            400,
            r#"{"success":false,"error":"Invalid integration id or token provided."}"#,
            Read::Later(None),
        ),
        ("rocketchat", 400, r#"{"success":false,"error":"error-message-size-exceeded"}"#, Read::Never),
        ("rocketchat", 429, r#"{"success":false,"error":"Error, too many requests."}"#, Read::ByStatus),
        ("matrix", 200, r#"{"event_id":"$abc"}"#, Read::Name("$abc")),
        (
            "matrix",
            429,
            r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many","retry_after_ms":2000}"#,
            Read::Later(Some(2_000)),
        ),
        ("matrix", 401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"no"}"#, Read::Later(None)),
        ("matrix", 403, r#"{"errcode":"M_FORBIDDEN","error":"not in room"}"#, Read::Later(None)),
        ("matrix", 413, r#"{"errcode":"M_TOO_LARGE","error":"big"}"#, Read::Never),
        ("matrix", 400, r#"{"errcode":"M_UNKNOWN","error":"Can't send relation to it"}"#, Read::Adrift),
        ("matrix", 502, "", Read::ByStatus),
        ("telegram", 200, r#"{"ok":true,"result":{"message_id":42}}"#, Read::Name("42")),
        (
            "telegram",
            429,
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}"#,
            Read::Later(Some(7_000)),
        ),
        (
            "telegram",
            400,
            r#"{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-100}}"#,
            Read::Later(None),
        ),
        ("telegram", 401, r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#, Read::Later(None)),
        ("telegram", 403, r#"{"ok":false,"error_code":403,"description":"Forbidden: kicked"}"#, Read::Later(None)),
        (
            "telegram",
            400,
            r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#,
            Read::Later(None),
        ),
        (
            "telegram",
            400,
            r#"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: …"}"#,
            Read::Had,
        ),
        (
            "telegram",
            400,
            r#"{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}"#,
            Read::Adrift,
        ),
        (
            "telegram",
            400,
            r#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities"}"#,
            Read::Never,
        ),
        ("telegram", 502, "<html>", Read::ByStatus),
    ];
    for (way, status, body, wanted) in table {
        let found = read(way, *status, body);
        assert!(matches(&found, wanted), "{way} {status} {body}: {found:?}, not {wanted:?}");
    }
}

#[test]
fn a_supergroup_is_named_in_the_words_for_the_operator() {
    let body = r#"{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1007}}"#;
    let Some(Err(Refusal::Later { why, .. })) = read("telegram", 400, body) else { panic!("it can be put right") };
    assert!(why.contains("-1007"), "{why}");
}
