//! How much room history takes, and that no vendor can take more than its share.

use std::time::{Duration, Instant};

use allclear::limits;
use allclear::model::incident::{Phase, Update};
use allclear::model::text::Text;
use allclear::store::{Batch, Store};

use super::sample::{Chance, at, change, event, incident, receipt, source_id, state};

fn size(folder: &std::path::Path) -> u64 {
    std::fs::metadata(folder.join("allclear.redb")).unwrap().len()
}

/// R22, scaled down: a vendor that lists 1,000 new incidents (what is left of 20,000) with long words in each of 12
/// readings, not of 500; the caps are reached within the first of them, so more readings change nothing.
#[test]
fn a_vendor_cannot_fill_the_disk() {
    let mut chance = Chance::new();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut seq = 0;
    let mut sizes = Vec::new();
    for reading in 0..12_i64 {
        let mut incidents = Vec::new();
        let mut batch = Batch::default();
        for n in 0..1_000 {
            let mut one = incident(Some("hostile"), &format!("r{reading}-{n}"), reading * 60, n % 4 == 0);
            let words = chance.words(60);
            let body = Text { html: format!("<p>{words}</p>"), plain: words };
            one.updates =
                vec![Update { at: None, phase: Some(Phase::Monitoring), body, noticed_at: None, told: None }; 3];
            seq += 1;
            batch.events.push(event(seq, "hostile", one.id.as_str()));
            batch.outbox.push(seq);
            if n % 4 == 0 {
                incidents.push(one);
            } else {
                batch.sources.push(change("hostile", None, 0));
                batch.sources[0].past_incidents.push(one);
                batch.sources.truncate(1);
            }
        }
        let mut all = change("hostile", Some(state(incidents)), reading);
        all.past_incidents = std::mem::take(&mut batch.sources[0].past_incidents);
        // The open ones of the reading before are over now.
        all.past_incidents.extend(
            (0..1_000)
                .step_by(4)
                .filter(|_| reading > 0)
                .map(|n| incident(Some("hostile"), &format!("r{}-{n}", reading - 1), (reading - 1) * 60, false)),
        );
        all.receipts = vec![receipt("summary", reading, chance.words(200_000))];
        batch.sources = vec![all];
        store.commit(&batch).unwrap();
        if reading % 4 == 3 {
            store.prune(at(reading * 60)).unwrap();
            store.compact().unwrap();
            sizes.push(size(folder.path()));
        }
    }
    println!("file after 4, 8, 12 readings: {sizes:?} bytes");
    assert!(sizes.iter().all(|&bytes| bytes <= 20 << 20), "{sizes:?}");
    assert!(store.incidents(Some(&source_id("hostile")), None, 5_000).unwrap().items.len() <= limits::INCIDENTS);
    assert_eq!(store.load(at(0)).unwrap().seq, seq);
    drop(store);
    let report = Store::doctor(folder.path());
    assert!(report.sound, "{:#?}", report.lines);
}

/// R33, scaled down: 1/50 of a year (a week) of 200 sources, taken times 50. Per source and day: 8 events, one
/// incident, half of one receipt of a summary that packs badly; receipts end at their budget.
#[test]
fn a_year_of_200_sources_fits_and_starts_at_once() {
    let mut chance = Chance::new();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let (mut seq, mut receipts) = (0, 0);
    let mut event_bytes = 0;
    for part in ["events", "rest"] {
        let before = size(folder.path());
        for day in 0..7_i64 {
            let mut batch = Batch::default();
            for n in 0..200 {
                let source = format!("source-{n}");
                let name = format!("d{day}");
                if part == "events" {
                    for _ in 0..8 {
                        seq += 1;
                        let mut one = event(seq, &source, &format!("{source}.{name}"));
                        one.note = Some("We are continuing to investigate this issue.".to_owned());
                        batch.events.push(one);
                    }
                    continue;
                }
                let mut one = incident(Some(&source), &name, day * 86_400, false);
                let words = chance.words(40);
                let body = Text { html: format!("<p>{words}</p>"), plain: words };
                one.updates = vec![Update { at: Some(at(0)), phase: None, body, noticed_at: None, told: None }; 4];
                let mut all = change(&source, Some(state(vec![one])), day);
                if (n + day) % 2 == 0 {
                    all.receipts = vec![receipt("summary", day, chance.words(300))];
                    receipts += 1;
                }
                batch.sources.push(all);
            }
            store.commit(&batch).unwrap();
        }
        store.compact().unwrap();
        if part == "events" {
            event_bytes = (size(folder.path()) - before) / seq;
        }
    }
    drop(store);
    let bytes = size(folder.path());
    let started = Instant::now();
    let store = Store::open(folder.path()).unwrap();
    let loaded = store.load(at(7 * 86_400)).unwrap();
    let took = started.elapsed();
    assert_eq!((loaded.seq, loaded.sources.len()), (seq, 200));
    let year = bytes * 365 / 7;
    println!(
        "{seq} events, {receipts} receipts: {bytes} bytes, a year {} MiB; an event {event_bytes} bytes",
        year >> 20
    );
    println!("open with integrity check and load: {took:?} for a week in a debug build");
    assert!(event_bytes <= 400, "{event_bytes}");
    assert!(year <= 1 << 30, "{year}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}
