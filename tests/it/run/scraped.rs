//! What the dashboard and the alert rules ask for is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::server::{Home, play, yaml};

fn deployed(file: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The names of figures in expressions.
fn names(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("allclear_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

/// Every expression of a dashboard, wherever it stands, and every query of a variable.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| match value {
            Value::String(text) if matches!(key.as_str(), "expr" | "query") => found.push(text.clone()),
            _ => expressions(value, found),
        }),
        Value::Array(all) => all.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_dashboard_and_the_rules_ask_for_is_on_metrics_of_a_running_program() {
    let dashboard: Value = serde_json::from_str(&deployed("grafana/allclear.json")).unwrap();
    let mut asked = Vec::new();
    expressions(&dashboard, &mut asked);
    assert!(asked.len() > 20, "{asked:?}");
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "every panel has an id of its own");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
    }
    let rules = deployed("prometheus/allclear.rules.yml");
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let tests = deployed("prometheus/allclear.rules.test.yml");
    for alert in &alerts {
        assert!(tests.contains(&format!("alertname: {alert}")), "{alert} is not tested");
    }
    let asked: BTreeSet<String> = names(&asked.join("\n")).into_iter().chain(names(&rules)).collect();

    let play = play(None).await;
    let vendors = [play.plays("outage"), play.plays("calm")];
    let inbox = super::inbox::Inbox::open().await;
    let notify = format!(
        "notify:\n  channels:\n    - {{name: Ops, kind: ntfy, url: \"http://{}/ops\", allow_private: true}}\n",
        inbox.address
    );
    let service = "services:\n  - {name: Shop, needs: []}\n";
    let home = Home::new(&format!("{}{service}{notify}", yaml(&vendors)));
    let server = home.serve().await;
    server
        .until("both are read", |summary| {
            let read = super::server::list(&summary["sources"]).iter().filter(|one| one["state"] != "unknown");
            (read.count() == 2).then_some(())
        })
        .await;
    let shown = super::server::until("everything is there", super::server::SOON, async || {
        let shown = names(&server.get("/metrics").await.body);
        // Whether a vendor has something open or planned is its affair.
        let may_be_missing = ["allclear_open_incidents", "allclear_maintenances"].map(str::to_owned);
        let shown: BTreeSet<String> = shown.into_iter().chain(may_be_missing).collect();
        asked.is_subset(&shown).then_some(shown)
    });
    assert!(shown.await.len() > asked.len());
}
