//! Every adapter against damaged documents of its own fixtures: never a panic, never better news than the whole.

use std::fs;

use allclear::model::level::{Level, State};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::golden::{Case, read};
use super::*;

/// All cases in which something is wrong, with the state that the whole documents say.
fn bad_days() -> Vec<(String, Case, Vec<Body>, Option<State>)> {
    let mut days = Vec::new();
    for format in fs::read_dir(fixtures()).unwrap() {
        for case in fs::read_dir(format.unwrap().path()).unwrap() {
            let folder = case.unwrap().path();
            if !folder.file_name().unwrap().to_string_lossy().starts_with("bad") {
                continue;
            }
            let (case, bodies) = read(&folder.join("case.json"));
            let seen = adapter(&case.format, &case.options).parse(&bodies, case.now.unwrap_or_else(now)).unwrap();
            days.push((folder.display().to_string(), case, bodies, seen.state()));
        }
    }
    days.sort_by(|a, b| a.0.cmp(&b.0));
    days
}

fn is_trouble(state: Option<State>) -> bool {
    matches!(state, Some(State::Known(level)) if level > Level::UnderMaintenance)
}

fn claims_health(read: &Result<Observation, ParseError>) -> bool {
    read.as_ref().is_ok_and(|seen| seen.state() == Some(State::OPERATIONAL))
}

/// R3: the document that is cut is the one that holds the trouble; what a second document says alone may be good.
#[test]
fn a_document_cut_anywhere_is_never_good_news() {
    for (name, case, bodies, whole) in bad_days() {
        let adapter = adapter(&case.format, &case.options);
        let now = case.now.unwrap_or_else(now);
        if !is_trouble(whole) || bodies.len() > 1 {
            continue;
        }
        let bytes = &bodies[0].bytes;
        let step = (bytes.len() / 200).max(1);
        for at in (0..bytes.len().saturating_sub(12)).step_by(step) {
            let cut = Body { bytes: bytes.slice(..at), ..bodies[0].clone() };
            assert!(!claims_health(&adapter.parse(&[cut], now)), "{name}: cut at {at} of {}", bytes.len());
        }
    }
}

/// Keys under which formats say how something is.
const SAYS_HOW: &[&str] = &[
    "status",
    "state",
    "indicator",
    "health",
    "status_code",
    "statusClass",
    "aggregate_state",
    "serviceStatus",
    "global_status",
    "current_status",
    "current_incident_type",
    "current_status_type",
    "UptimeStatus",
    "summaryStatus",
    "component_status",
    "CurrentStatus",
    "Status",
    "online",
    "success",
    "systemState",
    "condition",
    "mainStatus",
    "production",
    "overall",
    "overall_status",
    "severity",
    "Status__c",
    "statusType",
    "eventStatus",
];

fn places(value: &Value, at: &str, found: &mut Vec<(String, bool)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| {
            let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            found.push((place.clone(), SAYS_HOW.contains(&key.as_str()) && !inner.is_object() && !inner.is_array()));
            places(inner, &place, found);
        }),
        Value::Array(list) => list.iter().enumerate().for_each(|(number, inner)| {
            found.push((format!("{at}/{number}"), false));
            places(inner, &format!("{at}/{number}"), found);
        }),
        _ => {}
    }
}

/// R4: whatever stands where a state stood, it is not read as a better one.
#[test]
fn damage_to_a_state_is_never_good_news() {
    for (name, case, bodies, whole) in bad_days() {
        let adapter = adapter(&case.format, &case.options);
        let now = case.now.unwrap_or_else(now);
        for (number, body) in bodies.iter().enumerate() {
            let Ok(page) = serde_json::from_slice::<Value>(&body.bytes) else { continue };
            let mut all = Vec::new();
            places(&page, "", &mut all);
            // All states of the document are damaged at once: nothing is left to be healthy by.
            for with in [Value::Null, json!("zzz"), json!([]), json!({}), json!(-1), json!("")] {
                let mut damaged = page.clone();
                let mut hit = false;
                for (place, _) in all.iter().filter(|(_, how)| *how) {
                    *damaged.pointer_mut(place).unwrap() = with.clone();
                    hit = true;
                }
                let mut others = bodies.clone();
                others[number].bytes = damaged.to_string().into();
                let read = adapter.parse(&others, now);
                let better = hit && is_trouble(whole) && claims_health(&read);
                // Services that work while nothing names them, and posts whose words are lost, are still posts.
                assert!(!better, "{name}: {} with {with}", body.name);
            }
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!([null, 1, "x", {}])),
        Just(json!({})),
        Just(json!({"id": {"id": []}, "name": [], "status": 7})),
        Just(json!("2026-01-02T03:04:05Z")),
        (1..200_usize).prop_map(|depth| (0..depth).fold(json!(1), |inner, _| json!([inner]))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn damage_anywhere_in_any_format_is_no_panic(place in any::<prop::sample::Index>(), with in any_value(), cut in any::<prop::sample::Index>()) {
        for (_, case, bodies, _) in bad_days() {
            let adapter = adapter(&case.format, &case.options);
            let now = case.now.unwrap_or_else(now);
            for (number, body) in bodies.iter().enumerate() {
                let mut others = bodies.clone();
                if let Ok(mut page) = serde_json::from_slice::<Value>(&body.bytes) {
                    let mut all = Vec::new();
                    places(&page, "", &mut all);
                    if !all.is_empty() {
                        *page.pointer_mut(&place.get(&all).0).unwrap() = with.clone();
                    }
                    others[number].bytes = page.to_string().into();
                } else {
                    // Bytes of a page or a feed, some of them overwritten.
                    let mut bytes = body.bytes.to_vec();
                    let at = cut.index(bytes.len());
                    let end = (at + 40).min(bytes.len());
                    bytes[at..end].fill(b'<');
                    others[number].bytes = bytes.into();
                }
                let _ = adapter.parse(&others, now);
                let _ = formats::recognise(&others);
            }
        }
    }
}
