//! Platforms that imitate Statuspage, Statuspage's own page for people, and one that says no states.

use serde_json::{Value, json};

use super::{
    Answer, Dialect, Event, Page, Stage, escape, html, incidents, json as answer, maintenances, shell, speaks, touched,
};

/// This family's dialects.
pub(super) const DIALECTS: &[Dialect] = &[
    speaks("rootly", "/", rootly),
    speaks("openstatus", "/", openstatus),
    speaks("statuspage-html", "/", statuspage_html),
    speaks("flashcat", "/api/page", flashcat),
];

/// Statuspage's documents under other paths, without what the imitators leave out.
fn imitated(page: &Page<'_>, stage: &Stage, of: &str, without: &[&str]) -> Option<Value> {
    let mut whole = crate::simulate::statuspage::document(page, stage, of)?;
    for key in without {
        if let Some((outer, inner)) = key.split_once('/') {
            match whole.get_mut(outer) {
                Some(Value::Array(rows)) => {
                    rows.iter_mut().filter_map(Value::as_object_mut).for_each(|row| drop(row.remove(inner)))
                }
                Some(Value::Object(map)) => drop(map.remove(inner)),
                _ => {}
            }
        } else if let Some(map) = whole.as_object_mut() {
            map.remove(*key);
        }
    }
    Some(whole)
}

fn rootly(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => html(page.name, "", "<footer>Powered by <a href=\"https://rootly.com\">Rootly</a></footer>"),
        "/api/v1/status.json" => answer(&imitated(
            page,
            stage,
            "/api/v2/summary.json",
            &["page/id", "components", "scheduled_maintenances"],
        )?),
        "/api/v1/incidents.json" => answer(&imitated(page, stage, "/api/v2/incidents/unresolved.json", &["page/id"])?),
        _ => None,
    }
}

fn openstatus(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" => shell(page, "<link rel=\"icon\" href=\"https://www.openstatus.dev/icon.png\">"),
        "/summary.json" => {
            let mut whole = imitated(page, stage, "/api/v2/summary.json", &["page/id", "page/time_zone"])?;
            if let Some(Value::Array(rows)) = whole.get_mut("components") {
                rows.retain(|row| row["group"] != true);
                rows.iter_mut().for_each(|row| *row = json!({"name": row["name"], "status": row["status"]}));
            }
            answer(&whole)
        }
        _ => None,
    }
}

fn statuspage_html(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    if path != "/" && !path.starts_with("/api/v2/") {
        return None;
    }
    let part = |tag: &str, rows: String| format!("<div class=\"{tag}\">{rows}</div>");
    let posts = |event: &Event| {
        event
            .updates
            .iter()
            .map(|update| {
                let mut label = update.phase.replace('_', " ");
                if let Some(first) = label.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                format!(
                    "<div class=\"update\"><strong>{label}</strong> - {}<br><small>{}</small></div>",
                    escape(&update.body),
                    update.at.strftime("%b %-d, %H:%M UTC")
                )
            })
            .collect::<String>()
    };
    let link = |event: &Event, more: String| {
        format!(
            "<div class=\"incident-title impact-{}\"><a href=\"/incidents/{}\">{}</a>{more}</div>",
            event.impact,
            event.id,
            escape(&event.title)
        )
    };
    let rows: String = stage.components.iter().map(|it| format!("<div class=\"component-container\"><div data-component-id=\"{}\" data-component-status=\"{}\"><span class=\"name\">{}</span></div></div>", it.id, it.state, escape(&it.name))).collect();
    let open: String = incidents(stage, false)
        .map(|event| {
            format!(
                "<div class=\"unresolved-incident impact-{}\">{}{}</div>",
                event.impact,
                link(event, String::new()),
                posts(event)
            )
        })
        .collect();
    let work: String = maintenances(stage, false)
        .map(|(event, from, _)| {
            format!(
                "<div class=\"scheduled-maintenance\">{}{}</div>",
                link(event, format!("<small data-unix-time=\"{}\">x</small>", from.as_second())),
                posts(event)
            )
        })
        .collect();
    let past: String = incidents(stage, true)
        .filter(|event| !event.open())
        .map(|event| {
            format!(
                "<div class=\"incident-container\">{}<div class=\"updates-container\">{}</div></div>",
                link(event, String::new()),
                posts(event)
            )
        })
        .collect();
    let overall = match stage.worst() {
        "operational" => "none",
        "under_maintenance" => "maintenance",
        "degraded_performance" => "minor",
        "partial_outage" => "major",
        _ => "critical",
    };
    let day = format!(
        "<div class=\"status-day\"><div class=\"date\">{}</div>{past}</div>",
        stage.changed.strftime("%b %-d, %Y")
    );
    let body = [
        format!("<div class=\"page-status status-{overall}\"></div>"),
        part("unresolved-incidents", open),
        part("components-container", rows),
        part("scheduled-maintenances-container", work),
        part("incidents-list", day),
    ]
    .concat();
    html(
        page.name,
        "<link rel=\"stylesheet\" href=\"https://cdn.example/page_display_customizations/x.css\">",
        &format!("<div class=\"layout-content status\">{body}</div>"),
    )
}

fn flashcat(page: &Page<'_>, stage: &Stage, path: &str) -> Option<Answer> {
    match path {
        "/" | "/api/page" => answer(
            &json!({"request_id": "0a65", "data": {"page": {"page_id": 64, "name": page.name, "url_name": "acme", "sections": [{"section_id": "S1", "name": "Core"}],
            "components": stage.components.iter().map(|it| json!({"component_id": it.id, "section_id": "S1", "name": it.name})).collect::<Vec<_>>()},
            "active_changes": incidents(stage, false).map(|event| json!({"change_id": event.id, "title": event.title, "start_at_seconds": event.opened.as_second(), "affected_components": touched(stage, event).iter().map(|it| json!({"component_id": it.id})).collect::<Vec<_>>()})).collect::<Vec<_>>()}}),
        ),
        _ => None,
    }
}
