//! Hosted monitors that publish a page.

use serde_json::{Value, json};

use super::{
    Answer, Dialect, Page, Stage, html, incidents, json as answer, maintenances, number, said, shell, speaks, time,
    touched,
};

/// This family's dialects.
pub(super) const DIALECTS: &[Dialect] = &[
    speaks("statuscast", "/", statuscast),
    speaks("statusiq", "/", statusiq),
    speaks("uptimecom", "/", uptimecom),
    speaks("uptimerobot", "/api/getMonitorList/k3y", uptimerobot),
    speaks("hund", "/", hund),
    speaks("checkly", "/api/status-page/acme", checkly),
    speaks("hyperping", "/", hyperping),
    speaks("statushub", "/", statushub),
    speaks("statusonline", "/", statusonline),
    speaks("onlineornot", "/", onlineornot),
];

fn statuscast(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "Available"),
        ("under_maintenance", "Maintenance"),
        ("degraded_performance", "Degraded"),
        ("partial_outage", "PartialOutage"),
        ("major_outage", "Unavailable"),
    ];
    match path {
        "/" => html(&format!("{} | powered by StatusCast", page.name), "", "<div></div>"),
        "/status.json" => answer(&json!({"Status": said(STATES, stage.worst()), "StatusText": "Normal", "InEffectSince": "2026-01-02T03:04:05", "InEffectSinceText": "x"})),
        "/components.json" => answer(&stage.components.iter().map(|it| json!({"id": number(&it.id), "text": it.name, "Level": 1, "CurrentStatus": said(STATES, it.state)})).collect()),
        "/incidents.json" => answer(&incidents(stage, true).map(|event| json!({"Id": number(&event.id), "Title": event.title, "Status": if event.open() { "InProgress" } else { "Resolved" }, "IncidentType": "ServiceDegraded", "ShortUrl": format!("{}/i/{}", page.url, event.id)})).collect()),
        _ => None,
    }
}

fn statusiq(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const CODES: &[(&str, u8)] = &[
        ("operational", 1),
        ("under_maintenance", 4),
        ("degraded_performance", 3),
        ("partial_outage", 5),
        ("major_outage", 6),
    ];
    match path {
        "/" => shell(page, "<script>var enc_statuspage_id = 'x==';</script>"),
        "/sp/api/u/summary_details" => {
            answer(&json!({"code": 0, "data": {"statuspage_details": {"status": said(CODES, stage.worst())},
            "current_status": stage.components.iter().map(|it| json!({"enc_component_id": it.id, "display_name": it.name, "component_status": said(CODES, it.state)})).collect::<Vec<_>>(),
            "active_incident_details": incidents(stage, false).map(|event| json!({"enc_incident_id": event.id, "title": event.title})).collect::<Vec<_>>()}}))
        }
        _ => None,
    }
}

fn uptimecom(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let word = |state: &str| state.replace('_', "-");
    let thread = |event: &super::Event| {
        json!({"id": number(&event.id), "name": event.title, "incident_type": if event.window.is_some() { "SCHEDULED_MAINTENANCE" } else { "INCIDENT" },
        "starts_at": time(event.window.map_or(event.opened, |(from, _)| from)), "ends_at": event.window.map(|(_, until)| time(until)).or_else(|| (!event.open()).then(|| time(event.updated()))),
        "affected_components": touched(stage, event).iter().map(|it| json!({"id": 1, "name": it.name, "status": word(it.state)})).collect::<Vec<_>>(),
        "updates": event.updates.iter().map(|update| json!({"id": number(&update.id), "updated_at": time(update.at), "description": update.body, "incident_state": update.phase})).collect::<Vec<_>>()})
    };
    match path {
        "/" => shell(page, "<script>StatusPageDisplayController({\"global_is_operational\": true})</script>"),
        "/ajax" => answer(
            &json!({"error": null, "fields": {}, "data": {"name": page.name, "global_is_operational": stage.worst() == "operational",
            "components": stage.components.iter().map(|it| json!({"id": number(&it.id), "name": it.name, "is_group": false, "status": word(it.state), "last_updated_at": time(it.changed), "subcomponents": []})).collect::<Vec<_>>(),
            "active_incidents": incidents(stage, false).map(thread).collect::<Vec<_>>(), "upcoming_maintenance": maintenances(stage, false).map(|(event, ..)| thread(event)).collect::<Vec<_>>()}}),
        ),
        "/history" => answer(
            &json!({"error": null, "data": {"past_incidents": incidents(stage, true).filter(|event| !event.open()).map(thread).collect::<Vec<_>>(), "active_incidents": []}}),
        ),
        _ => None,
    }
}

fn uptimerobot(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const CLASSES: &[(&str, &str)] =
        &[("operational", "success"), ("degraded_performance", "warning"), ("major_outage", "danger")];
    match path {
        "/" => shell(page, "<script>window.pspApiPath = '/api/getMonitorList/k3y';</script>"),
        "/api/getMonitorList/k3y" => answer(
            &json!({"status": "ok", "psp": {"monitors": stage.components.iter().map(|it| json!({"monitorId": number(&it.id), "name": it.name, "type": "HTTP(s)", "statusClass": said(CLASSES, it.state), "url": null})).collect::<Vec<_>>()}, "days": []}),
        ),
        "/api/getEventFeed/k3y" => answer(
            &json!({"status": true, "results": incidents(stage, true).map(|event| json!({"eventType": "ann", "title": event.title, "content": event.updates.first().map(|update| update.body.as_str()), "ts": event.opened.as_second(), "endDate": (!event.open()).then_some("x")})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn hund(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "operational"),
        ("under_maintenance", "maintenance"),
        ("degraded_performance", "degraded"),
        ("partial_outage", "degraded"),
        ("major_outage", "outage"),
    ];
    match path {
        "/" => shell(page, "<script src=\"https://hund.io/app.js\"></script>"),
        "/live/v2/status_page" => {
            let data = json!({"state": said(STATES, stage.worst()), "groups": [{"id": "g1", "name": "Core", "components": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name, "state": said(STATES, it.state)})).collect::<Vec<_>>()}],
                "issues": incidents(stage, false).map(|event| json!({"id": event.id, "title": event.title, "url": format!("{}/issues/{}", page.url, event.id), "began_at": event.opened.as_second()})).collect::<Vec<_>>()});
            Some(("text/event-stream", format!("event: init_event\ndata: {data}\n\n").into_bytes()))
        }
        _ => None,
    }
}

fn checkly(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let window = |running: bool| -> Vec<Value> {
        maintenances(stage, false).filter(|(event, ..)| (event.phase != "scheduled") == running).map(|(event, from, until)| json!({"id": event.id, "name": event.title, "startsAt": time(from), "endsAt": time(until)})).collect()
    };
    match path {
        "/" => shell(page, "<script>fetch('/api/status-page/acme/uptime')</script>"),
        "/api/status-page/acme/uptime" => answer(
            &json!({"metadata": [{"name": "Core", "services": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name})).collect::<Vec<_>>()}], "uptime": {}}),
        ),
        "/api/status-page/acme/unresolved-incidents" => answer(
            &json!({"incidents": incidents(stage, false).map(|event| json!({"id": event.id, "name": event.title, "severity": match event.impact { "critical" => "CRITICAL", "major" => "MAJOR", _ => "MEDIUM" }, "lastUpdateStatus": event.phase.to_uppercase(), "created_at": time(event.opened),
            "services": touched(stage, event).iter().map(|it| json!({"id": it.id})).collect::<Vec<_>>(), "incidentUpdates": event.updates.iter().map(|update| json!({"status": update.phase.to_uppercase(), "description": update.body, "created_at": time(update.at)})).collect::<Vec<_>>()})).collect::<Vec<_>>()}),
        ),
        "/api/status-page/acme/maintenance-windows" => {
            answer(&json!({"upcoming": window(false), "active": window(true), "recentlyCompleted": [], "past": []}))
        }
        _ => None,
    }
}

fn hyperping(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "up"),
        ("under_maintenance", "maintenance"),
        ("major_outage", "outage"),
        ("partial_outage", "incident"),
    ];
    match path {
        "/" => shell(page, "<link rel=\"icon\" href=\"https://cdn.hyperping.io/icon.png\">"),
        "/status.json" => answer(&json!({"indicator": said(STATES, stage.worst()), "uptime": "99.980%"})),
        _ => None,
    }
}

fn statushub(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let count = |state: &[&str]| stage.components.iter().filter(|it| state.contains(&it.state)).count();
    match path {
        "/" => shell(page, "<script src=\"https://statushub.io/app.js\"></script>"),
        "/api/statuses" => answer(
            &json!({"counters": {"count_status_1": count(&["operational", "under_maintenance"]), "count_status_2": count(&["degraded_performance", "partial_outage"]), "count_status_3": count(&["major_outage"])}}),
        ),
        _ => None,
    }
}

fn statusonline(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => shell(page, "<link rel=\"help\" href=\"https://status.online/\">"),
        "/en/json/incidents.json" => answer(
            &json!({"incidents": incidents(stage, true).map(|event| json!({"id": number(&event.id), "name": event.title, "status": if event.open() { "active" } else { "resolved" }, "started_at": time(event.opened), "updated_at": time(event.updated()), "resolved_at": (!event.open()).then(|| time(event.updated())), "url": format!("{}/en/incident/{}", page.url, number(&event.id))})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn onlineornot(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let rows: Vec<Value> = incidents(stage, true).map(|event| json!({"id": event.id, "title": event.title, "started": time(event.opened), "ended": (!event.open()).then(|| time(event.updated())),
        "updates": event.updates.iter().map(|update| json!({"status": update.phase.to_uppercase(), "description": update.body, "createdAt": time(update.at)})).collect::<Vec<_>>()})).collect();
    let data = json!({"loaderData": {"root": {"result": {"statusPage": {"name": page.name}, "components": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name, "status": it.state.to_uppercase()})).collect::<Vec<_>>()}},
        "routes/_index": {"result": {"incidents": rows}}}});
    let mut places = Vec::new();
    streamed(&data, &mut places);
    let text = Value::from(Value::Array(places).to_string());
    let script = format!("<script>window.__reactRouterContext.streamController.enqueue({text});</script>");
    (path == "/").then(|| html(page.name, "<link href=\"https://onlineornot.com\">", &script)).flatten()
}

/// Puts a value, and all that is in it, into a list of values that point at each other; its place.
fn streamed(value: &Value, places: &mut Vec<Value>) -> usize {
    let place = places.len();
    places.push(Value::Null);
    let told = match value {
        Value::Array(list) => list.iter().map(|inner| pointer(inner, places)).collect(),
        Value::Object(map) => {
            let pairs = map.iter().map(|(key, inner)| {
                let key = streamed(&Value::from(key.as_str()), places);
                (format!("_{key}"), pointer(inner, places))
            });
            Value::Object(pairs.collect())
        }
        plain => plain.clone(),
    };
    if let Some(own) = places.get_mut(place) {
        *own = told;
    }
    place
}

/// Where a value is; nothing has a place of its own.
fn pointer(value: &Value, places: &mut Vec<Value>) -> Value {
    if value.is_null() { Value::from(-5) } else { Value::from(streamed(value, places)) }
}
