//! What is asked for at an address, and that a part of a list is not taken for all of it.

use allclear::model::level::State;
use serde_json::{Value, json};

use super::*;

fn asked(format: &str, address: &str) -> Vec<(Role, String)> {
    let documents = adapter(format, &Options::Null).documents(&address.parse().unwrap());
    documents.into_iter().map(|document| (document.role, document.url.to_string())).collect()
}

fn present(format: &str, address: &str) -> Vec<String> {
    asked(format, address).into_iter().filter(|(role, _)| *role == Role::Present).map(|(_, url)| url).collect()
}

#[test]
fn documents_are_asked_for_where_they_are() {
    for (format, address, url) in [
        ("statuspage", "https://status.acme.example", "https://status.acme.example/api/v2/summary.json"),
        // A page that publishes nothing but its headline.
        (
            "statuspage",
            "https://status.acme.example/api/v2/status.json",
            "https://status.acme.example/api/v2/status.json",
        ),
        (
            "incidentio",
            "https://status.acme.example/proxy/status.acme.example",
            "https://status.acme.example/api/v2/summary.json",
        ),
        ("incidentio", "https://status.acme.example/eu", "https://status.acme.example/eu/api/v2/summary.json"),
        ("aws", "https://health.aws.amazon.com/", "https://health.aws.amazon.com/public/currentevents"),
        (
            "aws",
            "https://health.aws.amazon.com/public/currentevents",
            "https://health.aws.amazon.com/public/currentevents",
        ),
        (
            "aws",
            "https://status.aws.amazon.com/rss/ec2-us-east-1.rss",
            "https://status.aws.amazon.com/rss/ec2-us-east-1.rss",
        ),
        (
            "cachet",
            "https://status.acme.example/api/v1/components",
            "https://status.acme.example/api/v1/components?per_page=1000",
        ),
        ("microsoft", "https://status.cloud.microsoft/", "https://status.cloud.microsoft/api/posts/m365Consumer"),
        (
            "microsoft",
            "https://status.cloud.microsoft/api/posts/azure",
            "https://status.cloud.microsoft/api/posts/azure",
        ),
        (
            "tencent",
            "https://status.tencentcloud.com",
            "https://status.tencentcloud.com/v1/api/status/DescribeHappening?BelongSite=1",
        ),
    ] {
        assert_eq!(present(format, address), [url], "{format} at {address}");
    }
}

#[test]
fn what_may_fail_is_not_needed() {
    let incidentio = asked("incidentio", "https://status.acme.example");
    assert!(incidentio.contains(&(Role::Extra, "https://status.acme.example/proxy/status.acme.example".to_owned())));
    assert!(incidentio.contains(&(Role::History, "https://status.acme.example/api/v2/incidents.json".to_owned())));
    let upptime = asked("upptime", "https://raw.githubusercontent.com/acme/status/HEAD/history/summary.json");
    let issues = "https://api.github.com/repos/acme/status/issues?state=all&per_page=50".to_owned();
    assert_eq!(upptime.last(), Some(&(Role::Extra, issues)));
    let freshstatus = asked("freshstatus", "https://public-api.freshstatus.io/v1/public-components/?account_id=4");
    let open = "https://public-api.freshstatus.io/v1/public-incidents/?account_id=4&end_time__isempty=true".to_owned();
    assert!(freshstatus.contains(&(Role::Extra, open)), "{freshstatus:?}");
}

/// One page of a longer list never says that all is well.
#[test]
fn a_part_of_a_list_is_not_all_of_it() {
    let cachet = |total: usize| json!({"meta": {"pagination": {"total": total}}, "data": [{"id": 1, "name": "API", "status": 1, "status_name": "x"}]});
    let freshstatus =
        |next: Value| json!({"count": 9, "next": next, "results": [{"id": 1, "name": "API", "status": "OP"}]});
    let robot = |total: usize, down: usize| {
        json!({"psp": {"monitors": [{"monitorId": 1, "name": "API", "statusClass": "success"}]},
            "statistics": {"counts": {"total": total, "down": down}}})
    };
    for (format, whole, part) in [
        ("cachet", cachet(1), cachet(2)),
        ("freshstatus", freshstatus(Value::Null), freshstatus(json!("https://x.example/?page=2"))),
        ("uptimerobot", robot(1, 0), robot(40, 0)),
    ] {
        let state = |value: &Value| parse(format, value.to_string().as_bytes()).unwrap();
        assert_eq!(state(&whole).state(), Some(State::OPERATIONAL), "{format}");
        let seen = state(&part);
        assert_eq!(seen.state(), Some(State::Unknown), "{format}");
        assert!(seen.warnings.iter().any(|warning| warning.contains("were read")), "{format}: {:?}", seen.warnings);
    }
    let counted = parse("uptimerobot", robot(40, 3).to_string().as_bytes()).unwrap();
    assert_eq!(counted.state(), Some(State::PARTIAL_OUTAGE), "the page counts those that are down");
}

/// The feed lists what goes on: an outage of many days is not over because of its age.
#[test]
fn what_azure_lists_goes_on_however_old_it_is() {
    let feed = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Azure Status</title><item>\
        <title>Service Issue - Virtual Machines - West Europe</title><guid>1</guid>\
        <pubDate>Mon, 01 Dec 2025 09:00:00 Z</pubDate><description>We look into it.</description></item></channel></rss>";
    let seen = parse("azure", feed.as_bytes()).unwrap();
    assert!(seen.incidents[0].is_open());
    assert_eq!(seen.state(), Some(State::DEGRADED_PERFORMANCE), "{:?}", seen.warnings);
}

/// Values that point at each other without end are refused.
#[test]
fn a_stream_that_unfolds_without_end_is_refused() {
    let page = |values: &str| {
        format!(
            "<html><link href=\"https://onlineornot.com\"><script>x.streamController.enqueue({});</script></html>",
            json!(values)
        )
    };
    let circle = page(r#"[{"_1":0},"loaderData"]"#);
    // Each value holds the next one ten times.
    let mut values: Vec<Value> = (1..40).map(|next| json!(vec![next; 10])).collect();
    values.push(json!("end"));
    for hostile in [circle, page(&Value::Array(values).to_string())] {
        let error = parse("onlineornot", hostile.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("without end"), "{error}");
    }
}
