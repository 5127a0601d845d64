//! Backups while writing are one moment; restoring never harms.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use allclear::store::{Store, StoreError};

use super::sample::{at, numbered, source_id};

const FILE: &str = "allclear.redb";

/// Puts `backup` in a folder of its own and opens it there.
fn opened(backup: &Path) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(backup, folder.path().join(FILE)).unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

/// R31, with 30 backups, or `ALLCLEAR_BACKUPS`: from the store itself and beside it, as another process does.
#[test]
fn backups_under_load_are_one_moment_each() {
    let count: u32 = std::env::var("ALLCLEAR_BACKUPS").ok().and_then(|n| n.parse().ok()).unwrap_or(30);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.commit(&numbered(1)).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut seq = 1;
            while !stop.load(Ordering::Relaxed) {
                seq += 1;
                store.commit(&numbered(seq)).unwrap();
            }
        });
        let mut last = 0;
        for n in 0..count {
            let to = folder.path().join(format!("backup-{n}.redb"));
            if n % 2 == 0 {
                store.backup(&to).unwrap()
            } else {
                Store::backup_of(folder.path(), &to).unwrap()
            }
            let (kept, copy) = opened(&to);
            let loaded = copy.load(at(0)).unwrap();
            assert!(loaded.seq >= last, "backups go forward");
            last = loaded.seq;
            assert_eq!(copy.events_after(0, usize::MAX).unwrap().len() as u64, loaded.seq);
            assert_eq!(copy.outbox_after(0, usize::MAX).unwrap().len() as u64, loaded.seq);
            assert_eq!(loaded.sources[&source_id("acme")].1.fingerprint, loaded.seq.to_string());
            assert_eq!(copy.incidents(None, None, usize::MAX - 1).unwrap().items.len() as u64, loaded.seq.min(1_000));
            drop(copy);
            if n == 0 {
                let report = Store::doctor(kept.path());
                assert!(report.sound, "{:#?}", report.lines);
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let there = folder.path().join("backup-0.redb");
    let before = fs::read(&there).unwrap();
    assert!(matches!(store.backup(&there), Err(StoreError::Io { .. })), "an existing file is not replaced");
    assert!(fs::read(&there).unwrap() == before);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), count as usize + 1, "nothing unfinished is left: {left:?}");
}

#[test]
fn restoring_puts_a_backup_in_place_and_keeps_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.redb");
    let store = Store::open(folder.path()).unwrap();
    store.commit(&numbered(1)).unwrap();
    store.backup(&backup).unwrap();
    store.commit(&numbered(2)).unwrap();
    drop(store);
    let report = Store::restore(&backup, folder.path(), at(0)).unwrap();
    let kept = report.kept.unwrap();
    assert!(kept.ends_with("allclear.redb.before-restore-20260301T120000Z"), "{}", kept.display());
    assert_eq!(Store::open(folder.path()).unwrap().load(at(0)).unwrap().seq, 1);
    assert_eq!(opened(&kept).1.load(at(0)).unwrap().seq, 2);
    // Over a damaged file, into an empty folder, and twice in one second.
    fs::write(folder.path().join(FILE), b"damaged").unwrap();
    assert!(Store::restore(&backup, folder.path(), at(0)).unwrap().kept.unwrap() != kept);
    let fresh = tempfile::tempdir().unwrap();
    assert_eq!(Store::restore(&backup, &fresh.path().join("new"), at(0)).unwrap().kept, None);
    assert_eq!(Store::open(&fresh.path().join("new")).unwrap().load(at(0)).unwrap().seq, 1);
}

/// R31.
#[test]
fn a_damaged_backup_is_refused_before_the_old_file_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.redb");
    let store = Store::open(folder.path()).unwrap();
    for seq in 1..20 {
        store.commit(&numbered(seq)).unwrap();
    }
    store.backup(&backup).unwrap();
    drop(store);
    let good = fs::read(&backup).unwrap();
    let before = fs::read(folder.path().join(FILE)).unwrap();
    let cut = good[..good.len() / 2].to_vec();
    let mut header = good.clone();
    header[64..512].fill(0);
    for bytes in [Vec::new(), b"text".to_vec(), cut, header] {
        fs::write(&backup, &bytes).unwrap();
        let error = Store::restore(&backup, folder.path(), at(0)).expect_err("damaged");
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("backup.redb"), "{error}");
        assert!(fs::read(folder.path().join(FILE)).unwrap() == before);
    }
    assert!(Store::restore(&folder.path().join("none"), folder.path(), at(0)).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
