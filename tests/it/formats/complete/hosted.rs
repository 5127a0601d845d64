//! Hosted platforms.

use allclear::model::level::State;
use serde_json::Value;

use super::{Thread, Told, by, list, words};

/// The words that most platforms share, however they write them.
fn shared(word: &Value) -> Option<State> {
    let plain: String = words(word).to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    Some(match plain.as_str() {
        "operational" | "success" => State::OPERATIONAL,
        "undermaintenance" | "maintenance" => State::UNDER_MAINTENANCE,
        "degradedperformance" | "degraded" => State::DEGRADED_PERFORMANCE,
        "partialoutage" => State::PARTIAL_OUTAGE,
        "majoroutage" | "fulloutage" | "downtime" | "danger" => State::MAJOR_OUTAGE,
        _ => State::Unknown,
    })
}

pub fn betterstack(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    let of = |kind: &'static str| list(value, "included").iter().filter(move |row| row["type"] == kind);
    for row in of("status_page_resource") {
        let about = &row["attributes"];
        if about["status"] != "not_monitored" {
            told.component(&about["public_name"], shared(&about["status"]));
        }
    }
    for row in of("status_report") {
        let about = &row["attributes"];
        let links = list(&row["relationships"]["status_updates"], "data");
        let updates = of("status_update").filter(|update| links.iter().any(|link| link["id"] == update["id"])).count();
        let over = about["aggregate_state"] == "resolved" || about["ends_at"].is_string();
        if about["report_type"] == "maintenance" {
            told.maintenance(about, "title", updates, "starts_at", "ends_at", !over);
        } else {
            told.incident(about, "title", updates, "starts_at", "ends_at", !over);
        }
    }
    Some(told)
}

pub fn firehydrant(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    list(value, "components").iter().for_each(|row| told.component(&row["name"], None));
    for row in list(value, "incidents") {
        let times = &row["timestamps"];
        let noted = |entry: &&Value| {
            let note = &entry["details"]["note"];
            note.is_string() || note["note"].is_string()
        };
        told.threads.push(Thread {
            title: words(&row["title"]),
            updates: list(row, "timeline").iter().filter(noted).count(),
            from: Some(words(&times["started"])),
            until: times["resolved"].as_str().map(str::to_owned),
            is_planned: row["severitySlug"] == "MAINTENANCE",
            is_open: times.get("resolved").is_none(),
        });
    }
    Some(told)
}

pub fn freshstatus(value: &Value) -> Option<Told> {
    const STATES: &[(&str, State)] = &[
        ("OP", State::OPERATIONAL),
        ("PD", State::DEGRADED_PERFORMANCE),
        ("PO", State::PARTIAL_OUTAGE),
        ("MO", State::MAJOR_OUTAGE),
        ("UM", State::UNDER_MAINTENANCE),
    ];
    fn leaves(row: &Value, told: &mut Told) {
        if row["status"].is_string() {
            told.component(&row["name"], by(STATES, &row["status"]));
        }
        list(row, "components").iter().for_each(|row| leaves(row, told));
    }
    let mut told = Told::default();
    leaves(value, &mut told);
    Some(told)
}

pub fn incidentio(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    let whole = if value["summary"].is_object() { &value["summary"] } else { value };
    let touched = |id: &Value| list(whole, "affected_components").iter().find(|part| part["component_id"] == *id);
    for row in list(whole, "components") {
        let own = if row["status"].is_string() { shared(&row["status"]) } else { Some(State::OPERATIONAL) };
        told.component(&row["name"], touched(&row["id"]).map_or(own, |part| shared(&part["status"])));
    }
    for row in list(whole, "ongoing_incidents") {
        told.incident(row, "name", list(row, "updates").len(), "published_at", "", row["status"] != "resolved");
    }
    for row in list(whole, "incidents") {
        let updates = list(row, "incident_updates").len();
        told.incident(row, "name", updates, "created_at", "resolved_at", row["status"] != "resolved");
    }
    Some(told)
}

pub fn instatus(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    let rows = if value["components"].is_object() { &value["components"] } else { value };
    let heads: Vec<&Value> = list(rows, "components").iter().map(|row| &row["group"]["id"]).collect();
    for row in list(rows, "components").iter().filter(|row| !heads.contains(&&row["id"])) {
        let inner = list(row, "components").iter().chain(list(row, "children")).collect::<Vec<_>>();
        for part in if inner.is_empty() { vec![row] } else { inner } {
            let name = if part["name"].is_object() { &part["name"]["default"] } else { &part["name"] };
            told.component(name, shared(&part["status"]));
        }
    }
    let mut seen = Vec::new();
    let past = value["notices"].as_object().into_iter().flat_map(|map| map.values());
    let days = list(value, "dailyGroupedNotices").iter().flat_map(|day| list(day, "notices"));
    for row in list(value, "activeIncidents").iter().chain(past).chain(days) {
        if seen.contains(&words(&row["id"])) {
            continue;
        }
        seen.push(words(&row["id"]));
        let until = if row["resolved"].is_string() { "resolved" } else { "" };
        told.incident(row, "name", list(row, "updates").len(), "started", until, row["status"] != "RESOLVED");
        if row["name"].is_object() {
            told.threads.last_mut()?.title = words(&row["name"]["default"]);
        }
    }
    for row in list(value, "activeMaintenances") {
        told.maintenance(row, "name", 0, "start", "", row["status"] != "COMPLETED");
    }
    Some(told)
}

pub fn openstatus(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    list(value, "components").iter().for_each(|row| told.component(&row["name"], shared(&row["status"])));
    list(value, "pageComponents").iter().for_each(|row| told.component(&row["name"], None));
    for row in list(value, "incidents") {
        told.incident(row, "name", list(row, "incident_updates").len(), "", "", row["status"] != "resolved");
    }
    for row in list(value, "statusReports") {
        told.incident(row, "title", list(row, "statusReportUpdates").len(), "", "", row["status"] != "resolved");
    }
    for row in list(value, "scheduled_maintenances") {
        told.maintenance(row, "name", 0, "scheduled_for", "scheduled_until", true);
    }
    for row in list(value, "maintenances") {
        // Read on the day after they were recorded.
        let over = words(&row["to"]).as_str() < "2026-11-24";
        told.maintenance(row, "title", 1, "from", "to", !over);
    }
    Some(told)
}

pub fn checkly(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in list(value, "activeIncidents") {
        told.incident(row, "name", 0, "startedAt", "", true);
        list(row, "affectedServices")
            .iter()
            .for_each(|part| told.component(&part["name"], Some(State::PARTIAL_OUTAGE)));
    }
    Some(told)
}

pub fn flashcat(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    let page = &value["data"]["page"];
    list(page, "components").iter().for_each(|row| told.component(&row["name"], Some(State::OPERATIONAL)));
    Some(told)
}

pub fn pagerduty(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    list(value, "services").iter().filter(|row| row["is_active"] == true).for_each(|row| {
        let name = if row["display_name"].is_string() { &row["display_name"] } else { &row["name"] };
        told.component(name, Some(State::Unknown));
    });
    list(value, "posts").iter().for_each(|row| told.incident(row, "title", 0, "", "", true));
    let settings = &value["layout"]["layout_settings"];
    list(settings, "business_services").iter().for_each(|row| told.component(&row["name"], None));
    for key in ["open_incidents", "resolved_incidents"] {
        for row in list(&value["summary"], key) {
            let report = usize::from(row["postmortem"]["message"].is_string());
            told.incident(row, "title", list(row, "updates").len() + report, "", "", key == "open_incidents");
        }
    }
    Some(told)
}

pub fn sorry(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in list(value, "notices") {
        told.incident(row, "subject", 0, "", "ended_at", row["ended_at"].is_null());
    }
    Some(told)
}

pub fn statuscast(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in value.as_array().map_or(&[][..], Vec::as_slice) {
        told.incident(row, "Title", 0, "", "", row["Status"] == "InProgress");
    }
    Some(told)
}

pub fn statusio(value: &Value) -> Option<Told> {
    const CODES: &[(&str, State)] = &[
        ("100", State::OPERATIONAL),
        ("200", State::UNDER_MAINTENANCE),
        ("300", State::DEGRADED_PERFORMANCE),
        ("400", State::PARTIAL_OUTAGE),
        ("500", State::MAJOR_OUTAGE),
        ("600", State::MAJOR_OUTAGE),
    ];
    let mut told = Told::default();
    let all = &value["result"];
    for row in list(all, "status") {
        let places = list(row, "containers");
        let own = by(CODES, &row["status_code"])?;
        match places {
            [] | [_] => {
                let place = places.first().map_or(own, |place| by(CODES, &place["status_code"]).unwrap());
                told.component(&row["name"], Some(own.worse(place)));
            }
            _ => places.iter().for_each(|place| told.component(&place["name"], by(CODES, &place["status_code"]))),
        }
    }
    list(all, "incidents").iter().for_each(|row| {
        told.incident(row, "name", list(row, "messages").len(), "datetime_open", "", true);
    });
    for (key, is_open) in [("active", true), ("upcoming", true)] {
        for row in list(&all["maintenance"], key) {
            let updates = list(row, "messages").len();
            told.maintenance(row, "name", updates, "datetime_planned_start", "datetime_planned_end", is_open);
        }
    }
    Some(told)
}

pub fn uptimecom(value: &Value) -> Option<Told> {
    fn leaves(rows: &[Value], told: &mut Told) {
        for row in rows {
            match list(row, "subcomponents") {
                [] => told.component(&row["name"], shared(&row["status"])),
                parts => leaves(parts, told),
            }
        }
    }
    let mut told = Told::default();
    let data = &value["data"];
    leaves(list(data, "components"), &mut told);
    for key in ["active_incidents", "upcoming_maintenance", "past_incidents"] {
        for row in list(data, key) {
            let updates = list(row, "updates").len();
            // All that have an end had ended.
            let is_open = row["ends_at"].is_null();
            if row["incident_type"] == "SCHEDULED_MAINTENANCE" {
                told.maintenance(row, "name", updates, "starts_at", "ends_at", is_open);
            } else {
                told.incident(row, "name", updates, "starts_at", "ends_at", is_open);
            }
        }
    }
    Some(told)
}

pub fn uptimerobot(value: &Value) -> Option<Told> {
    let mut told = Told::default();
    for row in list(value, "data").iter().filter(|row| row["statusClass"] != "black") {
        told.component(&row["name"], shared(&row["statusClass"]));
    }
    for row in list(value, "results") {
        told.incident(row, "title", 1, "ts", "", false);
        told.threads.last_mut()?.is_open = false;
    }
    Some(told)
}
