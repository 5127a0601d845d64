//! Clouds and single vendors.

use std::collections::BTreeMap;

use allclear::model::level::State;
use serde_json::Value;

use super::{Told, by, list, words};

pub fn apple(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    let mut seen: Vec<String> = Vec::new();
    for service in list(value, "services") {
        let open = |event: &&Value| event["eventStatus"] == "ongoing";
        let bad = list(service, "events").iter().filter(open).map(|event| match words(&event["statusType"]).as_str() {
            "Outage" => State::MAJOR_OUTAGE,
            _ => State::DEGRADED_PERFORMANCE,
        });
        told.component(&service["serviceName"], Some(bad.fold(State::OPERATIONAL, State::worse)));
        for event in list(service, "events") {
            // One message stands under each service that it is about.
            let id = words(&event["messageId"]);
            if !id.is_empty() && seen.contains(&id) {
                continue;
            }
            seen.push(id);
            // The times of recordings that somebody edited count from another year.
            let recorded = |key: &str| Some(words(&event[key])).filter(|at| at.len() > 9);
            let over = matches!(words(&event["eventStatus"]).as_str(), "resolved" | "completed");
            told.threads.push(super::Thread {
                title: String::new(),
                updates: 1,
                from: recorded("epochStartDate"),
                until: recorded("epochEndDate").filter(|_| over),
                is_planned: event["statusType"] == "Maintenance",
                is_open: !over,
            });
        }
    }
    Some(told)
}

pub fn aws(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] = &[
        ("0", State::OPERATIONAL),
        ("1", State::OPERATIONAL),
        ("2", State::DEGRADED_PERFORMANCE),
        ("3", State::MAJOR_OUTAGE),
    ];
    let mut told = Told::default();
    let mut services: BTreeMap<String, (String, State)> = BTreeMap::new();
    for row in value.as_array().map_or(&[][..], Vec::as_slice) {
        for (key, part) in row["impacted_services"].as_object().into_iter().flatten() {
            let state = by(STATES, &part["current"]).unwrap();
            let name = words(&part["service_name"]).replace("Amazon ", "").replace("AWS ", "");
            services.entry(key.clone()).and_modify(|known| known.1 = known.1.worse(state)).or_insert((name, state));
        }
        told.incident(row, "summary", list(row, "event_log").len(), "date", "end_time", row.get("end_time").is_none());
    }
    for (key, (name, state)) in services {
        // `ec2-us-east-1` is called by its region, what has none by its own name.
        let shown = match key.rsplitn(4, '-').collect::<Vec<_>>()[..] {
            [number, side, area, _] => format!("{area}-{side}-{number}"),
            _ => name,
        };
        told.component(&Value::from(shown), Some(state));
    }
    for row in list(value, "archive") {
        told.incident(row, "summary", 1, "date", "", false);
    }
    Some(told)
}

pub fn azuredevops(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    let places = list(value, "services").iter().flat_map(|service| list(service, "geographies"));
    places.for_each(|place| told.component(&place["name"], by(&[("healthy", State::OPERATIONAL)], &place["health"])));
    Some(told)
}

pub fn google(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in value.as_array()? {
        let updates = match list(row, "updates").len() {
            0 => usize::from(row["most_recent_update"].is_object()),
            some => some,
        };
        let is_open = row["end"].is_null();
        told.incident(row, "external_desc", updates, "begin", "end", is_open);
        let title = told.threads.last_mut().unwrap();
        title.title = title.title.split(['*', '\n']).next().unwrap_or_default().to_owned();
        if is_open {
            told.component(&row["service_name"], None);
        }
    }
    Some(told)
}

pub fn oracle(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] = &[
        ("NormalPerformance", State::OPERATIONAL),
        ("Informational", State::OPERATIONAL),
        ("ServiceDisruption", State::MAJOR_OUTAGE),
    ];
    let mut told = Told::default();
    let mut seen = Vec::new();
    for region in list(value, "regionHealthReports") {
        for service in list(region, "serviceHealthReports") {
            told.component(&region["regionCanonicalName"], by(STATES, &service["serviceStatus"]));
            for incident in list(service, "incidents") {
                if !seen.contains(&words(&incident["incidentId"])) {
                    seen.push(words(&incident["incidentId"]));
                    told.incident(incident, "", 0, "", "", true);
                }
            }
        }
    }
    Some(told)
}

pub fn salesforce(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] =
        &[("OK", State::OPERATIONAL), ("MINOR_INCIDENT_NONCORE", State::DEGRADED_PERFORMANCE)];
    let mut told = Told::default();
    let one = std::slice::from_ref(value);
    let mut ids = Vec::new();
    for row in value.as_array().map_or(one, Vec::as_slice) {
        if row["id"].is_number() && ids.contains(&&row["id"]) {
            continue;
        }
        ids.push(&row["id"]);
        if row["key"].is_string() {
            told.component(&row["key"], by(STATES, &row["status"]));
        }
        let incidents =
            if row["IncidentEvents"].is_array() { std::slice::from_ref(row) } else { list(row, "Incidents") };
        for incident in incidents {
            let impact = &incident["IncidentImpacts"][0];
            told.incident(
                impact,
                "",
                list(incident, "IncidentEvents").len(),
                "startTime",
                "endTime",
                impact["endTime"].is_null(),
            );
        }
        let works =
            if row["plannedStartTime"].is_string() { std::slice::from_ref(row) } else { list(row, "Maintenances") };
        for work in works {
            // All of them were over long ago.
            let updates = list(work, "MaintenanceEvents").len();
            told.maintenance(work, "name", updates, "plannedStartTime", "plannedEndTime", false);
        }
    }
    Some(told)
}

pub fn heroku(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] =
        &[("green", State::OPERATIONAL), ("yellow", State::DEGRADED_PERFORMANCE), ("red", State::MAJOR_OUTAGE)];
    let mut told = Told::default();
    list(value, "status").iter().for_each(|row| told.component(&row["system"], by(STATES, &row["status"])));
    for row in list(value, "incidents") {
        told.incident(row, "title", list(row, "updates").len(), "created_at", "", true);
    }
    Some(told)
}

pub fn slack(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in list(value, "active_incidents").iter().filter(|row| row["title"] != "") {
        told.incident(row, "title", list(row, "notes").len(), "date_created", "", row["status"] == "active");
    }
    (value["status"] == "ok" || value["status"] == "active").then_some(told)
}

pub fn stripe(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in list(value, "uptimeData") {
        told.component(&row["title"], row["warning"].is_null().then_some(State::OPERATIONAL));
    }
    Some(told)
}

pub fn zendesk(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in list(value, "data") {
        let about = &row["attributes"];
        if about.get("resolvedAt").is_some() {
            told.incident(about, "name", 0, "startedAt", "resolvedAt", about["resolvedAt"].is_null());
        } else {
            told.component(&about["name"], Some(State::Unknown));
        }
    }
    for part in list(value, "included").iter().filter(|part| part["attributes"]["outage"] == true) {
        told.component(&part["attributes"]["serviceId"], Some(State::MAJOR_OUTAGE));
    }
    Some(told)
}

pub fn fedora(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] = &[
        ("good", State::OPERATIONAL),
        ("scheduled", State::UNDER_MAINTENANCE),
        ("minor", State::DEGRADED_PERFORMANCE),
        ("major", State::MAJOR_OUTAGE),
    ];
    let mut told = Told::default();
    let rows = value["services"].as_object().or_else(|| value.as_object())?;
    for row in rows.values().filter(|row| row.is_object()) {
        told.component(&row["name"], by(STATES, &row["status"]));
    }
    Some(told)
}
