//! Kills and power cuts at any moment: nothing acknowledged is lost, nothing is half done.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use allclear::store::Store;
use redb::StorageBackend;

use super::sample::{Chance, at, numbered, source_id};

const FOLDER: &str = "ALLCLEAR_TEST_WORKER_FOLDER";

/// Not a test of its own: the process that `kills_lose_nothing` kills. Returns at once when it is not asked for.
#[test]
fn worker() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let store = Store::open(Path::new(&folder)).unwrap();
    let mut seq = store.load(at(0)).unwrap().seq;
    let mut out = std::io::stdout();
    writeln!(out, "\nready").unwrap();
    loop {
        seq += 1;
        store.commit(&numbered(seq)).unwrap();
        writeln!(out, "done {seq}").unwrap();
        out.flush().unwrap();
    }
}

/// All that batch `n` wrote is there, and nothing beyond the last one.
fn whole(store: &Store, acknowledged: u64) -> u64 {
    let loaded = store.load(at(0)).unwrap();
    assert!(loaded.seq >= acknowledged, "lost: {} of {acknowledged}", loaded.seq);
    let seqs: Vec<u64> = store.events_after(0, usize::MAX).unwrap().iter().map(|one| one.seq).collect();
    assert_eq!(seqs, (1..=loaded.seq).collect::<Vec<_>>());
    let outbox: Vec<u64> = store.outbox_after(0, usize::MAX).unwrap().iter().map(|one| one.seq).collect();
    assert_eq!(outbox, seqs);
    if loaded.seq > 0 {
        let (state, transport) = &loaded.sources[&source_id("acme")];
        assert_eq!(state.warnings, [loaded.seq.to_string()]);
        assert_eq!(transport.fingerprint, loaded.seq.to_string());
        assert!(state.incidents.iter().any(|one| one.upstream_ids == [format!("n{}", loaded.seq)]));
        let receipts = store.receipts_of(&source_id("acme"), 1).unwrap();
        let body = store.receipt(&receipts[0].hash).unwrap().unwrap();
        assert_eq!(body, format!("{{\"n\":{}}}", loaded.seq));
    }
    loaded.seq
}

/// R26. Cycles: 50, or `ALLCLEAR_KILLS`.
#[test]
fn kills_lose_nothing() {
    let cycles: u32 = std::env::var("ALLCLEAR_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let mut chance = Chance::new();
    let folder = tempfile::tempdir().unwrap();
    let mut written = 0;
    for cycle in 0..cycles {
        if cycle % 10 == 0 {
            // Now and then a kill falls into the making of the file.
            let _ = std::fs::remove_file(folder.path().join("allclear.redb"));
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::crash::worker", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            lines.filter_map(|line| line.strip_prefix("done ")?.parse::<u64>().ok()).last().unwrap_or(0)
        });
        std::thread::sleep(Duration::from_millis(20 + chance.below(330)));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = reader.join().unwrap();
        let store = Store::open(folder.path()).unwrap_or_else(|error| panic!("cycle {cycle}: {error}"));
        written += whole(&store, acknowledged);
    }
    assert!(written > 0, "no cycle wrote anything");
    let report = Store::doctor(folder.path());
    assert!(report.sound, "{:#?}", report.lines);
}

/// A disk that keeps what was synced and forgets the rest when the power goes.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<Platters>>);

impl Disk {
    /// An empty one, whose unsynced writes arrive by this chance.
    pub fn with_chance(chance: u64) -> Self {
        let disk = Self::default();
        disk.0.lock().unwrap().chance = chance;
        disk
    }

    /// One that holds this.
    pub fn holding(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.0.lock().unwrap().seen.clone_from(&bytes);
        disk.0.lock().unwrap().safe = bytes;
        disk
    }

    /// What it could be after a cut at each sync since the last time this was asked.
    pub fn take_cuts(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.0.lock().unwrap().cuts)
    }
}

#[derive(Debug, Default)]
struct Platters {
    /// As the running program sees it.
    seen: Vec<u8>,
    /// As it is after a power cut.
    safe: Vec<u8>,
    /// Written since the last sync: place and bytes; `None` for a change of length.
    since: Vec<(u64, Option<Vec<u8>>)>,
    /// What the disk could be after a cut at each sync: nothing since the last one, or some of it.
    cuts: Vec<Vec<u8>>,
    /// Chance of a write to have reached the disk before its sync.
    chance: u64,
}

fn apply(bytes: &mut Vec<u8>, at: u64, data: Option<&[u8]>) {
    let at = usize::try_from(at).unwrap();
    match data {
        None => bytes.resize(at, 0),
        Some(data) => {
            if bytes.len() < at + data.len() {
                bytes.resize(at + data.len(), 0);
            }
            bytes[at..at + data.len()].copy_from_slice(data);
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> std::io::Result<u64> {
        Ok(self.0.lock().unwrap().seen.len() as u64)
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        let disk = self.0.lock().unwrap();
        let offset = usize::try_from(offset).unwrap();
        out.copy_from_slice(disk.seen.get(offset..offset + out.len()).ok_or(std::io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
    fn set_len(&self, len: u64) -> std::io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        apply(&mut disk.seen, len, None);
        disk.since.push((len, None));
        Ok(())
    }
    fn sync_data(&self) -> std::io::Result<()> {
        let disk = &mut *self.0.lock().unwrap();
        let nothing = disk.safe.clone();
        let mut some = disk.safe.clone();
        let mut chance = Chance(disk.chance);
        for (at, data) in &disk.since {
            if data.is_none() || chance.below(2) == 0 {
                apply(&mut some, *at, data.as_deref());
            }
        }
        disk.chance = chance.0;
        disk.cuts.extend([nothing, some]);
        disk.safe.clone_from(&disk.seen);
        disk.since.clear();
        Ok(())
    }
    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        apply(&mut disk.seen, offset, Some(data));
        disk.since.push((offset, Some(data.to_vec())));
        Ok(())
    }
}

/// R27: at every sync of 50 transactions the power goes, with nothing or some of what was not yet synced.
#[test]
fn power_cuts_lose_nothing() {
    let disk = Disk::with_chance(Chance::new().0);
    let used = disk.clone();
    let store = Store::on(move || used.clone()).unwrap();
    disk.take_cuts();
    let mut cuts: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
    for seq in 1..=50 {
        store.commit(&numbered(seq)).unwrap();
        // Cut before the sync that acknowledges `seq`: all before it must be there.
        cuts.insert(seq - 1, disk.take_cuts());
    }
    let mut tried = 0;
    for (acknowledged, cuts) in cuts {
        assert!(!cuts.is_empty(), "a commit that syncs nothing");
        for cut in cuts {
            let after = Disk::holding(cut);
            let store = Store::on(move || after.clone()).unwrap_or_else(|error| panic!("{acknowledged}: {error}"));
            let seq = whole(&store, acknowledged);
            assert!(seq <= acknowledged + 1);
            tried += 1;
        }
    }
    let end = Disk::holding(disk.0.lock().unwrap().safe.clone());
    assert_eq!(whole(&Store::on(move || end.clone()).unwrap(), 50), 50);
    assert!(tried >= 100, "{tried}");
}
