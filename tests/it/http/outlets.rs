//! Feeds and calendars over HTTP: what is in them, in which words, and what follows what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use allclear::ingest::Published;
use allclear::model::desk::Desk;
use allclear::model::filter::Filter;
use allclear::model::id::{IncidentId, SeriesId, ServiceId, SourceId};
use allclear::model::incident::{Listing, Origin, Phase, Revision};
use allclear::model::level::State;
use allclear::model::local::{Hit, Local};
use allclear::model::series::{Exception, OccurrenceOf, Plan, Series};
use allclear::model::snapshot::{IncidentView, MaintenanceView, Snapshot};
use allclear::model::source::Need;
use jiff::{Timestamp, ToSpan};

use crate::http::world::{HOSTILE, World, at, incident, snapshot};

/// Everything that is served as a feed, in all ways of writing one.
const FEEDS: [&str; 12] = [
    "/feed.atom",
    "/feed.rss",
    "/feed.json",
    "/sources/acme/feed.atom",
    "/sources/acme/feed.rss",
    "/sources/acme/feed.json",
    "/services/checkout/feed.atom",
    "/services/checkout/feed.rss",
    "/services/checkout/feed.json",
    "/tags/shop/feed.atom",
    "/tags/shop/feed.rss",
    "/tags/shop/feed.json",
];

fn serve(present: Snapshot, desk: Desk) -> World {
    World::with_desk(Published { snapshot: Arc::new(present), events: Vec::new() }, desk)
}

fn present() -> Snapshot {
    let mut present = Arc::unwrap_or_clone(snapshot(3, "Errors in the API"));
    let service = Arc::make_mut(&mut present.services[0].service);
    service.needs = vec![Need { source: SourceId::new("acme"), components: Filter::new(&["Core/*"], &[]).unwrap() }];
    present
}

/// One of ours, planned for the service.
fn ours(id: &str, phase: Phase, starts: &str) -> Arc<MaintenanceView> {
    let present = snapshot(1, "");
    let mut view = MaintenanceView::clone(&present.maintenances[0]);
    let one = &mut view.maintenance;
    (one.id, one.origin, one.source) = (IncidentId::new(id), Origin::Local, None);
    (one.phase, one.starts_at) = (Some(phase), Some(at(starts)));
    one.ends_at = Some(at(starts) + 1.hour());
    one.updated_at = Some(at("2026-01-01T10:00:00Z"));
    one.services = vec![ServiceId::new("checkout")];
    one.local = Some(Box::new(Local { version: 3, ..Local::default() }));
    Arc::new(view)
}

async fn entries(world: &World, path: &str) -> Vec<feed_rs::model::Entry> {
    let answer = world.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    feed_rs::parser::parse(&*answer.body).unwrap_or_else(|error| panic!("{path}: {error}")).entries
}

/// The lines of a calendar's events, unfolded, by UID and RECURRENCE-ID.
async fn events(world: &World, path: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let answer = world.get(path).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "text/calendar; charset=utf-8"),
        "{path}"
    );
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    let text = text.replace("\r\n ", "");
    let mut found = BTreeMap::new();
    for event in text.split("BEGIN:VEVENT\r\n").skip(1) {
        let event = event.split("END:VEVENT").next().unwrap();
        let mut lines = BTreeMap::new();
        for line in event.lines() {
            let (name, value) = line.split_once(':').unwrap();
            assert!(lines.insert(name.to_owned(), value.to_owned()).is_none(), "twice: {line}");
        }
        let apart = lines.iter().find(|(name, _)| name.starts_with("RECURRENCE-ID")).map(|(_, at)| at.as_str());
        let key = format!("{}{}", lines["UID"], apart.map(|at| format!(" {at}")).unwrap_or_default());
        assert!(found.insert(key.clone(), lines).is_none(), "twice: {key}");
    }
    found
}

#[tokio::test]
async fn all_feeds_hold_what_has_to_do_with_them_under_the_same_names() {
    let mut present = present();
    let mut elsewhere = IncidentView::clone(&incident("acme.x2", "Errors elsewhere"));
    elsewhere.affected[0].path = "Shop/Search".into();
    present.incidents.push(Arc::new(elsewhere));
    let mut own = IncidentView::clone(&incident("ours-1", "Checkout is slow"));
    own.incident.source = None;
    own.incident.services = vec![Hit { service: ServiceId::new("checkout"), state: State::PARTIAL_OUTAGE }];
    present.incidents.push(Arc::new(own));
    present.maintenances.push(ours("ours-2", Phase::Scheduled, "2026-01-10T01:00:00Z"));
    let world = serve(present, Desk::default());
    for (place, count) in [
        ("", 5),
        ("/sources/acme", 2),
        ("/sources/bolt", 1),
        ("/services/checkout", 3),
        ("/tags/shop", 5),
        ("/tags/bolt", 1),
    ] {
        let mut names: Vec<Vec<String>> = Vec::new();
        for kind in ["atom", "rss", "json"] {
            let found = entries(&world, &format!("{place}/feed.{kind}")).await;
            assert_eq!(found.len(), count, "{place} {kind}");
            names.push(found.into_iter().map(|entry| entry.id).collect());
        }
        assert!(names[0] == names[1] && names[0] == names[2], "{place}: {names:?}");
    }
    for path in
        ["/services/none/feed.rss", "/tags/none/feed.rss", "/services/none/calendar.ics", "/tags/none/calendar.ics"]
    {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn hostile_words_stay_words_in_every_feed_and_calendar() {
    let world = serve(Arc::unwrap_or_clone(snapshot(1, HOSTILE)), Desk::default());
    for path in FEEDS.iter().filter(|path| !path.contains("services")) {
        for query in ["", "?per=update"] {
            let found = entries(&world, &format!("{path}{query}")).await;
            let hit = found.iter().find(|entry| entry.links.iter().any(|link| link.href.ends_with("acme.x1"))).unwrap();
            let title = &hit.title.as_ref().unwrap().content;
            assert!(title.contains("<script>alert(1)</script>") || title.contains("&lt;script&gt;"), "{path}: {title}");
        }
    }
    let mut view = MaintenanceView::clone(&snapshot(1, "").maintenances[0]);
    view.maintenance.title = HOSTILE.into();
    view.source_name = "X\r\nATTACH:http://evil.example".into();
    let mut present = present();
    present.maintenances = vec![Arc::new(view)];
    let found = events(&serve(present, Desk::default()), "/calendar.ics").await;
    let event = found.values().next().unwrap();
    assert!(event["SUMMARY"].starts_with("X\\nATTACH:http://evil.example: a]]><script>"), "{event:?}");
    assert!(!event.contains_key("ATTACH"), "{event:?}");
}

#[tokio::test]
async fn each_feed_names_its_own_address_and_the_page_about_the_same() {
    let world = serve(present(), Desk::default());
    for path in FEEDS {
        for query in ["", "?per=update"] {
            let answer = world.get(&format!("{path}{query}")).await;
            let own = format!("https://status.example{path}{query}");
            let (home, kind) = path.rsplit_once("/feed.").unwrap();
            let home = match home {
                "" => "https://status.example/".to_owned(),
                "/tags/shop" => "https://status.example/?tag=shop".to_owned(),
                home => format!("https://status.example{home}"),
            };
            if kind == "json" {
                let json = answer.json();
                assert_eq!((json["feed_url"].as_str(), json["home_page_url"].as_str()), (Some(&*own), Some(&*home)));
                continue;
            }
            let text = String::from_utf8(answer.body.clone()).unwrap();
            assert!(text.contains(&format!("href=\"{own}\"")), "{text}");
            let feed = feed_rs::parser::parse(&*answer.body).unwrap();
            assert!(feed.links.iter().any(|link| link.href == home), "{path}: {:?}", feed.links);
        }
    }
    let answer = world.get("/feed.atom?per=month").await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["detail"].as_str().unwrap().contains("`per`"));
}

#[tokio::test]
async fn an_incident_keeps_its_entry_and_each_update_is_one_that_comes_once() {
    let before = serve(present(), Desk::default());
    let mut changed = present();
    let mut view = IncidentView::clone(&changed.incidents[0]);
    let mut update = view.incident.updates[0].clone();
    update.at = Some(at("2026-01-02T11:30:00Z"));
    update.phase = Some(Phase::Monitoring);
    view.incident.updates.insert(0, update);
    view.incident.updated_at = Some(at("2026-01-02T11:30:00Z"));
    view.incident.phase = Some(Phase::Monitoring);
    changed.incidents[0] = Arc::new(view.clone());
    let after = serve(changed.clone(), Desk::default());
    for kind in ["atom", "rss", "json"] {
        let whole = format!("/sources/acme/feed.{kind}");
        let (old, new) = (entries(&before, &whole).await.remove(0), entries(&after, &whole).await.remove(0));
        assert_eq!((&old.id, old.published), (&new.id, new.published), "{kind}");
        if kind != "rss" {
            assert!(new.updated > old.updated, "{kind}");
        }
        let each = format!("{whole}?per=update");
        let (old, new) = (entries(&before, &each).await, entries(&after, &each).await);
        assert_eq!((old.len(), new.len()), (1, 2), "{kind}");
        assert_eq!(old[0].id, new[1].id, "what was posted before is not posted again: {kind}");
        assert!(new[0].title.as_ref().unwrap().content.contains("Monitoring"), "{kind}");
        assert_ne!(new[0].id, entries(&after, &whole).await[0].id);
    }
    // An end that no update tells of is told.
    view.incident.listing = Listing::NoLongerListed { since: at("2026-01-02T11:50:00Z") };
    changed.incidents.clear();
    changed.recent = vec![Arc::new(view)];
    let over = entries(&serve(changed, Desk::default()), "/sources/acme/feed.atom?per=update").await;
    assert_eq!(over.len(), 3);
    assert!(over[0].title.as_ref().unwrap().content.contains("No longer listed"), "{:?}", over[0].title);
}

#[tokio::test]
async fn what_goes_on_is_never_cut_off_by_what_is_over() {
    let mut present = present();
    let over = (0..700).map(|n| {
        let mut view = IncidentView::clone(&incident(&format!("acme.over{n}"), "Past"));
        view.incident.phase = Some(Phase::Resolved);
        view.incident.resolved_at = Some(at("2026-01-02T11:00:00Z") + n.seconds());
        Arc::new(view)
    });
    present.recent = over.collect();
    let world = serve(present, Desk::default());
    let found = entries(&world, "/feed.atom").await;
    assert_eq!(found.len(), 500);
    let holds = |id: &str| found.iter().any(|entry| entry.links[0].href.ends_with(id));
    assert!(holds("acme.x1") && holds("bolt.m1") && holds("acme.over699") && !holds("acme.over0"));
    assert!(found.windows(2).all(|pair| pair[0].updated >= pair[1].updated), "the last changed comes first");
}

#[tokio::test]
async fn pages_name_the_feeds_about_them_and_offer_the_calendar() {
    let mut present = present();
    present.maintenances.push(ours("ours-2", Phase::Scheduled, "2026-01-10T01:00:00Z"));
    let plain = |body: Vec<u8>| String::from_utf8(body).unwrap().replace("&#x2f;", "/");
    let world = serve(present.clone(), Desk::default());
    for (page, place) in [("/", ""), ("/sources/bolt", "/sources/bolt"), ("/services/checkout", "/services/checkout")] {
        let html = plain(world.get(page).await.body);
        for (kind, name) in [("atom+xml", "atom"), ("rss+xml", "rss"), ("feed+json", "json")] {
            let (kind, href) = (format!("type=\"application/{kind}\""), format!("href=\"{place}/feed.{name}\""));
            assert!(html.lines().any(|line| line.contains(&kind) && line.contains(&href)), "{page} {name}: {html}");
        }
        assert!(html.contains(&format!("href=\"webcal://status.example{place}/calendar.ics\"")), "{page}: {html}");
    }
    Arc::make_mut(&mut present.page).private = true;
    let pages = allclear::render::Pages::new().unwrap();
    let html = pages.status(&present).unwrap().replace("&#x2f;", "/");
    assert!(html.contains("href=\"/calendar.ics\""), "a calendar that cannot sign in is not sent there: {html}");
}

#[tokio::test]
async fn a_calendar_says_of_each_maintenance_what_is_known() {
    let mut present = present();
    let mut endless = MaintenanceView::clone(&present.maintenances[0]);
    let one = &mut endless.maintenance;
    (one.id, one.ends_at, one.phase) = (IncidentId::new("bolt.m2"), None, None);
    one.revision = Revision { number: 2, at: Some(at("2026-01-02T08:00:00Z")) };
    let mut vague = endless.clone();
    (vague.maintenance.id, vague.maintenance.starts_at) = (IncidentId::new("bolt.m3"), None);
    let mut gone = MaintenanceView::clone(&present.maintenances[0]);
    gone.maintenance.id = IncidentId::new("bolt.m4");
    gone.maintenance.listing = Listing::NoLongerListed { since: at("2026-01-02T08:00:00Z") };
    present.maintenances.extend([Arc::new(endless), Arc::new(vague)]);
    present.recent_maintenances = vec![Arc::new(gone), ours("ours-2", Phase::Cancelled, "2026-01-10T01:00:00Z")];
    let world = serve(present, Desk::default());
    let found = events(&world, "/calendar.ics").await;
    assert_eq!(found.len(), 4, "what has no start has no place: {found:?}");
    let find = |words: &str| {
        found.values().find(|event| event["URL"].ends_with(words)).unwrap_or_else(|| panic!("{words}: {found:?}"))
    };
    let planned = find("/maintenances/bolt.m1");
    for (name, value) in [
        ("DTSTART", "20260109T010000Z"),
        ("DTEND", "20260109T020000Z"),
        ("STATUS", "CONFIRMED"),
        ("SEQUENCE", "0"),
        ("CREATED", "20260101T000000Z"),
        ("LAST-MODIFIED", "20260101T000000Z"),
        ("DTSTAMP", "20260101T000000Z"),
        ("SUMMARY", "The bolt: Database upgrade"),
        ("CATEGORIES", "Maintenance,shop,bolt"),
        ("TRANSP", "TRANSPARENT"),
    ] {
        assert_eq!(planned.get(name).map(String::as_str), Some(value), "{name}: {planned:?}");
    }
    let endless = find("/maintenances/bolt.m2");
    assert_eq!((endless["STATUS"].as_str(), endless["SEQUENCE"].as_str()), ("TENTATIVE", "2"));
    assert_eq!(endless["LAST-MODIFIED"], "20260102T080000Z");
    assert!(!endless.contains_key("DTEND") && endless["DESCRIPTION"].contains("not known"), "{endless:?}");
    let gone = find("/maintenances/bolt.m4");
    assert!(gone["STATUS"] == "TENTATIVE" && gone["DESCRIPTION"].contains("nobody said"), "{gone:?}");
    let cancelled = find("/maintenances/ours-2");
    assert_eq!((cancelled["STATUS"].as_str(), cancelled["SEQUENCE"].as_str()), ("CANCELLED", "2"));
    assert_eq!(events(&world, "/services/checkout/calendar.ics").await.len(), 1);
    assert_eq!(events(&world, "/sources/bolt/calendar.ics").await.len(), 3);
    assert_eq!(events(&world, "/sources/acme/calendar.ics").await.len(), 0);
    let empty = String::from_utf8(world.get("/sources/acme/calendar.ics").await.body).unwrap();
    assert!(empty.contains("BEGIN:VTIMEZONE\r\nTZID:UTC\r\n"), "a calendar holds something: {empty}");
}

/// Every Thursday at three in the morning in Berlin, since December.
fn weekly(exceptions: &[(&str, Exception)]) -> Series {
    Series {
        id: SeriesId::new("patches"),
        title: "Patches".into(),
        markdown: String::new(),
        words: Default::default(),
        services: vec![ServiceId::new("checkout")],
        rule: "FREQ=WEEKLY;BYDAY=TH;COUNT=20".into(),
        timezone: "Europe/Berlin".into(),
        starts: "2025-12-04T03:00:00".parse().unwrap(),
        duration: Duration::from_secs(3600),
        auto_start: false,
        auto_end: false,
        reminders: Vec::new(),
        exceptions: exceptions.iter().map(|(starts, one)| (starts.parse().unwrap(), *one)).collect(),
        version: 4,
        author: "Robin".into(),
        created_at: at("2025-12-20T00:00:00Z"),
        changed_at: at("2026-01-01T12:00:00Z"),
    }
}

/// The occurrence that starts so by the rule, planned for `starts`.
fn occurrence(by_rule: &str, phase: Phase, starts: Timestamp) -> Arc<MaintenanceView> {
    let mut view = MaintenanceView::clone(&ours(&format!("patches-{by_rule}"), phase, "2026-01-10T01:00:00Z"));
    let one = &mut view.maintenance;
    (one.title, one.starts_at, one.ends_at) = ("Patches".into(), Some(starts), Some(starts + 1.hour()));
    let of = OccurrenceOf { series: SeriesId::new("patches"), starts: by_rule.parse().unwrap() };
    one.local.as_mut().unwrap().plan = Plan { series: Some(of), ..Plan::default() };
    Arc::new(view)
}

#[tokio::test]
async fn what_comes_again_is_one_event_with_a_rule_and_its_exceptions() {
    let moved = Exception::Moved { starts_at: at("2026-01-09T05:00:00Z"), ends_at: at("2026-01-09T06:00:00Z") };
    let series = weekly(&[
        (
            "2025-12-25T03:00:00",
            Exception::Moved { starts_at: at("2025-12-26T03:00:00Z"), ends_at: at("2025-12-26T04:00:00Z") },
        ),
        ("2026-01-08T03:00:00", moved),
        ("2026-01-15T03:00:00", Exception::Cancelled),
    ]);
    let mut present = present();
    present.maintenances = vec![
        occurrence("2026-01-08T03:00:00", Phase::Scheduled, at("2026-01-09T05:00:00Z")),
        occurrence("2026-01-22T03:00:00", Phase::Scheduled, at("2026-01-22T02:00:00Z")),
        // Of the rule that was, and still going on.
        occurrence("2026-01-02T03:00:00", Phase::InProgress, at("2026-01-02T02:00:00Z")),
    ];
    present.recent_maintenances = vec![
        occurrence("2026-01-01T03:00:00", Phase::Completed, at("2026-01-01T02:00:00Z")),
        occurrence("2026-01-15T03:00:00", Phase::Cancelled, at("2026-01-15T02:00:00Z")),
    ];
    let desk = Desk { series: [(series.id.clone(), series)].into(), ..Desk::default() };
    let world = serve(present, desk);
    for path in ["/calendar.ics", "/services/checkout/calendar.ics", "/tags/shop/calendar.ics"] {
        let found = events(&world, path).await;
        assert_eq!(found.len(), 4, "{path}: {found:?}");
        let (uid, rule) = found.iter().find(|(_, event)| event.contains_key("RRULE")).unwrap();
        // Three Thursdays were before the series was made: what is left of twenty.
        assert_eq!(rule["RRULE"], "FREQ=WEEKLY;BYDAY=TH;COUNT=17");
        assert_eq!(rule["DTSTART;TZID=Europe/Berlin"], "20251225T030000");
        assert_eq!(rule["EXDATE;TZID=Europe/Berlin"], "20251225T030000,20260115T030000");
        assert_eq!((rule["DURATION"].as_str(), rule["SEQUENCE"].as_str()), ("PT60M", "3"));
        assert_eq!(
            (rule["CREATED"].as_str(), rule["LAST-MODIFIED"].as_str()),
            ("20251220T000000Z", "20260101T120000Z")
        );
        let moved = &found[&format!("{uid} 20260108T030000")];
        assert_eq!((moved["DTSTART"].as_str(), moved["SEQUENCE"].as_str()), ("20260109T050000Z", "5"));
        assert!(moved.contains_key("RECURRENCE-ID;TZID=Europe/Berlin"), "{moved:?}");
        assert!(found.contains_key(&format!("{uid} 20260101T030000")), "what was done is said: {found:?}");
        let at = |event: &&BTreeMap<String, String>| event.get("DTSTART").is_some_and(|at| at == "20260102T020000Z");
        assert_ne!(found.values().find(at).unwrap()["UID"], *uid, "what the rule does not name any more stands alone");
    }
    let text = String::from_utf8(world.get("/calendar.ics").await.body).unwrap();
    assert_eq!(text.matches("BEGIN:VTIMEZONE").count(), 1);
    assert_eq!(events(&world, "/sources/bolt/calendar.ics").await.len(), 0);
}
