//! What providers document of a request: keys that have to be there, their types and their limits.

use allclear::channels::Call;
use serde_json::Value;

use super::world::body;

/// Fails where a request is not as its provider documents it.
pub fn check(way: &str, call: &Call) {
    assert!(call.kind.starts_with("application/json"), "{way}");
    let body = body(call);
    match way {
        "slack-webhook" => slack(&body),
        "slack-bot" => {
            slack(&body);
            text(&body, "/channel", 1, 100);
            let method = call.url.path_segments().unwrap().next_back().unwrap().to_owned();
            assert!(["chat.postMessage", "chat.update"].contains(&method.as_str()), "{method}");
            assert_eq!(method == "chat.update", body.get("ts").is_some());
            assert!(call.authorization.is_some());
        }
        "teams" => teams(&body, call.body.len()),
        "discord" => discord(&body, call),
        "google-chat" => google_chat(&body, call.body.len()),
        "mattermost-webhook" => mattermost(&body["attachments"]),
        "mattermost-bot" => {
            mattermost(&body["props"]["attachments"]);
            assert!(matches!(call.method, "POST" | "PUT") && call.authorization.is_some());
            assert_eq!(call.method == "POST", body["channel_id"].is_string());
        }
        "rocketchat" => {
            text(&body, "/text", 1, 5_000);
            text(&body, "/attachments/0/text", 0, 5_000);
            text(&body, "/attachments/0/color", 7, 7);
        }
        "matrix" => matrix(&body, call),
        "telegram" => telegram(&body, call),
        other => panic!("{other} has no shape"),
    }
}

/// A text that is there and has so many characters.
fn text<'a>(body: &'a Value, pointer: &str, least: usize, most: usize) -> &'a str {
    let text = body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} is no text: {body}"));
    let length = text.chars().count();
    assert!((least..=most).contains(&length), "{pointer} has {length} characters, not {least} to {most}");
    text
}

fn slack(body: &Value) {
    text(body, "/text", 1, 40_000);
    assert_eq!(body["unfurl_links"], false);
    let blocks = body["blocks"].as_array().unwrap();
    assert!((1..=50).contains(&blocks.len()));
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "header" => {
                assert_eq!(block["text"]["type"], "plain_text");
                text(block, "/text/text", 1, 150);
            }
            "section" => {
                assert_eq!(block["text"]["type"], "mrkdwn");
                text(block, "/text/text", 1, 3_000);
            }
            "context" => {
                assert!((1..=10).contains(&block["elements"].as_array().unwrap().len()));
                text(block, "/elements/0/text", 1, 3_000);
            }
            other => panic!("{other} is no block of ours"),
        }
    }
}

fn teams(body: &Value, bytes: usize) {
    assert!(bytes <= 28_000, "{bytes} bytes");
    assert_eq!(body["type"], "message");
    let attachment = &body["attachments"][0];
    assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
    let card = &attachment["content"];
    assert_eq!(card["type"], "AdaptiveCard");
    assert_eq!(card["version"], "1.4");
    for block in card["body"].as_array().unwrap() {
        assert_eq!(block["type"], "RichTextBlock");
        assert_eq!(block["inlines"][0]["type"], "TextRun");
        text(block, "/inlines/0/text", 1, 28_000);
    }
    for action in card["actions"].as_array().unwrap() {
        assert_eq!(action["type"], "Action.OpenUrl");
        text(action, "/url", 1, 2_000);
    }
}

fn discord(body: &Value, call: &Call) {
    assert_eq!(body["allowed_mentions"]["parse"], Value::Array(vec![]));
    let embed = &body["embeds"][0];
    let lengths = [
        text(embed, "/title", 1, 256).chars().count(),
        text(embed, "/description", 0, 4_096).chars().count(),
        text(embed, "/footer/text", 1, 2_048).chars().count(),
    ];
    assert!(lengths.iter().sum::<usize>() <= 6_000);
    assert!(embed["color"].as_u64().unwrap() <= 0xff_ff_ff);
    let query = call.url.query().unwrap_or_default();
    match call.method {
        "POST" => assert!(query.contains("wait=true")),
        "PATCH" => assert!(call.url.path().contains("/messages/")),
        other => panic!("{other}"),
    }
    assert!(query.contains("thread_id=7"), "the webhook's own query stays");
}

fn google_chat(body: &Value, bytes: usize) {
    assert!(bytes <= 32_000, "{bytes} bytes");
    assert!(body.get("text").is_none(), "only a message's text can call somebody");
    let card = &body["cardsV2"][0];
    text(card, "/cardId", 1, 100);
    text(card, "/card/header/title", 1, 300);
    for widget in card["card"]["sections"].as_array().unwrap().iter().flat_map(|s| s["widgets"].as_array().unwrap()) {
        assert!(widget.get("textParagraph").is_some() || widget.get("buttonList").is_some(), "{widget}");
    }
    if let Some(thread) = body.get("thread") {
        text(thread, "/threadKey", 1, 4_000);
    }
}

fn mattermost(attachments: &Value) {
    text(attachments, "/0/fallback", 1, 1_000);
    text(attachments, "/0/text", 1, 16_383);
    assert!(text(attachments, "/0/color", 7, 7).starts_with('#'));
}

fn matrix(body: &Value, call: &Call) {
    assert_eq!(call.method, "PUT");
    assert!(call.authorization.is_some());
    assert!(call.body.len() <= 60_000, "{} bytes", call.body.len());
    assert!(call.url.path().contains("/send/m.room.message/msg_1"), "{}", call.url);
    assert_eq!(body["msgtype"], "m.text");
    assert_eq!(body["format"], "org.matrix.custom.html");
    assert_eq!(body["m.mentions"], serde_json::json!({}));
    text(body, "/body", 1, 60_000);
    text(body, "/formatted_body", 1, 60_000);
    if let Some(relation) = body.get("m.relates_to") {
        text(relation, "/event_id", 1, 255);
        assert_eq!(relation["rel_type"] == "m.replace", body.get("m.new_content").is_some());
    }
}

fn telegram(body: &Value, call: &Call) {
    assert!(call.url.path().starts_with("/bot12:secret/"), "{}", call.url);
    text(body, "/chat_id", 1, 100);
    text(body, "/text", 1, 4_096);
    assert_eq!(body["parse_mode"], "HTML");
    assert_eq!(body["link_preview_options"]["is_disabled"], true);
    if let Some(answered) = body.get("reply_parameters") {
        assert!(answered["message_id"].is_i64());
    }
    if call.url.path().ends_with("editMessageText") {
        assert!(body["message_id"].is_i64());
    }
}
