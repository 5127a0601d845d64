//! Numbers of events by what they are about. A row holds many of them, as four bytes each from its first on: an entry
//! of its own for every event would cost ten times that.

use redb::{AccessGuard, ReadableTable, Table};

use super::error::Fault;

/// Numbers in a row: with them it just about fills a page of the file.
const PER_ROW: usize = 960;
/// Bytes of a number.
const WIDTH: usize = size_of::<u32>();

type Rows<'txn> = Table<'txn, (&'static str, u64), &'static [u8]>;

/// Adds a number to those of a name. They come in ascending order.
pub fn push(rows: &mut Rows<'_>, name: &str, seq: u64) -> Result<(), Fault> {
    let last = rows.range((name, 0)..=(name, seq))?.next_back().transpose()?;
    let joined = last.and_then(|(place, row)| {
        let first = place.value().1;
        let offset = u32::try_from(seq.checked_sub(first)?).ok()?;
        let mut row = row.value().to_vec();
        (row.len() < PER_ROW * WIDTH).then(|| {
            row.extend(offset.to_be_bytes());
            (first, row)
        })
    });
    let (first, row) = joined.unwrap_or_else(|| (seq, 0_u32.to_be_bytes().to_vec()));
    rows.insert((name, first), row.as_slice())?;
    Ok(())
}

/// Takes a number out of those of a name.
pub fn remove(rows: &mut Rows<'_>, name: &str, seq: u64) -> Result<(), Fault> {
    let held = rows.range((name, 0)..=(name, seq))?.next_back().transpose()?;
    let Some((first, row)) = held.map(|(place, row)| (place.value().1, row.value().to_vec())) else { return Ok(()) };
    let left: Vec<u8> = numbers(first, &row).filter(|(one, _)| *one != seq).flat_map(|(_, bytes)| bytes).collect();
    if left.is_empty() {
        rows.remove((name, first))?;
    } else if left.len() < row.len() {
        rows.insert((name, first), left.as_slice())?;
    }
    Ok(())
}

/// The oldest numbers of a name.
pub fn oldest(
    rows: &impl ReadableTable<(&'static str, u64), &'static [u8]>,
    name: &str,
    count: usize,
) -> Result<Vec<u64>, Fault> {
    let mut found = Vec::new();
    for row in rows.range((name, 0)..=(name, u64::MAX))? {
        if found.len() >= count {
            break;
        }
        let (place, row) = row?;
        found.extend(numbers(place.value().1, row.value()).map(|(seq, _)| seq));
    }
    found.truncate(count);
    Ok(found)
}

/// The numbers of a name below `before`, the newest first, a row at a time as they are asked for.
pub fn newest<'a>(
    rows: &'a impl ReadableTable<(&'static str, u64), &'static [u8]>,
    name: &str,
    before: u64,
) -> Result<impl Iterator<Item = Result<u64, Fault>> + 'a, Fault> {
    let of_row = move |row: Result<Row<'a>, redb::StorageError>| {
        let (found, fault) = match row {
            Ok((place, row)) => {
                let found = numbers(place.value().1, row.value()).map(|(seq, _)| seq).filter(|seq| *seq < before);
                (found.collect::<Vec<u64>>(), None)
            }
            Err(error) => (Vec::new(), Some(Err(error.into()))),
        };
        found.into_iter().rev().map(Ok).chain(fault)
    };
    Ok(rows.range((name, 0)..(name, before))?.rev().flat_map(of_row))
}

type Row<'a> = (AccessGuard<'a, (&'static str, u64)>, AccessGuard<'a, &'static [u8]>);

/// Every number of every name.
pub fn each(
    rows: &impl ReadableTable<(&'static str, u64), &'static [u8]>,
    mut look: impl FnMut(u64) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let mut count = 0_u64;
    for row in rows.iter()? {
        let (place, row) = row?;
        for (seq, _) in numbers(place.value().1, row.value()) {
            look(seq)?;
            count = count.saturating_add(1);
        }
    }
    Ok(count)
}

/// The numbers of a row, each with its bytes there.
fn numbers(first: u64, row: &[u8]) -> impl Iterator<Item = (u64, [u8; WIDTH])> + '_ {
    let (entries, _) = row.as_chunks::<WIDTH>();
    entries.iter().map(move |bytes| (first.saturating_add(u64::from(u32::from_be_bytes(*bytes))), *bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use redb::{Database, TableDefinition, backends::InMemoryBackend};

    use super::*;

    const ROWS: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("rows");

    proptest! {
        /// It holds what a set of numbers by name holds, over many rows and long gaps.
        #[test]
        fn it_is_a_set_of_numbers(
            steps in prop::collection::vec((1_u64..9, 0..5_usize, 0..3_usize), 1..2500),
            leap in 0..3_u64,
            before in 0_u64..9000,
            count in 0..2000_usize,
        ) {
            let file = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
            let txn = file.begin_write().unwrap();
            let mut rows = txn.open_table(ROWS).unwrap();
            let mut model: [BTreeSet<u64>; 3] = Default::default();
            let mut seq = 0;
            for (after, act, name) in steps {
                let key = ["a", "ab", "b"][name];
                seq += if after == 8 { after + leap * (u64::from(u32::MAX) / 2) } else { after };
                if act == 0 && let Some(old) = model[name].iter().nth(model[name].len() / 2).copied() {
                    model[name].remove(&old);
                    remove(&mut rows, key, old).unwrap();
                } else {
                    model[name].insert(seq);
                    push(&mut rows, key, seq).unwrap();
                }
            }
            for (name, held) in ["a", "ab", "b"].into_iter().zip(&model) {
                let before = before.saturating_add(seq / 2);
                let found: Vec<u64> = newest(&rows, name, before).unwrap().map(Result::unwrap).collect();
                prop_assert_eq!(found, held.range(..before).rev().copied().collect::<Vec<u64>>());
                prop_assert_eq!(oldest(&rows, name, count).unwrap(), held.iter().take(count).copied().collect::<Vec<u64>>());
            }
            let all = each(&rows, |_| Ok(())).unwrap();
            prop_assert_eq!(all, model.iter().map(|held| held.len() as u64).sum::<u64>());
            // A name that begins like another has nothing of it.
            prop_assert!(newest(&rows, "aa", u64::MAX).unwrap().next().is_none());
        }
    }
}
