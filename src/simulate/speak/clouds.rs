//! The big clouds, by service and region.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    Answer, Dialect, Event, Page, Stage, escape, html, incidents, json as answer, number, said, speaks, time, touched,
};

/// This family's dialects.
pub(super) const DIALECTS: &[Dialect] = &[
    speaks("aws", "/", aws),
    speaks("google", "/", google),
    speaks("azure", "/en-us/status/feed/", azure),
    speaks("azuredevops", "/", azuredevops),
    speaks("oracle", "/", oracle),
    speaks("hetzner", "/", hetzner),
    speaks("alibaba", "/", alibaba),
    speaks("tencent", "/", tencent),
];

fn aws(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const CODES: &[(&str, &str)] =
        &[("operational", "0"), ("under_maintenance", "1"), ("degraded_performance", "2"), ("major_outage", "3")];
    let key = |name: &str| format!("{}-eu-central-1", name.to_lowercase().replace(' ', ""));
    match path {
        "/" => html("AWS Health Dashboard - Service health", "", "<div id=\"app\"></div>"),
        "/public/currentevents" => {
            let events: Vec<Value> = incidents(stage, false).map(|event| {
                let parts = touched(stage, event);
                let impacted: serde_json::Map<String, Value> = parts.iter().map(|it| (key(&it.name), json!({"service_name": format!("Amazon {}", it.name), "current": said(CODES, it.state), "max": "3"}))).collect();
                json!({"date": event.opened.as_second().to_string(), "arn": format!("arn:aws:health:eu-central-1::event/X/X_{}", event.id), "region_name": "Frankfurt", "status": said(CODES, stage.worst()), "service": parts.first().map(|it| key(&it.name)), "service_name": "Amazon", "summary": event.title,
                    "event_log": event.updates.iter().rev().map(|update| json!({"summary": event.title, "message": update.body, "status": 2, "timestamp": update.at.as_second()})).collect::<Vec<_>>(), "impacted_services": impacted})
            }).collect();
            let mut bytes = vec![0xfe, 0xff];
            bytes.extend(Value::Array(events).to_string().encode_utf16().flat_map(u16::to_be_bytes));
            Some(("application/json;charset=utf-16", bytes))
        }
        _ => None,
    }
}

fn google(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATUS: &[(&str, &str)] = &[
        ("operational", "AVAILABLE"),
        ("degraded_performance", "SERVICE_DISRUPTION"),
        ("partial_outage", "SERVICE_DISRUPTION"),
        ("major_outage", "SERVICE_OUTAGE"),
    ];
    match path {
        "/" => html("Google Cloud Service Health", "", "<div id=\"app\"></div>"),
        "/incidents.json" => answer(&incidents(stage, true).map(|event| {
            let status = said(STATUS, stage.worst());
            let mut row = json!({"id": event.id, "number": "11", "begin": time(event.opened), "created": time(event.opened), "modified": time(event.updated()), "external_desc": event.title,
                "updates": event.updates.iter().map(|update| json!({"created": time(update.at), "when": time(update.at), "text": update.body, "status": status, "affected_locations": []})).collect::<Vec<_>>(),
                "most_recent_update": {"when": time(event.updated()), "text": "x", "status": status}, "status_impact": "SERVICE_DISRUPTION", "severity": match event.impact { "critical" => "high", "major" => "medium", _ => "low" }, "service_key": "z", "service_name": "Multiple Products",
                "affected_products": touched(stage, event).iter().map(|it| json!({"title": it.name, "id": it.id})).collect::<Vec<_>>(), "uri": format!("incidents/{}", event.id), "currently_affected_locations": []});
            if let (false, Some(row)) = (event.open(), row.as_object_mut()) { row.insert("end".to_owned(), time(event.updated()).into()); }
            row
        }).collect()),
        "/products.json" => answer(&json!({"products": stage.components.iter().map(|it| json!({"title": it.name, "id": it.id})).collect::<Vec<_>>()})),
        _ => None,
    }
}

fn azure(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => html("Azure status", "", "<table class=\"region-status-table\"></table>"),
        "/en-us/status/feed/" => {
            let mut xml = format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel><title>Azure Status</title><link>{}</link><description>Azure Status</description>",
                page.url
            );
            for event in incidents(stage, false) {
                let (service, words) = (
                    event.components.first().map_or("All", String::as_str),
                    event.updates.first().map_or("", |update| update.body.as_str()),
                );
                let _ = write!(
                    xml,
                    "<item><title>{} - {} - West Europe</title><link>{}</link><description>{}</description><category>{}</category><pubDate>{} Z</pubDate><guid isPermaLink=\"false\">{}</guid></item>",
                    escape(&event.title),
                    escape(service),
                    page.url,
                    escape(words),
                    escape(service),
                    event.opened.strftime("%a, %d %b %Y %H:%M:%S"),
                    event.id
                );
            }
            xml.push_str("</channel></rss>\n");
            Some(("application/rss+xml; charset=utf-8", xml.into_bytes()))
        }
        _ => None,
    }
}

fn azuredevops(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "healthy"),
        ("under_maintenance", "advisory"),
        ("degraded_performance", "advisory"),
        ("partial_outage", "degraded"),
        ("major_outage", "unhealthy"),
    ];
    match path {
        "/" => html("Azure DevOps Services Status", "", "<div></div>"),
        "/_apis/status/health" => answer(
            &json!({"status": {"health": said(STATES, stage.worst()), "message": "x"}, "services": stage.components.iter().map(|it| json!({"id": it.name, "geographies": [{"id": "EU", "name": "Europe", "health": said(STATES, it.state)}]})).collect::<Vec<_>>(), "lastUpdated": time(stage.changed)}),
        ),
        _ => None,
    }
}

fn oracle(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    const STATES: &[(&str, &str)] = &[
        ("operational", "NormalPerformance"),
        ("under_maintenance", "Maintenance"),
        ("degraded_performance", "ServiceDegradation"),
        ("major_outage", "ServiceDisruption"),
    ];
    let reports: Vec<Value> = stage.components.iter().map(|it| json!({"serviceId": it.id, "serviceName": it.name, "serviceCanonicalName": it.id, "serviceStatus": said(STATES, it.state),
        "incidents": incidents(stage, false).filter(|event| event.components.contains(&it.name)).map(|event| json!({"incidentId": event.id, "severity": "Sev2"})).collect::<Vec<_>>()})).collect();
    match path {
        "/" => html("OCI Status", "", "<div></div>"),
        "/api/v2/components.json" => answer(
            &json!({"regionHealthReports": [{"regionId": "r1", "regionName": "Germany Central (Frankfurt)", "regionCanonicalName": "eu-frankfurt-1", "serviceHealthReports": reports}]}),
        ),
        "/api/v2/status.json" => answer(
            &json!({"page": {"name": "OCI", "updated_at": time(stage.changed), "url": page.url}, "status": {"indicator": if stage.worst() == "operational" { "none" } else { "minor" }, "description": "x"}}),
        ),
        _ => None,
    }
}

fn hetzner(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    if path != "/" {
        return None;
    }
    let row = |event: &super::Event| {
        json!({"id": event.id, "uuid": event.id, "system": touched(stage, event).first().map(|it| format!("/systems/{}", it.id)), "titleEn": event.title, "titleDe": "", "incidentType": if event.window.is_some() { "maintenance" } else { "outage" }, "incidentState": event.phase,
        "startTime": time(event.window.map_or(event.opened, |(from, _)| from)), "endTime": event.window.map(|(_, until)| time(until)).or_else(|| (!event.open()).then(|| time(event.updated()))), "updatedAt": time(event.updated())})
    };
    let data = json!({"props": {"pageProps": {"systems": stage.components.iter().map(|it| json!({"id": it.id, "titleEn": it.name, "titleDe": "", "systemState": match it.state { "operational" => "operational", "under_maintenance" => "maintenance", _ => "outage" }, "parent": null})).collect::<Vec<_>>(),
        "incidents": {"topNotification": stage.events.iter().filter(|event| event.window.is_none()).map(row).collect::<Vec<_>>(), "maintenanceList": stage.events.iter().filter(|event| event.window.is_some()).map(row).collect::<Vec<_>>()}}}});
    html(
        "Hetzner Status",
        "",
        &format!(
            "<script id=\"__NEXT_DATA__\" type=\"application/json\">{}</script>",
            data.to_string().replace('<', "\\u003c")
        ),
    )
}

fn alibaba(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let row = |event: &Event| {
        let said = if event.open() { "Incident" } else { "Incident (Recovered)" };
        json!({"id": event.id, "title": format!("[{said}] {}", event.title), "eventType": "ALARM", "startTime": event.opened.as_millisecond(), "endTime": (!event.open()).then(|| event.updated().as_millisecond()), "lastUpdateTime": event.updated().as_millisecond(),
        "products": event.components, "regions": ["eu-central-1"], "eventUpdates": event.updates.iter().map(|update| json!({"content": update.body, "publishTime": update.at.as_millisecond()})).collect::<Vec<_>>()})
    };
    let whole = |rows: Vec<Value>| answer(&json!({"success": true, "code": 200, "data": rows}));
    match path {
        "/" => html("Alibaba Cloud Status", "", "<div id=\"app\"></div>"),
        "/api/status/listEventInProgress" => whole(incidents(stage, false).map(row).collect()),
        "/api/status/listHistoryEvent" => whole(incidents(stage, true).map(row).collect()),
        _ => None,
    }
}

fn tencent(_: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    let bad = incidents(stage, false).next();
    match path {
        "/" => html("Tencent Cloud Status", "", "<div id=\"__next\"></div>"),
        "/v1/api/status/DescribeHappening" => answer(
            &json!({"Response": {"Data": {"Id": bad.map(|event| number(&event.id)), "Desc": bad.map(|event| event.title.as_str()), "Status": if bad.is_some() { "ABNORMAL" } else { "NORMAL" }, "IsShow": bad.is_some()}, "RequestId": "x"}}),
        ),
        _ => None,
    }
}
