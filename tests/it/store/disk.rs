//! A full disk: nothing acknowledged is lost, and it goes on without a restart once there is space.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use allclear::store::{Store, StoreError};
use redb::StorageBackend;

use super::sample::{at, numbered};

/// A disk that may be full, and may fail in other ways.
#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    full: Arc<AtomicBool>,
    broken: Arc<AtomicBool>,
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
        self.check(false)
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        // A full disk refuses any block that was not there: here, all of them.
        self.check(true)?;
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
