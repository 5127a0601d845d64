//! The present in Statuspage's form: its names, types and words, and nothing green that is not known to be.

use std::collections::BTreeSet;
use std::sync::Arc;

use allclear::ingest::Published;
use allclear::model::desk::{Affects, Mute, Seen, Verdict};
use allclear::model::id::{IncidentId, ServiceId, SourceId};
use allclear::model::incident::{Listing, Origin, Phase, Update};
use allclear::model::level::State;
use allclear::model::local::{Hit, Local, Signed, Words};
use allclear::model::snapshot::{IncidentView, MaintenanceView, Snapshot};
use allclear::model::text::Text;
use allclear::wire::statuspage::Document;
use serde_json::Value;

use super::world::{HOSTILE, World, at, incident, snapshot, source, stale};

/// Names and types as in recorded answers of real pages.
const SHAPE: &str = include_str!("../fixtures/statuspage-shape/api-v2.json");

fn world(snapshot: Arc<Snapshot>) -> World {
    World::new(Published { snapshot, events: Vec::new() })
}

async fn document(world: &World, document: Document) -> Value {
    let answer = world.get(document.path()).await;
    assert_eq!(answer.status, 200, "{document:?}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

/// Something of every kind.
fn rich() -> Arc<Snapshot> {
    let mut snapshot = (*snapshot(3, HOSTILE)).clone();
    let mut bare = (*source("bare", State::Unknown, true)).clone();
    bare.components.clear();
    snapshot.sources.push(Arc::new(bare));
    let mut judged = (*incident("acme.judged", "Slow")).clone();
    judged.verdict = Some(Arc::new(Verdict {
        affects: Affects::Yes,
        note: Some(words("Ask <Sam>.")),
        at: at("2026-01-02T11:30:00Z"),
        incident: judged.incident.id.clone(),
        version: 1,
        owner: None,
        workaround: None,
        acknowledged: None,
        mute: Mute::Off,
        seen: Seen::default(),
        author: "robin".into(),
    }));
    judged.incident.phase = None;
    judged.incident.impact = None;
    judged.incident.components.clear();
    judged.affected.clear();
    let mut ignored = (*incident("acme.ignored", "Elsewhere")).clone();
    ignored.counted = false;
    let mut ours = local("ours", None);
    ours.incident.services = vec![Hit { service: ServiceId::new("checkout"), state: State::MAJOR_OUTAGE }];
    snapshot.incidents.extend([judged, ignored, ours].map(Arc::new));
    let mut written_up = local("written-up", Some(Phase::Resolved));
    written_up.incident.resolved_at = Some(at("2026-01-02T11:20:00Z"));
    let learned = Signed { at: at("2026-01-02T11:40:00Z"), author: "robin".into(), words: words("Two disks.") };
    written_up.incident.local = Some(Box::new(Local { postmortem: Some(learned), ..Local::default() }));
    let mut gone = (*incident("acme.gone", "Gone")).clone();
    gone.incident.listing = Listing::NoLongerListed { since: at("2026-01-02T11:50:00Z") };
    snapshot.recent = vec![Arc::new(written_up), Arc::new(gone)];
    let running = maintenance("bolt.m2", Some(Phase::InProgress), &snapshot);
    let mut vague = maintenance("bolt.m3", None, &snapshot);
    (vague.maintenance.starts_at, vague.maintenance.ends_at) = (None, None);
    snapshot.maintenances.extend([running, vague].map(Arc::new));
    snapshot.recent_maintenances = vec![Arc::new(maintenance("bolt.m4", Some(Phase::Cancelled), &snapshot))];
    Arc::new(snapshot)
}

fn words(plain: &str) -> Words {
    Words { markdown: plain.into(), text: Text { html: String::new(), plain: plain.into() } }
}

fn local(id: &str, phase: Option<Phase>) -> IncidentView {
    let mut view = (*incident(id, "Till is down")).clone();
    view.incident.origin = Origin::Local;
    (view.incident.source, view.source_name) = (None, "Acme status".into());
    view.incident.phase = phase.or(Some(Phase::Investigating));
    (view.incident.components, view.affected) = (Vec::new(), Vec::new());
    view.incident.local = Some(Box::new(Local::default()));
    view
}

fn maintenance(id: &str, phase: Option<Phase>, snapshot: &Snapshot) -> MaintenanceView {
    let mut view = (*snapshot.maintenances[0]).clone();
    view.maintenance.id = IncidentId::new(id);
    view.maintenance.phase = phase;
    view.maintenance.updates = vec![Update {
        at: Some(at("2026-01-02T11:10:00Z")),
        phase,
        body: Text { html: String::new(), plain: "Work.".into() },
        noticed_at: None,
        told: None,
    }];
    view
}

/// What is wrong with an object, by the table.
fn faults(kind: &str, object: &Value, shape: &Value) -> Vec<String> {
    let (object, shape) = (object.as_object().unwrap(), shape[kind].as_object().unwrap());
    let keys = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<BTreeSet<String>>();
    let odd: Vec<String> = keys(object).symmetric_difference(&keys(shape)).map(|key| format!("{kind}.{key}")).collect();
    let wrong = shape.iter().filter(|(key, kind)| object.get(*key).is_some_and(|value| !fits(value, kind)));
    odd.into_iter().chain(wrong.map(|(key, _)| format!("{kind}.{key} is {}", object[key]))).collect()
}

fn fits(value: &Value, kind: &Value) -> bool {
    let kind = kind.as_str().unwrap();
    let (kind, nullable) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
    let text = value.as_str();
    let is_id = |id: &str| id.len() == 12 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_time = |time: &str| time.len() == 24 && time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok();
    (nullable && value.is_null())
        || match kind {
            "string" => value.is_string(),
            "integer" => value.is_u64(),
            "boolean" => value.is_boolean(),
            "list" => value.is_array(),
            "id" => text.is_some_and(is_id),
            "time" => text.is_some_and(is_time),
            words => text.is_some_and(|text| words.split('|').any(|word| word == text)),
        }
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn components(rows: &[Value], shape: &Value) -> Vec<String> {
    let plain = |row: &Value| {
        let mut row = row.clone();
        let members = row.as_object_mut().unwrap().remove("components");
        assert_eq!(members.is_some_and(|members| !members.as_array().unwrap().is_empty()), row["group"] == true);
        row
    };
    rows.iter().flat_map(|row| faults("component", &plain(row), shape)).collect()
}

fn threads(kind: &str, rows: &[Value], shape: &Value) -> Vec<String> {
    let one = |row: &Value| {
        let updates = items(row, "incident_updates");
        assert!(updates.iter().all(|update| update["incident_id"] == row["id"]));
        assert!(updates.is_sorted_by(|a, b| a["created_at"].as_str() >= b["created_at"].as_str()));
        let updates = updates.iter().flat_map(|update| faults("update", update, shape));
        let own = faults(kind, row, shape).into_iter().chain(components(items(row, "components"), shape));
        own.chain(updates).collect::<Vec<_>>()
    };
    rows.iter().flat_map(one).collect()
}

#[tokio::test]
async fn every_document_has_the_names_the_types_and_the_words_of_the_original() {
    let (world, shape): (_, Value) = (world(rich()), serde_json::from_str(SHAPE).unwrap());
    let lists: [(Document, &[&str]); 8] = [
        (Document::Summary, &["components", "incidents", "page", "scheduled_maintenances", "status"]),
        (Document::Status, &["page", "status"]),
        (Document::Components, &["components", "page"]),
        (Document::Incidents, &["incidents", "page"]),
        (Document::Unresolved, &["incidents", "page"]),
        (Document::Maintenances, &["page", "scheduled_maintenances"]),
        (Document::Upcoming, &["page", "scheduled_maintenances"]),
        (Document::Active, &["page", "scheduled_maintenances"]),
    ];
    for (which, keys) in lists {
        let mut said = document(&world, which).await;
        said.as_object_mut().unwrap().remove("allclear");
        assert_eq!(
            said.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>(),
            keys.iter().copied().collect(),
            "{which:?}"
        );
        let mut wrong = faults("page", &said["page"], &shape);
        if said["status"].is_object() {
            wrong.extend(faults("status", &said["status"], &shape));
        }
        wrong.extend(components(items(&said, "components"), &shape));
        wrong.extend(threads("incident", items(&said, "incidents"), &shape));
        wrong.extend(threads("maintenance", items(&said, "scheduled_maintenances"), &shape));
        assert!(wrong.is_empty(), "{which:?}: {wrong:#?}");
    }
}

fn pairs<'a>(rows: &'a [Value], other: &str) -> Vec<(&'a str, &'a str)> {
    rows.iter().map(|row| (row["name"].as_str().unwrap(), row[other].as_str().unwrap())).collect()
}

#[tokio::test]
async fn sources_are_groups_of_what_counts_and_services_are_one_more() {
    let mut snapshot = (*rich()).clone();
    let mut acme = (*snapshot.sources[0]).clone();
    acme.components.push(allclear::model::snapshot::ComponentView {
        id: allclear::model::id::ComponentId::new("c2"),
        path: "Core/Labs".into(),
        counted: false,
        ..acme.components[0].clone()
    });
    snapshot.sources[0] = Arc::new(acme);
    let said = document(&world(Arc::new(snapshot)), Document::Summary).await;
    let rows = items(&said, "components");
    let expected = [
        ("The acme", "partial_outage"),
        ("Core/API", "partial_outage"),
        ("The bolt", "operational"),
        ("Core/API", "operational"),
        ("The bare", "degraded_performance"),
        ("Services", "operational"),
        ("Checkout", "operational"),
    ];
    assert_eq!(pairs(rows, "status"), expected);
    assert_eq!(rows[1]["group_id"], rows[0]["id"]);
    assert_eq!(rows[0]["components"], serde_json::json!([rows[1]["id"]]));
    assert_eq!((&rows[4]["group"], &rows[6]["group_id"]), (&Value::from(false), &rows[5]["id"]));
    assert_eq!(said["allclear"]["components"][rows[4]["id"].as_str().unwrap()]["status"], "unknown");
    let status = serde_json::json!({"indicator": "major", "description": "Partial System Outage"});
    assert_eq!(said["status"], status);
    assert_eq!(said["page"]["url"], "https://status.example");
    assert_eq!(said["page"]["updated_at"], "2026-01-02T12:00:00.000Z");
}

#[tokio::test]
async fn what_is_not_known_is_nowhere_said_to_be_operational() {
    let mut snapshot = (*stale()).clone();
    snapshot.services.clear();
    snapshot.headline.state = State::Unknown;
    snapshot.headline.text = "2 vendors cannot be read".into();
    let said = document(&world(Arc::new(snapshot)), Document::Summary).await;
    assert!(items(&said, "components").iter().all(|row| row["status"] == "degraded_performance"), "{said:#}");
    assert_eq!(said["status"], serde_json::json!({"indicator": "minor", "description": "2 vendors cannot be read"}));
}

#[tokio::test]
async fn incidents_say_whose_they_are_and_carry_notes_and_what_was_learned() {
    let world = world(rich());
    let open = document(&world, Document::Unresolved).await;
    let open = items(&open, "incidents");
    let names: Vec<&str> = open.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names[0].starts_with("The acme: a]]>"), "{names:?}");
    assert_eq!(names[1..], ["The acme: Slow", "Till is down"], "what does not count is left out");
    assert_eq!(open[0]["shortlink"], "https://status.example/incidents/acme.x1");
    let body = open[0]["incident_updates"][0]["body"].as_str().unwrap();
    assert!(body.contains("alert(1)") && !body.contains('<'), "{body}");
    let note = &open[1]["incident_updates"][0];
    assert_eq!((&note["body"], &note["status"]), (&"Ask &lt;Sam>.".into(), &"investigating".into()));
    assert_eq!(pairs(items(&open[2], "components"), "status"), [("Checkout", "operational")]);
    let all = document(&world, Document::Incidents).await;
    let all = items(&all, "incidents");
    assert_eq!(all.len(), 5);
    let named = |name: &str| all.iter().rfind(|one| one["name"] == name).unwrap();
    let written_up = all.iter().find(|one| one["status"] == "postmortem").unwrap();
    assert_eq!(written_up["incident_updates"][0]["body"], "Two disks.");
    assert_eq!(written_up["resolved_at"], "2026-01-02T11:20:00.000Z");
    let gone = named("The acme: Gone");
    assert_eq!((&gone["status"], &gone["resolved_at"]), (&"resolved".into(), &"2026-01-02T11:50:00.000Z".into()));
    let said = gone["incident_updates"][0]["body"].as_str().unwrap();
    assert_eq!(said, "The acme no longer lists this. Nobody said that it is over.");
}

#[tokio::test]
async fn maintenances_are_planned_or_going_on_or_over() {
    let world = world(rich());
    for (which, statuses) in [
        (Document::Upcoming, &["scheduled", "scheduled"][..]),
        (Document::Active, &["in_progress"]),
        (Document::Summary, &["scheduled", "in_progress", "scheduled"]),
        (Document::Maintenances, &["scheduled", "in_progress", "scheduled", "completed"]),
    ] {
        let said = document(&world, which).await;
        let works = items(&said, "scheduled_maintenances");
        assert_eq!(works.iter().map(|one| one["status"].as_str().unwrap()).collect::<Vec<_>>(), statuses, "{which:?}");
        if which == Document::Maintenances {
            let mark = |at: usize| &said["allclear"]["incidents"][works[at]["id"].as_str().unwrap()];
            assert_eq!((&mark(2)["status"], &mark(2)["scheduled_for"]), (&"unknown".into(), &"unknown".into()));
            assert_eq!(mark(3)["status"], "cancelled");
        }
    }
}

#[tokio::test]
async fn lists_are_as_long_as_the_original_s_and_what_goes_on_comes_before_what_is_over() {
    let mut snapshot = (*snapshot(3, "Open")).clone();
    let over = |n: i64| {
        let mut view = local(&format!("over-{n}"), Some(Phase::Resolved));
        view.incident.first_seen_at = at("2026-01-02T11:00:00Z") - jiff::SignedDuration::from_mins(n);
        view.incident.updates.clear();
        Arc::new(view)
    };
    snapshot.recent = (0..60).map(over).collect();
    let said = document(&world(Arc::new(snapshot)), Document::Incidents).await;
    let all = items(&said, "incidents");
    assert_eq!(all.len(), 50);
    assert_eq!(all.iter().filter(|one| one["name"] == "The acme: Open").count(), 1);
    assert!(all.is_sorted_by(|a, b| a["created_at"].as_str() >= b["created_at"].as_str()));
}

#[tokio::test]
async fn times_are_on_the_page_s_clock_and_links_need_no_configured_address() {
    let mut snapshot = (*snapshot(3, "Errors")).clone();
    let mut page = (*snapshot.page).clone();
    (page.timezone, page.url) = ("America/Chicago".into(), None);
    snapshot.page = Arc::new(page);
    let said = document(&world(Arc::new(snapshot)), Document::Summary).await;
    assert_eq!(said["page"]["time_zone"], "America/Chicago");
    assert_eq!(said["page"]["updated_at"], "2026-01-02T06:00:00.000-06:00");
    assert_eq!((&said["page"]["url"], &said["incidents"][0]["shortlink"]), (&"/".into(), &"/incidents/acme.x1".into()));
}

#[tokio::test]
async fn what_came_from_another_allclear_is_marked() {
    let mut snapshot = (*rich()).clone();
    let mut acme = (*snapshot.sources[0]).clone();
    acme.page.relays = true;
    acme.source = Arc::new(allclear::model::source::Source { id: SourceId::new("acme"), ..(*acme.source).clone() });
    snapshot.sources[0] = Arc::new(acme);
    let said = document(&world(Arc::new(snapshot)), Document::Summary).await;
    let relayed = |key: &str, row: &Value| said["allclear"][key][row["id"].as_str().unwrap()]["relayed"] == true;
    let rows: Vec<bool> = items(&said, "components").iter().map(|row| relayed("components", row)).collect();
    assert_eq!(rows, [true, true, false, false, false, false, false]);
    let threads: Vec<bool> = items(&said, "incidents").iter().map(|one| relayed("incidents", one)).collect();
    assert_eq!(threads, [true, true, false]);
}

#[tokio::test]
async fn documents_are_not_sent_twice_and_others_are_not_there() {
    let world = world(rich());
    for which in Document::ALL {
        let first = world.get(which.path()).await;
        assert_eq!(first.header("access-control-allow-origin"), "*");
        let again = world.ask("GET", which.path(), &[("if-none-match", first.header("etag"))]).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{which:?}");
    }
    for path in ["/api/v2", "/api/v2/zzz.json", "/api/v2/summary", "/api/v2/incidents/x.json"] {
        let answer = world.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
        assert_eq!(answer.json()["status"], 404);
    }
}
