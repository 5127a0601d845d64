//! Figures over HTTP: what a vendor's past adds up to, in every form, with what it rests on.

use std::sync::Arc;

use allclear::ingest::Published;
use allclear::model::desk::Desk;
use allclear::model::event::{Cause, Event, EventKind};
use allclear::model::filter::Filter;
use allclear::model::id::{IncidentId, ServiceId, SourceId};
use allclear::model::incident::{Incident, Maintenance, Origin, Phase};
use allclear::model::level::State;
use allclear::model::local::{Hit, Local, Pushed};
use allclear::model::receipt::{Reading, Receipt};
use allclear::model::snapshot::Snapshot;
use allclear::model::source::Need;
use allclear::model::state::{SourceState, Transport};
use allclear::model::target::{Period, Share, Target};
use allclear::nudge::post::Post;
use allclear::store::{Batch, SourceChange};
use serde_json::Value;

use super::world::{Behind, World, at, incident, snapshot};

const FIRST_DOWN: &str = "2026-01-01T06:00:00Z";
const FIRST_UP: &str = "2026-01-01T08:00:00Z";

fn turn(seq: u64, moment: &str, to: State, since: Option<&str>) -> Event {
    Event {
        seq,
        at: at(moment),
        since: since.map(at),
        kind: EventKind::SourceState,
        source: Some(SourceId::new("acme")),
        subject: None,
        name: "The acme".into(),
        from: Some("operational".into()),
        to: Some(to.as_str().into()),
        cause: Cause::Reading,
        note: None,
        baseline: false,
    }
}

/// From noon on the 31st: up, two hours down, an hour of planned work, unread for six hours, up.
fn past() -> Vec<Event> {
    vec![
        turn(1, "2025-12-31T12:00:00Z", State::OPERATIONAL, None),
        turn(2, FIRST_DOWN, State::MAJOR_OUTAGE, None),
        turn(3, FIRST_UP, State::OPERATIONAL, None),
        turn(4, "2026-01-01T10:00:00Z", State::UNDER_MAINTENANCE, None),
        turn(5, "2026-01-01T11:00:00Z", State::OPERATIONAL, None),
        turn(6, "2026-01-01T12:15:00Z", State::Unknown, Some("2026-01-01T12:00:00Z")),
        turn(7, "2026-01-01T18:00:00Z", State::OPERATIONAL, None),
    ]
}

/// The vendor's own incident of that outage, first posted half an hour in; its title is a formula.
fn vendors() -> Incident {
    let mut told = incident("acme.x1", "=HYPERLINK(\"http://evil.example\",\"Errors\")").incident.clone();
    told.started_at = Some(at(FIRST_DOWN));
    told.resolved_at = Some(at(FIRST_UP));
    told.phase = Some(Phase::Resolved);
    told.updates[0].at = Some(at("2026-01-01T06:30:00Z"));
    told.updates[0].noticed_at = Some(at("2026-01-01T06:31:00Z"));
    told.first_seen_at = at("2026-01-01T06:31:00Z");
    told
}

/// An alert of ours about a service that needs the vendor, ten minutes before the vendor spoke.
fn ours() -> Incident {
    Incident {
        id: IncidentId::new("pushed-1"),
        origin: Origin::Local,
        source: None,
        services: vec![Hit { service: ServiceId::new("checkout"), state: State::MAJOR_OUTAGE }],
        components: vec![],
        started_at: Some(at("2026-01-01T06:20:00Z")),
        resolved_at: Some(at(FIRST_UP)),
        updates: vec![],
        first_seen_at: at("2026-01-01T06:22:00Z"),
        local: Some(Box::new(Local {
            pushed: Some(Pushed { hook: "probes".into(), key: "checkout".into() }),
            ..Local::default()
        })),
        ..vendors()
    }
}

/// Planned work of the vendor, announced a day and a half ahead.
fn works() -> Maintenance {
    Maintenance {
        id: IncidentId::new("acme.works"),
        source: Some(SourceId::new("acme")),
        title: "Replacing <switches>".into(),
        phase: Some(Phase::Completed),
        starts_at: Some(at("2026-01-01T10:00:00Z")),
        ends_at: Some(at("2026-01-01T11:00:00Z")),
        first_seen_at: at("2025-12-30T22:00:00Z"),
        ..super::world::maintenance().maintenance.clone()
    }
}

fn receipt(moment: &str, body: &'static str) -> Receipt {
    Receipt {
        document: "summary".into(),
        url: "https://status.acme.example/api/v2/summary.json".into(),
        content_type: None,
        read_at: at(moment),
        body: body.into(),
        place: 0,
        history: false,
        reading: Reading {
            noticed_at: Some(at(moment)),
            documents: 1,
            format: "statuspage".into(),
            ..Reading::default()
        },
    }
}

fn present() -> Arc<Snapshot> {
    let mut present = (*snapshot(7, "Errors")).clone();
    let mut view = (*present.sources[0]).clone();
    let mut source = (*view.source).clone();
    source.target = Some(Target {
        uptime: Share::from_percent("99.9").unwrap(),
        period: Period::Month,
        counts: Target::DOWN.to_vec(),
    });
    view.source = Arc::new(source);
    // All of the day is known.
    view.freshness.ok_at = Some(present.generated_at);
    present.sources[0] = Arc::new(view);
    let mut service = (*present.services[0].service).clone();
    service.needs = vec![Need { source: SourceId::new("acme"), components: Filter::default() }];
    present.services[0].service = Arc::new(service);
    Arc::new(present)
}

async fn world() -> (World, Behind) {
    let (world, behind) = World::with_post(
        Published { snapshot: present(), events: vec![] },
        Desk::default(),
        Post::to(tokio::sync::mpsc::channel(1).0),
    );
    let change = SourceChange {
        id: SourceId::new("acme"),
        state: Some(SourceState::never_read(at("2025-12-31T12:00:00Z"))),
        touched: vec![],
        past_incidents: vec![vendors()],
        past_maintenances: vec![works()],
        transport: Transport::default(),
        receipts: vec![receipt(FIRST_DOWN, "down"), receipt(FIRST_UP, "up")],
        detected: None,
    };
    let batch = Batch { events: past(), sources: vec![change], local_incidents: vec![ours()], ..Batch::default() };
    behind.store.run(move |store| store.commit(&batch)).await.unwrap();
    (world, behind)
}

/// The column of this name in the row that begins with `lead`.
fn cell(table: &str, lead: &str, name: &str) -> String {
    let mut lines = table.split("\r\n");
    let place = lines.next().unwrap().split(',').position(|head| head == name).unwrap();
    let row = lines.find(|line| line.starts_with(lead)).unwrap_or_else(|| panic!("no {lead} in {table}"));
    row.split(',').nth(place).unwrap().to_owned()
}

#[tokio::test]
async fn uptime_is_of_the_observed_time_with_and_without_planned_work() {
    let (world, _behind) = world().await;
    // The two days from the 31st at noon: 48 hours, six of them unread.
    let path = "/api/v1/sources/acme/uptime?from=2025-12-31T12:00:00Z&to=2026-01-02T12:00:00Z";
    let found = world.get(path).await.json();
    assert_eq!(found["seconds"]["not_observed"], 6 * 3600);
    assert_eq!(found["seconds"]["major_outage"], 2 * 3600);
    assert_eq!(found["seconds"]["under_maintenance"], 3600);
    assert_eq!(found["seconds"]["total"], 48 * 3600);
    // 39 of 42 hours, and 39 of 41, rounded down.
    assert_eq!(found["uptime_with_maintenance"], 92.8571);
    assert_eq!(found["uptime_without_maintenance"], 95.1219);
    assert_eq!(found["coverage"], 87.5);
    let days = found["items"].as_array().unwrap();
    let worst: Vec<&Value> = days.iter().map(|day| &day["worst"]).collect();
    assert_eq!(worst, ["operational", "major_outage", "operational"]);
    let berlin = world.get(&format!("{path}&timezone=Asia/Tokyo&granularity=month")).await.json();
    let months: Vec<&Value> = berlin["items"].as_array().unwrap().iter().map(|month| &month["date"]).collect();
    assert_eq!(months, ["2025-12-01", "2026-01-01"]);
    assert_eq!(berlin["items"][0]["seconds"]["total"], 3 * 3600, "the new year comes earlier there");
}

#[tokio::test]
async fn what_cannot_be_said_is_null() {
    let (world, _behind) = world().await;
    let never = world.get("/api/v1/sources/bolt/uptime?days=30").await.json();
    assert_eq!(never["uptime_with_maintenance"], Value::Null);
    assert_eq!(never["coverage"], 0.0);
    assert_eq!(never["items"].as_array().unwrap().len(), 30);
    assert!(never["items"].as_array().unwrap().iter().all(|day| day["worst"].is_null()));
    let all = world.get("/api/v1/reports/uptime?window=30d").await.json();
    assert_eq!(all["items"][1]["incidents"], Value::Null, "nobody looked");
    assert_eq!(all["items"][0]["incidents"], 1);
    let service = world.get("/api/v1/services/checkout/uptime").await.json();
    assert_eq!(service["uptime_without_maintenance"], Value::Null);
    let part = world.get("/api/v1/sources/acme/uptime?component=Core/API").await.json();
    assert_eq!((&part["component"], &part["uptime_with_maintenance"]), (&"Core/API".into(), &Value::Null));
}

#[tokio::test]
async fn a_vendor_is_measured_by_what_we_knew_before_it_spoke() {
    let (world, _behind) = world().await;
    let found = world.get("/api/v1/reports/sources/acme?window=30d").await.json();
    assert_eq!(found["incidents"]["count"], 1);
    assert_eq!(found["incidents"]["resolve"]["median_seconds"], 2 * 3600);
    let one = &found["timeline"][0];
    // Its own state turned bad half an hour before it spoke; the alert came later.
    assert_eq!((&one["noticed"]["sign"], &one["acknowledge_seconds"]), (&"state".into(), &1800.into()));
    let down = &found["downtime"][0];
    assert_eq!((&down["seconds"], &down["start_seen"], &down["end_seen"]), (&7200.into(), &true.into(), &true.into()));
    assert_eq!(down["incidents"][0]["id"], "acme.x1");
    assert!(down["incidents"][0]["posts"][0]["text"].as_str().unwrap().contains("HYPERLINK"));
    let receipts = down["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 2, "what was read at its beginning and at its end");
    for (receipt, body) in receipts.iter().zip(["down", "up"]) {
        assert_eq!(world.get(receipt["href"].as_str().unwrap()).await.text(), body);
        assert!(receipt["href"].as_str().unwrap().ends_with(receipt["hash"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn an_alert_of_ours_is_the_first_notice_where_no_state_turned_before() {
    let (world, behind) = world().await;
    // A second outage that its page never showed: only our alert and its late post.
    let (mut theirs, mut alert) = (vendors(), ours());
    (theirs.id, theirs.upstream_ids) = (IncidentId::new("acme.x2"), vec!["x2".into()]);
    theirs.started_at = Some(at("2026-01-02T05:00:00Z"));
    theirs.resolved_at = None;
    theirs.updates[0].at = Some(at("2026-01-02T05:40:00Z"));
    alert.id = IncidentId::new("pushed-2");
    alert.started_at = Some(at("2026-01-02T05:05:00Z"));
    alert.first_seen_at = at("2026-01-02T05:10:00Z");
    alert.resolved_at = Some(at("2026-01-02T06:00:00Z"));
    let change = SourceChange {
        id: SourceId::new("acme"),
        state: Some(SourceState::never_read(at("2025-12-31T12:00:00Z"))),
        touched: vec![],
        past_incidents: vec![theirs],
        past_maintenances: vec![],
        transport: Transport::default(),
        receipts: vec![],
        detected: None,
    };
    let batch = Batch { sources: vec![change], local_incidents: vec![alert], ..Batch::default() };
    behind.store.run(move |store| store.commit(&batch)).await.unwrap();
    let found = world.get("/api/v1/reports/sources/acme?from=2026-01-02&to=2026-01-02").await.json();
    let one = &found["timeline"][0];
    assert_eq!((&one["id"], &one["noticed"]["sign"]), (&"acme.x2".into(), &"alert".into()));
    assert_eq!(one["noticed"]["incident"], "pushed-2");
    assert_eq!(one["acknowledge_seconds"], 35 * 60, "from the probe's own time on");
    assert_eq!(one["resolve_seconds"], Value::Null, "nobody said that it ended");
}

#[tokio::test]
async fn a_claim_rests_on_the_promise_the_outages_and_what_was_sent() {
    let (world, _behind) = world().await;
    let claim = world.get("/api/v1/reports/sources/acme/claim").await.json();
    assert_eq!(claim["target"]["standing"], "broken");
    assert_eq!(claim["target"]["allowed_seconds"], 31 * 86_400 / 1000);
    assert_eq!(claim["target"]["spent_seconds"], 7200);
    assert_eq!(claim["target"]["over_seconds"], 7200 - 31 * 86_400 / 1000 - 1, "never more than is sure");
    assert_eq!(claim["outages"].as_array().unwrap().len(), 1);
    let mild = world.get("/api/v1/reports/sources/acme/claim?target=90&window=2025-12").await.json();
    assert_eq!(mild["target"]["standing"], "unsure", "most of December was not observed");
    let none = world.get("/api/v1/reports/sources/bolt/claim").await;
    assert_eq!(none.status, 400);
    assert!(none.text().contains("target=99.9"), "{}", none.text());
    let table = world.get("/api/v1/reports/sources/acme/claim?format=csv").await.text();
    assert_eq!(cell(&table, "2026-01-01T06:00:00Z", "seconds"), "7200");
    assert!(!cell(&table, "2026-01-01T06:00:00Z", "incidents").is_empty());
}

#[tokio::test]
async fn tables_are_for_spreadsheets_and_hold_no_formula() {
    let (world, _behind) = world().await;
    let table = world.get("/api/v1/reports/sources/acme?window=30d&format=csv").await;
    assert!(table.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(table.headers["content-disposition"].to_str().unwrap().contains("incidents-acme.csv"));
    assert!(table.text().contains("\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"Errors\"\")\""), "{}", table.text());
    // By what the asker accepts, and never the other form from a cache.
    let accepted = world.ask("GET", "/api/v1/reports/uptime?window=30d", &[("accept", "text/csv")]).await;
    assert_eq!(cell(&accepted.text(), "acme", "major_outage_seconds"), "7200");
    let varies: Vec<_> = accepted.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(varies.contains(&"accept"), "{varies:?}");
    let plain = world.ask("GET", "/api/v1/reports/uptime?window=30d", &[("accept", "*/*")]).await;
    assert_eq!(plain.json()["items"][0]["seconds"]["major_outage"], 7200);
    let days = world.get("/api/v1/sources/acme/uptime?days=30&format=csv").await.text();
    assert_eq!(days.lines().count(), 31);
    assert_eq!(cell(&days, "acme,,2026-01-01", "uptime_without_maintenance"), "88.2352");
}

#[tokio::test]
async fn bad_values_are_named_and_what_is_not_there_is_not_found() {
    let (world, _behind) = world().await;
    for (path, name) in [
        ("/api/v1/sources/acme/uptime?window=fortnight", "window"),
        ("/api/v1/sources/acme/uptime?days=0", "window"),
        ("/api/v1/sources/acme/uptime?days=401", "window"),
        ("/api/v1/sources/acme/uptime?from=yesterday", "from"),
        ("/api/v1/sources/acme/uptime?from=2026-01-02&to=2026-01-01", "to"),
        ("/api/v1/sources/acme/uptime?from=2020-01-01", "to"),
        ("/api/v1/sources/acme/uptime?timezone=Mars/Olympus", "timezone"),
        ("/api/v1/sources/acme/uptime?granularity=week", "granularity"),
        ("/api/v1/sources/acme/uptime?format=xlsx", "format"),
        ("/api/v1/reports/scorecard?source=nobody", "source"),
        ("/api/v1/reports/sources/acme/claim?target=101", "target"),
        ("/sources/acme?days=31", "days"),
        ("/reports/sources/acme/claim?target=high", "target"),
        ("/reports?sort=colour", "sort"),
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text().contains(name), "{path}: {}", answer.text());
    }
    for path in [
        "/api/v1/sources/nobody/uptime",
        "/api/v1/sources/acme/uptime?component=nothing",
        "/api/v1/services/nobody/uptime",
        "/api/v1/reports/sources/nobody",
        "/api/v1/reports/sources/nobody/claim?target=99",
        "/reports/sources/nobody/claim",
        "/reports/sources/nobody",
    ] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn pages_show_the_figures_and_what_they_rest_on() {
    let (world, _behind) = world().await;
    let page = world.get("/reports/sources/acme?window=30d").await;
    assert_eq!(page.status, 200);
    let text = page.text().replace("&#x2f;", "/");
    for part in
        ["95.1219", "93.1034", "1 outage", "30 min after we knew", "broken", "/sources/acme/receipts/", "<svg", "<desc"]
    {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    assert!(!text.contains("<a href=\"http://evil"), "{text}");
    let all = world.get("/reports?window=30d&sort=uptime").await.text();
    assert!(all.find("The acme").unwrap() < all.find("The bolt").unwrap(), "of whom nothing is known, stands last");
    let side = world.get("/reports/compare?source=bolt&source=acme&source=bolt").await.text();
    assert!(side.contains("The bolt") && side.contains("not known"));
    let known = page.headers["etag"].to_str().unwrap().to_owned();
    let again = world.ask("GET", "/reports/sources/acme?window=30d", &[("if-none-match", &known)]).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn the_bar_of_a_source_has_as_many_days_as_are_asked_for() {
    let (world, _behind) = world().await;
    for (query, days) in [("", 90), ("?days=30", 30), ("?days=365", 365)] {
        let page = world.get(&format!("/sources/acme{query}")).await.text();
        assert!(page.contains(&format!("viewBox=\"0 0 {days} 100\"")), "{query}");
        let words =
            format!("Of {days} days 1 had trouble, 0 maintenance, 0 are unknown and {} were not observed", days - 3);
        assert!(page.contains(&words), "{query}: {page}");
    }
}

#[tokio::test]
async fn a_service_has_its_bar_and_what_was_noticed_of_it() {
    let (world, behind) = world().await;
    let page = world.get("/services/checkout").await.text();
    assert!(page.contains("Of 90 days 0 had trouble, 0 maintenance, 0 are unknown and 90 were not observed"), "{page}");
    let of_service = |seq, moment: &str, to: State| Event {
        kind: EventKind::ServiceState,
        source: None,
        subject: Some("checkout".into()),
        name: "Checkout".into(),
        cause: Cause::Operator,
        ..turn(seq, moment, to, None)
    };
    // A component of the same name says nothing of the service.
    let component = Event {
        kind: EventKind::ComponentState,
        subject: Some("checkout".into()),
        name: "A vendor's checkout".into(),
        ..turn(10, "2026-01-01T09:00:00Z", State::MAJOR_OUTAGE, None)
    };
    let events =
        vec![of_service(8, FIRST_DOWN, State::PARTIAL_OUTAGE), of_service(9, FIRST_UP, State::OPERATIONAL), component];
    behind.store.run(move |store| store.commit(&Batch { events, ..Batch::default() })).await.unwrap();
    for (query, days) in [("", 90), ("?days=30", 30), ("?days=365", 365)] {
        let page = world.get(&format!("/services/checkout{query}")).await.text();
        let words =
            format!("Of {days} days 1 had trouble, 0 maintenance, 0 are unknown and {} were not observed", days - 2);
        assert!(page.contains(&words), "{query}: {page}");
        assert!(page.contains("operational → partial outage") && !page.contains("A vendor"), "{query}: {page}");
    }
    assert_eq!(world.get("/services/checkout?days=31").await.status, 400);
}

#[tokio::test]
async fn a_claim_is_a_page_that_says_what_was_promised_and_what_shows_it() {
    let (world, _behind) = world().await;
    let page = world.get("/reports/sources/acme/claim").await.text().replace("&#x2f;", "/");
    for part in ["99.9 % over", "broken", "2 h", "Errors", "/sources/acme/receipts/", "target=99.9&amp;window=month"] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    let kept = world.get("/reports/sources/acme/claim?target=90&from=2025-12-01&to=2025-12-31").await.text();
    assert!(kept.contains("value=\"90\"") && kept.contains("None was seen"), "{kept}");
    assert!(kept.contains("from=2025-12-01T00:00:00Z&amp;to=2026-01-01T00:00:00Z"), "{kept}");
    let quarter = world.get("/reports/sources/acme/claim?target=99.95&window=last-quarter").await.text();
    assert!(quarter.contains("99.95 % over a quarter"), "{quarter}");
    // The month goes on, and nothing is known of the vendor: nothing good is said of it.
    let unseen = world.get("/reports/sources/bolt/claim?target=99.9&window=30d").await.text();
    assert!(unseen.contains("too much was not observed") && unseen.contains("at most"), "{unseen}");
    assert!(!unseen.contains("within budget") && !unseen.contains("even pace"), "{unseen}");
    let open = world.get("/reports/sources/bolt/claim").await;
    assert_eq!(open.status, 200, "nothing is promised: it asks");
    assert!(open.text().contains("Nothing is promised") && open.text().contains("name=\"target\""));
}

#[tokio::test]
async fn a_review_lists_planned_work_and_how_long_ahead_it_was_announced() {
    let (world, _behind) = world().await;
    let review = world.get("/api/v1/reports/sources/acme?window=30d").await.json();
    assert_eq!(review["planned"][0]["id"], "acme.works");
    assert_eq!(review["planned"][0]["status"], "completed");
    assert_eq!(review["planned"][0]["announced_at"], "2025-12-30T22:00:00Z");
    let page = world.get("/reports/sources/acme?window=30d").await.text().replace("&#x2f;", "/");
    assert!(page.contains("Replacing &lt;switches&gt;") && page.contains("announced 1 d 12 h before"), "{page}");
    assert!(page.contains("/maintenances/acme.works"));
    let before = world.get("/api/v1/reports/sources/acme?from=2025-12-01&to=2025-12-30").await.json();
    assert_eq!(before["planned"].as_array().unwrap().len(), 0, "it lies outside");
}

#[tokio::test]
async fn a_scorecard_has_every_month_of_each_vendor() {
    let (world, _behind) = world().await;
    let cards = world.get("/api/v1/reports/scorecard?source=acme&window=90d").await.json();
    let card = &cards["items"][0];
    assert_eq!((cards["items"].as_array().unwrap().len(), &card["outages"]), (1, &1.into()));
    let months = card["months"].as_array().unwrap();
    assert_eq!(months.len(), 4);
    assert_eq!(months[0]["incidents"]["count"], Value::Null, "nobody looked in October");
    assert_eq!(months[3]["incidents"]["count"], 1);
    assert_eq!(card["target"]["standing"], "broken");
}
