//! Vendors that publish in a form of their own.

use serde_json::{Value, json};

use super::{
    Answer, Dialect, Event, Page, Stage, html, incidents, json as answer, maintenances, number, said, speaks, time,
    touched,
};

/// This family's dialects.
pub(super) const DIALECTS: &[Dialect] = &[
    speaks("salesforce", "/v1/instances/EU45/status", salesforce),
    speaks("heroku", "/", heroku),
    speaks("slack", "/", slack),
    speaks("apple", "/", apple),
    speaks("stripe", "/", stripe),
    speaks("zendesk", "/", zendesk),
    speaks("fedora", "/", fedora),
];

fn salesforce(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "OK"),
        ("under_maintenance", "MAINTENANCE_CORE"),
        ("degraded_performance", "MINOR_INCIDENT_CORE"),
        ("partial_outage", "MAJOR_INCIDENT_NONCORE"),
        ("major_outage", "MAJOR_INCIDENT_CORE"),
    ];
    match path {
        "/" | "/v1/instances/EU45/status" => answer(
            &json!({"key": "EU45", "location": "EMEA", "environment": "production", "status": said(STATES, stage.worst()), "isActive": true,
            "Incidents": incidents(stage, false).map(|event| json!({"id": number(&event.id), "status": "Confirmed", "createdAt": time(event.opened), "updatedAt": time(event.updated()), "instanceKeys": ["EU45"], "IncidentImpacts": [{"type": "performanceDegradation", "severity": if event.impact == "critical" { "major" } else { "minor" }, "startTime": time(event.opened), "endTime": null}],
                "IncidentEvents": event.updates.iter().map(|update| json!({"createdAt": time(update.at), "message": update.body})).collect::<Vec<_>>()})).collect::<Vec<_>>(),
            "Maintenances": maintenances(stage, false).map(|(event, from, until)| json!({"id": number(&event.id), "name": event.title, "plannedStartTime": time(from), "plannedEndTime": time(until)})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn heroku(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "green"),
        ("under_maintenance", "blue"),
        ("degraded_performance", "yellow"),
        ("partial_outage", "yellow"),
        ("major_outage", "red"),
    ];
    let row = |event: &Event| {
        json!({"id": number(&event.id), "title": event.title, "state": if event.open() { "open" } else { "resolved" }, "resolved": false, "created_at": time(event.opened), "updated_at": time(event.updated()), "full_url": "https://status.heroku.com/incidents/1",
        "start_time": event.window.map(|(from, _)| time(from)), "end_time": event.window.map(|(_, until)| time(until)), "systems": touched(stage, event).iter().map(|it| json!({"name": it.name})).collect::<Vec<_>>(),
        "updates": event.updates.iter().map(|update| json!({"id": number(&update.id), "created_at": time(update.at), "update_type": "issue", "contents": update.body})).collect::<Vec<_>>()})
    };
    match path {
        "/" => html("Heroku Status", "", "<div></div>"),
        "/api/v4/current-status" => answer(
            &json!({"status": stage.components.iter().map(|it| json!({"system": it.name, "status": said(STATES, it.state)})).collect::<Vec<_>>(), "incidents": incidents(stage, false).map(row).collect::<Vec<_>>(), "scheduled": maintenances(stage, false).map(|(event, ..)| row(event)).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn slack(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let row = |event: &Event| {
        json!({"id": number(&event.id), "title": event.title, "type": match (event.window.is_some(), event.impact) { (true, _) => "maintenance", (_, "critical") => "outage", _ => "incident" },
        "status": match event.phase { "resolved" => "resolved", "completed" => "completed", "scheduled" => "scheduled", _ => "active" }, "url": format!("{}/2026-01/{}", page.url, event.id), "date_created": time(event.opened), "date_updated": time(event.updated()), "services": event.components,
        "notes": event.updates.iter().map(|update| json!({"body": update.body, "date_created": time(update.at)})).collect::<Vec<_>>()})
    };
    match path {
        "/" => html("Slack System Status", "", "<div></div>"),
        "/api/v2.0.0/current" => {
            let open: Vec<Value> = stage.events.iter().filter(|event| event.open()).map(row).collect();
            answer(
                &json!({"status": if open.is_empty() { "ok" } else { "active" }, "date_created": time(stage.changed), "date_updated": time(stage.changed), "active_incidents": open}),
            )
        }
        "/api/v2.0.0/history" => answer(&stage.events.iter().map(row).collect()),
        _ => None,
    }
}

fn apple(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let row = |event: &Event| {
        json!({"messageId": event.id, "statusType": match (event.window.is_some(), event.impact) { (true, _) => "Maintenance", (_, "critical" | "major") => "Outage", _ => "Issue" },
        "eventStatus": match event.phase { "resolved" | "completed" => "resolved", "scheduled" => "upcoming", _ => "ongoing" }, "usersAffected": "Some users are affected", "message": event.title,
        "epochStartDate": event.window.map_or(event.opened, |(from, _)| from).as_millisecond(), "epochEndDate": event.window.map(|(_, until)| until.as_millisecond()).or_else(|| (!event.open()).then(|| event.updated().as_millisecond())), "affectedServices": null})
    };
    match path {
        "/" => html(
            "Apple - Support - System Status",
            "<script src=\"/support/systemstatus/data/app.js\"></script>",
            "<div></div>",
        ),
        "/support/systemstatus/data/system_status_en_US.js" => answer(
            &json!({"services": stage.components.iter().map(|it| json!({"serviceName": it.name, "redirectUrl": null, "events": stage.events.iter().filter(|event| event.components.contains(&it.name)).map(row).collect::<Vec<_>>()})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn stripe(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "up"),
        ("under_maintenance", "up"),
        ("major_outage", "down"),
        ("degraded_performance", "degraded"),
    ];
    match path {
        "/" => html("Stripe Status", "", "<div></div>"),
        "/current/full" => answer(
            &json!({"UptimeStatus": said(STATES, stage.worst()), "message": "x", "uptimeData": stage.components.iter().map(|it| json!({"key": it.id, "title": it.name, "warning": (it.state != "operational").then_some("x")})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn zendesk(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let whole = |rows: Vec<&Event>| {
        let parts = |event: &Event| {
            touched(stage, event).into_iter().map(|it| (format!("{}-{}", event.id, it.id), it)).collect::<Vec<_>>()
        };
        answer(
            &json!({"data": rows.iter().map(|event| json!({"id": event.id, "type": "incident", "attributes": {"name": event.title, "status": event.phase, "impact": event.impact, "startedAt": time(event.opened), "resolvedAt": (!event.open()).then(|| time(event.updated())), "maintenance": event.window.is_some(), "maintenanceStartTime": event.window.map(|(from, _)| time(from)), "maintenanceEndTime": event.window.map(|(_, until)| time(until))},
                "relationships": {"incidentServices": {"data": parts(event).iter().map(|(id, _)| json!({"id": id, "type": "incidentService"})).collect::<Vec<_>>()}, "incidentUpdates": {"data": event.updates.iter().map(|update| json!({"id": update.id, "type": "incidentUpdate"})).collect::<Vec<_>>()}}})).collect::<Vec<_>>(),
            "included": rows.iter().flat_map(|event| parts(event).into_iter().map(|(id, it)| json!({"id": id, "type": "incidentService", "attributes": {"serviceId": it.id, "serviceName": it.name, "outage": it.state == "major_outage", "degradation": it.state != "major_outage" && it.state != "operational", "resolvedAt": null}})).chain(event.updates.iter().map(|update| json!({"id": update.id, "type": "incidentUpdate", "attributes": {"description": update.body, "createdAt": time(update.at)}})))).collect::<Vec<_>>()}),
        )
    };
    match path {
        "/" => html("Zendesk Status", "", "<div></div>"),
        "/api/ssp/services.json" => answer(
            &json!({"data": stage.components.iter().map(|it| json!({"id": it.id, "type": "service", "attributes": {"name": it.name, "slug": it.id}})).collect::<Vec<_>>()}),
        ),
        "/api/ssp/incidents.json" => whole(incidents(stage, true).collect()),
        "/api/ssp/incidents/maintenance.json" => whole(maintenances(stage, false).map(|(event, ..)| event).collect()),
        _ => None,
    }
}

fn fedora(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "good"),
        ("under_maintenance", "scheduled"),
        ("degraded_performance", "minor"),
        ("partial_outage", "minor"),
        ("major_outage", "major"),
    ];
    match path {
        "/" => html("Fedora Status", "", "<div></div>"),
        "/statuses.json" => {
            let services: serde_json::Map<String, Value> = stage.components.iter().map(|it| (it.id.clone(), json!({"message": "x", "name": it.name, "status": said(STATES, it.state), "url": "https://x.example/"}))).collect();
            answer(
                &json!({"global_info": "", "global_status": said(STATES, stage.worst()), "global_verbose_status": "x", "services": services}),
            )
        }
        _ => None,
    }
}
