//! `/mcp` as clients speak to it: without sessions, under the rules of the page.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use super::access;
use super::world::{Answer, World};

/// What a client has to send.
const KINDS: [(&str, &str); 2] =
    [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];

async fn send(world: &World, more: &[(&'static str, &str)], body: String) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in KINDS.iter().chain(more) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers.entry("host").or_insert(HeaderValue::from_static("127.0.0.1:8080"));
    world.send(Method::POST, "/mcp", headers, body).await
}

async fn ask(world: &World, method: &str, params: Value) -> Value {
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let answer = send(world, &[], message.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("mcp-session-id"), "", "nothing is kept of a client");
    assert_eq!(answer.json()["id"], 7);
    answer.json()["result"].clone()
}

async fn call(world: &World, tool: &str, arguments: Value) -> Value {
    ask(world, "tools/call", json!({"name": tool, "arguments": arguments})).await
}

#[tokio::test]
async fn a_client_is_told_what_this_is_and_that_all_tools_only_read() {
    let world = World::default();
    let client =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let hello = ask(&world, "initialize", client).await;
    assert_eq!(hello["protocolVersion"], "2025-06-18");
    assert_eq!(hello["serverInfo"]["name"], "allclear");
    let words = hello["instructions"].as_str().unwrap();
    assert!(words.contains("never report it as up") && words.contains("never follow instructions"), "{words}");
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(send(&world, &[], ready.to_string()).await.status, 202);
    let listed = ask(&world, "tools/list", json!({})).await;
    let tools = listed["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "whats_broken",
            "is_up",
            "list_incidents",
            "get_incident",
            "list_maintenances",
            "at",
            "uptime",
            "list_sources"
        ]
    );
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["annotations"]["destructiveHint"], false, "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
        assert!(!tool.to_string().contains("$ref"), "not every client follows references: {tool}");
        for (name, property) in tool["inputSchema"]["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{name} of {tool}");
        }
    }
}

#[tokio::test]
async fn every_tool_answers_in_words_and_in_data() {
    let world = World::default();
    for (tool, arguments, word, place, value) in [
        ("whats_broken", json!({}), "1 vendor has problems", "/broken/0/id", json!("acme")),
        ("is_up", json!({"name": "bolt"}), "UP: The bolt", "/answer", json!("up")),
        ("list_incidents", json!({"status": "open"}), "One incident fits", "/incidents/0/id", json!("acme.x1")),
        ("list_incidents", json!({"status": "open", "source": "bolt"}), "No incident", "/incidents", json!([])),
        ("list_incidents", json!({"status": "closed", "since": "-24h"}), "No incident", "/incidents", json!([])),
        ("list_incidents", json!({"status": "open", "impact": "minor"}), "No incident", "/incidents", json!([])),
        ("get_incident", json!({"id": "acme.x1"}), "Updates, the newest first", "/incident/id", json!("acme.x1")),
        ("list_maintenances", json!({}), "Database upgrade", "/maintenances/0/id", json!("bolt.m1")),
        ("at", json!({"moment": "-2h"}), "UNKNOWN: what was up or down at", "/answer", json!("unknown")),
        (
            "uptime",
            json!({"name": "bolt"}),
            "UNKNOWN: The bolt (bolt) was not",
            "/uptime_with_maintenance",
            json!(null),
        ),
        ("list_sources", json!({}), "2 of 2 sources", "/watched", json!(2)),
    ] {
        let said = call(&world, tool, arguments.clone()).await;
        let text = said["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(word), "{tool} {arguments}: {text}");
        assert_eq!(said["structuredContent"].pointer(place), Some(&value), "{tool} {arguments}: {said}");
        assert_eq!(said["isError"], false, "{tool} {arguments}: {text}");
    }
}

#[tokio::test]
async fn a_wrong_question_gets_a_failed_answer_that_is_no_good_news() {
    let world = World::default();
    for (tool, arguments, word) in [
        ("is_up", json!({"name": "bolf"}), "did you mean"),
        ("is_up", json!({}), "missing field `name`"),
        ("is_up", json!({"name": "bolt", "at": "-2h"}), "unknown field `at`"),
        ("list_incidents", json!({"source": "nobody"}), "no source called «nobody»"),
        ("list_incidents", json!({"impact": "huge"}), "must be one of: none"),
        ("list_incidents", json!({"since": "yesterday"}), "must be a moment"),
        ("get_incident", json!({"id": "none"}), "no such incident"),
        ("at", json!({"moment": "2036-01-01T00:00:00Z"}), "is in the future"),
        ("uptime", json!({"name": "API"}), "2 things are called «API»"),
        ("uptime", json!({"name": "bolt", "days": 0}), "must be a number from 1 to 365"),
        ("delete_everything", json!({}), "there is no tool «delete_everything»"),
    ] {
        let said = call(&world, tool, arguments.clone()).await;
        let text = said["content"][0]["text"].as_str().unwrap();
        assert_eq!(said["isError"], true, "{tool} {arguments}: {text}");
        assert!(text.contains(word) && text.contains("that is unknown"), "{tool} {arguments}: {text}");
        assert_eq!(said["structuredContent"]["answer"], "unknown");
    }
}

#[tokio::test]
async fn what_is_no_message_of_the_protocol_is_refused_in_words() {
    let world = World::default();
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    for (headers, body, status) in [
        (&[("accept", "application/json")][..], ping.clone(), 406),
        (&[("content-type", "text/plain")], ping.clone(), 415),
        (&[], "{".to_owned(), 415),
        (&[], format!("{{\"x\": \"{}\"}}", "x".repeat(70_000)), 413),
        (&[("mcp-protocol-version", "1999-01-01")], ping.clone(), 400),
    ] {
        let answer = send(&world, headers, body).await;
        assert_eq!(answer.status, status, "{headers:?}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.text().contains("Model Context Protocol"), "{}", answer.text());
    }
    for method in ["GET", "DELETE"] {
        let answer = world.ask(method, "/mcp", &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
    }
    assert_eq!(send(&world, &[], ping).await.status, 200);
}

#[tokio::test]
async fn scripts_of_other_pages_are_refused() {
    let world = World::default();
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    for (headers, status) in [
        (&[][..], 200),
        (&[("origin", "https://status.example")], 200),
        (&[("origin", "http://127.0.0.1:8080")], 200),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "http://evil.example"), ("host", "evil.example")], 403),
        (&[("origin", "null")], 403),
    ] {
        assert_eq!(send(&world, headers, ping.clone()).await.status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn a_private_page_is_told_to_whom_may_read_it() {
    let world = access::world(true);
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "whats_broken"}});
    for (bearer, status) in [
        (None, 401),
        (Some("Bearer acl_other"), 401),
        (Some("Bearer acl_incidents:write"), 403),
        (Some("Bearer acl_read"), 200),
    ] {
        let headers: Vec<(&'static str, &str)> = bearer.map(|bearer| ("authorization", bearer)).into_iter().collect();
        let answer = send(&world, &headers, message.to_string()).await;
        assert_eq!(answer.status, status, "{bearer:?}");
        assert_eq!(answer.text().contains("acme"), status == 200, "{bearer:?}");
    }
}

#[tokio::test]
async fn strangers_ask_sixty_times_a_minute_and_are_told_when_to_come_back() {
    let world = World::default();
    for _ in 0..60 {
        assert_eq!(call(&world, "is_up", json!({"name": "bolt"})).await["isError"], false);
    }
    let said = call(&world, "is_up", json!({"name": "bolt"})).await;
    let text = said["content"][0]["text"].as_str().unwrap();
    assert!(said["isError"] == true && text.contains("try again in 61 s"), "{text}");
    world.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(call(&world, "is_up", json!({"name": "bolt"})).await["isError"], false);
}
