//! Hosted platforms that many vendors use.

use serde_json::{Value, json};

use super::{
    Answer, Dialect, Event, Page, Stage, groups, html, incidents, json as answer, maintenances, number, said, shell,
    speaks, time, touched,
};

/// This family's dialects.
pub(super) const DIALECTS: &[Dialect] = &[
    speaks("incidentio", "/", incidentio),
    speaks("statusio", "/1.0/status/aaaaaaaaaaaaaaaaaaaaaaa1", statusio),
    speaks("instatus", "/", instatus),
    speaks("betterstack", "/", betterstack),
    speaks("sorry", "/", sorry),
    speaks("statuspal", "/api/v2/status_pages/acme/summary", statuspal),
    speaks("pagerduty", "/", pagerduty),
    speaks("firehydrant", "/", firehydrant),
    speaks("freshstatus", "/v1/public-components/?account_id=4711", freshstatus),
];

/// An id of 26 capitals and digits.
fn ulid(id: &str) -> String {
    format!("01J{:0>23}", id.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "0"))
}

fn updates(event: &Event, row: impl Fn(&str, &str, String) -> Value) -> Vec<Value> {
    event.updates.iter().map(|update| row(update.phase, &update.body, time(update.at))).collect()
}

fn incidentio(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "operational"),
        ("under_maintenance", "under_maintenance"),
        ("degraded_performance", "degraded_performance"),
        ("partial_outage", "partial_outage"),
        ("major_outage", "full_outage"),
    ];
    const PHASES: &[(&str, &str)] = &[
        ("investigating", "investigating"),
        ("identified", "identified"),
        ("monitoring", "monitoring"),
        ("resolved", "resolved"),
        ("scheduled", "maintenance_scheduled"),
        ("completed", "maintenance_complete"),
        ("in_progress", "maintenance_in_progress"),
    ];
    let row =
        |name: &str, id: &str| json!({"component_id": ulid(id), "name": name, "hidden": false, "display_uptime": true});
    let state = |state: &str| said(STATES, state);
    let affected = |event: &Event| -> Vec<Value> {
        touched(stage, event).iter().map(|it| json!({"component_id": ulid(&it.id), "status": state(it.state), "current_status": state(it.state)})).collect()
    };
    let thread = |event: &Event| {
        json!({"id": ulid(&event.id), "name": event.title, "status": said(PHASES, event.phase),
        "type": if event.window.is_some() { "maintenance" } else { "incident" }, "published_at": time(event.opened),
        "starts_at": event.window.map(|(from, _)| time(from)), "ends_at": event.window.map(|(_, until)| time(until)),
        "affected_components": affected(event), "component_impacts": [],
        "updates": updates(event, |phase, body, at| json!({"id": ulid(&at), "to_status": said(PHASES, phase), "message_string": body, "published_at": at}))})
    };
    let mut items: Vec<Value> = groups(stage)
        .into_iter()
        .map(|group| {
            let parts: Vec<Value> =
                stage.components.iter().filter(|it| it.group == group).map(|it| row(&it.name, &it.id)).collect();
            json!({"group": {"id": ulid(group), "name": group, "hidden": false, "components": parts}})
        })
        .collect();
    items.extend(
        stage.components.iter().filter(|it| it.group.is_empty()).map(|it| json!({"component": row(&it.name, &it.id)})),
    );
    let summary = json!({"id": ulid("page"), "name": page.name, "public_url": page.url, "page_type": "standalone",
        "components": stage.components.iter().map(|it| json!({"id": ulid(&it.id), "name": it.name, "description": "$undefined"})).collect::<Vec<_>>(),
        "structure": {"id": ulid("structure"), "items": items},
        "affected_components": stage.components.iter().filter(|it| it.state != "operational").map(|it| json!({"component_id": ulid(&it.id), "status": state(it.state), "current_status": state(it.state)})).collect::<Vec<_>>(),
        "ongoing_incidents": incidents(stage, false).map(thread).collect::<Vec<_>>(),
        "scheduled_maintenances": maintenances(stage, false).map(|(event, ..)| thread(event)).collect::<Vec<_>>()});
    if path.starts_with("/proxy/") {
        return answer(&json!({ "summary": summary }));
    }
    let shim = |event: &Event| {
        json!({"id": ulid(&event.id), "name": event.title, "status": event.phase, "impact": event.impact, "shortlink": null, "created_at": time(event.opened), "updated_at": time(event.updated()),
        "incident_updates": updates(event, |phase, body, at| json!({"id": ulid(&at), "status": phase, "body": body, "display_at": at}))})
    };
    match path {
        "/api/v2/summary.json" => {
            return answer(
                &json!({"page": {"id": ulid("page"), "name": page.name, "url": page.url}, "status": {"indicator": if stage.worst() == "operational" { "none" } else { "minor" }, "description": "x"},
                "components": stage.components.iter().map(|it| json!({"id": ulid(&it.id), "name": it.name, "status": it.state})).collect::<Vec<_>>(),
                "incidents": incidents(stage, false).map(shim).collect::<Vec<_>>()}),
            );
        }
        "/api/v2/incidents.json" => {
            return answer(&json!({"incidents": incidents(stage, true).map(shim).collect::<Vec<_>>()}));
        }
        _ => {}
    }
    (path == "/").then(|| shell(page, "<link rel=\"icon\" href=\"/incident-io-status-page-logos/logo.png\">")).flatten()
}

fn statusio(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const CODES: &[(&str, (u16, &str))] = &[
        ("operational", (100, "Operational")),
        ("under_maintenance", (200, "Planned Maintenance")),
        ("degraded_performance", (300, "Degraded Performance")),
        ("partial_outage", (400, "Partial Service Disruption")),
        ("major_outage", (500, "Service Disruption")),
    ];
    let id = |id: &str| format!("{:0>24x}", number(id));
    let code = |state: &str| said(CODES, state).unwrap_or((500, "Service Disruption"));
    let message = |event: &Event| -> Vec<Value> {
        event.updates.iter().rev().map(|update| {
        let state = match update.phase { "identified" | "in_progress" => 200, "monitoring" | "verifying" => 300, "resolved" | "completed" => 400, _ => 100 };
        json!({"details": update.body, "state": state, "status": code(stage.worst()).0, "datetime": time(update.at)})
    }).collect()
    };
    let parts = |event: &Event| -> Vec<Value> {
        touched(stage, event).iter().map(|it| json!({"_id": id(&it.id), "name": it.name})).collect()
    };
    let work = |running: bool| -> Vec<Value> {
        maintenances(stage, false).filter(|(event, ..)| (event.phase != "scheduled") == running).map(|(event, from, until)| json!({"_id": id(&event.id), "name": event.title, "datetime_open": time(event.opened),
        "datetime_planned_start": time(from), "datetime_planned_end": time(until), "messages": message(event), "components_affected": parts(event), "containers_affected": []})).collect()
    };
    match path {
        "/" => shell(page, "<script>var statuspageId = 'aaaaaaaaaaaaaaaaaaaaaaa1';</script>"),
        "/1.0/status/aaaaaaaaaaaaaaaaaaaaaaa1" => {
            let (overall, words) = code(stage.worst());
            let rows: Vec<Value> = stage.components.iter().map(|it| { let (number, word) = code(it.state); json!({"id": id(&it.id), "name": it.name, "status": word, "status_code": number, "updated": time(it.changed), "containers": [{"id": "bbbbbbbbbbbbbbbbbbbbbbb1", "name": "Virginia", "status": word, "status_code": number, "updated": time(it.changed)}]}) }).collect();
            answer(
                &json!({"result": {"status_overall": {"updated": time(stage.changed), "status": words, "status_code": overall}, "status": rows,
                "incidents": incidents(stage, false).map(|event| json!({"_id": id(&event.id), "name": event.title, "datetime_open": time(event.opened), "messages": message(event), "components_affected": parts(event), "containers_affected": []})).collect::<Vec<_>>(),
                "maintenance": {"active": work(true), "upcoming": work(false)}}}),
            )
        }
        _ => None,
    }
}

fn instatus(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let word = |state: &str| {
        if state == "degraded_performance" {
            "DEGRADEDPERFORMANCE".to_owned()
        } else {
            state.to_uppercase().replace('_', "")
        }
    };
    let impact = |event: &Event| match event.impact {
        "none" => "OPERATIONAL",
        "minor" => "DEGRADEDPERFORMANCE",
        "major" => "PARTIALOUTAGE",
        _ => "MAJOROUTAGE",
    };
    match path {
        "/" => shell(page, "<meta property=\"og:image\" content=\"https://instatus.com/api/og?title=x\">"),
        "/summary.json" | "/v3/summary.json" => {
            let status = match stage.worst() {
                "operational" => "UP",
                "under_maintenance" => "UNDERMAINTENANCE",
                _ => "HASISSUES",
            };
            let mut whole = json!({"page": {"name": page.name, "url": page.url, "status": status}});
            let open: Vec<Value> = incidents(stage, false).map(|event| json!({"id": event.id, "name": event.title, "started": time(event.opened), "status": event.phase.to_uppercase(), "impact": impact(event), "url": format!("{}/{}", page.url, event.id), "updatedAt": time(event.updated())})).collect();
            let work: Vec<Value> = maintenances(stage, false).map(|(event, from, until)| json!({"id": event.id, "name": event.title, "start": time(from), "status": if event.phase == "scheduled" { "NOTSTARTEDYET" } else { "INPROGRESS" }, "duration": ((until.as_second() - from.as_second()) / 60).to_string(), "url": format!("{}/maintenance/{}", page.url, event.id), "updatedAt": time(event.updated())})).collect();
            for (key, rows) in [("activeIncidents", open), ("activeMaintenances", work)] {
                if let (false, Some(map)) = (rows.is_empty(), whole.as_object_mut()) {
                    map.insert(key.to_owned(), rows.into());
                }
            }
            answer(&whole)
        }
        "/v2/components.json" => answer(
            &json!({"components": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name, "description": "", "status": word(it.state), "isParent": false,
            "group": if it.group.is_empty() { Value::Null } else { json!({"id": it.group, "name": it.group, "description": ""}) }})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn betterstack(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "operational"),
        ("under_maintenance", "maintenance"),
        ("degraded_performance", "degraded"),
        ("partial_outage", "degraded"),
        ("major_outage", "downtime"),
    ];
    let state = |state: &str| said(STATES, state);
    match path {
        "/" => shell(page, "<link rel=\"icon\" href=\"https://uptime.betterstack.com/assets/static/x.png\">"),
        "/index.json" => {
            let mut included: Vec<Value> = stage.components.iter().map(|it| json!({"id": number(&it.id).to_string(), "type": "status_page_resource", "attributes": {"public_name": it.name, "status": state(it.state), "status_page_section_id": 1, "resource_type": "Monitor", "explanation": "", "status_history": []}})).collect();
            included
                .push(json!({"id": "1", "type": "status_page_section", "attributes": {"name": "Core", "position": 0}}));
            for event in stage.events.iter() {
                let parts: Vec<Value> = touched(stage, event)
                    .iter()
                    .map(|it| json!({"status_page_resource_id": number(&it.id).to_string(), "status": state(it.state)}))
                    .collect();
                let (from, until) =
                    event.window.map_or((event.opened, None), |(from, until)| (from, Some(time(until))));
                let links: Vec<Value> =
                    event.updates.iter().map(|update| json!({"id": update.id, "type": "status_update"})).collect();
                included.push(json!({"id": number(&event.id).to_string(), "type": "status_report", "attributes": {"title": event.title, "report_type": if event.window.is_some() { "maintenance" } else { "manual" }, "starts_at": time(from), "ends_at": until, "aggregate_state": if event.open() { state(stage.worst()) } else { Some("resolved") }, "affected_resources": parts}, "relationships": {"status_updates": {"data": links}}}));
                included.extend(event.updates.iter().map(|update| json!({"id": update.id, "type": "status_update", "attributes": {"message": update.body, "published_at": time(update.at), "affected_resources": []}})));
            }
            answer(
                &json!({"data": {"id": "165", "type": "status_page", "attributes": {"company_name": page.name, "subdomain": "acme", "custom_domain": null, "announcement": null, "aggregate_state": state(stage.worst()), "updated_at": time(stage.changed)}}, "included": included}),
            )
        }
        _ => None,
    }
}

fn sorry(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "operational"),
        ("under_maintenance", "under_maintenance"),
        ("degraded_performance", "degraded"),
        ("partial_outage", "degraded"),
        ("major_outage", "outage"),
    ];
    match path {
        "/" => html(page.name, "", "<footer>Powered by Sorry</footer>"),
        "/api/v1/status" => {
            answer(&json!({"page": {"name": page.name, "state": said(STATES, stage.worst()), "state_text": null}}))
        }
        "/api/v1/components" => answer(
            &json!({"components": stage.components.iter().map(|it| json!({"id": number(&it.id), "name": it.name, "state": said(STATES, it.state), "parent_id": null})).collect::<Vec<_>>()}),
        ),
        "/api/v1/notices" => answer(
            &json!({"notices": incidents(stage, true).map(|event| json!({"subject": event.title, "url": format!("{}/notices/{}", page.url, event.id), "began_at": time(event.opened), "ended_at": (!event.open()).then(|| time(event.updated()))})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn statuspal(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let kind = |state: &str| match state {
        "operational" => Value::Null,
        "under_maintenance" => json!("scheduled"),
        "major_outage" => json!("major"),
        _ => json!("minor"),
    };
    let bare = |at| time(at).trim_end_matches('Z').to_owned();
    let thread = |event: &Event| {
        let (from, until) = event.window.map_or((event.opened, None), |(from, until)| (from, Some(bare(until))));
        json!({"id": number(&event.id), "title": event.title, "type": if event.window.is_some() { json!("scheduled") } else { json!("major") }, "starts_at": bare(from), "ends_at": until,
            "service_ids": touched(stage, event).iter().map(|it| number(&it.id)).collect::<Vec<_>>(), "updates": updates(event, |phase, body, at| json!({"type": phase, "description": body, "inserted_at": at.trim_end_matches('Z')}))})
    };
    match path {
        "/" => shell(page, "<script src=\"https://statuspal.io/js/app.js\" data-subdomain=\"acme\"></script>"),
        "/api/v2/status_pages/acme/summary" => answer(
            &json!({"status_page": {"name": page.name, "url": page.url, "time_zone": "UTC", "current_incident_type": kind(stage.worst())},
            "services": stage.components.iter().map(|it| json!({"id": number(&it.id), "name": it.name, "parent_id": null, "children_ids": [], "current_incident_type": kind(it.state)})).collect::<Vec<_>>(),
            "incidents": incidents(stage, false).map(thread).collect::<Vec<_>>(), "maintenances": maintenances(stage, false).map(|(event, ..)| thread(event)).collect::<Vec<_>>(), "upcoming_maintenances": [], "info_notices": []}),
        ),
        _ => None,
    }
}

fn pagerduty(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => html(
            page.name,
            "",
            "<script id=\"data\" type=\"application/json\">{\"layout\": {\"layout_settings\": {\"statusPage\": {}}}}</script>",
        ),
        "/api/services" => answer(
            &json!({"services": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name, "display_name": it.name, "is_active": true})).collect::<Vec<_>>()}),
        ),
        "/api/posts" => answer(
            &json!({"posts": stage.events.iter().filter(|event| event.open()).map(|event| json!({"id": event.id, "title": event.title, "post_type": if event.window.is_some() { "maintenance" } else { "incident" },
            "current_post_status_enum": {"name": event.phase.replace('_', " ")}, "current_post_severity_enum": {"name": match event.impact { "critical" => "major", other => other }}, "starts_at": time(event.window.map_or(event.opened, |(from, _)| from)), "ends_at": event.window.map(|(_, until)| time(until)),
            "incident_services": touched(stage, event).iter().map(|it| json!({"id": it.id})).collect::<Vec<_>>(), "post_updates": updates(event, |_, body, at| json!({"message": body, "reported_at": at}))})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn firehydrant(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let row = |event: &Event| {
        let mut times = json!({"started": time(event.window.map_or(event.opened, |(from, _)| from)), "detected": time(event.opened)});
        if let (false, Some(times)) = (event.open(), times.as_object_mut()) {
            times.insert("resolved".to_owned(), time(event.updated()).into());
        }
        json!({"id": event.id, "title": event.title, "severitySlug": match event.impact { "maintenance" => "MAINTENANCE", "critical" => "SEV1", "major" => "SEV2", "minor" => "SEV3", _ => "SEV4" }, "timestamps": times,
            "components": touched(stage, event).iter().map(|it| json!({"id": it.id, "name": it.name, "condition": if it.state == "major_outage" { "Unavailable" } else { "Degraded" }})).collect::<Vec<_>>(),
            "timeline": updates(event, |_, body, at| json!({"time": at, "occurredAt": at, "details": {"@type": "Note", "note": body}}))})
    };
    match path {
        "/" => shell(page, "<script src=\"/firehydrant/app.js\"></script>"),
        "/data/payload.json" => answer(
            &json!({"config": {"companyName": page.name, "title": page.name}, "conditions": {"Operational": "OPERATIONAL", "Degraded": "DEGRADED", "Unavailable": "OFFLINE", "Maintenance": "DEGRADED"},
            "components": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name})).collect::<Vec<_>>(), "incidents": stage.events.iter().map(row).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn freshstatus(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const CODES: &[(&str, &str)] = &[
        ("operational", "OP"),
        ("under_maintenance", "UM"),
        ("degraded_performance", "PD"),
        ("partial_outage", "PO"),
        ("major_outage", "MO"),
    ];
    match path {
        "/" => shell(page, "<script>window.page = {\"account_id\": 4711, \"cdn\": \"cdn.freshstatus.io\"}</script>"),
        "/v1/public-components/" => answer(
            &json!({"count": 1, "next": null, "previous": null, "results": [{"id": 100, "name": "All", "components": stage.components.iter().map(|it| json!({"id": number(&it.id), "name": it.name, "status": said(CODES, it.state), "display_options": {"ignore_overall_status": "false"}})).collect::<Vec<_>>()}]}),
        ),
        "/v1/public-incidents/" => answer(
            &json!({"next": null, "results": stage.events.iter().map(|event| json!({"id": number(&event.id), "title": event.title, "description": event.updates.first().map(|update| update.body.as_str()), "is_planned": event.window.is_some(), "start_time": time(event.opened), "end_time": (!event.open()).then(|| time(event.updated())),
            "scheduled_start_time": event.window.map(|(from, _)| time(from)), "scheduled_end_time": event.window.map(|(_, until)| time(until)), "updated_at": time(event.updated()), "affected_components": touched(stage, event).iter().map(|it| json!({"component": number(&it.id), "new_status": said(CODES, it.state)})).collect::<Vec<_>>()})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}
