//! The JSON documents of a pretend Statuspage.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::play::{Component, Event, Stage};

/// Whose page it is.
pub(super) struct Page<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub url: &'a str,
}

/// The document at `path`, or `None` where a real page answers 404.
pub(super) fn document(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Value> {
    let head = json!({ "id": page.id, "name": page.name, "url": page.url, "time_zone": "Etc/UTC",
                       "updated_at": time(stage.changed) });
    let incidents = |keep: fn(&Event) -> bool| events(page, stage, |event| event.window.is_none() && keep(event));
    let works = |keep: fn(&Event) -> bool| events(page, stage, |event| event.window.is_some() && keep(event));
    let parts: &[(&str, Value)] = &match path {
        "/api/v2/summary.json" => vec![
            ("components", components(page, stage)),
            ("incidents", incidents(Event::open)),
            ("scheduled_maintenances", works(Event::open)),
            ("status", status(stage)),
        ],
        "/api/v2/status.json" => vec![("status", status(stage))],
        "/api/v2/components.json" => vec![("components", components(page, stage))],
        "/api/v2/incidents.json" => vec![("incidents", incidents(|_| true))],
        "/api/v2/incidents/unresolved.json" => vec![("incidents", incidents(Event::open))],
        "/api/v2/scheduled-maintenances.json" => vec![("scheduled_maintenances", works(|_| true))],
        "/api/v2/scheduled-maintenances/upcoming.json" => {
            vec![("scheduled_maintenances", works(|event| event.phase == "scheduled"))]
        }
        "/api/v2/scheduled-maintenances/active.json" => {
            vec![("scheduled_maintenances", works(|event| matches!(event.phase, "in_progress" | "verifying")))]
        }
        _ => return None,
    };
    let mut whole = serde_json::Map::new();
    whole.insert("page".to_owned(), head);
    for (name, part) in parts {
        whole.insert((*name).to_owned(), part.clone());
    }
    Some(Value::Object(whole))
}

/// Milliseconds and `Z`, as Statuspage writes times.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn status(stage: &Stage) -> Value {
    let (indicator, description) = match stage.worst() {
        "degraded_performance" => ("minor", "Partially Degraded Service"),
        "partial_outage" => ("major", "Partial System Outage"),
        "major_outage" => ("critical", "Major Service Outage"),
        "under_maintenance" => ("maintenance", "Service Under Maintenance"),
        _ => ("none", "All Systems Operational"),
    };
    json!({ "indicator": indicator, "description": description })
}

/// The id of a group row.
fn group_id(name: &str) -> String {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::hash::DefaultHasher::new();
    name.hash(&mut hasher);
    format!("g{:011x}", hasher.finish() >> 20)
}

fn components(page: &Page<'_>, stage: &Stage) -> Value {
    let mut rows = Vec::new();
    let mut groups: Vec<&str> = Vec::new();
    for component in &stage.components {
        if !component.group.is_empty() && !groups.contains(&component.group.as_str()) {
            groups.push(&component.group);
            let members: Vec<&Component> =
                stage.components.iter().filter(|other| other.group == component.group).collect();
            rows.push(group_row(page, &component.group, &members, rows.len()));
        }
        rows.push(row(page, component, rows.len()));
    }
    Value::Array(rows)
}

fn group_row(page: &Page<'_>, name: &str, members: &[&Component], position: usize) -> Value {
    let state = members.iter().map(|member| member.state).max_by_key(|state| super::play::rank(state));
    let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let changed = members.iter().map(|member| member.changed).max().map(time);
    json!({ "id": group_id(name), "name": name, "status": state.unwrap_or("operational"), "group": true,
        "group_id": null, "components": ids, "position": position, "description": null, "showcase": false,
        "start_date": null, "only_show_if_degraded": false, "page_id": page.id,
        "created_at": "2024-01-15T09:00:00.000Z", "updated_at": changed })
}

fn row(page: &Page<'_>, component: &Component, position: usize) -> Value {
    let group = (!component.group.is_empty()).then(|| group_id(&component.group));
    json!({ "id": component.id, "name": component.name, "status": component.state, "group": false,
        "group_id": group, "position": position, "description": null, "showcase": true,
        "start_date": "2024-01-15", "only_show_if_degraded": false, "page_id": page.id,
        "created_at": "2024-01-15T09:00:00.000Z", "updated_at": time(component.changed) })
}

fn events(page: &Page<'_>, stage: &Stage, keep: impl Fn(&Event) -> bool) -> Value {
    stage.events.iter().filter(|event| keep(event)).take(50).map(|event| one(page, stage, event)).collect()
}

fn one(page: &Page<'_>, stage: &Stage, event: &Event) -> Value {
    let touched: Vec<&Component> =
        stage.components.iter().filter(|component| event.components.contains(&component.name)).collect();
    let affected: Vec<Value> = touched
        .iter()
        .map(|component| {
            json!({ "code": component.id, "name": component.name,
                                 "old_status": "operational", "new_status": component.state })
        })
        .collect();
    let updates: Vec<Value> = event
        .updates
        .iter()
        .map(|update| {
            json!({ "id": update.id, "incident_id": event.id, "status": update.phase, "body": update.body,
                "display_at": time(update.at), "created_at": time(update.at), "updated_at": time(update.at),
                "affected_components": if affected.is_empty() { Value::Null } else { affected.clone().into() },
                "deliver_notifications": true, "custom_tweet": null, "tweet_id": null })
        })
        .collect();
    let reached = |phase: &str| event.updates.iter().find(|update| update.phase == phase).map(|update| time(update.at));
    let mut value = json!({ "id": event.id, "name": event.title, "status": event.phase, "impact": event.impact,
        "shortlink": format!("{}/incidents/{}", page.url, event.id), "page_id": page.id,
        "created_at": time(event.opened), "updated_at": time(event.updated()), "started_at": time(event.opened),
        "monitoring_at": reached("monitoring"), "resolved_at": reached("resolved").or_else(|| reached("completed")),
        "components": touched.iter().map(|component| row(page, component, 1)).collect::<Vec<_>>(),
        "incident_updates": updates });
    if let (Some((from, until)), Some(object)) = (event.window, value.as_object_mut()) {
        object.insert("scheduled_for".to_owned(), time(from).into());
        object.insert("scheduled_until".to_owned(), time(until).into());
    }
    value
}
