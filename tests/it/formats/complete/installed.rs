//! Software that people run themselves.

use allclear::model::level::State;
use serde_json::Value;

use super::{Thread, Told, by, list, words};

pub fn cachet(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] = &[
        ("1", State::OPERATIONAL),
        ("2", State::DEGRADED_PERFORMANCE),
        ("3", State::PARTIAL_OUTAGE),
        ("4", State::MAJOR_OUTAGE),
    ];
    let mut told = Told::default();
    for row in list(value, "data") {
        if row.get("status_name").is_some() {
            told.component(&row["name"], by(STATES, &row["status"]));
        } else if row.get("scheduled_at").is_some() {
            told.maintenance(row, "name", 1, "scheduled_at", "", row["status"] != 2);
        } else {
            // Its own text is the first of its updates.
            let updates = list(row, "updates").len() + 1;
            told.incident(row, "name", updates, "occurred_at", "", row["latest_status"] != 4);
        }
    }
    Some(told)
}

pub fn cstate(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] = &[
        ("ok", State::OPERATIONAL),
        ("notice", State::DEGRADED_PERFORMANCE),
        ("disrupted", State::PARTIAL_OUTAGE),
        ("down", State::MAJOR_OUTAGE),
    ];
    let mut told = Told::default();
    let mut seen = Vec::new();
    for row in list(value, "systems") {
        told.component(&row["name"], by(STATES, &row["status"]));
    }
    let one = if value["is"] == "issue" { std::slice::from_ref(value) } else { &[] };
    let issues = list(value, "systems").iter().flat_map(|row| list(row, "unresolvedIssues"));
    for row in issues.chain(list(value, "pages")).chain(one) {
        if seen.contains(&words(&row["permalink"])) {
            continue;
        }
        seen.push(words(&row["permalink"]));
        let updates = usize::from(row["body"].as_str().is_some_and(|body| !body.is_empty()));
        let until = if row["resolvedAt"] == "<no value>" { "" } else { "resolvedAt" };
        told.incident(row, "title", updates, "createdAt", until, row["resolved"] == false);
    }
    Some(told)
}

pub fn gatus(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    let one = std::slice::from_ref(value);
    for row in value.as_array().map_or(one, Vec::as_slice) {
        let last = list(row, "results").last();
        let state = last.map(|last| if last["success"] == true { State::OPERATIONAL } else { State::MAJOR_OUTAGE });
        told.component(&row["name"], state);
    }
    Some(told)
}

pub fn kener(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in list(value, "incidents") {
        told.incident(row, "title", 0, "start_date_time", "end_date_time", row["state"] != "RESOLVED");
    }
    for row in list(value, "events") {
        let over = row["event_status"] == "COMPLETED";
        told.maintenance(row, "maintenance_title", 1, "event_start_date_time", "event_end_date_time", !over);
    }
    for row in list(value, "maintenances") {
        told.maintenance(row, "title", 1, "start_date_time", "", true);
        // Read on a day after the first window of one of them.
        let start = row["start_date_time"].as_i64()? + row["duration_seconds"].as_i64()?;
        told.threads.last_mut()?.is_open = start > 1_795_478_400;
    }
    Some(told)
}

pub fn statping(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in value.as_array()? {
        if let Some(online) = row["online"].as_bool() {
            told.component(&row["name"], Some(if online { State::OPERATIONAL } else { State::MAJOR_OUTAGE }));
        } else if row.get("start_on").is_some() {
            told.maintenance(row, "title", 1, "start_on", "end_on", false);
        } else if row.get("service").is_some() {
            told.incident(row, "title", list(row, "updates").len(), "created_at", "", true);
        }
    }
    Some(told)
}

pub fn upptime(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] =
        &[("up", State::OPERATIONAL), ("degraded", State::DEGRADED_PERFORMANCE), ("down", State::MAJOR_OUTAGE)];
    let mut told = Told::default();
    value.as_array()?.iter().for_each(|row| told.component(&row["name"], by(STATES, &row["status"])));
    Some(told)
}

pub fn uptimekuma(value: &Value) -> Option<Told> {
    const BEATS: &[(&str, State)] = &[
        ("0", State::MAJOR_OUTAGE),
        ("1", State::OPERATIONAL),
        ("2", State::DEGRADED_PERFORMANCE),
        ("3", State::UNDER_MAINTENANCE),
    ];
    let mut told = Told::default();
    for (id, beats) in value["heartbeatList"].as_object().into_iter().flatten() {
        told.component(&Value::from(format!("Monitor {id}")), by(BEATS, &beats.as_array()?.last()?["status"]));
    }
    for monitor in list(value, "publicGroupList").iter().flat_map(|group| list(group, "monitorList")) {
        told.component(&monitor["name"], Some(State::Unknown));
    }
    let single = if value["incident"].is_object() { std::slice::from_ref(&value["incident"]) } else { &[] };
    for row in list(value, "incidents").iter().chain(single) {
        told.incident(row, "title", 1, "createdDate", "", row["active"] != false && row["active"] != 0);
    }
    for row in list(value, "maintenanceList") {
        let slot = &row["timeslotList"][0];
        told.threads.push(Thread {
            title: words(&row["title"]),
            updates: 1,
            from: Some(words(&slot["startDate"])),
            until: Some(words(&slot["endDate"])),
            is_planned: true,
            is_open: row["status"] == "under-maintenance",
        });
    }
    value.get("status").is_none().then_some(told)
}

pub fn vigil(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] =
        &[("healthy", State::OPERATIONAL), ("sick", State::DEGRADED_PERFORMANCE), ("dead", State::MAJOR_OUTAGE)];
    let mut told = Told::default();
    let nodes = list(value, "probes").iter().flat_map(|probe| list(probe, "nodes"));
    nodes.for_each(|node| told.component(&node["name"], by(STATES, &node["status"])));
    Some(told)
}
