//! Programs that teams install themselves.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    Answer, Dialect, Page, Stage, escape, groups, html, incidents, json as answer, maintenances, number, said, shell,
    speaks, time, touched,
};

/// This family's dialects.
pub(super) const DIALECTS: &[Dialect] = &[
    speaks("uptimekuma", "/", uptimekuma),
    speaks("gatus", "/", gatus),
    speaks("upptime", "/acme/status/HEAD/history/summary.json", upptime),
    speaks("cstate", "/", cstate),
    speaks("cachet", "/", cachet),
    speaks("cachet3", "/", cachet3),
    speaks("kener", "/", kener),
    speaks("oneuptime", "/status-page-api/overview/5f3c9a7e", oneuptime),
    speaks("statping", "/", statping),
    speaks("vigil", "/", vigil),
    speaks("allclear", "/", allclear),
    speaks("lambstatus", "/", lambstatus),
];

fn plain(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn uptimekuma(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const BEATS: &[(&str, u8)] =
        &[("operational", 1), ("under_maintenance", 3), ("degraded_performance", 2), ("major_outage", 0)];
    let groups: Vec<Value> = groups(stage).into_iter().chain([""]).map(|group| json!({"id": number(group), "name": if group.is_empty() { "Services" } else { group }, "weight": 1,
        "monitorList": stage.components.iter().filter(|it| it.group == group).map(|it| json!({"id": number(&it.id), "name": it.name, "sendUrl": 0, "type": "http"})).collect::<Vec<_>>()})).collect();
    let whole = json!({"config": {"slug": "default", "title": page.name, "published": true}, "publicGroupList": groups,
        "incidents": incidents(stage, false).map(|event| json!({"id": number(&event.id), "style": if event.impact == "critical" { "danger" } else { "warning" }, "title": event.title, "content": event.updates.first().map(|update| update.body.as_str()), "pin": true, "active": true, "createdDate": plain(event.opened), "lastUpdatedDate": plain(event.updated()), "status_page_id": 1})).collect::<Vec<_>>(),
        "maintenanceList": maintenances(stage, false).filter(|(event, ..)| event.phase != "scheduled").map(|(event, from, until)| json!({"id": number(&event.id), "title": event.title, "description": "", "status": "under-maintenance", "timezoneOffset": "+00:00", "timeslotList": [{"startDate": plain(from), "endDate": plain(until)}]})).collect::<Vec<_>>()});
    match path {
        "/" | "/status/default" => shell(page, &format!("<script>window.preloadData = {whole};</script>")),
        "/api/status-page/default" => answer(&whole),
        "/api/status-page/heartbeat/default" => {
            let beats: serde_json::Map<String, Value> = stage.components.iter().map(|it| (number(&it.id).to_string(), json!([{"status": said(BEATS, it.state), "time": format!("{}.170", plain(it.changed)), "msg": "", "ping": 31}]))).collect();
            answer(&json!({"heartbeatList": beats, "uptimeList": {}}))
        }
        _ => None,
    }
}

fn gatus(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => shell(page, "<meta name=\"description\" content=\"Gatus is an advanced automated status page\">"),
        "/api/v1/endpoints/statuses" => answer(&stage.components.iter().map(|it| { let well = matches!(it.state, "operational" | "under_maintenance");
            json!({"name": it.name, "group": it.group, "key": it.id, "results": [{"status": 200, "duration": 31_000_000, "conditionResults": [], "success": well, "timestamp": time(it.changed)}]}) }).collect()),
        "/api/v1/config" => answer(&json!({"oidc": false, "announcements": incidents(stage, false).map(|event| json!({"timestamp": time(event.opened), "type": "outage", "message": event.title, "archived": false})).collect::<Vec<_>>()})),
        _ => None,
    }
}

fn upptime(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] =
        &[("operational", "up"), ("degraded_performance", "degraded"), ("major_outage", "down")];
    match path {
        "/" => shell(page, "<script>window.upptime = {\"owner\":\"acme\",\"repo\":\"status\"}</script>"),
        "/acme/status/HEAD/history/summary.json" => answer(&stage.components.iter().map(|it| json!({"name": it.name, "url": "https://api.acme.example", "slug": it.id, "status": said(STATES, it.state), "uptime": "99.98%", "uptimeDay": "100.00%", "time": 182, "dailyMinutesDown": {}})).collect()),
        "/repos/acme/status/issues" => answer(&incidents(stage, true).map(|event| json!({"number": number(&event.id), "title": event.title, "state": if event.open() { "open" } else { "closed" }, "labels": [{"name": "status"}], "created_at": time(event.opened), "updated_at": time(event.updated()), "closed_at": (!event.open()).then(|| time(event.updated())), "html_url": "https://github.com/acme/status/issues/1", "body": event.updates.last().map(|update| update.body.as_str())})).collect()),
        _ => None,
    }
}

fn cstate(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "ok"),
        ("under_maintenance", "notice"),
        ("degraded_performance", "notice"),
        ("partial_outage", "disrupted"),
        ("major_outage", "down"),
    ];
    let issue = |event: &super::Event| json!({"is": "issue", "title": event.title, "createdAt": format!("{} +0000 UTC", plain(event.opened)), "lastMod": format!("{} +0000 UTC", plain(event.updated())), "permalink": format!("{}/issues/{}/", page.url, event.id), "severity": "disrupted", "resolved": !event.open(), "informational": false, "resolvedAt": if event.open() { "<no value>".to_owned() } else { format!("{} +0000 UTC", plain(event.updated())) }, "affected": event.components});
    match path {
        "/" => html(page.name, "<meta name=\"generator\" content=\"cState\">", "<p>See the status.</p>"),
        "/index.json" => answer(
            &json!({"is": "index", "cStateVersion": "6.0.1", "apiVersion": "2.0", "title": page.name, "baseURL": page.url, "summaryStatus": said(STATES, stage.worst()), "categories": [], "pinnedIssues": [],
            "systems": stage.components.iter().map(|it| json!({"name": it.name, "category": it.group, "status": said(STATES, it.state), "unresolvedIssues": incidents(stage, false).filter(|event| event.components.contains(&it.name)).map(issue).collect::<Vec<_>>()})).collect::<Vec<_>>()}),
        ),
        "/issues/index.json" => answer(
            &json!({"is": "issues", "title": "Issues", "pages": incidents(stage, true).map(issue).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

const CACHET: &[(&str, u8)] = &[
    ("operational", 1),
    ("under_maintenance", 1),
    ("degraded_performance", 2),
    ("partial_outage", 3),
    ("major_outage", 4),
];
const CACHET_PHASES: &[(&str, u8)] = &[("investigating", 1), ("identified", 2), ("monitoring", 3), ("resolved", 4)];

fn cachet(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let whole = |data: Vec<Value>| {
        answer(
            &json!({"meta": {"pagination": {"total": data.len(), "current_page": 1, "total_pages": 1}}, "data": data}),
        )
    };
    match path {
        "/" => html(page.name, "", "<footer>Powered by <a href=\"https://cachethq.io\">Cachet</a></footer>"),
        "/api/v1/components" => whole(stage.components.iter().map(|it| json!({"id": number(&it.id), "name": it.name, "status": said(CACHET, it.state), "status_name": "x", "enabled": true, "updated_at": plain(it.changed)})).collect()),
        "/api/v1/incidents" => whole(incidents(stage, true).map(|event| json!({"id": number(&event.id), "component_id": 0, "name": event.title, "status": 1, "human_status": "x", "latest_status": said(CACHET_PHASES, event.phase), "message": event.updates.last().map(|update| update.body.as_str()), "occurred_at": plain(event.opened), "updated_at": plain(event.updated()),
            "updates": event.updates.iter().map(|update| json!({"id": number(&update.id), "status": said(CACHET_PHASES, update.phase), "message": update.body, "created_at": plain(update.at)})).collect::<Vec<_>>()})).collect()),
        "/api/v1/schedules" => whole(maintenances(stage, false).map(|(event, from, _)| json!({"id": number(&event.id), "name": event.title, "message": "", "status": if event.phase == "scheduled" { 0 } else { 1 }, "human_status": "x", "scheduled_at": plain(from), "completed_at": null})).collect()),
        _ => None,
    }
}

fn cachet3(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let whole = |kind: &str, rows: Vec<(u32, Value)>| {
        answer(
            &json!({"data": rows.into_iter().map(|(id, about)| json!({"id": id.to_string(), "type": kind, "attributes": about})).collect::<Vec<_>>(), "links": {}, "meta": {"current_page": 1}}),
        )
    };
    let at = |at| json!({"human": "x", "string": plain(at)});
    match path {
        "/" => html(page.name, "", "<footer>Powered by <a href=\"https://cachethq.io\">Cachet</a></footer>"),
        "/api/components" => whole("components", stage.components.iter().map(|it| (number(&it.id), json!({"name": it.name, "enabled": true, "status": {"human": "x", "value": said(CACHET, it.state)}, "updated": at(it.changed)}))).collect()),
        "/api/incidents" => whole("incidents", incidents(stage, true).map(|event| (number(&event.id), json!({"name": event.title, "message": event.updates.first().map(|update| update.body.as_str()), "status": {"human": "x", "value": said(CACHET_PHASES, event.phase)}, "occurred": at(event.opened)}))).collect()),
        "/api/schedules" => whole("schedules", maintenances(stage, false).map(|(event, from, _)| (number(&event.id), json!({"name": event.title, "message": "", "status": {"human": "x", "value": if event.phase == "scheduled" { 0 } else { 1 }}, "scheduled": at(from)}))).collect()),
        _ => None,
    }
}

fn kener(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let date = |at: jiff::Timestamp| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    match path {
        "/" => html(page.name, "<meta name=\"application-name\" content=\"Kener\">", "<p>Monitors</p>"),
        "/rss.xml" => {
            let name = escape(page.name);
            let mut xml = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>{name}</title><link>{}</link><description>Latest incidents and scheduled maintenance for {name}</description>",
                page.url
            );
            for event in &stage.events {
                let (kind, guid) =
                    if event.window.is_some() { ("Maintenance", "maintenance") } else { ("Incident", "incident") };
                let window = event
                    .window
                    .map_or_else(String::new, |(from, until)| format!("Scheduled: {} → {}\n", date(from), date(until)));
                let words = event.updates.first().map_or("", |update| update.body.as_str());
                let _ = write!(
                    xml,
                    "<item><title>[{kind}] {}</title><link>{}/incidents/{}</link><guid isPermaLink=\"false\">{guid}-{}</guid><pubDate>{}</pubDate><description><![CDATA[Status: {}\n{window}Affected: {}\n\n{words}]]></description></item>",
                    escape(&event.title),
                    page.url,
                    event.id,
                    event.id,
                    date(event.updated()),
                    event.phase.to_uppercase(),
                    event.components.join(", ")
                );
            }
            xml.push_str("</channel></rss>\n");
            Some(("application/rss+xml; charset=utf-8", xml.into_bytes()))
        }
        _ => None,
    }
}

fn oneuptime(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "m1"),
        ("under_maintenance", "m2"),
        ("degraded_performance", "m3"),
        ("partial_outage", "m3"),
        ("major_outage", "m4"),
    ];
    match path {
        "/" => shell(page, "<script>fetch('/status-page-api/overview/5f3c9a7e')</script>"),
        "/status-page-api/overview/5f3c9a7e" => answer(
            &json!({"statusPage": {"pageTitle": page.name}, "resourceGroups": [], "monitorStatuses": [{"_id": "m1", "name": "Operational", "isOperationalState": true, "priority": 1}, {"_id": "m2", "name": "Maintenance", "isOperationalState": false, "priority": 2}, {"_id": "m3", "name": "Degraded", "isOperationalState": false, "priority": 3}, {"_id": "m4", "name": "Offline", "isOperationalState": false, "priority": 4}],
            "statusPageResources": stage.components.iter().map(|it| json!({"_id": it.id, "displayName": it.name, "monitor": {"currentMonitorStatusId": said(STATES, it.state)}})).collect::<Vec<_>>(),
            "activeIncidents": incidents(stage, false).map(|event| json!({"_id": event.id, "title": event.title, "createdAt": time(event.opened), "currentIncidentState": {"name": "Acknowledged"}})).collect::<Vec<_>>(), "incidentPublicNotes": [],
            "scheduledMaintenanceEvents": maintenances(stage, false).map(|(event, from, until)| json!({"_id": event.id, "title": event.title, "startsAt": time(from), "endsAt": time(until), "currentScheduledMaintenanceState": {"name": if event.phase == "scheduled" { "Scheduled" } else { "Ongoing" }}})).collect::<Vec<_>>(), "scheduledMaintenanceEventsPublicNotes": []}),
        ),
        _ => None,
    }
}

fn statping(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => shell(page, "<meta name=\"description\" content=\"Statping Status Page\">"),
        "/api/services" => answer(&stage.components.iter().map(|it| json!({"id": number(&it.id), "name": it.name, "type": "http", "group_id": 0, "online": matches!(it.state, "operational" | "under_maintenance"), "latency": 1, "public": true})).collect()),
        "/api/groups" => answer(&json!([])),
        "/api/messages" => answer(&maintenances(stage, false).map(|(event, from, until)| json!({"id": number(&event.id), "title": event.title, "description": "", "start_on": time(from), "end_on": time(until), "service": touched(stage, event).first().map(|it| number(&it.id)), "created_at": time(event.opened)})).collect()),
        _ => None,
    }
}

fn vigil(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "healthy"),
        ("under_maintenance", "healthy"),
        ("major_outage", "dead"),
        ("degraded_performance", "sick"),
    ];
    match path {
        "/" => html(page.name, "", "<aside class=\"status-healthy-background\"><h1>All good</h1></aside>"),
        "/status/report" => answer(
            &json!({"health": said(STATES, stage.worst()), "page": {"name": page.name, "url": page.url}, "probes": [{"name": "All", "status": said(STATES, stage.worst()), "nodes": stage.components.iter().map(|it| json!({"name": it.name, "status": said(STATES, it.state), "replicas": []})).collect::<Vec<_>>()}]}),
        ),
        _ => None,
    }
}

fn allclear(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => shell(page, "<meta name=\"generator\" content=\"allclear\">"),
        "/api/v1/summary" => answer(
            &json!({"generated_at": time(stage.changed), "title": page.name, "url": page.url, "headline": {"state": stage.worst(), "text": "x", "counts": {}}, "services": [],
            "sources": stage.components.iter().map(|it| json!({"id": it.id, "name": it.name, "url": page.url, "tags": [], "format": "statuspage", "state": it.state, "freshness": {"stale": false}, "components": []})).collect::<Vec<_>>(),
            "incidents": incidents(stage, false).map(|event| json!({"id": event.id, "origin": "upstream", "source": touched(stage, event).first().map(|it| it.id.as_str()), "title": event.title, "status": event.phase, "impact": event.impact, "started_at": time(event.opened), "components": [], "updates": event.updates.iter().map(|update| json!({"at": time(update.at), "status": update.phase, "body": update.body})).collect::<Vec<_>>(), "url": null})).collect::<Vec<_>>(),
            "maintenances": maintenances(stage, false).map(|(event, from, until)| json!({"id": event.id, "origin": "upstream", "source": null, "title": event.title, "status": event.phase, "starts_at": time(from), "ends_at": time(until), "updates": []})).collect::<Vec<_>>()}),
        ),
        _ => None,
    }
}

fn lambstatus(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "Operational"),
        ("under_maintenance", "Under Maintenance"),
        ("degraded_performance", "Degraded Performance"),
        ("partial_outage", "Partial Outage"),
        ("major_outage", "Major Outage"),
    ];
    match path {
        "/" => shell(page, "<meta name=\"generator\" content=\"LambStatus\">"),
        "/api/components" => answer(
            &stage
                .components
                .iter()
                .map(|it| json!({"componentID": it.id, "name": it.name, "status": said(STATES, it.state)}))
                .collect(),
        ),
        _ => None,
    }
}
