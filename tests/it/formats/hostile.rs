//! Documents that lie, are cut, or are something else: never a panic, never good news.

use allclear::model::level::State;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Says “all is well” in every word that a healthy page has.
const HEALTHY: &str = r#"{"page":{"id":"a1b2c3d4e5f6","name":"Acme","url":"https://status.acme.example"},
 "status":{"indicator":"none","description":"All Systems Operational"},
 "components":[{"id":"c1","name":"API","status":"operational"},{"id":"c2","name":"Web","status":"operational"}],
 "incidents":[],"scheduled_maintenances":[]}"#;

fn claims_health(read: &Result<Observation, ParseError>) -> bool {
    read.as_ref().is_ok_and(|seen| seen.state() == Some(State::OPERATIONAL))
}

/// R2
#[test]
fn the_body_of_a_failed_answer_gives_no_state() {
    assert!(claims_health(&parse("statuspage", HEALTHY.as_bytes())));
    let codes = [100, 101, 103, 300, 301, 302, 303, 304, 305, 307, 308].into_iter().chain(400..=418).chain(500..=511);
    for status in codes {
        for (name, text) in [("statuspage", HEALTHY), ("http", "operational")] {
            let answer = Body { status, ..body("answer", text) };
            assert!(adapter(name, &Options::Null).parse(&[answer], now()).is_err(), "{name} {status}");
        }
    }
}

/// R2
#[test]
fn what_is_something_else_is_named_and_gives_no_state() {
    for (text, found) in [
        ("", "empty"),
        ("   \n", "empty"),
        ("<!doctype html><title>Sign in</title><form><input type=\"password\">All Systems Operational", "sign-in page"),
        ("<html><head><title>Just a moment...</title></head><body>operational</body></html>", "Just a moment"),
        ("<html><title>acme.example is for sale</title>operational", "for sale"),
        ("<?xml version=\"1.0\"?><rss></rss>", "XML"),
        ("{\"status\":\"ok\"}", "keys status"),
        ("{\"status\":{\"code\":200,\"message\":\"operational\"}}", "keys status"),
        ("{\"components\":[],\"incidents\":[]}", "keys components, incidents"),
        ("{}", "empty JSON object"),
        ("[]", "list of 0"),
        ("\"operational\"", "neither"),
        ("null", "neither"),
        ("All Systems Operational", "broken JSON"),
        ("{\"data\":{\"status\":{\"indicator\":\"none\"}}}", "keys data"),
    ] {
        let error = parse("statuspage", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(found), "{text}: {error}");
    }
}

/// R3
#[test]
fn a_cut_document_is_no_document() {
    for at in 0..HEALTHY.len() {
        assert!(!claims_health(&parse("statuspage", &HEALTHY.as_bytes()[..at])), "cut at {at}");
    }
}

/// R4
#[test]
fn a_word_that_is_not_listed_is_unknown_and_said() {
    for word in [
        "Оperational",
        "operationаl",
        "operational\u{200b}",
        "oper\u{ad}ational",
        "ok",
        "up",
        "green",
        "OPERATIONAL!",
        "none",
        "fully operational",
        "operational-ish",
        "not operational",
        "degraded",
        "outage",
        "0",
        "true",
        "",
        "maintenance",
        "partial",
        "operational, mostly",
    ] {
        let mut page: Value = serde_json::from_str(HEALTHY).unwrap();
        page["components"][0]["status"] = json!(word);
        let seen = parse("statuspage", page.to_string().as_bytes()).unwrap();
        assert_eq!(seen.components[0].state, State::Unknown, "{word:?}");
        assert_eq!(seen.components[1].state, State::OPERATIONAL, "the rest still counts");
        assert_eq!(seen.state(), Some(State::Unknown), "{word:?}");
        assert!(!seen.warnings.is_empty(), "{word:?}");
    }
    for word in [" operational ", "Operational", "OPERATIONAL\n"] {
        let mut page: Value = serde_json::from_str(HEALTHY).unwrap();
        page["components"][0]["status"] = json!(word);
        assert!(claims_health(&parse("statuspage", page.to_string().as_bytes())), "{word:?}");
    }
}

/// R5
#[test]
fn where_a_document_contradicts_itself_the_worst_wins() {
    let broken = json!({"id":"c1","name":"API","status":"major_outage"});
    let fine = json!({"id":"c1","name":"API","status":"operational"});
    for order in [vec![&broken, &fine], vec![&fine, &broken]] {
        let mut page: Value = serde_json::from_str(HEALTHY).unwrap();
        page["components"] = json!(order);
        let seen = parse("statuspage", page.to_string().as_bytes()).unwrap();
        assert_eq!((seen.components.len(), seen.state()), (1, Some(State::MAJOR_OUTAGE)));
    }
    let mut page: Value = serde_json::from_str(HEALTHY).unwrap();
    page["status"]["indicator"] = json!("critical");
    assert_eq!(parse("statuspage", page.to_string().as_bytes()).unwrap().state(), Some(State::MAJOR_OUTAGE));
    let incident =
        |status: &str| json!({"id":"i1","name":"Down","status":status,"impact":"critical","incident_updates":[]});
    for order in [["resolved", "investigating"], ["investigating", "resolved"]] {
        let mut page: Value = serde_json::from_str(HEALTHY).unwrap();
        page["incidents"] = json!(order.map(incident));
        assert_eq!(parse("statuspage", page.to_string().as_bytes()).unwrap().state(), Some(State::MAJOR_OUTAGE));
    }
    // S9: one key twice.
    for text in [
        r#"{"status":{"indicator":"critical","indicator":"none"}}"#,
        r#"{"status":{"indicator":"none"},"status":{"indicator":"critical"}}"#,
    ] {
        assert!(parse("statuspage", text.as_bytes()).unwrap_err().to_string().contains("twice"));
    }
}

/// R19
#[test]
fn depth_is_bounded() {
    for text in ["[".repeat(1_000_000), "{\"a\":".repeat(1_000_000), format!("{{\"page\":{}", "[".repeat(200_000))] {
        assert!(parse("statuspage", text.as_bytes()).is_err());
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["operational", "none", "resolved", "2026-01-02T03:04:05Z"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("(id|name|status|components|impact)", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every place in a document, as the path to it.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| places(inner, &format!("{at}/{key}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(n, inner)| places(inner, &format!("{at}/{n}"), found)),
        _ => {}
    }
}

fn outage() -> Value {
    let text = fs_fixture("statuspage/bad-outage/summary.json");
    serde_json::from_slice(&text).unwrap()
}

fn fs_fixture(path: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(path)).unwrap()
}

proptest! {
    #[test]
    fn damage_anywhere_is_no_panic(place in any::<prop::sample::Index>(), with in any_json()) {
        let mut page = outage();
        let mut all = Vec::new();
        places(&page, "", &mut all);
        let place = place.get(&all);
        *page.pointer_mut(place).unwrap() = with;
        let _ = parse("statuspage", page.to_string().as_bytes());
    }

    #[test]
    fn damage_to_a_state_never_makes_it_better(number in 0..3_usize, with in any_json()) {
        let mut page = outage();
        prop_assume!(!["operational"].contains(&with.as_str().unwrap_or("").trim()));
        let place = ["/components/1/status", "/status/indicator", "/incidents/0/status"][number];
        prop_assume!(!(number == 2 && with == "resolved"));
        prop_assume!(!(number == 1 && with == "none"));
        *page.pointer_mut(place).unwrap() = with;
        if let Ok(seen) = parse("statuspage", page.to_string().as_bytes()) {
            prop_assert_ne!(seen.state(), Some(State::OPERATIONAL));
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in formats::REGISTRY.iter().filter(|format| !format.about.is_empty()) {
            let options = match format.name {
                "html" => json!({"component": "tr", "states": {"*": "operational"}}),
                _ => Options::Null,
            };
            let _ = adapter(format.name, &options).parse(&[body("document", bytes.clone())], now());
        }
        let _ = formats::recognise(&[body("document", bytes)]);
    }
}
