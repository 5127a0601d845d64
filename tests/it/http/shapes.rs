//! The documents: their shapes, their caching, their description.

use std::io::Read;
use std::sync::Arc;

use allclear::model::id::SourceId;
use axum::http::{HeaderMap, HeaderName, Method};
use secrecy::SecretString;
use serde_json::Value;

use super::world::World;

#[tokio::test]
async fn the_summary_has_the_promised_shape() {
    let world = World::default();
    let summary = world.get("/api/v1/summary").await.json();
    insta::assert_json_snapshot!("summary", summary);
}

#[tokio::test]
async fn one_thing_and_lists_of_things() {
    let world = World::default();
    for (path, id) in [
        ("/api/v1/sources/acme", "acme"),
        ("/api/v1/services/checkout", "checkout"),
        ("/api/v1/incidents/acme.x1", "acme.x1"),
        ("/api/v1/maintenances/bolt.m1", "bolt.m1"),
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json()["id"], id, "{path}");
    }
    for (path, count) in [
        ("/api/v1/sources", 2),
        ("/api/v1/sources?tag=bolt", 1),
        ("/api/v1/sources?state=partial_outage", 1),
        ("/api/v1/sources?unheard=of", 2),
        ("/api/v1/services", 1),
        ("/api/v1/incidents?status=open", 1),
        ("/api/v1/incidents?status=open&impact=minor", 0),
        ("/api/v1/incidents?status=identified&source=acme&origin=upstream", 1),
        ("/api/v1/incidents?status=open&source=bolt", 0),
        ("/api/v1/maintenances?status=scheduled&tag=shop", 1),
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.json()["items"].as_array().unwrap().len(), count, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn lists_go_on_at_their_cursor_and_bad_values_are_named() {
    let world = World::default();
    let first = world.get("/api/v1/sources?limit=1").await.json();
    assert_eq!(first["items"][0]["id"], "acme");
    let next = format!("/api/v1/sources?limit=1&cursor={}", first["next"].as_str().unwrap());
    let second = world.get(&next).await.json();
    assert_eq!(second["items"][0]["id"], "bolt");
    assert_eq!(second["next"], Value::Null);
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("state=fine", "state"),
        ("status=done", "status"),
        ("impact=huge", "impact"),
        ("origin=moon", "origin"),
        ("cursor=gone&status=open", "cursor"),
    ] {
        let answer = world.get(&format!("/api/v1/incidents?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.json()["detail"].as_str().unwrap().contains(&format!("`{name}`")), "{query}");
    }
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let world = World::default();
    for path in [
        "/",
        "/api/v1/summary",
        "/feed.json",
        "/feed.atom",
        "/feed.rss?per=update",
        "/calendar.ics",
        "/api/v1/sources",
        "/openapi.json",
        "/robots.txt",
    ] {
        let full = world.get(path).await;
        let (tag, modified) = (full.header("etag"), full.header("last-modified"));
        assert!(tag.starts_with('"') && !modified.is_empty(), "{path}");
        assert_eq!(full.header("access-control-allow-origin"), "*");
        for (name, value) in [
            ("if-none-match", tag.to_owned()),
            ("if-none-match", format!("\"other\", W/{tag}")),
            ("if-none-match", "*".to_owned()),
            ("if-modified-since", modified.to_owned()),
        ] {
            let answer = world.ask("GET", path, &[(name, &value)]).await;
            assert_eq!(answer.status, 304, "{path} {name}: {value}");
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("etag"), tag);
        }
        let other = world.ask("GET", path, &[("if-none-match", "\"other\""), ("if-modified-since", modified)]).await;
        assert_eq!(other.status, 200, "{path}");
        let head = world.ask("HEAD", path, &[]).await;
        assert_eq!((head.status.as_u16(), head.header("etag")), (200, tag), "{path}");
        assert!(head.body.is_empty());
    }
}

#[tokio::test]
async fn the_smallest_accepted_form_is_sent() {
    let world = World::default();
    let plain = world.get("/api/v1/summary").await;
    let mut unpacked = Vec::new();
    let gzip = world.ask("GET", "/api/v1/summary", &[("accept-encoding", "gzip")]).await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    flate2::read::GzDecoder::new(&*gzip.body).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let brotli = world.ask("GET", "/api/v1/summary", &[("accept-encoding", "gzip, deflate, br")]).await;
    assert_eq!(brotli.header("content-encoding"), "br");
    unpacked.clear();
    brotli::BrotliDecompress(&mut &*brotli.body, &mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let tags = [plain.header("etag"), gzip.header("etag"), brotli.header("etag")];
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
    for asked in ["identity", "br;q=0, gzip;q=0", "", "zstd"] {
        let answer = world.ask("GET", "/api/v1/summary", &[("accept-encoding", asked)]).await;
        assert_eq!(answer.header("content-encoding"), "", "{asked}");
    }
    let known = [("accept-encoding", "br"), ("if-none-match", tags[2])];
    assert_eq!(world.ask("GET", "/api/v1/summary", &known).await.status, 304);
}

/// Every key of every documented answer is described, and every required one is there.
#[tokio::test]
async fn the_description_is_true() {
    let (world, _behind) = super::told::filled().await;
    let described = world.get("/openapi.json").await.json();
    assert!(described["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut looked_at = 0;
    for (path, operations) in described["paths"].as_object().unwrap() {
        let (tag, id) = ("shop", if path.contains("services") { "checkout" } else { "acme" });
        let id = if path.contains("incidents") { "acme.x1" } else { id };
        let id = if path.contains("maintenances") { "bolt.m1" } else { id };
        let id = if path.contains("deliveries") { "1" } else { id };
        let mut address = path.replace("{id}", id).replace("{tag}", tag);
        if path == "/events" {
            continue;
        }
        // What chats are answered, their own tests hold.
        if path == "/hooks/slack" || path == "/hooks/telegram" {
            continue;
        }
        if path.starts_with("/hooks/{hook}") {
            alerts(&world, path, &operations["post"]).await;
            continue;
        }
        if path.starts_with("/hooks/") {
            pushes(&world, path, &operations["post"]).await;
            continue;
        }
        // Notes are those of an incident of our own, of which there is none here; nor is there anybody who looks at pages.
        if operations.get("get").is_none() || path.ends_with("/notes") || path.ends_with("/look") {
            continue;
        }
        if path.ends_with("incidents") || path.ends_with("/maintenances") {
            address.push_str("?status=open");
        }
        // Nothing is kept of what was shown here; tests of the running program look at it.
        if path == "/api/v1/diff" {
            continue;
        }
        // Nothing was promised here.
        if path.ends_with("/claim") {
            address.push_str("?target=99.9");
        }
        let answer = world.ask("GET", &address, &[("authorization", "Bearer acl_admin")]).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.text());
        let content = operations["get"]["responses"]["200"]["content"].as_object().unwrap();
        let (kind, media) = content.iter().next().unwrap();
        assert_eq!(answer.header("content-type").split(';').next().unwrap(), kind, "{address}");
        if kind == "application/json" {
            check(&described, &media["schema"], &answer.json(), path);
            looked_at += 1;
        }
    }
    assert!(looked_at >= 9, "{looked_at}");
}

/// Everything that a hook is said to answer, it answers.
async fn pushes(world: &World, path: &str, described: &Value) {
    let (acme, secret) = (SourceId::new("acme"), SecretString::from("a-secret-of-a-hook"));
    world.nudges.allow([(&acme, Some(&secret))]);
    let right = path.replace("{source}", "acme").replace("{secret}", "a-secret-of-a-hook");
    let large = "x".repeat(300 << 10);
    let mut answered = Vec::new();
    for (path, body) in [(right.as_str(), "{}"), (&right, "[]"), (path, "{}"), (&right, &large)] {
        let status = world.push(path, body).await.status;
        answered.push(status.as_str().to_owned());
    }
    assert_eq!(answered.iter().collect::<Vec<_>>(), statuses(described), "{path}");
}

/// Everything that a hook of a tool is said to answer, it answers.
async fn alerts(world: &World, path: &str, described: &Value) {
    let yaml = "sources: []\nhooks:\n  - {name: Checks, id: checks, kind: gatus, secret: a-secret-of-a-hook}\n";
    let config = allclear::config::parse(yaml, std::path::Path::new("sources.yaml"), &|_| None).unwrap();
    world.hooks.send_replace(Arc::new(config.hooks));
    let right = path.replace("{hook}", "checks").replace("{secret}", "a-secret-of-a-hook");
    let (wrong, none) = (right.replace("a-secret", "no-secret"), right.replace("checks", "nobody"));
    let large = "x".repeat(300 << 10);
    let alert = "{\"event\": \"TRIGGERED\", \"group\": \"edge\", \"endpoint\": \"API\"}";
    let mut answered = Vec::new();
    // There is no writer here: what is good cannot be stored. That it is taken is tested where there is one.
    for (method, path, secret, body) in [
        (Method::POST, &right, "a-secret-of-a-hook", "[]"),
        (Method::PUT, &wrong, "no-secret-of-a-hook", alert),
        (Method::POST, &none, "a-secret-of-a-hook", alert),
        (Method::PUT, &right, "a-secret-of-a-hook", &large),
        (Method::POST, &right, "a-secret-of-a-hook", alert),
    ] {
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-hook-secret"), secret.parse().unwrap())]);
        let headers = if path.contains("secret") { HeaderMap::new() } else { headers };
        answered.push(world.send(method, path, headers, body.to_owned()).await.status.as_str().to_owned());
    }
    let said: Vec<&String> = statuses(described).into_iter().filter(|status| *status != "202").collect();
    assert_eq!(answered.iter().collect::<Vec<_>>(), said, "{path}");
}

/// The statuses that are described one by one.
fn statuses(described: &Value) -> Vec<&String> {
    let described = described["responses"].as_object().unwrap();
    assert!(described.contains_key("default"), "what else may go wrong is described, too");
    described.keys().filter(|status| *status != "default").collect()
}

fn check(all: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        return check(all, all.pointer(pointer).unwrap_or_else(|| panic!("{place}: {name} is missing")), value, place);
    }
    if let Some(parts) = schema["oneOf"].as_array() {
        if !value.is_null() {
            let part = parts.iter().find(|part| part["type"] != "null").unwrap();
            check(all, part, value, place);
        }
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| check(all, &schema["items"], item, place)),
        Value::Object(fields) => {
            let (mut schemas, mut open) = (Vec::new(), vec![schema.clone()]);
            while let Some(schema) = open.pop() {
                for part in schema["allOf"].as_array().into_iter().flatten() {
                    let pointer = part["$ref"].as_str().map(|name| name.trim_start_matches('#').to_owned());
                    open.push(pointer.map_or(part.clone(), |pointer| all.pointer(&pointer).unwrap().clone()));
                }
                schemas.push(schema);
            }
            for required in schemas.iter().flat_map(|schema| schema["required"].as_array().into_iter().flatten()) {
                assert!(fields.contains_key(required.as_str().unwrap()), "{place}: {required} is not sent");
            }
            if schemas.iter().any(|schema| schema.get("additionalProperties").is_some()) {
                return;
            }
            for (name, field) in fields {
                let described = schemas.iter().find_map(|schema| schema["properties"].get(name));
                check(all, described.unwrap_or_else(|| panic!("{place}: {name} is not described")), field, place);
            }
        }
        _ => {}
    }
}
