//! What is written can be read, in order and in parts.

use allclear::limits;
use allclear::model::source::{Failure, FailureKind};
use allclear::store::{Batch, Detected, Store, StoreError, Telling};
use jiff::SignedDuration;

use super::sample::{at, change, event, incident, maintenance, numbered, receipt, source_id, state};

#[test]
fn a_start_gets_back_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut one = change("acme", Some(state(vec![incident(Some("acme"), "a", 0, true)])), 5);
    one.transport.failure = Some(Failure { kind: FailureKind::Timeout, message: "no answer within 20 s".to_owned() });
    one.transport.ok_mono = Some(std::time::Duration::from_secs(9));
    one.detected = Some(Detected {
        configured: "https://acme.example".to_owned(),
        format: "statuspage".to_owned(),
        address: "https://status.acme.example".to_owned(),
    });
    let wanted = one.state.clone().unwrap();
    let mut reading = one.transport.clone();
    reading.ok_mono = None;
    store
        .commit(&Batch {
            sources: vec![one, change("silent", None, 7)],
            events: vec![event(1, "acme", "acme.a"), event(2, "acme", "acme.a")],
            outbox: vec![2],
            local_incidents: vec![incident(None, "ours", 3, true)],
            local_maintenances: vec![maintenance(None, "planned", 4, true)],
            ..Batch::default()
        })
        .unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    let loaded = store.load(at(100)).unwrap();
    assert_eq!(loaded.seq, 2);
    assert_eq!(loaded.newest, Some(at(7)));
    assert_eq!(loaded.sources[&source_id("acme")], (wanted, reading));
    assert!(loaded.sources[&source_id("silent")].0.components.is_empty());
    assert_eq!(loaded.local_incidents, [incident(None, "ours", 3, true)]);
    assert_eq!(loaded.local_maintenances, [maintenance(None, "planned", 4, true)]);
    assert_eq!(loaded.events, [event(1, "acme", "acme.a"), event(2, "acme", "acme.a")]);
    assert_eq!(loaded.detected[&source_id("acme")].format, "statuspage");
    assert_eq!(store.outbox_after(0, 10).unwrap(), [event(2, "acme", "acme.a")]);
    store.tell(&Telling { done: vec![2], ..Telling::default() }).unwrap();
    assert!(store.outbox_after(0, 10).unwrap().is_empty());
}

#[test]
fn a_start_loads_open_incidents_and_the_recent_past_only() {
    let store = Store::in_memory().unwrap();
    let mut incidents = vec![incident(Some("acme"), "old-open", -90 * 86_400, true)];
    for n in 0..80 {
        incidents.push(incident(Some("acme"), &format!("recent-{n}"), -n * 60, false));
    }
    incidents.push(incident(Some("acme"), "long-past", -30 * 86_400, false));
    store.commit(&Batch { sources: vec![change("acme", Some(state(incidents)), 0)], ..Batch::default() }).unwrap();
    let loaded = store.load(at(0)).unwrap();
    let held = &loaded.sources[&source_id("acme")].0.incidents;
    assert_eq!(held.len(), limits::RECENT_INCIDENTS + 1);
    assert_eq!(held[0].upstream_ids, ["recent-0"]);
    assert_eq!(held.last().unwrap().upstream_ids, ["old-open"]);
    let long_past = incident(Some("acme"), "long-past", 0, false).id;
    assert!(store.incident(&long_past).unwrap().is_some(), "however old");
}

#[test]
fn lists_come_newest_first_in_parts_without_gaps_or_repeats() {
    let store = Store::in_memory().unwrap();
    for (n, source) in (1_u64..=60).zip(["acme", "other", "acme"].into_iter().cycle()) {
        let start = i64::try_from(n / 2).unwrap();
        let mut one = change(source, Some(state(vec![incident(Some(source), &format!("i{n}"), start, false)])), 0);
        one.past_maintenances = vec![maintenance(Some(source), &format!("m{n}"), start, false)];
        store
            .commit(&Batch {
                sources: vec![one],
                events: vec![event(n, source, if n % 2 == 0 { "even" } else { "odd" })],
                ..Batch::default()
            })
            .unwrap();
    }
    for (source, count) in [(None, 60), (Some(source_id("acme")), 40), (Some(source_id("none")), 0)] {
        let (mut cursor, mut ids, mut starts, mut planned) = (None, Vec::new(), Vec::new(), 0);
        loop {
            let part = store.incidents(source.as_ref(), cursor.as_deref(), 7).unwrap();
            starts.extend(part.items.iter().map(|one| one.began_at()));
            ids.extend(part.items.into_iter().map(|one| one.id.to_string()));
            cursor = part.next;
            if cursor.is_none() {
                break;
            }
        }
        loop {
            let part = store.maintenances(source.as_ref(), cursor.as_deref(), 9).unwrap();
            planned += part.items.len();
            cursor = part.next;
            if cursor.is_none() {
                break;
            }
        }
        assert!(starts.is_sorted_by(|a, b| a >= b));
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), planned), (count, count));
    }
    let acme = source_id("acme");
    for (source, subject, count) in
        [(None, None, 60), (Some(&acme), None, 40), (None, Some("even"), 30), (Some(&acme), Some("even"), 20)]
    {
        let (mut cursor, mut seqs) = (None, Vec::new());
        loop {
            let part = store.events_of(source, subject, cursor.as_deref(), 7).unwrap();
            seqs.extend(part.items.iter().map(|one| one.seq));
            cursor = part.next;
            if cursor.is_none() {
                break;
            }
        }
        assert!(seqs.is_sorted_by(|a, b| a > b), "{seqs:?}");
        assert_eq!(seqs.len(), count);
    }
    assert_eq!(store.events_after(57, 2).unwrap().iter().map(|one| one.seq).collect::<Vec<_>>(), [58, 59]);
    assert!(store.incidents(None, Some("nonsense"), 5).unwrap().items.is_empty());
}

#[test]
fn a_changed_start_moves_an_incident_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for start in [10, 5, 20] {
        let mut one = change("acme", Some(state(vec![incident(Some("acme"), "a", start, true)])), 0);
        one.past_maintenances = vec![maintenance(Some("acme"), "a", start, true)];
        store.commit(&Batch { sources: vec![one], ..Batch::default() }).unwrap();
    }
    assert_eq!(store.incidents(None, None, 10).unwrap().items, [incident(Some("acme"), "a", 20, true)]);
    drop(store);
    let report = Store::doctor(folder.path());
    assert!(report.sound, "{:#?}", report.lines);
}

#[test]
fn an_event_out_of_turn_writes_nothing_of_its_batch() {
    let store = Store::in_memory().unwrap();
    store.commit(&numbered(1)).unwrap();
    let mut batch = numbered(3);
    batch.local_incidents = vec![incident(None, "ours", 0, true)];
    assert!(matches!(store.commit(&batch), Err(StoreError::Io { .. })));
    let loaded = store.load(at(0)).unwrap();
    assert_eq!((loaded.seq, loaded.local_incidents.len()), (1, 0));
    store.commit(&numbered(2)).unwrap();
}

#[test]
fn receipts_are_kept_once_and_the_oldest_go_first() {
    let store = Store::in_memory().unwrap();
    let mut chance = super::sample::Chance::new();
    let same = "the same".repeat(50);
    let mut one = change("acme", None, 0);
    one.receipts = vec![receipt("summary", 1, same.clone()), receipt("summary", 2, same.clone())];
    store.commit(&Batch { sources: vec![one], ..Batch::default() }).unwrap();
    let listed = store.receipts_of(&source_id("acme"), 10).unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].read_at, at(2));
    assert_eq!(listed[0].hash, listed[1].hash);
    assert_eq!(store.receipt(&listed[0].hash).unwrap().unwrap(), same);
    assert_eq!(store.receipt("zz").unwrap(), None);
    for n in 3..40 {
        let mut one = change("acme", None, 0);
        one.receipts = vec![receipt("summary", n, chance.words(120_000))];
        store.commit(&Batch { sources: vec![one], ..Batch::default() }).unwrap();
    }
    let left = store.receipts_of(&source_id("acme"), 100).unwrap();
    assert!(left.iter().map(|one| one.packed).sum::<u64>() <= limits::RECEIPTS_BYTES_PER_SOURCE);
    assert_eq!(left[0].read_at, at(39));
    assert!(left.len() > 5);
    assert_eq!(store.receipt(&listed[0].hash).unwrap(), None, "a body that nobody refers to is gone");
}

#[test]
fn a_reading_of_which_a_document_is_gone_is_no_evidence() {
    let store = Store::in_memory().unwrap();
    let mut chance = super::sample::Chance::new();
    let acme = source_id("acme");
    let mut keep = |second, documents: &[&str]| {
        let mut one = change("acme", None, 0);
        let receipt = |name: &&str| {
            let mut kept = receipt(name, second - 1, chance.words(120_000));
            kept.reading.noticed_at = Some(at(second));
            kept.reading.documents = documents.len();
            kept
        };
        one.receipts = documents.iter().map(receipt).collect();
        store.commit(&Batch { sources: vec![one], ..Batch::default() }).unwrap();
    };
    keep(10, &["history", "summary"]);
    let hashes = |moment| {
        let found = store.receipts_at(&acme, &[at(moment)]).unwrap();
        found.get(&at(moment)).map(|kept| kept.iter().map(|one| one.hash.clone()).collect::<Vec<_>>())
    };
    let first = hashes(10).unwrap();
    assert_eq!(first.len(), 2, "by the moment of the events, not of the reading");
    assert_eq!(hashes(9), None);
    assert!(store.receipts_at(&source_id("acm"), &[at(10)]).unwrap().is_empty());
    assert!(store.is_receipt_of(&acme, &first[0]).unwrap());
    assert!(!store.is_receipt_of(&source_id("other"), &first[0]).unwrap());
    for second in 20..60 {
        keep(second, &["summary"]);
    }
    let left = store.receipts_of(&acme, 100).unwrap();
    assert!(left.iter().any(|one| one.document == "history"), "the latest of each document stays");
    assert_eq!(hashes(10), None, "but what is left of the reading may not be what brought the change");
    assert!(!store.is_receipt_of(&acme, &first[1]).unwrap());
    assert_eq!(store.newest_receipts(&acme, at(100)).unwrap()[0].hash, hashes(59).unwrap()[0]);
    assert_eq!(store.newest_receipts(&acme, at(58)).unwrap()[0].hash, hashes(58).unwrap()[0]);
    assert!(store.newest_receipts(&acme, at(15)).unwrap().is_empty());
}

#[test]
fn pruning_drops_what_is_old_and_keeps_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let incidents = vec![incident(Some("acme"), "past", 0, false), incident(Some("acme"), "open", 0, true)];
    let batch = Batch {
        sources: vec![change("acme", Some(state(incidents)), 0)],
        events: vec![event(1, "acme", "acme.past")],
        outbox: vec![1],
        ..Batch::default()
    };
    store.commit(&batch).unwrap();
    assert_eq!(store.prune(at(86_400)).unwrap(), 0);
    let later = at(0) + SignedDuration::from_hours(24 * 401);
    assert_eq!(store.prune(later).unwrap(), 2);
    let left = store.incidents(None, None, 10).unwrap().items;
    assert_eq!(left.len(), 1);
    assert!(left[0].is_open());
    assert_eq!(store.load(later).unwrap().seq, 1, "numbers are not used again");
    store.compact().unwrap();
    drop(store);
    let report = Store::doctor(folder.path());
    assert!(report.sound, "{:#?}", report.lines);
}
