//! A full disk: nothing acknowledged is lost, and it goes on without a restart once there is space.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use allclear::store::{Store, StoreError};
use redb::StorageBackend;

use super::sample::{Chance, at, numbered};

/// A disk that may be full, and may fail in other ways.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub bytes: Arc<Mutex<Vec<u8>>>,
    pub full: Arc<AtomicBool>,
    broken: Arc<AtomicBool>,
    /// What is there already may be written over, as on most file systems.
    overwrites: Arc<AtomicBool>,
    /// This sync from now on fails, though the bytes arrived; 0: none.
    pub bad_sync: Arc<AtomicU32>,
}

impl Disk {
    fn check(&self, grows: bool) -> io::Result<()> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(io::Error::other("the cable fell out"));
        }
        if grows && self.full.load(Ordering::Relaxed) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.check(false)?;
        let bytes = self.bytes.lock().unwrap();
        let offset = usize::try_from(offset).unwrap();
        out.copy_from_slice(bytes.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut bytes = self.bytes.lock().unwrap();
        self.check(len > bytes.len() as u64)?;
        bytes.resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }
    fn sync_data(&self) -> io::Result<()> {
        let left = self.bad_sync.load(Ordering::Relaxed);
        self.bad_sync.store(left.saturating_sub(1), Ordering::Relaxed);
        if left == 1 {
            return Err(io::Error::other("no answer from the disk"));
        }
        self.check(false)
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check(!self.overwrites.load(Ordering::Relaxed))?;
        let mut bytes = self.bytes.lock().unwrap();
        let offset = usize::try_from(offset).unwrap();
        bytes[offset..offset + data.len()].copy_from_slice(data);
        Ok(())
    }
}

fn whole(store: &Store, seq: u64) {
    let seqs: Vec<u64> = store.events_after(0, usize::MAX).unwrap().iter().map(|one| one.seq).collect();
    assert_eq!(seqs, (1..=seq).collect::<Vec<_>>());
    assert_eq!(store.load(at(0)).unwrap().seq, seq);
}

/// R30: 50 times full and free under writes.
#[test]
fn a_full_disk_loses_nothing_and_recovers_by_itself() {
    let disk = Disk::default();
    let used = disk.clone();
    let store = Store::on(move || used.clone()).unwrap();
    let mut seq = 0;
    for round in 0..50 {
        for _ in 0..3 {
            seq += 1;
            store.commit(&numbered(seq)).unwrap();
        }
        disk.full.store(true, Ordering::Relaxed);
        for _ in 0..3 {
            let error = store.commit(&numbered(seq + 1)).expect_err("the disk is full");
            assert!(matches!(error, StoreError::Full { .. }), "round {round}: {error:?}");
        }
        disk.full.store(false, Ordering::Relaxed);
        whole(&store, seq);
    }
}

#[test]
fn a_disk_that_fails_is_an_error_and_not_the_end() {
    let disk = Disk::default();
    let used = disk.clone();
    let store = Store::on(move || used.clone()).unwrap();
    store.commit(&numbered(1)).unwrap();
    for _ in 0..5 {
        disk.broken.store(true, Ordering::Relaxed);
        assert!(matches!(store.commit(&numbered(2)), Err(StoreError::Io { .. })));
        assert!(matches!(store.load(at(0)), Err(StoreError::Io { .. })));
        disk.broken.store(false, Ordering::Relaxed);
        whole(&store, 1);
    }
    store.commit(&numbered(2)).unwrap();
    whole(&store, 2);
}

/// R30: where the disk lets bytes that are there be written over, the history can be read while it is full.
#[test]
fn a_full_disk_can_still_be_read() {
    let disk = Disk::default();
    disk.overwrites.store(true, Ordering::Relaxed);
    let used = disk.clone();
    let store = Store::on(move || used.clone()).unwrap();
    let mut chance = Chance::new();
    let (mut seq, mut refused) = (0, 0);
    for _ in 0..5 {
        disk.full.store(true, Ordering::Relaxed);
        while refused < 3 {
            let mut batch = numbered(seq + 1);
            batch.sources[0].receipts[0].body = chance.words(50_000).into();
            match store.commit(&batch) {
                Ok(()) => seq += 1,
                Err(StoreError::Full { .. }) => {
                    refused += 1;
                    whole(&store, seq);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        disk.full.store(false, Ordering::Relaxed);
        refused = 0;
        for _ in 0..3 {
            seq += 1;
            store.commit(&numbered(seq)).unwrap();
        }
        whole(&store, seq);
    }
}

/// A commit whose failure was reported may have reached the disk all the same. What the caller then writes under the
/// same numbers counts, and nothing is there twice.
#[test]
fn a_failed_commit_can_be_tried_again_with_other_content() {
    for bad_sync in 1..=4 {
        let disk = Disk::default();
        let used = disk.clone();
        let store = Store::on(move || used.clone()).unwrap();
        store.commit(&numbered(1)).unwrap();
        disk.bad_sync.store(bad_sync, Ordering::Relaxed);
        let first = store.commit(&numbered(2));
        disk.bad_sync.store(0, Ordering::Relaxed);
        println!("sync {bad_sync} fails: {first:?}");
        if first.is_err() {
            let mut other = numbered(2);
            other.events[0].name = "another".to_owned();
            store.commit(&other).unwrap();
            assert_eq!(store.events_after(1, 9).unwrap(), other.events);
        }
        whole(&store, 2);
        assert_eq!(store.outbox_after(0, 9).unwrap().len(), 2);
        let of_source = store.events_of(Some(&super::sample::source_id("acme")), None, None, 9).unwrap();
        assert_eq!(of_source.items.len(), 2);
    }
}
