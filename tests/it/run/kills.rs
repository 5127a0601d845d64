//! Killed at any moment, it goes on where it was: nothing lost, nothing twice, nothing made up.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use allclear::model::event::{Event, EventKind};
use allclear::rules::schedule::share;
use allclear::simulate::{Change, VendorInfo, World};
use allclear::store::Store;
use serde_json::Value;

use super::server::{Home, SOON, Server, list, play, until, yaml};
use super::truth::wrong;

/// Even numbers from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Lets vendors have troubles, one random change after another.
struct Troubles {
    world: World,
    vendors: Vec<VendorInfo>,
    open: Vec<(String, String)>,
    count: u32,
}

impl Troubles {
    fn go_on(&mut self, dice: &mut Dice) {
        let vendor = self.vendors[usize::try_from(dice.roll(self.vendors.len() as u64)).unwrap()].id.clone();
        match dice.roll(4) {
            0 => {
                self.count += 1;
                let id = format!("trouble{:05}", self.count);
                let open = Change::Open {
                    id: id.clone(),
                    title: format!("Trouble {}", self.count),
                    impact: "minor",
                    body: "We are looking.".into(),
                    components: vec!["Jobs".into()],
                };
                self.world.set(&vendor, open);
                self.open.push((vendor, id));
            }
            1 if !self.open.is_empty() => {
                let at = usize::try_from(dice.roll(self.open.len() as u64)).unwrap();
                let (vendor, id) = self.open.swap_remove(at);
                self.world.set(&vendor, Change::Update { id, phase: "resolved", body: "It is over.".into() });
            }
            2 if !self.open.is_empty() => {
                let at = usize::try_from(dice.roll(self.open.len() as u64)).unwrap();
                let (vendor, id) = self.open[at].clone();
                self.world.set(&vendor, Change::Update { id, phase: "identified", body: "It is the disk.".into() });
            }
            _ => {
                let state = ["operational", "partial_outage", "degraded_performance"][dice.roll(3) as usize];
                self.world.set(&vendor, Change::Component { name: "Jobs".into(), state });
            }
        }
    }
}

/// What a process showed before it was killed.
#[derive(Default)]
struct Shown {
    seq: u64,
    /// Start and title by id.
    incidents: BTreeMap<String, (Value, Value)>,
    /// State and its start by id.
    sources: BTreeMap<String, (Value, Value)>,
}

impl Shown {
    fn of(summary: &Value) -> Self {
        let rows = |items: &Value, fields: [&str; 2]| {
            let all = list(items);
            let rows: BTreeMap<_, _> = all
                .iter()
                .map(|it| (it["id"].as_str().unwrap().to_owned(), (it[fields[0]].clone(), it[fields[1]].clone())))
                .collect();
            assert_eq!(rows.len(), all.len(), "one stands there twice: {items}");
            rows
        };
        Self {
            seq: summary["seq"].as_u64().unwrap(),
            incidents: rows(&summary["incidents"], ["started_at", "title"]),
            sources: rows(&summary["sources"], ["state", "state_since"]),
        }
    }

    /// Nothing that was shown before is lost or changed by itself.
    async fn follows(&self, before: &Self, server: &Server, calm: &[String]) {
        assert!(self.seq >= before.seq, "events went back from {} to {}", before.seq, self.seq);
        for (id, shown) in &before.incidents {
            match self.incidents.get(id) {
                Some(now) => assert_eq!(now, shown, "{id}"),
                None => {
                    let kept = server.json(&format!("/api/v1/incidents/{id}")).await;
                    assert_eq!((&kept["started_at"], &kept["open"]), (&shown.0, &false.into()), "{kept}");
                }
            }
        }
        let unmoved = |id: &String| self.seq == before.seq || calm.contains(id);
        for (id, shown) in before.sources.iter().filter(|(id, shown)| unmoved(id) && shown.0 != "unknown") {
            assert_eq!(&self.sources[id], shown, "{id}");
        }
        if self.seq == before.seq {
            assert_eq!(self.incidents, before.incidents);
        }
    }
}

/// Vendors whose first reading of a run comes at once, so that it falls before the kill.
fn early(vendors: Vec<VendorInfo>) -> Vec<VendorInfo> {
    vendors.into_iter().filter(|vendor| vendor.plays == "load" && share(&vendor.id) < 0.3).take(12).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_nothing_and_tells_nothing_twice() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let kills = number("ALLCLEAR_KILLS").unwrap_or(50);
    let seed = number("ALLCLEAR_SEED").unwrap_or_else(|| getrandom::u64().unwrap());
    println!("ALLCLEAR_SEED={seed} ALLCLEAR_KILLS={kills}");
    let mut dice = Dice(seed);
    let play = play(Some(80)).await;
    // Every twentieth flaps by itself.
    let flaps = |vendor: &VendorInfo| {
        ["vendor-00000", "vendor-00020", "vendor-00040", "vendor-00060"].contains(&vendor.id.as_str())
    };
    let vendors = early(play.of(&["statuspage"]).into_iter().filter(|vendor| !flaps(vendor)).collect());
    assert_eq!(vendors.len(), 12);
    let calm: Vec<String> = vendors[..4].iter().map(|vendor| vendor.id.clone()).collect();
    let home = Home::new(&yaml(&vendors));
    let mut troubles =
        Troubles { world: play.world.clone(), vendors: vendors[4..].to_vec(), open: Vec::new(), count: 0 };
    // A first reading takes 2 s, since a host is asked once a second for one of three documents.
    let mut server = home.serve().await;
    let read = |summary: &Value| (summary["headline"]["state"] == "operational").then(|| Shown::of(summary));
    let mut before = server.until("all are read", read).await;
    for kill in 1..=kills {
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        server = home.serve().await;
        let shown = Shown::of(&server.summary().await);
        shown.follows(&before, &server, &calm).await;
        for _ in 0..=dice.roll(3) {
            troubles.go_on(&mut dice);
        }
        // So does a reading that looks in the history for what is no longer listed: some lives last longer.
        let least = if kill % 10 == 0 { 2_500 } else { 20 };
        tokio::time::sleep(Duration::from_millis(least + dice.roll(330))).await;
        before = Shown::of(&server.summary().await);
        before.follows(&shown, &server, &calm).await;
    }
    let mut faults = Vec::new();
    let settled = until("everything is shown as it is", SOON * 2, async || {
        let shown = server.summary().await;
        let truths = play.world.truth();
        let watched = truths.iter().filter(|truth| vendors.iter().any(|it| it.id == truth.vendor));
        faults = watched.filter_map(|truth| wrong(truth, &shown, "statuspage")).collect();
        faults.is_empty().then_some(())
    });
    let settled = tokio::time::timeout(SOON, settled).await;
    assert!(settled.is_ok(), "{faults:#?}");
    server.terminate();
    assert!(server.ended().await.success());
    check_log(&home, troubles.count);
}

/// The log as stored: without gaps, every incident opened once, every first reading told once.
fn check_log(home: &Home, opened: u32) {
    let store = Store::open(&home.data()).unwrap();
    let loaded = store.load("2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let events = store.events_after(0, usize::MAX).unwrap();
    assert_eq!(events.len() as u64, loaded.seq);
    assert!((1..).zip(&events).all(|(seq, event)| event.seq == seq));
    let mut over: HashMap<&str, bool> = HashMap::new();
    let mut titles = HashSet::new();
    for event in &events {
        let subject = event.subject.as_deref().unwrap_or_default();
        match event.kind {
            EventKind::IncidentOpened => {
                assert_eq!(over.insert(subject, false), None, "{subject} was opened twice");
                if !event.baseline {
                    assert!(titles.insert(event.name.clone()), "{} was opened twice", event.name);
                }
            }
            EventKind::IncidentResolved => assert_eq!(over.insert(subject, true), Some(false), "{event:?}"),
            EventKind::IncidentReopened | EventKind::IncidentUnlisted => panic!("nobody did this: {event:?}"),
            _ => {}
        }
    }
    println!("{} events, {} of {opened} incidents seen", events.len(), titles.len());
    // How many are seen depends on how fast this machine reads between two kills.
    assert!(!titles.is_empty() && titles.len() <= opened as usize);
    let mut first = HashSet::new();
    for event in events.iter().filter(|event| event.baseline) {
        let Event { kind, source, subject, to, .. } = event;
        assert!(first.insert((kind, source, subject, to)), "told twice: {event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_say_nothing_where_nothing_changed() {
    let play = play(Some(80)).await;
    let vendors = early(play.of(&["statuspage"]).into_iter().filter(|it| !it.id.ends_with('0')).collect());
    for (number, vendor) in vendors.iter().enumerate() {
        let open = Change::Open {
            id: format!("trouble{number:05}"),
            title: format!("Trouble {number}"),
            impact: "major",
            body: "We are looking.".into(),
            components: vec!["API".into()],
        };
        play.world.set(&vendor.id, open);
    }
    let home = Home::new(&yaml(&vendors));
    let all_open = |summary: &Value| {
        let settled = list(&summary["incidents"]).len() == vendors.len();
        settled.then(|| Shown::of(summary))
    };
    let mut server = home.serve().await;
    let before = server.until("all is open", all_open).await;
    for _ in 0..5 {
        server.terminate();
        assert!(server.ended().await.success());
        let asked: HashMap<_, _> = play.world.traffic().into_iter().map(|it| (it.vendor, it.requests)).collect();
        server = home.serve().await;
        until("all are read again", SOON, async || {
            let now: HashMap<_, _> = play.world.traffic().into_iter().map(|it| (it.vendor, it.requests)).collect();
            vendors.iter().all(|vendor| now[&vendor.id] > asked[&vendor.id]).then_some(())
        })
        .await;
    }
    let after = server.until("all is open", all_open).await;
    assert_eq!(after.seq, before.seq, "restarts are no news");
    assert_eq!((after.incidents, after.sources), (before.incidents, before.sources));
}
