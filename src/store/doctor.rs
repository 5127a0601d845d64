//! Looks at everything in a database and changes nothing.

use std::collections::HashSet;
use std::path::Path;

use redb::{ConcurrencyMode, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableHandle};
use sha2::{Digest, Sha256};

use super::door::{builder, guarded, schema};
use super::error::{Fault, StoreError};
use super::letters;
use super::marks;
use super::overlay;
use super::past;
use super::postings;
use super::receipts::{hex, unpack_body};
use super::record::{audit, desk, event, receipt, state, transport};
use super::shelf::Kept;
use super::tables::{self as t, SCHEMA, each_table, micros};
use crate::model::incident::{Incident, Maintenance};

/// Of one sort of fault no more than this many are spelt out.
const SPELT_OUT: usize = 10;
/// Tables whose room is told: the largest.
const ROOMS: usize = 8;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct DoctorReport {
    /// Lines for people.
    pub lines: Vec<String>,
    /// True where nothing is wrong.
    pub sound: bool,
}

/// Examines the file.
pub fn examine(path: &Path) -> DoctorReport {
    let mut report = DoctorReport { lines: vec![format!("file: {}", path.display())], sound: true };
    if let Ok(meta) = std::fs::metadata(path) {
        report.lines.push(format!("size: {} bytes", meta.len()));
    }
    let answer = match overlay::open(path) {
        Ok(db) => {
            report.lines.push("checksums: every page is as it was written".to_owned());
            guarded(path, || all(&db.begin_read()?, &mut report))
        }
        Err(StoreError::InUse { .. }) => {
            report.lines.push(
                "in use by another allclear: its records are checked, its pages are not; stop it to check those too"
                    .to_owned(),
            );
            guarded(path, || {
                let db = builder(ConcurrencyMode::SingleWriter).open_read_only(path)?;
                all(&db.begin_read()?, &mut report)
            })
        }
        Err(error) => Err(error),
    };
    if let Err(error) = answer {
        report.lines.push(format!("fault: {error}"));
        report.sound = false;
    }
    report.lines.push(if report.sound { "sound".to_owned() } else { "not sound".to_owned() });
    report
}

/// Checks every record and index; adds what it finds.
pub fn all(txn: &ReadTransaction, report: &mut DoctorReport) -> Result<(), Fault> {
    let found = schema(txn)?;
    report.lines.push(format!("schema: {found} (this program: {SCHEMA})"));
    if found != SCHEMA {
        report.sound = false;
        let advice = if found > SCHEMA { "use the newer allclear" } else { "a start brings it up to date" };
        report.lines.push(format!("fault: another schema; {advice}"));
        return Ok(());
    }
    counts(txn, report)?;
    rooms(txn, report)?;
    let mut faults = Vec::new();
    sources(txn, &mut faults)?;
    shelf::<Incident>(txn, &mut faults)?;
    shelf::<Maintenance>(txn, &mut faults)?;
    events(txn, report, &mut faults)?;
    receipts(txn, &mut faults)?;
    operators(txn, &mut faults)?;
    letters::check(txn, &mut faults)?;
    let marks = marks::check(txn, &mut faults)?;
    report.lines.push(format!("marks of states: {marks}"));
    let versions = past::check(txn, &mut faults)?;
    report.lines.push(format!("versions of what the page showed: {versions}"));
    report.sound &= faults.is_empty();
    let more = faults.len().saturating_sub(SPELT_OUT);
    report.lines.extend(faults.into_iter().take(SPELT_OUT).map(|fault| format!("fault: {fault}")));
    if more > 0 {
        report.lines.push(format!("fault: {more} more"));
    }
    Ok(())
}

fn counts(txn: &ReadTransaction, report: &mut DoctorReport) -> Result<(), Fault> {
    let counted = [
        ("sources", txn.open_table(t::SOURCE_TO_TRANSPORT)?.len()?),
        ("incidents", txn.open_table(t::INCIDENTS.records)?.len()?),
        ("maintenances", txn.open_table(t::MAINTENANCES.records)?.len()?),
        ("events", txn.open_table(t::SEQ_TO_EVENT)?.len()?),
        ("outbox", txn.open_table(t::OUTBOX)?.len()?),
        ("receipts", txn.open_table(t::RECEIPT)?.len()?),
        ("bodies of receipts", txn.open_table(t::HASH_TO_BODY)?.len()?),
        ("detected formats", txn.open_table(t::SOURCE_TO_DETECTED)?.len()?),
        ("held by operators", txn.open_table(t::DESK)?.len()?),
        ("rows of the audit log", txn.open_table(t::SEQ_TO_AUDIT)?.len()?),
        ("receivers of messages", txn.open_table(t::RECEIVER_TO_LEDGER)?.len()?),
        ("messages", txn.open_table(t::ID_TO_DELIVERY)?.len()?),
        ("messages that wait", txn.open_table(t::QUEUE)?.len()?),
    ];
    report.lines.extend(counted.iter().map(|(name, count)| format!("{name}: {count}")));
    Ok(())
}

/// What takes the room, the largest first.
fn rooms(txn: &ReadTransaction, report: &mut DoctorReport) -> Result<(), Fault> {
    let mut found: Vec<(u64, u64, String)> = Vec::new();
    macro_rules! weigh {
        ($table:expr) => {
            let table = txn.open_table($table)?;
            let stats = table.stats()?;
            let bytes = stats.stored_bytes() + stats.metadata_bytes() + stats.fragmented_bytes();
            found.push((bytes, table.len()?, $table.name().to_owned()));
        };
    }
    each_table!(weigh);
    found.sort_unstable();
    let line = |(bytes, rows, name): &(u64, u64, String)| format!("room: {bytes} bytes for {rows} rows of {name}");
    report.lines.extend(found.iter().rev().filter(|room| room.1 > 0).take(ROOMS).map(line));
    Ok(())
}

fn sources(txn: &ReadTransaction, faults: &mut Vec<String>) -> Result<(), Fault> {
    macro_rules! decodes {
        ($table:expr, $read:expr, $what:literal) => {
            for entry in txn.open_table($table)?.iter()? {
                let (key, value) = entry?;
                if let Err(problem) = $read(value.value()) {
                    faults.push(format!(concat!($what, " {}: {}"), key.value(), problem));
                }
            }
        };
    }
    decodes!(t::SOURCE_TO_STATE, state::read, "state of");
    decodes!(t::SOURCE_TO_TRANSPORT, transport::read, "reading of");
    decodes!(t::SOURCE_TO_DETECTED, transport::read_detected, "format of");
    Ok(())
}

fn operators(txn: &ReadTransaction, faults: &mut Vec<String>) -> Result<(), Fault> {
    for entry in txn.open_table(t::DESK)?.iter()? {
        let (place, record) = entry?;
        let (drawer, key) = place.value();
        if let Err(problem) = desk::read(drawer, key, record.value()) {
            faults.push(format!("{drawer} {key}: {problem}"));
        }
    }
    let mut before = 0_u64;
    for entry in txn.open_table(t::SEQ_TO_AUDIT)?.iter()? {
        let (seq, record) = entry?;
        let seq = seq.value();
        if seq != before.saturating_add(1) {
            faults.push(format!("audit log: row {seq} does not follow row {before}"));
        }
        before = seq;
        if let Err(problem) = audit::read(seq, record.value()) {
            faults.push(format!("row {seq} of the audit log: {problem}"));
        }
    }
    Ok(())
}

fn shelf<K: Kept>(txn: &ReadTransaction, faults: &mut Vec<String>) -> Result<(), Fault> {
    let records = txn.open_table(K::SHELF.records)?;
    let by_start = txn.open_table(K::SHELF.by_start)?;
    let by_source = txn.open_table(K::SHELF.by_source)?;
    for entry in records.iter()? {
        let (key, value) = entry?;
        let id = key.value();
        match K::read(value.value()) {
            Err(problem) => faults.push(format!("record {id}: {problem}")),
            Ok(one) => {
                let start = micros(one.start());
                if by_start.get((start, id))?.is_none() || by_source.get((one.source(), start, id))?.is_none() {
                    faults.push(format!("record {id}: it is missing in an index"));
                }
            }
        }
    }
    if by_start.len()? != records.len()? || by_source.len()? != records.len()? {
        faults.push(format!("an index has entries without a record ({} records)", records.len()?));
    }
    Ok(())
}

fn events(txn: &ReadTransaction, report: &mut DoctorReport, faults: &mut Vec<String>) -> Result<(), Fault> {
    let log = txn.open_table(t::SEQ_TO_EVENT)?;
    let (mut with_source, mut with_subject) = (0_u64, 0_u64);
    let mut span = None;
    for entry in log.iter()? {
        let (key, value) = entry?;
        match event::read(key.value(), value.value()) {
            Err(problem) => faults.push(format!("event {}: {problem}", key.value())),
            Ok(one) => {
                with_source += u64::from(one.source.is_some());
                with_subject += u64::from(one.subject.is_some());
                span = Some((span.map_or(one.at, |(first, _)| first), one.at));
            }
        }
    }
    if let Some((first, last)) = span {
        report.lines.push(format!("oldest event: {first}"));
        report.lines.push(format!("newest event: {last}"));
    }
    let by_source = txn.open_table(t::SOURCE_SEQ)?;
    let by_subject = txn.open_table(t::SUBJECT_SEQ)?;
    let outbox = txn.open_table(t::OUTBOX)?;
    let mut look = |seq: u64| -> Result<(), Fault> {
        if log.get(seq)?.is_none() {
            faults.push(format!("event {seq}: it is in an index only"));
        }
        Ok(())
    };
    let indexed = (postings::each(&by_source, &mut look)?, postings::each(&by_subject, &mut look)?);
    for entry in outbox.iter()? {
        look(entry?.0.value())?;
    }
    if indexed != (with_source, with_subject) {
        faults.push("events and their indexes do not agree".to_owned());
    }
    let last = log.last()?.map_or(0, |(seq, _)| seq.value());
    let noted = txn.open_table(t::META)?.get("seq")?.map_or(0, |seq| seq.value());
    if u64::try_from(noted).unwrap_or(0) < last {
        faults.push(format!("the log goes on to event {last}, but only {noted} is noted"));
    }
    Ok(())
}

fn receipts(txn: &ReadTransaction, faults: &mut Vec<String>) -> Result<(), Fault> {
    let mut bodies = HashSet::new();
    for entry in txn.open_table(t::HASH_TO_BODY)?.iter()? {
        let (key, value) = entry?;
        let hash = hex(&key.value());
        match unpack_body(value.value()) {
            Ok(body) if <[u8; 32]>::from(Sha256::digest(&body)) == key.value() => {}
            Ok(_) => faults.push(format!("receipt {hash}: it does not match its hash")),
            Err(problem) => faults.push(format!("receipt {hash}: {problem}")),
        }
        bodies.insert(hash);
    }
    let mut used = HashSet::new();
    for entry in txn.open_table(t::RECEIPT)?.iter()? {
        let (key, value) = entry?;
        match receipt::read(value.value()) {
            Err(problem) => faults.push(format!("receipt of {}: {problem}", key.value().0)),
            Ok(meta) if !bodies.contains(&meta.hash) => {
                faults.push(format!("receipt of {}: its body {} is missing", key.value().0, meta.hash));
            }
            Ok(meta) => {
                used.insert(meta.hash);
            }
        }
    }
    if used.len() != bodies.len() {
        faults.push(format!("{} bodies of receipts are kept for nothing", bodies.len().saturating_sub(used.len())));
    }
    Ok(())
}
