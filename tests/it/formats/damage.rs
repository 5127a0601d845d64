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

/// The tests below speak of every format that is registered, and of a day on which something is wrong with it.
#[test]
fn every_registered_format_is_damaged_here() {
    let days = bad_days();
    for format in formats::REGISTRY {
        let own: Vec<_> = days.iter().filter(|(_, case, ..)| case.format == format.name).collect();
        assert!(!own.is_empty(), "{}: no bad day", format.name);
        assert!(
            own.iter().any(|(.., whole)| is_trouble(*whole)),
            "{}: no bad day says that anything is bad",
            format.name
        );
    }
}

/// R3
#[test]
fn a_document_cut_anywhere_is_never_good_news() {
    for (name, case, bodies, whole) in bad_days() {
        let adapter = adapter(&case.format, &case.options);
        let now = case.now.unwrap_or_else(now);
        if !is_trouble(whole) {
            continue;
        }
        for (number, body) in bodies.iter().enumerate() {
            let bytes = &body.bytes;
            let step = (bytes.len() / 200).max(1);
            for at in (0..bytes.len().saturating_sub(12)).step_by(step) {
                let mut others = bodies.clone();
                others[number].bytes = bytes.slice(..at);
                assert!(!claims_health(&adapter.parse(&others, now)), "{name}: {} cut at {at}", body.name);
            }
        }
    }
}

/// R4: one damaged state after the other: what was broken is not read as working because a word about it is lost.
#[test]
fn damage_to_one_state_makes_nothing_healthy() {
    let is_bad = |state: State| matches!(state, State::Known(level) if level > Level::UnderMaintenance);
    // Nothing is this format's own word for working.
    let is_word = |place: &str, with: &Value| {
        with.is_null() && ["current_incident_type", "current_status_type"].iter().any(|key| place.ends_with(key))
    };
    let (mut hits, mut wrong) = (0, Vec::new());
    for (name, case, bodies, whole) in bad_days() {
        let adapter = adapter(&case.format, &case.options);
        let now = case.now.unwrap_or_else(now);
        let before = adapter.parse(&bodies, now).unwrap();
        for (number, body) in bodies.iter().enumerate() {
            let Ok(page) = serde_json::from_slice::<Value>(&body.bytes) else { continue };
            let mut all = Vec::new();
            places(&page, "", &mut all);
            for (place, _) in all.iter().filter(|(_, how)| *how) {
                for with in [Value::Null, json!("zzz"), json!(["operational"]), json!({"value": true}), json!(-1)] {
                    let mut damaged = page.clone();
                    *damaged.pointer_mut(place).unwrap() = with.clone();
                    let mut others = bodies.clone();
                    others[number].bytes = damaged.to_string().into();
                    let Ok(after) = adapter.parse(&others, now) else { continue };
                    hits += 1;
                    if is_trouble(whole) && after.state() == Some(State::OPERATIONAL) {
                        wrong.push(format!("{name}: {place} with {with}"));
                    }
                    for bad in before.components.iter().filter(|component| is_bad(component.state)) {
                        let same = after.components.iter().find(|component| component.id == bad.id);
                        let healed = same.is_some_and(|component| component.state == State::OPERATIONAL);
                        if healed && !is_word(place, &with) {
                            wrong.push(format!("{name}: {place} with {with} heals {}", bad.name));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(hits > 1_000, "{hits} damaged documents were read");
}

/// S9: a key that is given twice is refused in every format, whichever of the two were the truth.
#[test]
fn a_state_that_is_given_twice_is_never_good_news() {
    for (name, case, bodies, whole) in bad_days() {
        let adapter = adapter(&case.format, &case.options);
        let now = case.now.unwrap_or_else(now);
        for (number, body) in bodies.iter().enumerate() {
            let Ok(text) = String::from_utf8(body.bytes.to_vec()) else { continue };
            if serde_json::from_str::<Value>(&text).is_err() {
                continue;
            }
            for key in SAYS_HOW.iter().filter(|key| text.contains(&format!("\"{key}\":"))) {
                let mut others = bodies.clone();
                let doubled = format!("\"{key}\": null, \"{key}\":");
                others[number].bytes = text.replace(&format!("\"{key}\":"), &doubled).into();
                let read = adapter.parse(&others, now);
                assert!(read.is_err(), "{name}: {key} twice is read; whole it is {whole:?}");
            }
        }
    }
}

/// R19: lists without end are cut at the limits, and depth is refused.
#[test]
fn long_lists_are_cut_and_depth_is_refused() {
    use allclear::limits;
    let mut seen_formats = Vec::new();
    for (name, case, bodies, _) in bad_days() {
        if seen_formats.contains(&case.format) {
            continue;
        }
        seen_formats.push(case.format.clone());
        let adapter = adapter(&case.format, &case.options);
        let now = case.now.unwrap_or_else(now);
        for (number, body) in bodies.iter().enumerate() {
            let deep = ["[".repeat(5_000), "{\"a\":".repeat(5_000), format!("<rss>{}", "<a>".repeat(5_000))];
            for deep in deep.into_iter().chain([format!("<html>{}</html>", "<div>".repeat(5_000))]) {
                let mut others = bodies.clone();
                others[number].bytes = deep.into();
                // A plain check reads no structure and so has no depth.
                assert!(adapter.parse(&others, now).is_err() || case.format == "http", "{name}: {}", body.name);
            }
            let Ok(mut page) = serde_json::from_slice::<Value>(&body.bytes) else { continue };
            multiply(&mut page);
            let mut others = bodies.clone();
            others[number].bytes = page.to_string().into();
            let Ok(seen) = adapter.parse(&others, now) else { continue };
            assert!(seen.components.len() <= limits::COMPONENTS, "{name}: {} components", seen.components.len());
            assert!(seen.incidents.len() <= limits::INCIDENTS, "{name}: {} incidents", seen.incidents.len());
            assert!(seen.maintenances.len() <= limits::INCIDENTS, "{name}");
            assert!(seen.incidents.iter().all(|incident| incident.updates.len() <= limits::UPDATES), "{name}");
            assert!(seen.warnings.len() <= limits::WARNINGS, "{name}: {} warnings", seen.warnings.len());
        }
    }
}

/// Makes every list of objects that is nearest to the top long, each row with names and ids of its own.
fn multiply(value: &mut Value) {
    match value {
        Value::Array(rows) if rows.first().is_some_and(Value::is_object) => {
            let seeds = std::mem::take(rows);
            rows.extend((0..2_100).map(|number| {
                let mut row = seeds[number % seeds.len()].clone();
                for (key, own) in row.as_object_mut().unwrap() {
                    let is_own = key.ends_with("id") || key.ends_with("name") || key == "title" || key == "key";
                    if is_own && own.is_string() {
                        *own = json!(format!("{} {number}", own.as_str().unwrap()));
                    } else if is_own && own.is_number() {
                        *own = json!(number);
                    }
                }
                row
            }));
        }
        Value::Object(map) => map.values_mut().for_each(multiply),
        _ => {}
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
