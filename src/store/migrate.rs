//! From an older schema to this one: in one transaction, after the old file was copied.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::door::{Door, lay_out, publish, schema};
use super::error::{Fault, StoreError, of_io};
use super::marks;
use super::postings;
use super::record::event;
use super::tables::{
    ANSWERED, DECISIONS, DELIVERIES_OF, DESK, ID_TO_DELIVERY, KEY_TO_ANSWER, META, OUTBOX, PARTED, QUESTIONS, QUEUE,
    RECEIVER_TO_LEDGER, SEQ_TO_AUDIT, SEQ_TO_EVENT, SEQ_TO_NEWS, SOURCE_SEQ, SUBJECT_SEQ,
};

/// Indexes of events until schema 3: an entry for each event.
const INDEXES_3: [TableDefinition<(&str, u64), ()>; 2] =
    [TableDefinition::new("source_seq_to_nothing_1"), TableDefinition::new("subject_seq_to_nothing_1")];

/// One step: from this schema to the next.
pub struct Step {
    /// The schema that it starts from.
    pub from: u64,
    /// What it does.
    pub run: fn(&WriteTransaction) -> Result<(), Fault>,
}

/// All steps. The first released schema is 1: there is nothing older.
pub const STEPS: &[Step] = &[
    Step { from: 1, run: what_operators_hold },
    Step { from: 2, run: what_people_are_told },
    Step { from: 3, run: what_was },
];

/// Lays out the tables that schema 2 added.
fn what_operators_hold(txn: &WriteTransaction) -> Result<(), Fault> {
    txn.open_table(DESK)?;
    txn.open_table(SEQ_TO_AUDIT)?;
    txn.open_table(KEY_TO_ANSWER)?;
    txn.open_table(ANSWERED)?;
    Ok(())
}

/// Lays out the tables that schema 3 added. What waits in the outbox is from before anybody was told: nobody is.
fn what_people_are_told(txn: &WriteTransaction) -> Result<(), Fault> {
    txn.open_table(SEQ_TO_NEWS)?;
    txn.open_table(RECEIVER_TO_LEDGER)?;
    txn.open_table(DECISIONS)?;
    txn.open_table(ID_TO_DELIVERY)?;
    txn.open_table(QUEUE)?;
    txn.open_table(DELIVERIES_OF)?;
    txn.open_table(QUESTIONS)?;
    txn.open_table(PARTED)?;
    txn.open_table(OUTBOX)?.retain(|_, ()| false)?;
    Ok(())
}

/// Lays out the tables that schema 4 added, and any that a file between two releases lacks. States of the past are in the log; what the page showed was not kept.
fn what_was(txn: &WriteTransaction) -> Result<(), Fault> {
    lay_out(txn)?;
    index_anew(txn)?;
    marks::from_log(txn)
}

/// The indexes of events in their present form.
fn index_anew(txn: &WriteTransaction) -> Result<(), Fault> {
    for index in INDEXES_3 {
        txn.delete_table(index)?;
    }
    let (mut by_source, mut by_subject) = (txn.open_table(SOURCE_SEQ)?, txn.open_table(SUBJECT_SEQ)?);
    for entry in txn.open_table(SEQ_TO_EVENT)?.iter()? {
        let (seq, record) = entry?;
        let one = event::read(seq.value(), record.value()).map_err(Fault::Record)?;
        if let Some(source) = &one.source {
            postings::push(&mut by_source, source.as_str(), one.seq)?;
        }
        if let Some(subject) = &one.subject {
            postings::push(&mut by_subject, subject, one.seq)?;
        }
    }
    Ok(())
}

/// Brings an open file to schema `target`.
pub fn up_to_date(door: Door, steps: &[Step], target: u64) -> Result<Door, StoreError> {
    let found = door.read(schema)?;
    if found == target {
        return Ok(door);
    }
    if found > target {
        return Err(StoreError::Newer { path: door.path().to_owned(), found, known: target });
    }
    keep_copy(door.path(), found)?;
    door.write(|txn| {
        for at in found..target {
            let Some(step) = steps.iter().find(|step| step.from == at) else {
                return Err(Fault::Record(format!("schema {at} is older than this allclear can read")));
            };
            (step.run)(txn)?;
        }
        txn.open_table(META)?.insert("schema", i64::try_from(target).unwrap_or(i64::MAX))?;
        Ok(())
    })?;
    Ok(door)
}

/// The copy of a file before it leaves `schema`.
fn copy_name(path: &Path, schema: u64) -> PathBuf {
    path.with_extension(format!("redb.schema-{schema}"))
}

fn keep_copy(path: &Path, schema: u64) -> Result<(), StoreError> {
    let copy = copy_name(path, schema);
    if copy.exists() {
        // From an upgrade that was cut short: nothing was changed since.
        return Ok(());
    }
    let unfinished = path.with_extension(format!("redb.new-{}", std::process::id()));
    fs::copy(path, &unfinished)
        .and_then(|_| File::open(&unfinished)?.sync_all())
        .map_err(|error| of_io(&unfinished, &error))?;
    publish(&unfinished, &copy)
}

#[cfg(test)]
mod tests {
    use super::super::door::FILE;
    use super::*;

    const OLD: TableDefinition<&str, u64> = TableDefinition::new("old");
    const NEW: TableDefinition<&str, i64> = TableDefinition::new("new");

    fn two_to_three(txn: &WriteTransaction) -> Result<(), Fault> {
        let old = txn.open_table(OLD)?.remove("a")?.map_or(0, |value| value.value());
        txn.open_table(NEW)?.insert("a", -i64::try_from(old).unwrap_or(0))?;
        Ok(())
    }

    fn fails(_: &WriteTransaction) -> Result<(), Fault> {
        Err(Fault::Record("no".to_owned()))
    }

    fn made_up(folder: &Path) -> Door {
        let door = Door::of_folder(folder).unwrap();
        door.write(|txn| {
            txn.open_table(META)?.insert("schema", 2)?;
            txn.open_table(OLD)?.insert("a", 7)?;
            Ok(())
        })
        .unwrap();
        door
    }

    #[test]
    fn an_older_schema_is_brought_up_after_a_copy_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let steps = [Step { from: 2, run: two_to_three }];
        let door = up_to_date(made_up(folder.path()), &steps, 3).unwrap();
        assert_eq!(door.read(schema).unwrap(), 3);
        assert_eq!(door.read(|txn| Ok(txn.open_table(NEW)?.get("a")?.map(|v| v.value()))).unwrap(), Some(-7));
        let copy = Door::of_file(&copy_name(&folder.path().join(FILE), 2)).unwrap();
        assert_eq!(copy.read(schema).unwrap(), 2);
        assert_eq!(copy.read(|txn| Ok(txn.open_table(OLD)?.get("a")?.map(|v| v.value()))).unwrap(), Some(7));
    }

    #[test]
    fn a_step_that_fails_or_is_missing_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let steps = [Step { from: 2, run: two_to_three }, Step { from: 3, run: fails }];
        assert!(up_to_date(made_up(folder.path()), &steps, 4).is_err());
        assert!(up_to_date(Door::of_folder(folder.path()).unwrap(), &[], 4).is_err());
        let door = Door::of_folder(folder.path()).unwrap();
        assert_eq!(door.read(schema).unwrap(), 2);
        assert_eq!(door.read(|txn| Ok(txn.open_table(OLD)?.get("a")?.map(|v| v.value()))).unwrap(), Some(7));
    }
}
