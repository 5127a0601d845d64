//! Damage is found at start, never served; nothing starts empty over an old file.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use allclear::model::event::Event;
use allclear::store::{Batch, Store, StoreError};
use redb::{ConcurrencyMode, TableDefinition};

use super::sample::{Chance, at, event, numbered, source_id};

const FILE: &str = "allclear.redb";

/// Everything that a reader can get.
fn all(store: &Store) -> (Vec<Event>, String) {
    let loaded = store.load(at(0)).unwrap();
    let mut sources: Vec<_> = loaded.sources.iter().map(|held| format!("{held:?}")).collect();
    sources.sort();
    (store.events_after(0, usize::MAX).unwrap(), sources.concat())
}

fn filled(folder: &Path) {
    let store = Store::open(folder).unwrap();
    for seq in 1..=30 {
        store.commit(&numbered(seq)).unwrap();
    }
    store.compact().unwrap();
}

/// R28: a zeroed page, a flipped bit and a cut end, 100 copies each.
#[test]
fn damage_is_refused_and_never_served() {
    let mut chance = Chance::new();
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let good = fs::read(folder.path().join(FILE)).unwrap();
    let want = all(&Store::open(folder.path()).unwrap());
    let length = good.len() as u64;
    let mut refused = [0; 3];
    for n in 0..300 {
        let mut bytes = good.clone();
        let kind = n % 3;
        match kind {
            0 => {
                let page = usize::try_from(chance.below(length / 4096) * 4096).unwrap();
                bytes[page..page + 4096].fill(0);
            }
            1 => {
                let place = usize::try_from(chance.below(length)).unwrap();
                bytes[place] ^= 1 << chance.below(8);
            }
            _ => bytes.truncate(usize::try_from(chance.below(length)).unwrap()),
        }
        let copy = tempfile::tempdir().unwrap();
        fs::write(copy.path().join(FILE), &bytes).unwrap();
        let doctor = Store::doctor(copy.path());
        assert_eq!(fs::read(copy.path().join(FILE)).unwrap(), bytes, "the doctor changes nothing");
        let answer = catch_unwind(|| Store::open(copy.path())).expect("no panic");
        match answer {
            // Bytes that hold nothing may be damaged: everything is as it was.
            Ok(store) => assert!(all(&store) == want, "copy {n}: silent damage"),
            Err(error) => {
                assert!(matches!(error, StoreError::Damaged { .. }), "copy {n}: {error:?}");
                let text = error.to_string();
                assert!(text.contains(FILE) && text.contains("doctor") && text.contains("restore"), "{text}");
                assert!(!doctor.sound, "copy {n}");
                refused[kind] += 1;
            }
        }
    }
    println!("refused of 100 each: zeroed {}, flipped {}, cut {}", refused[0], refused[1], refused[2]);
    assert!(refused.iter().all(|&count| count > 0));
}

fn refuses(folder: &Path) -> StoreError {
    let file = folder.join(FILE);
    let before = fs::read(&file).ok();
    let started = Instant::now();
    let error = Store::open(folder).expect_err("it must not open");
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(fs::read(&file).ok(), before, "untouched");
    error
}

/// R29.
#[test]
fn foreign_and_empty_files_are_refused() {
    let database = |fill: &dyn Fn(&redb::WriteTransaction)| {
        let folder = tempfile::tempdir().unwrap();
        let db = redb::Builder::new().create(folder.path().join(FILE)).unwrap();
        let txn = db.begin_write().unwrap();
        fill(&txn);
        txn.commit().unwrap();
        drop(db);
        fs::read(folder.path().join(FILE)).unwrap()
    };
    let other = database(&|txn| drop(txn.open_table(TableDefinition::<u64, u64>::new("other")).unwrap()));
    let nothing = database(&|_| ());
    let text = b"This is a shopping list, and a long one at that.\n".repeat(500);
    for (what, bytes) in
        [("empty", Vec::new()), ("text", text), ("zeros", vec![0; 65_536]), ("other", other), ("nothing", nothing)]
    {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), bytes).unwrap();
        let started = Instant::now();
        let error = Store::open(folder.path()).expect_err(what);
        assert!(started.elapsed() < Duration::from_secs(1), "{what}");
        assert!(matches!(error, StoreError::Damaged { .. }), "{what}: {error:?}");
        println!("{what}: {error}");
        assert!(!Store::doctor(folder.path()).sound, "{what}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), b"").unwrap();
    assert!(matches!(refuses(folder.path()), StoreError::Damaged { .. }));
}

/// R29.
#[test]
fn a_newer_schema_is_refused_with_both_numbers() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let db = redb::Builder::new().open(folder.path().join(FILE)).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(TableDefinition::<&str, i64>::new("name_to_number_1")).unwrap().insert("schema", 7).unwrap();
    txn.commit().unwrap();
    drop(db);
    let error = Store::open(folder.path()).expect_err("newer");
    assert!(matches!(error, StoreError::Newer { found: 7, known: 4, .. }), "{error:?}");
    assert!(error.to_string().contains("schema 7") && error.to_string().contains("up to 4"));
    assert!(matches!(
        Store::backup_of(folder.path(), &folder.path().join("b")),
        Err(StoreError::Newer { found: 7, .. })
    ));
}

/// R29.
#[test]
fn a_second_writer_is_refused_and_a_reader_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.commit(&numbered(1)).unwrap();
    assert!(matches!(refuses(folder.path()), StoreError::InUse { .. }));
    let backup = folder.path().join("copy.redb");
    Store::backup_of(folder.path(), &backup).unwrap();
    assert!(matches!(Store::restore(&backup, folder.path(), at(0)), Err(StoreError::InUse { .. })));
    let report = Store::doctor(folder.path());
    assert!(report.sound, "{:#?}", report.lines);
    store.commit(&numbered(2)).unwrap();
    let old =
        redb::Builder::new().set_concurrency_mode(ConcurrencyMode::ExclusiveWriter).open(folder.path().join(FILE));
    assert!(old.is_err());
}

/// R29. Where the tests run as root, permissions do not bind; then only what binds root too is tried.
#[test]
fn a_folder_that_cannot_be_used_is_refused_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), b"").unwrap();
    let error = Store::open(&folder.path().join("file")).expect_err("a file is no folder");
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    assert!(matches!(Store::open(Path::new("/proc/allclear")), Err(StoreError::Io { .. })));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let made = folder.path().join("a/b");
        filled(&made);
        assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(made.join(FILE), fs::Permissions::from_mode(0o400)).unwrap();
        match Store::open(&made) {
            Ok(_) => println!("skipped: this user may write what is read-only"),
            Err(error) => assert!(error.to_string().contains("writable"), "{error}"),
        }
    }
}

/// A record that cannot be read is found by the doctor, which names it, and stops a load.
#[test]
fn the_doctor_names_records_that_do_not_decode() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let db = redb::Builder::new().open(folder.path().join(FILE)).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(TableDefinition::<u64, &[u8]>::new("seq_to_event_1")).unwrap().insert(9, &b"\x01{}"[..]).unwrap();
    txn.open_table(TableDefinition::<u64, ()>::new("outbox_seq_to_nothing_1")).unwrap().insert(999, ()).unwrap();
    let mut bodies = txn.open_table(TableDefinition::<[u8; 32], &[u8]>::new("hash_to_body_1")).unwrap();
    bodies.insert([7; 32], &b"nonsense"[..]).unwrap();
    drop(bodies);
    txn.commit().unwrap();
    drop(db);
    let report = Store::doctor(folder.path());
    assert!(!report.sound);
    let text = report.lines.join("\n");
    for part in ["event 9:", "event 999:", "0707", "events: 30", "schema: 4"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let store = Store::open(folder.path()).unwrap();
    assert!(matches!(store.load(at(0)), Err(StoreError::Damaged { .. })));
    let backup = folder.path().join("b.redb");
    store.backup(&backup).unwrap();
    drop(store);
    let before = fs::read(folder.path().join(FILE)).unwrap();
    assert!(matches!(Store::restore(&backup, folder.path(), at(0)), Err(StoreError::Damaged { .. })));
    assert!(fs::read(folder.path().join(FILE)).unwrap() == before);
    let fresh = Store::in_memory().unwrap();
    fresh.commit(&Batch { events: vec![event(1, "a", "b")], ..Batch::default() }).unwrap();
}

/// R28 for the bytes that matter most: a flipped bit in each of the first 512, where redb says which commit counts.
#[test]
fn a_damaged_header_never_brings_an_older_moment_back() {
    let mut chance = Chance::new();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for seq in 1..=5 {
        store.commit(&numbered(seq)).unwrap();
    }
    let want = all(&store);
    drop(store);
    let good = fs::read(folder.path().join(FILE)).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let mut refused = 0;
    for place in 0..512 {
        let mut bytes = good.clone();
        bytes[place] ^= 1 << chance.below(8);
        fs::write(copy.path().join(FILE), &bytes).unwrap();
        match catch_unwind(|| Store::open(copy.path())).expect("no panic") {
            Ok(store) => assert!(all(&store) == want, "byte {place}: silent damage"),
            Err(_) => refused += 1,
        }
    }
    println!("{refused} of 512 refused");
}

/// R29.
#[test]
fn a_file_of_schema_1_is_brought_up_to_date_and_a_copy_of_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let store = Store::open(folder.path()).unwrap();
    let event = event(1, "acme", "acme.a");
    store.commit(&Batch { events: vec![event.clone()], ..Batch::default() }).unwrap();
    drop(store);
    // As the first release wrote it: without what later schemas added, and with an entry for each event in its indexes.
    let db = redb::Database::open(&file).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(TableDefinition::<&str, i64>::new("name_to_number_1")).unwrap().insert("schema", 1).unwrap();
    txn.delete_table(TableDefinition::<(&str, &str), &[u8]>::new("drawer_key_to_kept_1")).unwrap();
    txn.delete_table(TableDefinition::<u64, &[u8]>::new("seq_to_audit_1")).unwrap();
    txn.delete_table(TableDefinition::<&str, &[u8]>::new("key_to_answer_1")).unwrap();
    txn.delete_table(TableDefinition::<(i64, &str), ()>::new("answered_key_to_nothing_1")).unwrap();
    txn.delete_table(TableDefinition::<u64, &[u8]>::new("seq_to_news_1")).unwrap();
    txn.delete_table(TableDefinition::<&str, &[u8]>::new("receiver_to_ledger_1")).unwrap();
    txn.delete_table(TableDefinition::<(&str, u64, &str), &[u8]>::new("thread_seq_receiver_to_fate_1")).unwrap();
    txn.delete_table(TableDefinition::<u64, &[u8]>::new("id_to_delivery_1")).unwrap();
    txn.delete_table(TableDefinition::<(&str, u64), i64>::new("receiver_delivery_to_time_1")).unwrap();
    txn.delete_table(TableDefinition::<(&str, u64), ()>::new("status_delivery_to_nothing_1")).unwrap();
    txn.delete_table(TableDefinition::<&str, ()>::new("question_subscriber_to_nothing_1")).unwrap();
    txn.delete_table(TableDefinition::<&str, ()>::new("parted_subscriber_to_nothing_1")).unwrap();
    txn.delete_table(TableDefinition::<(&str, i64), u8>::new("track_time_to_state_1")).unwrap();
    txn.delete_table(TableDefinition::<(&str, i64), &[u8]>::new("leaf_time_to_versions_1")).unwrap();
    txn.delete_table(TableDefinition::<&str, u64>::new("leaf_to_bytes_1")).unwrap();
    for (new, old, key) in [
        ("source_seq_to_events_1", "source_seq_to_nothing_1", "acme"),
        ("subject_seq_to_events_1", "subject_seq_to_nothing_1", "acme.a"),
    ] {
        txn.delete_table(TableDefinition::<(&str, u64), &[u8]>::new(new)).unwrap();
        txn.open_table(TableDefinition::<(&str, u64), ()>::new(old)).unwrap().insert((key, 1), ()).unwrap();
    }
    // What waits in its outbox is from before anybody was told.
    txn.open_table(TableDefinition::<u64, ()>::new("outbox_seq_to_nothing_1")).unwrap().insert(1, ()).unwrap();
    txn.commit().unwrap();
    drop(db);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.events_after(0, 10).unwrap(), std::slice::from_ref(&event));
    for (source, subject) in [(Some("acme"), None), (None, Some("acme.a")), (Some("acme"), Some("acme.a"))] {
        assert_eq!(
            store.events_of(source.map(source_id).as_ref(), subject, None, 9).unwrap().items,
            std::slice::from_ref(&event)
        );
    }
    assert!(store.load(at(9)).unwrap().kept.is_empty() && store.audit(None, 9).unwrap().items.is_empty());
    assert!(store.outbox_after(0, 9).unwrap().is_empty() && store.ledgers().unwrap().is_empty());
    drop(store);
    assert!(Store::doctor(folder.path()).sound);
    assert!(folder.path().join("allclear.redb.schema-1").exists(), "a copy of the old file stays");
}
