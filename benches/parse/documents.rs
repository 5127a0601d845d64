//! Documents as large as large vendors have them, made up here. Words are of a usual length, most of them plain.

use serde_json::{Value, json};

/// Components of a large page.
pub const COMPONENTS: usize = 250;
/// Incidents of a large page, each with `UPDATES`.
pub const INCIDENTS: usize = 50;
const UPDATES: usize = 5;

const AT: &str = "2026-01-02T03:00:00.000Z";

/// What vendors write: three of five are plain, one has breaks, one has a link.
fn words(number: usize) -> &'static str {
    match number % 5 {
        0 => {
            "We are currently investigating elevated error rates for requests to the API in some regions. Customers may see failed or delayed requests. We will post another update within 30 minutes."
        }
        1 => {
            "The issue has been identified: a configuration change was rolled out to a part of the fleet. The change is being rolled back now, and error rates are going down in the regions where that is done."
        }
        2 => {
            "A fix has been implemented and we are monitoring the results. Requests succeed again; queued work is processed with a delay of up to fifteen minutes, and nothing of it is lost."
        }
        3 => {
            "Error rates are back to normal.<br />Affected: sign-in, webhooks and the dashboard.<br />We continue to watch it closely."
        }
        _ => {
            "<p>This incident has been resolved.</p><p>More in <a href=\"https://docs.acme.example/reports/42\">our report</a>.</p>"
        }
    }
}

fn list(count: usize, one: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..count).map(one).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// Statuspage's `summary.json`.
pub fn statuspage(components: usize, incidents: usize) -> Vec<u8> {
    let component = |n| {
        json!({"id": format!("c{n:011}"), "name": format!("API region {n}"), "status": "operational",
            "created_at": AT, "updated_at": AT, "position": n, "description": null, "showcase": false,
            "start_date": "2024-01-01", "group_id": null, "page_id": "a1b2c3d4e5f6", "group": false,
            "only_show_if_degraded": false})
    };
    let update = |n| {
        json!({"id": format!("u{n:011}"), "status": "investigating", "body": words(n), "incident_id": "i00000000001",
            "created_at": AT, "updated_at": AT, "display_at": AT, "affected_components": [{"code": "c00000000001",
            "name": "API region 1", "old_status": "operational", "new_status": "partial_outage"}],
            "deliver_notifications": true, "custom_tweet": null, "tweet_id": null})
    };
    let incident = |n| {
        json!({"id": format!("i{n:011}"), "name": format!("Elevated errors in region {n}"), "status": "investigating",
            "created_at": AT, "updated_at": AT, "monitoring_at": null, "resolved_at": null, "impact": "minor",
            "shortlink": format!("https://stspg.example/i{n}"), "started_at": AT, "page_id": "a1b2c3d4e5f6",
            "incident_updates": list(UPDATES, update), "components": [component(1), component(2)], "reminder_intervals": null})
    };
    bytes(&json!({"page": {"id": "a1b2c3d4e5f6", "name": "Acme", "url": "https://status.acme.example",
        "time_zone": "Etc/UTC", "updated_at": AT}, "components": list(components, component),
        "incidents": list(incidents, incident), "scheduled_maintenances": [],
        "status": {"indicator": "minor", "description": "Partially Degraded Service"}}))
}

/// What incident.io's pages load.
pub fn incidentio() -> Vec<u8> {
    let id = |kind: char, n: usize| format!("01JACME{kind}{n:018}");
    let component = |n| json!({"id": id('C', n), "name": format!("API region {n}"), "description": "Requests", "status_page_id": id('P', 1)});
    let place =
        |n| json!({"component": {"component_id": id('C', n), "name": format!("API region {n}"), "hidden": false}});
    let update =
        |n| json!({"id": id('U', n), "to_status": "identified", "message_string": words(n), "published_at": AT});
    let incident = |n| {
        json!({"id": id('I', n), "name": format!("Elevated errors in region {n}"), "status": "identified",
            "type": "incident", "published_at": AT, "affected_components": [{"component_id": id('C', n),
            "status": "partial_outage", "current_status": "degraded_performance"}],
            "component_impacts": [{"id": id('X', n), "component_id": id('C', n), "status": "partial_outage",
            "start_at": AT, "end_at": null}], "updates": list(UPDATES, update)})
    };
    bytes(&json!({"summary": {"id": id('P', 1), "name": "Acme", "public_url": "https://status.acme.example/",
        "subpath": "acme", "page_type": "standalone", "components": list(COMPONENTS, component),
        "structure": {"id": id('S', 1), "items": list(COMPONENTS, place)}, "affected_components": [],
        "ongoing_incidents": list(INCIDENTS, incident), "scheduled_maintenances": []}}))
}

/// Instatus' `v2/components.json`.
pub fn instatus() -> Vec<u8> {
    let component = |n: usize| {
        json!({"id": format!("cmacme{n:019}"), "name": format!("API region {n}"), "description": "", "status": "OPERATIONAL",
            "isParent": false, "group": {"id": "cmacme0000000000000009999", "name": "Core", "description": ""}})
    };
    bytes(&json!({"components": list(COMPONENTS, component)}))
}

/// Instatus' `summary.json`.
pub fn instatus_summary() -> Vec<u8> {
    let incident = |n: usize| {
        json!({"id": format!("cmacmi{n:019}"), "name": format!("Elevated errors in region {n}"), "started": AT,
            "status": "IDENTIFIED", "impact": "PARTIALOUTAGE", "updatedAt": AT,
            "url": format!("https://status.acme.example/cmacmi{n:019}")})
    };
    bytes(&json!({"page": {"name": "Acme", "url": "https://status.acme.example", "status": "HASISSUES"},
        "activeIncidents": list(INCIDENTS, incident)}))
}

/// Status.io's document: every component in two places.
pub fn statusio() -> Vec<u8> {
    let place = |n: usize| json!({"id": format!("b{n:023}"), "name": format!("Place {n}"), "status": "Operational", "status_code": 100, "updated": AT});
    let component = |n: usize| {
        json!({"id": format!("a{n:023}"), "name": format!("Part {n}"), "status": "Operational", "status_code": 100,
            "updated": AT, "containers": list(2, place)})
    };
    let message = |n| json!({"details": words(n), "state": 200, "status": 400, "datetime": AT});
    let incident = |n: usize| {
        json!({"_id": format!("c{n:023}"), "name": format!("Errors in part {n}"), "datetime_open": AT,
            "messages": list(UPDATES, message), "components_affected": [{"_id": format!("a{n:023}"), "name": format!("Part {n}")}],
            "containers_affected": [{"_id": format!("b{:023}", 1), "name": "Place 1"}]})
    };
    bytes(
        &json!({"result": {"status_overall": {"updated": AT, "status": "Partial Service Disruption", "status_code": 400},
        "status": list(COMPONENTS / 2, component), "incidents": list(INCIDENTS, incident),
        "maintenance": {"active": [], "upcoming": []}}}),
    )
}

/// AWS' events, in UTF-16 behind a byte order mark.
pub fn aws() -> Vec<u8> {
    let service = |n: usize| {
        (
            format!("service{n}-eu-central-1"),
            json!({"service_name": format!("Amazon Elastic Service {n}"), "current": "3", "max": "3"}),
        )
    };
    let message =
        |n| json!({"summary": "Increased Error Rates", "message": words(n), "status": 1, "timestamp": 1_767_322_200});
    let event = |n: usize| {
        json!({"date": "1767322200", "arn": format!("arn:aws:health:eu-central-1::event/EC2/AWS_EC2_X/AWS_EC2_X_{n}"),
            "region_name": "Frankfurt", "status": "3", "service": "ec2-eu-central-1",
            "service_name": "Amazon Elastic Compute Cloud", "summary": "Increased Error Rates",
            "event_log": list(UPDATES, message),
            "impacted_services": (0..10).map(service).collect::<serde_json::Map<_, _>>()})
    };
    let text = Value::Array(list(INCIDENTS, event)).to_string();
    [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
}

/// Google's `incidents.json`: nearly all of it is past.
pub fn google() -> Vec<u8> {
    let at = "2026-01-02T03:00:00+00:00";
    let place = |n: usize| json!({"title": format!("Frankfurt (europe-west{n})"), "id": format!("europe-west{n}")});
    let update = |n| {
        json!({"created": at, "modified": at, "when": at, "text": words(n), "status": "SERVICE_DISRUPTION",
            "affected_locations": list(3, place)})
    };
    let product = |n: usize| json!({"title": format!("Google Cloud Product {n}"), "id": format!("UwVx{n}")});
    let incident = |n: usize| {
        json!({"id": format!("New{n}"), "number": n.to_string(), "begin": at, "created": at, "end": at, "modified": at,
            "external_desc": format!("Elevated errors in Cloud Storage {n}"), "updates": list(UPDATES, update),
            "most_recent_update": update(1), "status_impact": "SERVICE_DISRUPTION", "severity": "high",
            "service_key": "zall", "service_name": "Multiple Products", "affected_products": list(5, product),
            "uri": format!("incidents/New{n}"), "currently_affected_locations": [],
            "previously_affected_locations": list(3, place)})
    };
    bytes(&Value::Array(list(INCIDENTS * 2, incident)))
}

/// Better Stack's `index.json`, each resource with the history that its bars show.
pub fn betterstack() -> Vec<u8> {
    let day = |n: usize| json!({"day": format!("2025-12-{:02}", n % 28 + 1), "status": "operational", "downtime_duration": 0, "maintenance_duration": 0});
    let resource = |n: usize| {
        json!({"id": n.to_string(), "type": "status_page_resource", "attributes": {"public_name": format!("API region {n}"),
            "status": "operational", "status_page_section_id": 1, "resource_type": "Monitor", "explanation": "",
            "availability": 0.999_9, "status_history": list(30, day)}})
    };
    let report = |n: usize| {
        let updates = list(UPDATES, |m| json!({"id": (n * 10 + m).to_string(), "type": "status_update"}));
        json!({"id": n.to_string(), "type": "status_report", "attributes": {"title": format!("Errors in region {n}"),
            "report_type": "manual", "starts_at": AT, "ends_at": null, "aggregate_state": "downtime",
            "affected_resources": [{"status_page_resource_id": "2", "status": "downtime"}]},
            "relationships": {"status_updates": {"data": updates}}})
    };
    let update = |n: usize| {
        json!({"id": n.to_string(), "type": "status_update", "attributes": {"message": words(n), "published_at": AT,
            "affected_resources": [{"status_page_resource_id": "2", "status": "downtime"}]}})
    };
    let section = json!({"id": "1", "type": "status_page_section", "attributes": {"name": "Core", "position": 0}});
    let updates = (0..INCIDENTS).flat_map(|n| (0..UPDATES).map(move |m| n * 10 + m)).map(update);
    let included: Vec<Value> = std::iter::once(section)
        .chain(list(COMPONENTS / 5, resource))
        .chain(list(INCIDENTS, report))
        .chain(updates)
        .collect();
    bytes(
        &json!({"data": {"id": "165", "type": "status_page", "attributes": {"company_name": "Acme", "subdomain": "acme",
        "custom_domain": "status.acme.example", "announcement": null, "aggregate_state": "downtime", "updated_at": AT}},
        "included": included}),
    )
}

/// A Statuspage history as Atom; each entry holds its updates as HTML.
pub fn atom() -> Vec<u8> {
    let post = |n: usize| {
        let text = words(n).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "&lt;p&gt;&lt;small&gt;Jan &lt;var data-var='date'&gt; 2&lt;/var&gt;, &lt;var data-var='time'&gt;03:00&lt;/var&gt; UTC&lt;/small&gt;\
             &lt;br&gt;&lt;strong&gt;Resolved&lt;/strong&gt; - {text}&lt;/p&gt;"
        )
    };
    let entry = |n: usize| {
        let content: String = (0..UPDATES).map(post).collect();
        format!(
            "<entry><id>tag:status.acme.example,2005:Incident/{n}</id><published>2026-01-02T02:00:00Z</published>\
             <updated>2026-01-02T03:00:00Z</updated><link rel=\"alternate\" type=\"text/html\" \
             href=\"https://status.acme.example/incidents/c{n}\"/><title>Elevated errors in region {n}</title>\
             <content type=\"html\">{content}</content></entry>"
        )
    };
    let entries: String = (0..INCIDENTS).map(entry).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><id>tag:status.acme.example,2005:/history</id>\
         <title>Acme Status</title><updated>2026-01-02T03:00:00Z</updated>{entries}</feed>"
    )
    .into_bytes()
}

/// A news feed with plain words.
pub fn rss() -> Vec<u8> {
    let item = |n: usize| {
        let text = words(n % 3);
        format!(
            "<item><title>Elevated errors in region {n}</title><description>{text}</description>\
             <pubDate>Fri, 02 Jan 2026 03:00:00 GMT</pubDate><link>https://status.acme.example/{n}</link>\
             <guid isPermaLink=\"false\">{n}</guid></item>"
        )
    };
    let items: String = (0..INCIDENTS).map(item).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Acme Status</title>\
         <link>https://status.acme.example</link><description>What happened</description>{items}</channel></rss>"
    )
    .into_bytes()
}

/// A page for people: a table among the usual markup.
pub fn page() -> Vec<u8> {
    let row = |n: usize| {
        format!(
            "<tr class=\"row\"><td class=\"name\"><span>API region {n}</span></td><td class=\"state\"><i class=\"icon ok\"></i> OK</td>\
             <td class=\"note\">No incidents in the last 30 days.</td></tr>\n"
        )
    };
    let link = |n: usize| format!("<li><a class=\"nav-link\" href=\"/page/{n}\">Page {n}</a></li>\n");
    let (rows, links): (String, String) = ((0..COMPONENTS).map(row).collect(), (0..40).map(link).collect());
    format!(
        "<!doctype html><html lang=\"en\"><head><title>Acme status</title><meta charset=\"utf-8\"></head><body>\
         <nav><ul>{links}</ul></nav><main><table class=\"status\"><tbody>{rows}</tbody></table></main></body></html>"
    )
    .into_bytes()
}
