//! Vendors of products for developers and offices, each with a form of its own.

use serde_json::{Map, Value, json};

use super::{
    Answer, Dialect, Event, Page, Stage, escape, html, incidents, json as answer, maintenances, said, speaks, time,
    touched,
};

/// This family's dialects.
pub(super) const DIALECTS: &[Dialect] = &[
    speaks("paypal", "/", paypal),
    speaks("microsoft", "/", microsoft),
    speaks("adobe", "/adobestatus/StatusEvents", adobe),
    speaks("algolia", "/", algolia),
    speaks("auth0", "/", auth0),
    speaks("okta", "/", okta),
    speaks("deepl", "/", deepl),
    speaks("posthog", "/", posthog),
    speaks("meta", "/", meta),
    speaks("webex", "/", webex),
];

fn paypal(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "Operational"),
        ("under_maintenance", "Under Maintenance"),
        ("degraded_performance", "Service Disruption"),
        ("partial_outage", "Service Disruption"),
        ("major_outage", "Service Outage"),
    ];
    let event = |event: &Event| {
        json!({"id": event.id, "summary": event.title, "environment": "production", "type": if event.window.is_some() { "Maintenance" } else { "Incident" }, "severity": "Service Disruption",
        "state": match event.phase { "resolved" | "completed" => "Closed", "scheduled" => "Scheduled", _ => "Open" }, "startDate": time(event.window.map_or(event.opened, |(from, _)| from)), "endDate": event.window.map(|(_, until)| time(until)),
        "updates": event.updates.iter().map(|update| json!({"createdAt": time(update.at), "message": update.body})).collect::<Vec<_>>()})
    };
    match path {
        "/" => html("PayPal Status", "", "<div id=\"app\"></div>"),
        "/api/v1/components" => answer(
            &json!({"result": stage.components.iter().map(|it| json!({"name": it.name, "category": {"name": "product"}, "status": {"production": said(STATES, it.state), "sandbox": "Operational"}})).collect::<Vec<_>>()}),
        ),
        "/api/v1/events" => answer(&json!({"result": stage.events.iter().map(event).collect::<Vec<_>>()})),
        _ => None,
    }
}

fn microsoft(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "Operational"),
        ("under_maintenance", "Maintenance"),
        ("degraded_performance", "Service degradation"),
        ("partial_outage", "Service interruption"),
        ("major_outage", "Outage"),
    ];
    let post = |name: &str, state: &str| json!({"ServiceDisplayName": name, "Status": said(STATES, state), "Title": null, "Message": "", "LastUpdatedTime": time(stage.changed)});
    match path {
        "/" => html("Microsoft service health status", "", "<div id=\"root\"></div>"),
        "/api/posts/m365Consumer" => {
            answer(&stage.components.iter().map(|it| post(&it.name, it.state)).collect::<Vec<_>>().into())
        }
        "/api/posts/mac" => answer(&json!({"Status": "Available", "LastUpdatedTime": time(stage.changed)})),
        _ => None,
    }
}

fn adobe(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const PHASES: &[(&str, &str)] = &[
        ("resolved", "closed"),
        ("completed", "completed"),
        ("scheduled", "scheduled"),
        ("in_progress", "started"),
        ("investigating", "opened"),
    ];
    let severity = |event: &Event| match (event.window.is_some(), event.impact) {
        (true, _) => "maintenance",
        (_, "critical" | "major") => "major",
        _ => "minor",
    };
    let row = |event: &Event| {
        let history: Map<String, Value> = event.updates.iter().map(|update| (update.at.as_second().to_string(), json!({"status": said(PHASES, update.phase), "severity": severity(event), "titleToken": event.id, "messageToken": update.id, "statusTime": update.at.as_second()}))).collect();
        let products: Map<String, Value> = touched(stage, event).iter().map(|it| (it.id.clone(), json!({"id": it.id, "name": it.name, "startedOn": event.opened.as_second(), "endedOn": if event.open() { 0 } else { event.updated().as_second() }, "history": history}))).collect();
        json!({"id": event.id, "clouds": {}, "products": products, "scheduledDate": event.window.map(|(from, _)| from.as_second()), "completedOn": 0})
    };
    let whole = |key: &str, rows: Vec<&Event>| {
        let texts = rows.iter().flat_map(|event| {
            let own = (event.id.clone(), json!({"textMessage": event.title}));
            event.updates.iter().map(|update| (update.id.clone(), json!({"textMessage": update.body}))).chain([own])
        });
        let texts: Map<String, Value> = texts.collect();
        let all: Map<String, Value> = rows.iter().map(|event| (event.id.clone(), row(event))).collect();
        json!({key: all, "messages": {"en": texts}})
    };
    match path {
        "/" => html("Adobe Status", "", "<div id=\"app\"></div>"),
        "/adobestatus/StatusEvents" => answer(
            &json!({"incidentEvent": whole("incidents", incidents(stage, true).collect()), "maintenanceEvent": whole("maintenance", maintenances(stage, false).map(|(event, ..)| event).collect())}),
        ),
        _ => None,
    }
}

fn algolia(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => html("Algolia Status", "", "<div id=\"root\"></div>"),
        "/3/public/availability" => {
            let all: Map<String, Value> = stage.components.iter().map(|it| (it.id.clone(), json!({"type": it.id, "name": it.name, "uptime_days": [{"date": "2026-01-01", "status": "operational"}, {"date": "2026-01-02", "status": it.state.replace('_', "-")}]}))).collect();
            answer(&Value::Object(all))
        }
        "/3/public/incidents" => answer(&incidents(stage, true).map(|event| json!({"id": event.id, "name": event.title, "current_severity": event.impact, "created_at": time(event.opened), "resolved_at": (!event.open()).then(|| time(event.updated())),
            "updates": event.updates.iter().map(|update| json!({"created_at": time(update.at), "status": update.phase, "message": update.body})).collect::<Vec<_>>()})).collect()),
        _ => None,
    }
}

fn auth0(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let region = |it: &super::Component| {
        let rows: Vec<Value> = incidents(stage, false).filter(|event| event.components.contains(&it.name)).map(|event| json!({"id": event.id, "name": event.title, "status": it.state, "impact": event.impact, "created_at": time(event.opened),
            "incident_updates": event.updates.iter().map(|update| json!({"created_at": time(update.at), "status": update.phase, "body": update.body})).collect::<Vec<_>>()})).collect();
        json!({"region": it.name, "environment": "Production", "response": {"incidents": rows}})
    };
    let data = json!({"props": {"pageProps": {"activeIncidents": stage.components.iter().map(region).collect::<Vec<_>>()}}, "buildId": "x"});
    let script = format!("<script id=\"__NEXT_DATA__\" type=\"application/json\">{data}</script>");
    (path == "/").then(|| html("Auth0 Status", "", &script)).flatten()
}

fn okta(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let row = |event: &Event| {
        json!({"Id": event.id, "Incident_Title__c": event.title, "Category__c": if event.impact == "critical" { "Major Service Disruption" } else { "Service Degradation" }, "Impacted_Cells__c": event.components.join(";"),
        "Status__c": match event.phase { "resolved" => "Resolved", "completed" => "Completed", "scheduled" => "Scheduled", "in_progress" => "In Progress", _ => "Investigating" },
        "Start_Time__c": time(event.window.map_or(event.opened, |(from, _)| from)), "End_Time__c": event.window.map(|(_, until)| time(until)), "Last_Updated__c": time(event.updated()), "Log__c": event.updates.first().map(|update| update.body.as_str())})
    };
    let hidden = |id: &str, text: String| {
        format!("<span data-id=\"{id}\" style=\"display:none\">{}</span>", escape(&text).replace('\'', "&#39;"))
    };
    let list = |rows: Vec<Value>| Value::Array(rows).to_string();
    let cells: Vec<&str> = stage.components.iter().map(|it| it.name.as_str()).collect();
    let body = [
        hidden("incidents", list(incidents(stage, true).map(row).collect())),
        hidden("planned-outages", list(maintenances(stage, false).map(|(event, ..)| row(event)).collect())),
        hidden("cellList", cells.join(",")),
    ];
    (path == "/").then(|| html("Okta Status", "", &body.concat())).flatten()
}

fn deepl(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let row = |event: &Event| {
        json!({"id": event.id, "title": event.title, "status": event.phase, "created_at": time(event.opened),
        "updates": event.updates.iter().map(|update| json!({"created_at": time(update.at), "status": update.phase, "message": update.body})).collect::<Vec<_>>()})
    };
    match path {
        "/" => html("DeepL API Status", "", "<div id=\"root\"></div>"),
        "/api/status" => answer(
            &json!({"overall": stage.worst(), "datacenters": stage.components.iter().map(|it| json!({"name": it.name, "status": it.state})).collect::<Vec<_>>(), "incidents": incidents(stage, true).map(row).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn posthog(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let row = |event: &Event| {
        json!({"id": event.id, "name": event.title, "status": event.phase, "impact": event.impact, "created_at": time(event.window.map_or(event.opened, |(from, _)| from)), "scheduled_end": event.window.map(|(_, until)| time(until)),
        "affected_components": touched(stage, event).iter().map(|it| json!({"component_id": it.id})).collect::<Vec<_>>(),
        "updates": event.updates.iter().map(|update| json!({"created_at": time(update.at), "status": update.phase, "message": update.body})).collect::<Vec<_>>()})
    };
    match path {
        "/" => html("PostHog Status", "", "<div id=\"__next\"></div>"),
        "/api/status" => answer(
            &json!({"overall_status": stage.worst(), "component_groups": [{"name": "All", "components": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name, "status": it.state})).collect::<Vec<_>>()}], "standalone_components": [],
            "active_incidents": incidents(stage, false).map(row).collect::<Vec<_>>(), "active_maintenances": maintenances(stage, false).filter(|(event, ..)| event.phase == "in_progress").map(|(event, ..)| row(event)).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn meta(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "No known issues"),
        ("under_maintenance", "No known issues"),
        ("degraded_performance", "Low disruptions"),
        ("partial_outage", "Medium disruptions"),
        ("major_outage", "High disruptions"),
    ];
    match path {
        "/" => html("Meta Status", "", "<div id=\"root\"></div>"),
        "/data/orgs.json" => answer(
            &json!([{"id": "business", "name": "Business", "services": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name, "status": said(STATES, it.state), "time": time(it.changed)})).collect::<Vec<_>>(), "rss_file_paths": []}]),
        ),
        _ => None,
    }
}

fn webex(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const COLOURS: &[(&str, &str)] = &[
        ("operational", "green"),
        ("under_maintenance", "blue"),
        ("degraded_performance", "yellow"),
        ("partial_outage", "orange"),
        ("major_outage", "red"),
    ];
    let row = |event: &Event| {
        json!({"id": event.id, "name": event.title, "status": event.phase, "impact": event.impact, "created_at": time(event.opened), "updated_at": time(event.updated()), "scheduled_for": event.window.map(|(from, _)| time(from)), "scheduled_until": event.window.map(|(_, until)| time(until)),
        "incident_updates": event.updates.iter().map(|update| json!({"status": update.phase, "body": update.body, "created_at": time(update.at)})).collect::<Vec<_>>()})
    };
    match path {
        "/" => html("Webex Status", "", "<div id=\"app\"></div>"),
        "/components.json" => answer(
            &json!({"components": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name, "status": it.state})).collect::<Vec<_>>()}),
        ),
        "/index.json" => answer(&json!({"status": {"indicator": said(COLOURS, stage.worst()), "description": "x"}})),
        "/unresolved-incidents.json" => {
            answer(&json!({"incidents": incidents(stage, false).map(row).collect::<Vec<_>>()}))
        }
        "/upcoming-scheduled-maintenances.json" => answer(
            &json!({"scheduled_maintenances": maintenances(stage, false).map(|(event, ..)| row(event)).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}
